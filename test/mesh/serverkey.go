package mesh

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// makeServerKeys makes the store's server keys that the configuration looks for in
// files, as `openssl rand -hex 32` would. One that is there is left alone.
func makeServerKeys(configuration document, dir string) error {
	for _, key := range configuration.table("store").list("keys") {
		name, _ := key["secret"].(string)
		name, isFile := strings.CutPrefix(name, "file:")
		if !isFile {
			continue
		}
		path := filepath.Join(dir, name)
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			continue
		}
		var random [32]byte
		_, _ = rand.Read(random[:])
		if err := os.WriteFile(path, []byte(hex.EncodeToString(random[:])+"\n"), 0o600); err != nil {
			return fmt.Errorf("write server key: %w", err)
		}
	}
	return nil
}
