package main

import (
	"fmt"

	"go.yaml.in/yaml/v3"
)

// cursor is a field of a file: its path and where it stands. A field that is
// not written stands where its nearest written parent does.
type cursor struct {
	file string
	path string
	node *yaml.Node
	// mark is the node whose place is told: the key of a list or a mapping, so
	// that a message points at the field and not at its first element.
	mark *yaml.Node
}

// field goes down to a key of a mapping.
func (c cursor) field(name string) cursor {
	down := cursor{file: c.file, path: name, mark: c.mark}
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

// index goes down to an element of a list.
func (c cursor) index(i int) cursor {
	down := cursor{file: c.file, path: fmt.Sprintf("%s[%d]", c.path, i), mark: c.mark}
	if c.node != nil && c.node.Kind == yaml.SequenceNode && i < len(c.node.Content) {
		down.node, down.mark = c.node.Content[i], c.node.Content[i]
	}
	return down
}

// written reports whether the field stands in the file.
func (c cursor) written() bool { return c.node != nil }

func (c cursor) problem(f fault) problem {
	at := place{file: c.file}
	if c.mark != nil {
		at.line, at.column = c.mark.Line, c.mark.Column
	}
	return problem{place: at, path: c.path, fault: f}
}
