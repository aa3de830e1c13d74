package outbound

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"
)

// The bounds that nobody needs to set.
const (
	headerBytes = 64 << 10
	// Those that ask once a request keep as many connections as they have calls.
	mostIdle      = 64
	mostIdlePerIP = 32
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
	return c.ask(ctx, url, question{method: http.MethodGet})
}

// PostForm sends a form (RFC 6749 appendix B) with an Authorization header, and gives
// what a 200 of the type application/json carries. Its errors are Get's, and hold
// nothing of what was sent. Asking must change nothing: where a connection that was
// kept turns out to have ended, the form is sent again.
func (c *Client) PostForm(ctx context.Context, url, authorization, form string) ([]byte, error) {
	return c.ask(ctx, url, posted(authorization, "application/x-www-form-urlencoded", form))
}

// PostJSON sends a JSON text; all else is as PostForm.
func (c *Client) PostJSON(ctx context.Context, url, authorization, text string) ([]byte, error) {
	return c.ask(ctx, url, posted(authorization, mediaJSON, text))
}

// posted may be sent again.
func posted(authorization, media, body string) question {
	return question{http.MethodPost, body, mediaJSON, http.Header{
		"Accept":          {mediaJSON},
		"Authorization":   {authorization},
		"Content-Type":    {media},
		"Idempotency-Key": {}, // net/http: may be repeated, and is not sent
	}}
}

// AskAs shows a cookie, as in name=value, by GET or POST, and gives the status of the
// answer, beside what a 200 of the type application/json carries. A redirect is a status
// like any other, and is not followed. Its errors are Get's, and hold nothing of what was
// sent. Asking must change nothing, as with PostForm.
func (c *Client) AskAs(ctx context.Context, method, url, cookie string) (status int, body []byte, err error) {
	body, err = c.ask(ctx, url, question{method, "", mediaJSON, http.Header{
		"Accept":          {mediaJSON},
		"Cookie":          {cookie},
		"Idempotency-Key": {},
	}})
	if told, ok := errors.AsType[answered](err); ok {
		return told.status, nil, nil
	}
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, body, nil
}

// PostOnce sends a JSON text, with an Authorization header unless that is "", and gives
// what a 200 of the type application/json carries. Its errors are Get's, and hold nothing
// of what was sent. It reaches the server once at the most: where a connection that was
// kept turns out to have ended after something was sent, nobody can tell.
func (c *Client) PostOnce(ctx context.Context, url, authorization, text string) ([]byte, error) {
	header := http.Header{"Accept": {mediaJSON}, "Content-Type": {mediaJSON}}
	if authorization != "" {
		header.Set("Authorization", authorization)
	}
	return c.ask(ctx, url, question{http.MethodPost, text, mediaJSON, header})
}

const mediaJSON = "application/json"

// question is what is sent, and of which media type an answer must be; "" is any.
type question struct {
	method, body, media string
	header              http.Header
}

func (c *Client) ask(ctx context.Context, url string, q question) ([]byte, error) {
	verb := strings.ToLower(q.method)
	to, err := c.perimeter.target(url)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", verb, err)
	}
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, q.method, to.String(), strings.NewReader(q.body))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", verb, refusal{ErrURL, "it makes no request"})
	}
	if q.header != nil {
		request.Header = q.header
	}
	body, err := c.do(request, q.media)
	if err != nil {
		return nil, fmt.Errorf("%s from %s: %w", verb, to.Host, err)
	}
	return body, nil
}

// do sends one request under a context that bounds it. It uses the transport
// itself: package http's Client is what would follow redirects and keep cookies.
func (c *Client) do(request *http.Request, media string) ([]byte, error) {
	request.Header.Set("User-Agent", "sallyport")
	response, err := c.transport.RoundTrip(request)
	if err != nil {
		return nil, failure(request.Context(), err)
	}
	defer func() { _ = response.Body.Close() }()
	if err := c.refuse(response, media); err != nil {
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
func (c *Client) refuse(response *http.Response, media string) error {
	switch {
	case response.StatusCode/100 == 3:
		return answered{ErrRedirect, response.StatusCode}
	case response.StatusCode != http.StatusOK:
		return answered{ErrStatus, response.StatusCode}
	case len(response.Header["Content-Encoding"]) > 0:
		return refusal{ErrEncoding, "none was asked for"}
	case response.ContentLength > c.maxBytes:
		return c.tooLarge()
	case media != "" && !isOf(response, media):
		return refusal{ErrMedia, "it is not " + media}
	default:
		return nil
	}
}

// isOf compares media types without parameters (RFC 9110 section 8.3.1).
func isOf(response *http.Response, media string) bool {
	types := response.Header["Content-Type"]
	if len(types) != 1 {
		return false
	}
	named, _, err := mime.ParseMediaType(types[0])
	return err == nil && named == media
}

func (c *Client) tooLarge() error {
	return refusal{ErrTooLarge, fmt.Sprintf("more than %d bytes", c.maxBytes)}
}
