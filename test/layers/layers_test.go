package layers_test

import (
	"os"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport-authz/sallyport/test/layers"
)

const (
	envoyTypes    = "github.com/envoyproxy/go-control-plane/envoy"
	genproto      = "google.golang.org/genproto/googleapis"
	grpc          = "google.golang.org/grpc"
	opa           = "github.com/open-policy-agent/opa"
	opentelemetry = "go.opentelemetry.io/otel"
	prometheus    = "github.com/prometheus/client_golang"
	protobuf      = "google.golang.org/protobuf"
	protoyaml     = "buf.build/go/protoyaml"
	ristretto     = "github.com/dgraph-io/ristretto/v2"
	yaml          = "go.yaml.in/yaml/v3"
)

// rooms is the table of design.md, section 2. A row is as narrow as the room is
// today: what a room needs tomorrow is written here first. Envoy's types stand
// in authz/envoy and whole-system tests only, OPA in authz/rego only, ristretto in cache only.
var rooms = []layers.Room{
	{Folder: "authz"},
	{Folder: "authz/admin", Ours: []string{"authz", "gen/**"}, Outside: []string{grpc, protobuf}, Tests: []string{"go.uber.org/goleak"}},
	{Folder: "authz/authn/agentjwt", Ours: []string{"authz", "authz/claimset", "authz/jose"}, Tests: []string{"github.com/google/go-cmp"}},
	{Folder: "authz/authn/apikey", Ours: []string{"authz", "authz/keylist"}},
	{Folder: "authz/authn/authntest", Ours: []string{"authz"}, Outside: []string{"github.com/google/go-cmp", "pgregory.net/rapid"}},
	{Folder: "authz/authn/introspection", Ours: []string{"authz", "authz/claimset", "authz/facts"}, Tests: []string{"github.com/google/go-cmp", "go.uber.org/goleak"}},
	{Folder: "authz/authn/jwt", Ours: []string{"authz", "authz/claimset", "authz/jose"}, Tests: []string{"github.com/c2sp/wycheproof", "github.com/google/go-cmp", "go.uber.org/goleak"}},
	{Folder: "authz/authn/mtls", Ours: []string{"authz"}, Outside: []string{"github.com/spiffe/go-spiffe/v2/spiffeid"}},
	{Folder: "authz/authn/sharedsecret", Ours: []string{"authz", "authz/keylist"}},
	{Folder: "authz/authn/staticbearer", Ours: []string{"authz", "authz/keylist"}},
	{Folder: "authz/authn/session", Ours: []string{"authz", "authz/claimset", "authz/facts"}, Tests: []string{"github.com/google/go-cmp", "go.uber.org/goleak"}},
	{Folder: "authz/authn/verify", Ours: []string{"authz", "authz/claimset", "authz/keylist"}, Tests: []string{"go.uber.org/goleak"}},
	{Folder: "authz/authn/*", Ours: []string{"authz"}},
	{Folder: "authz/claimset", Ours: []string{"authz"}, Tests: []string{"github.com/google/go-cmp"}},
	{Folder: "authz/decisionlog", Ours: []string{"authz"}},
	{Folder: "authz/edge", Ours: []string{"authz"}},
	{Folder: "authz/envoy", Ours: []string{"authz"}, Outside: []string{envoyTypes, genproto, grpc, protobuf}},
	{Folder: "authz/jose", Ours: []string{"authz/claimset"}},
	{Folder: "authz/keylist", Ours: []string{"authz"}},
	{Folder: "authz/keyplan", Ours: []string{"authz"}},
	{Folder: "authz/facts", Ours: []string{"authz"}, Tests: []string{"go.uber.org/goleak"}},
	{Folder: "authz/limit", Outside: []string{"golang.org/x/time/rate"}},
	{Folder: "authz/ops", Ours: []string{"authz"}, Outside: []string{prometheus, "golang.org/x/net/netutil"}, Tests: []string{"github.com/prometheus/client_model", "github.com/prometheus/common"}},
	{Folder: "authz/outbound", Tests: []string{"golang.org/x/net/dns/dnsmessage"}},
	{Folder: "authz/records", Ours: []string{"authz", "authz/claimset", "authz/facts"}, Tests: []string{"github.com/google/go-cmp", "go.uber.org/goleak"}},
	{Folder: "authz/rego", Ours: []string{"authz", "policies"}, Outside: []string{opa}},
	{Folder: "authz/renewal", Ours: []string{"authz"}, Tests: []string{"go.uber.org/goleak"}},
	{Folder: "authz/route", Ours: []string{"authz"}},
	{Folder: "authz/store/storetest", Ours: []string{"authz"}, Outside: []string{"github.com/google/go-cmp"}},
	{Folder: "authz/store/sqlite", Ours: []string{"authz"}, Outside: []string{"modernc.org/sqlite"}, Tests: []string{"go.uber.org/goleak"}},
	{Folder: "authz/tenant", Ours: []string{"authz"}},
	{Folder: "authz/tokenform", Ours: []string{"authz"}, Tests: []string{"pgregory.net/rapid"}},
	{Folder: "authz/tracing", Ours: []string{"authz"}, Outside: []string{opentelemetry}, Tests: []string{"go.opentelemetry.io/proto/otlp", protobuf}},
	{Folder: "authz/verifier", Ours: []string{"authz"}, Outside: []string{"golang.org/x/crypto", "golang.org/x/sys/unix"}, Tests: []string{"go.uber.org/goleak"}},
	{Folder: "authz/uses", Ours: []string{"authz"}},
	{Folder: "cache", Outside: []string{ristretto}},
	{Folder: "policies", Tests: []string{opa}},
	{Folder: "gen/**", Ours: []string{"gen/**"}, Outside: []string{grpc, protobuf}},
	{Folder: "gen/**", Ours: []string{"gen/**"}, Outside: []string{protobuf}},
	{Folder: "cmd/sallyport/cli", Ours: []string{"gen/sallyport/admin/v1"}, Outside: []string{"github.com/spf13/cobra", grpc, protobuf}},
	{Folder: "cmd/sallyport/document", Outside: []string{protobuf, protoyaml, yaml}, Tests: []string{layers.Module + "/gen/sallyport/config/v1"}},
	{
		Folder:  "cmd/sallyport",
		Ours:    []string{"authz/**", "cache", "gen/**", "policies", "cmd/**"},
		Outside: []string{"github.com/fsnotify/fsnotify", "github.com/spf13/cobra", grpc, protobuf},
		Tests:   []string{layers.Module + "/test/onekey", "go.opentelemetry.io/proto/otlp", envoyTypes},
	},
	{
		Folder:  "test/bench",
		Ours:    []string{"authz/**", "cmd/**", "test/mesh"},
		Outside: []string{envoyTypes, genproto, grpc, protobuf, "golang.org/x/net/http2", "golang.org/x/sys/unix"},
	},
	{Folder: "test/kube", Tests: []string{"github.com/envoyproxy/gateway/api", "istio.io/api", "k8s.io", protobuf, "sigs.k8s.io"}},
	{Folder: "test/layers"},
	{Folder: "test/requirements"},
	{Folder: "test/taste"},
	{
		Folder:  "test/onekey",
		Ours:    []string{"authz/**"},
		Outside: []string{"github.com/google/go-cmp"},
	},
	{
		Folder:  "test/**",
		Ours:    []string{"authz/**", "cache", "gen/**", "policies", "cmd/**", "test/**", "examples/**"},
		Outside: []string{envoyTypes, genproto, grpc, protobuf, protoyaml, yaml},
		Tests:   []string{"go.opentelemetry.io/proto/otlp"},
	},
	{
		Folder:  "examples/**",
		Ours:    []string{"authz/**", "cache", "gen/**", "policies", "test/**", "examples/**"},
		Outside: []string{envoyTypes, genproto, grpc, protobuf, protoyaml, yaml},
	},
}

