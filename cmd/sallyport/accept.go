package main

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/types/known/structpb"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/cmd/sallyport/document"
)

// classOf is the default order of groups: all that hold secrets, then mtls,
// then host, then anonymous. A kind without a carrier that has no row here comes
// before anonymous, which must stay last: it is never absent.
func classOf(configured *authz.Configured) int {
	switch {
	case len(configured.Carriers) > 0:
		return 0
	case configured.Kind == kindAnonymous:
		return 4
	case configured.Kind == "mtls":
		return 1
	case configured.Kind == kindHost:
		return 2
	default:
		return 3
	}
}

// byClass groups a flat list by the default classes.
func byClass(flat []*authz.Configured) [][]*authz.Configured {
	sorted := slices.Clone(flat)
	slices.SortStableFunc(sorted, func(a, b *authz.Configured) int { return classOf(a) - classOf(b) })
	var groups [][]*authz.Configured
	for _, configured := range sorted {
		last := len(groups) - 1
		if last >= 0 && classOf(groups[last][0]) == classOf(configured) {
			groups[last] = append(groups[last], configured)
			continue
		}
		groups = append(groups, []*authz.Configured{configured})
	}
	return groups
}

func isAnonymous(configured *authz.Configured) bool { return configured.Kind == kindAnonymous }

// notAnonymous is what is accepted where nothing is said.
func notAnonymous(all []*authz.Configured) []*authz.Configured {
	return slices.DeleteFunc(slices.Clone(all), isAnonymous)
}

// acceptsAnonymous reports whether a caller without a credential may pass.
func acceptsAnonymous(groups [][]*authz.Configured) bool {
	return slices.ContainsFunc(groups, func(group []*authz.Configured) bool { return slices.ContainsFunc(group, isAnonymous) })
}

// accept reads a list of names, or a list of lists of names. Nothing else is
// taken: a mixed list has two readings.
func (c *compiler) accept(at document.Cursor, list *structpb.ListValue, among []*authz.Configured) [][]*authz.Configured {
	nested, flat := 0, 0
	for _, value := range list.GetValues() {
		switch value.GetKind().(type) {
		case *structpb.Value_StringValue:
			flat++
		case *structpb.Value_ListValue:
			nested++
		default:
			c.Refuse(at, "an element that is neither a name nor a list", "[a, b] or [[a], [b, c]]", "write names of authenticators")
			return nil
		}
	}
	taken := map[string]document.Cursor{}
	switch {
	case nested > 0 && flat > 0:
		c.Refuse(at, "names and groups in one list", "[a, b] or [[a], [b, c]]", "put every name into a group, or none")
		return nil
	case nested > 0:
		return c.groups(at, list, among, taken)
	default:
		return byClass(c.names(at, list, among, taken))
	}
}

func (c *compiler) groups(at document.Cursor, list *structpb.ListValue, among []*authz.Configured, taken map[string]document.Cursor) [][]*authz.Configured {
	var groups [][]*authz.Configured
	for i, value := range list.GetValues() {
		group := c.names(at.Index(i), value.GetListValue(), among, taken)
		if len(value.GetListValue().GetValues()) == 0 {
			c.Refuse(at.Index(i), "an empty group", "at least one name", "take the group out")
		}
		if len(group) > 0 {
			groups = append(groups, group)
		}
	}
	c.anonymousLast(at, groups)
	return groups
}

// anonymousLast refuses groups that nobody would ever reach.
func (c *compiler) anonymousLast(at document.Cursor, groups [][]*authz.Configured) {
	for i, group := range groups {
		if slices.ContainsFunc(group, isAnonymous) && i < len(groups)-1 {
			c.Refuse(at.Index(i), "anonymous before another group", "anonymous in the last group: it is never absent", "move it to the end")
		}
	}
}

func (c *compiler) names(at document.Cursor, list *structpb.ListValue, among []*authz.Configured, taken map[string]document.Cursor) []*authz.Configured {
	var found []*authz.Configured
	for i, value := range list.GetValues() {
		here := at.Index(i)
		name, isName := value.GetKind().(*structpb.Value_StringValue)
		if !isName {
			c.Refuse(here, "a group in a group", "the name of an authenticator", "write [[a], [b, c]] and no deeper")
			continue
		}
		if _, again := taken[name.StringValue]; again {
			c.Refuse(here, fmt.Sprintf("%q stands here twice", name.StringValue), "each authenticator once", "take one of the two out")
			continue
		}
		taken[name.StringValue] = here
		if configured, ok := c.find(here, name.StringValue, among); ok {
			found = append(found, configured)
		}
	}
	return found
}

// find gives the authenticator with a name. One that is declared, but did not
// compile, was reported there and is not reported again.
func (c *compiler) find(at document.Cursor, name string, among []*authz.Configured) (*authz.Configured, bool) {
	for _, configured := range among {
		if configured.Name == name {
			return configured, true
		}
	}
	var declared []string
	for _, message := range c.message.GetAuthenticators() {
		declared = append(declared, message.GetName())
	}
	isNamed := func(configured *authz.Configured) bool { return configured.Name == name }
	switch {
	case !slices.Contains(declared, name):
		c.Refuse(at, fmt.Sprintf("unknown authenticator %q", name), "one of ["+strings.Join(declared, " ")+"]", "add it to authenticators, or correct the name")
	case slices.ContainsFunc(c.known, isNamed):
		c.Refuse(at, fmt.Sprintf("authenticator %q is not known in this host block", name), "one of the block's own", "add it to the block's authenticators")
	}
	return nil, false
}
