package develop

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/host/internal/registry"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// TestHouse: an author is told the limits that the host has.
func TestHouse(t *testing.T) {
	t.Parallel()
	want := manifest.Limits{
		MemoryBytes: registry.DefaultMemory, Units: registry.DefaultUnits, SlotUnits: registry.DefaultSlotUnits,
		TimeMillis: int64(registry.DefaultTime / time.Millisecond), StorageBytes: registry.DefaultStorage,
	}
	if House != want {
		t.Errorf("%+v, and the host has %+v", House, want)
	}
}

func TestAsks(t *testing.T) {
	t.Parallel()
	m := &manifest.Manifest{
		Grants: []manifest.Grant{
			{Call: "catalog.products", Why: manifest.Text{IT: "Perché sì.", EN: "Because."}, Bounds: &manifest.Bounds{Max: []manifest.Max{{Field: "limit", Max: 5}}, Stores: []string{"MI-01"}, Slot: "pricing.discount"}},
			{HTTP: "api.example", Secret: &manifest.GrantSecret{Setting: "key"}, Why: manifest.Text{IT: "Per spedire.", EN: "To send."}},
		},
		Limits:      manifest.Limits{MemoryBytes: 64 << 20, TimeMillis: 100},
		Permissions: []manifest.Permission{{Title: manifest.Text{IT: "Vedere", EN: "See"}, Operations: []string{"x.get"}}},
		Provides: &manifest.Provides{
			Contract: "x", Operations: make([]manifest.Operation, 2), Fills: []manifest.Fill{{Slot: "till.tender", Key: "gift"}},
			Subscribes:  []manifest.Subscription{{Event: "till.closed"}},
			Collections: []manifest.Collection{{Name: "cards", Subject: "customer"}, {Name: "logs"}},
		},
	}
	for language, want := range map[Language][]string{
		English: {
			"calls catalog.products (limit up to 5; only the stores MI-01; only while it answers pricing.discount): Because.",
			"connects to https://api.example, with the secret key: To send.",
			"asks for more memory: 64 MiB instead of 32 MiB",
			"reads every till.closed",
			"answers till.tender (gift)",
			"provides x: 2 operations",
			"keeps cards, data of persons",
			"keeps logs",
			"adds the right “See”: x.get",
		},
		Italian: {
			"chiama catalog.products (limit fino a 5; solo i negozi MI-01; solo mentre risponde a pricing.discount): Perché sì.",
			"si collega a https://api.example, con il segreto key: Per spedire.",
			"chiede più memoria: 64 MiB invece di 32 MiB",
			"legge ogni till.closed",
			"risponde a till.tender (gift)",
			"fornisce x: 2 operazioni",
			"tiene cards, dati di persone",
			"tiene logs",
			"aggiunge il diritto «Vedere»: x.get",
		},
	} {
		if got := Asks(m, language); !slices.Equal(got, want) {
			t.Errorf("%s:\n%s", language, strings.Join(got, "\n"))
		}
	}
	if got := Asks(&manifest.Manifest{}, English); len(got) != 0 {
		t.Errorf("who asks for nothing is said to ask for %q", got)
	}
}

// TestPlayer: a module is answered what the test's host said, as long as it asks
// what the source asked.
func TestPlayer(t *testing.T) {
	t.Parallel()
	recording := func() *Recording {
		return &Recording{Test: "TestX", Name: "x.get", Output: []byte("out"), Calls: []HostCall{
			{Func: abi.FuncLog, Input: []byte("line")},
			{Func: abi.FuncGet, Input: []byte("a"), Output: []byte("1")},
			{Func: abi.FuncGet, Input: []byte("b"), Code: abi.NotFound},
		}}
	}
	type ask struct {
		fn abi.Func
		in string
	}
	get := func(in string) ask { return ask{abi.FuncGet, in} }
	for _, tt := range []struct {
		name string
		asks []ask
		out  string
		want string // "" is no mismatch
	}{
		{"the same", []ask{get("a"), get("b")}, "out", ""},
		{"logs more", []ask{get("a"), {abi.FuncLog, "more"}, get("b")}, "out", ""},
		{"another key", []ask{get("a"), get("c")}, "out", "asks something else"},
		{"another function", []ask{{abi.FuncDelete, "a"}}, "out", "asks something else"},
		{"less", []ask{get("a")}, "out", "asks less"},
		{"more", []ask{get("a"), get("b"), get("b")}, "out", "asks more"},
		{"another answer", []ask{get("a"), get("b")}, "other", "answers otherwise"},
	} {
		p := &player{recording: recording()}
		var err error
		for _, a := range tt.asks {
			if _, _, err = p.HostCall(t.Context(), a.fn, []byte(a.in), nil); err != nil {
				break
			}
		}
		if err == nil {
			err = p.compare(abi.OK, []byte(tt.out))
		}
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

func TestZone(t *testing.T) {
	t.Parallel()
	in := abi.ZoneAt{Zone: "Europe/Rome", At: 1774746000000} // 2026-03-29 01:00 UTC, the change to summer
	out, code, err := zone(in.Append(nil), nil)
	if err != nil || code != abi.OK {
		t.Fatalf("%v, %v", code, err)
	}
	span, err := abi.ParseZoneSpan(out)
	if err != nil || span.Offset != 7200 || span.Name != "CEST" || span.Start != in.At {
		t.Errorf("%+v, %v", span, err)
	}
	in.Zone = "Europe/Atlantis"
	if out, code, _ = zone(in.Append(nil), nil); code != abi.NotFound || bytes.Contains(out, []byte("CEST")) {
		t.Errorf("%v %q", code, out)
	}
}
