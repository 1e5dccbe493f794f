package admin

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/host/internal/platform"
	"github.com/bottega-retail/bottega/host/internal/schema"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// Collections are what the apps keep, by app in the order of their ids.
type Collections struct {
	Items []Collection `json:"items"`
}

// Collection is a set of records of one app.
type Collection struct {
	App     string        `json:"app"`
	Name    manifest.Text `json:"name" jsonschema:"of the app"`
	ID      string        `json:"collection"`
	Doc     string        `json:"doc,omitzero"`
	Key     []string      `json:"key"`
	Subject string        `json:"subject,omitzero" jsonschema:"field that says whose personal data it is"`
	Fields  []Field       `json:"fields" jsonschema:"of the records, at the top"`
}

// Field is one field of a record.
type Field struct {
	Name   string `json:"name"`
	Type   string `json:"type"`
	Format string `json:"format,omitzero"`
}

// Page is which records are asked for.
type Page struct {
	App        string `json:"app"`
	Collection string `json:"collection"`
	Limit      int    `json:"limit,omitzero" jsonschema:"at most so many, up to 200; default 50"`
	After      string `json:"after,omitzero" jsonschema:"next of the page before"`
}

// Records are a page of records.
type Records struct {
	Items []any  `json:"items" jsonschema:"each by the schema of its collection"`
	Next  string `json:"next,omitzero"`
}

func collections(tx *kernel.Tx, _ platform.None) (Collections, error) {
	out := Collections{Items: []Collection{}}
	if err := everywhere(tx.Principal()); err != nil {
		return out, err
	}
	for _, app := range tx.Set().Apps() {
		for _, c := range app.Manifest.Provides.Collections {
			fields, err := fieldsOf(c.Record, app.Manifest.Provides.Types)
			if err != nil {
				return out, fmt.Errorf("collection %s of %s: %w", c.Name, app, err)
			}
			out.Items = append(out.Items, Collection{App: app.ID, Name: app.Manifest.Name, ID: c.Name, Doc: c.Doc, Key: c.Key, Subject: c.Subject, Fields: fields})
		}
	}
	return out, nil
}

// part is what is read of a schema to describe fields.
type part struct {
	Ref        string          `json:"$ref"`
	Type       string          `json:"type"`
	Format     string          `json:"format"`
	Properties json.RawMessage `json:"properties"`
}

func read(raw json.RawMessage, types map[string]json.RawMessage) (p part, err error) {
	for range 8 {
		p = part{}
		if err = json.Unmarshal(raw, &p); err != nil {
			return p, err
		}
		name, refers := strings.CutPrefix(p.Ref, "#/types/")
		if !refers {
			return p, nil
		}
		raw = types[name]
	}
	return p, fmt.Errorf("%s refers in a circle", p.Ref)
}

// fieldsOf lists the properties of an object in their order.
func fieldsOf(record json.RawMessage, types map[string]json.RawMessage) ([]Field, error) {
	object, err := read(record, types)
	if err != nil || len(object.Properties) == 0 {
		return []Field{}, err
	}
	d := json.NewDecoder(bytes.NewReader(object.Properties))
	if _, err = d.Token(); err != nil {
		return nil, err
	}
	var fields []Field
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		var raw json.RawMessage
		if err = d.Decode(&raw); err != nil {
			return nil, err
		}
		p, err := read(raw, types)
		if err != nil {
			return nil, err
		}
		fields = append(fields, Field{Name: fmt.Sprint(name), Type: p.Type, Format: p.Format})
	}
	return fields, nil
}

func records(tx *kernel.Tx, in Page) (Records, error) {
	out := Records{Items: []any{}}
	if err := everywhere(tx.Principal()); err != nil {
		return out, err
	}
	limit, after, err := in.bounds()
	if err != nil {
		return out, err
	}
	app, ok := tx.Set().App(in.App)
	if !ok {
		return out, &abi.Error{Code: abi.NotFound, Reason: "app", Message: "No enabled app has this id.", Pointer: "/app"}
	}
	kept := app.Manifest.Provides.Collections
	i := slices.IndexFunc(kept, func(c manifest.Collection) bool { return c.Name == in.Collection })
	if i < 0 {
		return out, &abi.Error{Code: abi.NotFound, Reason: "collection", Message: "The app keeps no such collection.", Pointer: "/collection"}
	}
	shape, err := schema.Compile(kept[i].Record, app.Manifest.Provides.Types)
	if err != nil {
		return out, fmt.Errorf("collection %s of %s: %w", in.Collection, app, err)
	}
	page, err := tx.Records(app, abi.Scan{Collection: in.Collection, After: after, Limit: limit})
	if err != nil {
		return out, err
	}
	for _, wire := range page.Records {
		item, err := shape.ToJSON(wire)
		if err != nil {
			return out, fmt.Errorf("record of %s of %s: %w", in.Collection, app, err)
		}
		out.Items = append(out.Items, json.RawMessage(item))
	}
	out.Next = base64.RawURLEncoding.EncodeToString(page.Cursor)
	return out, nil
}

// bounds reads how many records after which one. A cursor is the key of a record
// and can ask for nothing outside of its collection.
func (p Page) bounds() (limit int, after []byte, err error) {
	if limit = p.Limit; limit == 0 {
		limit = pageDefault
	}
	if limit < 0 {
		return 0, nil, &abi.Error{Code: abi.Invalid, Reason: "range", Message: "This is less than nothing.", Pointer: "/limit"}
	}
	after, err = base64.RawURLEncoding.DecodeString(p.After)
	if err != nil || p.After != "" && abi.CheckKey(after) != nil {
		return 0, nil, &abi.Error{Code: abi.Invalid, Reason: "cursor", Message: "This is no cursor of this list.", Pointer: "/after"}
	}
	return min(limit, pageMost), after, nil
}
