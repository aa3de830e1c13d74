package authz_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/sallyport-authz/sallyport/authz"
)

// anyone knows whatever it is shown.
type anyone struct{}

func (anyone) Extract(*authz.Attributes) (authz.Credential, error) {
	return authz.Credential{}, nil
}

func (anyone) Authenticate(context.Context, authz.Credential) (authz.Caller, authz.Basis, error) {
	return authz.Caller{Subject: "anyone"}, authz.Lasting(), nil
}

// TestRepeatedHeader is T-M3: a header carrier twice, or with a comma, is 400 in
// both encodings, and nothing is verified. Guard: Headers.header.
func TestRepeatedHeader(t *testing.T) {
	lines := map[string][]authz.Header{
		"two different":              {header("authorization", "Bearer alice"), header("authorization", "Bearer bob")},
		"the other order":            {header("authorization", "Bearer bob"), header("authorization", "Bearer alice")},
		"two equal":                  {header("authorization", "Bearer alice"), header("authorization", "Bearer alice")},
		"second empty":               {header("authorization", "Bearer alice"), header("authorization", "")},
		"first empty":                {header("authorization", ""), header("authorization", "Bearer alice")},
		"joined by Envoy":            {header("authorization", "Bearer alice,Bearer bob")},
		"joined, two schemes":        {header("authorization", "Bearer alice, Basic bob")},
		"trailing comma":             {header("authorization", "Bearer alice,")},
		"comma and mangled":          {header("authorization", "Bearer alice,!")},
		"a carrier nobody accepts":   {header("x-api-key", "alice"), header("x-api-key", "bob"), header("authorization", "Bearer alice")},
		"repeated among other lines": {header("authorization", "Bearer alice"), header("a", "b"), header("authorization", "Bearer alice")},
	}
	for name, headers := range lines {
		for _, joined := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				bearer := onBearer()
				s := scene{known: group(onHeader()), accept: [][]*authz.Configured{group(bearer)}, route: authz.Route{UnacceptedHeader: authz.Ignore}}
				denied(authz.Conflict, 400).compare(t, s.checkJoined(t, joined, headers...))
				if bearer.Verified() != 0 {
					t.Error("a secret was checked")
				}
			})
		}
	}
}

// TestCookies: equal values count once, different ones are 400, and what the
// joined encoding may hide is 400 or 401. Guards: Headers.cookie, hidesCookie,
// Headers.mangled.
func TestCookies(t *testing.T) {
	cases := []struct {
		name   string
		joined bool
		lines  []string
		want   outcome
	}{
		{"one", false, []string{"sess=alice"}, allowed()},
		{"among others", true, []string{"a=1; sess=alice; b=2"}, allowed()},
		{"white space around", false, []string{"a=1;\t sess = alice ;b=2"}, allowed()},
		{"equal twice in a line", false, []string{"sess=alice; sess=alice"}, allowed()},
		{"equal in two lines", false, []string{"sess=alice", "a=1; sess=alice"}, allowed()},
		{"different in a line", false, []string{"sess=alice; sess=mallory"}, denied(authz.Conflict, 400)},
		{"different in two lines", false, []string{"sess=alice", "sess=mallory"}, denied(authz.Conflict, 400)},
		{"empty and not", false, []string{"sess=; sess=alice"}, denied(authz.Conflict, 400)},
		{"not and empty", true, []string{"sess=alice; sess="}, denied(authz.Conflict, 400)},
		{"joined lines", true, []string{"a=1,sess=alice"}, denied(authz.Conflict, 400)},
		{"joined lines with space", true, []string{"a=1, \tsess=alice"}, denied(authz.Conflict, 400)},
		{"joined lines, space before =", true, []string{"a=1,sess =alice"}, denied(authz.Conflict, 400)},
		{"joined lines, ours twice", true, []string{"sess=alice,sess=alice"}, denied(authz.Conflict, 400)},
		{"third of joined lines", true, []string{"a=1,b=2,sess=alice"}, denied(authz.Conflict, 400)},
		{"joined lines, another name", true, []string{"sess=alice; a=1,session=2"}, allowed()},
		{"comma in raw lines hides nothing", false, []string{"a=1,sess=mallory; sess=alice"}, allowed()},
		{"mangled", true, []string{"sess=al!ce"}, denied(authz.Malformed, 401)},
		{"another one mangled", true, []string{"sess=alice; a=!"}, allowed()},
		{"exclamation mark in raw lines", false, []string{"sess=al!ce"}, denied(authz.Rejected, 401)},
		{"empty", false, []string{"sess="}, denied(authz.Malformed, 401)},
		{"inner space", false, []string{"sess=a b"}, denied(authz.Malformed, 401)},
		{"name without =", false, []string{"sess"}, denied(authz.Malformed, 401)},
		{"name and control without =", false, []string{"sess\r"}, denied(authz.Malformed, 401)},
		{"controls around", false, []string{"a=1;\v sess\f=\ralice\x1f"}, allowed()},
		{"different behind a control", false, []string{"sess=alice; \vsess=mallory"}, denied(authz.Conflict, 400)},
		{"control within", false, []string{"sess=al\x01ice"}, denied(authz.Malformed, 401)},
		{"name in capitals is another", false, []string{"SESS=alice"}, denied(authz.Unauthenticated, 401)},
		{"no cookie", false, nil, denied(authz.Unauthenticated, 401)},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var headers []authz.Header
			for _, line := range c.lines {
				headers = append(headers, header("cookie", line))
			}
			s := scene{accept: [][]*authz.Configured{group(onCookie(authz.StopOnInvalid))}}
			c.want.compare(t, s.checkJoined(t, c.joined, headers...))
		})
	}
}

