package manifest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// screens checks that all that screens name is there.
func (m *Manifest) screens(add func(bool, string, string, ...any)) {
	list, err := m.ScreenList()
	if err != nil {
		add(false, "/screens", "%v", err)
		return
	}
	c := screenChecker{m: m, list: list, add: add, provides: m.Provides}
	if c.provides == nil {
		c.provides = &Provides{}
	}
	c.types = shapesOf(c.provides.Types)
	seen := map[string]bool{}
	for i := range list {
		s, at := &list[i], fmt.Sprintf("/screens/%d", i)
		add(!seen[s.ID], at+"/id", "%s is the id of two screens", s.ID)
		seen[s.ID] = true
		c.texts(at, s)
		add(s.Permission == "" || m.declares(s.Permission), at+"/permission", "%s is no permission of this manifest", s.Permission)
		if m.Provides != nil {
			c.screen(at, s)
		}
	}
}

func (m *Manifest) declares(permission string) bool {
	return slices.ContainsFunc(m.Permissions, func(p Permission) bool { return p.Name == permission })
}

// screenChecker checks the screens of one manifest against what its code has.
type screenChecker struct {
	m        *Manifest
	list     []Screen
	provides *Provides
	types    shapes
	add      func(ok bool, pointer, format string, args ...any)
}

func (c *screenChecker) texts(at string, s *Screen) {
	c.text(at+"/title", &s.Title)
	c.text(at+"/help", s.Help)
	c.text(at+"/empty", s.Empty)
	c.text(at+"/label", s.Label)
	c.text(at+"/confirm", s.Confirm)
	for i := range s.Columns {
		c.text(fmt.Sprintf("%s/columns/%d/label", at, i), &s.Columns[i].Label)
	}
	for i := range s.Actions {
		c.text(fmt.Sprintf("%s/actions/%d/label", at, i), &s.Actions[i].Label)
		c.text(fmt.Sprintf("%s/actions/%d/confirm", at, i), s.Actions[i].Confirm)
	}
}

func (c *screenChecker) text(at string, t *Text) {
	c.add(t == nil || t.complete(), at, "it and en are both needed")
}

// screen checks one view. Of a newer vocabulary only the source is known.
func (c *screenChecker) screen(at string, s *Screen) {
	input, record := c.source(at, s)
	if s.Newer() {
		return
	}
	c.bindings(at+"/params", s.Params, c.inputOf(s, input), nil)
	c.fields(at+"/filters", s.Filters, input)
	c.steps(at, s.Actions, record)
	c.links(at+"/row_link", s.RowLink, record)
	c.links(at+"/create", s.Create, nil)
	c.events(at, s.Refresh)
	switch s.Kind {
	case ScreenTable:
		c.columns(at, s.Columns, record)
		c.paging(at, s, input)
	case ScreenForm:
		c.form(at, s)
	case ScreenAction:
		c.action(at, s)
	}
}

// inputOf is whose fields a screen's params fill.
func (c *screenChecker) inputOf(s *Screen, source json.RawMessage) json.RawMessage {
	if s.Kind != ScreenAction {
		return source
	}
	o, _ := c.operation(s.Submit)
	return o.Input
}

func (c *screenChecker) operation(name string) (Operation, bool) {
	i := slices.IndexFunc(c.provides.Operations, func(o Operation) bool { return o.Name == name })
	if i < 0 {
		return Operation{}, false
	}
	return c.provides.Operations[i], true
}

// source finds the input that asks for records and the schema of one record.
func (c *screenChecker) source(at string, s *Screen) (input, record json.RawMessage) {
	if s.Source == nil {
		return nil, nil
	}
	at += "/source"
	given := 0
	for _, there := range []bool{s.Source.Operation != "", s.Source.Collection != "", s.Source.Settings} {
		if there {
			given++
		}
	}
	c.add(given == 1, at, "a source is one of operation, collection and settings")
	c.add(!s.Source.Settings || s.Kind == ScreenForm || s.Newer(), at+"/settings", "settings are filled in by a form")
	switch {
	case s.Source.Operation != "":
		return c.query(at, s)
	case s.Source.Collection != "":
		i := slices.IndexFunc(c.provides.Collections, func(one Collection) bool { return one.Name == s.Source.Collection })
		c.add(i >= 0, at+"/collection", "the code has no collection %s", s.Source.Collection)
		if i >= 0 {
			record = c.provides.Collections[i].Record
		}
		return nil, record
	}
	c.add(len(c.provides.Settings) > 0, at+"/settings", "the code has no settings")
	return nil, c.provides.Settings
}

// query is a source that is an operation.
func (c *screenChecker) query(at string, s *Screen) (input, record json.RawMessage) {
	o, ok := c.operation(s.Source.Operation)
	c.add(ok, at+"/operation", "the code has no operation %s", s.Source.Operation)
	if !ok {
		return nil, nil
	}
	c.add(o.Kind == "query", at+"/operation", "%s is a command: to look at something changes nothing", o.Name)
	if s.Source.Items == "" {
		c.add(s.Kind != ScreenTable || s.Newer(), at, "a table needs items, the list in what %s answers", o.Name)
		return o.Input, o.Output
	}
	record, ok = c.types.records(o.Output, s.Source.Items)
	c.add(ok, at+"/items", "%s answers no list %s", o.Name, s.Source.Items)
	return o.Input, record
}

