package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/apikey"
	"github.com/sallyport-authz/sallyport/authz/authn/jwt"
	"github.com/sallyport-authz/sallyport/authz/authn/token"
	"github.com/sallyport-authz/sallyport/authz/keylist"
	"github.com/sallyport-authz/sallyport/authz/store/sqlite"
	"github.com/sallyport-authz/sallyport/authz/tokenform"
)

// The bounds of T-C3 and of a token's verification, by the floor of the same round.
const (
	badBound   = 0.05
	es256Bound = 1.15
	unbounded  = 0
)

// floorName is the standard library's own ES256 verification (RFC 7518 section 3.4): the
// hash, and the verification with r and s at hand.
const floorName = "ES256"

// turn is how long a cost is measured at once; it is asked for as often as fits.
const turn = 10 * time.Millisecond

// cost is what one authenticator does with one credential, Extract and Authenticate
// together, whose result is looked at.
type cost struct {
	name string
	// most is what it may be of the floor.
	most float64
	do   func(context.Context) error
}

// costs measures authenticators alone, in this process, each beside the floor. The error
// is about what could not be measured, or, where the figures are judged, about a bound
// that was broken.
func costs(ctx context.Context, o options, out io.Writer) (err error) {
	defer debug.SetGCPercent(debug.SetGCPercent(sallyportCollectsAt)) // as in the program
	m := &makings{}
	defer func() { err = errors.Join(err, m.close()) }()
	all, err := m.costs(ctx, o.dir)
	if err != nil {
		return err
	}
	took := map[string][]float64{}
	for range o.windows {
		for _, c := range append([]cost{{floorName, unbounded, m.floor}}, all...) {
			each, err := c.each(ctx)
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			took[c.name] = append(took[c.name], each)
		}
	}
	fmt.Fprintf(out, "# authenticators alone: CPU of Extract and Authenticate in this process, %d interleaved turns of %s, beside the standard library's ES256 verification\n", o.windows, turn)
	lines := []figure{newFigure(floorName+" us", took[floorName])}
	var broken []error
	for _, c := range all {
		lines = append(lines, newFigure(c.name+"/"+floorName, ratios(took[c.name], took[floorName])))
		if c.most != unbounded {
			broken = append(broken, c.judged(took[c.name], took[floorName], out))
		}
	}
	printFigures(out, lines)
	if !o.judge {
		return nil
	}
	return errors.Join(broken...)
}

// judged holds the lower quartiles against each other: what else the machine does makes
// a turn dearer, and never cheaper.
func (c cost) judged(took, floor []float64, out io.Writer) error {
	is := quartile(took) / quartile(floor)
	fmt.Fprintf(out, "# %s/%s by their lower quartiles: %.3f, at most %.2f\n", c.name, floorName, is, c.most)
	if is > c.most {
		return fmt.Errorf("%s costs %.3f of one ES256 verification, at most %.2f", c.name, is, c.most)
	}
	return nil
}

func quartile(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/4]
}

// each is what it takes once, in microseconds of this process's own CPU.
func (c cost) each(ctx context.Context) (float64, error) {
	begun, err := cpuTime(os.Getpid())
	if err != nil {
		return 0, err
	}
	times := 0
	for started := time.Now(); time.Since(started) < turn; times++ {
		if err := c.do(ctx); err != nil {
			return 0, err
		}
	}
	ended, err := cpuTime(os.Getpid())
	return (ended - begun).Seconds() * 1e6 / float64(times), err
}

// makings are what the costs are made of.
type makings struct {
	key    *ecdsa.PrivateKey
	signed string
	r, s   *big.Int
	store  *sqlite.Store
}

func (m *makings) close() error {
	if m.store == nil {
		return nil
	}
	return m.store.Close() //nolint:wrapcheck // it says which store
}

// floor verifies the token's signature, and nothing else.
func (m *makings) floor(context.Context) error {
	digest := sha256.Sum256([]byte(m.signed))
	if !ecdsa.Verify(&m.key.PublicKey, digest[:], m.r, m.s) {
		return errors.New("the floor does not verify")
	}
	return nil
}

