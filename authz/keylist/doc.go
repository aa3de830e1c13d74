// Package keylist is the list of random secrets that a configuration names: each by its
// SHA-256, with the caller that it stands for. It is a leaf of the kinds that know
// callers so (authz/authn/apikey, staticbearer, sharedsecret), which bring a carrier
// and say how a list is searched. It imports package authz, nothing else.
//
//	digest.go   what is kept of a secret, and its two written forms
//	form.go     which text can be a secret at all
//	key.go      one secret, with whom it stands for
//	settle.go   a whole list, checked
package keylist
