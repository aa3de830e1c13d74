package route

import (
	"slices"
	"strconv"
	"strings"
)

// template is a parsed path template: /v1/orders/{id}, /files/{rest...}.
type template struct {
	text  string
	parts []part
}

// part is one segment of a template.
type part struct {
	kind partKind
	// text is the literal's decoded text or the parameter's name.
	text string
}

type partKind int

// The kinds of part, the most specific first.
const (
	literalPart partKind = iota
	paramPart
	tailPart
)

// parseTemplate reads a template. Its literals are decoded text, as a request's
// segments are when they are compared; one that no request can have is refused,
// since such a route would protect nothing.
func parseTemplate(text string) (*template, *Error) {
	rest, rooted := strings.CutPrefix(text, "/")
	if !rooted {
		return nil, wrong("path "+strconv.Quote(text)+" has no leading slash", "write /"+text)
	}
	if len(text) > longestPath {
		return nil, wrong("path of more than "+strconv.Itoa(longestPath)+" bytes", "no request has one as long")
	}
	texts := strings.Split(rest, "/")
	if len(texts) > mostSegments {
		return nil, wrong("path has more than "+strconv.Itoa(mostSegments)+" segments", "no request has as many")
	}
	t := &template{text: text}
	for i, segment := range texts {
		p, err := parsePart(segment, i == len(texts)-1)
		if err != nil {
			return nil, wrong("path "+strconv.Quote(text)+": "+err.Detail, err.Mend)
		}
		if p.kind != literalPart && slices.Contains(t.names(), p.text) {
			return nil, wrong("path "+strconv.Quote(text)+" has two parameters called "+p.text, "give each its own name")
		}
		t.parts = append(t.parts, p)
	}
	return t, nil
}

// names are the parameters in the order of the template.
func (t *template) names() []string {
	var names []string
	for _, p := range t.parts {
		if p.kind != literalPart {
			names = append(names, p.text)
		}
	}
	return names
}

func parsePart(segment string, last bool) (part, *Error) {
	inner, opened := strings.CutPrefix(segment, "{")
	inner, closed := strings.CutSuffix(inner, "}")
	if !opened || !closed {
		return part{literalPart, segment}, checkLiteral(segment, last)
	}
	name, tail := strings.CutSuffix(inner, "...")
	switch {
	case !isParamName(name):
		return part{}, wrong("parameter "+strconv.Quote(name)+" is no name", "use letters, digits and _, a letter first")
	case tail && !last:
		return part{}, wrong("{"+name+"...} is not at the end", "only the last segment may stand for several")
	case tail:
		return part{tailPart, name}, nil
	default:
		return part{paramPart, name}, nil
	}
}

func isParamName(name string) bool {
	for i := range len(name) {
		if !isAlphanumeric(name[i]) && name[i] != '_' {
			return false
		}
	}
	return name != "" && name[0] > '9'
}

func checkLiteral(text string, last bool) *Error {
	switch {
	case strings.ContainsAny(text, "{}"):
		return wrong("brace in "+strconv.Quote(text), "a parameter is a whole segment, as in {id} or {rest...}")
	case strings.Contains(text, "%"):
		return wrong("escape in "+strconv.Quote(text), "write the decoded character; an encoded slash only fits a parameter")
	case strings.ContainsAny(text, "?#"):
		return wrong("query or fragment in "+strconv.Quote(text), "cut it off: a template is a path")
	case text == "*" || text == "**":
		return wrong("wildcard "+text, "write {name} for one segment, {rest...} for all that follow")
	default:
		return checkMatchable(text, last)
	}
}

// checkMatchable refuses a literal that ParsePath lets no request have.
func checkMatchable(text string, last bool) *Error {
	if err := unambiguous(text, last); err != nil {
		return wrong("segment "+strconv.Quote(text)+" matches no request ("+err.Error()+")", "take it out")
	}
	return nil
}
