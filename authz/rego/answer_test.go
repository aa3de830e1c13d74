package rego_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport-authz/sallyport/authz"
)

// Guard: readAnswer and what it calls (T-R4). Whatever is not exactly a
// documented form is an error, and never an allow.
func TestAnswersThatAreErrors(t *testing.T) {
	tests := []struct{ name, rules, want string }{
		{"undefined", `answer := true if input.tenant == "nobody"`, "undefined"},
		{"conflict", "answer := true if input.tenant == \"\"\n\nanswer := false if input.tenant == \"\"", "eval_conflict_error"},
		{"null", `answer := null`, "got null"},
		{"one", `answer := 1`, "got number"},
		{"text", `answer := "true"`, "got string"},
		{"array", `answer := [true]`, "got array"},
		{"set", `answer := {true}`, "got set"},
		{"empty set", `answer := set()`, "got set"},
		{"empty object", `answer := {}`, `"allow" is missing`},
		{"allow missing", `answer := {"reason": "scope"}`, `"allow" is missing`},
		{"allow is text", `answer := {"allow": "true"}`, "expected a boolean"},
		{"allow is one", `answer := {"allow": 1}`, "expected a boolean"},
		{"allow is null", `answer := {"allow": null}`, "expected a boolean"},
		{"allow is an object", `answer := {"allow": {"allow": true}}`, "expected a boolean"},
		{"another peer's word", `answer := {"allowed": true}`, `"allow" is missing`},
		{"unknown member", `answer := {"allow": true, "body": "x"}`, "no such member"},
		{"member in another case", `answer := {"allow": true, "Allow": true}`, "no such member"},
		{"member that is no text", `answer := {"allow": true, 1: 2}`, "no text for a name"},
		{"reason on an allow", `answer := {"allow": true, "reason": "scope"}`, "has no reason"},
		{"unknown reason", `answer := {"allow": false, "reason": "weekend"}`, "expected one of"},
		{"empty reason", `answer := {"allow": false, "reason": ""}`, "expected one of"},
		{"reason is null", `answer := {"allow": false, "reason": null}`, "expected a string"},
		{"status on an allow", `answer := {"allow": true, "status": 200}`, "has no status"},
		{"status too low", `answer := {"allow": false, "status": 199}`, "from 200 to 599"},
		{"status too high", `answer := {"allow": false, "status": 600}`, "from 200 to 599"},
		{"status is a fraction", `answer := {"allow": false, "status": 403.5}`, "from 200 to 599"},
		{"status is text", `answer := {"allow": false, "status": "403"}`, "expected a number"},
		{"status beyond integers", `answer := {"allow": false, "status": 99999999999999999999}`, "from 200 to 599"},
		{"message is an array", `answer := {"allow": false, "message": ["x"]}`, "expected a string"},
		{"headers is an array", `answer := {"allow": true, "headers": []}`, "expected an object"},
		{"header of two values", `answer := {"allow": true, "headers": {"x-a": ["1", "2"]}}`, "expected a string"},
		{"header is a number", `answer := {"allow": true, "headers": {"x-a": 1}}`, "expected a string"},
		{"header name is a number", `answer := {"allow": true, "headers": {1: "x"}}`, "name: expected a string"},
		{"header twice", `answer := {"allow": true, "headers": {"x-a": "1", "X-A": "2"}}`, "stands twice"},
		{"response header is a set", `answer := {"allow": true, "response_headers": {"x-a": {"1"}}}`, "expected a string"},
		{"response header of numbers", `answer := {"allow": true, "response_headers": {"x-a": ["1", 2]}}`, "expected a string"},
		{"metadata is text", `answer := {"allow": true, "metadata": "x"}`, "expected an object"},
		{"ttl below zero", `answer := {"allow": true, "ttl": -1}`, "expected seconds"},
		{"ttl text below zero", `answer := {"allow": true, "ttl": "-1s"}`, "expected 0 to"},
		{"ttl beyond a year", `answer := {"allow": true, "ttl": 1e300}`, "expected seconds"},
		{"ttl text beyond a year", `answer := {"allow": true, "ttl": "99999h"}`, "expected 0 to"},
		{"ttl is no duration", `answer := {"allow": true, "ttl": "soon"}`, "expected a duration"},
		{"ttl is a boolean", `answer := {"allow": true, "ttl": true}`, "expected a number or a string"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			wantError(t, own(t, test.rules), &authz.Input{}, test.want)
		})
	}
}

