package mesh

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// Page gives what operators are told under a path: the status code and the body.
func (s *Sallyport) Page(ctx context.Context, path string) (int, string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.ops+path, http.NoBody)
	if err != nil {
		return 0, "", fmt.Errorf("ask for %s: %w", path, err)
	}
	request.Close = true
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, "", fmt.Errorf("ask for %s: %w", path, err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, "", fmt.Errorf("read %s: %w", path, err)
	}
	return response.StatusCode, string(body), nil
}

// Status reads /status into a value of the caller's.
func (s *Sallyport) Status(ctx context.Context, into any) error {
	_, body, err := s.Page(ctx, "/status")
	if err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(body), into); err != nil {
		return fmt.Errorf("read status: %w", err)
	}
	return nil
}

// Metrics are the series of /metrics, each as it stands there:
// name{label="value",...} with the labels in alphabetic order.
func (s *Sallyport) Metrics(ctx context.Context) (map[string]float64, error) {
	_, body, err := s.Page(ctx, "/metrics")
	if err != nil {
		return nil, err
	}
	series := map[string]float64{}
	for line := range strings.Lines(body) {
		line = strings.TrimSpace(line)
		end := strings.LastIndexByte(line, ' ')
		if end < 0 || line[0] == '#' {
			continue
		}
		value, err := strconv.ParseFloat(line[end+1:], 64)
		if err != nil {
			return nil, fmt.Errorf("read metrics: %w", err)
		}
		series[line[:end]] = value
	}
	return series, nil
}
