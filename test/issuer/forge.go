package issuer

import "context"

// Forgery is a token that the provider would never issue, signed as it would
// be. Header and Claims are encoded as they are.
type Forgery struct {
	// Header names the algorithm, ES256, RS256 or HS256, and may name a key; any
	// other algorithm gives an empty signature.
	Header map[string]any `json:"header"`
	Claims map[string]any `json:"claims"`
	// Secret is for HS256: which spelling of the public RSA key stands for the
	// secret, of "pem", "der", "jwk" and "empty".
	Secret string `json:"secret,omitempty"`
}

// Forge signs the forgery with the key that it names, or the newest.
func (i *Issuer) Forge(ctx context.Context, f Forgery) (string, error) {
	var token string
	err := i.order(ctx, "forge", f, &token)
	return token, err
}
