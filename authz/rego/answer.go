package rego

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/sallyport-authz/sallyport/authz"
)

// longestTTL is beyond any life of a remembered verdict, and far from the bounds
// of a time.Duration.
const longestTTL = 365 * 24 * time.Hour

// readAnswer takes an answer in one of its documented forms and nothing else.
// Exactly true, or an object whose member allow is exactly true, allows.
func readAnswer(value ast.Value) (authz.Answer, error) {
	switch v := value.(type) {
	case ast.Boolean:
		answer := authz.Answer{Allow: bool(v), TTL: -1}
		return answer, settle(&answer)
	case ast.Object:
		return readMembers(v)
	default:
		return authz.Answer{}, fmt.Errorf("expected true, false or an object, got %s", ast.ValueName(value))
	}
}

func readMembers(object ast.Object) (authz.Answer, error) {
	if object.Get(ast.StringTerm("allow")) == nil {
		return authz.Answer{}, errors.New(`member "allow" is missing`)
	}
	answer := authz.Answer{TTL: -1}
	err := object.Iter(func(key, value *ast.Term) error {
		name, ok := key.Value.(ast.String)
		if !ok {
			return fmt.Errorf("member %s has no text for a name", key)
		}
		if err := readMember(&answer, string(name), value.Value); err != nil {
			return fmt.Errorf("member %q: %w", string(name), err)
		}
		return nil
	})
	if err == nil {
		err = settle(&answer)
	}
	if err != nil {
		return authz.Answer{}, err
	}
	return answer, nil
}

func readMember(answer *authz.Answer, name string, value ast.Value) (err error) {
	switch name {
	case "allow":
		answer.Allow, err = readBoolean(value)
	case "reason":
		answer.Reason, err = readReason(value)
	case "status":
		answer.Status, err = readStatus(value)
	case "message":
		answer.Message, err = readText(value)
	case "headers":
		answer.Headers, err = readHeaders(value, readOne)
	case "response_headers":
		answer.ResponseHeaders, err = readHeaders(value, readSome)
	case "metadata":
		answer.Metadata, err = readMetadata(value)
		answer.Rule, _ = answer.Metadata["rule"].(string)
	case "ttl":
		answer.TTL, err = readTTL(value)
	default:
		err = errors.New("no such member")
	}
	return err
}

// settle looks at the members together: a reason and a status belong to denials,
// and a denial without a reason is by policy.
func settle(answer *authz.Answer) error {
	switch {
	case answer.Allow && answer.Reason != "":
		return errors.New("an answer that allows has no reason")
	case answer.Allow && answer.Status != 0:
		return errors.New("an answer that allows has no status")
	case !answer.Allow && answer.Reason == "":
		answer.Reason = authz.ByPolicy
	}
	return nil
}

func readBoolean(value ast.Value) (bool, error) {
	b, ok := value.(ast.Boolean)
	if !ok {
		return false, fmt.Errorf("expected a boolean, got %s", ast.ValueName(value))
	}
	return bool(b), nil
}

func readText(value ast.Value) (string, error) {
	text, ok := value.(ast.String)
	if !ok {
		return "", fmt.Errorf("expected a string, got %s", ast.ValueName(value))
	}
	return string(text), nil
}

func readReason(value ast.Value) (authz.Reason, error) {
	text, err := readText(value)
	if err != nil {
		return "", err
	}
	if reason := authz.Reason(text); reason.Known() {
		return reason, nil
	}
	return "", fmt.Errorf("expected one of %v, got %q", authz.Reasons(), text)
}

func readStatus(value ast.Value) (int, error) {
	number, ok := value.(ast.Number)
	if !ok {
		return 0, fmt.Errorf("expected a number, got %s", ast.ValueName(value))
	}
	status, ok := number.Int()
	if !ok || status < 200 || status > 599 {
		return 0, fmt.Errorf("expected an integer from 200 to 599, got %s", number)
	}
	return status, nil
}

// readHeaders takes names in any case and lowers them. Values are checked by the
// core, which sends them.
func readHeaders(value ast.Value, read func(ast.Value) ([]string, error)) ([]authz.Header, error) {
	object, ok := value.(ast.Object)
	if !ok {
		return nil, fmt.Errorf("expected an object, got %s", ast.ValueName(value))
	}
	var headers []authz.Header
	seen := map[string]bool{}
	err := object.Iter(func(key, value *ast.Term) error {
		name, err := readText(key.Value)
		if err != nil {
			return fmt.Errorf("name: %w", err)
		}
		name = strings.ToLower(name)
		if seen[name] {
			return fmt.Errorf("%q stands twice, in different case", name)
		}
		seen[name] = true
		values, err := read(value.Value)
		if err != nil {
			return fmt.Errorf("%q: %w", name, err)
		}
		for _, one := range values {
			headers = append(headers, authz.Header{Name: name, Value: one})
		}
		return nil
	})
	return headers, err
}

func readOne(value ast.Value) ([]string, error) {
	text, err := readText(value)
	return []string{text}, err
}

func readSome(value ast.Value) ([]string, error) {
	list, ok := value.(*ast.Array)
	if !ok {
		return readOne(value)
	}
	var values []string
	err := list.Iter(func(item *ast.Term) error {
		text, err := readText(item.Value)
		values = append(values, text)
		return err
	})
	return values, err
}

func readMetadata(value ast.Value) (map[string]any, error) {
	if _, ok := value.(ast.Object); !ok {
		return nil, fmt.Errorf("expected an object, got %s", ast.ValueName(value))
	}
	plain, err := ast.JSON(value)
	if err != nil {
		return nil, err
	}
	members, ok := plain.(map[string]any)
	if !ok {
		return nil, errors.New("expected names that are strings")
	}
	return members, nil
}

// readTTL takes seconds as a number, or a Go duration as a string.
func readTTL(value ast.Value) (time.Duration, error) {
	var ttl time.Duration
	switch v := value.(type) {
	case ast.Number:
		seconds, ok := v.Float64()
		if !ok || seconds < 0 || seconds > longestTTL.Seconds() {
			return 0, fmt.Errorf("expected seconds from 0 to %.0f, got %s", longestTTL.Seconds(), v)
		}
		ttl = time.Duration(seconds * float64(time.Second))
	case ast.String:
		parsed, err := time.ParseDuration(string(v))
		if err != nil {
			return 0, fmt.Errorf(`expected a duration as in "5s": %w`, err)
		}
		ttl = parsed
	default:
		return 0, fmt.Errorf("expected a number or a string, got %s", ast.ValueName(value))
	}
	if ttl < 0 || ttl > longestTTL {
		return 0, fmt.Errorf("expected 0 to %s, got %s", longestTTL, ttl)
	}
	return ttl, nil
}
