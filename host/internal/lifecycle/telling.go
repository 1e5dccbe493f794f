package lifecycle

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/bottega-retail/bottega/host/internal/manifest"
)

// telling finds what a retailer would want to see together: data that an app can
// read, and where it can send it.
func (w *world) telling(m *manifest.Manifest, after *cut) (all []Telling) {
	reads := w.reads(m, after)
	for _, g := range m.Grants {
		if g.HTTP == "" {
			continue
		}
		for _, contract := range slices.Sorted(maps.Keys(reads)) {
			t := Telling{Level: "normal", Text: manifest.Text{
				IT: "Legge " + contract + " E invia a " + g.HTTP + ".",
				EN: "Reads " + contract + " AND sends to " + g.HTTP + ".",
			}}
			if reads[contract] {
				t.Level = "high"
				t.Text.IT = "Legge " + contract + ", che contiene dati personali, E invia a " + g.HTTP + "."
				t.Text.EN = "Reads " + contract + ", which holds personal data, AND sends to " + g.HTTP + "."
			}
			all = append(all, t)
		}
		if personal(m) {
			all = append(all, Telling{Level: "high", Text: manifest.Text{
				IT: "Conserva dati personali E invia a " + g.HTTP + ".",
				EN: "Keeps personal data AND sends to " + g.HTTP + ".",
			}})
		}
	}
	return all
}

// reads are the contracts that a module calls or hears, and whether they hold
// personal data, as far as a manifest that is here tells.
func (w *world) reads(m *manifest.Manifest, after *cut) map[string]bool {
	reads := map[string]bool{}
	add := func(name string) {
		contract, _, _ := strings.Cut(name, ".")
		by, ok := after.by[contract]
		if !ok {
			i := slices.IndexFunc(w.available, func(e *entry) bool { return e.manifest.Provides.Contract == contract })
			if i < 0 {
				reads[contract] = false
				return
			}
			by = w.available[i].manifest
		}
		reads[contract] = by.ID != m.ID && personal(by)
	}
	for _, g := range m.Grants {
		if g.Call != "" {
			add(g.Call)
		}
	}
	for _, s := range m.Provides.Subscribes {
		add(s.Event)
	}
	return reads
}

// personal says whether a module keeps records that are about people.
func personal(m *manifest.Manifest) bool {
	return m.Provides != nil && slices.ContainsFunc(m.Provides.Collections, func(c manifest.Collection) bool { return c.Subject != "" })
}

// words says a plan in sentences.
func (d *draft) words() Words {
	w := Words{IT: []string{}, EN: []string{}}
	say := func(it, en string) { w.IT, w.EN = append(w.IT, it), append(w.EN, en) }
	for _, p := range d.plan.Problems {
		say(p.Text.IT, p.Text.EN)
	}
	for _, c := range d.changes {
		switch c.To {
		case toDisabled:
			say(c.App+" viene disattivata; i suoi dati restano.", c.App+" is disabled; its data stays.")
		case toRemoved:
			say(c.App+" viene rimossa con tutti i suoi dati. Non si può annullare.", c.App+" is removed with all its data. This cannot be undone.")
		}
	}
	for i := range d.plan.Apps {
		d.plan.Apps[i].words(say)
	}
	return w
}

func (p *Planned) words(say func(it, en string)) {
	switch {
	case p.From == "":
		say(p.Name.IT+" "+p.Version+" di "+p.Vendor+" viene installata.", p.Name.EN+" "+p.Version+" by "+p.Vendor+" is installed.")
	case p.From != p.Version:
		say(p.Name.IT+" passa da "+p.From+" a "+p.Version+".", p.Name.EN+" goes from "+p.From+" to "+p.Version+".")
	}
	for _, g := range p.Grants {
		if g.Change == askSame {
			continue
		}
		what := g.Call
		if g.HTTP != "" {
			what = "https://" + g.HTTP
		}
		say("Chiede "+what+": "+g.Why.IT, "Asks for "+what+": "+g.Why.EN)
	}
	for _, l := range p.Limits {
		if l.Change != askSame {
			n, house := strconv.FormatInt(l.Asked, 10), strconv.FormatInt(l.House, 10)
			say("Chiede "+l.Name+" "+n+" invece di "+house+".", "Asks for "+l.Name+" "+n+" instead of "+house+".")
		}
	}
	for _, e := range p.Events {
		if e.Change != askSame {
			say("Legge gli eventi "+e.Name+".", "Reads the events "+e.Name+".")
		}
	}
	for _, k := range p.Keeps {
		if k.Personal && p.From == "" {
			say("Conserva dati personali in "+k.Collection+".", "Keeps personal data in "+k.Collection+".")
		}
	}
	for _, t := range p.Telling {
		say(t.Text.IT, t.Text.EN)
	}
}
