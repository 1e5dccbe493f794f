package develop

import (
	"fmt"
	"strings"

	"github.com/bottega-retail/bottega/host/internal/manifest"
)

// Language is one of the house.
type Language string

// The languages.
const (
	Italian Language = "it"
	English Language = "en"
)

func (l Language) of(t manifest.Text) string {
	if l == Italian {
		return t.IT
	}
	return t.EN
}

// say chooses between two texts.
func (l Language) say(it, en string, args ...any) string {
	if l == Italian {
		en = it
	}
	return fmt.Sprintf(en, args...)
}

// Asks is what a retailer is asked to allow before the module may run, one line
// each, from its manifest alone. What is in it is in consent too; the host also
// compares with what was allowed before.
func Asks(m *manifest.Manifest, l Language) []string {
	var out []string
	for _, g := range m.Grants {
		out = append(out, grant(&g, l))
	}
	out = append(out, l.limits(m.Limits)...)
	if m.Provides != nil {
		out = append(out, l.provided(m.Provides)...)
	}
	for _, p := range m.Permissions {
		out = append(out, l.say("aggiunge il diritto «%s»: %s", "adds the right “%s”: %s", l.of(p.Title), strings.Join(p.Operations, ", ")))
	}
	return out
}

// grant is one thing that the module asks to call or to reach.
func grant(g *manifest.Grant, l Language) string {
	what := l.say("chiama %s", "calls %s", g.Call)
	if g.HTTP != "" {
		what = l.say("si collega a https://%s", "connects to https://%s", g.HTTP)
		if g.Secret != nil {
			what += l.say(", con il segreto %s", ", with the secret %s", g.Secret.Setting)
		}
	}
	return what + l.bounds(g.Bounds) + ": " + l.of(g.Why)
}

func (l Language) bounds(b *manifest.Bounds) string {
	if b == nil {
		return ""
	}
	var parts []string
	for _, m := range b.Max {
		parts = append(parts, l.say("%s fino a %d", "%s up to %d", m.Field, m.Max))
	}
	if len(b.Stores) > 0 {
		parts = append(parts, l.say("solo i negozi %s", "only the stores %s", strings.Join(b.Stores, ", ")))
	}
	if b.Slot != "" {
		parts = append(parts, l.say("solo mentre risponde a %s", "only while it answers %s", b.Slot))
	}
	return " (" + strings.Join(parts, "; ") + ")"
}

// limits are those that the module asks for beyond the house's.
func (l Language) limits(a manifest.Limits) (out []string) {
	for _, x := range []struct {
		it, en       string
		asked, house int64
		show         func(int64) string
	}{
		{"memoria", "memory", a.MemoryBytes, House.MemoryBytes, mebibytes},
		{"lavoro per operazione", "work per operation", a.Units, House.Units, millions},
		{"lavoro per risposta a uno slot", "work per answer to a slot", a.SlotUnits, House.SlotUnits, millions},
		{"tempo per operazione", "time per operation", a.TimeMillis, House.TimeMillis, func(n int64) string { return fmt.Sprintf("%d ms", n) }},
		{"spazio su disco", "room on disk", a.StorageBytes, House.StorageBytes, mebibytes},
	} {
		if x.asked > x.house {
			out = append(out, l.say("chiede più %s: %s invece di %s", "asks for more %s: %s instead of %s", l.say(x.it, x.en), x.show(x.asked), x.show(x.house)))
		}
	}
	return out
}

func mebibytes(n int64) string { return fmt.Sprintf("%d MiB", (n+(1<<20)-1)>>20) }
func millions(n int64) string  { return fmt.Sprintf("%d M", (n+999_999)/1_000_000) }

// provided is what the module takes part in, and what it keeps.
func (l Language) provided(p *manifest.Provides) (out []string) {
	for _, s := range p.Subscribes {
		out = append(out, l.say("legge ogni %s", "reads every %s", s.Event))
	}
	for _, f := range p.Fills {
		name := f.Slot
		if f.Key != "" {
			name += " (" + f.Key + ")"
		}
		out = append(out, l.say("risponde a %s", "answers %s", name))
	}
	if p.Contract != "" {
		out = append(out, l.say("fornisce %s: %d operazioni", "provides %s: %d operations", p.Contract, len(p.Operations)))
	}
	for _, c := range p.Collections {
		line := l.say("tiene %s", "keeps %s", c.Name)
		if c.Subject != "" {
			line += l.say(", dati di persone", ", data of persons")
		}
		out = append(out, line)
	}
	return out
}
