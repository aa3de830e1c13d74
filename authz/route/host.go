package route

import (
	"strconv"
	"strings"

	"github.com/sallyport-authz/sallyport/authz"
)

// names maps host patterns to what stands behind them: exact names, "*.suffix"
// for one or more labels before it, "*" for all. The most specific one wins.
type names[T any] struct {
	exact    map[string]T
	suffixes map[string]T
	all      []T
}

func newNames[T any]() names[T] {
	return names[T]{exact: map[string]T{}, suffixes: map[string]T{}}
}

// add refuses a pattern that no canonical host can match, and one that is
// there already: which of the two decides would depend on their order.
func (n *names[T]) add(pattern string, behind T) *Error {
	if pattern == "*" {
		if len(n.all) > 0 {
			return twice(pattern)
		}
		n.all = []T{behind}
		return nil
	}
	name, wild := strings.CutPrefix(pattern, "*.")
	if canonical, err := authz.ParseHost(name); err != nil || canonical != name {
		return wrong("host pattern "+strconv.Quote(pattern)+" matches no host",
			"write a name in lower case, without port and trailing dot; *.name; or *")
	}
	patterns := n.exact
	if wild {
		patterns = n.suffixes
	}
	if _, taken := patterns[name]; taken {
		return twice(pattern)
	}
	patterns[name] = behind
	return nil
}

func twice(pattern string) *Error {
	return wrong("host pattern "+strconv.Quote(pattern)+" stands twice", "put all of its rules into one block")
}

// find gives what stands behind the most specific pattern of a canonical host.
func (n *names[T]) find(host string) (T, bool) {
	if behind, ok := n.exact[host]; ok {
		return behind, true
	}
	for rest := host; ; {
		_, suffix, more := strings.Cut(rest, ".")
		if !more {
			break
		}
		if behind, ok := n.suffixes[suffix]; ok {
			return behind, true
		}
		rest = suffix
	}
	if len(n.all) > 0 {
		return n.all[0], true
	}
	var none T
	return none, false
}
