package outbound_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sallyport-authz/sallyport/authz/outbound"
)

// endpoint is a Poster that answers as its test says.
type endpoint struct {
	answer func(context.Context) error
	asked  atomic.Int64
}

func (e *endpoint) PostForm(ctx context.Context, _, _, _ string) ([]byte, error) {
	e.asked.Add(1)
	return []byte("{}"), e.answer(ctx)
}

func (e *endpoint) PostOnce(ctx context.Context, url, authorization, text string) ([]byte, error) {
	return e.PostForm(ctx, url, authorization, text)
}

func (e *endpoint) PostJSON(ctx context.Context, url, authorization, text string) ([]byte, error) {
	return e.PostForm(ctx, url, authorization, text)
}

func (e *endpoint) AskAs(ctx context.Context, _, _, _ string) (int, []byte, error) {
	e.asked.Add(1)
	return 200, []byte("{}"), e.answer(ctx)
}

func fails(err error) func(context.Context) error { return func(context.Context) error { return err } }

func post(ctx context.Context, b *outbound.Breaker) error {
	_, err := b.PostOnce(ctx, "", "", "")
	return err
}

// The bounds of a Breaker.
const (
	silences = 5
	pause    = 2 * time.Second
)

// TestBreaker (T-F7): after five silences nobody is asked for two seconds; then one
// question decides for all. The guards are begin's cases, and end's.
func TestBreaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &endpoint{answer: fails(outbound.ErrTimeout)}
		b := outbound.NewBreaker(e, time.Now)
		for range silences {
			if err := post(t.Context(), b); !errors.Is(err, outbound.ErrTimeout) {
				t.Fatal(err)
			}
		}
		refusesAll := func() {
			t.Helper()
			asked := e.asked.Load()
			for range 10 {
				if err := post(t.Context(), b); !errors.Is(err, outbound.ErrBroken) {
					t.Errorf("got %v, want ErrBroken", err)
				}
			}
			if _, err := b.PostForm(t.Context(), "", "", ""); !errors.Is(err, outbound.ErrBroken) {
				t.Errorf("got %v, want ErrBroken", err)
			}
			if _, err := b.PostJSON(t.Context(), "", "", ""); !errors.Is(err, outbound.ErrBroken) {
				t.Errorf("got %v, want ErrBroken", err)
			}
			if _, _, err := b.AskAs(t.Context(), "", "", ""); !errors.Is(err, outbound.ErrBroken) || e.asked.Load() != asked {
				t.Errorf("got %v, and %d questions, want none", err, e.asked.Load()-asked)
			}
		}
		refusesAll()
		time.Sleep(pause - time.Nanosecond)
		refusesAll()
		time.Sleep(time.Nanosecond)
		if err := post(t.Context(), b); !errors.Is(err, outbound.ErrTimeout) { // the probe, in vain
			t.Errorf("got %v, want a question", err)
		}
		refusesAll()
		time.Sleep(pause)

		// While the probe is under way nobody else asks.
		free := make(chan struct{})
		e.answer = func(context.Context) error { <-free; return nil }
		var probe sync.WaitGroup
		probe.Go(func() {
			if err := post(t.Context(), b); err != nil {
				t.Errorf("the probe: %v", err)
			}
		})
		synctest.Wait()
		refusesAll()
		close(free)
		probe.Wait()
		for range 2 * silences { // all is well: one failure is none
			e.answer = fails(nil)
			if err := post(t.Context(), b); err != nil {
				t.Error(err)
			}
			e.answer = fails(outbound.ErrUnreachable)
			if err := post(t.Context(), b); !errors.Is(err, outbound.ErrUnreachable) {
				t.Errorf("got %v, want a question", err)
			}
		}
	})
}

