package rego_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/open-policy-agent/opa/v1/ast"
	opa "github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/types"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/rego"
)

func TestShippedPolicy(t *testing.T) {
	allow := "\n\nallow if input.caller.subject == \"ann\""
	deny := "\n\ndeny contains \"frozen\" if input.caller.subject == \"ann\""
	tests := []struct {
		name, module string
		change       func(*authz.Input)
		want         authz.Answer
	}{
		{"scopes suffice", "", func(*authz.Input) {}, authz.Answer{Allow: true, Rule: "sallyport.scope"}},
		{"route asks for none", "", func(in *authz.Input) { in.Route.Scopes = nil }, authz.Answer{Allow: true, Rule: "sallyport.route"}},
		{"scope missing", "", func(in *authz.Input) { in.Caller.Scopes = nil }, authz.Answer{Reason: authz.OutOfScope, Rule: "sallyport.scope"}},
		{"other tenant", "", func(in *authz.Input) { in.Tenant = "umbrella" }, authz.Answer{Reason: authz.WrongTenant, Rule: "sallyport.tenant"}},
		{"route without tenant", "", func(in *authz.Input) { in.Tenant = "" }, authz.Answer{Allow: true, Rule: "sallyport.scope"}},
		{"nobody", "", func(in *authz.Input) { in.Caller = authz.Caller{} }, authz.Answer{Reason: authz.Unauthenticated, Rule: "sallyport.caller"}},
		{"empty input", "", func(in *authz.Input) { *in = authz.Input{} }, authz.Answer{Reason: authz.Unauthenticated, Rule: "sallyport.caller"}},
		{"custom.allow stands in for scopes", allow, func(in *authz.Input) { in.Caller.Subject, in.Caller.Scopes = "ann", nil }, authz.Answer{Allow: true, Rule: "custom.allow"}},
		{"custom.allow is for others", allow, func(in *authz.Input) { in.Caller.Subject, in.Caller.Scopes = "bob", nil }, authz.Answer{Reason: authz.OutOfScope, Rule: "sallyport.scope"}},
		{"custom.allow never for the tenant", allow, func(in *authz.Input) { in.Caller.Subject, in.Tenant = "ann", "umbrella" }, authz.Answer{Reason: authz.WrongTenant, Rule: "sallyport.tenant"}},
		{"custom.allow never for the caller", allow, func(in *authz.Input) { in.Caller = authz.Caller{Subject: "ann", Tenant: "acme"} }, authz.Answer{Reason: authz.Unauthenticated, Rule: "sallyport.caller"}},
		{"custom.deny beats scopes", deny, func(in *authz.Input) { in.Caller.Subject = "ann" }, authz.Answer{Reason: authz.ByPolicy, Message: "frozen", Rule: "custom.deny"}},
		{"custom.deny beats custom.allow", allow + deny, func(in *authz.Input) { in.Caller.Subject, in.Caller.Scopes = "ann", nil }, authz.Answer{Reason: authz.ByPolicy, Message: "frozen", Rule: "custom.deny"}},
		{"custom.deny is for others", deny, func(in *authz.Input) { in.Caller.Subject = "bob" }, authz.Answer{Allow: true, Rule: "sallyport.scope"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			policy, err := load(t, "package custom"+test.module)
			if err != nil {
				t.Fatal(err)
			}
			in := ann()
			test.change(in)
			got, err := policy.Decide(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			test.want.TTL, test.want.Metadata = -1, map[string]any{"rule": test.want.Rule}
			if diff := cmp.Diff(got, test.want); diff != "" {
				t.Errorf("answer (-got +want):\n%s", diff)
			}
		})
	}
}

func TestShippedPolicyAlone(t *testing.T) {
	policy, err := rego.New(t.Context(), rego.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := policy.Decide(t.Context(), ann()); !got.Allow || err != nil {
		t.Errorf("got %+v and error %v, want an allow", got, err)
	}
}

// Guard: StrictBuiltinErrors in world.options. In Rego's default the error makes
// the rule undefined: not denied. Guard of the wrong type: EvalRuleIndexing(false)
// in world.evaluation; the index skips such a rule without an error.
func TestErrorInDenyIsNotNotDenied(t *testing.T) {
	tests := []struct{ name, rule string }{
		{"division by zero", "deny contains \"x\" if 1 / count(input.request.query) > 0"},
		{"not a number", "deny contains \"x\" if to_number(input.tenant) > 3"},
		{"behind a negation", "deny contains \"x\" if not to_number(input.tenant) > 3"},
		{"in a helper", "deny contains \"x\" if late\n\nlate if time.parse_rfc3339_ns(input.request.body) > 0"},
		{"wrong type at run time", "deny contains \"x\" if startswith(input.caller.claims.n, \"1\")"},
		{"bad pattern", "deny contains \"x\" if regex.match(input.caller.claims.pattern, \"x\")"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			policy, err := load(t, "package custom\n\n"+test.rule)
			if err != nil {
				t.Fatal(err)
			}
			in := ann()
			in.Caller.Claims = map[string]any{"n": 1, "pattern": "("}
			wantError(t, policy, in, "")
		})
	}
}

// wantError wants an error that holds text, and the zero answer, which denies.
func wantError(t *testing.T, policy *rego.Policy, in *authz.Input, text string) {
	t.Helper()
	got, err := policy.Decide(t.Context(), in)
	if err == nil || !strings.Contains(err.Error(), text) {
		t.Errorf("got error %v, want one with %q", err, text)
	}
	if diff := cmp.Diff(got, authz.Answer{}); diff != "" {
		t.Errorf("answer beside an error (-got +want):\n%s", diff)
	}
}

// Guard: newCapabilities takes them out (T-R2).
func TestBuiltinsThatReachOutAreOff(t *testing.T) {
	calls := map[string]string{
		"http.send":          `http.send({"method": "get", "url": "http://127.0.0.1/"}).status_code == 200`,
		"net.lookup_ip_addr": `count(net.lookup_ip_addr("localhost")) > 0`,
		"opa.runtime":        `opa.runtime().env.HOME != ""`,
		"json.match_schema":  `json.match_schema({}, {"$ref": "file:///etc/hostname"})[0]`,
		"json.verify_schema": `json.verify_schema({"$ref": "file:///etc/hostname"})[0]`,
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			module := "package custom\n\nallow if " + call
			_, err := load(t, module)
			refusedWith(t, err, "p.rego", name+" reaches out of the evaluation and is off unless granted")
			root := folder(t, map[string]string{"p.rego": module})
			if _, err := rego.New(t.Context(), rego.Settings{Paths: []string{root}, Grant: []string{name}}); err != nil {
				t.Errorf("granted: %v", err)
			}
		})
	}
}

