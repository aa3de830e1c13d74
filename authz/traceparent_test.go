package authz_test

import (
	"strings"
	"testing"

	"github.com/sallyport-authz/sallyport/authz"
)

const (
	traceID = "0af7651916cd43dd8448eb211c80319c"
	spanID  = "b7ad6b7169203331"
)

// Each row that wants "" goes red when one condition of ParseTraceParent or
// formed is out.
func TestParseTraceParent(t *testing.T) {
	const valid = "00-" + traceID + "-" + spanID + "-01"
	for _, c := range []struct{ name, value, want string }{
		{"valid", valid, valid},
		{"not sampled", "00-" + traceID + "-" + spanID + "-00", "00-" + traceID + "-" + spanID + "-00"},
		{"flags that nobody knows", "00-" + traceID + "-" + spanID + "-ff", "00-" + traceID + "-" + spanID + "-ff"},
		{"later version", "cc-" + traceID + "-" + spanID + "-01", "cc-" + traceID + "-" + spanID + "-01"},
		{"later version with more", "cc-" + traceID + "-" + spanID + "-01-what the future holds", "cc-" + traceID + "-" + spanID + "-01"},
		{"later version with more and no dash", "cc-" + traceID + "-" + spanID + "-01.what", ""},
		{"this version with more", valid + "-what", ""},
		{"this version with a dash more", valid + "-", ""},
		{"forbidden version", "ff-" + traceID + "-" + spanID + "-01", ""},
		{"upper case", strings.ToUpper(valid), ""},
		{"version in upper case", "CC-" + traceID + "-" + spanID + "-01", ""},
		{"no hex", "00-" + strings.Replace(traceID, "c", "g", 1) + "-" + spanID + "-01", ""},
		{"no trace", "00-" + strings.Repeat("0", 32) + "-" + spanID + "-01", ""},
		{"no span", "00-" + traceID + "-0000000000000000-01", ""},
		{"broken flags", "00-" + traceID + "-" + spanID + "-x1", ""},
		{"underscores", strings.ReplaceAll(valid, "-", "_"), ""},
		{"dash in another place", "00-" + traceID + spanID[:1] + "-" + spanID[1:] + "-01", ""},
		{"short", valid[:54], ""},
		{"space before", " " + valid, ""},
		{"space behind", valid + " ", ""},
		{"line feed in a later version", "cc-" + traceID + "-" + spanID + "-01\n", ""},
		{"none", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := authz.ParseTraceParent(c.value); string(got) != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestTraceParentParts(t *testing.T) {
	for flags, sampled := range map[string]bool{
		"00": false, "01": true, "02": false, "03": true, "09": true, "0a": false, "0b": true, "0f": true, "fe": false, "10": false,
	} {
		p := authz.ParseTraceParent("00-" + traceID + "-" + spanID + "-" + flags)
		if p.TraceID() != traceID || p.SpanID() != spanID || p.Sampled() != sampled {
			t.Errorf("flags %s: got %q, %q, %v, want %v", flags, p.TraceID(), p.SpanID(), p.Sampled(), sampled)
		}
	}
	for _, made := range []authz.TraceParent{"", "00", "free text that nobody parsed and that is longer than it may be by far"} {
		if made.TraceID() != "" || made.SpanID() != "" || made.Sampled() {
			t.Errorf("%q has parts", made)
		}
	}
}

func FuzzParseTraceParent(f *testing.F) {
	f.Add("00-" + traceID + "-" + spanID + "-01")
	f.Add("cc-" + traceID + "-" + spanID + "-01-more")
	f.Fuzz(func(t *testing.T, value string) {
		p := authz.ParseTraceParent(value)
		if p == "" {
			return
		}
		if !strings.HasPrefix(value, string(p)) || len(p) != 55 || strings.Trim(string(p), "0123456789abcdef-") != "" || authz.ParseTraceParent(string(p)) != p {
			t.Errorf("%q gives %q", value, p)
		}
	})
}
