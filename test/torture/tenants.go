package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/sallyport-authz/sallyport/test/decider"
)

// tenants asks for each tenant with the credentials of each (T-C15).
func tenants() Case {
	return Case{
		Name:  "tenants",
		About: "a caller who passes for another tenant, or is refused at home",
		Steps: decider.TenantCases,
		Open:  openTenants,
	}
}

// housing is the campaign.
type housing struct {
	seed  uint64
	world *decider.Tenants
}

func openTenants(ctx context.Context, setting Setting) (Campaign, error) {
	file, err := buildStoreProgram(ctx, setting.Dir)
	if err != nil {
		return nil, err
	}
	world, err := decider.BeginTenants(ctx, decider.TenantSetting{Program: file, Dir: setting.Dir})
	if err != nil {
		return nil, fmt.Errorf("begin: %w", err)
	}
	return &housing{setting.Seed, world}, nil
}

// Run implements Campaign.
func (h *housing) Run(ctx context.Context, from, to uint64) error {
	step := func(ctx context.Context, number uint64) error { return h.world.Try(ctx, h.seed, number) }
	err := crew{workers: 4, step: step}.run(ctx, from, to)
	const enough = 400
	if err == nil && to-from >= enough && h.world.Seen()[200] == 0 {
		return errors.New("nobody was ever let through: this shows nothing")
	}
	return err
}

// String tells what was seen.
func (h *housing) String() string { return tell(h.world) }

// Close implements Campaign.
func (h *housing) Close() error { return h.world.Close() }
