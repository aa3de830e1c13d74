package decider

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/sallyport-authz/sallyport/test/mesh"
)

// World is the program with a configuration of these blocks, and those who know of the
// credentials.
type World struct {
	Blocks []*Block
	Kinds  map[string]Kind
	// carriers are all that any authenticator of the world reads.
	carriers []Carrier
	endpoint *endpoint
	program  *mesh.Sallyport
	checks   *grpc.ClientConn
	seen     seen
}

// Setting is what a World is begun with.
type Setting struct {
	// Program is the file of the program, Dir an empty folder.
	Program, Dir string
	Blocks       []*Block
	// Told, unless nil, are the blocks that the program is told of instead, so that it
	// differs from what is expected of it.
	Told []*Block
}

// Begin starts the program. It runs until Close.
func Begin(ctx context.Context, s Setting) (*World, error) {
	w := &World{Blocks: s.Blocks, carriers: carriers(s.Blocks), endpoint: newEndpoint()}
	if err := w.begin(ctx, s); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return w, nil
}

func (w *World) begin(ctx context.Context, s Setting) (err error) {
	if err := w.prepare(ctx, s); err != nil {
		return err
	}
	if w.program, err = mesh.StartSallyport(ctx, s.Program, filepath.Join(s.Dir, "sallyport.yaml")); err != nil {
		return fmt.Errorf("start the program: %w", err)
	}
	if w.checks, err = grpc.NewClient(w.program.Socket(), grpc.WithTransportCredentials(insecure.NewCredentials())); err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	return nil
}

// prepare makes the credentials and writes what the program reads.
func (w *World) prepare(ctx context.Context, s Setting) (err error) {
	store, err := openStored(ctx, s.Dir)
	if err != nil {
		return err
	}
	w.Kinds, err = store.kinds(ctx)
	if err = errors.Join(err, store.close()); err != nil {
		return err
	}
	tokens, err := newJWTs(time.Now(), w.endpoint.nowhere())
	if err != nil {
		return err
	}
	w.Kinds[KindJWT] = tokens.kind()
	w.Kinds[KindAgent] = w.endpoint.asked(KindAgent, agentPrefix)
	w.Kinds[KindSession] = w.endpoint.asked(KindSession, "")
	told := s.Told
	if told == nil {
		told = s.Blocks
	}
	for name, text := range map[string]string{
		"sallyport.yaml": strings.ReplaceAll(configuration(told, w.Kinds), "DIR", s.Dir),
		"server.key":     serverKey, "client.token": "token-of-the-client", jwtFile: string(tokens.keys),
	} {
		if err := os.WriteFile(filepath.Join(s.Dir, name), []byte(text), 0o600); err != nil {
			return fmt.Errorf("prepare: %w", err)
		}
	}
	return nil
}

// Close ends the program.
func (w *World) Close() error {
	var errs []error
	if w.checks != nil {
		errs = append(errs, w.checks.Close())
	}
	if w.program != nil {
		errs = append(errs, w.program.Kill())
	}
	w.endpoint.server.Close()
	return errors.Join(errs...)
}
