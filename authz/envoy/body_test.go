package envoy_test

import (
	"testing"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/envoy"
)

// Each row of a cut body goes red without the guard that it names.
func TestBodyStates(t *testing.T) {
	const partial = "x-envoy-auth-partial-body"
	tests := []struct {
		name    string
		body    string
		headers map[string]string
		want    authz.BodyState
	}{
		{"not buffered", "", nil, authz.BodyAbsent},
		{"not buffered, though there is one", "", map[string]string{"content-length": "9"}, authz.BodyAbsent},
		{"whole", "{}", map[string]string{partial: "false", "content-length": "2"}, authz.BodyWhole},
		{"whole and chunked", "{}", map[string]string{partial: "false"}, authz.BodyWhole},
		{"buffered and empty", "", map[string]string{partial: "false"}, authz.BodyWhole},
		{"cut by Envoy: cutByEnvoy", "{}", map[string]string{partial: "true"}, authz.BodyTruncated},
		{"a word that we do not know: cutByEnvoy", "{}", map[string]string{partial: "false,false"}, authz.BodyTruncated},
		{"fills the buffer exactly: fillsBuffer", "12345678", map[string]string{partial: "false"}, authz.BodyTruncated},
		{"shorter than said: shorterThanSaid", "{}", map[string]string{partial: "false", "content-length": "3"}, authz.BodyTruncated},
		{"of unreadable length: shorterThanSaid", "{}", map[string]string{partial: "false", "content-length": "2,2"}, authz.BodyTruncated},
		{"buffered empty, though there is one: shorterThanSaid", "", map[string]string{partial: "false", "content-length": "3"}, authz.BodyTruncated},
	}
	for _, tt := range tests {
		for _, asBytes := range []bool{true, false} {
			t.Run(tt.name, func(t *testing.T) {
				http := get(tt.headers)
				if asBytes {
					http.RawBody = []byte(tt.body)
				} else {
					http.Body = tt.body
				}
				got := read(t, envoy.Settings{MaxRequestBytes: 8}, request(http)).Request.Body
				if got.State != tt.want || string(got.Bytes) != tt.body {
					t.Errorf("got %v %q, want %v %q", got.State, got.Bytes, tt.want, tt.body)
				}
			})
		}
	}
}
