package apikey_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/apikey"
	"github.com/sallyport-authz/sallyport/authz/authn/authntest"
)

var errDown = errors.New("down")

// bridge has the keys of one test by their digests, and Ann as a member of A.
type bridge map[string]apikey.Record

// recordBasis and memberBasis are what the two findings rest on.
func recordBasis() authz.Basis { return authz.Basis{Lasting: true, Until: today.Add(30 * time.Second)} }

func memberBasis() authz.Basis { return authz.Basis{Lasting: true, Until: today.Add(20 * time.Second)} }

func (b bridge) Key(_ context.Context, digest string) (apikey.Record, authz.Basis, error) {
	record, known := b[digest]
	switch {
	case !known:
		return apikey.Record{}, recordBasis(), authz.ErrNotFound
	case record.ID == "down":
		return apikey.Record{}, authz.Basis{}, errDown
	default:
		return record, recordBasis(), nil
	}
}

func (bridge) Standing(_ context.Context, user, organization string) (authz.Standing, authz.Basis, error) {
	switch {
	case user == "down":
		return authz.Standing{}, authz.Basis{}, errDown
	case organization == "" || organization == "mixed up":
		return authz.Standing{Tenant: "A", Role: "owner", Scopes: []string{"admin", "storefront"}}, memberBasis(), nil
	case organization != "A" || user != "ann" && user != "bob":
		return authz.Standing{}, memberBasis(), authz.ErrNotMember
	case user == "bob":
		return authz.Standing{Tenant: "A", Role: "member", Scopes: []string{"storefront"}}, memberBasis(), nil
	default:
		return authz.Standing{Tenant: "A", Role: "owner", Scopes: []string{"admin", "storefront"}}, memberBasis(), nil
	}
}

// theKey and its digest, in base64url without padding (F-2).
const (
	theKey    = "pk_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	theDigest = "D96eFbkGs9fNMMXNkzKNR7MujDiRbgZzFRFNWvsRKhc"
)

func recorded(t testing.TB, record apikey.Record) *apikey.Recorded {
	t.Helper()
	known := bridge{theDigest: record}
	r, err := apikey.NewRecorded(apikey.RecordedSettings{
		Prefix: "pk_", Records: known, Standings: known, Scopes: []string{"storefront"}, Now: now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func good() apikey.Record {
	return apikey.Record{ID: "k1", User: "ann", Enabled: true, Tenant: "A", Scopes: []string{"admin"}, Scoped: true}
}

// TestRecorded (P08, P09, P10, and the first hole of requirements 1.2).
func TestRecorded(t *testing.T) {
	caller := func(role string, scopes ...string) authz.Caller {
		return authz.Caller{Subject: "k1", TokenID: "k1", Tenant: "A", Settled: true, Role: role, Scopes: scopes}
	}
	for _, test := range []struct {
		name   string
		change func(*apikey.Record)
		want   authz.Caller
		err    error
		until  time.Duration
	}{
		{"P10 admin is not storefront", func(*apikey.Record) {}, caller("owner", "admin"), nil, 20 * time.Second},
		{"P10 none were given", func(r *apikey.Record) { r.Scopes, r.Scoped = nil, false }, caller("owner", "storefront"), nil, 20 * time.Second},
		{"P10 an empty list is none", func(r *apikey.Record) { r.Scopes = nil }, caller("owner"), nil, 20 * time.Second},
		{"P10 an unknown one is nothing", func(r *apikey.Record) { r.Scopes = []string{"root"} }, caller("owner"), nil, 20 * time.Second},
		{"P10 not beyond the owner's role", func(r *apikey.Record) { r.User, r.Scopes = "bob", []string{"admin", "storefront"} }, caller("member", "storefront"), nil, 20 * time.Second},
		{"P08 disabled", func(r *apikey.Record) { r.Enabled = false }, authz.Caller{}, authz.ErrRejected, 30 * time.Second},
		{"P08 expired", func(r *apikey.Record) { r.Expires = today }, authz.Caller{}, authz.ErrRejected, 30 * time.Second},
		{"P09 no organization", func(r *apikey.Record) { r.Tenant = "" }, authz.Caller{}, authz.ErrBarred, 30 * time.Second},
		{"P09 a victim's organization", func(r *apikey.Record) { r.Tenant = "B" }, authz.Caller{}, authz.ErrBarred, 20 * time.Second},
		{"P09 the owner is no member", func(r *apikey.Record) { r.User = "eve" }, authz.Caller{}, authz.ErrBarred, 20 * time.Second},
		{"records down", func(r *apikey.Record) { r.ID = "down" }, authz.Caller{}, errDown, 0},
		{"members down", func(r *apikey.Record) { r.User = "down" }, authz.Caller{}, errDown, 0},
		{"members mixed up", func(r *apikey.Record) { r.Tenant = "mixed up" }, authz.Caller{}, nil, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			record := good()
			test.change(&record)
			got, basis, err := recorded(t, record).Authenticate(t.Context(), authz.Credential{Value: authz.NewSecret(theKey)})
			if diff := cmp.Diff(got, test.want); diff != "" {
				t.Errorf("caller (-got +want):\n%s", diff)
			}
			if (err == nil) != (test.want.Tenant != "") || test.err != nil && !errors.Is(err, test.err) {
				t.Errorf("got %v, want %v", err, test.err)
			}
			if basis.Lasting != (test.until > 0) || test.until > 0 && !basis.Until.Equal(today.Add(test.until)) {
				t.Errorf("basis %+v, want until %s", basis, test.until)
			}
		})
	}
	if _, basis, err := recorded(t, good()).Authenticate(t.Context(), authz.Credential{Value: authz.NewSecret(theKey + "x")}); !errors.Is(err, authz.ErrRejected) || !basis.Lasting {
		t.Errorf("an unknown key: got %v", err)
	}
}

// TestRecordedContract: it is a kind like any other.
func TestRecordedContract(t *testing.T) {
	authntest.Run(t, authntest.Suite{
		New: func(t testing.TB) authntest.Subject {
			t.Helper()
			r := recorded(t, good())
			return authntest.Subject{Traits: r.Traits(), Authenticator: r}
		},
		Present:   authntest.ByHeader("x-api-key", ""),
		Valid:     []string{theKey},
		Rejected:  []string{"pk_unknown", theKey[:60]},
		Malformed: []string{"", "pk_with space", "pk_with,comma"},
	})
}

// TestNewRecordedRefuses half of a source.
func TestNewRecordedRefuses(t *testing.T) {
	whole := apikey.RecordedSettings{Records: bridge{}, Standings: bridge{}, Now: time.Now}
	for name, spoil := range map[string]func(*apikey.RecordedSettings){
		"no records":    func(s *apikey.RecordedSettings) { s.Records = nil },
		"no standings":  func(s *apikey.RecordedSettings) { s.Standings = nil },
		"no clock":      func(s *apikey.RecordedSettings) { s.Now = nil },
		"no header":     func(s *apikey.RecordedSettings) { s.Header = "x key" },
		"a bad prefix":  func(s *apikey.RecordedSettings) { s.Prefix = "p," },
		"not a carrier": func(s *apikey.RecordedSettings) { s.Header = "host" },
	} {
		broken := whole
		spoil(&broken)
		if _, err := apikey.NewRecorded(broken); err == nil {
			t.Errorf("%s: it was taken", name)
		}
	}
}
