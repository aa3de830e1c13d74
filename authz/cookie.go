package authz

import (
	"strings"
)

const cookieHeader = "cookie"

// IsCookieName reports a name that a cookie may have: a token (RFC 6265 section 4.1.1),
// in any case.
func IsCookieName(name string) bool { return IsHeaderName(strings.ToLower(name)) }

// cookie reads one cookie name. Equal values count once; different ones are
// Repeated. In the joined encoding two HTTP/1 lines arrive as "a=1,b=2", so a
// comma before one of our names hides a second value: Repeated too.
func (h Headers) cookie(name string) (string, Presence) {
	value, presence := "", Absent
	for _, line := range h.Values(cookieHeader) {
		if h.Joined && hidesCookie(line, name) {
			return "", Repeated
		}
		for pair := range strings.SplitSeq(line, ";") {
			got, ok := cookieValue(pair, name)
			switch {
			case !ok:
				continue
			case presence == Single && got != value:
				return "", Repeated
			default:
				value, presence = got, Single
			}
		}
	}
	if presence == Single && h.mangled(value) {
		return "", Mangled
	}
	return value, presence
}

// cookieValue gives the value of a "name=value" pair when the name is ours. A
// name alone is an empty value, as many servers read it.
func cookieValue(pair, name string) (string, bool) {
	key, value, _ := strings.Cut(pair, "=")
	if bare(key) != name {
		return "", false
	}
	return bare(value), true
}

// bare cuts off what any upstream may cut off around a cookie's name or value:
// RFC 6265 section 5.2 means space and tab, and many servers cut every control
// character. What one of them reads as our cookie must not pass us by.
func bare(text string) string {
	return strings.TrimFunc(text, func(r rune) bool { return r <= ' ' || r == 0x7f })
}

// hidesCookie finds a comma, optional space, the name and "=".
func hidesCookie(line, name string) bool {
	for {
		_, after, found := strings.Cut(line, ",")
		if !found {
			return false
		}
		rest, ok := strings.CutPrefix(strings.TrimLeft(after, " \t"), name)
		if ok && strings.HasPrefix(strings.TrimLeft(rest, " \t"), "=") {
			return true
		}
		line = after
	}
}

// withoutCookies gives the cookies of the request without those called names,
// as one header value; "" when none is left. changed tells whether one was cut.
func (h Headers) withoutCookies(names map[string]bool) (rest string, changed bool) {
	var kept []string
	for _, line := range h.Values(cookieHeader) {
		for pair := range strings.SplitSeq(line, ";") {
			key, _, _ := strings.Cut(pair, "=")
			if names[bare(key)] {
				changed = true
				continue
			}
			if text := strings.Trim(pair, " \t"); text != "" {
				kept = append(kept, text)
			}
		}
	}
	return strings.Join(kept, "; "), changed
}
