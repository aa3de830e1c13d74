package document_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/sallyport-authz/sallyport/cmd/sallyport/document"
	configv1 "github.com/sallyport-authz/sallyport/gen/sallyport/config/v1"
)

// text is a file that is not there.
type text string

func (t text) Read(string) ([]byte, error) {
	if t == "" {
		return nil, os.ErrNotExist
	}
	return []byte(t), nil
}

func TestRead(t *testing.T) {
	r := &document.Report{}
	message := &configv1.Config{}
	root, ok := r.Read("a.yaml", text("mode: production\nscopes: [read]\nhosts:\n  - name: api\n"), message)
	if !ok || message.GetScopes()[0] != "read" {
		t.Fatalf("got %v, %v", message, r.Err())
	}
	r.Warn(root.Field("scopes").Index(0), "w", "e", "m")
	r.Refuse(root.Field("hosts").Index(0).Field("match"), "late", "names", "add them")
	r.Refuse(root.Field("scopes").Index(0), "early", "", "take it out")
	r.RefuseAt(document.Place{File: "a.rego", Line: 3, Column: 2}, "broken", "mend it")
	want := []string{
		"a.rego:3:2: broken; mend: mend it",
		"a.yaml:2:10: scopes[0]: early; mend: take it out",
		"a.yaml:4:5: hosts[0].match: late; expected names; mend: add them",
	}
	if got := r.Err().Error(); got != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
	if refused, ok := errors.AsType[document.RefusalError](r.Err()); !ok || len(refused) != 3 {
		t.Errorf("got %d problems", len(refused))
	}
	if got := r.Warnings[0].String(); got != "a.yaml:2:10: scopes[0]: w; expected e; mend: m" {
		t.Errorf("got %q", got)
	}
	if root.Field("hosts").Written() == false || root.Field("ops").Written() || root.Field("hosts").Index(7).Written() {
		t.Error("what is written is told wrongly")
	}
}

func TestReadList(t *testing.T) {
	message := &configv1.ApiKey{}
	r := &document.Report{}
	root, ok := r.ReadList("keys.yaml", text("- id: ci\n- id: ops\n"), "keys", message)
	if !ok || len(message.GetKeys()) != 2 {
		t.Fatal(r.Err())
	}
	r.Refuse(root.Field("keys").Index(1).Field("id"), "twice", "", "rename it")
	if got := r.Err().Error(); got != "keys.yaml:2:7: keys[1].id: twice; mend: rename it" {
		t.Errorf("got %q", got)
	}
}

// TestLineBreaks: YAML knows line ends at which protoyaml miscounts, and panics.
func TestLineBreaks(t *testing.T) {
	for _, br := range []string{"\r", "\u0085", "\u2028", "\u2029"} {
		r := &document.Report{}
		if _, ok := r.Read("f", text("mode: production\nscopes:"+br+" [read]\n"), &configv1.Config{}); ok || !strings.HasPrefix(r.Err().Error(), "f:2:1: a line ends with something else than LF") {
			t.Errorf("%q: got %v, %v", br, ok, r.Err())
		}
	}
	r := &document.Report{}
	if _, ok := r.Read("f", text("mode: production\r\nscopes: [read]\r\n"), &configv1.Config{}); !ok {
		t.Error(r.Err())
	}
}

// FuzzRead: whatever a file holds, it is read or refused with a place, and never both.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{"", "a", "- a", "mode: x\nmode: y\n", "a: &b c\n", "<<: {}\n", "hosts: [{routes: [{path: /}]}]\n", "---\n---\n", "cache: {ttl: 1s}\n", "? [a]\n: b\n"} {
		f.Add([]byte(seed), true)
		f.Add([]byte(seed), false)
	}
	f.Fuzz(func(t *testing.T, content []byte, list bool) {
		r := &document.Report{}
		var ok bool
		if list {
			_, ok = r.ReadList("f", text(content), "keys", &configv1.ApiKey{})
		} else {
			_, ok = r.Read("f", text(content), &configv1.Config{})
		}
		if ok == (r.Err() != nil) {
			t.Errorf("read %v, and %v", ok, r.Err())
		}
		for _, p := range r.Problems {
			if !strings.HasPrefix(p.String(), "f") || !strings.Contains(p.String(), "; mend: ") {
				t.Errorf("got %q", p)
			}
		}
	})
}
