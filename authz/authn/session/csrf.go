package session

import (
	"crypto/subtle"
	"fmt"
	"strings"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/claimset"
)

// errForgedRequest: the session is good, and nothing shows that one of the service's own
// pages sent the request.
var errForgedRequest = authz.Detailed(fmt.Errorf("%w: forged, as far as can be told", authz.ErrBarred), "csrf")

// shortestProof is what nobody guesses: 96 bits in base64.
const shortestProof = 16

func (c CSRF) reads() authz.Reads {
	if c.Header == "" {
		return nil
	}
	return authz.Reads{authz.FieldMethod, authz.FieldHeader(authz.UpgradeHeader), authz.FieldHeader(c.Header)}
}

// show adds to a cookie what the request shows, where it must. Neither part holds a
// line's end; of a header that is repeated or mangled the text is "".
func (c CSRF) show(request *authz.Request, cookie string) authz.Credential {
	if c.Header == "" || request.Safe() {
		return authz.Credential{Value: authz.NewSecret(cookie)}
	}
	shown, _ := request.Headers.Carried(authz.InHeader(c.Header))
	return authz.Credential{Value: authz.NewSecret(cookie + "\n" + shown)}
}

// shown takes apart what show made.
func (c CSRF) shown(credential authz.Credential) (cookie string, by shown) {
	cookie, token, needed := strings.Cut(credential.Value.Reveal(), "\n")
	return cookie, shown{needed, token}
}

// shown is what a request shows of the session's proof, if it needs to.
type shown struct {
	needed bool
	token  string
}

func (s shown) proves(proof authz.Secret) bool {
	want := proof.Reveal()
	return !s.needed || len(want) >= shortestProof && subtle.ConstantTimeCompare([]byte(s.token), []byte(want)) == 1
}

// proof reads the session's own token, which must be there, and one that is not guessed.
func (c CSRF) proof(answer claimset.Set) (authz.Secret, error) {
	if c.Header == "" {
		return authz.Secret{}, nil
	}
	value, _ := answer.Lookup(c.Claim)
	if text, isText := value.(string); isText && len(text) >= shortestProof {
		return authz.NewSecret(text), nil
	}
	return authz.Secret{}, fmt.Errorf("member %q holds no csrf token of %d bytes or more", c.Claim, shortestProof)
}