func TestAnswers(t *testing.T) {
	const entry = "data.own.answer"
	tests := []struct {
		name, rules string
		want        authz.Answer
	}{
		{"true", `answer := true`, authz.Answer{Allow: true, Rule: entry, TTL: -1}},
		{"false", `answer := false`, authz.Answer{Reason: authz.ByPolicy, Rule: entry, TTL: -1}},
		{"allow true", `answer := {"allow": true}`, authz.Answer{Allow: true, Rule: entry, TTL: -1}},
		{"allow false", `answer := {"allow": false}`, authz.Answer{Reason: authz.ByPolicy, Rule: entry, TTL: -1}},
		{"everything on an allow", `answer := {
			"allow": true, "message": "hi", "headers": {"X-B": "2", "x-a": "1"},
			"response_headers": {"x-c": ["1", "2"], "x-d": "3"},
			"metadata": {"rule": "r", "tags": {"b", "a"}, "n": 1}, "ttl": 1.5,
		}`, authz.Answer{
			Allow: true, Message: "hi", Rule: "r", TTL: 1500 * time.Millisecond,
			Headers:         []authz.Header{{Name: "x-b", Value: "2"}, {Name: "x-a", Value: "1"}},
			ResponseHeaders: []authz.Header{{Name: "x-c", Value: "1"}, {Name: "x-c", Value: "2"}, {Name: "x-d", Value: "3"}},
			Metadata:        map[string]any{"rule": "r", "tags": []any{"a", "b"}, "n": json.Number("1")},
		}},
		{
			"everything on a denial", `answer := {"allow": false, "reason": "throttled", "status": 429, "message": "slow", "ttl": "2s"}`,
			authz.Answer{Reason: authz.Throttled, Status: 429, Message: "slow", Rule: entry, TTL: 2 * time.Second},
		},
		{"ttl of nothing", `answer := {"allow": true, "ttl": 0}`, authz.Answer{Allow: true, Rule: entry}},
		{
			"rule that is no text", `answer := {"allow": true, "metadata": {"rule": 1}}`,
			authz.Answer{Allow: true, Rule: entry, TTL: -1, Metadata: map[string]any{"rule": json.Number("1")}},
		},
		{"every reason", `answer := {"allow": false, "reason": "no_route"}`, authz.Answer{Reason: authz.NoRoute, Rule: entry, TTL: -1}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := own(t, test.rules).Decide(t.Context(), &authz.Input{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(got, test.want); diff != "" {
				t.Errorf("answer (-got +want):\n%s", diff)
			}
		})
	}
}

// FuzzAnswer: no JSON value allows but true, and an object whose allow is true.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{
		`true`, `false`, `null`, `1`, `"true"`, `[true]`, `{}`, `{"allow":true}`, `{"allow":false,"reason":"scope","status":403}`,
		`{"allow":true,"headers":{"a":"b"},"response_headers":{"c":["d"]},"metadata":{"rule":"x"},"ttl":3,"message":"m"}`,
		`{"allow":"true"}`, `{"allow":true,"x":1}`, `{"allow":true,"allow":false}`, `{"ttl":"1h","allow":true}`,
	} {
		f.Add([]byte(seed))
	}
	policy := own(f, "answer := json.unmarshal(input.request.body)")
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := policy.Decide(t.Context(), &authz.Input{Request: authz.InputRequest{Body: string(text)}})
		if err != nil {
			if diff := cmp.Diff(got, authz.Answer{}); diff != "" {
				t.Errorf("answer beside an error (-got +want):\n%s", diff)
			}
			return
		}
		var value any
		if err := json.Unmarshal(text, &value); err != nil {
			t.Fatalf("%q is no JSON and was answered with %+v", text, got)
		}
		want := value == true
		if object, ok := value.(map[string]any); ok {
			want = object["allow"] == true
		}
		if got.Allow != want {
			t.Errorf("%s: got allow %t, want %t", text, got.Allow, want)
		}
	})
}
