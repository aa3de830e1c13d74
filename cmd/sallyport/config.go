package main

import (
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"buf.build/go/protoyaml"
	"go.yaml.in/yaml/v3"
	"google.golang.org/protobuf/proto"

	configv1 "github.com/sallyport-authz/sallyport/gen/sallyport/config/v1"
)

// config is a configuration as it was written, with the places of its fields.
type config struct {
	message *configv1.Config
	root    cursor
	folder  string
}

// readConfig reads one file. What it returns has the form of a Config and
// nothing more: what the fields mean is checked while compiling.
func readConfig(file string, files *inventory, r *report) (*config, bool) {
	c := &config{message: &configv1.Config{}, folder: filepath.Dir(file)}
	text, ok := readBounded(file, files, r)
	if !ok {
		return c, false
	}
	if c.root, ok = parseDocument(file, text, r); !ok {
		return c, false
	}
	if c.root.node.Kind != yaml.MappingNode {
		r.refuse(c.root, fault{"the document is no mapping", "field: value", "begin with a field, as in server:"})
		return c, false
	}
	return c, decode(c.root, text, c.message, r)
}

// readKeys reads a file that is a list of keys.
func readKeys(file string, files *inventory, r *report) (*configv1.ApiKey, cursor, bool) {
	message := &configv1.ApiKey{}
	text, ok := readBounded(file, files, r)
	if !ok {
		return message, cursor{}, false
	}
	root, ok := parseDocument(file, text, r)
	if !ok {
		return message, root, false
	}
	if root.node.Kind != yaml.SequenceNode {
		r.refuse(root, fault{"the document is no list", "a list of keys", "begin each key with a dash, as in - id: ci"})
		return message, root, false
	}
	keysOf{}.wrap(root.node)
	return message, root, decode(root, text, message, r)
}

// keysOf makes a list of keys the field keys of an ApiKey, in place, so that
// the elements keep their lines and columns.
type keysOf struct{}

func (keysOf) wrap(node *yaml.Node) {
	list := *node
	key := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: "keys", Line: list.Line, Column: list.Column}
	*node = yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: list.Line, Column: list.Column, Content: []*yaml.Node{key, &list}}
}

// Unmarshal implements protoyaml.CustomUnmarshaler: it only wraps the top.
func (k keysOf) Unmarshal(node *yaml.Node, message proto.Message) (bool, error) {
	if _, top := message.(*configv1.ApiKey); top && node.Kind == yaml.SequenceNode {
		k.wrap(node)
	}
	return false, nil
}

func readBounded(file string, files *inventory, r *report) ([]byte, bool) {
	text, err := files.Read(file)
	if err != nil {
		r.refuse(cursor{file: file}, fault{err.Error(), "a file that can be read", "check the path and the file's mode"})
	}
	return text, err == nil
}

// decode holds the document against the message and fills it.
func decode(root cursor, text []byte, message proto.Message, r *report) bool {
	before := len(r.problems)
	checkShape(root, message.ProtoReflect().Descriptor(), r)
	if len(r.problems) > before {
		return false
	}
	options := protoyaml.UnmarshalOptions{Path: root.file, CustomUnmarshaler: keysOf{}}
	err := options.Unmarshal(text, message)
	if err == nil {
		return true
	}
	for _, one := range several(err) {
		at, what := splitPlace(root, one.Error())
		r.refuse(at, fault{what, "a value of the field's type", mendType(what)})
	}
	return false
}

// splitPlace takes protoyaml's "file:line:column text" apart; the lines after
// the first only repeat the source.
func splitPlace(root cursor, text string) (cursor, string) {
	first, _, _ := strings.Cut(text, "\n")
	rest := strings.TrimPrefix(first, root.file)
	found := regexp.MustCompile(`^:(\d+):(\d+) (.*)$`).FindStringSubmatch(rest)
	if found == nil {
		return root, first
	}
	line, _ := strconv.Atoi(found[1])
	column, _ := strconv.Atoi(found[2])
	return cursor{file: root.file, mark: &yaml.Node{Line: line, Column: column}}, found[3]
}

// mendType shows how a value of the type that was expected is written.
func mendType(what string) string {
	switch {
	case strings.Contains(what, "duration"):
		return "write it as in 100ms"
	case strings.Contains(what, "integer"):
		return "write a whole number, as in 512"
	case strings.Contains(what, "timestamp"):
		return "write it as in 2030-01-31T00:00:00Z"
	case strings.Contains(what, "bool"):
		return "write true or false"
	case strings.Contains(what, "expected sequence"):
		return "write a list, as in [a, b]"
	case strings.Contains(what, "expected fields"), strings.Contains(what, "expected mapping"):
		return "write fields, as in name: value"
	case strings.Contains(what, "already set"):
		return "keep one of the two kinds"
	default:
		return "write a plain value"
	}
}
