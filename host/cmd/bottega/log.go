package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

type logVerb struct {
	App   string `arg:"" optional:"" help:"Only what is about this app. Default: all that the host says."`
	Level string `help:"Only lines of this level and above." enum:"trace,debug,info,warn,error" default:"info"`
	hostFlag
}

func (logVerb) Help() string {
	return `Follows the log of a running host until Ctrl-C, from its last lines on.

Example:
  bottega log
  bottega log happyhour --level warn`
}

// Run prints lines as they come.
func (v logVerb) Run(ctx context.Context) error {
	return v.client().tail(ctx, logPath(v.Level, v.App), func(m message) error {
		fmt.Println(readLogLine(m.Data))
		return nil
	})
}

// logPath is where the log of a host is followed: lines of a level and above, of
// an app or, with "", all.
func logPath(level, app string) string {
	query := url.Values{"level": {level}}
	if app != "" {
		query.Set("app", app)
	}
	return "/v1/host/logs?" + query.Encode()
}

// hostLine is a line of the host's log.
type hostLine struct {
	at     time.Time // zero if it does not say
	app    string    // id, or id@version
	fields map[string]json.RawMessage
	text   string // of a line that is no JSON
}

func readLogLine(data string) hostLine {
	l := hostLine{}
	if json.Unmarshal([]byte(data), &l.fields) != nil {
		return hostLine{text: data}
	}
	var head struct {
		Time time.Time `json:"time"`
		App  string    `json:"app"`
	}
	if json.Unmarshal([]byte(data), &head) == nil {
		l.at, l.app = head.Time, head.App
	}
	return l
}

// String is the line for people: time of day, level, app, text, and the rest by
// name.
func (l hostLine) String() string {
	if l.fields == nil {
		return l.text
	}
	parts := []string{l.at.Format("15:04:05.000"), "", l.app, ""}
	for _, name := range sortedKeys(l.fields) {
		var text string
		isText := json.Unmarshal(l.fields[name], &text) == nil
		switch {
		case name == "time" || name == "app" || name == "module":
		case name == "level" && isText:
			parts[1] = strings.ToUpper(text)
		case name == "message" && isText:
			parts[3] = text
		default:
			parts = append(parts, name+"="+string(l.fields[name]))
		}
	}
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), " ")
}
