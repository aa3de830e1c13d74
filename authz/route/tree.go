package route

import (
	"strconv"
	"strings"

	"github.com/sallyport-authz/sallyport/authz"
)

// anyMethod in a Rule stands for every method.
const anyMethod = "*"

// rule is a Rule with its template read.
type rule struct {
	method   string
	template *template
	route    *authz.Route
}

// node is one place in the tree of a host block while it grows: the ways to go
// on, and the rules that end here. Requests use the index made of it.
type node struct {
	literals map[string]*node
	param    *node
	// tail holds the rules whose last part stands for all that follows.
	tail []rule
	ends []rule
}

// add puts a rule into the tree. Two rules of one shape and one method are an
// error: which of them decides would depend on their order.
func (n *node) add(r rule) *Error {
	for _, p := range r.template.parts {
		switch p.kind {
		case tailPart:
			return addRule(&n.tail, r)
		case paramPart:
			if n.param == nil {
				n.param = &node{}
			}
			n = n.param
		default:
			n = n.literal(p.text)
		}
	}
	return addRule(&n.ends, r)
}

func (n *node) literal(text string) *node {
	child := n.literals[text]
	if child == nil {
		if n.literals == nil {
			n.literals = map[string]*node{}
		}
		child = &node{}
		n.literals[text] = child
	}
	return child
}

func addRule(rules *[]rule, r rule) *Error {
	for _, other := range *rules {
		if other.method == r.method {
			return wrong(r.method+" "+strconv.Quote(other.template.text)+" and "+strconv.Quote(r.template.text)+
				" match the same paths", "take one of them out, or make its path more specific")
		}
	}
	*rules = append(*rules, r)
	return nil
}

// params gives the parameters of a path that the rule matches.
func (r *rule) params(path Path) []authz.Param {
	var params []authz.Param
	for i, p := range r.template.parts {
		switch p.kind {
		case paramPart:
			params = append(params, authz.Param{Name: p.text, Value: path.segments[i]})
		case tailPart:
			params = append(params, authz.Param{Name: p.text, Value: strings.Join(path.segments[i:], "/")})
		default:
			continue
		}
	}
	return params
}
