package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"strings"
)

type logVerb struct {
	App string `arg:"" optional:"" help:"Only what this app says. Default: the host too."`
	hostFlag
}

func (logVerb) Help() string {
	return `Follows the log of a running host until Ctrl-C.

Example:
  bottega log
  bottega log happyhour`
}

// Run prints lines as they come.
func (v logVerb) Run(ctx context.Context) error {
	return v.client().tail(ctx, logPath(v.App), func(m message) error {
		fmt.Fprintln(os.Stdout, logLine(m.Data))
		return nil
	})
}

func logPath(app string) string {
	if app == "" {
		return "/v1/host/logs"
	}
	return "/v1/host/logs?" + url.Values{"app": {app}}.Encode()
}

// logLine is a line of the log for people: time, level, app, text, and the rest
// by name.
func logLine(data string) string {
	var fields map[string]json.RawMessage
	if json.Unmarshal([]byte(data), &fields) != nil {
		return data
	}
	take := func(names ...string) string {
		for _, name := range names {
			var text string
			if raw, ok := fields[name]; ok && json.Unmarshal(raw, &text) == nil {
				delete(fields, name)
				return text
			}
		}
		return ""
	}
	at := take("time", "at")
	if _, clock, ok := strings.Cut(at, "T"); ok {
		at = strings.TrimSuffix(clock, "Z")
	}
	parts := []string{at, strings.ToUpper(take("level")), take("app"), take("message", "text", "@message")}
	if nested := map[string]json.RawMessage{}; json.Unmarshal(fields["fields"], &nested) == nil {
		delete(fields, "fields")
		for name, value := range nested {
			fields[name] = value
		}
	}
	for _, name := range sortedKeys(fields) {
		parts = append(parts, name+"="+string(fields[name]))
	}
	return strings.Join(strings.Fields(strings.Join(parts, " ")), " ")
}
