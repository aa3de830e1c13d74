package keyplan

import (
	"encoding/binary"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/sallyport-authz/sallyport/authz"
)

// string writes one part behind its length, so that no two lists of parts look
// the same.
func (w *writer) string(text string) {
	w.text = binary.AppendUvarint(w.text, uint64(len(text)))
	w.text = append(w.text, text...)
}

// number writes a count or a state.
func (w *writer) number(n int) { w.text = binary.AppendVarint(w.text, int64(n)) }

func (w *writer) bool(b bool) {
	if b {
		w.number(1)
		return
	}
	w.number(0)
}

func (w *writer) strings(list []string) {
	w.number(len(list))
	for _, text := range list {
		w.string(text)
	}
}

// value writes what JSON can hold; false where it cannot.
func (w *writer) value(v map[string]any) bool {
	if len(v) == 0 {
		w.number(0)
		return true
	}
	text, err := json.Marshal(v)
	if err != nil {
		return false
	}
	w.number(1)
	w.string(string(text))
	return true
}

func (w *writer) texts(m map[string]string) {
	w.number(len(m))
	for _, name := range slices.Sorted(maps.Keys(m)) {
		w.string(name)
		w.string(m[name])
	}
}

// headers writes every header that policies may see, as it came. Finer than
// what they see: the order of different names is kept.
func (w *writer) headers(h authz.Headers, hidden authz.Hidden) {
	w.bool(h.Joined)
	for i := range h.List {
		if name := h.List[i].Name; name != "cookie" && !hidden.Header(name) {
			w.number(1)
			w.string(name)
			w.string(h.List[i].Value)
		}
	}
	w.number(0)
	w.cookies(h, hidden)
}

// cookies writes the cookies that are not hidden: as they came where none is.
func (w *writer) cookies(h authz.Headers, hidden authz.Hidden) {
	if hidden.AnyCookie() {
		w.string(hidden.Cookies(h))
		return
	}
	w.header(h, "cookie")
}

// header writes every value of one header.
func (w *writer) header(h authz.Headers, name string) {
	w.bool(h.Joined)
	for i := range h.List {
		if h.List[i].Name == name {
			w.number(1)
			w.string(h.List[i].Value)
		}
	}
	w.number(0)
}

// cookie writes one cookie name as every stage reads it.
func (w *writer) cookie(h authz.Headers, name string) {
	value, presence := h.Carried(authz.InCookie(name))
	w.number(int(presence))
	w.string(value)
}

// identity writes the names of the client's own identity headers.
func (w *writer) identity(h authz.Headers) {
	for i := range h.List {
		if authz.IsIdentity(h.List[i].Name) {
			w.number(1)
			w.string(h.List[i].Name)
		}
	}
	w.number(0)
}

// path writes the canonical path with the parameters that matching found in it.
func (w *writer) path(match authz.Match) {
	w.string(match.Path)
	w.number(len(match.Params))
	for _, param := range match.Params {
		w.string(param.Name)
		w.string(param.Value)
	}
}

// query writes the raw query, which every reading of it comes from.
func (w *writer) query(path string) {
	_, query, found := strings.Cut(path, "?")
	w.bool(found)
	w.string(query)
}
