package echo

import (
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// acceptSuffix is the GUID of RFC 6455 section 1.3.
const acceptSuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

// Accept is the Sec-WebSocket-Accept that answers a Sec-WebSocket-Key.
func Accept(key string) string {
	digest := sha1.Sum([]byte(key + acceptSuffix))
	return base64.StdEncoding.EncodeToString(digest[:])
}

// upgrade finishes the handshake and then sends every byte back as it came,
// frames and all. The response names the x-authz-* headers that arrived as
// seen-x-authz-*, since it has no body to show them in.
func upgrade(w http.ResponseWriter, r *http.Request) {
	conn, rw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, fmt.Sprintf("hijack: %v", err), http.StatusInternalServerError)
		return
	}
	defer func() { _ = conn.Close() }()
	var head strings.Builder
	head.WriteString("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n")
	head.WriteString("Sec-WebSocket-Accept: " + Accept(r.Header.Get("Sec-WebSocket-Key")) + "\r\n")
	for name, values := range lowered(r.Header) {
		if strings.HasPrefix(name, identityPrefix) {
			head.WriteString(seenPrefix + name + ": " + values[0] + "\r\n")
		}
	}
	head.WriteString("\r\n")
	if _, err := io.WriteString(conn, head.String()); err != nil {
		return
	}
	_, _ = io.Copy(conn, rw)
}