// OPA marks builtins whose result depends on more than their arguments. A new
// one has to be looked at before it is let in.
func TestEveryNondeterministicBuiltinIsKnown(t *testing.T) {
	known := map[string]bool{
		"http.send": true, "json.match_schema": true, "json.verify_schema": true,
		"net.lookup_ip_addr": true, "opa.runtime": true,
		// These read a clock or randomness and reach nothing.
		"io.jwt.decode_verify": true, "io.jwt.encode_sign": true, "io.jwt.encode_sign_raw": true,
		"rand.intn": true, "time.now_ns": true, "uuid.rfc4122": true,
	}
	for _, builtin := range ast.CapabilitiesForThisVersion().Builtins {
		if builtin.Nondeterministic && !known[builtin.Name] {
			t.Errorf("%s is new: decide whether it reaches out", builtin.Name)
		}
	}
}

// Guard: newCapabilities, the list of hosts that is never nil (T-R2).
func TestGrantedHTTPReachesNamedHostsOnly(t *testing.T) {
	reached := 0
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached++ }))
	t.Cleanup(server.Close)
	address, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name  string
		hosts []string
		allow bool
	}{
		{"no host named", nil, false},
		{"another host named", []string{"example.com"}, false},
		{"this host named", []string{address.Hostname()}, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			reached = 0
			rules := `answer if http.send({"method": "get", "url": input.request.body}).status_code == 200`
			policy := own(t, rules, func(s *rego.Settings) {
				s.Grant, s.AllowNet, s.Timeout = []string{"http.send"}, test.hosts, 10*time.Second
			})
			in := &authz.Input{Request: authz.InputRequest{Body: server.URL}}
			if test.allow {
				got, err := policy.Decide(t.Context(), in)
				if !got.Allow || err != nil || reached != 1 {
					t.Errorf("got %+v, error %v, %d requests, want an allow and one request", got, err, reached)
				}
				return
			}
			wantError(t, policy, in, "disallowed host")
			if reached != 0 {
				t.Errorf("server was reached %d times", reached)
			}
		})
	}
}

