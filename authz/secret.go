package authz

import (
	"fmt"
	"io"
	"log/slog"
)

// Secret is a value that must not be printed. Every formatting verb, JSON and
// slog show "[secret]"; only Reveal gives the text.
type Secret struct{ reveal func() string }

// NewSecret hides text.
func NewSecret(text string) Secret {
	return Secret{reveal: func() string { return text }}
}

// Reveal gives the hidden text; the zero Secret hides the empty string.
func (s Secret) Reveal() string {
	if s.reveal == nil {
		return ""
	}
	return s.reveal()
}

// Format implements fmt.Formatter.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[secret]") }

// MarshalText implements encoding.TextMarshaler, which encoding/json uses.
func (Secret) MarshalText() ([]byte, error) { return []byte("[secret]"), nil }

// LogValue implements slog.LogValuer.
func (Secret) LogValue() slog.Value { return slog.StringValue("[secret]") }
