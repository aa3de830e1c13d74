package main

import (
	"path/filepath"

	"github.com/sallyport-authz/sallyport/cmd/sallyport/document"
	configv1 "github.com/sallyport-authz/sallyport/gen/sallyport/config/v1"
)

// config is a configuration as it was written, with the places of its fields.
type config struct {
	message *configv1.Config
	root    document.Cursor
	folder  string
}

// readConfig reads one file. What the fields mean is checked while compiling.
func readConfig(file string, files *inventory, r *document.Report) (*config, bool) {
	c := &config{message: &configv1.Config{}, folder: filepath.Dir(file)}
	var ok bool
	c.root, ok = r.Read(file, files, c.message)
	return c, ok
}

// readKeys reads a file that is a list of keys.
func readKeys(file string, files *inventory, r *document.Report) (*configv1.ApiKey, document.Cursor, bool) {
	message := &configv1.ApiKey{}
	root, ok := r.ReadList(file, files, "keys", message)
	return message, root, ok
}
