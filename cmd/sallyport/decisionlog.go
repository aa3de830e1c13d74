package main

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/decisionlog"
	"github.com/sallyport-authz/sallyport/cmd/sallyport/document"
	configv1 "github.com/sallyport-authz/sallyport/gen/sallyport/config/v1"
)

// logPlan is where decision records go, and what they show.
type logPlan struct {
	off    bool
	buffer int
	labels map[string]string
	// file is "" for stdout.
	file string
	view decisionlog.View
}

func (c *compiler) decisionLog() logPlan {
	at, message := c.root.Field("decision_log"), c.message.GetDecisionLog()
	buffer := cmp.Or(message.GetBuffer(), 4096)
	if buffer > mostChecks {
		c.Refuse(at.Field("buffer"), fmt.Sprintf("%d records", buffer), fmt.Sprintf("at most %d", mostChecks), "write how many may wait, as in 4096")
	}
	return logPlan{
		off: message.GetOff(), buffer: int(buffer), labels: message.GetLabels(),
		file: c.recordFile(at.Field("to"), message.GetTo()), view: c.view(at, message),
	}
}

// recordFile refuses what could not be opened. The file itself is opened, and
// made, by serve only.
func (c *compiler) recordFile(at document.Cursor, to string) string {
	if to == "" && !at.Written() || to == "stdout" {
		return ""
	}
	name, isFile := strings.CutPrefix(to, "file:")
	if !isFile || name == "" {
		c.Refuse(at, fmt.Sprintf("records to %q", to), "stdout or file:path", "write file: and the path, or leave the field out for stdout")
		return ""
	}
	file := c.secrets.path(name)
	if folder, err := os.Stat(filepath.Dir(file)); err != nil || !folder.IsDir() {
		c.Refuse(at, fmt.Sprintf("no folder %s", filepath.Dir(file)), "a folder that is there", "make the folder, writable for this process, or correct the path")
		return ""
	}
	if info, err := os.Stat(file); err == nil && !info.Mode().IsRegular() {
		c.Refuse(at, fmt.Sprintf("%s is not a regular file", file), "a file that can be appended to", "name a file; for stdout leave the field out")
		return ""
	}
	return file
}

// view checks what records show. A mask of something that is not shown hides
// nothing: it is a slip of the pen, and what was meant would stand in the log.
func (c *compiler) view(at document.Cursor, message *configv1.DecisionLog) decisionlog.View {
	v := decisionlog.View{
		Headers:     c.shown(at.Field("headers"), message.GetHeaders(), c.headerName),
		Claims:      c.shown(at.Field("claims"), message.GetClaims(), c.claimName),
		MaskHeaders: c.unambiguous(at.Field("mask_headers"), message.GetMaskHeaders(), c.headerName),
		MaskClaims:  c.unambiguous(at.Field("mask_claims"), message.GetMaskClaims(), c.claimName),
	}
	for i, name := range v.MaskHeaders {
		if !covers(v.Headers, func(shown string) bool { return strings.EqualFold(shown, name) }) {
			c.refuseMask(at.Field("mask_headers").Index(i), "header", name)
		}
	}
	for i, name := range v.MaskClaims {
		if !covers(v.Claims, func(shown string) bool { return related(shown, name) }) {
			c.refuseMask(at.Field("mask_claims").Index(i), "claim", name)
		}
	}
	return v
}

func covers(shown []string, fits func(string) bool) bool {
	return slices.Contains(shown, "*") || slices.ContainsFunc(shown, fits)
}

// related: one is the other, or lies within it.
func related(a, b string) bool {
	return strings.HasPrefix(a+".", b+".") || strings.HasPrefix(b+".", a+".")
}

func (c *compiler) refuseMask(at document.Cursor, what, name string) {
	c.Refuse(at, fmt.Sprintf("a mask for the %s %q, which no record shows", what, name), fmt.Sprintf("a %s of decision_log.%ss", what, what), "correct the name, or take the mask out")
}

// shown is a list of names, or "*" alone.
func (c *compiler) shown(at document.Cursor, list []string, sound func(document.Cursor, string)) []string {
	for i, name := range list {
		if name != "*" {
			continue
		}
		if len(list) > 1 {
			c.Refuse(at.Index(i), `"*" beside names`, "one of the two", `leave "*" alone, or take it out`)
		}
		return list
	}
	return c.unambiguous(at, list, sound)
}

func (c *compiler) unambiguous(at document.Cursor, list []string, sound func(document.Cursor, string)) []string {
	taken := map[string]document.Cursor{}
	for i, name := range list {
		sound(at.Index(i), name)
		c.unique(at.Index(i), name, taken)
	}
	return list
}

func (c *compiler) headerName(at document.Cursor, name string) {
	if !authz.IsHeaderName(strings.ToLower(name)) || name == "*" {
		c.Refuse(at, fmt.Sprintf("header %q", name), "a header's name", "write it as in user-agent")
	}
}

func (c *compiler) claimName(at document.Cursor, name string) {
	if name == "" || name == "*" || strings.HasPrefix(name, ".") || strings.HasSuffix(name, ".") {
		c.Refuse(at, fmt.Sprintf("claim %q", name), "a claim's name", "write it as in email, or realm.tenant")
	}
}
