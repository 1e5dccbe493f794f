package lifecycle

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bottega-retail/bottega/host/internal/manifest"
)

// Words is the plan in sentences: a retailer who reads nothing else knows what
// is asked.
type Words struct {
	IT []string `json:"it"`
	EN []string `json:"en"`
}

// say adds one sentence in both languages. A manifest.Text among the values is
// said in the language of the sentence.
func (w *Words) say(it, en string, values ...any) {
	in := func(of func(manifest.Text) string) []any {
		said := slices.Clone(values)
		for i, v := range said {
			if t, ok := v.(manifest.Text); ok {
				said[i] = of(t)
			}
		}
		return said
	}
	w.IT = append(w.IT, fmt.Sprintf(it, in(func(t manifest.Text) string { return t.IT })...))
	w.EN = append(w.EN, fmt.Sprintf(en, in(func(t manifest.Text) string { return t.EN })...))
}

// text is a sentence that somebody else has written.
func (w *Words) text(t manifest.Text) { w.say("%s", "%s", t) }

// words says a plan in sentences.
func (d *draft) words() Words {
	w := Words{IT: []string{}, EN: []string{}}
	for _, p := range d.plan.Problems {
		w.text(p.Text)
	}
	for _, c := range d.changes {
		switch c.To {
		case toDisabled:
			w.say("%s viene disattivata; i suoi dati restano.", "%s is disabled; its data stays.", c.App)
		case toRemoved:
			w.say("%s viene rimossa con tutti i suoi dati. Non si può annullare.", "%s is removed with all its data. This cannot be undone.", c.App)
		}
	}
	for i := range d.plan.Apps {
		if p := &d.plan.Apps[i]; p.module != nil {
			w.app(p)
		}
	}
	return w
}

// app says what becomes of one app, and what it asks that was not consented to
// before.
func (w *Words) app(p *Planned) {
	switch {
	case p.From == "":
		w.say("%s %s di %s viene installata.", "%s %s by %s is installed.", p.Name, p.Version, p.Vendor)
	case p.From != p.Version:
		w.say("%s passa da %s a %s.", "%s goes from %s to %s.", p.Name, p.From, p.Version)
	default:
		w.say("%s %s viene attivata.", "%s %s is enabled.", p.Name, p.Version)
	}
	first, said := p.From == "", len(w.EN)
	w.fills(p)
	calls := w.grants(p)
	if first && !calls {
		w.say("Non chiama altre app e non invia niente fuori.", "It calls no other app and sends nothing out.")
	}
	w.events(p)
	for _, l := range p.Limits {
		if l.Change != askSame {
			name, show := limitShown(l.Name)
			w.say("Chiede più %s: %s invece di %s.", "It asks for more %s: %s instead of %s.", name, show(l.Asked), show(l.House))
		}
	}
	w.rights(p)
	w.keeps(p)
	for _, t := range p.Telling {
		w.text(t.Text)
	}
	if !first && said == len(w.EN) {
		w.say("Non chiede niente di più.", "It asks for nothing more.")
	}
}

// fills says in which slots an app takes part that it did not take part in.
func (w *Words) fills(p *Planned) {
	for i, f := range p.module.Provides.Fills {
		switch {
		case p.before != nil && slices.Contains(p.before.Provides.Fills, f):
		case f.Key != "":
			w.say("Risponde a %s di %s, per «%s».", "It answers %s of %s, for “%s”.", f.Slot, p.slots[i], f.Key)
		default:
			w.say("Risponde a %s di %s.", "It answers %s of %s.", f.Slot, p.slots[i])
		}
	}
}

// grants says what an app may call and reach, and whether there was anything.
func (w *Words) grants(p *Planned) (some bool) {
	for _, g := range p.Grants {
		if g.Change == askSame {
			continue
		}
		some = true
		bounds := boundsShown(g.Bounds)
		switch {
		case g.HTTP == "" && g.Change == askWider:
			w.say("Chiede di più di %s%s: %s", "It asks for more of %s%s: %s", g.Call, bounds, g.Why)
			continue
		case g.HTTP == "":
			w.say("Può chiamare %s%s: %s", "It may call %s%s: %s", g.Call, bounds, g.Why)
			continue
		}
		w.say("Può inviare dati a https://%s: %s", "It may send data to https://%s: %s", g.HTTP, g.Why)
		if g.Secret != nil {
			w.say("A https://%s l'host aggiunge il segreto «%s» delle impostazioni, che l'app non vede.", "The host adds the secret “%[2]s” of the settings for https://%[1]s; the app does not see it.", g.HTTP, g.Secret.Setting)
		}
	}
	return some
}

