// Package verify knows callers by a token that the operator's own service judges: the
// verify hook. cmd/sallyport makes an Authenticator of the configuration, and hands it
// what asks over HTTP.
//
// # What is a token
//
// One header, authorization with the scheme Bearer in any case (RFC 6750 section 2.1) or
// another that holds the token alone: 1 byte to 8 KiB of visible ASCII characters without
// a comma. It is the authenticator of opaque tokens of its carrier, or of those with its
// prefix. What has another form is malformed, and nobody is asked about it.
//
// # What the hook is asked, and says
//
// One POST of application/json, {"token":"..."}, to the endpoint, with a bearer token of
// this service's own where one is set. The hook answers 200 of application/json with
//
//	null                                                  the token is rejected
//	{"token":"...","claims":{"userId":"u1","scopes":[]}}  it is this caller's
//
// token may be left out, and is the token itself otherwise. claims holds the caller's
// subject (userId) and scopes (scopes: a text with spaces, or a list), under these names
// or others, and what else is named. Everything else is "could not tell", as is no answer
// at all: another status (401 and 404 too: they may come from whoever stands before the
// hook) or type, more than 64 KiB, a member twice at any depth, a third member beside the
// two, claims that name nobody, or an answer that says the token where others would see it.
//
// # Once a request
//
// The hook is asked once for each request whose token it is to judge, however many rules
// read what it said, and equal requests at the same time are asked about each: nothing is
// remembered, and no verdict that rests on it (Reuse is never).
//
// # A hook that hangs
//
// MostCalls bounds the questions under way, and as many more may wait for their turn; of
// all others nobody can tell, at once, so that Checks that need no hook keep their places.
// The wait is part of Timeout. Whoever asks (Asker) leaves a hook that does not answer
// alone for a while.
package verify
