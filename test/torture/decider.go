package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sallyport-authz/sallyport/test/decider"
)

// deciderCase holds the program against the reference that decides who calls (T-M8).
func deciderCase() Case {
	return Case{
		Name:  "decider",
		About: "an answer, computed or remembered, that differs from the reference decider's",
		Steps: decider.Cases,
		Open:  openDeciding,
	}
}

// deciding is the campaign.
type deciding struct {
	seed  uint64
	world *decider.World
}

func openDeciding(ctx context.Context, setting Setting) (Campaign, error) {
	file, err := buildStoreProgram(ctx, setting.Dir)
	if err != nil {
		return nil, err
	}
	blocks := append(decider.MatrixBlocks(), decider.DrawBlocks(random(setting.Seed, 0))...)
	world, err := decider.Begin(ctx, decider.Setting{Program: file, Dir: setting.Dir, Blocks: blocks, Slow: !setting.Untimed})
	if err != nil {
		return nil, fmt.Errorf("begin: %w", err)
	}
	return &deciding{setting.Seed, world}, nil
}

// Run implements Campaign.
func (d *deciding) Run(ctx context.Context, from, to uint64) error {
	err := crew{workers: 4, step: func(ctx context.Context, number uint64) error {
		return d.world.Try(ctx, d.seed, number, d.world.Numbered(number))
	}}.run(ctx, from, to)
	const enough = 400
	if err == nil && to-from >= enough && d.world.Seen()[200] == 0 {
		return errors.New("nobody was ever let through: this shows nothing")
	}
	return err
}

// String tells what was seen.
func (d *deciding) String() string { return tell(d.world) }

// answering tells what came of its questions.
type answering interface {
	Seen() map[int]int
	Hits(ctx context.Context) (int, error)
}

func tell(of answering) string {
	const longest = 10 * time.Second
	ctx, cancel := context.WithTimeout(context.Background(), longest)
	defer cancel()
	hits, err := of.Hits(ctx)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("answers by status %v, %d of them remembered", of.Seen(), hits)
}

// Close implements Campaign.
func (d *deciding) Close() error { return d.world.Close() }
