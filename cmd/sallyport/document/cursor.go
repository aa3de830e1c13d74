package document

import (
	"fmt"

	"go.yaml.in/yaml/v3"
)

// Cursor is a field of a file: its path and where it stands. A field that is
// not written stands where its nearest written parent does.
type Cursor struct {
	file string
	path string
	node *yaml.Node
	// mark is the node whose place is told: the key of a list or a mapping, so
	// that a message points at the field and not at its first element.
	mark *yaml.Node
}

// Field goes down to a key of a mapping.
func (c Cursor) Field(name string) Cursor {
	down := Cursor{file: c.file, path: name, mark: c.mark}
	if c.path != "" {
		down.path = c.path + "." + name
	}
	if c.node == nil || c.node.Kind != yaml.MappingNode {
		return down
	}
	for i := 0; i+1 < len(c.node.Content); i += 2 {
		key, value := c.node.Content[i], c.node.Content[i+1]
		if key.Value == name {
			down.node, down.mark = value, value
			if value.Kind != yaml.ScalarNode {
				down.mark = key
			}
		}
	}
	return down
}

// Index goes down to an element of a list.
func (c Cursor) Index(i int) Cursor {
	down := Cursor{file: c.file, path: fmt.Sprintf("%s[%d]", c.path, i), mark: c.mark}
	if c.node != nil && c.node.Kind == yaml.SequenceNode && i < len(c.node.Content) {
		down.node, down.mark = c.node.Content[i], c.node.Content[i]
	}
	return down
}

// Written reports whether the field stands in the file.
func (c Cursor) Written() bool { return c.node != nil }

// File is the file's path, and Path the field's within it, as in hosts[0].routes.
func (c Cursor) File() string { return c.file }

// Path is described at File.
func (c Cursor) Path() string { return c.path }

func (c Cursor) problem(what, expected, mend string) Problem {
	at := Place{File: c.file}
	if c.mark != nil {
		at.Line, at.Column = c.mark.Line, c.mark.Column
	}
	return Problem{Place: at, path: c.path, what: what, expected: expected, mend: mend}
}
