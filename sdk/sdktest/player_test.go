package sdktest_test

import (
	"errors"
	"testing"

	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/abi"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

type drawn struct {
	Seed  string `json:"seed"`
	Times int64  `json:"times"`
}

// TestPlayer: a handler gets the answers it is played, its clock, and the derived
// value that an earlier call has built.
func TestPlayer(t *testing.T) {
	t.Parallel()
	times := &sdk.Derived[int64]{Name: "times", Build: func(v *sdk.View) (int64, error) { return int64(v.Now()), nil }}
	ask := sdk.Query[sdk.None, drawn]{Name: "shop.ask"}
	app := sdk.NewApp("shop", times, ask.Handle(func(v *sdk.View, _ sdk.None) (drawn, error) {
		if !sdk.Signed(v, []byte("x"), make([]byte, abi.SignatureSize)) {
			return drawn{}, errors.New("not signed")
		}
		return drawn{v.Info().Principal, times.Get(v) + int64(v.Now())}, nil
	}))
	var asked []abi.Func
	p := sdktest.NewPlayer(app, func(fn abi.Func, _ []byte) ([]byte, abi.Code) {
		asked = append(asked, fn)
		if fn == abi.FuncSign {
			return make([]byte, abi.SignatureSize), abi.OK
		}
		i := abi.Info{Principal: "anna"}
		return i.Append(nil), abi.OK
	})
	entries := map[abi.EntryKind]uint32{}
	for i, e := range app.Module().Descriptor.Entries {
		entries[e.Kind] = uint32(i)
	}
	if out, code := p.Run(entries[abi.EntryDerive], 40, abi.AppendChanges(nil, nil), nil); code != abi.OK {
		t.Fatalf("derive: %v %q", code, out)
	}
	out, code := p.Run(entries[abi.EntryQuery], 2, []byte{0x80}, nil)
	if want := "\x82\xa4seed\xa4anna\xa5times\x2a"; code != abi.OK || string(out) != want {
		t.Errorf("answered %v %q, want %q", code, out, want)
	}
	if len(asked) != 2 || asked[0] != abi.FuncSign || asked[1] != abi.FuncInfo {
		t.Errorf("asked for %v", asked)
	}
}