// boundsShown are the bounds of a grant in brackets, "" for none.
func boundsShown(b *manifest.Bounds) (t manifest.Text) {
	if b == nil {
		return t
	}
	var w Words
	for _, m := range b.Max {
		w.say("%s fino a %d", "%s up to %d", m.Field, m.Max)
	}
	if b.Stores != nil {
		w.say("solo nei negozi %s", "only at the stores %s", strings.Join(b.Stores, ", "))
	}
	if b.Slot != "" {
		w.say("solo mentre risponde a %s", "only while it answers %s", b.Slot)
	}
	if w.EN == nil {
		return t
	}
	return manifest.Text{IT: " (" + strings.Join(w.IT, "; ") + ")", EN: " (" + strings.Join(w.EN, "; ") + ")"}
}

func (w *Words) events(p *Planned) {
	var names []string
	for _, e := range p.Events {
		if e.Change != askSame {
			names = append(names, e.Name)
		}
	}
	if names != nil {
		w.say("Legge gli eventi %s.", "It reads the events %s.", strings.Join(names, ", "))
	}
}

// limitShown is what people call a limit, and how they read its numbers.
func limitShown(name string) (manifest.Text, func(int64) string) {
	mebibytes := func(n int64) string { return strconv.FormatInt((n+1<<20-1)>>20, 10) + " MiB" }
	millions := func(n int64) string { return strconv.FormatInt((n+999_999)/1_000_000, 10) + " M" }
	switch name {
	case "memory_bytes":
		return manifest.Text{IT: "memoria", EN: "memory"}, mebibytes
	case "storage_bytes":
		return manifest.Text{IT: "spazio su disco", EN: "room on disk"}, mebibytes
	case "units":
		return manifest.Text{IT: "lavoro per operazione", EN: "work per operation"}, millions
	case "slot_units":
		return manifest.Text{IT: "lavoro per risposta", EN: "work per answer"}, millions
	}
	return manifest.Text{IT: "tempo per operazione", EN: "time per operation"}, func(n int64) string { return (time.Duration(n) * time.Millisecond).String() }
}

// rights says which new rights can be given to people.
func (w *Words) rights(p *Planned) {
	var it, en []string
	for _, r := range p.Rights {
		if p.before != nil && slices.ContainsFunc(p.before.Permissions, func(b manifest.Permission) bool { return b.Name == r.Name }) {
			continue
		}
		it, en = append(it, "«"+r.Title.IT+"» ("+r.Name+")"), append(en, "“"+r.Title.EN+"” ("+r.Name+")")
	}
	if it != nil {
		w.say("Diritti nuovi che puoi dare alle persone: %s.", "New rights that you can give to people: %s.", manifest.Text{IT: strings.Join(it, ", "), EN: strings.Join(en, ", ")})
	}
}

// keeps says what new data an app keeps, and whether it is about people.
func (w *Words) keeps(p *Planned) {
	var people, other []string
	for _, k := range p.Keeps {
		switch {
		case p.before != nil && slices.ContainsFunc(p.before.Provides.Collections, func(b manifest.Collection) bool {
			return b.Name == k.Collection && (b.Subject != "" || !k.Personal)
		}):
		case k.Personal:
			people = append(people, k.Collection)
		default:
			other = append(other, k.Collection)
		}
	}
	if people != nil {
		w.say("Conserva dati personali: %s.", "It keeps personal data: %s.", strings.Join(people, ", "))
	}
	switch {
	case other != nil && people != nil:
		w.say("Conserva anche dati che dichiara non personali: %s.", "It also keeps data that it declares not to be personal: %s.", strings.Join(other, ", "))
	case other != nil:
		w.say("Conserva dati che dichiara non personali: %s.", "It keeps data that it declares not to be personal: %s.", strings.Join(other, ", "))
	case people == nil && p.From == "":
		w.say("Non conserva dati.", "It keeps no data.")
	}
}
