package system_test

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// sender asks for one path over connections that are kept, so that it may ask
// often.
type sender struct {
	client    *http.Client
	host, url string
}

// shop sends to a path of the shop.
func (w *world) shop(t *testing.T, path string) *sender {
	t.Helper()
	return w.at(t, tokenHost, path)
}

// at sends to a path of a host.
func (w *world) at(t *testing.T, host, path string) *sender {
	t.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: 100}
	t.Cleanup(transport.CloseIdleConnections)
	return &sender{&http.Client{Transport: transport, Timeout: 20 * time.Second}, host, "http://" + w.envoy.Address("raw") + path}
}

// answer is what one request came to.
type answer struct {
	asked, told time.Time
	status      int
	requestID   string
}

// send presents the token. Nothing came back: the status is 0.
func (s *sender) send(ctx context.Context, token string) answer {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url, strings.NewReader(""))
	if err != nil {
		return answer{}
	}
	request.Host = s.host
	request.Header.Set("Authorization", "Bearer "+token)
	a := answer{asked: time.Now()}
	response, err := s.client.Do(request)
	a.told = time.Now()
	if err != nil {
		return a
	}
	defer func() { _ = response.Body.Close() }()
	_, _ = io.Copy(io.Discard, response.Body)
	a.status, a.requestID = response.StatusCode, response.Header.Get("X-Request-Id")
	return a
}

// until sends the token until the status comes, and gives that answer and those
// before it.
func (s *sender) until(t *testing.T, token string, status int, limit time.Duration) (answer, []answer) {
	t.Helper()
	sent.note(get(s.host, s.url, bearer(token)))
	var before []answer
	for began := time.Now(); time.Since(began) < limit; time.Sleep(20 * time.Millisecond) {
		a := s.send(t.Context(), token)
		if a.status == status {
			return a, before
		}
		before = append(before, a)
	}
	t.Fatalf("no %d within %v, got %v", status, limit, statuses(before))
	return answer{}, nil
}

// remembered sends the token until its verdict comes from the cache.
func remembered(t *testing.T, w *world, s *sender, token string) {
	t.Helper()
	s.hit(t, w, token, 200)
}

// hit sends the token until the verdict, which has the status each time, comes
// from the cache.
func (s *sender) hit(t *testing.T, w *world, token string, status int) {
	t.Helper()
	for range 200 {
		a := s.send(t.Context(), token)
		if a.status != status {
			t.Fatalf("got %d, want %d", a.status, status)
		}
		record, err := w.sallyport.Record(t.Context(), a.requestID)
		if err != nil {
			t.Fatal(err)
		}
		if record.Cache == "hit" {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("the verdict is never remembered")
}

// statuses are the different ones, in order.
func statuses(answers []answer) []int {
	var all []int
	for _, a := range answers {
		all = append(all, a.status)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// only checks that every answer had the status, and that there were some.
func only(t *testing.T, what string, answers []answer, status int) {
	t.Helper()
	if got := statuses(answers); !slices.Equal(got, []int{status}) {
		t.Errorf("%s: %d answers, statuses %v, want only %d", what, len(answers), got, status)
	}
}

// onlyBefore is only for answers of which there may be none: what they came
// before may have been quicker.
func onlyBefore(t *testing.T, what string, answers []answer, status int) {
	t.Helper()
	if len(answers) > 0 {
		only(t, what, answers, status)
	}
}

// current keeps sending, with the token that token gives, until it is ended.
type current struct {
	stop    context.CancelFunc
	group   sync.WaitGroup
	mu      sync.Mutex
	answers []answer
}

// keep has workers send one after another, at most a hundred a second each, and
// once at least.
func (s *sender) keep(t *testing.T, workers int, token func() string) *current {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	c := &current{stop: stop}
	for range workers {
		c.group.Go(func() {
			for {
				a := s.send(context.WithoutCancel(ctx), token())
				c.mu.Lock()
				c.answers = append(c.answers, a)
				c.mu.Unlock()
				if ctx.Err() != nil {
					return
				}
				time.Sleep(10 * time.Millisecond)
			}
		})
	}
	return c
}

// end stops the workers and gives all answers.
func (c *current) end() []answer {
	c.stop()
	c.group.Wait()
	return c.answers
}
