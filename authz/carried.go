package authz

import (
	"fmt"
	"strings"
)

// Carried gives what a carrier holds: without the scheme where one is named, as
// `authorization` has it (RFC 9110 section 11.4, compared without case). ErrAbsent:
// it holds nothing, or another scheme's. ErrMalformed: it holds what cannot be read
// in one way only.
func (a *Attributes) Carried(c Carrier, scheme string) (string, error) {
	if a.Request == nil {
		return "", ErrAbsent
	}
	value, presence := a.Request.Headers.Carried(c)
	switch presence {
	case Absent:
		return "", ErrAbsent
	case Single:
		return within(scheme, value)
	case Repeated, Mangled:
		return "", fmt.Errorf("%w: %s cannot be read in one way only", ErrMalformed, c)
	default:
		return "", fmt.Errorf("%w: %s is unreadable", ErrMalformed, c)
	}
}

func within(scheme, value string) (string, error) {
	if scheme == "" {
		return value, nil
	}
	named, rest, _ := strings.Cut(value, " ")
	if !strings.EqualFold(named, scheme) {
		return "", ErrAbsent
	}
	return rest, nil
}
