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

// makeSecrets makes the secrets that the configuration looks for in files, as `openssl
// rand -hex 32` would. One that is there is left alone.
func makeSecrets(configuration document, dir string) error {
	for _, name := range secretFiles(map[string]any(configuration)) {
		path := filepath.Join(dir, name)
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			continue
		}
		var random [32]byte
		_, _ = rand.Read(random[:])
		if err := os.WriteFile(path, []byte(hex.EncodeToString(random[:])+"\n"), 0o600); err != nil {
			return fmt.Errorf("write secret: %w", err)
		}
	}
	return nil
}

// secretFiles are the files of all fields that hold secrets, wherever they stand.
func secretFiles(value any) []string {
	var names []string
	switch v := value.(type) {
	case document:
		return secretFiles(map[string]any(v))
	case map[string]any:
		for field, inner := range v {
			switch field {
			case "secret", "bearer_token":
				names = append(names, secretFile(inner)...)
			case "secrets":
				list, _ := inner.([]any)
				for _, one := range list {
					names = append(names, secretFile(one)...)
				}
			default:
				names = append(names, secretFiles(inner)...)
			}
		}
	case []any:
		for _, one := range v {
			names = append(names, secretFiles(one)...)
		}
	}
	return names
}

func secretFile(reference any) []string {
	text, _ := reference.(string)
	if name, isFile := strings.CutPrefix(text, "file:"); isFile {
		return []string{name}
	}
	return nil
}
