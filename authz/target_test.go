package authz_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport-authz/sallyport/authz"
)

// Guards: SplitSeq at "&" only, both errors of unescapeQuery, plain.
func TestParseQuery(t *testing.T) {
	type values = map[string][]string
	for _, c := range []struct {
		name, raw string
		want      values
	}{
		{"none", "", values{}},
		{"one", "a=1", values{"a": {"1"}}},
		{"repeated keeps its order", "role=user&x=1&role=admin", values{"role": {"user", "admin"}, "x": {"1"}}},
		{"escaped name", "%72ole=admin", values{"role": {"admin"}}},
		{"semicolon is text", "a;role=admin", values{"a;role": {"admin"}}},
		{"plus and %20 are spaces", "a=b+c%20d", values{"a": {"b c d"}}},
		{"escaped plus", "a=b%2Bc", values{"a": {"b+c"}}},
		{"escaped separators", "a=b%26c%3Dd", values{"a": {"b&c=d"}}},
		{"no value", "a&b=", values{"a": {""}, "b": {""}}},
		{"no name", "=1", values{"": {"1"}}},
		{"empty pairs", "&a=1&&", values{"a": {"1"}}},
		{"second equals sign", "a=b=c", values{"a": {"b=c"}}},
		{"second question mark", "a?b=c", values{"a?b": {"c"}}},
		{"decoded once", "a=%252e", values{"a": {"%2e"}}},
		{"beyond ASCII", "a=%c3%a9\u00e9", values{"a": {"\u00e9\u00e9"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := authz.ParseQuery(c.raw)
			if err != nil {
				t.Fatalf("ParseQuery: %v", err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("ParseQuery(%q) (-want +got):\n%s", c.raw, diff)
			}
		})
	}
}

func TestAmbiguousQuery(t *testing.T) {
	for _, c := range []struct{ name, raw string }{
		{"broken escape", "a=%"},
		{"broken escape in a name", "%zz=1"},
		{"value is not UTF-8", "a=%ff"},
		{"name is not UTF-8", "%c0%af=1"},
		{"bytes that are not UTF-8", "a=\xff"},
		{"space", "a=b c"},
		{"line feed", "a=b\n"},
		{"fragment", "a=b#c"},
		{"T-H3/1,001 parameters", strings.Repeat("a&", 1000) + "a"},
		{"T-H3/more than 64 KiB", "a=" + strings.Repeat("a", 64<<10)},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := authz.ParseQuery(c.raw)
			if !errors.Is(err, authz.ErrAmbiguous) || got != nil {
				t.Errorf("ParseQuery(%.40q) = %v, error %v, want ErrAmbiguous", c.raw, got, err)
			}
		})
	}
}

func TestMostParametersAreRead(t *testing.T) {
	got, err := authz.ParseQuery(strings.Repeat("a&", 999) + "a")
	if err != nil || len(got["a"]) != 1000 {
		t.Errorf("ParseQuery gives %d values, error %v, want 1000", len(got["a"]), err)
	}
}
