package admin

import (
	"encoding/json"
	"regexp"
	"slices"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/host/internal/platform"
	"github.com/bottega-retail/bottega/host/internal/registry"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// Screens are the screens that somebody may see, by app in the order of their ids.
type Screens struct {
	Items []AppScreens `json:"items"`
}

// AppScreens are the screens of one app, with what is needed to draw them.
type AppScreens struct {
	App        string            `json:"app"`
	Version    string            `json:"version"`
	Name       manifest.Text     `json:"name"`
	Category   string            `json:"category"`
	Screens    []manifest.Screen `json:"screens"`
	Operations []Operation       `json:"operations" jsonschema:"that the screens name and one may run"`
	Types      map[string]any    `json:"types,omitzero" jsonschema:"schemas that the operations refer to, by name"`
}

// Operation is an operation that a screen runs.
type Operation struct {
	Name   string `json:"name"`
	Kind   string `json:"kind" jsonschema:"query or command"`
	Doc    string `json:"doc,omitzero"`
	Input  any    `json:"input" jsonschema:"JSON Schema"`
	Output any    `json:"output" jsonschema:"JSON Schema"`
}

func screens(tx *kernel.Tx, _ platform.None) (Screens, error) {
	out := Screens{Items: []AppScreens{}}
	p := tx.Principal()
	if p.ID == "" || p.ID == identity.Nobody().ID {
		return out, &abi.Error{Code: abi.Denied, Reason: "principal", Message: "Log in, or send a token."}
	}
	for _, app := range tx.Set().Apps() {
		shown, err := screensOf(tx.Set(), app, p)
		if err != nil {
			return out, err
		}
		if len(shown.Screens) > 0 {
			out.Items = append(out.Items, shown)
		}
	}
	return out, nil
}

// screensOf are the screens of an app that p may see.
func screensOf(set *registry.Set, app *registry.App, p identity.Principal) (AppScreens, error) {
	m := app.Manifest
	out := AppScreens{App: app.ID, Version: app.Version, Name: m.Name, Category: m.Category, Operations: []Operation{}}
	list, err := m.ScreenList()
	if err != nil {
		return out, err
	}
	var schemas []json.RawMessage
	for i := range list {
		s := &list[i]
		if !visible(set, s, p) {
			continue
		}
		s.Actions = slices.DeleteFunc(s.Actions, func(a manifest.ScreenStep) bool { return a.Operation != "" && !may(set, a.Operation, p) })
		out.Screens = append(out.Screens, *s)
		for _, name := range s.Operations() {
			if slices.ContainsFunc(out.Operations, func(o Operation) bool { return o.Name == name }) {
				continue
			}
			if o, ok := set.Operation(name); ok {
				out.Operations = append(out.Operations, Operation{Name: name, Kind: o.Info.Kind, Doc: o.Info.Doc, Input: o.Info.Input, Output: o.Info.Output})
				schemas = append(schemas, o.Info.Input, o.Info.Output)
			}
		}
	}
	out.Types = reachable(schemas, m.Provides.Types)
	return out, nil
}

// visible says whether p may see a screen: its own permission, and those of what
// it cannot do without.
func visible(set *registry.Set, s *manifest.Screen, p identity.Principal) bool {
	if s.Permission != "" && !p.May(s.Permission) || s.Submit != "" && !may(set, s.Submit, p) {
		return false
	}
	switch src := s.Source; {
	case src == nil:
		return true
	case src.Operation != "":
		return may(set, src.Operation, p)
	case src.Collection != "":
		return p.May(rightData)
	}
	return p.May("host.settings")
}

// may says whether p may run an operation, for some store at least.
func may(set *registry.Set, name string, p identity.Principal) bool {
	o, ok := set.Operation(name)
	if !ok {
		return false
	}
	need := identity.Need{}
	if o.Right != nil {
		need.Right = o.Right.Name
	}
	return identity.Authorize(p, need) == nil
}

var reference = regexp.MustCompile(`"\$ref":\s*"#/types/([A-Za-z0-9_.]+)"`)

// reachable are the named schemas that others refer to, and those that these do.
func reachable(from []json.RawMessage, types map[string]json.RawMessage) map[string]any {
	found := map[string]any{}
	for len(from) > 0 {
		raw := from[0]
		from = from[1:]
		for _, match := range reference.FindAllSubmatch(raw, -1) {
			name := string(match[1])
			if _, seen := found[name]; !seen && types[name] != nil {
				found[name] = types[name]
				from = append(from, types[name])
			}
		}
	}
	return found
}