// TestMangled is T-M5: a header whose bytes may be others' is 401 in the joined
// encoding. Guard: the mangled case of Headers.header, and of search.look.
func TestMangled(t *testing.T) {
	key := onHeader()
	s := scene{accept: [][]*authz.Configured{group(key), group(byHost())}, route: authz.Route{Unclaimed: authz.Ignore}}
	denied(authz.Malformed, 401).compare(t, s.checkJoined(t, true, header("x-api-key", "al!ce")))
	if key.Verified() != 0 {
		t.Error("a mangled secret was checked")
	}
	denied(authz.Rejected, 401).compare(t, s.checkJoined(t, false, header("x-api-key", "al!ce")))
}

// TestUnknownCarrierKind: nothing is read from it, and it does not pass for
// absent. Guard: the default of Headers.Carried.
func TestUnknownCarrierKind(t *testing.T) {
	_, presence := authz.Headers{}.Carried(authz.Carrier{Kind: 9, Name: "x"})
	if presence != authz.Repeated {
		t.Errorf("presence %v, want Repeated", presence)
	}
	known := []authz.Carrier{{Kind: 9, Name: "x"}}
	claims, err := authz.NewClaims(known, group(byHost()))
	if err != nil {
		t.Fatal(err)
	}
	s := scene{accept: [][]*authz.Configured{group(byHost())}}
	snapshot := s.snapshot(t)
	a := s.authorizer(t)
	snapshot.Router = routerFunc(func(*authz.Attributes) (authz.Match, error) {
		return authz.Match{Route: &authz.Route{Kind: authz.Operation, Claims: claims, Accept: s.accept}}, nil
	})
	a.Swap(snapshot)
	denied(authz.Conflict, 400).compare(t, a.Check(t.Context(), request(false)))
}

// FuzzCookies compares with net/http's parser: where that finds our cookie with
// one clean value, we find the same one or refuse; we never find another.
func FuzzCookies(f *testing.F) {
	for _, line := range []string{"sess=a", "a=1; sess=b", "sess=a; sess=a", "sess=a;sess=b", "a=1,sess=b", `sess="a"`, "sess = a", ";;sess=a"} {
		f.Add(line, false)
		f.Add(line, true)
	}
	f.Fuzz(func(t *testing.T, line string, joined bool) {
		headers := authz.Headers{Joined: joined, List: []authz.Header{{Name: "cookie", Value: line}}}
		value, presence := headers.Carried(authz.InCookie("sess"))
		values := theirs(line)
		switch presence {
		case authz.Single:
			for _, other := range values {
				if strings.TrimFunc(other, func(r rune) bool { return r <= 0x20 || r == 0x7f }) != value {
					t.Errorf("%q: we read %q, net/http %q", line, value, other)
				}
			}
		case authz.Absent:
			if len(values) > 0 {
				t.Errorf("%q: we read nothing, net/http %q", line, values)
			}
		case authz.Repeated, authz.Mangled:
			if value != "" {
				t.Errorf("%q: a refused carrier gave %q", line, value)
			}
		default:
			t.Errorf("presence %d", presence)
		}
	})
}

func theirs(line string) []string {
	r := http.Request{Header: http.Header{"Cookie": {line}}}
	var values []string
	for _, cookie := range r.CookiesNamed("sess") {
		value := cookie.Value
		if cookie.Quoted {
			value = `"` + value + `"`
		}
		values = append(values, value)
	}
	return values
}

// Guards: each condition of MayCarry, by its row.
func TestMayCarry(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"authorization": true, "x-api-key": true, "x-partner": true,
		"": false, ":path": false, "X-Api-Key": false, "x api": false, // IsHeaderName
		"host": false, "content-length": false, "proxy-authorization": false, // isFraming
		"cookie": false, "dpop": false, "content-type": false, "x-forwarded-for": false, // spoken
		"x-authz-subject": false, "x-envoy-peer": false,
	} {
		if got := authz.MayCarry(name); got != want {
			t.Errorf("%q: got %t, want %t", name, got, want)
		}
	}
}
