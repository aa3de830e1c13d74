package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	"google.golang.org/protobuf/proto"
)

// hostileFrames sends messages that no proxy sends.
func hostileFrames() Case {
	return Case{
		Name:  "hostile-frames",
		About: "a mutated CheckRequest is a gRPC error, ends the process, or is allowed without the key and the route",
		Steps: 4_000_000,
		Open: func(ctx context.Context, s Setting) (Campaign, error) {
			server, err := newFrameServer(ctx)
			if err != nil {
				return nil, err
			}
			return &hostile{seed: s.Seed, server: server}, nil
		},
	}
}

// hostile is the campaign.
type hostile struct {
	seed   uint64
	server *frameServer
}

// Run implements Campaign.
func (h *hostile) Run(ctx context.Context, from, to uint64) error {
	const workers = 16
	return crew{workers, h.step}.run(ctx, from, to)
}

// Close implements Campaign.
func (h *hostile) Close() error { return h.server.close() }

// answerTime is what one answer may take on a machine that does other things too.
const answerTime = 30 * time.Second

func (h *hostile) step(ctx context.Context, number uint64) error {
	message, err := newMutator(random(h.seed, number)).message()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	answer, err := h.server.ask(ctx, message)
	if err != nil {
		return fmt.Errorf("answered with an error: %w; message %x", err, message)
	}
	if err := judge(message, answer); err != nil {
		return fmt.Errorf("%w; message %x, answer %x", err, message, answer)
	}
	return nil
}

// judge holds an answer against what the message says when protobuf reads it.
func judge(message, answer []byte) error {
	var response authv3.CheckResponse
	if err := proto.Unmarshal(answer, &response); err != nil {
		return fmt.Errorf("answer does not decode: %w", err)
	}
	allowed := response.GetStatus().GetCode() == 0
	switch {
	case response.GetStatus() == nil:
		return errors.New("answer without a status, which Envoy takes for an allow")
	case allowed != (response.GetOkResponse() != nil):
		return errors.New("status and response say different things")
	case response.GetErrorResponse() != nil:
		return errors.New("error response, which Envoy may take for an allow")
	case !allowed:
		return nil
	}
	var request authv3.CheckRequest
	if err := proto.Unmarshal(message, &request); err != nil {
		return fmt.Errorf("allowed although it does not decode: %w", err)
	}
	if err := entitled(request.GetAttributes().GetRequest().GetHttp()); err != nil {
		return fmt.Errorf("allowed: %w", err)
	}
	return nil
}
