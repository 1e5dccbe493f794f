package app

import (
	"slices"
	"testing"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// again publishes a promotion that is worked out again.
func again(t *testing.T, env *sdktest.Env, p pricing.Promotion) {
	t.Helper()
	p.Name, p.Refund = p.ID, pricing.Recompute
	must(sdktest.Run(env, pricing.PutPromotion, p))(t)
	must(sdktest.Run(env, pricing.Publish, pricing.PublishIn{ID: p.ID, Accept: everyWarning}))(t)
}

// document is a quote as a till asks about it, with so many units kept of each line and
// of each discount as much of it.
func document(q *pricing.QuoteOut, kept ...retail.Quantity) pricing.RecomputeIn {
	in := pricing.RecomputeIn{Applied: q.Applied}
	for i, l := range slices.Concat(q.Lines, q.Added) {
		is := pricing.RecomputeLine{
			ID: l.ID, SKU: l.SKU, Quantity: l.Quantity, Kept: kept[i], UnitPrice: l.UnitPrice, Per: l.Per,
			PriceOverride: l.PriceOverride, Added: i >= len(q.Lines), Goods: l.Goods, Applied: l.Applied,
		}
		for _, a := range l.Applied {
			is.Stays = append(is.Stays, retail.Portion(a.Amount, l.Quantity, l.Quantity-kept[i], l.Quantity))
		}
		in.Lines = append(in.Lines, is)
	}
	return in
}

// recomputed asks and answers what promotions lose, and why not.
func recomputed(t *testing.T, env *sdktest.Env, in pricing.RecomputeIn) []pricing.Recomputed {
	t.Helper()
	return must(sdktest.Call(env, pricing.RecomputeKept, in))(t).Promotions
}

// A promotion is worked out again as it was at the sale: in the version of then, although
// another is live, it is over, its hours are, and neither code nor customer is known. A
// quote says which promotions want that, and no other.
func TestRecomputeAsItWas(t *testing.T) {
	t.Parallel()
	env := shop(t)
	none := int64(0)
	again(t, env, pricing.Promotion{
		ID: "first", Period: must(retail.Zone("Europe/Rome").Days("2026-11-01", "2026-12-01"))(t), Codes: []string{"CIAO"}, Currency: "",
		For: pricing.Audience{Stores: []retail.StoreID{"MI-01"}, Customers: []retail.CustomerID{"C-1"}, Tiers: []string{"gold"}},
		If:  []pricing.Condition{{PastOrders: &pricing.Range{Max: &none}}, {Quantity: atLeast(3)}}, Effects: percentOff(1000),
	})
	goLive(t, env, pricing.Promotion{ID: "keeps", Effects: percentOff(1000), Stacking: pricing.Stacking{Priority: 9}})
	in := cart(of("shirt", 4))
	in.Customer, in.Tier, in.PastOrders, in.Codes = "C-1", "gold", &none, []string{"CIAO"}
	q := must(sdktest.Call(env, pricing.Quote, in))(t)
	if len(q.Applied) != 2 || q.Applied[0].Refund != "" || q.Applied[1].Refund != pricing.Recompute {
		t.Fatalf("%+v", q.Applied)
	}
	again(t, env, pricing.Promotion{ID: "first", Effects: percentOff(1)})
	must(sdktest.Run(env, pricing.End, pricing.PromotionID{ID: "first"}))(t)
	env.At("2027-06-01 03:00 Europe/Rome")
	for kept, want := range map[retail.Quantity]pricing.Recomputed{
		4: {Promotion: "first", Version: 1, Share: 900, Earned: 900},
		3: {Promotion: "first", Version: 1, Share: 675, Earned: 675},
		2: {Promotion: "first", Version: 1, Share: 450},
		0: {Promotion: "first", Version: 1},
	} {
		if got := recomputed(t, env, document(&q, kept)); len(got) != 1 || got[0] != want {
			t.Errorf("%d kept: %+v, want %+v", kept, got, want)
		}
	}
}

// What cannot be proved is not worked out again: a version that is gone, rules that have
// changed, a document that says something else.
func TestRecomputeIsProved(t *testing.T) {
	t.Parallel()
	env := shop(t)
	again(t, env, pricing.Promotion{ID: "p", If: []pricing.Condition{{Quantity: atLeast(3)}}, Effects: percentOff(1234)})
	q := must(sdktest.Call(env, pricing.Quote, cart(of("shirt", 3))))(t)
	whole := document(&q, 2)
	for _, tt := range []struct {
		name   string
		change func(in *pricing.RecomputeIn)
		want   pricing.RecomputeReason
	}{
		{"as it was", func(*pricing.RecomputeIn) {}, ""},
		{"gone", func(in *pricing.RecomputeIn) { in.Applied[0].Version, in.Lines[0].Applied[0].Version = 7, 7 }, pricing.RecomputeGone},
		{"another amount", func(in *pricing.RecomputeIn) { in.Applied[0].Amount++ }, pricing.RecomputeDiffers},
		{"other goods", func(in *pricing.RecomputeIn) { in.Lines[0].Quantity = 2 }, pricing.RecomputeDiffers},
	} {
		in := whole
		in.Applied, in.Lines = slices.Clone(in.Applied), slices.Clone(in.Lines)
		in.Lines[0].Applied = slices.Clone(in.Lines[0].Applied)
		tt.change(&in)
		got := recomputed(t, env, in)
		if len(got) != 1 || got[0].Reason != tt.want || (got[0].Earned == got[0].Share) != (tt.want != "") {
			t.Errorf("%s: %+v", tt.name, got)
		}
	}
}

// Of a budget of which there was a part left, what is kept earns no more than that part;
// what promotions keep, and plugins, stays on goods as it was.
func TestRecomputeBesideOthers(t *testing.T) {
	t.Parallel()
	env := shop(t)
	again(t, env, pricing.Promotion{
		ID: "part", Effects: percentOff(5000), Limits: pricing.Limits{Budget: 1000, Overrun: pricing.Partial}, If: []pricing.Condition{{Quantity: atLeast(2)}},
		Stacking: pricing.Stacking{Lane: pricing.LanePost},
	})
	goLive(t, env, pricing.Promotion{ID: "off", Effects: []pricing.Effect{{Target: pricing.ToOrder, Amount: &pricing.AmountOff{Value: 500}}}})
	q := must(sdktest.Call(env, pricing.Quote, cart(of("shirt", 3))))(t)
	in := document(&q, 2)
	in.Applied = append(in.Applied, pricing.Applied{Filler: "happyhour", Reason: "hour", Amount: 300})
	in.Lines[0].Applied = append(in.Lines[0].Applied, pricing.Applied{Filler: "happyhour", Reason: "hour", Amount: 300})
	in.Lines[0].Stays = append(in.Lines[0].Stays, 200)
	want := []pricing.Recomputed{{Promotion: "part", Version: 1, Share: 666, Earned: 1000}}
	if got := recomputed(t, env, in); !slices.Equal(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// A document that cannot be is refused.
func TestRecomputeIsChecked(t *testing.T) {
	t.Parallel()
	env := shop(t)
	line := pricing.RecomputeLine{ID: "1", SKU: "shirt", Quantity: 2, Kept: 1, UnitPrice: 3000, Per: 1}
	for _, tt := range []struct {
		name            string
		change          func(l *pricing.RecomputeLine)
		code            sdk.Code
		reason, pointer string
	}{
		{"more kept than sold", func(l *pricing.RecomputeLine) { l.Kept = 3 }, sdk.CodeInvalid, "lines", "/lines/0/kept"},
		{"no units", func(l *pricing.RecomputeLine) { l.Quantity, l.Kept = 0, 0 }, sdk.CodeInvalid, "lines", "/lines/0/kept"},
		{"nothing stays", func(l *pricing.RecomputeLine) { l.Applied = []pricing.Applied{{Amount: 1}} }, sdk.CodeInvalid, "lines", "/lines/0/stays"},
		{"too dear", func(l *pricing.RecomputeLine) { l.UnitPrice = 1 << 60 }, sdk.CodeTooLarge, "amount", ""},
	} {
		in := pricing.RecomputeIn{Lines: []pricing.RecomputeLine{line}}
		tt.change(&in.Lines[0])
		_, err := sdktest.Call(env, pricing.RecomputeKept, in)
		t.Run(tt.name, func(t *testing.T) { refuses(t, err, tt.code, tt.reason, tt.pointer) })
	}
	_, err := sdktest.Call(env, pricing.RecomputeKept, pricing.RecomputeIn{})
	refuses(t, err, sdk.CodeInvalid, "lines", "/lines")
	_, err = sdktest.Call(env, pricing.RecomputeKept, pricing.RecomputeIn{Lines: make([]pricing.RecomputeLine, 2*pricing.MaxLines+1)})
	refuses(t, err, sdk.CodeTooLarge, "lines", "")
}
