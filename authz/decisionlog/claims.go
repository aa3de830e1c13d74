package decisionlog

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// unwritable stands in for a claim that JSON has no form for, as a NaN.
const unwritable = "UNWRITABLE"

// claimView shows claims. Names are whole paths: the keys on the way, joined by
// dots, so that a key which holds dots itself is found by its own name too.
type claimView struct{ shown, masked []string }

// write adds the member claims.
func (v claimView) write(t *text, claims map[string]any) {
	if len(v.shown) == 0 || len(claims) == 0 {
		return
	}
	t.name("claims")
	v.object(t, claims, "", slices.Contains(v.shown, everything))
}

// object writes those members that are shown, or that have shown ones within.
// Once a claim is shown all within it is, but for what is masked.
func (v claimView) object(t *text, claims map[string]any, path string, shown bool) {
	t.open("", '{')
	for _, key := range sortedKeys(claims) {
		full := path + key
		here := shown || slices.Contains(v.shown, full)
		switch {
		case !here && !v.holdsShown(claims[key], full):
			continue
		case slices.Contains(v.masked, full):
			t.key(key)
			t.quote(Masked)
		default:
			t.key(key)
			v.value(t, claims[key], full, here)
		}
	}
	t.close('}')
}

// holdsShown reports an object, or a list that may hold some, with a shown claim
// somewhere within.
func (v claimView) holdsShown(value any, path string) bool {
	switch value.(type) {
	case map[string]any, []any:
		return slices.ContainsFunc(v.shown, func(name string) bool { return strings.HasPrefix(name, path+".") })
	default:
		return false
	}
}

// value writes one claim. Elements of a list stand where the list does.
func (v claimView) value(t *text, value any, path string, shown bool) {
	switch value := value.(type) {
	case map[string]any:
		v.object(t, value, path+".", shown)
	case []any:
		t.open("", '[')
		for _, element := range value {
			if _, object := element.(map[string]any); object || shown {
				v.value(t, element, path, shown)
			}
		}
		t.close(']')
	case string:
		t.string("", value)
	default:
		t.encoded(value)
	}
}

// encoded writes what is neither text nor made of claims: numbers, true, null.
func (t *text) encoded(value any) {
	written, err := json.Marshal(value)
	if err != nil {
		t.string("", unwritable)
		return
	}
	t.next()
	*t = append(*t, printable(written)...)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
