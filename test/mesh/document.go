package mesh

import (
	"fmt"
	"os"

	"go.yaml.in/yaml/v3"
)

// document is a YAML file as plain values, with aliases and merges resolved.
type document map[string]any

func readDocument(path string) (document, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read: %w", err)
	}
	var d document
	if err := yaml.Unmarshal(text, &d); err != nil {
		return nil, fmt.Errorf("parse %s: %w", path, err)
	}
	return d, nil
}

func (d document) bytes() ([]byte, error) {
	text, err := yaml.Marshal(map[string]any(d))
	if err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	return text, nil
}

// table gives the map under a name; it is nil where there is none.
func (d document) table(name string) document {
	switch v := d[name].(type) {
	case document:
		return v
	case map[string]any:
		return v
	default:
		return nil
	}
}

// list gives the maps in the list under a name.
func (d document) list(name string) []document {
	items, _ := d[name].([]any)
	var found []document
	for _, item := range items {
		switch v := item.(type) {
		case document:
			found = append(found, v)
		case map[string]any:
			found = append(found, v)
		}
	}
	return found
}
