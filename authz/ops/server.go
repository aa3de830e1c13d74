package ops

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"golang.org/x/net/netutil"

	"github.com/sallyport-authz/sallyport/authz"
)

// The bounds of what the listener may cost the process that decides.
const (
	mostConnections = 32
	mostReadings    = 2
	headerBytes     = 8 << 10
	readTime        = 5 * time.Second
	writeTime       = 15 * time.Second
	idleTime        = 90 * time.Second
)

// Settings of the listener. Metrics and Sources are required.
type Settings struct {
	Metrics *Metrics
	Sources Sources
	Release Release
	// Hosts are names under which the listener may be asked, beside localhost
	// and every address.
	Hosts []string
	Now   func() time.Time
	// Logger is told of pages that could not be made; nil is silent.
	Logger *slog.Logger
}

// Server answers operators.
type Server struct{ http *http.Server }

// New makes a server. The process is taken to have started now.
func New(s Settings) (*Server, error) {
	if s.Metrics == nil || s.Sources.Load == nil || s.Now == nil {
		return nil, errors.New("make the ops listener: metrics, a load and a clock are required")
	}
	logger := s.Logger
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	errorLog := slog.NewLogLogger(logger.Handler(), slog.LevelWarn)
	guarded, err := newGuard(s.Hosts, s.pages(errorLog))
	if err != nil {
		return nil, fmt.Errorf("make the ops listener: %w", err)
	}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &Server{&http.Server{
		Handler: guarded, Protocols: protocols, ErrorLog: errorLog, MaxHeaderBytes: headerBytes,
		ReadTimeout: readTime, ReadHeaderTimeout: readTime, WriteTimeout: writeTime, IdleTimeout: idleTime,
	}}, nil
}

func (s Settings) pages(errorLog promhttp.Logger) http.Handler {
	r := reporter{s.Sources, s.Metrics.counts, s.Release, s.Now(), s.Now}
	mux := http.NewServeMux()
	mux.HandleFunc("/livez", func(w http.ResponseWriter, _ *http.Request) { say(w, http.StatusOK, "alive") })
	mux.HandleFunc("/readyz", s.Sources.readyz)
	mux.HandleFunc("/status", r.serve)
	mux.Handle("/metrics", promhttp.HandlerFor(s.Metrics.registry, promhttp.HandlerOpts{
		ErrorLog: errorLog, ErrorHandling: promhttp.ContinueOnError, DisableCompression: true,
		MaxRequestsInFlight: mostReadings, Timeout: writeTime - readTime,
	}))
	return mux
}

// Serve answers until Shutdown, then gives nil. It closes the listener.
func (s *Server) Serve(listener net.Listener) error {
	if err := s.http.Serve(netutil.LimitListener(listener, mostConnections)); err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve operators: %w", err)
	}
	return nil
}

// Shutdown closes the listener and waits for the pages under way. When ctx ends
// first they are cut.
func (s *Server) Shutdown(ctx context.Context) error {
	if err := s.http.Shutdown(ctx); err != nil {
		return errors.Join(fmt.Errorf("wait for pages: %w", err), s.http.Close())
	}
	return nil
}

func (s Sources) readyz(w http.ResponseWriter, _ *http.Request) {
	code, now := http.StatusServiceUnavailable, s.readiness()
	if now == ready {
		code = http.StatusOK
	}
	say(w, code, string(now))
}

func say(w http.ResponseWriter, code int, word string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(code)
	_, _ = fmt.Fprintln(w, word)
}

// serve writes the status. What a source throws is told by its place only: the
// server would write all of it to the log.
func (r reporter) serve(w http.ResponseWriter, _ *http.Request) {
	defer func() {
		if thrown := recover(); thrown != nil {
			http.Error(w, "the status cannot be told: "+authz.Panicked(thrown).Error(), http.StatusInternalServerError)
		}
	}()
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(r.report()); err != nil {
		http.Error(w, "the status cannot be written", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(text.Bytes())
}
