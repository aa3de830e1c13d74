package kube_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/json"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"sigs.k8s.io/yaml"
)

// definition is one version of a CustomResourceDefinition, as the API server
// would apply it.
type definition struct {
	schema     *schema.Structural
	validator  validation.SchemaValidator
	rules      *cel.Validator
	namespaced bool
}

// definitions reads what the pinned modules ship: the very files that an
// installation of that version applies.
func definitions(t *testing.T) map[string]definition {
	t.Helper()
	all := map[string]definition{}
	for _, one := range []struct{ module, files string }{
		{"istio.io/api", "kubernetes/customresourcedefinitions.gen.yaml"},
		{"sigs.k8s.io/gateway-api", "config/crd/standard/gateway.networking.k8s.io_*s.yaml"},
		{"sigs.k8s.io/gateway-api", "config/crd/standard/gateway.networking.k8s.io_*ies.yaml"},
		{"github.com/envoyproxy/gateway", "charts/gateway-crds-helm/templates/generated/*.yaml"},
	} {
		files, err := filepath.Glob(filepath.Join(folderOf(t, one.module), one.files))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s has no %s: %v", one.module, one.files, err)
		}
		for _, file := range files {
			if err := define(all, file); err != nil {
				t.Fatalf("read %s: %v", file, err)
			}
		}
	}
	return all
}

func folderOf(t *testing.T, module string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	if err != nil {
		t.Fatalf("find %s: %v", module, err)
	}
	return strings.TrimSpace(string(out))
}

// define adds every served version in a file. Helm's own lines are left out.
func define(all map[string]definition, file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	reader := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(withoutHelm(text))))
	for {
		part, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		var crd apiextensionsv1.CustomResourceDefinition
		if err := yaml.Unmarshal(part, &crd); err != nil {
			return err
		}
		for _, version := range crd.Spec.Versions {
			if crd.Kind != "CustomResourceDefinition" || !version.Served {
				continue
			}
			key := crd.Spec.Group + "/" + version.Name + "/" + crd.Spec.Names.Kind
			if all[key], err = compile(version.Schema, crd.Spec.Scope); err != nil {
				return fmt.Errorf("compile %s: %w", key, err)
			}
		}
	}
}

func withoutHelm(text []byte) []byte {
	var kept []byte
	for line := range bytes.Lines(text) {
		if !bytes.HasPrefix(line, []byte("{{")) {
			kept = append(kept, line...)
		}
	}
	return kept
}

func compile(published *apiextensionsv1.CustomResourceValidation, scope apiextensionsv1.ResourceScope) (definition, error) {
	var internal apiextensions.CustomResourceValidation
	if err := apiextensionsv1.Convert_v1_CustomResourceValidation_To_apiextensions_CustomResourceValidation(published, &internal, nil); err != nil {
		return definition{}, err
	}
	structural, err := schema.NewStructural(internal.OpenAPIV3Schema)
	if err != nil {
		return definition{}, err
	}
	validator, _, err := validation.NewSchemaValidator(internal.OpenAPIV3Schema)
	if err != nil {
		return definition{}, err
	}
	rules := cel.NewValidator(structural, true, celconfig.PerCallLimit)
	return definition{structural, validator, rules, scope == apiextensionsv1.NamespaceScoped}, nil
}

// refuse does what the API server does when a resource is created: unknown
// fields, defaults, the schema, list keys, and the rules in CEL.
func (d definition) refuse(text []byte) error {
	var object map[string]any
	if err := json.Unmarshal(text, &object); err != nil {
		return err
	}
	if d.namespaced != hasNamespace(object) {
		return fmt.Errorf("metadata.namespace is set: %v, namespaced: %v", !d.namespaced, d.namespaced)
	}
	if err := d.refuseUnknown(object); err != nil {
		return err
	}
	defaulting.Default(object, d.schema)
	found := validation.ValidateCustomResource(nil, object, d.validator)
	found = append(found, listtype.ValidateListSetsAndMaps(nil, d.schema, object)...)
	if d.rules != nil {
		broken, _ := d.rules.Validate(context.Background(), nil, d.schema, object, nil, celconfig.RuntimeCELCostBudget)
		found = append(found, broken...)
	}
	return found.ToAggregate()
}

func hasNamespace(object map[string]any) bool {
	metadata, _ := object["metadata"].(map[string]any)
	namespace, _ := metadata["namespace"].(string)
	return namespace != ""
}

// refuseUnknown looks at spec alone: metadata is the API server's own.
func (d definition) refuseUnknown(object map[string]any) error {
	spec := map[string]any{"apiVersion": object["apiVersion"], "kind": object["kind"], "spec": object["spec"]}
	whole := schema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true}
	unknown := pruning.PruneWithOptions(runtime.DeepCopyJSON(spec), d.schema, true, whole)
	if len(unknown) > 0 {
		return fmt.Errorf("unknown field %s", strings.Join(unknown, ", "))
	}
	return nil
}
