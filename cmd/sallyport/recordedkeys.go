package main

import (
	"context"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/apikey"
	"github.com/sallyport-authz/sallyport/authz/records"
	"github.com/sallyport-authz/sallyport/cmd/sallyport/document"
	configv1 "github.com/sallyport-authz/sallyport/gen/sallyport/config/v1"
)

// keyRecords tells kind apikey what a source has of a key.
type keyRecords struct{ *records.Source }

// Key implements apikey.Records.
func (r keyRecords) Key(ctx context.Context, digest string) (apikey.Record, authz.Basis, error) {
	key, basis, err := r.Source.Key(ctx, digest)
	return apikey.Record(key), basis, err //nolint:wrapcheck // it says what was asked for
}

// recordedAPIKeys builds an authenticator of keys that a source knows.
func (c *compiler) recordedAPIKeys(at document.Cursor, message *configv1.ApiKey) (kind, bool) {
	before := len(c.Problems)
	for _, field := range []string{"keys", "keys_file", "store", "prefixes"} {
		if at.Field(field).Written() {
			c.Refuse(at.Field(field), field+" beside records", "one of the two", "take it out, or make another authenticator for these keys")
		}
	}
	if len(c.Problems) > before {
		return kind{}, false
	}
	source := c.recordsNamed(at.Field("records"), message.GetRecords())
	settings := apikey.RecordedSettings{
		Header: c.keyHeader(at.Field("header"), message.GetHeader()), Prefix: message.GetPrefix(),
		Scopes: c.scopes(at.Field("default_scopes"), message.GetDefaultScopes()), Now: c.now,
	}
	if len(c.Problems) > before || source == nil {
		return kind{}, false
	}
	settings.Records, settings.Standings = keyRecords{source}, source
	a, err := apikey.NewRecorded(settings)
	if err != nil {
		c.Refuse(at, err.Error(), "a header and an optional prefix", "correct the setting that the message names")
		return kind{}, false
	}
	return kind{"apikey", a.Traits(), a}, true
}
