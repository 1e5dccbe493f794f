package registry

import (
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/host/internal/sandbox"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// made is an app that provides one contract, its id, with one query, and fills
// and needs what it is told.
func made(t *testing.T, id, version string, needs []manifest.Need, entries ...abi.Entry) *App {
	t.Helper()
	m := &manifest.Manifest{ID: id, Version: version, Needs: needs, Provides: &manifest.Provides{
		Contract:   id,
		Operations: []manifest.Operation{{Name: id + ".ask", Kind: "query"}},
		Slots:      []manifest.Slot{{Name: id + ".hook", Kind: "query"}, {Name: id + ".pay", Kind: "command"}},
	}}
	d := &abi.Descriptor{Version: abi.Version, App: id, Entries: append([]abi.Entry{{Kind: abi.EntryQuery, Name: id + ".ask"}}, entries...)}
	for _, e := range entries {
		m.Provides.Fills = append(m.Provides.Fills, manifest.Fill{Slot: e.Name, Key: e.Key})
	}
	a, err := NewApp(Making{Manifest: m, Module: &sandbox.Module{}, Descriptor: d})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// calling makes an app ask to call operations.
func calling(a *App, operations ...string) *App {
	for _, o := range operations {
		a.Manifest.Grants = append(a.Manifest.Grants, manifest.Grant{Call: o})
	}
	return a
}

func hook(slot string) abi.Entry     { return abi.Entry{Kind: abi.EntryQueryFill, Name: slot} }
func pay(slot, key string) abi.Entry { return abi.Entry{Kind: abi.EntryFill, Name: slot, Key: key} }

func TestComposeRefuses(t *testing.T) {
	t.Parallel()
	need := func(contract, versions string) []manifest.Need {
		return []manifest.Need{{Contract: contract, Range: versions}}
	}
	for name, c := range map[string]struct {
		apps []*App
		want string
	}{
		"a need that nobody meets":   {[]*App{made(t, "a", "1.0.0", need("b", ""))}, "needs the contract b"},
		"a version out of range":     {[]*App{made(t, "a", "1.0.0", need("b", "^2.0")), made(t, "b", "1.9.0", nil)}, "needs b in ^2.0, and b@1.9.0 is enabled"},
		"a range that is none":       {[]*App{made(t, "a", "1.0.0", need("b", "two")), made(t, "b", "1.9.0", nil)}, "no range"},
		"a call that nobody answers": {[]*App{calling(made(t, "a", "1.0.0", need("b", "")), "b.ask", "b.more"), made(t, "b", "1.0.0", nil)}, "a calls b.more, which b@1.0.0 does not answer"},
		"two for one contract":       {[]*App{made(t, "a", "1.0.0", nil), made(t, "a", "2.0.0", nil)}, "both provide a.ask"},
		"a key filled twice":         {[]*App{made(t, "a", "1.0.0", nil), made(t, "b", "1.0.0", nil, pay("a.pay", "gift")), made(t, "c", "1.0.0", nil, pay("a.pay", "gift"))}, "filled already"},
	} {
		if _, err := Compose(c.apps); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func TestComposeBindsByContract(t *testing.T) {
	t.Parallel()
	set, err := Compose([]*App{
		made(t, "z", "1.0.0", nil, hook("a.hook"), pay("a.pay", "gift")),
		made(t, "a", "1.2.3", nil),
		made(t, "m", "1.0.0", []manifest.Need{{Contract: "a", Range: "^1.2"}, {Contract: "missing", Optional: true}}, hook("a.hook"), hook("missing.hook")),
	})
	if err != nil {
		t.Fatal(err)
	}
	if o, ok := set.Operation("a.ask"); !ok || o.App.ID != "a" || o.Command {
		t.Errorf("a.ask is bound to %+v", o)
	}
	slot, ok := set.Slot("a.hook")
	if !ok || len(slot.Fillers) != 2 || slot.Fillers[0].App.ID != "m" || slot.Fillers[1].App.ID != "z" {
		t.Errorf("a.hook is filled by %+v", slot)
	}
	paying, _ := set.Slot("a.pay")
	if f, ok := paying.Filler("gift"); !ok || f.App.ID != "z" {
		t.Errorf("a.pay for gift is %+v", f)
	}
	if _, ok := paying.Filler("cash"); ok {
		t.Error("nobody fills cash")
	}
}

// TestNewAppHoldsCodeToPaper: what the retailer read is what the code does.
func TestNewAppHoldsCodeToPaper(t *testing.T) {
	t.Parallel()
	paper := func() *manifest.Manifest {
		return &manifest.Manifest{ID: "a", Version: "1.0.0", Provides: &manifest.Provides{Contract: "a", Operations: []manifest.Operation{{Name: "a.ask", Kind: "query"}}}}
	}
	for name, c := range map[string]struct {
		m    *manifest.Manifest
		d    *abi.Descriptor
		want string
	}{
		"nothing provided":      {&manifest.Manifest{ID: "a"}, &abi.Descriptor{Version: 1, App: "a"}, "bottega build"},
		"another id":            {paper(), &abi.Descriptor{Version: 1, App: "b"}, "says it is b"},
		"another ABI":           {paper(), &abi.Descriptor{Version: 2, App: "a"}, "ABI 2"},
		"a secret handler":      {paper(), &abi.Descriptor{Version: 1, App: "a", Entries: []abi.Entry{{Kind: abi.EntryQuery, Name: "a.ask"}, {Kind: abi.EntryCommand, Name: "a.steal"}}}, "a.steal"},
		"a promise not kept":    {paper(), &abi.Descriptor{Version: 1, App: "a"}, "does not handle"},
		"a query that commands": {paper(), &abi.Descriptor{Version: 1, App: "a", Entries: []abi.Entry{{Kind: abi.EntryCommand, Name: "a.ask"}}}, "command a.ask"},
	} {
		if _, err := NewApp(Making{Manifest: c.m, Module: &sandbox.Module{}, Descriptor: c.d}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}
