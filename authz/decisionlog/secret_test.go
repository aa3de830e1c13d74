package decisionlog_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/decisionlog"
)

const marker = "hunter2"

// TestRecordHoldsNoSecret puts a marker into everything that may be a secret.
// Guards: redact, and the list of what describe and newCaller copy.
func TestRecordHoldsNoSecret(t *testing.T) {
	event := denied()
	request := event.Attributes.Request
	for _, name := range []string{
		"authorization", "proxy-authorization", "cookie", "x-api-key", "dpop", "x-csrf-token", "traceparent", "referer", "x-anything",
	} {
		request.Headers.List = append(request.Headers.List, authz.Header{Name: name, Value: "Bearer " + marker})
	}
	request.Path = "/p?token=hunter2&access_token=hunter2&accessToken=hunter2&api_key=hunter2&clientSecret=hunter2&password=hunter2"
	request.Body = authz.Body{State: authz.BodyWhole, Bytes: []byte(marker)}
	event.Attributes.Peer.Certificate = marker
	event.Attributes.Extensions = map[string]string{"k": marker}
	event.Attributes.Metadata = map[string]any{"k": marker}
	event.Attributes.RouteMetadata = map[string]any{"k": marker}
	event.TraceParent = marker
	verdict := &event.Verdict
	verdict.Body, verdict.Metadata = marker, map[string]any{"k": marker}
	verdict.Headers = []authz.Header{{Name: "set-cookie", Value: marker}}
	verdict.Upstream = []authz.Header{{Name: "cookie", Value: marker}}
	verdict.Trail.Caller.Claims = map[string]any{"k": marker}
	verdict.Trail.Params = []authz.Param{{Name: "p", Value: marker}}
	line := written(t, event, decisionlog.Settings{})
	if strings.Contains(line, marker) {
		t.Errorf("the line holds a secret:\n%s", line)
	}
	if got := strings.Count(line, authz.Redacted); got != 6 {
		t.Errorf("%d redacted values, want 6:\n%s", got, line)
	}
}

// TestWordsOfOthersAreScrubbed: policies and errors may repeat what they were
// asked about. Guard: scrub, and each part of it.
func TestWordsOfOthersAreScrubbed(t *testing.T) {
	const secret = "hunter2hunter2"
	for _, c := range []struct {
		name    string
		path    string
		headers []authz.Header
		said    string
		want    string
	}{
		{"behind a scheme", "/", pairs("authorization", "Bearer "+secret), "no key " + secret + ".", "no key MASKED."},
		{"whole value", "/", pairs("x-api-key", "with a space "+secret), "got with a space " + secret, "got MASKED"},
		{"cookie", "/", pairs("cookie", "a=b; sess="+secret), `cookie "sess=` + secret + `"`, `cookie "MASKED"`},
		{"underscores", "/", pairs("x_api_key", secret), secret, "MASKED"},
		{"parameter", "/?a=b&token=" + secret, nil, secret, "MASKED"},
		{"encoded parameter", "/?token=hunter2%2Fhunter2", nil, "hunter2/hunter2", "MASKED"},
		{"bytes that policies do not see", "/", pairs("x-api-key", secret+"\xff"), secret + "!", "MASKED!"},
		{"short words stay", "/", pairs("authorization", "Bearer abc"), "Bearer abc is short", "MASKED is short"},
		{"scheme stays", "/", pairs("authorization", "Bearer "+secret), "no Bearer", "no Bearer"},
		{"header that is no secret", "/?page=hunter2hunter2", pairs("accept", secret), secret, secret},
	} {
		t.Run(c.name, func(t *testing.T) {
			event := denied()
			event.Attributes.Request.Path, event.Attributes.Request.Headers.List = c.path, c.headers
			event.Verdict.Trail.Message, event.Verdict.Trail.Cause = c.said, errors.New(c.said)
			got := parsed(t, lineOf(t, event, decisionlog.View{}))
			if got["message"] != c.want || got["cause"] != c.want {
				t.Errorf("message %q, cause %q, want %q", got["message"], got["cause"], c.want)
			}
		})
	}
}

