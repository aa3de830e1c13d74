package canary

import (
	"crypto/rand"
	"fmt"
	"strings"
)

// Secret is a value that must not be written anywhere, and the place where it
// was put.
type Secret struct {
	Place, Value string
	// Whole means that only all of it is looked for: parts of what a person made
	// up are words that stand elsewhere too.
	Whole bool
}

// New makes a secret that nobody had before.
func New(place string) Secret { return Secret{Place: place, Value: "Cnry" + rand.Text()} }

// shortest is how much of a secret is a secret.
const shortest = 9

// Finding is a secret that was found.
type Finding struct {
	Place string
	// Form is the encoding, Near the text around it.
	Form, Near string
}

func (f Finding) String() string {
	return fmt.Sprintf("the secret of %s, %s: ...%s...", f.Place, f.Form, f.Near)
}

// Find looks for the secrets in a text. A value that is too short to be told from
// other text is not looked for.
func Find(text string, secrets ...Secret) []Finding {
	var found []Finding
	folded := strings.ToLower(text)
	for _, s := range secrets {
		if len(s.Value) < shortest {
			continue
		}
		for _, f := range s.forms() {
			where := text
			if f.folds {
				where = folded
			}
			if at := strings.Index(where, f.text); at >= 0 {
				found = append(found, Finding{s.Place, f.name, around(where, at, len(f.text))})
				break
			}
		}
	}
	return found
}

func around(text string, at, length int) string {
	const before = 120
	return text[max(0, at-before):min(len(text), at+length+before)]
}
