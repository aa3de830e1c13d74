package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/sallyport-authz/sallyport/authz/rego"
	"github.com/sallyport-authz/sallyport/cmd/sallyport/document"
)

// policy compiles the shipped Rego and the operator's, and runs its tests.
func (c *compiler) policy(ctx context.Context) *rego.Policy {
	message, at := c.message.GetPolicies(), c.root.Field("policies")
	before := len(c.Problems)
	switch {
	case message.GetReplace() && message.GetEntrypoint() == "":
		c.Refuse(at.Field("replace"), "replace without entrypoint", "both, or none of the two", "add entrypoint: with the rule that answers, as in data.acme.answer")
	case !message.GetReplace() && message.GetEntrypoint() != "":
		c.Refuse(at.Field("entrypoint"), "entrypoint without replace", "both, or none of the two", "add replace: true, or take entrypoint out")
	default:
	}
	paths := c.policyPaths(at.Field("paths"), message.GetPaths())
	timeout := c.duration(at.Field("timeout"), message.GetTimeout(), 100*time.Millisecond)
	if len(c.Problems) > before {
		return nil
	}
	policy, err := rego.New(ctx, rego.Settings{
		Paths: paths, Files: c.secrets.files, Replace: message.GetReplace(), Entrypoint: message.GetEntrypoint(), Timeout: timeout,
		Grant: message.GetGrant(), AllowNet: message.GetAllowNet(), Scopes: c.message.GetScopes(),
	})
	if err != nil {
		c.refusePolicies(at, err)
		return nil
	}
	return policy
}

// refusePolicies tells each error where it stands in the operator's Rego, and
// at the setting where it stands nowhere.
func (c *compiler) refusePolicies(at document.Cursor, err error) {
	for _, one := range document.Several(err) {
		var broken *rego.Error
		if !errors.As(one, &broken) {
			c.Refuse(at, one.Error(), "policies that compile and whose tests pass", "correct what the message names")
			continue
		}
		mend := cmp.Or(broken.Mend, "correct the rule")
		if broken.File == "" {
			c.Refuse(at, broken.Detail, "", mend)
			continue
		}
		c.RefuseAt(document.Place{File: broken.File, Line: broken.Line, Column: broken.Column}, broken.Detail, mend)
	}
}

func (c *compiler) policyPaths(at document.Cursor, paths []string) []string {
	var found []string
	for i, path := range paths {
		resolved := c.secrets.path(path)
		if _, err := c.secrets.files.List(resolved); isMissing(err) || path == "" {
			c.Refuse(at.Index(i), fmt.Sprintf("policy path %q: nothing is there", path), "an existing file or folder", "correct it; relative paths begin at the configuration's folder")
		}
		found = append(found, resolved)
	}
	return found
}

// duration reads a time that has a default and must be above zero.
func (c *compiler) duration(at document.Cursor, d *durationpb.Duration, fallback time.Duration) time.Duration {
	if d == nil {
		return fallback
	}
	if d.AsDuration() <= 0 || d.AsDuration() > time.Minute {
		c.Refuse(at, fmt.Sprintf("duration %s", d.AsDuration()), "above zero, at most 1m", fmt.Sprintf("write it as in %s, the default", fallback))
		return fallback
	}
	return d.AsDuration()
}
