package app

import (
	"fmt"
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// A quote freezes the names of promotions as they were, and Tell says with them what
// explain said, although the promotions are over and called otherwise.
func TestTell(t *testing.T) {
	t.Parallel()
	env := shop(t)
	shirts := pricing.Selection{SKUs: []retail.SKU{"shirt"}}
	publish := func(p pricing.Promotion) {
		must(sdktest.Run(env, pricing.PutPromotion, p))(t)
		must(sdktest.Run(env, pricing.Publish, pricing.PublishIn{ID: p.ID, Accept: everyWarning}))(t)
	}
	publish(pricing.Promotion{ID: "a", Name: "Saldi", Goods: shirts, Effects: percentOff(1000), Stacking: pricing.Stacking{Exclusive: pricing.ExclusiveGoods, Priority: 9}})
	publish(pricing.Promotion{ID: "b", Name: "Shirts", Goods: shirts, Effects: percentOff(500)})
	publish(pricing.Promotion{ID: "c", Name: "Spender", Goods: pricing.Selection{SKUs: []retail.SKU{"coat"}}, If: []pricing.Condition{{Amount: atLeast(20340)}}, Effects: percentOff(1000)})
	q := must(sdktest.Call(env, pricing.Quote, cart(of("shirt", 1), of("coat", 1))))(t)
	for _, p := range []string{"a", "b", "c"} {
		must(sdktest.Run(env, pricing.End, pricing.PromotionID{ID: p}))(t)
		must(sdktest.Run(env, pricing.PutPromotion, pricing.Promotion{ID: p, Name: "Renamed", Effects: percentOff(1)}))(t)
	}
	for language, want := range map[string]string{
		"it": "a Saldi: Ha tolto 3,00 €.\nb Shirts: Non si somma a Saldi.\nc Spender: Mancano 3,40 €.\n",
		"":   "a Saldi: It took €3.00 off.\nb Shirts: It does not go together with Saldi.\nc Spender: €3.40 missing.\n",
	} {
		var got strings.Builder
		in := pricing.TellIn{Language: language, Currency: q.Currency, Zone: q.Store.Zone, Applied: q.Applied, NotApplied: q.NotApplied}
		for _, told := range must(sdktest.Call(env, pricing.Tell, in))(t).Told {
			fmt.Fprintf(&got, "%s %s: %s\n", told.Promotion, told.Name, told.Text)
		}
		if got.String() != want {
			t.Errorf("%q: %s\nwant %s", language, got.String(), want)
		}
	}
}

// Tell speaks of grants, of goods that came back, and of what has no name, in order.
func TestTellOfWhatIsKept(t *testing.T) {
	t.Parallel()
	env := shop(t)
	in := pricing.TellIn{
		Currency: "EUR", Zone: "Europe/Rome",
		Applied: []pricing.Applied{{Promotion: "p", Version: 2, Name: "Sale", Amount: -250}, {Filler: "happyhour", Amount: 100}, {Promotion: "gift"}},
		Grants:  []pricing.Grant{{Promotion: "points", Version: 3, Name: "Double points"}},
		NotApplied: []pricing.NotApplied{
			{Promotion: "old", Reason: pricing.NotCombinable, With: "gone"}, {Promotion: "q", Reason: pricing.ExcludedBy, With: "points"},
			{Filler: "happyhour", Reason: pricing.FillerFailed},
		},
	}
	var got []string
	for _, told := range must(sdktest.Call(env, pricing.Tell, in))(t).Told {
		got = append(got, told.Text)
	}
	want := "Returned: €2.50 less taken off.|It took €1.00 off.|It gave something that is no money off.|It gave something that is no money off.|" +
		"It does not go together with gone.|Double points keeps others out.|happyhour did not answer."
	if text := strings.Join(got, "|"); text != want {
		t.Errorf("%s\nwant %s", text, want)
	}
}

func TestRefusedTexts(t *testing.T) {
	t.Parallel()
	env := shop(t)
	_, err := sdktest.Call(env, pricing.Tell, pricing.TellIn{Language: "fr"})
	refuses(t, err, sdk.CodeInvalid, "language", "/language")
	_, err = sdktest.Call(env, pricing.Tell, pricing.TellIn{Applied: []pricing.Applied{{Name: strings.Repeat("x", 201)}}})
	refuses(t, err, sdk.CodeInvalid, "name", "")
	_, err = sdktest.Call(env, pricing.Tell, pricing.TellIn{NotApplied: make([]pricing.NotApplied, pricing.MaxTold+1)})
	refuses(t, err, sdk.CodeTooLarge, "told", "")
}
