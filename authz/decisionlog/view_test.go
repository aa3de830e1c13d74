package decisionlog_test

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/decisionlog"
)

// shownHeaders is what a record shows of headers, as JSON; "" is nothing.
func shownHeaders(t *testing.T, view decisionlog.View, headers ...authz.Header) string {
	t.Helper()
	event := denied()
	event.Attributes.Request.Headers.List = headers
	got := parsed(t, lineOf(t, event, view))["input"].(map[string]any)["request"].(map[string]any)["headers"]
	return asJSON(t, got)
}

// pairs are headers: name, value, name, value.
func pairs(list ...string) []authz.Header {
	var headers []authz.Header
	for i := 0; i < len(list); i += 2 {
		headers = append(headers, authz.Header{Name: list[i], Value: list[i+1]})
	}
	return headers
}

func asJSON(t *testing.T, value any) string {
	t.Helper()
	if value == nil {
		return ""
	}
	text, err := json.Marshal(value)
	must(t, err)
	return string(text)
}

// Each row goes red without the case that it is about: shows, values, masked,
// dashed, soundsSecret, redactValue, longestValue.
func TestHeadersAreShownByName(t *testing.T) {
	all := decisionlog.View{Headers: []string{"*"}}
	for _, c := range []struct {
		name    string
		view    decisionlog.View
		headers []authz.Header
		want    string
	}{
		{"by default none", decisionlog.View{}, pairs("a", "1"), ""},
		{"one of two", decisionlog.View{Headers: []string{"A"}}, pairs("a", "1", "b", "2"), `{"a":["1"]}`},
		{"twice", decisionlog.View{Headers: []string{"a"}}, pairs("a", "1", "b", "2", "a", "3"), `{"a":["1","3"]}`},
		{"not there", decisionlog.View{Headers: []string{"a"}}, nil, `{}`},
		{"all", all, pairs("a", "1", "b", ""), `{"a":["1"],"b":[""]}`},
		{"masked", decisionlog.View{Headers: []string{"*"}, MaskHeaders: []string{"X-User"}}, pairs("x-user", "u", "x-user", "v"), `{"x-user":["MASKED","MASKED"]}`},
		{"masked with underscores", decisionlog.View{Headers: []string{"*"}, MaskHeaders: []string{"x-user"}}, pairs("x_user", "u"), `{"x_user":["MASKED"]}`},
		{"carrier, named", decisionlog.View{Headers: []string{"x-shop"}, Carriers: []authz.Carrier{authz.InHeader("x-shop")}}, pairs("x-shop", "u"), `{"x-shop":["MASKED"]}`},
		{"secret of another system, all", all, pairs("x-session-id", "u", "x-auth", "u"), `{"x-auth":["MASKED"],"x-session-id":["MASKED"]}`},
		{"secret of another system, named", decisionlog.View{Headers: []string{"x-session-id"}}, pairs("x-session-id", "u"), `{"x-session-id":["u"]}`},
		{"URL with a secret", all, pairs("referer", "https://me:pw@h/?a=b&token=hunter2"), `{"referer":["https://REDACTED@h/?a=b\u0026token=REDACTED"]}`},
		{"parameters", all, pairs("x-form", "access_token=hunter2&a=b"), `{"x-form":["access_token=REDACTED\u0026a=b"]}`},
		{"encoded parameters", all, pairs("x-back", "/a?to=%2Fb%3Ftoken%3Dhunter2"), `{"x-back":["/a?to=REDACTED"]}`},
		{"plain values", all, pairs("from", "me@example.com", "x-a", "a = b"), `{"from":["me@example.com"],"x-a":["a = b"]}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := shownHeaders(t, c.view, c.headers...); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// TestCarriersAreAlwaysMasked: whatever is asked for, a credential's header shows
// that it is there and nothing more. Guard: alwaysMasked.
func TestCarriersAreAlwaysMasked(t *testing.T) {
	for _, name := range []string{
		"authorization", "proxy-authorization", "cookie", "dpop", "x-csrf-token", "x-api-key", "x-checkout-secret", "x_api_key",
	} {
		for _, asked := range []string{"*", name} {
			got := shownHeaders(t, decisionlog.View{Headers: []string{asked}}, authz.Header{Name: name, Value: "hunter2"})
			if want := fmt.Sprintf(`{%q:["MASKED"]}`, name); got != want {
				t.Errorf("%s, asked for as %s: got %s, want %s", name, asked, got, want)
			}
		}
	}
}

func TestHeadersAreBounded(t *testing.T) {
	var many []authz.Header
	for i := range 1000 {
		many = append(many, authz.Header{Name: fmt.Sprintf("h%d", i), Value: strings.Repeat("a", 5000)})
	}
	event := denied()
	event.Attributes.Request.Headers.List = many
	got := parsed(t, lineOf(t, event, decisionlog.View{Headers: []string{"*"}}))["input"].(map[string]any)["request"].(map[string]any)
	headers := got["headers"].(map[string]any)
	if len(headers) != 128 || got["headers_omitted"] != 872.0 || len(headers["h0"].([]any)[0].(string)) != 4096 {
		t.Errorf("%d headers, %v omitted, first of %d bytes; want 128, 872 and 4096", len(headers), got["headers_omitted"], len(headers["h0"].([]any)[0].(string)))
	}
}

// Carriers only grow. Guard: before in newView.
func TestCarrierOfBeforeStaysMasked(t *testing.T) {
	var out strings.Builder
	log := decisionlog.New(&out, decisionlog.Settings{View: decisionlog.View{Carriers: []authz.Carrier{authz.InHeader("x-shop")}}})
	log.Apply(decisionlog.View{Headers: []string{"*"}})
	event := denied()
	event.Attributes.Request.Headers.List = []authz.Header{{Name: "x-shop", Value: "hunter2"}}
	log.Record(event)
	closeLog(t, log)
	if strings.Contains(out.String(), "hunter2") || !strings.Contains(out.String(), "MASKED") {
		t.Errorf("got %s", out.String())
	}
}

// Each row goes red without its case of claimView.
func TestClaimsAreShownByName(t *testing.T) {
	claims := map[string]any{
		"sub": "u", "realm": map[string]any{"tenant": "acme", "secret": "s", "deep": map[string]any{"a": 1.5, "b": true}},
		"https://example.com/roles": []any{"admin"}, "keys": []any{map[string]any{"id": "k", "value": "v"}, "text"}, "odd": math.NaN(), "none": nil,
	}
	all := []string{"*"}
	for _, c := range []struct {
		name        string
		shown, mask []string
		want        string
	}{
		{"by default none", nil, nil, ""},
		{"one", []string{"sub"}, nil, `{"sub":"u"}`},
		{"nested", []string{"realm.tenant"}, nil, `{"realm":{"tenant":"acme"}}`},
		{"deep", []string{"realm.deep.a"}, nil, `{"realm":{"deep":{"a":1.5}}}`},
		{"whole object", []string{"realm.deep"}, nil, `{"realm":{"deep":{"a":1.5,"b":true}}}`},
		{"name with dots", []string{"https://example.com/roles"}, nil, `{"https://example.com/roles":["admin"]}`},
		{"through a list", []string{"keys.id"}, nil, `{"keys":[{"id":"k"}]}`},
		{"no number, no form", []string{"odd", "none"}, nil, `{"none":null,"odd":"UNWRITABLE"}`},
		{"not there", []string{"other", "sub.other", "realm.other"}, nil, `{"realm":{}}`},
		{"all but a masked one", []string{"realm"}, []string{"realm.secret"}, `{"realm":{"deep":{"a":1.5,"b":true},"secret":"MASKED","tenant":"acme"}}`},
		{"mask covers what is within", []string{"realm.tenant", "sub"}, []string{"realm"}, `{"realm":"MASKED","sub":"u"}`},
		{"mask through a list", []string{"keys"}, []string{"keys.value"}, `{"keys":[{"id":"k","value":"MASKED"},"text"]}`},
		{"all masked", all, []string{"sub", "realm", "https://example.com/roles", "keys", "odd", "none"}, `{"https://example.com/roles":"MASKED","keys":"MASKED","none":"MASKED","odd":"MASKED","realm":"MASKED","sub":"MASKED"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			event := denied()
			event.Verdict.Trail.Caller.Claims = claims
			got := parsed(t, lineOf(t, event, decisionlog.View{Claims: c.shown, MaskClaims: c.mask}))["caller"].(map[string]any)["claims"]
			if diff := cmp.Diff(c.want, asJSON(t, got)); diff != "" {
				t.Errorf("claims (-want +got):\n%s", diff)
			}
		})
	}
}
