package decider

import (
	"context"
	"errors"
	"time"
)

// World is the program with a configuration of these blocks, and those who know of the
// credentials.
type World struct {
	Blocks []*Block
	Kinds  map[string]Kind
	// carriers are all that any authenticator of the world reads.
	carriers []Carrier
	endpoint *endpoint
	program
}

// Setting is what a World is begun with.
type Setting struct {
	// Program is the file of the program, Dir an empty folder.
	Program, Dir string
	Blocks       []*Block
	// Slow has disabled accounts too, of which each use costs a hash of the full rounds.
	Slow bool
	// Told, unless nil, are the blocks that the program is told of instead, so that it
	// differs from what is expected of it.
	Told []*Block
}

// Begin starts the program. It runs until Close.
func Begin(ctx context.Context, s Setting) (*World, error) {
	w := &World{Blocks: s.Blocks, carriers: carriers(s.Blocks), endpoint: newEndpoint()}
	files, err := w.prepare(ctx, s)
	if err == nil {
		err = w.start(ctx, s.Program, s.Dir, files)
	}
	if err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return w, nil
}

// prepare makes the credentials, and gives what the program reads.
func (w *World) prepare(ctx context.Context, s Setting) (files map[string]string, err error) {
	store, err := openStored(ctx, s.Dir)
	if err != nil {
		return nil, err
	}
	store.disabled = s.Slow
	w.Kinds, err = store.kinds(ctx)
	if err = errors.Join(err, store.close()); err != nil {
		return nil, err
	}
	tokens, err := newJWTs(time.Now(), w.endpoint.nowhere())
	if err != nil {
		return nil, err
	}
	w.Kinds[KindJWT] = tokens.kind()
	signing, err := newAgents(w.endpoint)
	if err != nil {
		return nil, err
	}
	w.Kinds[KindAgent] = signing.kind()
	w.Kinds[KindSession], w.Kinds[KindAsked] = w.endpoint.signedSessions(), w.endpoint.sessions()
	told := s.Told
	if told == nil {
		told = s.Blocks
	}
	return map[string]string{
		config: signing.source() + configuration(told, w.Kinds), "server.key": serverKey, "client.token": "token-of-the-client", "session.secret": sessionSecret, jwtFile: string(tokens.keys),
	}, nil
}

// Close ends the program and those whom it asks.
func (w *World) Close() error {
	err := w.program.Close()
	w.endpoint.server.Close()
	return err
}
