package main

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/apikey"
	"github.com/sallyport-authz/sallyport/authz/keylist"
	"github.com/sallyport-authz/sallyport/cmd/sallyport/document"
	configv1 "github.com/sallyport-authz/sallyport/gen/sallyport/config/v1"
)

// apiKey builds an authenticator of keys from the list and the file together.
func (c *compiler) apiKey(at document.Cursor, settings *configv1.ApiKey) (kind, bool) {
	switch {
	case at.Field("records").Written():
		return c.recordedAPIKeys(at, settings)
	case settings.GetStore():
		return c.storedKeys(at, settings)
	}
	before := len(c.Problems)
	if at.Field("default_scopes").Written() {
		c.Refuse(at.Field("default_scopes"), "default scopes of no records", "records beside them", "write the scopes beside each key")
	}
	if at.Field("prefixes").Written() {
		c.Refuse(at.Field("prefixes"), "prefixes of no store", "store: true beside them", "add store: true, or take prefixes out")
	}
	taken := map[string]document.Cursor{}
	digests := map[[32]byte]document.Cursor{}
	keys := c.keys(at.Field("keys"), settings.GetKeys(), taken, digests)
	if settings.GetKeysFile() != "" {
		keys = append(keys, c.keysFile(at.Field("keys_file"), settings.GetKeysFile(), taken, digests)...)
	}
	header := c.keyHeader(at.Field("header"), settings.GetHeader())
	if len(c.Problems) > before {
		return kind{}, false
	}
	a, err := apikey.New(apikey.Settings{Header: header, Prefix: settings.GetPrefix(), Keys: keys}, c.now)
	if err != nil {
		c.Refuse(at, err.Error(), "a header, an optional prefix and keys with an id each", "correct the setting that the message names")
		return kind{}, false
	}
	return kind{"apikey", a.Traits(), a}, true
}

// keyHeader gives the header in which keys come.
func (c *compiler) keyHeader(at document.Cursor, name string) string {
	if at.Written() && name == "" {
		c.Refuse(at, "no header", "a header's name", "name the header, or leave the field out for x-api-key")
	}
	return cmp.Or(name, apikey.DefaultHeader)
}

// keysFile reads more keys. The file says who may call, so that it is guarded
// like a secret.
func (c *compiler) keysFile(at document.Cursor, reference string, taken map[string]document.Cursor, digests map[[32]byte]document.Cursor) []keylist.Key {
	name, isFile := strings.CutPrefix(reference, "file:")
	if !isFile || name == "" {
		c.Refuse(at, fmt.Sprintf("keys_file %q", reference), "file:path", "write file: and the path")
		return nil
	}
	file := c.secrets.path(name)
	if err := c.secrets.files.private(file); err != nil {
		c.refuseSecret(at, err)
		return nil
	}
	message, root, ok := readKeys(file, c.secrets.files, c.Report)
	if !ok {
		return nil
	}
	return c.keys(root.Field("keys"), message.GetKeys(), taken, digests)
}

// keys compiles a list of keys. Ids are unique over list and file, and so are
// digests: with one key under two ids nobody could say who calls.
func (c *compiler) keys(at document.Cursor, messages []*configv1.Key, taken map[string]document.Cursor, digests map[[32]byte]document.Cursor) []keylist.Key {
	var keys []keylist.Key
	for i, message := range messages {
		here := at.Index(i)
		key, ok := c.key(here, message)
		if !c.unique(here.Field("id"), message.GetId(), taken) || !ok {
			continue
		}
		if first, again := digests[key.Digest]; again {
			c.Refuse(here, fmt.Sprintf("the same key as %s", first.Path()), "one key, one id", "take one of the two out")
			continue
		}
		digests[key.Digest] = here
		keys = append(keys, key)
	}
	return keys
}

func (c *compiler) key(at document.Cursor, message *configv1.Key) (keylist.Key, bool) {
	named := c.name(at.Field("id"), message.GetId())
	digest, ok := c.digest(at, message)
	subject := message.GetSubject()
	if subject == "" {
		subject = message.GetId()
	}
	return keylist.Key{
		ID: message.GetId(), Digest: digest, Disabled: message.GetDisabled(),
		Caller: authz.Caller{
			Subject: subject, Tenant: message.GetTenant(), Role: message.GetRole(), User: message.GetUser(),
			Scopes: c.scopes(at.Field("scopes"), message.GetScopes()), TokenID: message.GetId(),
			Claims: message.GetClaims().AsMap(), Expires: c.expires(at.Field("expires"), message),
			Networks: c.networks(at.Field("networks"), message.GetNetworks()),
		},
	}, named && ok
}

// digest takes the key by its digest, or digests the secret that is referred to.
func (c *compiler) digest(at document.Cursor, message *configv1.Key) ([32]byte, bool) {
	switch {
	case message.GetSha256() != "" && message.GetSecret() != "":
		c.Refuse(at.Field("secret"), "both sha256 and secret", "one of the two", "take secret out: the digest is enough")
	case message.GetSha256() != "":
		digest, err := keylist.ParseDigest(message.GetSha256())
		if err == nil {
			return digest, true
		}
		c.Refuse(at.Field("sha256"), err.Error(), "64 hex digits, or 43 characters of base64url", "write the SHA-256 of the whole key: printf %s KEY | sha256sum")
	case at.Field("secret").Written():
		return c.digestOf(at.Field("secret"), message.GetSecret())
	default:
		c.Refuse(at, fmt.Sprintf("key %q has neither sha256 nor secret", message.GetId()), "one of the two", "add sha256: with the SHA-256 of the key")
	}
	return [32]byte{}, false
}

// shortestKey is what keeps guesses hopeless where nothing bounds them: openssl rand
// -hex 16 or more.
const shortestKey = 32

// digestOf digests the secret that is referred to. One that no request could show would
// be missed at night.
func (c *compiler) digestOf(at document.Cursor, reference string) ([32]byte, bool) {
	secret, err := c.secrets.resolve(reference)
	switch {
	case err != nil:
		c.refuseSecret(at, err)
		return [32]byte{}, false
	case keylist.Check(secret) != nil:
		c.Refuse(at, "a secret that no header can carry", fmt.Sprintf("1 to %d visible ASCII characters without a comma", keylist.Longest), "make one: openssl rand -hex 32")
		return [32]byte{}, false
	case len(secret) < shortestKey:
		c.Warn(at, fmt.Sprintf("a secret of %d characters", len(secret)), fmt.Sprintf("%d or more", shortestKey), "make one: openssl rand -hex 32")
	}
	return keylist.Digest(secret), true
}

// expires warns of a key that has ended: it is refused on every request, which
// may be meant.
func (c *compiler) expires(at document.Cursor, message *configv1.Key) time.Time {
	if message.GetExpires() == nil {
		return time.Time{}
	}
	end := message.GetExpires().AsTime()
	if end.Before(c.now()) {
		c.Warn(at, fmt.Sprintf("key %q expired at %s", message.GetId(), end.Format(time.RFC3339)), "a time to come", "give it another expiry, or take the key out")
	}
	return end
}
