package manifest

import (
	"encoding/json"
	"fmt"
	"sync"

	"github.com/Masterminds/semver/v3"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/bottega-retail/bottega/manifests"
)

// Set is a composition of modules that a retailer takes at once.
type Set struct {
	Schema   string                                `json:"$schema,omitempty"`
	ID       string                                `json:"id"`
	Name     Text                                  `json:"name"`
	Summary  Text                                  `json:"summary"`
	Modules  []SetModule                           `json:"modules"`
	Settings map[string]map[string]json.RawMessage `json:"settings,omitempty"` // presets by app, for those not filled in yet
	Roles    []SetRole                             `json:"roles,omitempty"`
}

// SetModule is one module of a set. An optional one is taken when it is asked
// for.
type SetModule struct {
	ID       string `json:"id"`
	Range    string `json:"range,omitempty"`
	Optional bool   `json:"optional,omitempty"`
}

// SetRole suggests what a kind of staff may do.
type SetRole struct {
	ID     string   `json:"id"`
	Name   Text     `json:"name"`
	Rights []string `json:"rights"`
}

// ParseSet reads a set as strictly as Parse reads a manifest. The error is
// Problems.
func ParseSet(b []byte) (*Set, error) {
	s := new(Set)
	if p := parse(b, setSchema, s); len(p) > 0 {
		for i := range p {
			p[i].Reason = "set_invalid"
		}
		return nil, p
	}
	return s, nil
}

var setSchema = sync.OnceValues(func() (*jsonschema.Schema, error) {
	return compile("set.schema.json", manifests.SetSchema())
})

func (s *Set) problems() Problems {
	var p Problems
	add := func(ok bool, pointer, format string, args ...any) {
		if !ok {
			p = append(p, Problem{Pointer: pointer, Text: fmt.Sprintf(format, args...)})
		}
	}
	seen := map[string]bool{}
	for i, m := range s.Modules {
		at := fmt.Sprintf("/modules/%d", i)
		add(!seen[m.ID], at+"/id", "%s is there twice", m.ID)
		seen[m.ID] = true
		if m.Range != "" {
			_, err := semver.NewConstraint(m.Range)
			add(err == nil, at+"/range", "%q is no range of versions", m.Range)
		}
	}
	for app := range s.Settings {
		add(seen[app], "/settings/"+escape(app), "%s is no module of this set", app)
	}
	return p
}
