package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os/exec"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/sallyport-authz/sallyport/authz"
	adminv1 "github.com/sallyport-authz/sallyport/gen/sallyport/admin/v1"
)

const deedPrefix = "mbz_"

// deedGrant is that of every token here.
func deedGrant() authz.Grant { return authz.Grant{Subject: "deed", Scopes: []string{"read"}} }

// writer mints, rotates and revokes tokens that no other writer changes.
type writer struct {
	ledger *ledger
	random *rand.Rand
	// stock are tokens that it may rotate and revoke.
	stock []authz.Token
}

// answer is what all three calls answer.
type answer interface {
	GetToken() *adminv1.Token
	GetSeq() uint64
}

// draw chooses a deed, and writes it down.
func (w *writer) draw() (d *deed, of authz.Token) {
	if len(w.stock) == 0 || w.random.IntN(5) < 2 {
		return w.ledger.send(minted, ""), of
	}
	at := w.random.IntN(len(w.stock))
	of = w.stock[at]
	if w.random.IntN(2) == 0 {
		return w.ledger.send(rotated, of.ID), of
	}
	w.stock = append(w.stock[:at], w.stock[at+1:]...)
	return w.ledger.send(revoked, of.ID), of
}

// act asks a server for one deed.
func (w *writer) act(ctx context.Context, client adminv1.AdminServiceClient) error {
	var got answer
	var err error
	d, of := w.draw()
	ref := &adminv1.TokenRef{Prefix: of.Ref.Prefix, Lookup: of.Ref.Lookup}
	switch d.action {
	case minted:
		grant := &adminv1.Grant{Subject: deedGrant().Subject, Scopes: deedGrant().Scopes}
		got, err = client.MintToken(ctx, &adminv1.MintTokenRequest{Prefix: deedPrefix, Name: d.mark(), Grant: grant})
	case rotated:
		got, err = client.RotateToken(ctx, &adminv1.RotateTokenRequest{Ref: ref, Overlap: durationpb.New(overlap), Expires: timestamppb.New(d.expires())})
	default:
		got, err = client.RevokeToken(ctx, &adminv1.RevokeTokenRequest{Ref: ref, Reason: d.mark()})
	}
	if err != nil {
		return fmt.Errorf("deed %d, %s: %w", d.number, d.action, err)
	}
	return w.learn(d, got)
}

// learn writes down that a deed was acknowledged.
func (w *writer) learn(d *deed, got answer) error {
	secret := ""
	if told, ok := got.(interface{ GetSecret() string }); ok {
		secret = told.GetSecret()
		t := got.GetToken()
		w.stock = append(w.stock, authz.Token{ID: t.GetId(), Ref: authz.TokenRef{Prefix: t.GetRef().GetPrefix(), Lookup: t.GetRef().GetLookup()}})
	}
	return w.ledger.acknowledged(d, got.GetToken().GetId(), secret, got.GetSeq())
}

// offline is a command that makes one deed, and what reads its standard output. Of
// one that was killed the output may be cut: then it acknowledged nothing.
func (w *writer) offline(ctx context.Context, p *storeProgram) (command *exec.Cmd, read func(output []byte) (told bool, err error)) {
	d, of := w.draw()
	public := of.Ref.Prefix + of.Ref.Lookup
	var args []string
	var got interface {
		proto.Message
		answer
	}
	switch d.action {
	case minted:
		args = []string{"mint", "--prefix", deedPrefix, "--subject", deedGrant().Subject, "--scope", deedGrant().Scopes[0], "--name", d.mark()}
		got = &adminv1.MintTokenResponse{}
	case rotated:
		args = []string{"rotate", public, "--overlap", overlap.String(), "--expires", d.mark()}
		got = &adminv1.RotateTokenResponse{}
	default:
		args = []string{"revoke", public, "--reason", d.mark()}
		got = &adminv1.RevokeTokenResponse{}
	}
	command = p.command(ctx, append([]string{"token", "--offline", "--json"}, args...)...)
	return command, func(output []byte) (bool, error) {
		if protojson.Unmarshal(output, got) != nil {
			return false, nil //nolint:nilerr // who was killed has said nothing, or half of it
		}
		return true, w.learn(d, got)
	}
}
