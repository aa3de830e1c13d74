package document

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"

	"buf.build/go/protoyaml"
	"go.yaml.in/yaml/v3"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// Source reads files.
type Source interface {
	Read(file string) ([]byte, error)
}

// Read reads a file that is one mapping into a message, and gives the place of its
// root. The message then has the form of its type and nothing more. Where anything
// is wrong it is in the report, and the rest means nothing.
func (r *Report) Read(file string, from Source, message proto.Message) (Cursor, bool) {
	text, root, ok := r.parse(file, from)
	if !ok {
		return root, false
	}
	if root.node.Kind != yaml.MappingNode {
		r.Refuse(root, "the document is no mapping", "field: value", "begin with a field, as in server:")
		return root, false
	}
	return root, r.decode(root, text, message, protoyaml.UnmarshalOptions{})
}

// ReadList reads a file that is one list, which becomes the field of the message.
func (r *Report) ReadList(file string, from Source, field string, message proto.Message) (Cursor, bool) {
	text, root, ok := r.parse(file, from)
	if !ok {
		return root, false
	}
	if root.node.Kind != yaml.SequenceNode {
		r.Refuse(root, "the document is no list", "a list of "+field, "begin each with a dash, as in - id: ci")
		return root, false
	}
	wrapper := wrapping{message.ProtoReflect().Descriptor().FullName(), field}
	wrapper.wrap(root.node)
	return root, r.decode(root, text, message, protoyaml.UnmarshalOptions{CustomUnmarshaler: wrapper})
}

// wrapping makes a list the field of a message, in place, so that the elements keep
// their lines and columns.
type wrapping struct {
	message protoreflect.FullName
	field   string
}

func (w wrapping) wrap(node *yaml.Node) {
	list := *node
	key := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: w.field, Line: list.Line, Column: list.Column}
	*node = yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: list.Line, Column: list.Column, Content: []*yaml.Node{key, &list}}
}

// Unmarshal implements protoyaml.CustomUnmarshaler: it only wraps the top.
func (w wrapping) Unmarshal(node *yaml.Node, message proto.Message) (bool, error) {
	if message.ProtoReflect().Descriptor().FullName() == w.message && node.Kind == yaml.SequenceNode {
		w.wrap(node)
	}
	return false, nil
}

func (r *Report) parse(file string, from Source) ([]byte, Cursor, bool) {
	text, err := from.Read(file)
	if err != nil {
		r.Refuse(Cursor{file: file}, err.Error(), "a file that can be read", "check the path and the file's mode")
		return nil, Cursor{file: file}, false
	}
	if line := strangeBreak(text); line > 0 {
		at := Cursor{file: file, mark: &yaml.Node{Line: line, Column: 1}}
		r.Refuse(at, "a line ends with something else than LF or CR LF", "lines that end with LF", "save the file with Unix line ends")
		return nil, at, false
	}
	root, ok := parseDocument(file, text, r)
	return text, root, ok
}

// strangeBreak gives the line that ends with a break which YAML knows and protoyaml
// does not, since both must count lines alike; 0 is none.
func strangeBreak(text []byte) int {
	plain := bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	i := bytes.IndexAny(plain, "\r\u0085\u2028\u2029")
	if i < 0 {
		return 0
	}
	return bytes.Count(plain[:i], []byte("\n")) + 1
}

// decode holds the document against the message and fills it.
func (r *Report) decode(root Cursor, text []byte, message proto.Message, options protoyaml.UnmarshalOptions) bool {
	before := len(r.Problems)
	checkShape(root, message.ProtoReflect().Descriptor(), r)
	if len(r.Problems) > before {
		return false
	}
	options.Path = root.file
	err := options.Unmarshal(text, message)
	if err == nil {
		return true
	}
	for _, one := range Several(err) {
		at, what := splitPlace(root, one.Error())
		r.Refuse(at, what, "a value of the field's type", mendType(what))
	}
	return false
}

// splitPlace takes protoyaml's "file:line:column text" apart; the lines after
// the first only repeat the source.
func splitPlace(root Cursor, text string) (Cursor, string) {
	first, _, _ := strings.Cut(text, "\n")
	rest := strings.TrimPrefix(first, root.file)
	found := regexp.MustCompile(`^:(\d+):(\d+) (.*)$`).FindStringSubmatch(rest)
	if found == nil {
		return root, first
	}
	line, _ := strconv.Atoi(found[1])
	column, _ := strconv.Atoi(found[2])
	return Cursor{file: root.file, mark: &yaml.Node{Line: line, Column: column}}, found[3]
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
