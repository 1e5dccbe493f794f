package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/oklog/ulid/v2"
)

// text is a text in both languages.
type text struct {
	IT string `json:"it"`
	EN string `json:"en"`
}

// in is the text in a language, "it" or "en".
func (t text) in(language string) string {
	if language == "it" {
		return t.IT
	}
	return t.EN
}

// resource calls a platform operation: a path below /v1/host, a body or nil, and
// where the answer goes, or nil. Every change has a key of its own.
func (c *client) resource(ctx context.Context, method, path string, in, out any) error {
	_, err := c.resourceIf(ctx, method, path, "", in, out)
	return err
}

// resourceIf is resource for what must not have changed since it had an etag,
// and answers the new one.
func (c *client) resourceIf(ctx context.Context, method, path, etag string, in, out any) (string, error) {
	var body []byte
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return "", err
		}
	}
	req, err := c.request(ctx, method, "/v1/host/"+path, body)
	if err != nil {
		return "", err
	}
	if method != http.MethodGet {
		req.Header.Set("Idempotency-Key", "cli-"+ulid.Make().String())
	}
	if etag != "" {
		req.Header.Set("If-Match", etag)
	}
	answer, header, err := c.do(req)
	if err != nil {
		return "", c.advise(err)
	}
	if out != nil && len(answer) > 0 {
		if err := json.Unmarshal(answer, out); err != nil {
			return "", fmt.Errorf("%s %s answered what is no JSON of that kind: %w", method, path, err)
		}
	}
	return header.Get("ETag"), nil
}

// advise adds what to do about refusals of a caller.
func (c *client) advise(err error) error {
	var p *problem
	switch {
	case !errors.As(err, &p):
		return err
	case p.Status == http.StatusUnauthorized || p.Reason == "unauthenticated":
		return fmt.Errorf("%w\n  log in with `bottega login NAME --url %s`, or give a token with --token or BOTTEGA_TOKEN", err, c.base)
	case p.Code == "denied" && p.Fields["permission"] != nil:
		return fmt.Errorf("%w\n  somebody who manages users can give you the right %v", err, p.Fields["permission"])
	}
	return err
}

// page is one page of a list.
type listPage[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next"`
}

// list reads all pages of a list.
func list[T any](ctx context.Context, c *client, path string, query url.Values) ([]T, error) {
	if query == nil {
		query = url.Values{}
	}
	query.Set("limit", "200")
	var all []T
	for {
		var p listPage[T]
		if err := c.resource(ctx, http.MethodGet, path+"?"+query.Encode(), nil, &p); err != nil {
			return nil, err
		}
		all = append(all, p.Items...)
		if p.Next == "" {
			return all, nil
		}
		query.Set("after", p.Next)
	}
}

// appInfo is an installed app as the host lists it.
type appInfo struct {
	ID       string `json:"id"`
	Name     text   `json:"name"`
	Kind     string `json:"kind"`
	Vendor   string `json:"vendor"`
	Version  string `json:"version"`
	Digest   string `json:"digest"`
	Contract string `json:"contract"`
	State    string `json:"state"`
	Reason   string `json:"reason"`
	Degraded bool   `json:"degraded"`
	Job      string `json:"job"`
	Settings bool   `json:"settings"`
	Newest   string `json:"newest"`
}

// app asks for one app; nil if it is not installed.
func (c *client) app(ctx context.Context, id string) (*appInfo, error) {
	var a appInfo
	err := c.resource(ctx, http.MethodGet, "apps/"+url.PathEscape(id), nil, &a)
	var p *problem
	if errors.As(err, &p) && p.Code == "not_found" {
		return nil, nil
	}
	return &a, err
}

// wish is what is asked for.
type wish struct {
	Action  string   `json:"action"`
	ID      string   `json:"id"`
	Version string   `json:"version,omitempty"`
	Replace []string `json:"replace,omitempty"`
	Cascade bool     `json:"cascade,omitempty"`
}

// plan is what would follow from a wish.
type plan struct {
	Action   string `json:"action"`
	Possible bool   `json:"possible"`
	AsksMore bool   `json:"asks_more"`
	Consent  string `json:"consent"`
	Problems []struct {
		Reason  string                         `json:"reason"`
		App     string                         `json:"app"`
		Text    text                           `json:"text"`
		Modules []struct{ ID, Version string } `json:"modules"`
		Other   string                         `json:"other"`
	} `json:"problems"`
	Apps     []planned `json:"apps"`
	Disables []string  `json:"disables"`
	Words    struct {
		IT []string `json:"it"`
		EN []string `json:"en"`
	} `json:"words"`
}

// planned is an app in a plan.
type planned struct {
	ID      string `json:"id"`
	Version string `json:"version"`
	From    string `json:"from"`
	Name    text   `json:"name"`
	Grants  []struct {
		Name   string `json:"name"`
		Why    text   `json:"why"`
		Change string `json:"change"`
	} `json:"grants"`
	Telling []struct {
		Level string `json:"level"`
		Text  text   `json:"text"`
	} `json:"telling"`
}

// jobInfo is a job of the host.
type jobInfo struct {
	ID       string                                  `json:"id"`
	Kind     string                                  `json:"kind"`
	Subject  string                                  `json:"subject"`
	Apps     []string                                `json:"apps"`
	State    string                                  `json:"state"`
	Steps    []struct{ Name, State string }          `json:"steps"`
	Progress struct{ Done, Total int }               `json:"progress"`
	Error    *struct{ Code, Reason, Message string } `json:"error"`
	Plan     *plan                                   `json:"plan"`
	By       string                                  `json:"by"`
	Begun    string                                  `json:"begun"`
	Changed  string                                  `json:"changed"`
	Revision int                                     `json:"revision"`
}

// ended says whether nothing more will happen without somebody.
func (j *jobInfo) ended() bool { return j.State != "running" }

// step is what the job is at.
func (j *jobInfo) step() string {
	for _, s := range j.Steps {
		if s.State == "running" {
			return s.Name
		}
	}
	return j.State
}

// steps counts those that are done.
func (j *jobInfo) steps() (done int) {
	for _, s := range j.Steps {
		if s.State == "done" {
			done++
		}
	}
	return done
}

// follow waits for a job to end and shows how far it is. Each answer is waited
// for by the host, so that this asks seldom.
func (c *client) follow(ctx context.Context, j *jobInfo, show func(*jobInfo)) error {
	for {
		show(j)
		if j.ended() {
			return nil
		}
		path := "jobs/" + url.PathEscape(j.ID) + "?wait=20&since=" + strconv.Itoa(j.Revision)
		if err := c.resource(ctx, http.MethodGet, path, nil, j); err != nil {
			return fmt.Errorf("follow job %s: %w\n  it goes on in the host: `bottega jobs %s` says how far it is", j.ID, err, j.ID)
		}
	}
}

// outcome is the error of a job that did not come to its end.
func (j *jobInfo) outcome() error {
	switch {
	case j.State == "done":
		return nil
	case j.Error != nil:
		text := j.Error.Code
		if j.Error.Reason != "" {
			text += " (" + j.Error.Reason + ")"
		}
		return fmt.Errorf("%s %s %s: %s: %s\n  `bottega jobs %s` shows its steps", j.Kind, j.Subject, j.State, text, strings.TrimSpace(j.Error.Message), j.ID)
	case j.State == "waiting_consent":
		return fmt.Errorf("%s %s waits for consent: `bottega jobs %s --consent` shows what is asked and says yes", j.Kind, j.Subject, j.ID)
	}
	return fmt.Errorf("%s %s ended as %s", j.Kind, j.Subject, j.State)
}
