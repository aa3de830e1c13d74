package verifier_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/verifier"
)

// TestNewKey: one spelling, and no error or printed key that holds a part of it.
func TestNewKey(t *testing.T) {
	for _, c := range []struct {
		name, id, text string
		ok             bool
	}{
		{"as openssl prints it", "k1", firstKey + "\n", true},
		{"without a line's end", "2026-11", firstKey, true},
		{"as Windows writes it", "k1", firstKey + "\r\n", true},
		{"two lines", "k1", firstKey + "\n\n", false},
		{"upper case", "k1", strings.ToUpper(firstKey), false},
		{"short", "k1", firstKey[:62], false},
		{"long", "k1", firstKey + "00", false},
		{"odd", "k1", firstKey[:63], false},
		{"not hex", "k1", "g" + firstKey[1:], false},
		{"empty", "k1", "", false},
		{"all zero", "k1", strings.Repeat("00", 32), false},
		{"no id", "", firstKey, false},
		{"a long id", strings.Repeat("k", 33), firstKey, false},
		{"an id with $", "k$1", firstKey, false},
		{"an id in upper case", "K1", firstKey, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			k, err := verifier.NewKey(c.id, c.text)
			if (err == nil) != c.ok {
				t.Fatalf("got %v, want ok %v", err, c.ok)
			}
			if err != nil {
				holdsNone(t, err.Error(), firstKey[:8])
			}
			holdsNone(t, fmt.Sprintf("%v %+v %#v %s %x", k, k, k, k, k), firstKey[:8], string(raw(t, firstKey)))
		})
	}
}

// TestGenerateKey: what is generated is read, and is another one each time.
func TestGenerateKey(t *testing.T) {
	one, other := verifier.GenerateKey().Reveal(), verifier.GenerateKey().Reveal()
	if one == other || key(t, "k", one).Record() == key(t, "k", other).Record() {
		t.Error("two keys are one")
	}
}

// TestCheckKeys: each row that wants an error goes red without the guard of its name.
func TestCheckKeys(t *testing.T) {
	one, two := key(t, "k1", firstKey), key(t, "k2", secondKey)
	impostor := key(t, "k1", secondKey)
	for _, c := range []struct {
		name     string
		held     []verifier.Key
		recorded []authz.ServerKey
		want     verifier.KeysCheck
		err      error
	}{
		{"a new store", []verifier.Key{one}, nil, verifier.KeysCheck{Fresh: []authz.ServerKey{one.Record()}}, nil},
		{"as it was", []verifier.Key{one}, []authz.ServerKey{one.Record()}, verifier.KeysCheck{}, nil},
		{"a second key", []verifier.Key{two, one}, []authz.ServerKey{one.Record()}, verifier.KeysCheck{Fresh: []authz.ServerKey{two.Record()}}, nil},
		{"a wrong key", []verifier.Key{impostor}, []authz.ServerKey{one.Record()}, verifier.KeysCheck{}, verifier.ErrWrongKey},
		{"a record that was emptied", []verifier.Key{one}, []authz.ServerKey{{ID: "k1"}}, verifier.KeysCheck{}, verifier.ErrWrongKey},
		{"a missing key", []verifier.Key{two}, []authz.ServerKey{one.Record(), two.Record()}, verifier.KeysCheck{Missing: []string{"k1"}}, nil},
		{"no key", nil, []authz.ServerKey{one.Record()}, verifier.KeysCheck{Missing: []string{"k1"}}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := verifier.CheckKeys(c.held, c.recorded)
			if !errors.Is(err, c.err) || fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("got %v, %v, want %v, %v", got, err, c.want, c.err)
			}
		})
	}
}

// TestRecordVerifiesNothing: what a store keeps of a key is no verifier's text of
// anything, and differs by id and key.
func TestRecordVerifiesNothing(t *testing.T) {
	one := key(t, "k1", firstKey)
	records := map[string]bool{one.Record().Check: true, key(t, "k2", firstKey).Record().Check: true, key(t, "k1", secondKey).Record().Check: true}
	if len(records) != 3 {
		t.Errorf("records %v", records)
	}
	sealed := made(t, settings(t)).Seal(authz.NewSecret("k1"))
	if strings.HasSuffix(sealed, base64Of(raw(t, one.Record().Check))) {
		t.Error("the record of a key verifies its id")
	}
}

// TestSettings: what is half set is refused.
func TestSettings(t *testing.T) {
	for name, spoil := range map[string]func(*verifier.Settings){
		"no keys":            func(s *verifier.Settings) { s.Keys = nil },
		"an empty key":       func(s *verifier.Settings) { s.Keys = append(s.Keys, verifier.Key{}) },
		"one key twice":      func(s *verifier.Settings) { s.Keys = append(s.Keys, s.Keys[0]) },
		"no limit, address":  func(s *verifier.Settings) { s.ByAddress = nil },
		"no limit, account":  func(s *verifier.Settings) { s.ByAccount = nil },
		"few rounds":         func(s *verifier.Settings) { s.Rounds = 999 },
		"many rounds":        func(s *verifier.Settings) { s.Rounds = 5_000_001 },
		"no worker":          func(s *verifier.Settings) { s.Workers = -1 },
		"no queue":           func(s *verifier.Settings) { s.Queue = -1 },
		"nothing remembered": func(s *verifier.Settings) { s.Remembered = 1 },
		"not for long":       func(s *verifier.Settings) { s.Idle = -1 },
	} {
		s := settings(t)
		spoil(&s)
		if _, err := verifier.New(s, noon); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	if _, err := verifier.New(settings(t), nil); err == nil {
		t.Error("no clock was taken")
	}
	s := settings(t)
	s.Workers = 0
	if got := made(t, s).Workers(); got != halfOfProcessors() {
		t.Errorf("%d workers", got)
	}
}