// costs makes the authenticators.
func (m *makings) costs(ctx context.Context, dir string) ([]cost, error) {
	good, err := m.es256()
	if err != nil {
		return nil, err
	}
	key, err := apikey.New(apikey.Settings{Keys: []keylist.Key{{ID: "one", Digest: keylist.Digest("pk_known"), Caller: authz.Caller{Subject: "one"}}}}, time.Now)
	if err != nil {
		return nil, fmt.Errorf("make keys: %w", err)
	}
	all := []cost{
		good,
		{"bad key", badBound, refuses(key, "x-api-key", "pk_0123456789abcdef0123456789abcdef")},
	}
	tokens, err := m.tokens(ctx, filepath.Join(dir, "costs"))
	return append(all, tokens...), err
}

// es256 is a good token of the size that the whole bench has.
func (m *makings) es256() (cost, error) {
	s, err := newSigner()
	if err != nil {
		return cost{}, err
	}
	text, err := s.token("ann", time.Now())
	if err != nil {
		return cost{}, err
	}
	published, err := s.keySet()
	if err != nil {
		return cost{}, err
	}
	set, err := jwt.ParseSet(published, false)
	if err != nil {
		return cost{}, fmt.Errorf("read the key set: %w", err)
	}
	a, err := jwt.New(jwt.Settings{Issuer: issuer, Audiences: []string{audience}, Keys: jwt.NewStatic("file", set), Now: time.Now})
	if err != nil {
		return cost{}, fmt.Errorf("make jwt: %w", err)
	}
	last := strings.LastIndexByte(text, '.')
	signature, err := base64.RawURLEncoding.DecodeString(text[last+1:])
	if err != nil {
		return cost{}, fmt.Errorf("read the signature: %w", err)
	}
	half := len(signature) / 2
	m.key, m.signed = s.key, text[:last]
	m.r, m.s = new(big.Int).SetBytes(signature[:half]), new(big.Int).SetBytes(signature[half:])
	attributes := carrying("authorization", "Bearer "+text)
	return cost{"JWT", es256Bound, func(ctx context.Context) error { return authenticated(ctx, a, attributes) }}, nil
}

// tokens are bad ones of a store: of those that nobody has to be asked about, of an id
// that is unknown and with another secret, at a store that answers at once, which is the
// authenticator alone, and at the embedded one.
func (m *makings) tokens(ctx context.Context, dir string) ([]cost, error) {
	secret, ref, err := tokenform.Mint("mbz_")
	if err != nil {
		return nil, fmt.Errorf("make a token: %w", err)
	}
	other, _, err := tokenform.Mint("mbz_")
	if err != nil {
		return nil, fmt.Errorf("make a token: %w", err)
	}
	known, unknown := secret.Reveal(), other.Reveal()
	wrong := known[:len("mbz_")+len(ref.Lookup)] + unknown[len("mbz_")+len(ref.Lookup):]
	v, err := newVerifier()
	if err != nil {
		return nil, err
	}
	row := authz.Token{Ref: ref, Verifier: v.Seal(secret), Grant: authz.Grant{Subject: "ann"}}
	if m.store, err = stored(ctx, dir, row); err != nil {
		return nil, err
	}
	row.ID = "one"
	var all []cost
	for _, at := range []struct {
		name  string
		store authz.TokenStore
		most  float64
	}{{"", shelf{row}, badBound}, {", SQLite", m.store, unbounded}} {
		a, err := token.New(token.Settings{Forms: []token.Form{{Prefix: "mbz_", Parse: tokenform.Parse}}, Store: at.store, Verifier: v, Now: time.Now})
		if err != nil {
			return nil, fmt.Errorf("make tokens: %w", err)
		}
		for _, bad := range []struct{ name, text string }{{"bad token", unknown}, {"wrong token", wrong}, {"no token", known[:40]}} {
			all = append(all, cost{bad.name + at.name, at.most, refuses(a, "authorization", "Bearer "+bad.text)})
		}
	}
	return all, nil
}
