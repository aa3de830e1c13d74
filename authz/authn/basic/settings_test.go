package basic_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/basic"
)

// Each row names in want what its own guard in settings.go says.
func TestNewRefuses(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*basic.Settings)
		want   string
	}{
		{"no store", func(s *basic.Settings) { s.Store = nil }, "required"},
		{"no verifier", func(s *basic.Settings) { s.Verifier = nil }, "required"},
		{"no kinds", func(s *basic.Settings) { s.Kinds = nil }, "no kinds"},
		{"unknown kind", func(s *basic.Settings) { s.Kinds = []authz.PrincipalKind{"robot"} }, "unknown"},
		{"kind twice", func(s *basic.Settings) { s.Kinds = []authz.PrincipalKind{authz.Machine, authz.Machine} }, "twice"},
		{"realm that ends its quotes", func(s *basic.Settings) { s.Realm = `a", x="` }, "quote"},
		{"realm with a backslash", func(s *basic.Settings) { s.Realm = `a\` }, "quote"},
		{"realm with a line end", func(s *basic.Settings) { s.Realm = "a\r\nb" }, "printable"},
		{"realm beyond ASCII", func(s *basic.Settings) { s.Realm = "ä" }, "printable"},
	} {
		t.Run(test.name, func(t *testing.T) {
			settings := basic.Settings{Kinds: []authz.PrincipalKind{authz.User}, Store: registered(), Verifier: &verifier{}}
			test.change(&settings)
			if a, err := basic.New(settings); err == nil || a != nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error about %q", err, test.want)
			}
		})
	}
}

func TestTraits(t *testing.T) {
	carrier := authz.InHeader("authorization")
	if diff := cmp.Diff(newScene(t).Traits(), authz.Traits{
		Carriers: []authz.Carrier{carrier}, Claims: []authz.Claim{{Scheme: "basic", Shape: authz.ShapeOpaque}},
		Reads: authz.Reads{carrier.Field()}, Reuse: authz.ReuseAllowed, Challenge: `Basic realm="restricted", charset="UTF-8"`,
	}); diff != "" {
		t.Errorf("traits (-got +want):\n%s", diff)
	}
}
