package route_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/route"
)

// guarded is the table of the T-P tests: everything below /pub is for anybody,
// /admin/x is not.
func guarded(t *testing.T) *route.Table {
	t.Helper()
	return oneHost(t, get("/pub/{rest...}", "/admin/x", "/files/{name}")...)
}

const refused = "refused"

// TestPathReadOneWay holds the rules of ParsePath and of the templates against
// paths that servers read in different ways. Guards: the cases of unambiguous,
// plain and unescapeSegment, and the slashed check of matchRequest.
func TestPathReadOneWay(t *testing.T) {
	for _, c := range []struct{ name, path, want string }{
		{"T-P1/dot dot", "/pub/../admin/x", refused},
		{"T-P1/escaped dot dot", "/pub/%2e%2e/admin/x", refused},
		{"T-P1/half escaped dot dot", "/pub/.%2E/admin/x", refused},
		{"T-P1/dot dot at the end", "/pub/..", refused},
		{"T-P1/three dots are a name", "/pub/...", "/pub/{rest...}"},
		{"T-P2/encoded slash", "/pub%2fadmin/x", refused},
		{"T-P2/encoded slash in a parameter", "/files/a%2Fb", refused},
		{"T-P2/encoded slash on an unknown path", "/nowhere/a%2Fb", refused},
		{"T-P2/encoded backslash", "/pub/..%5cadmin/x", refused},
		{"T-P2/backslash", `/pub/..\admin/x`, refused},
		{"T-P2/encoded twice", "/pub%252fadmin", refused},
		{"T-P2/encoded twice, letter", "/%2561dmin/x", refused},
		{"T-P2/encoded twice, second half", "/files/%2%3566", refused},
		{"T-P2/encoded twice, percent only", "/files/%252F", refused},
		{"T-P2/overlong", "/pub/%c0%af", refused},
		{"T-P2/overlong dot", "/pub/%c0%ae%c0%ae/admin/x", refused},
		{"T-P2/surrogate", "/pub/%ed%a0%80", refused},
		{"T-P2/escaped letter is that letter", "/%61dmin/x", "/admin/x"},
		{"T-P2/broken escape", "/pub/%", refused},
		{"T-P2/short escape", "/pub/%4", refused},
		{"T-P2/escape of no hex", "/pub/%zz", refused},
		{"T-P3/two slashes first", "//admin/x", refused},
		{"T-P3/two slashes within", "/admin//x", refused},
		{"T-P3/two slashes at the end", "/admin/x//", refused},
		{"T-P3/dot", "/./admin/x", refused},
		{"T-P3/escaped dot", "/%2e/admin/x", refused},
		{"T-P4/slash at the end", "/admin/x/", "no route"},
		{"T-P4/other case", "/Admin/x", "no route"},
		{"T-P4/path parameter", "/admin/x;a=b", refused},
		{"T-P4/path parameter within", "/admin;/x", refused},
		{"T-P4/escaped path parameter", "/pub/..%3b/admin/x", refused},
		{"T-P4/NUL", "/admin/x%00", refused},
		{"T-P4/line feed", "/admin/x%0a", refused},
		{"T-P4/DEL", "/admin/x%7f", refused},
		{"T-P4/C1 control", "/admin/x%c2%85", refused},
		{"T-P4/fragment", "/admin/x#frag", refused},
		{"T-P4/fragment in the query", "/admin/x?a#b", refused},
		{"T-P4/question mark in the path", "/admin/x?/pub/y", "/admin/x"},
		{"T-P4/escaped question mark", "/admin/x%3f", "no route"},
		{"T-P4/escaped number sign", "/admin/x%23", "no route"},
		{"T-P4/escaped space", "/admin/x%20", "no route"},
		{"T-P4/space", "/admin/x y", refused},
		{"T-P4/tab", "/admin/x\t", refused},
		{"T-P5/fullwidth", "/%ef%bd%81dmin/x", "no route"},
		{"T-P5/fullwidth slash", "/pub/%ef%bc%8fadmin", "/pub/{rest...}"},
		{"T-P5/dotless i", "/adm%c4%b1n/x", "no route"},
		{"T-P5/combining", "/admin/x%cc%81", "no route"},
		{"T-P5/Kelvin sign is no k", "/%e2%84%aa", "no route"},
		{"T-P5/UTF-8 that is not escaped", "/pub/\u00e9", "/pub/{rest...}"},
		{"T-P5/bytes that are not UTF-8", "/pub/\xff", refused},
		{"T-P5/half a character escaped", "/pub/\xc3%a9", refused},
		{"T-P6/absolute form", "http://api.example/admin/x", refused},
		{"T-P6/asterisk", "*", refused},
		{"T-P6/empty", "", refused},
		{"T-P6/query only", "?a=b", refused},
		{"T-P6/no leading slash", "admin/x", refused},
		{"T-P6/authority form", "api.example:443", refused},
		{"T-H3/path of 8 KiB", "/pub/" + strings.Repeat("a", 8<<10-5), "/pub/{rest...}"},
		{"T-H3/path of more", "/pub/" + strings.Repeat("a", 8<<10-4), refused},
		{"T-H3/64 segments", "/pub" + strings.Repeat("/a", 63), "/pub/{rest...}"},
		{"T-H3/65 segments", "/pub" + strings.Repeat("/a", 64), refused},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := verdict(t, guarded(t), request("GET", c.path)); got != c.want {
				t.Errorf("Match(%.60q) = %s, want %s", c.path, got, c.want)
			}
		})
	}
}

