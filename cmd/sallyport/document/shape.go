package document

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// checkShape holds a mapping against a message. It refuses an unknown field,
// names that only JSON or the wire knows (they would be a second way to write a
// field), and an empty value, which reads like a setting and is none.
func checkShape(at Cursor, message protoreflect.MessageDescriptor, r *Report) {
	if at.node.Kind != yaml.MappingNode || strings.HasPrefix(string(message.FullName()), "google.protobuf.") {
		return
	}
	for i := 0; i+1 < len(at.node.Content); i += 2 {
		key := at.node.Content[i]
		field := message.Fields().ByName(protoreflect.Name(key.Value))
		if field == nil {
			refuseUnknown(Cursor{file: at.file, path: at.path, node: key, mark: key}, message.Fields(), r)
			continue
		}
		checkField(at.Field(key.Value), field, r)
	}
}

func checkField(at Cursor, field protoreflect.FieldDescriptor, r *Report) {
	switch {
	case at.node.Tag == "!!null" || at.node.Kind == yaml.ScalarNode && at.node.Value == "" && field.Kind() != protoreflect.StringKind:
		r.Refuse(at, "no value", "a value", "give it one, or take the field out")
	case field.IsMap():
		checkLabels(at, r)
	case field.IsList():
		for i, element := range at.node.Content {
			down := at.Index(i)
			if element.Tag == "!!null" {
				r.Refuse(down, "an element without a value", "a value", "give it one, or take the dash out")
			} else if field.Message() != nil {
				checkShape(down, field.Message(), r)
			}
		}
	case field.Message() != nil:
		checkShape(at, field.Message(), r)
	default:
		return
	}
}

func checkLabels(at Cursor, r *Report) {
	if at.node.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(at.node.Content); i += 2 {
		down := at.Field(at.node.Content[i].Value)
		if down.node.Tag == "!!null" {
			r.Refuse(down, "no value", "a text", "give it one, or take the key out")
		}
	}
}

func refuseUnknown(at Cursor, fields protoreflect.FieldDescriptors, r *Report) {
	name := at.node.Value
	names := make([]string, fields.Len())
	for i := range names {
		names[i] = string(fields.Get(i).Name())
	}
	mend := "take it out, or write one of these"
	if near := nearest(name, names); near != "" {
		mend = fmt.Sprintf("write %q, or take it out", near)
	}
	r.Refuse(at, fmt.Sprintf("unknown field %q", name), fmt.Sprintf("one of [%s]", strings.Join(names, " ")), mend)
}

// nearest is the name that was probably meant: equal but for case, dashes and
// underscores, or with the same beginning; "" where nothing is near.
func nearest(name string, names []string) string {
	plain := strings.NewReplacer("_", "", "-", "")
	wanted := strings.ToLower(plain.Replace(name))
	for _, known := range names {
		if strings.EqualFold(plain.Replace(known), wanted) {
			return known
		}
	}
	for _, known := range names {
		stem := strings.ToLower(plain.Replace(known))
		short := min(len(stem), len(wanted))
		if short >= 3 && stem[:short-1] == wanted[:short-1] {
			return known
		}
	}
	return ""
}
