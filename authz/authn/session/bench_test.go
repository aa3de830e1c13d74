package session_test

import "testing"

// BenchmarkBadKey is what a cookie costs that nobody of ours signed: no look-up. A
// verification of one ES256 signature, which T-C3 holds it against, stands beside
// apikey's.
func BenchmarkBadKey(b *testing.B) {
	s := newScene(b)
	attributes := request(shop, plain+"="+escaped(sign(token("ann"), "of somebody else, 32 bytes or more")))
	b.ReportAllocs()
	for b.Loop() {
		credential, err := s.Extract(attributes)
		if err != nil {
			b.Fatal(err)
		}
		if _, _, err := s.Authenticate(b.Context(), credential); err == nil {
			b.Fatal("a forged cookie was accepted")
		}
	}
	if asked := s.sessions.asked.Load(); asked > 0 {
		b.Fatalf("%d look-ups", asked)
	}
}
