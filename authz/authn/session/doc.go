// Package session knows callers by a cookie that stands for a session which another
// service keeps: of Better Auth by its signature and a look-up, of any other by asking
// that service.
//
// # What is a session's cookie
//
// One of the names that the operator lists. One name twice is one cookie where the values
// are equal, and no cookie otherwise; two of the names are two credentials, whatever they
// say, as any two are. A browser sends what it has by itself, and long after it ended:
// on_invalid: next lets such a request go on as whoever else it is. What a page of
// another site can make a browser send is the business of the rules csrf and origins.
//
// # Better Auth (NewSigned)
//
// The value is token.signature, as it is or as encodeURIComponent writes it, in quotes or
// not: 16 to 256 letters, digits, "-" and "_", and the HMAC-SHA-256 of them under the
// service's secret, in base64 with padding. What has another form is malformed. Nothing
// is looked up of a token that none of the secrets signed: who makes cookies up costs us
// a hash. Secrets of less than 32 bytes are refused, and the one that Better Auth has
// where it was given none.
//
// The session is looked up by its token: it must be there and not have ended. The
// organization that it says it is in is a claim, and as old as the session. Who is a
// member there now, with what role, and what that role may is looked up; there they are a
// caller with the scopes of their role. Who is not, or is in no organization, is a guest
// of the tenant whose host they ask, with the scopes of guests, if the settings know any:
// otherwise, and at a host of nobody's, a caller without a tenant and without scopes, who
// gets nowhere but where a route concerns no tenant. Subject and user are the session's
// user throughout. A member of one tenant stays one at another tenant's host: whoever
// forwards the cookies of a shop's visitors must know that.
//
// A verdict rests on the session, on the membership, there or not, and on the host where
// it was asked for, and ends with the earliest of them.
//
// # Any other (NewAsked)
//
// The cookie is shown to an endpoint, which says whose it is: a 200 of application/json,
// at most 64 KiB, an object in which no member stands twice, whose subject is there, and
// the members that every session's answer has. The statuses that are listed (401), null,
// and members that are listed with their values say that there is no such session.
// Everything else is "could not tell": another status, a redirect, a member of another
// type, an end that is not there though one is asked for. So is an answer that says the
// cookie itself, where others would see it. An answer holds for MaxAge, or until the
// session ends, and one that there is none for five seconds at most; equal cookies are
// asked about once at a time. The tenant is what the endpoint says, and a claim as any
// issuer's.
//
// Where the service makes a token for each session that its own pages show (CSRF), a
// request that may change something is good only with it (row M33): the credential is
// good, and the request is barred, 403, with the detail csrf. It is the rule to choose
// where the service has such a token: another site's page cannot read it, whatever a
// preflight allows, and no other host can set it, as it can the cookie of the rule csrf
// in authz/edge. Both look at what Request.Safe calls safe.
//
// # For maintainers
//
// Sessions, Standings, Owner and Asker are seams: cmd/sallyport puts authz/records, the
// kind host and authz/outbound behind them. The room imports authz, authz/claimset and
// authz/facts.
package session
