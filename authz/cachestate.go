package authz

// CacheState says what the cache had to do with a verdict.
type CacheState string

// The states. Every one but CacheHit and CacheJoined means that the verdict was
// computed for this request.
const (
	// CacheNone: nothing was looked up, or the request may not be remembered.
	CacheNone CacheState = "none"
	// CacheHit: the verdict was remembered.
	CacheHit CacheState = "hit"
	// CacheJoined: an equal request under way computed it.
	CacheJoined CacheState = "joined"
	// CacheMiss: nothing was remembered.
	CacheMiss CacheState = "miss"
	// CacheExpired: what was remembered had come to its end.
	CacheExpired CacheState = "expired"
	// CacheSuperseded: it was of an older snapshot.
	CacheSuperseded CacheState = "superseded"
	// CacheRevoked: something that it rested on had changed.
	CacheRevoked CacheState = "revoked"
)

// CacheStates lists every CacheState in the order of their declaration.
func CacheStates() []CacheState {
	return []CacheState{CacheNone, CacheHit, CacheJoined, CacheMiss, CacheExpired, CacheSuperseded, CacheRevoked}
}
