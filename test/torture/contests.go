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
	"strings"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/tokenform"
	adminv1 "github.com/sallyport-authz/sallyport/gen/sallyport/admin/v1"
)

// contest is a kind of change, and whom it turns.
type contest struct {
	name string
	// grants is a change after which the caller passes.
	grants bool
	// refusal is what the caller gets before a grant and after any other change.
	refusal refusal
	// prepare makes the caller, who shows something from then on, and gives the change.
	prepare func(context.Context, *contestant) (turn turn, err error)
}

type turn func(context.Context) error

// contests has each call of the AdminService by which somebody who passed is refused,
// or the other way round. Those that cost a hash of all rounds stand last, so that a
// hundredth has none.
func contests() []contest {
	var (
		rejected = refusal{401, authz.Rejected}
		nobody   = refusal{401, authz.Unauthenticated}
		outside  = refusal{403, authz.WrongTenant}
		scopes   = refusal{403, authz.OutOfScope}
	)
	return []contest{
		{"revoke a token", false, rejected, revokedToken},
		{"remove a member", false, outside, removedMember},
		{"cut a member's scopes", false, scopes, cutMember},
		{"take back that a domain is verified", false, nobody, unverifiedDomain},
		{"remove a domain", false, nobody, removedDomain},
		{"remove a token's owner", false, rejected, removedOwner},
		{"take over a token that was refused", true, rejected, importedToken},
		{"add a member", true, outside, addedMember},
		{"verify a domain", true, nobody, verifiedDomain},
		{"change a password", false, rejected, changedPassword},
		{"rotate a token without overlap", false, rejected, rotatedToken},
		{"disable a token's owner", false, rejected, disabledOwner},
		{"enable a token's owner", true, rejected, enabledOwner},
		{"remove a token's tenant", false, rejected, removedTenant},
		{"give a member more scopes", true, scopes, widenedMember},
		{"add a domain", true, nobody, addedDomain},
		{"remove a domain's tenant", false, nobody, removedShop},
		{"cut a machine's scopes", false, scopes, cutMachine},
		{"remove a machine with a password", false, rejected, removedMachine},
		{"disable a machine with a password", false, rejected, disabledMachine},
		{"add a machine that was refused", true, rejected, addedMachine},
	}
}

// chase prepares one, by whatever answers questions.
func (k contest) chase(ctx context.Context, c *contestant, ask func(context.Context, question) (reply, error)) (chase, error) {
	turn, err := k.prepare(ctx, c)
	return chase{
		ask:  func(ctx context.Context) (reply, error) { return ask(ctx, c.question) },
		turn: turn, grants: k.grants, refusal: k.refusal, hashed: strings.HasPrefix(c.shows, "Basic "),
	}, err
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
	if err := c.found(ctx); err != nil {
		return nil, err
	}
	_, err := c.mint(ctx, "pfy_", "", c.name)
	return c.dissolve, err
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

// cutMachine leaves the password as it is, so that what is remembered of it still counts.
func cutMachine(ctx context.Context, c *contestant) (turn, error) {
	if err := c.known(ctx); err != nil {
		return nil, err
	}
	return func(ctx context.Context) error {
		_, err := c.client.PutPrincipal(ctx, &adminv1.PutPrincipalRequest{Principal: &adminv1.Principal{
			Kind: "machine", Name: c.name, Login: "password", Grant: &adminv1.Grant{Subject: c.name, Scopes: []string{"write"}},
		}})
		return err
	}, nil
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