// TestNormalForms: T-P5. Literals are compared byte by byte, NFC is not NFD.
func TestNormalForms(t *testing.T) {
	made := oneHost(t, get("/caf\u00e9")...)
	for path, want := range map[string]string{"/caf%C3%A9": "/caf\u00e9", "/cafe%CC%81": "no route"} {
		if got := verdict(t, made, request("GET", path)); got != want {
			t.Errorf("Match(%q) = %s, want %s", path, got, want)
		}
	}
}

// verdict is the id of the matched route, or refused. An error must mean
// ambiguous and come with the route of undeclared requests.
func verdict(t *testing.T, made *route.Table, attributes *authz.Attributes) string {
	t.Helper()
	match, err := made.Match(attributes)
	if match.Route == nil {
		t.Fatal("Match gives no route")
	}
	if err == nil {
		return match.Route.ID
	}
	if !errors.Is(err, authz.ErrAmbiguous) {
		t.Fatalf("Match: error %v, want one that is ErrAmbiguous", err)
	}
	if match.Route.Kind != authz.NothingDeclared || match.Path != "" {
		t.Fatalf("Match: error beside route %q and path %q", match.Route.ID, match.Path)
	}
	return refused
}

func TestCanonicalPath(t *testing.T) {
	for _, c := range []struct{ name, raw, want string }{
		{"root", "/", "/"},
		{"plain", "/v1/orders/7", "/v1/orders/7"},
		{"slash at the end", "/v1/", "/v1/"},
		{"escapes that need not be", "/%61%2d%7E", "/a-~"},
		{"escapes that must be", "/a%20b%3fc", "/a%20b%3Fc"},
		{"sub-delims and the rest of pchar", "/!$&'()*+,=:@", "/!$&'()*+,=:@"},
		{"escaped sub-delims", "/%21%40", "/!@"},
		{"text beyond ASCII", "/\u00e9", "/%C3%A9"},
		{"escaped text beyond ASCII", "/%c3%a9", "/%C3%A9"},
		{"encoded slash", "/a%2fb", "/a%2Fb"},
		{"percent sign", "/100%25", "/100%25"},
		{"percent sign and no hex", "/%25zz", "/%25zz"},
		{"quote and angle bracket", `/%22%3c`, "/%22%3C"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path, err := route.ParsePath(c.raw)
			if err != nil {
				t.Fatalf("ParsePath: %v", err)
			}
			if got := path.Canonical(); got != c.want {
				t.Errorf("Canonical() = %s, want %s", got, c.want)
			}
		})
	}
}

// Errors are logged, and clients put credentials into paths and queries.
// Guard: no error of path.go, query.go and table.go quotes the request.
func TestErrorsQuoteNoRequest(t *testing.T) {
	made := guarded(t)
	for _, raw := range []string{"/hunter2/%", "/x?token=hunter2%", "/hunter2;a", "/x?hunter2=%ff", "/hunter2#", "hunter2"} {
		_, err := made.Match(request("GET", raw))
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("Match(%q): error %v, want one without the request's text", raw, err)
		}
	}
	if _, err := made.Match(request("GET hunter2", "/x")); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("Match with a broken method: error %v, want one without the request's text", err)
	}
}

// Guard: the error of authz.ParseQuery is matchRequest's own.
func TestAmbiguousQueryRefusesTheRequest(t *testing.T) {
	if got := verdict(t, oneHost(t, get("/x")...), request("GET", "/x?a=%ff")); got != refused {
		t.Errorf("Match = %s, want %s", got, refused)
	}
}
