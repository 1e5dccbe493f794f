package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
)

type settingsVerb struct {
	ID      string   `arg:"" help:"Id of an installed app."`
	Values  []string `arg:"" optional:"" help:"NAME=VALUE, or a JSON object, or @FILE with one. Default: show what is filled in."`
	Replace bool     `help:"Take what is not named back to its default, instead of leaving it as it is. Secrets stay."`
	changeFlags
}

func (settingsVerb) Help() string {
	return `Shows what the retailer filled in for an app, or changes some of it. A value is
JSON, or a text if the setting is one. The next operation sees it.

Example:
  bottega settings happyhour
  bottega settings happyhour percent=3000
  bottega settings happyhour '{"hours":{"from":"14:00","to":"16:00"},"lines":["basic"]}'`
}

// filledIn is what the host answers.
type filledIn struct {
	Values map[string]json.RawMessage `json:"values"`
	Schema struct {
		Properties map[string]struct {
			Type        string `json:"type"`
			Title       string `json:"title"`
			Description string `json:"description"`
		} `json:"properties"`
	} `json:"schema"`
	ETag string `json:"etag"`
}

// Run shows or changes settings.
func (v settingsVerb) Run(ctx context.Context) error {
	s := v.steward()
	path := "apps/" + url.PathEscape(v.ID) + "/settings"
	var now filledIn
	etag, err := s.resourceIf(ctx, http.MethodGet, path, "", nil, &now)
	if err != nil {
		return err
	}
	if etag == "" {
		etag = strconv.Quote(now.ETag)
	}
	if len(v.Values) == 0 {
		return now.print(os.Stdout, v.ID)
	}
	values, err := v.change(&now)
	if err != nil {
		return err
	}
	var j jobInfo
	if _, err := s.resourceIf(ctx, http.MethodPut, path, etag, object{"values": values}, &j); err != nil {
		return err
	}
	if j.ID != "" {
		if err := s.finish(ctx, &j); err != nil {
			return err
		}
	}
	fmt.Fprintf(s.out, "  ✓ settings of %s: %s\n", v.ID, strings.Join(v.Values, " "))
	return nil
}

// print shows what there is to fill in and what is.
func (f *filledIn) print(out io.Writer, id string) error {
	if len(f.Schema.Properties) == 0 {
		fmt.Fprintf(out, "%s has nothing to fill in\n", id)
		return nil
	}
	for _, name := range sortedKeys(f.Schema.Properties) {
		p, value := f.Schema.Properties[name], "(default)"
		if v, ok := f.Values[name]; ok {
			value = string(v)
		}
		note := strings.Trim(p.Title+". "+p.Description, ". ")
		fmt.Fprintf(out, "  %s=%s   %s\n", name, value, note)
	}
	return nil
}

// change is the values as they are to be.
func (v *settingsVerb) change(now *filledIn) (map[string]json.RawMessage, error) {
	values := map[string]json.RawMessage{}
	for name, value := range now.Values {
		if !v.Replace && !secret(value) {
			values[name] = value
		}
	}
	for _, arg := range v.Values {
		given, err := now.parse(arg)
		if err != nil {
			return nil, err
		}
		for name, value := range given {
			values[name] = value
		}
	}
	return values, nil
}

// secret says whether a value stands for one that the host does not show.
func secret(value json.RawMessage) bool {
	var mark struct {
		Set *bool `json:"set"`
	}
	d := json.NewDecoder(bytes.NewReader(value))
	d.DisallowUnknownFields()
	return d.Decode(&mark) == nil && mark.Set != nil
}

// parse reads one argument.
func (f *filledIn) parse(arg string) (map[string]json.RawMessage, error) {
	text := []byte(arg)
	if file, ok := strings.CutPrefix(arg, "@"); ok {
		var err error
		if text, err = os.ReadFile(file); err != nil {
			return nil, err
		}
	}
	if given := map[string]json.RawMessage{}; json.Unmarshal(text, &given) == nil {
		return given, nil
	}
	name, value, ok := strings.Cut(arg, "=")
	if !ok {
		return nil, fmt.Errorf("%q is neither NAME=VALUE nor a JSON object", arg)
	}
	if !json.Valid([]byte(value)) || f.Schema.Properties[name].Type == "string" && !strings.HasPrefix(value, `"`) {
		quoted, err := json.Marshal(value)
		return map[string]json.RawMessage{name: quoted}, err
	}
	return map[string]json.RawMessage{name: json.RawMessage(value)}, nil
}

// printJSON prints an answer with indents.
func printJSON(out io.Writer, body []byte) error {
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, bytes.TrimSpace(body), "", "  "); err != nil {
		return err
	}
	_, err := fmt.Fprintln(out, pretty.String())
	return err
}

// ignoreEnd is an error of reading but for the end of the input.
func ignoreEnd(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
