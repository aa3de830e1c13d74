package decider

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/url"
	"time"
)

// signedCookie is the name of Better Auth's cookie.
const signedCookie = "better-auth.session_token"

// sessionSecret is what Better Auth signs with.
const sessionSecret = "a-secret-of-better-auth-of-32-bytes-or-more"

// signedSessions are Better Auth's: cookies that it signed, and that it has on record.
// Those that were revoked are on record no more, or were never signed.
func (e *endpoint) signedSessions() Kind {
	settings := "session: {cookies: [" + signedCookie + "], better_auth: {secrets: ['file:session.secret'], records: " + recordsName + "}}"
	t := texts{KindSession, settings, map[State][]subjectText{}, func(string) bool { return true }} // nothing else is signed so
	for _, state := range storable() {
		for _, subject := range []string{"session-ann", "session-bob"} {
			token := fmt.Sprintf("%s-%s-0123456789abcdef", subject, state)
			t.made[state] = append(t.made[state], subjectText{signed(token, sessionSecret), subject}, subjectText{token + "." + url.QueryEscape(signature(token, sessionSecret)), subject})
			if state == Valid {
				t.made[Revoked] = append(t.made[Revoked], subjectText{signed(token, "another"), subject})
			}
			if state != Revoked {
				e.said[shown{KindSession, token}] = sessionRecord(state, token, subject)
			}
		}
	}
	t.made[Malformed] = []subjectText{{"session-of-nobody-0123456789abcdef", ""}, {"short." + signature("short", sessionSecret), ""}}
	return t.kind()
}

func signed(token, secret string) string { return token + "." + signature(token, secret) }

func signature(token, secret string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(token))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// sessionRecord is "" where the system cannot be asked.
func sessionRecord(state State, token, subject string) string {
	ends := time.Now().Add(24 * time.Hour)
	switch state {
	case Valid:
	case Expired:
		ends = time.Now().Add(-time.Hour)
	default:
		return ""
	}
	name := sha256.Sum256([]byte(token))
	return fmt.Sprintf(`{"found":true,"record":{"id":"id-%x","user":%q,"expires":%q,"tenant":""}}`, name[:4], subject, ends.UTC().Format(time.RFC3339))
}