func TestGrantedRuntimeShowsTheEnvironment(t *testing.T) {
	t.Setenv("SALLYPORT_TEST_WORD", "seen")
	policy := own(t, `answer if opa.runtime().env.SALLYPORT_TEST_WORD == "seen"`, func(s *rego.Settings) {
		s.Grant = []string{"opa.runtime"}
	})
	if got, err := policy.Decide(t.Context(), &authz.Input{}); !got.Allow || err != nil {
		t.Errorf("got %+v and error %v, want an allow", got, err)
	}
}

// builtin is a function without arguments that gives true after run.
func builtin(run func(opa.BuiltinContext)) func(*rego.Settings) {
	return func(s *rego.Settings) {
		s.Builtins = []rego.Builtin{{
			Function: &opa.Function{Name: "test.run", Decl: types.NewFunction(nil, types.B)},
			Run: func(c opa.BuiltinContext, _ []*ast.Term) (*ast.Term, error) {
				run(c)
				return ast.BooleanTerm(true), nil
			},
		}}
	}
}

func TestBuiltinOfTheProgram(t *testing.T) {
	policy := own(t, "answer := test.run()", builtin(func(opa.BuiltinContext) {}))
	if got, err := policy.Decide(t.Context(), &authz.Input{}); !got.Allow || err != nil {
		t.Errorf("got %+v and error %v, want an allow", got, err)
	}
}

// Guard: the recover in Decide.
func TestPanicIsAnError(t *testing.T) {
	policy := own(t, "answer := test.run()", builtin(func(opa.BuiltinContext) { panic("boom") }))
	wantError(t, policy, &authz.Input{}, "panic: string at rego_test")
}

// Guard: Decide looks at the context after the evaluation: this one ends with
// true, too late.
func TestAnswerAfterTheDeadlineIsAnError(t *testing.T) {
	slow := builtin(func(opa.BuiltinContext) { time.Sleep(200 * time.Millisecond) })
	t.Run("own timeout", func(t *testing.T) {
		policy := own(t, "answer := test.run()", slow, func(s *rego.Settings) { s.Timeout = 20 * time.Millisecond })
		wantError(t, policy, &authz.Input{}, context.DeadlineExceeded.Error())
	})
	t.Run("caller's deadline", func(t *testing.T) {
		policy := own(t, "answer := test.run()", slow, func(s *rego.Settings) { s.Timeout = time.Minute })
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		if got, err := policy.Decide(ctx, &authz.Input{}); !errors.Is(err, context.DeadlineExceeded) || got.Allow {
			t.Errorf("got %+v and error %v, want the deadline", got, err)
		}
	})
	t.Run("caller went away", func(t *testing.T) {
		policy := own(t, "answer := true")
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if got, err := policy.Decide(ctx, &authz.Input{}); !errors.Is(err, context.Canceled) || got.Allow {
			t.Errorf("got %+v and error %v, want that it was cancelled", got, err)
		}
	})
}

