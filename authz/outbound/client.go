package outbound

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// The bounds that nobody needs to set.
const (
	headerBytes   = 64 << 10
	mostIdle      = 8
	mostIdlePerIP = 2
	idleTime      = 30 * time.Second
)

// Client asks over HTTP. It is safe for use by several goroutines.
type Client struct {
	perimeter perimeter
	transport *http.Transport
	timeout   time.Duration
	maxBytes  int64
}

// New makes a client. Nothing is resolved or dialled yet.
func New(s Settings) (*Client, error) {
	if err := s.check(); err != nil {
		return nil, fmt.Errorf("make the outbound client: %w", err)
	}
	roots, err := s.roots()
	if err != nil {
		return nil, fmt.Errorf("make the outbound client: %w", err)
	}
	d := dialer{newPerimeter(s), s.Resolver, roots, s.Timeout}
	return &Client{perimeter: d.perimeter, timeout: s.Timeout, maxBytes: s.MaxBytes, transport: &http.Transport{
		Proxy: nil, DialContext: d.plain, DialTLSContext: d.secure, DisableCompression: true,
		MaxResponseHeaderBytes: headerBytes, MaxIdleConns: mostIdle, MaxIdleConnsPerHost: mostIdlePerIP, IdleConnTimeout: idleTime,
	}}, nil
}

// Close ends the connections that nobody uses. It is for when all asking is over.
func (c *Client) Close() { c.transport.CloseIdleConnections() }

// CheckURL is Settings.CheckURL with the client's settings.
func (c *Client) CheckURL(url string) error {
	_, err := c.perimeter.target(url)
	return err
}

// Get gives what a 200 carries. Every other outcome is an error that wraps one of
// the sentinels of this package, or context.Canceled where ctx was.
func (c *Client) Get(ctx context.Context, url string) ([]byte, error) {
	to, err := c.perimeter.target(url)
	if err != nil {
		return nil, fmt.Errorf("get: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, to.String(), http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("get: %w", refusal{ErrURL, "it makes no request"})
	}
	body, err := c.do(request)
	if err != nil {
		return nil, fmt.Errorf("get from %s: %w", to.Host, err)
	}
	return body, nil
}

// do sends one request under a context that bounds it. It uses the transport
// itself: package http's Client is what would follow redirects and keep cookies.
func (c *Client) do(request *http.Request) ([]byte, error) {
	request.Header.Set("User-Agent", "sallyport")
	response, err := c.transport.RoundTrip(request)
	if err != nil {
		return nil, failure(request.Context(), err)
	}
	defer func() { _ = response.Body.Close() }()
	if err := c.refuse(response); err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, c.maxBytes+1))
	switch {
	case err != nil:
		return nil, failure(request.Context(), err)
	case request.Context().Err() != nil: // a body that is cut may look like a whole one
		return nil, failure(request.Context(), request.Context().Err())
	case int64(len(body)) > c.maxBytes:
		return nil, c.tooLarge()
	default:
		return body, nil
	}
}

// refuse judges an answer by its head.
func (c *Client) refuse(response *http.Response) error {
	switch {
	case response.StatusCode/100 == 3:
		return refusal{ErrRedirect, strconv.Itoa(response.StatusCode)}
	case response.StatusCode != http.StatusOK:
		return refusal{ErrStatus, strconv.Itoa(response.StatusCode)}
	case len(response.Header["Content-Encoding"]) > 0:
		return refusal{ErrEncoding, "none was asked for"}
	case response.ContentLength > c.maxBytes:
		return c.tooLarge()
	default:
		return nil
	}
}

func (c *Client) tooLarge() error {
	return refusal{ErrTooLarge, fmt.Sprintf("more than %d bytes", c.maxBytes)}
}
