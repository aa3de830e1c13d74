package authz_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/authntest"
)

// edge is a rule that ends in the same way for all.
type edge struct {
	err   error
	reads authz.Reads
}

func (e edge) Admit(*authz.Attributes) error { return e.err }
func (e edge) Reads() authz.Reads            { return e.reads }

func behind(f *authntest.Fake, edges ...authz.Edge) []*authz.Configured {
	configured := *f.Configured()
	configured.Edges = edges
	return []*authz.Configured{&configured}
}

// TestEdges: a refused channel is 403 before the credential is looked at, and final.
// Guards: search.verify asks admit first, for every kind of authenticator; admit's
// refusal does not go to invalid; its default is "could not tell".
func TestEdges(t *testing.T) {
	refuses := edge{err: fmt.Errorf("%w: plain", authz.ErrChannel)}
	broken := edge{err: errors.New("no clock")}
	absent := edge{err: authz.ErrAbsent}
	admits := edge{}
	for _, c := range []struct {
		name   string
		accept []*authz.Configured
		header authz.Header
		want   outcome
		tried  authz.Outcome
	}{
		{"admitted", behind(onHeader(), admits, admits), header("x-api-key", "alice"), allowed(), authz.OutcomeValid},
		{"refused", behind(onHeader(), refuses), header("x-api-key", "alice"), denied(authz.InsecureTransport, 403), authz.OutcomeChannel},
		{"the second refuses", behind(onHeader(), admits, refuses), header("x-api-key", "alice"), denied(authz.InsecureTransport, 403), authz.OutcomeChannel},
		{"refused, and bad", behind(onHeader(), refuses), header("x-api-key", "mallory"), denied(authz.InsecureTransport, 403), authz.OutcomeChannel},
		{"refused, and malformed", behind(onHeader(), refuses), header("x-api-key", "odd"), denied(authz.InsecureTransport, 403), authz.OutcomeChannel},
		{"refused, on_invalid next", behind(onCookie(authz.NextOnInvalid), refuses), header("cookie", "sess=alice"), denied(authz.InsecureTransport, 403), authz.OutcomeChannel},
		{"refused, without a carrier", behind(byHost(), refuses), header("x-other", "1"), denied(authz.InsecureTransport, 403), authz.OutcomeChannel},
		{"nobody can tell", behind(onHeader(), broken), header("x-api-key", "alice"), denied(authz.Unavailable, 503), authz.OutcomeUnavailable},
		{"absent is no answer of an edge", behind(onHeader(), absent), header("x-api-key", "alice"), denied(authz.Unavailable, 503), authz.OutcomeUnavailable},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := scene{accept: [][]*authz.Configured{c.accept, group(byHost())}}
			got := s.check(t, c.header)
			c.want.compare(t, got)
			if tried := got.Trail.Tried; len(tried) != 1 || tried[0].Outcome != c.tried {
				t.Errorf("tried %v, want one that is %s", tried, c.tried)
			}
		})
	}
	t.Run("absent is not refused", func(t *testing.T) {
		s := scene{accept: [][]*authz.Configured{behind(onHeader(), refuses), group(byHost())}}
		allowed().compare(t, s.check(t))
	})
}

// TestAllReads: what edges look at is added, and the authenticator's own stays as it was.
func TestAllReads(t *testing.T) {
	configured := behind(onHeader(), edge{reads: authz.Reads{authz.FieldProtected}}, edge{reads: authz.Reads{authz.FieldMethod}})[0]
	if diff := cmp.Diff(configured.AllReads(), authz.Reads{"header:x-api-key", "protected", "method"}); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	if diff := cmp.Diff(configured.Reads, authz.Reads{"header:x-api-key"}); diff != "" {
		t.Errorf("the authenticator's own (-got +want):\n%s", diff)
	}
}
