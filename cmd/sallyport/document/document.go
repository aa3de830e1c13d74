package document

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
func parseDocument(file string, text []byte, r *Report) (Cursor, bool) {
	whole := Cursor{file: file}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var document, second yaml.Node
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF):
		r.Refuse(whole, "the file is empty", "one YAML document", "write a configuration, or name another file with --config")
		return whole, false
	case err != nil:
		r.Refuse(syntaxPlace(file, err), err.Error(), "YAML", "correct the syntax there or on a line beside it")
		return whole, false
	}
	root := Cursor{file: file, node: document.Content[0], mark: document.Content[0]}
	before := len(r.Problems)
	switch err := decoder.Decode(&second); {
	case err == nil:
		r.Refuse(Cursor{file: file, mark: &second}, "a second document begins here", "one YAML document", "take the --- line out, or put the second document into a file of its own")
	case !errors.Is(err, io.EOF):
		r.Refuse(syntaxPlace(file, err), err.Error(), "YAML", "correct the syntax there or on a line beside it")
	}
	checkNode(root, r)
	return root, len(r.Problems) == before
}

// syntaxPlace finds the line in the YAML reader's text, which is all that it tells.
func syntaxPlace(file string, err error) Cursor {
	found := regexp.MustCompile(`line (\d+):`).FindStringSubmatch(err.Error())
	if found == nil {
		return Cursor{file: file, mark: &yaml.Node{Line: 1, Column: 1}}
	}
	line, _ := strconv.Atoi(found[1])
	return Cursor{file: file, mark: &yaml.Node{Line: line, Column: 1}}
}

func checkNode(at Cursor, r *Report) {
	if at.node.Anchor != "" {
		r.Refuse(at, fmt.Sprintf("anchor %q", at.node.Anchor), "plain values: anchors hide duplicates", "write the value out where it is used")
	}
	switch at.node.Kind {
	case yaml.AliasNode:
		r.Refuse(at, fmt.Sprintf("alias %q", at.node.Value), "plain values: aliases hide duplicates", "write the value out")
	case yaml.MappingNode:
		checkMapping(at, r)
	case yaml.SequenceNode:
		for i := range at.node.Content {
			checkNode(at.Index(i), r)
		}
	default:
		return
	}
}

func checkMapping(at Cursor, r *Report) {
	seen := map[string]*yaml.Node{}
	for i := 0; i+1 < len(at.node.Content); i += 2 {
		key, value := at.node.Content[i], at.node.Content[i+1]
		here := Cursor{file: at.file, path: at.path, node: key, mark: key}
		first, again := seen[key.Value]
		switch {
		case key.Kind != yaml.ScalarNode:
			r.Refuse(here, "a key that is not a plain word", "a field name", "write the field's name")
			continue
		case key.Tag == "!!merge":
			r.Refuse(here, "merge key <<", "plain values: merging hides duplicates", "write the fields out")
		case again:
			r.Refuse(here, fmt.Sprintf("duplicate key %q, first on line %d", key.Value, first.Line), "each key once", "take one of the two out")
		default:
			seen[key.Value] = key
		}
		down := at.Field(key.Value)
		down.node = value
		checkNode(down, r)
	}
}
