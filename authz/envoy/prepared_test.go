package envoy_test

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/envoy"
)

const (
	firstID  = "5b9f1a2f-a5be-4aaa-87a1-e432c36d34f4"
	secondID = "0c9f1a2f-a5be-4aaa-87a1-e432c36d34f5"
)

// remembered is a verdict that was told once, under firstID.
func remembered(t *testing.T) authz.Verdict {
	t.Helper()
	v := authz.Verdict{
		Effect: authz.Allow, Upstream: []authz.Header{{Name: "x-authz-subject", Value: "u"}}, Memo: &authz.Memo{},
		Trail: authz.Trail{Route: &authz.Route{ID: "orders"}, Tenant: "t", Caller: authz.Caller{Authenticator: "key", Subject: "u"}},
	}
	if _, err := envoy.Encode(&authz.Event{Attributes: plain, Verdict: v, DecisionID: firstID}); err != nil {
		t.Fatal(err)
	}
	if v.Memo.Load() == nil {
		t.Fatal("nothing was kept")
	}
	return v
}

// What is told from memory is what would be encoded, whatever is different about
// the Check. Each row that changes something goes red without the part of retell
// that its name ends in, but for the plain one, which must be told from memory.
func TestRetoldAnswersAreTheComputedOnes(t *testing.T) {
	tests := []struct {
		name   string
		change func(*authz.Event)
	}{
		{"the same again", func(*authz.Event) {}},
		{"a connection: to", func(e *authz.Event) { e.Attributes = &authz.Attributes{} }},
		{"another effect: effect", func(e *authz.Event) { e.Verdict.Effect, e.Verdict.Status = authz.Deny, 403 }},
		{"another route: route", func(e *authz.Event) { e.Verdict.Trail.Route = &authz.Route{ID: "payments"} }},
		{"no route: route", func(e *authz.Event) { e.Verdict.Trail.Route = nil }},
		{"a shorter id: length", func(e *authz.Event) { e.DecisionID = "1" }},
		{"a longer id: length", func(e *authz.Event) { e.DecisionID = secondID + secondID }},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			e := &authz.Event{Attributes: plain, Verdict: remembered(t), DecisionID: secondID}
			c.change(e)
			got, err := envoy.Encode(e)
			if err != nil {
				t.Fatal(err)
			}
			fresh := *e
			fresh.Verdict.Memo = nil
			want, err := envoy.Encode(&fresh)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("got  %x\nwant %x", got, want)
			}
		})
	}
}

// Equal answers are told from memory: nothing is encoded, and no answer shares
// memory with another.
func TestRetoldAnswersShareNothing(t *testing.T) {
	v := remembered(t)
	kept := v.Memo.Load()
	first, err := envoy.Encode(&authz.Event{Attributes: plain, Verdict: v, DecisionID: secondID})
	if err != nil {
		t.Fatal(err)
	}
	if v.Memo.Load() != kept {
		t.Error("the answer was encoded again")
	}
	clear(first)
	second, err := envoy.Encode(&authz.Event{Attributes: plain, Verdict: v, DecisionID: firstID})
	if err != nil || !bytes.Contains(second, []byte(firstID)) || decoded(t, second).GetOkResponse() == nil {
		t.Errorf("got %x, %v", second, err)
	}
}

// An id that may stand for something else in an answer is never cut out of one.
func TestOnlyAnswersWithOneIDAreKept(t *testing.T) {
	for name, e := range map[string]*authz.Event{
		"short": {DecisionID: "qz"},
		"none":  {},
		"twice": {DecisionID: firstID, Verdict: authz.Verdict{Upstream: []authz.Header{{Name: "x-a", Value: firstID}}}},
	} {
		t.Run(name, func(t *testing.T) {
			e.Attributes, e.Verdict.Effect, e.Verdict.Memo = plain, authz.Allow, &authz.Memo{}
			if _, err := envoy.Encode(e); err != nil {
				t.Fatal(err)
			}
			if e.Verdict.Memo.Load() != nil {
				t.Error("the answer was kept")
			}
		})
	}
}

// Whatever a verdict holds, and whoever is told of it in whatever order, an answer
// from memory is to the byte what would be encoded.
func TestRetoldAnswersAreTheComputedOnesAtRandom(t *testing.T) {
	clients := []*authz.Attributes{plain, mesh, grpcCall, grpcWeb, connection}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[a-z0-9-]{0,40}`)
		header := rapid.Custom(func(t *rapid.T) authz.Header {
			return authz.Header{Name: "x-" + text.Draw(t, "name"), Value: text.Draw(t, "value")}
		})
		v := authz.Verdict{
			Effect: rapid.SampledFrom([]authz.Effect{authz.Allow, authz.Deny}).Draw(t, "effect"),
			Reason: rapid.SampledFrom([]authz.Reason{authz.ByPolicy, authz.Rejected, authz.Unauthenticated}).Draw(t, "reason"),
			Body:   text.Draw(t, "body"), Upstream: rapid.SliceOfN(header, 0, 3).Draw(t, "upstream"),
			Headers:  rapid.SliceOfN(header, 0, 3).Draw(t, "headers"),
			Metadata: map[string]any{"a": text.Draw(t, "metadata"), "b": 1.0, "c": []any{true, nil}},
			Trail: authz.Trail{
				Tenant: text.Draw(t, "tenant"), Route: &authz.Route{ID: text.Draw(t, "route")},
				Caller: authz.Caller{Authenticator: "key", Subject: text.Draw(t, "subject"), Scopes: []string{"a", "b"}},
			},
			Memo: &authz.Memo{},
		}
		for range 6 {
			e := &authz.Event{
				Attributes: rapid.SampledFrom(clients).Draw(t, "client"), Verdict: v,
				DecisionID: rapid.StringMatching(`[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}`).Draw(t, "id"),
			}
			got, err := envoy.Encode(e)
			if err != nil {
				t.Fatal(err)
			}
			e.Verdict.Memo = nil
			want, err := envoy.Encode(e)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Fatalf("got  %x\nwant %x", got, want)
			}
		}
	})
}
