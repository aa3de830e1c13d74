package main

import (
	"fmt"

	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	"google.golang.org/grpc/codes"
)

// part is one sort of thing that is read from files and may change alone.
type part int

const (
	denialPart part = iota
	routePart
	keyPart
	secretPart
	rulePart
	dataPart
	certificatePart
	partCount
)

// version is the number of a state of all files. From each to the next one part
// changes, in turn; after the last part all do, at one moment.
type version uint64

// of is the version in which a part was last changed: the part's own number.
func (v version) of(p part) uint64 {
	turns := uint64(partCount) + 1
	if at := uint64(v) % turns; at <= uint64(p) {
		return uint64(v) - at // since then only parts before this one have changed
	}
	return uint64(v)/turns*turns + uint64(p) + 1
}

// even is whether a part says yes: it alternates from one change to the next.
func (v version) even(p part) bool {
	turns := uint64(partCount) + 1
	changes := v.of(p) / turns * 2
	if v.of(p)%turns != 0 {
		changes++
	}
	return changes%2 == 0
}

// files are all files of a version but the certificate's.
func (v version) files(socket string) map[string]string {
	return map[string]string{
		"sallyport.yaml":     fmt.Sprintf(configuration, socket, v.of(denialPart), v.pick(routePart, "read", "admin")),
		"keys.yaml":          fmt.Sprintf(keysFile, v.pick(keyPart, "read, write", "read")),
		"second.key":         v.pick(secretPart, secondKey, otherKey) + "\n",
		"rules/data.yaml":    fmt.Sprintf("version: %d\n", v.of(dataPart)),
		"rules/told.rego":    fmt.Sprintf(toldRule, v.of(rulePart)),
		"rules/a_test.rego":  fmt.Sprintf("package custom\n\ntest_version if data.version == %d\n", v.of(dataPart)),
		"rules/nothing.json": "{}",
	}
}

func (v version) pick(p part, even, odd string) string {
	if v.even(p) {
		return even
	}
	return odd
}

// Every line of these is named by a broken change.
const (
	configuration = `server: {drain: 0s, listeners: [{address: "%s"}, {address: "127.0.0.1:0", tls: {certificate: file:a.pem, key: file:a.key, client_ca: file:b.pem, peers: [p]}}]}
scopes: [read, write, admin]
authenticators:
  - {name: key, apikey: {keys_file: file:keys.yaml}}
denials:
  - {name: told, rules: [{status: 403, body: '{"config":%d,"policy":"{{if eq .Code "policy"}}{{.Message}}{{end}}"}'}]}
denial: told
hosts:
  - name: api
    match: [api.example.com]
    routes:
      - {methods: [GET], path: /route, tenant: none, scopes: [%s]}
      - {methods: [GET], path: /told, tenant: none}
      - {methods: [GET], path: /key, scopes: [write], tenant: none}
      - {methods: [GET], path: /secret, tenant: none}
policies: {paths: [rules], timeout: 10s}
decision_log: {off: true}
reload: {interval: 100ms}
cache: {max_bytes: 8388608}
ops: {address: "127.0.0.1:0"}
`
	keysFile = `- {id: ci, sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08, scopes: [%s]}
- {id: second, secret: file:second.key, scopes: [read]}
`
	toldRule = "package custom\n\ndeny contains sprintf(\"%d %%d\", [data.version]) if input.request.path == \"/told\"\n"

	firstKey  = "test"
	secondKey = "the-key-of-even-versions"
	otherKey  = "the-key-of-odd-versions"
)

// paths are what is asked for. Each is answered by another part.
func paths() []string { return []string{"/told", "/route", "/key", "/secret"} }

// key is what a caller of a path shows.
func key(path string) string {
	if path == "/secret" {
		return secondKey
	}
	return firstKey
}

// gives reports whether this version gives this answer. Whatever is denied tells
// the configuration's version, and what the policy denies its two versions too.
func (v version) gives(path string, answer *authv3.CheckResponse) bool {
	allows, policy := false, ""
	switch path {
	case "/told":
		policy = fmt.Sprintf("%d %d", v.of(rulePart), v.of(dataPart))
	case "/route":
		allows = v.even(routePart)
	case "/key":
		allows = v.even(keyPart)
	case "/secret":
		allows = v.even(secretPart)
	default:
		return false
	}
	allowed := answer.GetStatus() != nil && answer.GetStatus().GetCode() == int32(codes.OK)
	if allows {
		return allowed && answer.GetOkResponse() != nil
	}
	body := fmt.Sprintf(`{"config":%d,"policy":"%s"}`, v.of(denialPart), policy)
	return !allowed && answer.GetDeniedResponse().GetBody() == body
}
