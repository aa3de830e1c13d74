// Package agentjwt knows callers by the tokens that Better Auth's Agent Auth has agents
// sign for one request each (@better-auth/agent-auth 0.6.2). cmd/sallyport makes an
// Authenticator of the configuration, and hands it where agents and memberships are
// looked up, and the Memory of the process. The room imports authz, authz/claimset,
// authz/jose and the standard library.
//
// # What is a token
//
// One header, authorization with the scheme Bearer or another that holds the token
// alone: three segments of canonical base64url, at most 8 KiB, whose header and claims are JSON objects in UTF-8 in which no
// member stands twice. alg is EdDSA and typ is agent+jwt; a token of any other typ
// belongs to the neighbour who claims JWTs there, or is rejected. Refused are crit, b64,
// zip, enc, and every key or address of a key in the header; kid is not looked at.
//
// # Whose it is
//
// sub is the id of the agent. The key is the one that is registered for it, an octet key
// pair of Ed25519, whatever the header says, and no point of small order. aud names one
// of the audiences, exactly. iss may be missing, as the SDK leaves it out; where it
// stands it is the id of the agent's host, or the thumbprint of the host's key. htm, htu
// and ath bind a token to a method, a URL and a body: nobody here looks at these, so that
// a token with one of them is rejected. The SDK writes none.
//
// An agent whose keys are behind a URL (jwks_url) has no key on record, and is rejected.
//
// # How long
//
// iat is needed, younger than MaxAge (60 s at the most) and not ahead of our clock by
// more than the skew; exp is needed, after iat and at most 60 s after it; nbf may stand
// there. All are whole seconds. jti is needed, at most 256 bytes, and good once for an
// agent: of equal requests in parallel exactly one passes, whatever the configuration
// that is in force, since the Memory belongs to the process. A token that is refused
// here uses nothing up; one whose caller a policy refuses is used. The Memory forgets only what is too old to be accepted by any
// settings; where it is full, has given an agent its share, has just begun (what was used
// before is not known), or the clock was set back (what it forgot could come again),
// nobody can tell, and a token that is signed anew may pass.
// It is one process's: of several each accepts a token once.
//
// # What may be done
//
// The signature comes first: to who cannot sign, an agent that waits and one that nobody
// knows look the same, a 401. (Better Auth takes the key of an agent that is revoked: of
// one without a key that is told unsigned, row M25.) Then authz.ErrBarred, 403, with
// a detail: agent_pending, agent_revoked, agent_expired, agent_rejected, agent_claimed or
// agent_inactive by the record's status; no_active_grants where no active, unexpired
// grant is left; no_member where the record's tenant is one whose member the agent's
// user is not. A replay is 401 with the detail jti_replay.
//
// Better Auth lets an agent live on, or again, when the agent asks it for its session: to
// verify here lengthens nothing. One that is agent_expired asks there, and is taken here
// as soon as its record is looked up anew.
//
// The capabilities of a caller are those granted, within the token's own capabilities
// where it lists any. A grant with constraints counts for nothing, since nobody here
// looks at the arguments that they limit. Each capability gives the scope of the first
// mapping that fits, or, without mappings, itself; what is left of the scopes is what the
// user's role may grant. Policies see the capabilities as input.caller.claims.capabilities.
//
// Subject is the agent's id, User who approved it, TokenID the jti. The tenant is the
// record's, or else the user's earliest membership; a user without any has none, nor has
// an agent that nobody approved, and the route decides what that means. Reuse is never: no verdict is remembered or shared.
package agentjwt