// The guard is Breaches: with its loop over Imports taken out, this test and
// most rows of TestBreaches that want a sentence still tell them apart.
func TestImportsPointOneWay(t *testing.T) {
	packages, err := layers.Packages(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	if len(packages) < 4 {
		t.Fatalf("read %d packages: this is not the tree", len(packages))
	}
	for _, p := range packages {
		t.Run(p.Folder, func(t *testing.T) {
			for _, breach := range layers.Breaches(p, rooms) {
				t.Error(breach)
			}
		})
	}
}

const ours = layers.Module + "/"

// Each row that wants a sentence goes red when the guard in its comment is out.
var made = []struct {
	name string
	p    layers.Package
	want []string
}{
	{"core imports the standard library", imports("authz", "context", "net/http"), nil},
	// Room.allows: standard.
	{"core imports a module", imports("authz", grpc), []string{"authz must not import " + grpc}},
	// Room.allows: the zero Room's empty Ours.
	{"core imports a room", imports("authz", ours+"authz/route"), []string{"authz must not import " + ours + "authz/route"}},
	{"room imports the core", imports("authz/route", ours+"authz"), nil},
	// matches: a folder is not all below it.
	{"room imports its neighbour", imports("authz/route", ours+"authz/tenant"), []string{"authz/route must not import " + ours + "authz/tenant"}},
	{"kind imports its neighbour", imports("authz/authn/token", ours+"authz/authn/jwt"), []string{"authz/authn/token must not import " + ours + "authz/authn/jwt"}},
	{"kind that is new has a row", imports("authz/authn/paseto", ours+"authz"), nil},
	{"room imports the program", imports("authz/rego", ours+"cmd/sallyport"), []string{"authz/rego must not import " + ours + "cmd/sallyport"}},
	{"envoy's room imports Envoy", imports("authz/envoy", envoyTypes+"/service/auth/v3"), nil},
	{"route imports Envoy", imports("authz/route", envoyTypes+"/service/auth/v3"), []string{"authz/route must not import " + envoyTypes + "/service/auth/v3"}},
	{"rego's room imports OPA", imports("authz/rego", opa+"/v1/rego"), nil},
	{"cache imports ristretto", imports("cache", ristretto), nil},
	{"cache knows no authorization", imports("cache", ours+"authz"), []string{"cache must not import " + ours + "authz"}},
	{"program imports OPA", imports("cmd/sallyport", opa+"/v1/rego"), []string{"cmd/sallyport must not import " + opa + "/v1/rego"}},
	// below: a root ends at a slash.
	{"module whose name begins alike", imports("authz/rego", opa+"-evil"), []string{"authz/rego must not import " + opa + "-evil"}},
	{"cgo", imports("authz", "C"), []string{"authz must not import C"}},
	// Breaches: i < 0.
	{"room without a row", imports("authz/sideroom", "context"), []string{"authz/sideroom has no row: add one to the table of rooms in test/layers, with what it may import"}},
	{"folder below a room without a row", imports("authz/rego/readset", "context"), []string{"authz/rego/readset has no row: add one to the table of rooms in test/layers, with what it may import"}},
	{"package at the top", imports(".", "context"), []string{". has no row: add one to the table of rooms in test/layers, with what it may import"}},
	{"test imports go-cmp and itself", tests("authz", "github.com/google/go-cmp/cmp", ours+"authz"), nil},
	{"test imports a contract suite", tests("authz/authn/token", ours+"authz/authn/authntest"), nil},
	// Breaches: testAid is asked for tests only.
	{"production imports a contract suite", imports("authz/authn/token", ours+"authz/authn/authntest"), []string{"authz/authn/token must not import " + ours + "authz/authn/authntest"}},
	{"production imports go-cmp", imports("authz/route", "github.com/google/go-cmp/cmp"), []string{"authz/route must not import github.com/google/go-cmp/cmp"}},
	// Breaches: the loop over TestImports.
	{"test imports a neighbour", tests("authz/route", ours+"authz/tenant"), []string{"authz/route's tests must not import " + ours + "authz/tenant"}},
	{"policies' tests import OPA", tests("policies", opa+"/v1/tester"), nil},
	{"policies import OPA", imports("policies", opa+"/v1/tester"), []string{"policies must not import " + opa + "/v1/tester"}},
	{"test imports testify", tests("authz", "github.com/stretchr/testify/assert"), []string{"authz's tests must not import github.com/stretchr/testify/assert"}},
	{"whole-system test imports Envoy and a room", imports("test/e2e", envoyTypes+"/config/core/v3", ours+"authz/envoy"), nil},
}

func imports(folder string, list ...string) layers.Package {
	return layers.Package{Folder: folder, Imports: list}
}

func tests(folder string, list ...string) layers.Package {
	return layers.Package{Folder: folder, TestImports: list}
}

func TestBreaches(t *testing.T) {
	for _, c := range made {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(layers.Breaches(c.p, rooms), c.want); diff != "" {
				t.Errorf("breaches (-got +want):\n%s", diff)
			}
		})
	}
}

// Packages must see what a build on this machine would not.
func TestPackages(t *testing.T) {
	tree := fstest.MapFS{
		"a/a.go":             {Data: []byte("package a\nimport \"fmt\"\n")},
		"a/a_plan9.go":       {Data: []byte("//go:build plan9\n\npackage a\nimport x \"os\"\n")},
		"a/a_test.go":        {Data: []byte("package a_test\nimport _ \"io\"\n")},
		"a/testdata/t.go":    {Data: []byte("not Go")},
		".tools/b.go":        {Data: []byte("not Go")},
		"b/readme.md":        {Data: []byte("not Go")},
		"c/broken.go":        {Data: []byte("package c\nimport \"io\"\nfunc {")},
		"c/inner/another.go": {Data: []byte("package inner\n")},
	}
	got, err := layers.Packages(tree)
	if err != nil {
		t.Fatal(err)
	}
	want := []layers.Package{
		{Folder: "a", Imports: []string{"fmt", "os"}, TestImports: []string{"io"}},
		{Folder: "c", Imports: []string{"io"}},
		{Folder: "c/inner"},
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("packages (-got +want):\n%s", diff)
	}
}