// TestBreakerKeeps: what one token could bring about, or one client, ends no questions
// about others; and a probe that came to nothing leaves the next one its turn.
func TestBreakerKeeps(t *testing.T) {
	for _, err := range []error{
		outbound.ErrStatus, outbound.ErrRedirect, outbound.ErrEncoding, outbound.ErrMedia, outbound.ErrTooLarge, outbound.ErrURL, context.Canceled, nil,
	} {
		e := &endpoint{answer: fails(err)}
		b := outbound.NewBreaker(e, time.Now)
		for range 3 * silences {
			if got := post(t.Context(), b); !errors.Is(got, err) {
				t.Fatalf("got %v, want %v", got, err)
			}
		}
	}
	synctest.Test(t, func(t *testing.T) {
		e := &endpoint{answer: fails(outbound.ErrTLS)}
		b := outbound.NewBreaker(e, time.Now)
		for range silences {
			_ = post(t.Context(), b)
		}
		time.Sleep(pause)
		for name, come := range map[string]func(context.Context) error{
			"cancelled": fails(context.Canceled), "panic": func(context.Context) error { panic("hook") },
		} {
			e.answer = come
			func() {
				defer func() { _ = recover() }()
				if err := post(t.Context(), b); !errors.Is(err, context.Canceled) {
					t.Errorf("%s: got %v", name, err)
				}
			}()
		}
		e.answer = fails(outbound.ErrTLS)
		for _, want := range []error{outbound.ErrTLS, outbound.ErrBroken} { // nobody has answered yet
			if err := post(t.Context(), b); !errors.Is(err, want) {
				t.Errorf("got %v, want %v", err, want)
			}
		}
	})
}

// TestBreakerHears: which answers of a real server are none.
func TestBreakerHears(t *testing.T) {
	for status, silent := range map[int]bool{200: false, 400: false, 401: false, 404: false, 429: false, 500: false, 502: true, 503: true, 504: true} {
		server := newTrap(t, "127.0.0.1:0", answer(status, "application/json", "{}"))
		server.StartTLS()
		url := "https://example.com:" + server.port() + "/hook"
		for name, ask := range map[string]func(*outbound.Breaker) (int, error){
			"posts": func(b *outbound.Breaker) (int, error) {
				_, err := b.PostOnce(t.Context(), url, "", "{}")
				return status, err
			},
			"shows a cookie": func(b *outbound.Breaker) (int, error) {
				status, _, err := b.AskAs(t.Context(), "GET", url, "a=b")
				return status, err
			},
		} {
			b := outbound.NewBreaker(client(t, open(t, server)), time.Now)
			for range silences {
				if told, err := ask(b); told != status || errors.Is(err, outbound.ErrBroken) {
					t.Errorf("%s, %d: got %d, %v", name, status, told, err)
				}
			}
			if _, err := ask(b); errors.Is(err, outbound.ErrBroken) != silent {
				t.Errorf("%s, %d: got %v at the end, want ErrBroken %t", name, status, err, silent)
			}
		}
	}
}

// TestPostOnce: what is sent is the text, and no credential that nobody gave; and a
// connection that ends after it was sent brings no second one.
func TestPostOnce(t *testing.T) {
	var got http.Header
	var texts []string
	cut := false
	server := newTrap(t, "127.0.0.1:0", func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		got, texts = r.Header.Clone(), append(texts, r.Method+" "+r.URL.String()+" "+string(text))
		if cut {
			panic(http.ErrAbortHandler)
		}
		answer(200, "application/json", "null")(w, r)
	})
	server.StartTLS()
	c := client(t, open(t, server))
	url := "https://example.com:" + server.port() + "/verify"
	for _, authorization := range []string{"", "Bearer b"} {
		body, err := c.PostOnce(t.Context(), url, authorization, `{"token":"t"}`)
		if err != nil || string(body) != "null" || got.Get("Authorization") != authorization || got.Get("Content-Type") != "application/json" || len(got.Values("Idempotency-Key")) != 0 {
			t.Errorf("got %q, %v, and sent %v", body, err, got)
		}
	}
	cut, texts = true, nil // over the connection that was kept
	if _, err := c.PostOnce(t.Context(), url, "", `{"token":"t"}`); !errors.Is(err, outbound.ErrUnreachable) {
		t.Errorf("got %v, want ErrUnreachable", err)
	}
	if len(texts) != 1 || texts[0] != `POST /verify {"token":"t"}` {
		t.Errorf("the server saw %q, want one question", texts)
	}
}