// Guards: each part of redact, redactPair, secretName and withoutUserinfo.
func TestPathIsRedacted(t *testing.T) {
	for _, c := range []struct{ name, path, want string }{
		{"no query", "/a/token", "/a/token"},
		{"other parameters", "/a?b=c&d=e%20f", "/a?b=c&d=e%20f"},
		{"credential", "/a?b=c&token=hunter2&d=e", "/a?b=c&token=REDACTED&d=e"},
		{"twice", "/a?token=hunter2&token=hunter2", "/a?token=REDACTED&token=REDACTED"},
		{"other case", "/a?TOKEN=hunter2", "/a?TOKEN=REDACTED"},
		{"escaped name", "/a?%74oken=hunter2", "/a?%74oken=REDACTED"},
		{"name with a broken escape", "/a?tok%en=hunter2", "/a?tok%en=REDACTED"},
		{"empty value", "/a?token=", "/a?token=REDACTED"},
		{"without a value", "/a?token", "/a?token"},
		{"name within another", "/a?mytoken=x", "/a?mytoken=x"},
		{"value with equals signs", "/a?token=hun=hunter2", "/a?token=REDACTED"},
		{"value with a semicolon", "/a?token=x;hunter2", "/a?token=REDACTED"},
		{"value with a question mark", "/a?token=x?hunter2", "/a?token=REDACTED"},
		{"behind a semicolon", "/a?b=c;token=hunter2&d=e", "/a?b=c;token=REDACTED&d=e"},
		{"behind a second question mark", "/a?b?token=hunter2", "/a?b?token=REDACTED"},
		{"in a fragment", "/a#access_token=hunter2", "/a#access_token=REDACTED"},
		{"path parameter", "/a;token=hunter2/b?c=d", "/a;token=REDACTED"},
		{"behind an ampersand in the path", "/a&token=hunter2", "/a&token=REDACTED"},
		{"within an encoded parameter", "/a?to=%2Fb%3Ftoken%3Dhunter2&c=d", "/a?to=REDACTED&c=d"},
		{"twice encoded", "/a?to=%252Fb%253Ftoken%253Dhunter2", "/a?to=REDACTED"},
		{"encoded and harmless", "/a?to=%2Fb%3Fc%3Dd", "/a?to=%2Fb%3Fc%3Dd"},
		{"userinfo", "http://me:hunter2@h/a?b=c", "REDACTED@h/a?b=c"},
		{"at sign in a path", "/@me/a", "/@me/a"},
		{"empty", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := loggedPath(t, c.path); got != c.want {
				t.Errorf("path %q is logged as %q, want %q", c.path, got, c.want)
			}
		})
	}
}

func TestPathIsCapped(t *testing.T) {
	if got := len(loggedPath(t, "/"+strings.Repeat("a", 1<<20))); got != 8<<10 {
		t.Errorf("path of %d bytes is logged, want 8 KiB", got)
	}
}

func loggedPath(t *testing.T, path string) string {
	t.Helper()
	event := denied()
	event.Attributes.Request.Path = path
	return parsed(t, written(t, event, decisionlog.Settings{}))["input"].(map[string]any)["request"].(map[string]any)["path"].(string)
}

// TestNothingEndsOrSteersALine is T-L1: whatever clients write makes one record
// that parses, of characters that show. Guards: json.Marshal and printable.
func TestNothingEndsOrSteersALine(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"line feed and a forged record", "\n{\"result\":{\"allow\":true}}\n", "\n{\"result\":{\"allow\":true}}\n"},
		{"carriage return", "a\rb", "a\rb"},
		{"ANSI escape", "\x1b[2J", "\x1b[2J"},
		{"CSI of one character", "\u009b2J", "\u009b2J"},
		{"NUL and DEL", "\x00\x7f", "\x00\x7f"},
		{"line separator", "a\u2028b\u2029", "a\u2028b\u2029"},
		{"direction override", "a\u202eb", "a\u202eb"},
		{"invisible character beyond the first plane", "\U000e0041", "\U000e0041"},
		{"not UTF-8", "a\xff\xfeb", "a\ufffd\ufffdb"},
		{"text beyond ASCII", "\u00e9\U0001f600", "\u00e9\U0001f600"},
	} {
		t.Run(c.name, func(t *testing.T) {
			event := denied()
			event.Attributes.Request.Method, event.Attributes.Request.Path = c.text, c.text
			event.Verdict.Trail.Message = c.text
			line := written(t, event, decisionlog.Settings{})
			for _, r := range line {
				if r != '\ufffd' && (r < ' ' || r == 0x7f || strings.ContainsRune("\u009b\u2028\u2029\u202e\U000e0041", r)) {
					t.Errorf("the line holds %U:\n%q", r, line)
				}
			}
			got := parsed(t, line)
			asked := got["input"].(map[string]any)["request"].(map[string]any)
			if asked["method"] != c.want || asked["path"] != c.want || got["message"] != c.want {
				t.Errorf("method %q, path %q, message %q, want %q", asked["method"], asked["path"], got["message"], c.want)
			}
		})
	}
}
