package conformance

import (
	"encoding/hex"
	"slices"

	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/abi"
	"github.com/bottega-retail/bottega/sdk/sdktest/conformance/script"
)

func sign(data string, mac ...byte) script.Step {
	return script.Step{Sign: &script.Paper{Data: []byte(data), Mac: mac}}
}

// signed: a query and a command sign alike, another app and other data do not, and
// a signature counts as it is or not at all.
func signed(r *rig) {
	got := r.ask(own(sign("quote")), own(sign("quotes")), own(sign("")), betaAsk(sign("quote")))
	mine := got[0].Own.Texts[0]
	same(r.t, "hexadecimal digits", len(mine), 2*abi.SignatureSize)
	same(r.t, "no signature at all", got[0].Own.Found, []bool{false})
	for i, other := range []string{got[1].Own.Texts[0], got[2].Own.Texts[0], got[3].Nested[0].Texts[0]} {
		if other == mine {
			r.t.Errorf("other data, no data or another app has the same signature (%d)", i)
		}
	}
	mac, err := hex.DecodeString(mine)
	if err != nil {
		r.t.Fatal(err)
	}
	changed := func(at int) []byte {
		c := slices.Clone(mac)
		c[at] ^= 1
		return c
	}
	later := r.do(own(sign("quote", mac...)), own(sign("quotes", mac...)), own(sign("quote", mac[:31]...)), own(sign("quote", append(mac, 0)...)),
		own(sign("quote", changed(0)...)), own(sign("quote", changed(31)...)), inBeta(sign("quote", mac...)))
	same(r.t, "in a command", later[0].Own, script.Result{Texts: []string{mine}, Found: []bool{true}})
	for i, l := range later[1:6] {
		same(r.t, []string{"of other data", "cut", "longer", "changed at its head", "changed at its end"}[i], l.Own.Found, []bool{false})
	}
	same(r.t, "in another app", later[6].Nested[0].Found, []bool{false})
}

// signedTooMuch: what is longer than one call signs is the programmer's mistake.
func signedTooMuch(r *rig) {
	most := make([]byte, abi.MaxSign)
	same(r.t, "of the longest", len(r.own(sign(string(most))).Texts[0]), 2*abi.SignatureSize)
	got := r.do(caught(inBeta(sign(string(append(most, 0))))))
	r.failed("of one byte more", got[0].Error, sdk.CodeInternal, abi.ReasonAppFault)
}