// Guard: evaluate cancels when the context ends (T-R3). Without it each of these
// runs for seconds to minutes. The bound is wide for a busy machine.
func TestBombsEndWithTheDeadline(t *testing.T) {
	tests := []struct{ name, rules string }{
		{"range", "answer := count(numbers.range(1, 1000000000)) > 0"},
		{"nested comprehensions", "answer := count([1 | some a in n; some b in n; some c in n; some d in n; a + b + c + d < 0]) == 0\n\nn := numbers.range(1, 1000)"},
		{"every within every", "answer if {\n\tevery a in n {\n\t\tevery b in n {\n\t\t\ta + b > 0\n\t\t}\n\t}\n}\n\nn := numbers.range(1, 20000)"},
		{"patterns", "answer := count([1 | some a in n; regex.match(sprintf(\"^(a|b|%d)*c$\", [a]), text)]) == 0\n\nn := numbers.range(1, 100000)\n\ntext := concat(\"\", [\"ab\" | some _ in numbers.range(1, 2000)])"},
		{"globs", "answer := count([1 | some a in n; glob.match(sprintf(\"*a*%d*b*\", [a]), [], text)]) == 0\n\nn := numbers.range(1, 1000000)\n\ntext := concat(\"\", [\"ab\" | some _ in numbers.range(1, 200)])"},
		{"walk", "answer := count([1 | some a in n; walk(deep, [_, a])]) == 0\n\nn := numbers.range(1, 100000)\n\ndeep := [[x, [x, [x]]] | some x in numbers.range(1, 200)]"},
		{"cross product of headers", "answer := count([1 | some a in n; some b in n; some c in n; concat(a, [b, c]) == \"\"]) == 0\n\nn := [sprintf(\"%d\", [x]) | some x in numbers.range(1, 1000)]"},
		{"doubling text", "answer := count(replace(long, \"a\", long)) > 0\n\nlong := concat(\"\", [\"aaaaaaaaaa\" | some _ in numbers.range(1, 20000)])"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			policy := own(t, test.rules)
			start := time.Now()
			wantError(t, policy, &authz.Input{}, context.DeadlineExceeded.Error())
			took := time.Since(start)
			t.Logf("ended after %s", took)
			if took > 2*time.Second {
				t.Errorf("ended after %s, want 100 ms and a little", took)
			}
		})
	}
}

func TestOthersDecideWhileABombRuns(t *testing.T) {
	bomb := own(t, "answer := count(numbers.range(1, 1000000000)) > 0", func(s *rego.Settings) { s.Timeout = 300 * time.Millisecond })
	policy, err := rego.New(t.Context(), rego.Settings{Timeout: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() { wantError(t, bomb, &authz.Input{}, "deadline") })
	for range 20 {
		if got, err := policy.Decide(t.Context(), ann()); !got.Allow || err != nil {
			t.Errorf("got %+v and error %v, want an allow", got, err)
		}
	}
	wg.Wait()
}

func TestClockOfTheSettings(t *testing.T) {
	policy := own(t, "answer := time.now_ns() == 1000000000", func(s *rego.Settings) {
		s.Now = func() time.Time { return time.Unix(1, 0) }
	})
	if got, err := policy.Decide(t.Context(), &authz.Input{}); !got.Allow || err != nil {
		t.Errorf("got %+v and error %v, want an allow", got, err)
	}
}

// Guard: the zero Policy has no query; its panic is an error.
func TestZeroPolicyGivesErrors(t *testing.T) {
	wantError(t, &rego.Policy{}, ann(), "")
}

// Run with -race: one compiler, one query, one transaction, many evaluations.
func TestParallelDecisions(t *testing.T) {
	policy := own(t, `answer := {"allow": input.caller.subject in data.people, "message": input.caller.subject}`, func(s *rego.Settings) {
		s.Paths = append(s.Paths, folder(t, map[string]string{"d.json": `{"people": ["a", "b", "c"]}`}))
		s.Timeout = 10 * time.Second
	})
	var wg sync.WaitGroup
	for subject := range strings.SplitSeq("abcdefgh", "") {
		wg.Go(func() {
			for range 100 {
				got, err := policy.Decide(t.Context(), &authz.Input{Caller: authz.Caller{Subject: subject}})
				if err != nil || got.Allow != (subject < "d") || got.Message != subject {
					t.Errorf("%s: got %+v and error %v", subject, got, err)
				}
			}
		})
	}
	wg.Wait()
}

func BenchmarkDecide(b *testing.B) {
	root := folder(b, map[string]string{"p.rego": "package custom\n\nallow if input.caller.role == \"admin\"\n\ndeny contains \"frozen\" if input.tenant in data.frozen", "d.json": `{"frozen": ["x"]}`})
	policy, err := rego.New(b.Context(), rego.Settings{Paths: []string{root}})
	if err != nil {
		b.Fatal(err)
	}
	in := full()
	in.Tenant, in.Caller.Tenant, in.Caller.Scopes, in.Route.Scopes = "acme", "acme", []string{"a", "b"}, []string{"a"}
	b.ReportAllocs()
	for b.Loop() {
		if answer, err := policy.Decide(b.Context(), in); !answer.Allow || err != nil {
			b.Fatal(answer, err)
		}
	}
}
