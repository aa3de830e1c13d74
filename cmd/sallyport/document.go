package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// parseDocument reads the one YAML document of a file. It refuses what a reader
// would pass in silence: a second document, a duplicate key, and anchors,
// aliases and merge keys, behind which a duplicate can hide.
func parseDocument(file string, text []byte, r *report) (cursor, bool) {
	whole := cursor{file: file}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var document, second yaml.Node
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF):
		r.refuse(whole, fault{"the file is empty", "one YAML document", "write a configuration, or name another file with --config"})
		return whole, false
	case err != nil:
		r.refuse(syntaxPlace(file, err), fault{err.Error(), "YAML", "correct the syntax there or on a line beside it"})
		return whole, false
	}
	root := cursor{file: file, node: document.Content[0], mark: document.Content[0]}
	before := len(r.problems)
	switch err := decoder.Decode(&second); {
	case err == nil:
		r.refuse(cursor{file: file, mark: &second}, fault{"a second document begins here", "one YAML document", "take the --- line out, or put the second document into a file of its own"})
	case !errors.Is(err, io.EOF):
		r.refuse(syntaxPlace(file, err), fault{err.Error(), "YAML", "correct the syntax there or on a line beside it"})
	}
	checkNode(root, r)
	return root, len(r.problems) == before
}

// syntaxPlace finds the line in the YAML reader's text, which is all that it tells.
func syntaxPlace(file string, err error) cursor {
	found := regexp.MustCompile(`line (\d+):`).FindStringSubmatch(err.Error())
	if found == nil {
		return cursor{file: file, mark: &yaml.Node{Line: 1, Column: 1}}
	}
	line, _ := strconv.Atoi(found[1])
	return cursor{file: file, mark: &yaml.Node{Line: line, Column: 1}}
}

func checkNode(at cursor, r *report) {
	if at.node.Anchor != "" {
		r.refuse(at, fault{fmt.Sprintf("anchor %q", at.node.Anchor), "plain values: anchors hide duplicates", "write the value out where it is used"})
	}
	switch at.node.Kind {
	case yaml.AliasNode:
		r.refuse(at, fault{fmt.Sprintf("alias %q", at.node.Value), "plain values: aliases hide duplicates", "write the value out"})
	case yaml.MappingNode:
		checkMapping(at, r)
	case yaml.SequenceNode:
		for i := range at.node.Content {
			checkNode(at.index(i), r)
		}
	default:
		return
	}
}

func checkMapping(at cursor, r *report) {
	seen := map[string]*yaml.Node{}
	for i := 0; i+1 < len(at.node.Content); i += 2 {
		key, value := at.node.Content[i], at.node.Content[i+1]
		here := cursor{file: at.file, path: at.path, node: key, mark: key}
		first, again := seen[key.Value]
		switch {
		case key.Kind != yaml.ScalarNode:
			r.refuse(here, fault{"a key that is not a plain word", "a field name", "write the field's name"})
			continue
		case key.Tag == "!!merge":
			r.refuse(here, fault{"merge key <<", "plain values: merging hides duplicates", "write the fields out"})
		case again:
			r.refuse(here, fault{fmt.Sprintf("duplicate key %q, first on line %d", key.Value, first.Line), "each key once", "take one of the two out"})
		default:
			seen[key.Value] = key
		}
		down := at.field(key.Value)
		down.node = value
		checkNode(down, r)
	}
}
