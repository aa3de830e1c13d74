package decider

import (
	"math/rand/v2"
	"strings"
	"unicode/utf8"
)

// Draw draws a request to any route: of each place that somebody reads, whether there
// is something, once or twice, and of whom.
func (w *World) Draw(r *rand.Rand) (Request, error) {
	block := one(r, w.Blocks)
	q := Request{Block: block, Route: one(r, block.Routes), Joined: r.IntN(2) == 0, Credentials: w.credentials()}
	q.Host = block.KnownHost()
	if r.IntN(3) == 0 {
		q.Host = block.StrangeHost()
	}
	var lines []Header
	for _, carrier := range w.carriers {
		for range times(r, block.reads(carrier)) {
			line, err := w.line(&q, carrier, r)
			if err != nil {
				return Request{}, err
			}
			lines = append(lines, line)
		}
	}
	if r.IntN(8) == 0 { // which nobody reads
		text, _, err := w.Kinds[KindJWT].Make(Valid, r)
		if err != nil {
			return Request{}, err
		}
		q.Query = "?access_token=" + text
	}
	r.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
	q.Headers = arriving(lines, q.Joined, r.IntN(2) == 0)
	return q, nil
}

// times is how often something stands in a place.
func times(r *rand.Rand, read bool) int {
	rarely := 20
	if read {
		rarely = 2
	}
	switch {
	case r.IntN(rarely) > 0:
		return 0
	case r.IntN(12) == 0:
		return 2
	default:
		return 1
	}
}

func (b *Block) reads(c Carrier) bool {
	for _, a := range b.Authenticators {
		if a.Carrier == c {
			return true
		}
	}
	return false
}

// line fills a place: mostly with a credential that belongs there.
func (w *World) line(q *Request, c Carrier, r *rand.Rand) (Header, error) {
	text := one(r, garbage())
	if r.IntN(6) > 0 {
		kind := one(r, drawnKinds())
		for _, i := range r.Perm(len(q.Block.Authenticators)) {
			if a := q.Block.Authenticators[i]; a.Carrier == c && r.IntN(8) > 0 {
				kind = a.Kind
			}
		}
		var err error
		if text, err = w.show(q, kind, drawState(r), r); err != nil {
			return Header{}, err
		}
		if c == Authorization {
			text = scheme(kind, r) + text
		}
	}
	if c.Cookie {
		return Header{"cookie", one(r, []string{"", "", "theme=dark; ", "a=b;"}) + c.Name + one(r, []string{"=", "=", "=", " = "}) + text + one(r, []string{"", "", "; theme=dark"})}, nil
	}
	return Header{c.Name, text}, nil
}

// scheme is mostly the right one.
func scheme(kind string, r *rand.Rand) string {
	if r.IntN(10) == 0 {
		return one(r, []string{"", "Digest ", "Bearer  ", "Bearer\t", "basic ", "bearer ", "Bearer, "})
	}
	if kind == KindBasic {
		return one(r, []string{"Basic ", "basic ", "BASIC "})
	}
	return one(r, []string{"Bearer ", "bearer ", "BEARER "})
}

func drawState(r *rand.Rand) State {
	if r.IntN(3) == 0 {
		return Valid
	}
	return State(1 + r.IntN(int(Unavailable)))
}

// garbage are values of which nobody made a credential.
func garbage() []string {
	return []string{
		"", " ", "garbage", "Bearer", "Bearer ", "bearer garbage", "Bearer a b", "Bearer\u00a0x", "Basic", "Basic garbage", "Basic =", "Digest x",
		"a.b.c", "Bearer a.b.c", "Bearer ..", "a,b", "Bearer a,Basic b", "x!y", "Bearer x!y", "\xff\xfe", "Bearer \xc3\x28", "pfy_", "Bearer pfy_x",
		"Bearer e30.e30.e30", "\"quoted\"", "é", ";", "x;y", "Bearer =", "\tgarbage\t",
	}
}

// arriving is what Envoy makes of lines: by default each name once, joined by commas and
// with bytes that are no text as "!"; else as they came, but for authorization, which it
// may have joined before.
func arriving(lines []Header, joined, inline bool) []Header {
	var all []Header
	for _, line := range lines {
		if joined {
			line.Value = lossy(line.Value)
		}
		i := 0
		for i < len(all) && all[i].Name != line.Name {
			i++
		}
		if i < len(all) && (joined || inline && line.Name == Authorization.Name) {
			all[i].Value += "," + line.Value
			continue
		}
		all = append(all, line)
	}
	return all
}

func lossy(value string) string {
	var text strings.Builder
	for value != "" {
		c, size := utf8.DecodeRuneInString(value)
		if c == utf8.RuneError && size == 1 {
			text.WriteByte('!')
		} else {
			text.WriteString(value[:size])
		}
		value = value[size:]
	}
	return text.String()
}