func (c *screenChecker) columns(at string, columns []ScreenColumn, record json.RawMessage) {
	for i, col := range columns {
		at := fmt.Sprintf("%s/columns/%d", at, i)
		field, ok := c.has(at+"/field", record, col.Field, "the record")
		c.add(!ok || c.types.shows(col.Format, field), at+"/format", "%s cannot show the %s %s", col.Format, field.Type, col.Field)
		if col.Currency != "" {
			_, _ = c.has(at+"/currency", record, col.Currency, "the record")
		}
		c.add(col.Currency == "" || col.Format == "money", at+"/currency", "a currency is of money")
		c.add(len(col.Badges) == 0 || col.Format == "badge", at+"/badges", "badges are of the format badge")
	}
}

// has finds a field, or says that there is none. Where there is no schema it
// says nothing: what is wrong was said there.
func (c *screenChecker) has(at string, in json.RawMessage, path, of string) (shape, bool) {
	if in == nil {
		return shape{}, false
	}
	s, ok := c.types.at(in, path)
	c.add(ok, at, "%s has no field %s", of, path)
	return s, ok
}

func (c *screenChecker) paging(at string, s *Screen, input json.RawMessage) {
	if s.Page == "" || s.Source == nil || input == nil {
		return
	}
	o, _ := c.operation(s.Source.Operation)
	from, ok1 := c.types.at(input, "cursor")
	next, ok2 := c.types.at(o.Output, "cursor")
	limit, ok3 := c.types.at(input, "limit")
	c.add(ok1 && ok2 && ok3 && from.Type == "string" && next.Type == "string" && limit.Type == "integer", at+"/page",
		"%s does not take limit and cursor and answer the next cursor", o.Name)
}

func (c *screenChecker) fields(at string, fields []ScreenField, input json.RawMessage) {
	seen := map[string]bool{}
	for i, f := range fields {
		at := fmt.Sprintf("%s/%d", at, i)
		c.add(input == nil || c.types.label(input, f.Field), at+"/field", "the input has no field %s", f.Field)
		c.add(!seen[f.Field], at, "%s stands twice", f.Field)
		seen[f.Field] = true
		c.text(at+"/label", f.Label)
		c.text(at+"/help", f.Help)
	}
}

// bindings checks both ends; record is nil where there is none to take from.
func (c *screenChecker) bindings(at string, list []ScreenBinding, input, record json.RawMessage) {
	for i, b := range list {
		at := fmt.Sprintf("%s/%d", at, i)
		_, _ = c.has(at+"/field", input, b.Field, "the input")
		if b.Record != "" {
			c.add(record != nil, at+"/record", "there is no record here")
			_, _ = c.has(at+"/record", record, b.Record, "the record")
		}
	}
}

func (c *screenChecker) steps(at string, steps []ScreenStep, record json.RawMessage) {
	for i, step := range steps {
		at := fmt.Sprintf("%s/actions/%d", at, i)
		c.when(at+"/when", step.When, record)
		c.link(at+"/then", step.Then, record)
		if step.Operation == "" {
			c.bindings(at+"/params", step.Params, nil, record)
			continue
		}
		o, ok := c.operation(step.Operation)
		c.add(ok, at+"/operation", "the code has no operation %s", step.Operation)
		if !ok {
			continue
		}
		c.bindings(at+"/params", step.Params, o.Input, record)
		c.fields(at+"/input", step.Input, o.Input)
		c.filled(at, o, step)
		if len(step.Input) > 0 {
			c.fits(at+"/input", c.unasked(step.Input, o.Input), o.Input)
		}
	}
}

// when checks that a record may have what is asked of it.
func (c *screenChecker) when(at string, w *ScreenWhen, record json.RawMessage) {
	if w == nil {
		return
	}
	c.add(record != nil, at, "there is no record here")
	c.add(record == nil || c.types.label(record, w.Field), at+"/field", "the record has no field %s", w.Field)
}

// links checks each of several links.
func (c *screenChecker) links(at string, all ScreenLinks, record json.RawMessage) {
	for i := range all {
		here := at
		if len(all) > 1 {
			here = fmt.Sprintf("%s/%d", at, i)
		}
		c.link(here, &all[i], record)
		c.when(here+"/when", all[i].When, record)
	}
}

// unasked are the fields of an input that a step does not ask for: they are not drawn.
func (c *screenChecker) unasked(asked []ScreenField, input json.RawMessage) (hidden []ScreenField) {
	in, _ := c.types.of(input)
	for name := range in.Properties {
		if !slices.ContainsFunc(asked, func(f ScreenField) bool { return f.Field == name || strings.HasPrefix(f.Field, name+".") }) {
			hidden = append(hidden, ScreenField{Field: name, Widget: "hidden"})
		}
	}
	return hidden
}

