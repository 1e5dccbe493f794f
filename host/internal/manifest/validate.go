package manifest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"
)

// ID is what the id of a module looks like.
var ID = regexp.MustCompile(`^[a-z][a-z0-9-]{1,62}$`)

// Validate checks the rules that the schema cannot say. The error is Problems
// without lines.
func (m *Manifest) Validate() error {
	if p := m.problems(); len(p) > 0 {
		return reasoned(p)
	}
	return nil
}

func (m *Manifest) problems() Problems {
	var p Problems
	add := func(ok bool, pointer, format string, args ...any) {
		if !ok {
			p = append(p, Problem{Pointer: pointer, Text: fmt.Sprintf(format, args...)})
		}
	}
	add(ID.MatchString(m.ID), "/id", "%q is no id: lower case letters, digits and hyphens, at most 63", m.ID)
	add(!Reserved(m.ID), "/id", "%q is a word of the host", m.ID)
	add(versioned(m.Version), "/version", "%q is no semantic version", m.Version)
	add(m.Kind == App || m.Kind == Plugin, "/kind", "%q is neither app nor plugin", m.Kind)
	add(m.Name.complete(), "/name", "it and en are both needed")
	add(m.Summary.complete(), "/summary", "it and en are both needed")
	m.relations(add)
	if m.Provides != nil {
		m.provided(add)
		p = append(p, m.Provides.settings()...)
	}
	return p
}

func (t Text) complete() bool { return strings.TrimSpace(t.IT) != "" && strings.TrimSpace(t.EN) != "" }

// relations checks needs and grants.
func (m *Manifest) relations(add func(bool, string, string, ...any)) {
	needs, grants := map[string]bool{}, map[string]bool{}
	for i, n := range m.Needs {
		at := fmt.Sprintf("/needs/%d", i)
		add(!needs[n.Contract], at, "%s is needed twice", n.Contract)
		needs[n.Contract] = true
		add(m.Provides == nil || n.Contract != m.Provides.Contract, at, "it provides %s itself", n.Contract)
		if n.Range != "" {
			_, err := semver.NewConstraint(n.Range)
			add(err == nil, at+"/range", "%q is no range of versions", n.Range)
		}
	}
	for i, g := range m.Grants {
		at := fmt.Sprintf("/grants/%d", i)
		add((g.Call == "") != (g.HTTP == ""), at, "a grant is either a call or an http host")
		contract, operation, ok := strings.Cut(g.Call, ".")
		add(g.Call == "" || ok && contract != "" && operation != "", at+"/call", "%q is not contract.operation", g.Call)
		add(g.HTTP == "" || reachable(g.HTTP), at+"/http", "%q is not a name on the internet", g.HTTP)
		// One spelling, by which requests look it up.
		add(!strings.HasSuffix(g.HTTP, ":443"), at+"/http", "leave the port out of %q: 443 is what no port means", g.HTTP)
		add(g.HTTP != "" || g.Secret == nil, at+"/secret", "a secret is bound to an http host")
		add(g.Call != "" || g.Bounds == nil, at+"/bounds", "bounds are of a call")
		add(!grants[g.Name()], at, "%s is asked for twice", g.Name())
		add(g.Why.complete(), at+"/why", "it and en are both needed: this is what the retailer reads")
		grants[g.Name()] = true
	}
	m.permissions(add)
	m.screens(add)
}

// permissions checks that the rights are of the module's own contract and that
// no operation has two.
func (m *Manifest) permissions(add func(bool, string, string, ...any)) {
	names, covered := map[string]bool{}, map[string]string{}
	for i, p := range m.Permissions {
		at := fmt.Sprintf("/permissions/%d", i)
		add(!names[p.Name], at+"/name", "%s is declared twice", p.Name)
		names[p.Name] = true
		add(p.Title.complete(), at+"/title", "it and en are both needed")
		if m.Provides != nil {
			add(m.Provides.Contract != "" && strings.HasPrefix(p.Name, m.Provides.Contract+"."), at+"/name", "%s is not of the contract %q", p.Name, m.Provides.Contract)
		}
		for j, o := range p.Operations {
			add(covered[o] == "", fmt.Sprintf("%s/operations/%d", at, j), "%s belongs to %s already", o, covered[o])
			covered[o] = p.Name
			add(m.Provides == nil || m.provides(o), fmt.Sprintf("%s/operations/%d", at, j), "the code has no operation %s", o)
		}
	}
}

// provides says whether the code has an operation of that name.
func (m *Manifest) provides(operation string) bool {
	return slices.ContainsFunc(m.Provides.Operations, func(o Operation) bool { return o.Name == operation })
}

// Permission is the right that an operation belongs to, nil if the manifest
// names none.
func (m *Manifest) Permission(operation string) *Permission {
	for i := range m.Permissions {
		if slices.Contains(m.Permissions[i].Operations, operation) {
			return &m.Permissions[i]
		}
	}
	return nil
}

// provided checks that what the code provides goes by the contract's name and
// once, and that a plugin owns nothing.
func (m *Manifest) provided(add func(bool, string, string, ...any)) {
	pr := m.Provides
	add(!Reserved(pr.Contract), "/provides/contract", "%q is a word of the host", pr.Contract)
	seen := map[string]bool{}
	named := func(list string, i int, name string) {
		at := fmt.Sprintf("/provides/%s/%d/name", list, i)
		add(strings.HasPrefix(name, pr.Contract+".") && pr.Contract != "", at, "%s is not of the contract %q", name, pr.Contract)
		add(!seen[list+name], at, "%s is provided twice", name)
		seen[list+name] = true
	}
	for i, o := range pr.Operations {
		named("operations", i, o.Name)
	}
	for i, e := range pr.Events {
		named("events", i, e.Name)
		add(len(e.Earlier) == max(e.Version, 1)-1, fmt.Sprintf("/provides/events/%d/earlier", i),
			"%s has version %d, and the payloads of %d before it", e.Name, max(e.Version, 1), len(e.Earlier))
	}
	for i, s := range pr.Slots {
		named("slots", i, s.Name)
	}
	for i, c := range pr.Collections {
		add(!seen["collections"+c.Name], fmt.Sprintf("/provides/collections/%d/name", i), "%s is declared twice", c.Name)
		seen["collections"+c.Name] = true
	}
	if m.Kind == Plugin {
		add(len(pr.Operations)+len(pr.Events)+len(pr.Slots)+len(pr.Collections)+len(pr.Counters) == 0, "/kind",
			"a plugin fills slots and owns nothing: this is an app")
	}
}
