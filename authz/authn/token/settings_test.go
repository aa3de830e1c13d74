package token_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/token"
)

// Each row names in want what its own guard in settings.go says.
func TestNewRefuses(t *testing.T) {
	whole := func() token.Settings {
		return token.Settings{Forms: forms(), Store: shelved(), Verifier: &verifier{}, Now: now}
	}
	prefixed := func(prefix string) func(*token.Settings) {
		return func(s *token.Settings) { s.Forms = []token.Form{{Prefix: prefix, Parse: parse}} }
	}
	for _, test := range []struct {
		name   string
		change func(*token.Settings)
		want   string
	}{
		{"no store", func(s *token.Settings) { s.Store = nil }, "required"},
		{"no verifier", func(s *token.Settings) { s.Verifier = nil }, "required"},
		{"no clock", func(s *token.Settings) { s.Now = nil }, "required"},
		{"no prefixes", func(s *token.Settings) { s.Forms = nil }, "no prefixes"},
		{"no form", func(s *token.Settings) { s.Forms = []token.Form{{Prefix: "pfy_"}} }, "no form"},
		{"prefix twice", func(s *token.Settings) { s.Forms = append(forms(), forms()[1]) }, "twice"},
		{"header that is none", func(s *token.Settings) { s.Header = "x api" }, "cannot carry"},
		{"header of another kind", func(s *token.Settings) { s.Header = "Cookie" }, "cannot carry"},
		{"prefix with a space", prefixed("pfy "), "holds what no token holds"},
		{"prefix with a comma", prefixed("pfy,"), "holds what no token holds"},
		{"prefix with what stands for lost bytes", prefixed("pfy!"), "holds what no token holds"},
		{"prefix beyond ASCII", prefixed("pfÿ_"), "holds what no token holds"},
		{"prefix that leaves no room", prefixed(strings.Repeat("p", 1024)), "holds what no token holds"},
	} {
		t.Run(test.name, func(t *testing.T) {
			settings := whole()
			test.change(&settings)
			if a, err := token.New(settings); err == nil || a != nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error about %q", err, test.want)
			}
		})
	}
}

func TestTraits(t *testing.T) {
	carrier := authz.InHeader("authorization")
	got := newScene(t, token.Settings{Forms: []token.Form{{Prefix: "mu_", Parse: parse}, {Prefix: "mbz_", Parse: parse}}}).Traits()
	want := authz.Traits{
		Carriers: []authz.Carrier{carrier},
		Claims: []authz.Claim{
			{Scheme: "bearer", Shape: authz.ShapePrefix, Prefix: "mbz_"},
			{Scheme: "bearer", Shape: authz.ShapePrefix, Prefix: "mu_"},
		},
		Reads: authz.Reads{carrier.Field()}, Reuse: authz.ReuseAllowed, Challenge: "Bearer",
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("traits (-got +want):\n%s", diff)
	}
	header := newScene(t, token.Settings{Header: "X-Api-Key", Forms: []token.Form{{Parse: whole}}}).Traits()
	if diff := cmp.Diff(header.Claims, []authz.Claim{{Shape: authz.ShapeOpaque}}); diff != "" || header.Challenge != "ApiKey" {
		t.Errorf("challenge %q, claims (-got +want):\n%s", header.Challenge, diff)
	}
}

// TestSettingsAreCopies: the order in which the settings were given stays theirs.
// Guard: the clone in settled.
func TestSettingsAreCopies(t *testing.T) {
	given := forms()
	newScene(t, token.Settings{Forms: given})
	if given[0].Prefix != "p" {
		t.Errorf("the settings were sorted: %q is first", given[0].Prefix)
	}
}
