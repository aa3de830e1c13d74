package kube_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

// meshFile is the one file that holds no resource.
const meshFile = "meshconfig.yaml"

func folders() []string { return []string{"../../examples/istio", "../../examples/envoy-gateway"} }

// document is one YAML document, as JSON.
type document struct {
	file string
	text []byte
	// Kind and Name are empty in the mesh configuration.
	Version  string `json:"apiVersion"`
	Kind     string `json:"kind"`
	Metadata struct {
		Name      string `json:"name"`
		Namespace string `json:"namespace"`
	} `json:"metadata"`
}

func (d document) key() string { return d.Version + "/" + d.Kind }

func (d document) String() string {
	return filepath.Base(d.file) + "/" + d.Kind + "/" + d.Metadata.Name
}

// split gives the documents of one file. A key that stands twice is an error, and
// so is a document without content: something was commented out by half.
func split(file string, text []byte) ([]document, error) {
	var documents []document
	reader := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(text)))
	for {
		part, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return documents, nil
		}
		if err != nil {
			return nil, fmt.Errorf("split %s: %w", file, err)
		}
		d := document{file: file}
		if d.text, err = yaml.YAMLToJSONStrict(part); err != nil {
			return nil, fmt.Errorf("read %s: %w", file, err)
		}
		if bytes.Equal(d.text, []byte("null")) {
			return nil, fmt.Errorf("read %s: document without content", file)
		}
		if err := yaml.Unmarshal(d.text, &d); err != nil {
			return nil, fmt.Errorf("read %s: %w", file, err)
		}
		documents = append(documents, d)
	}
}

// documents reads a folder's, in the order of files.
func documents(t *testing.T, folder string) []document {
	t.Helper()
	files, err := filepath.Glob(folder + "/*.y*ml")
	if err != nil {
		t.Fatal(err)
	}
	var all []document
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		some, err := split(file, text)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, some...)
	}
	if len(all) < 10 {
		t.Fatalf("%s has %d documents: this is not the example", folder, len(all))
	}
	return all
}

// TestDocuments: each document of both examples is what its project published.
func TestDocuments(t *testing.T) {
	judge := newJudge(t)
	for _, folder := range folders() {
		for _, d := range documents(t, folder) {
			t.Run(filepath.Base(folder)+"/"+d.String(), func(t *testing.T) {
				if err := judge.refuse(d); err != nil {
					t.Error(err)
				}
			})
		}
	}
}
