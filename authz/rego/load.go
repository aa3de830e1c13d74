package rego

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/util"

	"github.com/sallyport-authz/sallyport/policies"
)

// testSuffix marks modules that run at load and decide nothing.
const testSuffix = "_test.rego"

// sources are policies, tests and data as they were read.
type sources struct {
	files        Files
	capabilities *ast.Capabilities
	// policies decide, tests only run at load, shipped is ours and trusted.
	policies map[string]*ast.Module
	tests    map[string]*ast.Module
	shipped  map[string]*ast.Module
	data     map[string]any
	// origin is the file that each member of data came from.
	origin map[string]string
}

// load reads files and folders, and the shipped policy unless it is replaced.
func load(settings Settings, capabilities *ast.Capabilities) (*sources, error) {
	files := settings.Files
	if files == nil {
		files = Disk{}
	}
	s := &sources{
		files: files, capabilities: capabilities,
		policies: map[string]*ast.Module{}, tests: map[string]*ast.Module{}, shipped: map[string]*ast.Module{},
		data: map[string]any{}, origin: map[string]string{},
	}
	if !settings.Replace {
		if err := s.addShipped(); err != nil {
			return nil, err
		}
	}
	var errs []error
	for _, path := range settings.Paths {
		errs = append(errs, s.addPath(path))
	}
	return s, errors.Join(errs...)
}

// addShipped keys our modules by names that no file of an operator can have.
func (s *sources) addShipped() error {
	return fs.WalkDir(policies.Files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasSuffix(path, testSuffix) {
			return err
		}
		text, err := policies.Files.ReadFile(path)
		if err != nil {
			return fmt.Errorf("read shipped policy: %w", err)
		}
		return s.parse(s.shipped, "shipped:"+path, text)
	})
}

// addPath reads one file, or every policy and data file of one folder.
func (s *sources) addPath(path string) error {
	files, err := s.files.List(path)
	if err != nil {
		return err
	}
	var errs []error
	for _, file := range files {
		errs = append(errs, s.addFile(file))
	}
	return errors.Join(errs...)
}

func (s *sources) addFile(path string) error {
	path = filepath.Clean(path)
	text, err := s.files.Read(path)
	if err != nil {
		return err
	}
	switch {
	case strings.HasSuffix(path, testSuffix):
		return s.parse(s.tests, path, text)
	case filepath.Ext(path) == ".rego":
		return s.parse(s.policies, path, text)
	case isSource(path):
		return s.addData(path, text)
	default:
		return &Error{File: path, Detail: "neither .rego nor .json, .yaml or .yml", Mend: "name a policy or data file"}
	}
}

// parse reads Rego v1. Annotations are not read: they could bring a schema of
// their own and switch ours off.
func (s *sources) parse(into map[string]*ast.Module, name string, text []byte) error {
	if _, twice := into[name]; twice {
		return &Error{File: name, Detail: "file named twice", Mend: "take one of the paths out"}
	}
	module, err := ast.ParseModuleWithOpts(name, string(text), ast.ParserOptions{
		RegoVersion: ast.RegoV1, Capabilities: s.capabilities,
	})
	if err != nil {
		return found(err)
	}
	if module == nil {
		return &Error{File: name, Detail: "empty policy", Mend: "start it with a package or remove the file"}
	}
	into[name] = module
	return nil
}

// addData merges one file into the root of data. A member that two files define
// is an error: which of them counts would depend on their names.
func (s *sources) addData(path string, text []byte) error {
	var members map[string]any
	read := util.Unmarshal
	if filepath.Ext(path) == ".json" {
		read = util.UnmarshalJSON
	}
	if err := read(text, &members); err != nil {
		return &Error{File: path, Line: lineOf(text, err), Column: 1, Detail: "data: " + err.Error(), Mend: "write one object"}
	}
	for name, value := range members {
		if other, twice := s.origin[name]; twice {
			return &Error{
				File: path, Detail: fmt.Sprintf("data.%s is defined in %s too", name, other),
				Mend: "keep each member of data in one file",
			}
		}
		s.data[name], s.origin[name] = value, path
	}
	return nil
}

// lineOf finds the line of a JSON error, or 0 where it does not tell.
func lineOf(text []byte, err error) int {
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) || syntax.Offset > int64(len(text)) {
		return 0
	}
	return 1 + strings.Count(string(text[:syntax.Offset]), "\n")
}
