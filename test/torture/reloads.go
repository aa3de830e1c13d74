package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
)

// reloads changes files under load, well and badly.
func reloads() Case {
	return Case{
		Name:  "reloads",
		About: "a Check waits for a reload or is answered by a version that is not live; a broken change changes a verdict or is not told; memory grows",
		Steps: 800,
		Open:  openReloads,
	}
}

const (
	// warmSteps are done before memory is held against what it was.
	warmSteps = 20
	// heapGrowth is what the verdict cache may hold more, and some. A version
	// holds more than a tenth of it.
	heapGrowth = 16 << 20
)

// changing is the campaign: a program whose files change.
type changing struct {
	seed    uint64
	program *program
	mount   mount
	socket  string
	asking  *asking
	// files are those of the version that is live.
	files   map[string]string
	version version
	// generation and refused are what the program has counted.
	generation, refused uint64
	// certified is the version of the certificate in files.
	certified uint64
	// steps are those since the start; heaps what was in use when it was warm, and
	// last.
	steps, checked int
	heaps          [2]uint64
}

func openReloads(ctx context.Context, setting Setting) (Campaign, error) {
	c := &changing{
		seed: setting.Seed, mount: mount{dir: filepath.Join(setting.Dir, "mount")}, generation: 1,
		socket: "unix:" + filepath.Join(setting.Dir, "a.sock"), certified: ^uint64(0),
	}
	file, err := build(ctx, setting.Dir)
	if err != nil {
		return nil, err
	}
	if err := c.write(0); err != nil {
		return nil, err
	}
	if err := c.mount.publish(c.files); err != nil {
		return nil, err
	}
	if c.program, err = startProgram(ctx, file, c.mount.path("sallyport.yaml"), setting.Dir); err != nil {
		return nil, err
	}
	if c.asking, err = newAsking(ctx, c.socket); err != nil {
		return nil, errors.Join(err, c.program.Stop())
	}
	return c, nil
}

// write makes the files of a version. A certificate that has not changed stays.
func (c *changing) write(v version) error {
	before := c.files
	c.version, c.files = v, v.files(c.socket)
	if c.certified == v.of(certificatePart) {
		for _, name := range []string{"a.pem", "a.key", "b.pem", "b.key"} {
			c.files[name] = before[name]
		}
		return nil
	}
	c.certified = v.of(certificatePart)
	return errors.Join(addCertificate(c.files, "a", c.certified), addCertificate(c.files, "b", c.certified))
}

// Run implements Campaign.
func (c *changing) Run(ctx context.Context, from, to uint64) error {
	return inTurn(ctx, from, to, c.step)
}

// step is one change that is whole and one that is broken.
func (c *changing) step(ctx context.Context, number uint64) error {
	if err := c.change(ctx, version(number)+1); err != nil {
		return err
	}
	all := breakages()
	broken := all[(c.seed+number)%uint64(len(all))]
	if err := c.damage(ctx, broken); err != nil {
		return fmt.Errorf("%s: %w", broken.name, err)
	}
	c.steps++
	return errors.Join(c.asking.judge(), c.unhindered(ctx), c.flat(ctx))
}

// change goes to a version, and waits until it is told and answers.
func (c *changing) change(ctx context.Context, v version) error {
	c.asking.next(v)
	if err := c.write(v); err != nil {
		return err
	}
	if err := c.mount.publish(c.files); err != nil {
		return err
	}
	c.generation++
	now, err := c.program.until(ctx, func(now reloadState) bool {
		return now.Snapshot.Generation >= c.generation && now.Reload.Applied >= c.generation-1 && len(now.Red) == 0
	})
	if err != nil {
		return fmt.Errorf("version %d: %w", v, err)
	}
	c.asking.only(v)
	serial, err := c.program.serial(ctx)
	switch {
	case err != nil:
		return err
	case now.Snapshot.Generation != c.generation || now.Reload.Result != "applied" || len(now.Reload.Problems) > 0:
		return fmt.Errorf("version %d is told as %+v", v, now)
	case serial != c.certified:
		return fmt.Errorf("version %d shows the certificate of %d", v, serial)
	default:
		return c.asking.more(ctx)
	}
}

// damage breaks the live version's files. Status, metrics and log must tell it,
// and nothing else may change.
func (c *changing) damage(ctx context.Context, b breakage) error {
	files, err := b.files(c.files)
	if err != nil {
		return err
	}
	told := c.program.refusals()
	if err := c.mount.publish(files); err != nil {
		return err
	}
	if err := b.mar(&c.mount); err != nil {
		return err
	}
	now, err := c.program.until(ctx, func(now reloadState) bool {
		return now.Reload.Refused > c.refused && b.told(now.Reload.Problems) && c.program.refusals() > told
	})
	if err != nil {
		return err
	}
	c.refused = now.Reload.Refused
	series, err := c.program.Metrics(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("read metrics: %w", err)
	case now.Snapshot.Generation != c.generation || now.Reload.Applied != c.generation-1 || now.Reload.Result != "refused":
		return fmt.Errorf("the status is %+v", now)
	case !strings.Contains(strings.Join(now.Red, "\n"), fmt.Sprintf("generation %d stays live", c.generation)):
		return fmt.Errorf("red is %q", now.Red)
	case series["sallyport_reload_last_failed"] != 1 || series["sallyport_snapshot_generation"] != float64(c.generation) ||
		series[`sallyport_reloads_total{result="refused"}`] < float64(c.refused):
		return fmt.Errorf("the metrics do not tell it: %v", series)
	default:
		return c.asking.more(ctx)
	}
}

// unhindered holds the runtime's profiles against a Check that waited for a
// reload.
func (c *changing) unhindered(ctx context.Context) error {
	w, err := c.program.waits(ctx)
	if err != nil {
		return err
	}
	c.checked, err = w.judge()
	if err == nil && c.checked == 0 {
		return errors.New("no Check waited at all: the profile shows nothing")
	}
	return err
}

// flat holds what is in use against what it was when all was warm.
func (c *changing) flat(ctx context.Context) error {
	if c.steps%warmSteps != 0 {
		return nil
	}
	now, err := c.program.heap(ctx)
	if c.heaps[1] = now; c.heaps[0] == 0 {
		c.heaps[0] = now
	}
	if err == nil && now > c.heaps[0]+heapGrowth {
		return fmt.Errorf("the heap grew from %d to %d bytes: versions are held on to", c.heaps[0], now)
	}
	return err
}

// String tells what was seen.
func (c *changing) String() string {
	return fmt.Sprintf("%d reloads and %d refusals told since the start, %s; Checks waited in %d ways, none for a reload; heap %d KiB, first %d KiB",
		c.generation-1, c.refused, c.asking, c.checked, c.heaps[1]>>10, c.heaps[0]>>10)
}

// Close implements Campaign.
func (c *changing) Close() error {
	return errors.Join(c.asking.close(), c.program.Stop())
}
