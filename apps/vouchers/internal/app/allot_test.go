package app

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/apps/vouchers"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

func allotted(t fatal, env *sdktest.Env, code string, amount retail.Money) vouchers.AllotOut {
	t.Helper()
	return must(sdktest.Run(env, vouchers.Allot, vouchers.AllotIn{Code: code, Store: "MI-01", Till: "3", Amount: amount}))(t)
}

// A till that is cut off for a day spends its part of a card, and no more; nobody else
// spends that part. Its documents come twice and shuffled, and count once.
func TestTillCutOff(t *testing.T) {
	t.Parallel()
	env := desk(t, sdktest.Twice)
	c := bought(t, env, "gift", 5000)
	a := allotted(t, env, c.Code, 2000)
	if got := ask(t, env, c.Code, "", ""); got.Balance != 3000 {
		t.Errorf("others may spend %d", got.Balance)
	}
	must(sdktest.One(env, till.Tender, "gift_card", pay(c.Code, 500, "MI-01/3/9")))(t) // a part of it over the line
	_, err := sdktest.One(env, till.Tender, "gift_card", pay(c.Code, 2501, "MI-01/4/1"))
	refuses(t, err, sdk.CodeExhausted, "balance")
	must(sdktest.Run(env, vouchers.Block, vouchers.BlockIn{Card: c.Card, Reason: "theft"}))(t)

	settle := func(in vouchers.SettleIn) (vouchers.Allotment, error) {
		in.Allotment = a.Allotment.ID
		return sdktest.Run(env, vouchers.Settle, in)
	}
	uses := []vouchers.SlipUse{{Document: "MI-01/3/9", Amount: 700}, {Document: "MI-01/3/8", Amount: 300}}
	must(settle(vouchers.SettleIn{Uses: uses}))(t)
	if got := must(settle(vouchers.SettleIn{Uses: []vouchers.SlipUse{uses[1], uses[0]}}))(t); got.Left != 1000 {
		t.Errorf("told twice: %+v", got)
	}
	_, err = settle(vouchers.SettleIn{Uses: []vouchers.SlipUse{{Document: "MI-01/3/8", Amount: 301}}})
	if e := refuses(t, err, sdk.CodeConflict, "differs"); e.Pointer != "/uses/0/amount" {
		t.Errorf("at %s", e.Pointer)
	}
	must(sdktest.One(env, till.Tender, "gift_card", pay(a.Slip, 400, "MI-01/3/10")))(t)
	_, err = settle(vouchers.SettleIn{Uses: []vouchers.SlipUse{{Document: "MI-01/3/11", Amount: 601}}})
	refuses(t, err, sdk.CodeExhausted, "balance")
	other := pay(a.Slip, 1, "MI-01/4/2")
	other.Till = "4"
	_, err = sdktest.One(env, till.Tender, "gift_card", other)
	refuses(t, err, sdk.CodeFailedPrecondition, "kind")
	forged := a.Slip[:len(a.Slip)-1] + map[bool]string{true: "1", false: "0"}[a.Slip[len(a.Slip)-1] == '0']
	_, err = sdktest.One(env, till.Tender, "gift_card", pay(forged, 1, "MI-01/3/12"))
	refuses(t, err, sdk.CodeNotFound, "code")

	must(settle(vouchers.SettleIn{Close: true}))(t)
	must(settle(vouchers.SettleIn{Uses: uses, Close: true}))(t) // once more, late
	_, err = settle(vouchers.SettleIn{Uses: []vouchers.SlipUse{{Document: "MI-01/3/13", Amount: 1}}})
	refuses(t, err, sdk.CodeFailedPrecondition, "closed")
	if got := on(t, env, c.Card); got.Balance != 3100 || got.Allotted != 0 {
		t.Errorf("settled %+v", got)
	}
	if all := must(sdktest.Call(env, vouchers.Allotments, vouchers.AllotmentsIn{Card: c.Card}))(t); len(all.Allotments) != 1 || all.Allotments[0].Closed == 0 {
		t.Errorf("%+v", all)
	}
	sound(t, env)
}

// What a till spent before the card expired counts also when it is told after; what it did
// not is lost with the rest.
func TestAllotmentOfExpiredCard(t *testing.T) {
	t.Parallel()
	env := desk(t, sdktest.Twice)
	c := bought(t, env, "gift", 5000)
	a := allotted(t, env, c.Code, 2000)
	env.At("2027-12-01 10:00 Europe/Rome")
	if err := env.Settle(); err != nil {
		t.Fatal(err)
	}
	if got := on(t, env, c.Card); got.Balance != 2000 || got.State != vouchers.StateExpired {
		t.Errorf("expired %+v", got)
	}
	in := vouchers.SettleIn{Allotment: a.Allotment.ID, Uses: []vouchers.SlipUse{{Document: "MI-01/3/1", Amount: 1500}}, Close: true}
	must(sdktest.Run(env, vouchers.Settle, in))(t)
	if got := on(t, env, c.Card); got.Balance != 0 {
		t.Errorf("settled %+v", got)
	}
	sound(t, env)
}

// However many tills hold parts, spend, settle in any order, twice, and close: what is
// spent in all is never more than what was on the card.
func TestNeverOverspent(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		env := desk(t)
		c := bought(rt, env, "gift", 1000)
		var spent retail.Money
		var out []vouchers.Allotment
		var told []vouchers.SettleIn
		for step := range rapid.IntRange(1, 25).Draw(rt, "steps") {
			by := retail.Money(rapid.Int64Range(1, 600).Draw(rt, "amount"))
			document := "D" + string(rune('a'+step))
			switch rapid.IntRange(0, 4).Draw(rt, "what") {
			case 0:
				if a, err := sdktest.Run(env, vouchers.Allot, vouchers.AllotIn{Code: c.Code, Store: "MI-01", Till: "3", Amount: by}); err == nil {
					out = append(out, a.Allotment)
				}
			case 1:
				if _, err := sdktest.One(env, till.Tender, "gift_card", pay(c.Code, by, document)); err == nil {
					spent += by
				}
			case 2:
				if len(out) > 0 {
					in := vouchers.SettleIn{Allotment: rapid.SampledFrom(out).Draw(rt, "of").ID, Uses: []vouchers.SlipUse{{Document: document, Amount: by}}}
					in.Close = rapid.Bool().Draw(rt, "close")
					if _, err := sdktest.Run(env, vouchers.Settle, in); err == nil {
						spent, told = spent+by, append(told, in)
					}
				}
			case 3:
				if len(told) > 0 {
					must(sdktest.Run(env, vouchers.Settle, rapid.SampledFrom(told).Draw(rt, "again")))(rt)
				}
			case 4:
				if err := env.Advance(24 * time.Hour); err != nil {
					rt.Fatal(err)
				}
			}
			got := on(rt, env, c.Card)
			if got.Balance != 1000-spent || got.Balance < got.Allotted || spent > 1000 {
				rt.Fatalf("%d was spent: %+v", spent, got)
			}
		}
		sound(rt, env)
	})
}
