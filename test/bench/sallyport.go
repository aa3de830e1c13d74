package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"

	"github.com/sallyport-authz/sallyport/test/mesh"
)

// sallyportProcess is the program that is measured.
type sallyportProcess struct{ server *mesh.Sallyport }

func startSallyport(ctx context.Context, program, dir string, w world) (*sallyportProcess, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make folder: %w", err)
	}
	config, err := w.write(dir)
	if err != nil {
		return nil, err
	}
	server, err := mesh.StartSallyport(ctx, program, config)
	if err != nil {
		return nil, fmt.Errorf("start sallyport: %w", err)
	}
	return &sallyportProcess{server}, nil
}

func (p *sallyportProcess) at() (address string, pid int) { return p.server.TCP(), p.server.PID() }

func (p *sallyportProcess) stop() error { return p.server.Stop() }

// The metrics that are asked for: Go's own, and Sallyport's.
const (
	objectsMetric = "go_memstats_mallocs_total"
	hitsMetric    = "sallyport_cache_hits_total"
)

// counts implements counter: it reads the metrics that every operator has.
func (p *sallyportProcess) counts() (c counts, err error) {
	request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "http://"+p.server.Ops()+"/metrics", http.NoBody)
	if err != nil {
		return counts{}, fmt.Errorf("ask for metrics: %w", err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return counts{}, fmt.Errorf("ask for metrics: %w", err)
	}
	defer func() { err = errors.Join(err, response.Body.Close()) }()
	found := map[string]float64{}
	for lines := bufio.NewScanner(response.Body); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), " ")
		if name == objectsMetric || name == hitsMetric {
			if found[name], err = strconv.ParseFloat(value, 64); err != nil {
				return counts{}, fmt.Errorf("read %s: %w", name, err)
			}
		}
	}
	if len(found) != 2 {
		return counts{}, fmt.Errorf("the metrics hold %v of %s and %s", found, objectsMetric, hitsMetric)
	}
	return counts{objects: found[objectsMetric], hits: found[hitsMetric]}, nil
}

// rightSallyport looks whether an answer allows, and tells the upstream of the
// caller who asked: with a verdict of another's it does not.
func rightSallyport(all []caller) (func([]byte, *frame) error, error) {
	named := map[string][]byte{}
	for _, c := range all {
		header, err := proto.Marshal(&corev3.HeaderValue{Key: "x-authz-subject", Value: c.subject})
		if err != nil {
			return nil, fmt.Errorf("encode header: %w", err)
		}
		named[c.subject] = protowire.AppendBytes(nil, header)
	}
	return func(answer []byte, asked *frame) error {
		ok, err := allowed(answer)
		if err != nil {
			return fmt.Errorf("%w: %x", err, answer)
		}
		if !bytes.Contains(ok, named[asked.caller]) {
			return fmt.Errorf("the answer to %s is another's: %x", asked.caller, answer)
		}
		return nil
	}, nil
}

// The fields of a CheckResponse.
const (
	statusField = 1
	okField     = 3
)

// allowed gives the ok_response of an allow. It reads what it needs to read, so
// that the client stays light.
func allowed(answer []byte) ([]byte, error) {
	var ok []byte
	status := false
	for rest := answer; len(rest) > 0; {
		number, kind, n := protowire.ConsumeTag(rest)
		if n < 0 {
			return nil, errors.New("the answer does not decode")
		}
		rest = rest[n:]
		n = protowire.ConsumeFieldValue(number, kind, rest)
		if n < 0 {
			return nil, errors.New("the answer does not decode")
		}
		value, _ := protowire.ConsumeBytes(rest[:n])
		switch number {
		case statusField:
			status = len(value) == 0
		case okField:
			ok = value
		default:
		}
		rest = rest[n:]
	}
	if !status || ok == nil {
		return nil, errors.New("the answer is no allow")
	}
	return ok, nil
}
