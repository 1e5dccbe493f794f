package lifecycle

import (
	"maps"
	"slices"
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
				EN: "It reads " + contract + " AND sends to " + g.HTTP + ".",
			}}
			if reads[contract] {
				t.Level = "high"
				t.Text.IT = "Legge " + contract + ", che contiene dati personali, E invia a " + g.HTTP + "."
				t.Text.EN = "It reads " + contract + ", which holds personal data, AND sends to " + g.HTTP + "."
			}
			all = append(all, t)
		}
		if personal(m) {
			all = append(all, Telling{Level: "high", Text: manifest.Text{
				IT: "Conserva dati personali E invia a " + g.HTTP + ".",
				EN: "It keeps personal data AND sends to " + g.HTTP + ".",
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
		by := w.provider(contract, after)
		reads[contract] = by != nil && by.ID != m.ID && personal(by)
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
