package lifecycle

import (
	"maps"
	"slices"
	"strings"

	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/host/internal/registry"
)

// problems are those that a draft would make; what is wrong already is not its
// fault.
func (w *world) problems(d *draft) []Problem {
	find := func(on *cut) []Problem { return slices.Concat(w.unmet(on), conflicts(on), cycles(on)) }
	before := find(w.after(&draft{}))
	fresh := slices.DeleteFunc(find(w.after(d)), func(p Problem) bool {
		return slices.ContainsFunc(before, func(b Problem) bool {
			return b.Reason == p.Reason && b.App == p.App && b.Contract == p.Contract && b.Other == p.Other
		})
	})
	for i := range fresh {
		if p := &fresh[i]; p.Reason == "dependency_missing" && w.records[p.App] != nil && w.records[p.App].State == stateEnabled && !d.brings(p.App) {
			p.Reason = "needed"
			p.Text = manifest.Text{
				IT: p.App + ", che è attiva, ha bisogno di " + p.Contract + ".",
				EN: p.App + ", which is enabled, needs " + p.Contract + ".",
			}
		}
	}
	return fresh
}

// brings says whether a draft gives an app a package.
func (d *draft) brings(app string) bool {
	return slices.ContainsFunc(d.changes, func(c change) bool { return c.App == app && c.brings() })
}

// unmet are the needs of enabled apps that nobody would meet.
func (w *world) unmet(after *cut) (all []Problem) {
	for _, id := range after.ids {
		for _, n := range after.on[id].Needs {
			by, there := after.by[n.Contract]
			switch {
			case there && w.fits(n.Range, by.Version):
				if calls := after.on[id].Unanswered(n, by); len(calls) > 0 {
					all = append(all, unanswered(id, by.ID, calls))
				}
			case there:
				all = append(all, w.missing(id, n, "dependency_version"))
			case !n.Optional:
				all = append(all, w.missing(id, n, "dependency_missing"))
			}
		}
	}
	return all
}

// cut is a choice of apps that would be enabled together. It does not change.
type cut struct {
	on  map[string]*manifest.Manifest
	ids []string                      // sorted
	by  map[string]*manifest.Manifest // who provides a contract; the first, if there are several
}

func cutOf(on map[string]*manifest.Manifest) *cut {
	c := &cut{on: on, ids: slices.Sorted(maps.Keys(on)), by: make(map[string]*manifest.Manifest, len(on))}
	for _, id := range c.ids {
		if p := on[id].Provides; p != nil && p.Contract != "" && c.by[p.Contract] == nil {
			c.by[p.Contract] = on[id]
		}
	}
	return c
}

// fits says whether the version of an app lies in a range, as registry.Fits does
// when the set is composed. Many needs have the same range: each is read once.
func (w *world) fits(versions, version string) bool {
	key := [2]string{versions, version}
	fits, known := w.known[key]
	if !known {
		ok, err := registry.Fits(versions, version)
		fits = ok && err == nil
		w.known[key] = fits
	}
	return fits
}

// missing is a need that is not met, with the modules that would meet it.
func (w *world) missing(app string, n manifest.Need, reason string) Problem {
	p := Problem{Reason: reason, App: app, Contract: n.Contract}
	for _, e := range w.available {
		if m := e.manifest; m.Provides.Contract == n.Contract && w.fits(n.Range, m.Version) {
			p.Modules = append(p.Modules, Ref{m.ID, m.Version})
		}
	}
	what := n.Contract
	if n.Range != "" {
		what += " " + n.Range
	}
	p.Text = manifest.Text{
		IT: app + " ha bisogno di " + what + ", che nessuna app attiva fornisce.",
		EN: app + " needs " + what + ", which no enabled app provides.",
	}
	return p
}

// unanswered is a need that is met by an app which does not answer every call.
func unanswered(app, by string, calls []string) Problem {
	what := strings.Join(calls, ", ")
	return Problem{Reason: "operation_missing", App: app, Contract: what, Other: by, Text: manifest.Text{
		IT: app + " usa " + what + ", che " + by + " non offre.",
		EN: app + " calls " + what + ", which " + by + " does not answer.",
	}}
}

// conflicts are contracts and filled keys that two would have.
func conflicts(after *cut) (all []Problem) {
	owner, filler := map[string]string{}, map[string]string{}
	for _, id := range after.ids {
		p := after.on[id].Provides
		if first, taken := owner[p.Contract]; taken && p.Contract != "" {
			all = append(all, Problem{Reason: "contract_taken", App: id, Contract: p.Contract, Other: first, Text: manifest.Text{
				IT: id + " e " + first + " forniscono entrambe " + p.Contract + ": una può sostituire l'altra.",
				EN: id + " and " + first + " both provide " + p.Contract + ": one may replace the other.",
			}})
		}
		owner[p.Contract] = id
		for _, f := range p.Fills {
			at := f.Slot + " " + f.Key
			if first, taken := filler[at]; taken && f.Key != "" {
				all = append(all, Problem{Reason: "slot_taken", App: id, Contract: f.Slot, Other: first, Text: manifest.Text{
					IT: id + " e " + first + " riempiono entrambe " + at + ".",
					EN: id + " and " + first + " both fill " + at + ".",
				}})
			}
			filler[at] = id
		}
	}
	return all
}

// cycles are apps that need each other, so that none could be enabled first.
func cycles(after *cut) []Problem {
	state := map[string]int{} // 1 on the way, 2 done
	var found []Problem
	var visit func(id string) bool
	visit = func(id string) bool {
		if state[id] != 0 {
			return state[id] == 1
		}
		state[id] = 1
		for _, n := range after.on[id].Needs {
			if by, ok := after.by[n.Contract]; ok && !n.Optional && visit(by.ID) && found == nil {
				found = append(found, Problem{Reason: "dependency_cycle", App: id, Other: by.ID, Contract: n.Contract, Text: manifest.Text{
					IT: id + " e " + by.ID + " hanno bisogno l'una dell'altra.",
					EN: id + " and " + by.ID + " need each other.",
				}})
			}
		}
		state[id] = 2
		return false
	}
	for _, id := range after.ids {
		visit(id)
	}
	return found
}
