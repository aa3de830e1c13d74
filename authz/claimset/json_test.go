package claimset_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport-authz/sallyport/authz/claimset"
)

func nested(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }

// TestJSON is T-C16: a text that two readers could read in two ways is none.
func TestJSON(t *testing.T) {
	for _, text := range []string{
		``, ` `, `{`, `}`, `{}}`, `{}{}`, `{},`, `{} x`, "{}\x00", "\ufeff{}", `[]`, `[{}]`, `"a"`, `1`, `null`, `true`,
		`{"a":1,}`, `{,"a":1}`, `{"a"}`, `{"a":}`, `{"a" 1}`, `{"a"::1}`, `{a:1}`, `{'a':1}`, `{1:1}`, `{null:1}`, `{"a":1 "b":2}`, `{"a":1;"b":2}`,
		`{"a":[1,]}`, `{"a":[,1]}`, `{"a":[1 2]}`, `{"a":[1}`, `{"a":{]}`, `{"a":[}`, `/**/{}`, `{"a":1/**/}`, `{}//`, `{"a":1}#`,
		`{"a":NaN}`, `{"a":Infinity}`, `{"a":-Infinity}`, `{"a":-}`, `{"a":+1}`, `{"a":01}`, `{"a":-01}`, `{"a":1.}`, `{"a":.1}`, `{"a":1e}`, `{"a":1e+}`, `{"a":0x1}`, `{"a":1_0}`,
		`{"a":True}`, `{"a":nul}`, `{"a":nulll}`, `{"a":undefined}`,
		`{"a":"b}`, `{"a":"\x"}`, `{"a":"\u12"}`, `{"a":"\u12G4"}`, "{\"a\":\"\t\"}", "{\"a\":\"\n\"}", "{\"a\":\"\x00\"}", "{\"a\":\"\\\n\"}", `{"a":"\"}`,
		"{\"a\":\"\xff\"}", "{\"\xff\":1}", "{\"a\":\"\xc0\xaf\"}", "{\"a\":\"\xed\xa0\x80\"}", "{\"a\":\"\xf4\x90\x80\x80\"}",
		`{"a":"\ud800"}`, `{"a":"\udc00"}`, `{"a":"\ud800\ud800"}`, `{"a":"\udc00\ud800"}`, `{"a":"\ud800x"}`, `{"\ud800":1}`, `{"a":"\ufffd"}`, `{"a":"` + "\ufffd" + `"}`,
		`{"a":1,"a":1}`, `{"a":1,"b":2,"a":3}`, `{"a":1,"\u0061":2}`, `{"":1,"":2}`, `{"x":{"a":1,"a":2}}`, `{"x":[{"a":1,"a":2}]}`, `{"a":null,"a":1}`,
		`{"a":1e99999}`, `{"a":1E+1000}`, `{"a":1e-1000}`, `{"a":1e0000000}`,
		`{"a":` + nested(16) + `}`, `{"a":` + nested(5000) + `}`, strings.Repeat(`{"a":`, 17) + "1" + strings.Repeat("}", 17),
	} {
		t.Run("T-C16/"+text[:min(len(text), 40)], func(t *testing.T) {
			if value, err := claimset.Read([]byte(text)); err == nil {
				t.Errorf("%q: read as %v", text, value)
			}
		})
	}
	for _, text := range []string{
		`{}`, " \t\r\n{ \t\r\n} \t\r\n", `{"a":[],"b":{},"c":[[],{}]}`, `{ "a" : [ 1 , 2 ] , "b" : { "c" : null } }`, `{"":""}`, `{"a":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"}`,
		`{"a":"\\"}`, `{"a\"":1,"a\\":2}`, `{"a":"` + "\u007fé😀\u2028" + `"}`, `{"a":"\u0000"}`, `{"a":-0,"b":0.5,"c":1E5,"d":1e-5,"e":123456789012345678901234567890,"f":1e+999}`,
		`{"a":true,"b":false,"c":null}`, `{"a":1,"A":2}`, `{"x":{"a":1},"y":{"a":1},"a":1}`, `{"a":` + nested(15) + `}`, strings.Repeat(`{"a":`, 16) + "1" + strings.Repeat("}", 16),
	} {
		compare(t, []byte(text))
		if _, err := claimset.Read([]byte(text)); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// FuzzJSON holds our reader against encoding/json: it takes what a reader takes
// that is built of the Decoder's own tokens, and reads in it what Unmarshal does.
func FuzzJSON(f *testing.F) {
	for _, text := range []string{
		`{"a":[1,2.5e3,{"b":null}],"c":"\ud83d\ude00\n","d":true}`, `{"a":1,"a":2}`, `{"a":"\ud800"}`, `{"a":1e99999}`, ` { } `, `[]`, `{"a":` + nested(16) + `}`,
		`{"a\u0062":"\"","ab":1}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(compare)
}

func compare(t *testing.T, text []byte) {
	t.Helper()
	got, err := claimset.Read(text)
	want, wantErr := slowly(text)
	if (err == nil) != (wantErr == nil) {
		t.Fatalf("%q: got %v, want %v", text, err, wantErr)
	}
	if err != nil {
		return
	}
	var plain any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&plain); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]any{map[string]any(got), map[string]any(got)}, []any{want, plain}); diff != "" {
		t.Errorf("%q (-got +want):\n%s", text, diff)
	}
}

// slowly reads what our reader should, token by token.
func slowly(text []byte) (any, error) {
	if !utf8.Valid(text) || !json.Valid(text) {
		return nil, errors.New("invalid")
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	value, err := slowValue(decoder, 1)
	if _, isObject := value.(map[string]any); err == nil && !isObject {
		return nil, errors.New("no object")
	}
	if _, end := decoder.Token(); err == nil && !errors.Is(end, io.EOF) {
		return nil, errors.New("a tail")
	}
	return value, err
}

func slowValue(decoder *json.Decoder, depth int) (any, error) {
	token, err := decoder.Token()
	if err != nil {
		return nil, err
	}
	switch t := token.(type) {
	case json.Delim:
		if depth > 16 {
			return nil, errors.New("deep")
		}
		return slowNest(decoder, t, depth)
	case string:
		if strings.ContainsRune(t, utf8.RuneError) {
			return nil, errors.New("replacement")
		}
	case json.Number:
		if i := strings.IndexAny(t.String(), "eE"); i >= 0 && len(t)-i-1 > 4 {
			return nil, errors.New("exponent")
		}
	}
	return token, nil
}

func slowNest(decoder *json.Decoder, open json.Delim, depth int) (any, error) {
	members, list := map[string]any{}, []any{}
	for decoder.More() {
		name := ""
		if open == '{' {
			token, err := slowValue(decoder, depth)
			if err != nil {
				return nil, err
			}
			name = fmt.Sprint(token)
			if _, twice := members[name]; twice {
				return nil, errors.New("twice")
			}
		}
		value, err := slowValue(decoder, depth+1)
		if err != nil {
			return nil, err
		}
		members[name], list = value, append(list, value)
	}
	_, err := decoder.Token()
	if open == '{' {
		return members, err
	}
	return list, err
}
