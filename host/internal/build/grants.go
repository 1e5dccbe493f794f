package build

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"

	"github.com/bottega-retail/bottega/host/internal/manifest"
)

// uses are the names of other contracts that the module's own code uses.
type uses struct {
	calls   map[string]bool // operations and slots, by contract.name
	touched map[string]bool // contracts that are called, filled or heard
}

// uses finds what the module wants of other contracts, and refuses what no
// grant could allow.
func (m *module) uses() uses {
	u := uses{map[string]bool{}, map[string]bool{}}
	for _, mn := range m.mentions {
		if mn.d.contract() == "" || mn.method == "Name" || mn.method == "Key" {
			continue
		}
		if mn.d.contract() == m.contract {
			if mn.method == "Call" {
				m.refuse(mn.at, "call the function behind it: an app cannot be called again while it runs", "%s is called by the app that provides it", mn.d.name)
			}
			continue
		}
		if !m.own(mn.pkg) {
			continue
		}
		u.touched[mn.d.contract()] = true
		switch {
		case mn.method == "Emit":
			m.refuse(mn.at, "declare an event of your own", "%s is emitted, which only the app that provides %s may", mn.d.name, mn.d.contract())
		case mn.method != "Fill" && mn.method != "On" && mn.d.kind != "Event":
			u.calls[mn.d.name] = true
		}
	}
	return u
}

// outward compares where the code sends HTTP requests with the hosts that the
// manifest asks for.
func (m *module) outward(file string, man *manifest.Manifest, lines manifest.Lines) {
	e := m.egress()
	granted := map[string]bool{}
	for i, g := range man.Grants {
		if g.HTTP == "" {
			continue
		}
		granted[g.HTTP] = true
		if !e.sends {
			m.report.addFile(file, lines.Line(at("grants", i)), "remove it: a retailer should not be asked for more than there is",
				"grants: the manifest asks for %s, the code sends no HTTP requests", g.Name())
		}
		if g.Secret != nil && !m.secret(man, g.Secret.Setting) {
			m.report.addFile(file, lines.Line(at("grants", i)+"/secret"), "add it, or name another",
				"grants: the settings have no field %s of type sdk.Secret", g.Secret.Setting)
		}
	}
	if e.sends && len(granted) == 0 && len(e.hosts) == 0 {
		e.hosts = []string{"…"}
	}
	for _, host := range e.hosts {
		if e.sends && !granted[host] {
			m.report.addFile(file, max(lines.Line("/grants"), 1), `add  {"http":"`+host+`","why":…}  so that retailers can read where and why`,
				"grants: the code sends HTTP requests to %s, the manifest does not ask for it", host)
		}
	}
}

// secret says whether the settings have a field of a name that only the host
// reads.
func (m *module) secret(man *manifest.Manifest, name string) bool {
	var s struct {
		Properties map[string]struct {
			Format string `json:"format"`
		} `json:"properties"`
	}
	return json.Unmarshal(man.Provides.Settings, &s) == nil && s.Properties[name].Format == "secret"
}

// relations compares what the code uses with what the manifest asks for.
func (m *module) relations(file string, man *manifest.Manifest, lines manifest.Lines) {
	m.outward(file, man, lines)
	u := m.uses()
	granted, needed := map[string]bool{}, map[string]bool{}
	for i, g := range man.Grants {
		granted[g.Call] = true
		if g.HTTP == "" && !u.calls[g.Call] {
			m.report.addFile(file, lines.Line(at("grants", i)), "remove it: a retailer should not be asked for more than there is",
				"grants: the manifest asks for %s, the code does not call it", g.Call)
		}
	}
	for i, n := range man.Needs {
		needed[n.Contract] = true
		if !u.touched[n.Contract] {
			m.report.addFile(file, lines.Line(at("needs", i)), "remove it", "needs: nothing in the code calls, fills or hears %s", n.Contract)
		}
	}
	for _, call := range slices.Sorted(maps.Keys(u.calls)) {
		if !granted[call] {
			m.report.addFile(file, max(lines.Line("/grants"), 1), `add  {"call":"`+call+`","why":…}  so that retailers can read why`,
				"grants: the code calls %s, the manifest does not ask for it", call)
		}
		if contract := contractOf(call); !needed[contract] {
			m.report.addFile(file, max(lines.Line("/needs"), 1), `add  {"contract":"`+contract+`"}`,
				"needs: the code calls %s, the manifest does not need %s", call, contract)
			needed[contract] = true
		}
	}
}

// rights refuses an operation that belongs to no permission: the host would let
// nobody call it but the owner, and nobody would have said why.
func (m *module) rights(file string, man *manifest.Manifest, lines manifest.Lines) {
	for _, o := range man.Provides.Operations {
		if man.Permission(o.Name) == nil {
			m.report.addFile(file, max(lines.Line("/permissions"), 1),
				`add  {"name":"`+man.Provides.Contract+`.…","title":{"it":"…","en":"…"},"operations":["`+o.Name+`"]}  or name it in one that is there`,
				"permissions: %s belongs to none, and nobody could be given the right to it", o.Name)
		}
	}
}

func at(list string, i int) string { return "/" + list + "/" + strconv.Itoa(i) }
