package outbound

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"unicode"
)

// What went wrong. Every error of asking but those of a context that was cancelled
// wraps exactly one of these.
var (
	// ErrURL: the URL is not one that is asked for. Nothing was resolved.
	ErrURL = errors.New("refused URL")
	// ErrAddress: the address may not be reached. Nothing was sent to it.
	ErrAddress = errors.New("refused address")
	// ErrUnreachable: no name, no connection, or no sound HTTP answer.
	ErrUnreachable = errors.New("no answer")
	// ErrTLS: the server does not speak TLS as it must, or is not who it should be.
	ErrTLS = errors.New("TLS refused")
	// ErrTimeout: the answer was not whole in time.
	ErrTimeout = errors.New("no whole answer in time")
	// ErrRedirect: the server names another place, which is not followed.
	ErrRedirect = errors.New("refused redirect")
	// ErrStatus: the status is none of the 3xx and not 200.
	ErrStatus = errors.New("refused status")
	// ErrEncoding: the answer is compressed or else encoded, though nobody asked.
	ErrEncoding = errors.New("refused content encoding")
	// ErrMedia: the answer is of another media type than was asked for.
	ErrMedia = errors.New("refused media type")
	// ErrBroken: nobody answered the last questions, and nobody was asked this one.
	ErrBroken = errors.New("not asked: nobody answered the last questions")
	// ErrTooLarge: the answer has more bytes than may be read.
	ErrTooLarge = errors.New("answer too large")
)

// failure makes one of the errors above of what a part of net/http gave. Texts of
// its parsers repeat what the server sent and are left out.
func failure(ctx context.Context, err error) error {
	if known, ok := errors.AsType[refusal](err); ok {
		return known // without what package net wrapped around it
	}
	timeout, ok := errors.AsType[net.Error](err)
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return fmt.Errorf("ask: %w", context.Canceled)
	case ctx.Err() != nil, ok && timeout.Timeout():
		return ErrTimeout
	default:
		return refusal{ErrUnreachable, cause(err)}
	}
}

// refusal is a sentinel with its reason: what it wraps is the sentinel alone.
type refusal struct {
	sentinel error
	reason   string
}

// Error implements error.
func (r refusal) Error() string { return r.sentinel.Error() + ": " + r.reason }

// Unwrap lets errors.Is find the sentinel.
func (r refusal) Unwrap() error { return r.sentinel }

// answered is a whole head that is no answer to most questions.
type answered struct {
	sentinel error
	status   int
}

// Error implements error.
func (a answered) Error() string { return a.sentinel.Error() + ": " + strconv.Itoa(a.status) }

// Unwrap lets errors.Is find the sentinel.
func (a answered) Unwrap() error { return a.sentinel }

// cause is what an operator needs of an error of the network.
func cause(err error) string {
	operation, ok := errors.AsType[*net.OpError](err)
	switch {
	case ok:
		return printable(operation.Error())
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the connection ended before the answer did"
	default:
		return fmt.Sprintf("what came is no HTTP/1.1 answer with a header of at most %d bytes", headerBytes)
	}
}

// printable bounds a text in which a server's certificate or a name's owner has a
// say.
func printable(text string) string {
	const longest = 256
	if len(text) > longest {
		text = text[:longest] + "..."
	}
	return strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, text)
}
