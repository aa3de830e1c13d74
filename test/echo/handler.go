package echo

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Answer is the body of a response: the request as it arrived.
type Answer struct {
	Protocol string `json:"protocol"`
	Method   string `json:"method"`
	Host     string `json:"host"`
	// Path is the request target as sent, with the query.
	Path string `json:"path"`
	// Headers are by lower-case name, in the order of arrival.
	Headers    map[string][]string `json:"headers"`
	BodyLength int                 `json:"body_length"`
	BodySHA256 string              `json:"body_sha256"`
}

// handle answers with the request, or takes part in a WebSocket handshake.
func handle(w http.ResponseWriter, r *http.Request) {
	if strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		upgrade(w, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, fmt.Sprintf("read body: %v", err), http.StatusBadRequest)
		return
	}
	digest := sha256.Sum256(body)
	answer, err := json.Marshal(Answer{
		Protocol: r.Proto, Method: r.Method, Host: r.Host, Path: r.RequestURI,
		Headers:    lowered(r.Header),
		BodyLength: len(body), BodySHA256: hex.EncodeToString(digest[:]),
	})
	if err != nil {
		http.Error(w, fmt.Sprintf("encode answer: %v", err), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(answer)
}

func lowered(headers http.Header) map[string][]string {
	names := make(map[string][]string, len(headers))
	for name, values := range headers {
		names[strings.ToLower(name)] = values
	}
	return names
}
