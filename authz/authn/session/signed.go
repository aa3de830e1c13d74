package session

import (
	"context"
	"errors"
	"fmt"

	"github.com/sallyport-authz/sallyport/authz"
)

// signed knows the sessions of Better Auth.
type signed struct{ settings Signed }

var _ source = signed{}

// present adds the host where guests are somebody's.
func (s signed) present(request *authz.Request, _, value string) (authz.Credential, error) {
	text, err := parse(value)
	if err != nil {
		return authz.Credential{}, err
	}
	credential := authz.Credential{Value: authz.NewSecret(text)}
	if s.settings.Guests != nil {
		credential.Name = request.Host
	}
	return credential, nil
}

var errForged = fmt.Errorf("%w: nobody of ours signed it", authz.ErrRejected)

// find looks nothing up for whom the signature does not speak.
func (s signed) find(ctx context.Context, credential authz.Credential) (authz.Caller, authz.Basis, error) {
	token, good := s.verified(credential.Value.Reveal())
	if !good {
		return authz.Caller{}, authz.Lasting(), errForged
	}
	record, basis, err := s.session(ctx, token)
	if err != nil {
		return authz.Caller{}, basis, err
	}
	caller := authz.Caller{Subject: record.User, User: record.User, TokenID: record.ID, Expires: record.Expires}
	if record.Tenant != "" {
		standing, rests, err := s.standing(ctx, record)
		basis = basis.And(rests)
		switch {
		case err == nil:
			caller.Tenant, caller.Role, caller.Scopes, caller.Settled = standing.Tenant, standing.Role, standing.Scopes, true
			return caller, basis, nil
		case !errors.Is(err, authz.ErrNotMember):
			return authz.Caller{}, authz.Basis{}, err
		}
	}
	return s.guest(ctx, caller, basis, credential.Name)
}

// session gives a session that is there and goes on.
func (s signed) session(ctx context.Context, token string) (Record, authz.Basis, error) {
	record, basis, err := s.settings.Sessions.Session(ctx, token)
	switch {
	case errors.Is(err, authz.ErrNotFound):
		return Record{}, basis, fmt.Errorf("%w: no such session", authz.ErrRejected)
	case err != nil:
		return Record{}, authz.Basis{}, fmt.Errorf("look up a session: %w", err)
	case record.ID == "" || record.User == "" || record.Expires.IsZero():
		return Record{}, authz.Basis{}, errors.New("half a session's record: it has an id, a user and an end")
	case authz.Caller{Subject: record.User, Tenant: record.Tenant, TokenID: record.ID}.Shows(token):
		return Record{}, authz.Basis{}, errors.New("a session's record that says its token, which others would see")
	case !s.settings.Now().Before(record.Expires):
		return Record{}, basis, fmt.Errorf("%w: the session has ended", authz.ErrRejected)
	default:
		return record, basis, nil
	}
}

// standing is what the session's user is in the session's organization today: what the
// session says of it is from when it began.
func (s signed) standing(ctx context.Context, record Record) (authz.Standing, authz.Basis, error) {
	standing, basis, err := s.settings.Standings.Standing(ctx, record.User, record.Tenant)
	switch {
	case errors.Is(err, authz.ErrNotMember):
		return authz.Standing{}, basis, authz.ErrNotMember
	case err != nil:
		return authz.Standing{}, authz.Basis{}, fmt.Errorf("look up a membership: %w", err)
	case standing.Tenant != record.Tenant:
		return authz.Standing{}, authz.Basis{}, errors.New("another membership than was asked for")
	default:
		return standing, basis, nil
	}
}

// guest makes the caller one of the tenant whose host was asked. At a host of nobody's
// they are known, and have neither tenant nor scopes.
func (s signed) guest(ctx context.Context, caller authz.Caller, basis authz.Basis, host string) (authz.Caller, authz.Basis, error) {
	if s.settings.Guests == nil || host == "" {
		return caller, basis, nil
	}
	owner, rests, err := s.settings.Guests.Owner.Authenticate(ctx, authz.Credential{Name: host})
	basis = basis.And(rests)
	switch {
	case errors.Is(err, authz.ErrAbsent):
		return caller, basis, nil
	case err != nil:
		return authz.Caller{}, authz.Basis{}, fmt.Errorf("look up whose host it is: %w", err)
	case owner.Tenant == "":
		return authz.Caller{}, authz.Basis{}, errors.New("a host's owner without a tenant")
	default:
		caller.Tenant, caller.Scopes, caller.Settled = owner.Tenant, s.settings.Guests.Scopes, true
		return caller, basis, nil
	}
}
