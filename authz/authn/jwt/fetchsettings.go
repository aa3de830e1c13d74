package jwt

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

// Fetcher gets a document over HTTP. It bounds time and bytes, and gives what a
// 200 carries or an error.
type Fetcher interface {
	Get(ctx context.Context, url string) ([]byte, error)
}

// FetchSettings say where keys are and how often they are fetched. All but Log
// and Last are required.
type FetchSettings struct {
	// Issuer is whose keys they are; exactly one of URL and Discovery says where.
	Issuer    string
	URL       string
	Discovery bool
	Fetcher   Fetcher
	// Refresh is how often keys are fetched, MinInterval the least time between
	// two fetches, whatever is asked for, MaxAge how long the last good ones stay
	// in use.
	Refresh, MinInterval, MaxAge time.Duration
	Now                          func() time.Time
	// Changes is told of the keys that came, went or changed.
	Changes *authz.Changes
	// Last has keys of the same issuer from the same place, which stay in use until
	// others are fetched. It may be nil.
	Last *Fetched
	// Log is told of each fetch, of one after the other, before those who wait for
	// it are; nil is silent.
	Log func(installed int, err error)
}

// Check says what is wrong with the place or the intervals.
func (s FetchSettings) Check() error {
	switch {
	case s.Issuer == "" || (s.URL == "") != s.Discovery:
		return errors.New("an issuer, and either a URL or discovery, are required")
	case s.MinInterval <= 0 || s.Refresh < s.MinInterval || s.MaxAge <= s.Refresh:
		return fmt.Errorf("intervals %s, %s, %s: each must be at least the one before, the last one above it", s.MinInterval, s.Refresh, s.MaxAge)
	case s.Discovery:
		_, err := metadataURLs(s.Issuer)
		return err
	default:
		return nil
	}
}

// Name tells places apart where a changed key is announced.
func (s FetchSettings) Name() string { return s.Issuer + " " + s.URL }

// Stats are what operators see of fetched keys.
type Stats struct {
	Keys int
	// Loaded is when the set in use was last confirmed; the zero time is never.
	Loaded            time.Time
	Fetches, Failures uint64
	// Problem is why the last fetch failed, or "".
	Problem string
}
