package main

import (
	"context"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/sallyport-authz/sallyport/authz/tokenform"
	adminv1 "github.com/sallyport-authz/sallyport/gen/sallyport/admin/v1"
)

// contest is a kind of change, and whom it turns.
type contest struct {
	name string
	// grants is a change after which the caller passes.
	grants bool
	// prepare makes the caller, who shows something from then on, and gives the change.
	prepare func(context.Context, *contestant) (turn turn, err error)
}

type turn func(context.Context) error

// contests are all that may turn a caller.
func contests() []contest {
	return []contest{
		{"revoke a token", false, revokedToken},
		{"rotate a token without overlap", false, rotatedToken},
		{"remove a token's owner", false, removedOwner},
		{"disable a token's owner", false, disabledOwner},
		{"enable a token's owner", true, enabledOwner},
		{"remove a token's tenant", false, removedTenant},
		{"take over a token that was refused", true, importedToken},
		{"remove a machine with a password", false, removedMachine},
		{"disable a machine with a password", false, disabledMachine},
		{"change a password", false, changedPassword},
		{"add a machine that was refused", true, addedMachine},
	}
}

// mint makes a token and shows it.
func (c *contestant) mint(ctx context.Context, prefix, owner, tenant string) (*adminv1.Token, error) {
	made, err := c.client.MintToken(ctx, &adminv1.MintTokenRequest{Prefix: prefix, Owner: owner, Grant: c.grant(tenant)})
	if err != nil {
		return nil, fmt.Errorf("mint: %w", err)
	}
	c.shows = "Bearer " + made.GetSecret()
	return made.GetToken(), nil
}

func revokedToken(ctx context.Context, c *contestant) (turn, error) {
	made, err := c.mint(ctx, "mbz_", "", "")
	return func(ctx context.Context) error {
		_, err := c.client.RevokeToken(ctx, &adminv1.RevokeTokenRequest{Ref: made.GetRef(), Reason: "lost"})
		return err
	}, err
}

func rotatedToken(ctx context.Context, c *contestant) (turn, error) {
	made, err := c.mint(ctx, "pfy_", "", "")
	return func(ctx context.Context) error {
		_, err := c.client.RotateToken(ctx, &adminv1.RotateTokenRequest{Ref: made.GetRef()})
		return err
	}, err
}

// put makes or changes the machine. Without what was kept of a password it has tokens.
func (c *contestant) put(ctx context.Context, disabled bool, kept string) (id string, err error) {
	login := "token"
	if kept != "" {
		login = "password"
	}
	answer, err := c.client.PutPrincipal(ctx, &adminv1.PutPrincipalRequest{PasswordHash: kept, Principal: &adminv1.Principal{
		Kind: "machine", Name: c.name, Login: login, Grant: c.grant(""), Disabled: disabled,
	}})
	if err != nil {
		return "", fmt.Errorf("put: %w", err)
	}
	return answer.GetPrincipal().GetId(), nil
}

func (c *contestant) remove(ctx context.Context) error {
	_, err := c.client.RemovePrincipal(ctx, &adminv1.RemovePrincipalRequest{Kind: "machine", Name: c.name, Reason: "gone"})
	return err
}

// owned makes a machine and its token.
func (c *contestant) owned(ctx context.Context, disabled bool) error {
	id, err := c.put(ctx, disabled, "")
	if err != nil {
		return err
	}
	_, err = c.mint(ctx, "mbz_", id, "")
	return err
}

func removedOwner(ctx context.Context, c *contestant) (turn, error) {
	return c.remove, c.owned(ctx, false)
}

func disabledOwner(ctx context.Context, c *contestant) (turn, error) {
	return func(ctx context.Context) error { _, err := c.put(ctx, true, ""); return err }, c.owned(ctx, false)
}

func enabledOwner(ctx context.Context, c *contestant) (turn, error) {
	return func(ctx context.Context) error { _, err := c.put(ctx, false, ""); return err }, c.owned(ctx, true)
}

func removedTenant(ctx context.Context, c *contestant) (turn, error) {
	_, err := c.client.PutOrganization(ctx, &adminv1.PutOrganizationRequest{Organization: &adminv1.Organization{Id: c.name}})
	if err != nil {
		return nil, fmt.Errorf("put organization: %w", err)
	}
	_, err = c.mint(ctx, "pfy_", "", c.name)
	return func(ctx context.Context) error {
		_, err := c.client.RemoveOrganization(ctx, &adminv1.RemoveOrganizationRequest{Id: c.name, Reason: "gone"})
		return err
	}, err
}

// importedToken shows a token before the store knows it.
func importedToken(_ context.Context, c *contestant) (turn, error) {
	secret, ref, err := tokenform.Mint("mbz_")
	if err != nil {
		return nil, fmt.Errorf("make a token: %w", err)
	}
	c.shows = "Bearer " + secret.Reveal()
	digest := sha256.Sum256([]byte(secret.Reveal()))
	return func(ctx context.Context) error {
		_, err := c.client.ImportToken(ctx, &adminv1.ImportTokenRequest{
			Ref: &adminv1.TokenRef{Prefix: ref.Prefix, Lookup: ref.Lookup}, Scheme: "sha256", Kept: hex.EncodeToString(digest[:]), Grant: c.grant(""),
		})
		return err
	}, nil
}

// known makes a machine with a password, and shows that.
func (c *contestant) known(ctx context.Context) error {
	c.basic("right")
	kept, err := c.password("right")
	if err != nil {
		return err
	}
	_, err = c.put(ctx, false, kept)
	return err
}

func removedMachine(ctx context.Context, c *contestant) (turn, error) {
	return c.remove, c.known(ctx)
}

func disabledMachine(ctx context.Context, c *contestant) (turn, error) {
	kept, err := c.password("right")
	return func(ctx context.Context) error { _, err := c.put(ctx, true, kept); return err }, errors.Join(err, c.known(ctx))
}

func changedPassword(ctx context.Context, c *contestant) (turn, error) {
	kept, err := c.password("another")
	return func(ctx context.Context) error { _, err := c.put(ctx, false, kept); return err }, errors.Join(err, c.known(ctx))
}

func addedMachine(_ context.Context, c *contestant) (turn, error) {
	c.basic("right")
	kept, err := c.password("right")
	return func(ctx context.Context) error { _, err := c.put(ctx, false, kept); return err }, err
}

// pbkdf2Text is what a system keeps of a password.
func pbkdf2Text(password string, rounds int, random *rand.Rand) (string, error) {
	salt := make([]byte, 16)
	for i := range salt {
		salt[i] = byte(random.Uint32())
	}
	hash, err := pbkdf2.Key(sha256.New, password, salt, rounds, sha256.Size)
	if err != nil {
		return "", fmt.Errorf("hash: %w", err)
	}
	encoding := base64.RawStdEncoding
	return fmt.Sprintf("$pbkdf2-sha256$i=%d$%s$%s", rounds, encoding.EncodeToString(salt), encoding.EncodeToString(hash)), nil
}