// filled refuses a step that can never run, for nobody fills in what it needs.
func (c *screenChecker) filled(at string, o Operation, step ScreenStep) {
	in, _ := c.types.of(o.Input)
	for _, name := range in.Required {
		is := func(path string) bool { return path == name || strings.HasPrefix(path, name+".") }
		c.add(slices.ContainsFunc(step.Params, func(b ScreenBinding) bool { return is(b.Field) }) ||
			slices.ContainsFunc(step.Input, func(f ScreenField) bool { return is(f.Field) }),
			at, "%s needs %s: bind it in params or ask for it in input", o.Name, name)
	}
}

// link checks that the view is there and takes what it is given.
func (c *screenChecker) link(at string, l *ScreenLink, record json.RawMessage) {
	if l == nil {
		return
	}
	i := slices.IndexFunc(c.list, func(s Screen) bool { return s.ID == l.View })
	c.add(i >= 0, at+"/view", "there is no screen %s", l.View)
	if i < 0 {
		return
	}
	for j, b := range l.Params {
		at := fmt.Sprintf("%s/params/%d", at, j)
		c.add(c.list[i].Newer() || c.list[i].takes(b.Field), at+"/field", "the screen %s takes no %s", l.View, b.Field)
		if b.Record != "" {
			c.add(record != nil, at+"/record", "there is no record here")
			_, _ = c.has(at+"/record", record, b.Record, "the record")
		}
	}
}

// takes says whether a parameter of the URL means anything to a screen.
func (s *Screen) takes(query string) bool {
	return slices.ContainsFunc(s.Params, func(b ScreenBinding) bool { return b.Query == query }) ||
		slices.ContainsFunc(s.Filters, func(f ScreenField) bool { return f.Field == query })
}

func (c *screenChecker) events(at string, names []string) {
	for i, name := range names {
		contract, _, _ := strings.Cut(name, ".")
		own := slices.ContainsFunc(c.provides.Events, func(e Event) bool { return e.Name == name })
		needed := slices.ContainsFunc(c.m.Needs, func(n Need) bool { return n.Contract == contract })
		c.add(own || needed && contract != c.provides.Contract, fmt.Sprintf("%s/refresh/%d", at, i),
			"%s is neither an event of this module nor of a contract that it needs", name)
	}
}

func (c *screenChecker) form(at string, s *Screen) {
	input, answer := c.provides.Settings, json.RawMessage(nil)
	if s.Source == nil || !s.Source.Settings {
		o, ok := c.operation(s.Submit)
		c.add(ok, at+"/submit", "the code has no operation %s", s.Submit)
		if !ok {
			return
		}
		c.add(o.Kind == "command", at+"/submit", "%s is a query: a form changes something", o.Name)
		input, answer = o.Input, o.Output
	} else {
		c.add(s.Submit == "", at+"/submit", "the host itself keeps settings")
	}
	c.filledIn(at, s, input)
	c.link(at+"/then", s.Then, answer)
}

func (c *screenChecker) action(at string, s *Screen) {
	o, ok := c.operation(s.Submit)
	c.add(ok, at+"/submit", "the code has no operation %s", s.Submit)
	if !ok {
		return
	}
	c.filledIn(at, s, o.Input)
	record := o.Output
	if s.Items != "" {
		record, ok = c.types.records(o.Output, s.Items)
		c.add(ok, at+"/items", "%s answers no list %s", o.Name, s.Items)
	}
	c.columns(at, s.Columns, record)
	for i, part := range s.Sections {
		at := fmt.Sprintf("%s/sections/%d", at, i)
		record, ok := c.types.through(o.Output, part.Items)
		c.add(ok, at+"/items", "%s answers no list %s", o.Name, part.Items)
		c.columns(at, part.Columns, record)
	}
	c.link(at+"/then", s.Then, o.Output)
}

// filledIn checks an input that people fill in.
func (c *screenChecker) filledIn(at string, s *Screen, input json.RawMessage) {
	c.fields(at+"/fields", s.Fields, input)
	for i, b := range s.Initial {
		at := fmt.Sprintf("%s/initial/%d", at, i)
		c.add(input == nil || c.types.label(input, b.Field), at+"/field", "the input has no field %s", b.Field)
		c.add(b.Value != nil || b.Query != "", at, "a new record takes values and parameters of the URL")
	}
	c.add(!s.Only || len(s.Fields) > 0, at+"/only", "no field is named, so that none is drawn")
	if !s.Only {
		c.fits(at, s.Fields, input)
	}
}

// fits refuses an input that nobody could fill in, and no browser draw. What is
// hidden is not drawn.
func (c *screenChecker) fits(at string, fields []ScreenField, input json.RawMessage) {
	z := sizes{c.types.named, nil, map[string]size{}}
	for _, f := range fields {
		if f.Widget == "hidden" {
			z.hidden = append(z.hidden, f.Field)
		}
	}
	size := z.of(input, "", 0)
	c.add(size.levels <= maxScreenDepth, at, "its input is deeper than %d levels", maxScreenDepth)
	c.add(size.fields <= maxScreenFields, at, "its input has more than %d fields", maxScreenFields)
}
