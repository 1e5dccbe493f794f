package app

import (
	"fmt"
	"testing"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// TestLimitedToStores: of lists and promotions for some stores, or for all, eva
// of MI-01 sees those that count there and changes those that count only there.
func TestLimitedToStores(t *testing.T) {
	t.Parallel()
	verdict := func(_ any, err error) string {
		if err == nil {
			return "ok"
		}
		return sdk.CodeOf(err).String() + " " + sdk.ReasonOf(err)
	}
	for _, tt := range []struct {
		stores       []retail.StoreID
		seen, change string
	}{
		{[]retail.StoreID{"MI-01"}, "ok", "ok"},
		{[]retail.StoreID{"MI-01", "WEB"}, "ok", "denied store"},
		{[]retail.StoreID{"WEB"}, "denied store", "denied store"},
		{nil, "ok", "denied store"},
	} {
		t.Run(fmt.Sprint(tt.stores), func(t *testing.T) {
			t.Parallel()
			env := shop(t, sdktest.Twice)
			own := []retail.StoreID{"MI-01"}
			p := goLive(t, env, pricing.Promotion{ID: "p", Effects: percentOff(1000), For: pricing.Audience{Stores: tt.stores}})
			l := pricing.List{ID: "l", Name: "L", Currency: "EUR", Stores: tt.stores}
			list(t, env, l, pricing.Entry{SKU: "shirt", Amount: 100})
			env.AsPrincipal(sdktest.Principal{ID: "user:eva", Stores: []string{"MI-01"}})
			for what, got := range map[string]string{
				"promotion": verdict(sdktest.Call(env, pricing.GetPromotion, pricing.GetPromotionIn{ID: "p"})),
				"version":   verdict(sdktest.Call(env, pricing.GetPromotion, pricing.GetPromotionIn{ID: "p", Version: 1})),
				"list":      verdict(sdktest.Call(env, pricing.GetList, pricing.ListID{ID: "l"})),
				"entries":   verdict(sdktest.Call(env, pricing.Entries, pricing.EntriesIn{List: "l"})),
			} {
				if got != tt.seen {
					t.Errorf("%s: %s, want %s", what, got, tt.seen)
				}
			}
			listed := len(must(sdktest.Call(env, pricing.Promotions, pricing.PromotionsIn{}))(t).Promotions)
			lists := len(must(sdktest.Call(env, pricing.Lists, pricing.ListsIn{}))(t).Lists) - 1 // base counts everywhere
			if want := map[string]int{"ok": 1}[tt.seen]; listed != want || lists != want {
				t.Errorf("%d promotions and %d lists, want %d", listed, lists, want)
			}
			p.For.Stores, l.Stores, l.Name = own, own, "Taken over"
			for _, try := range []func() string{
				func() string { return verdict(sdktest.Run(env, pricing.Pause, pricing.PromotionID{ID: "p"})) },
				func() string { return verdict(sdktest.Run(env, pricing.Resume, pricing.PromotionID{ID: "p"})) },
				func() string { return verdict(sdktest.Run(env, pricing.PutPromotion, p)) },
				func() string {
					return verdict(sdktest.Run(env, pricing.Publish, pricing.PublishIn{ID: "p", Accept: everyWarning}))
				},
				func() string { return verdict(sdktest.Run(env, pricing.End, pricing.PromotionID{ID: "p"})) },
				func() string { return verdict(sdktest.Run(env, pricing.PutList, l)) },
				func() string {
					return verdict(sdktest.Run(env, pricing.PutEntries, pricing.PutEntriesIn{List: "l", Remove: []retail.SKU{"shirt"}}))
				},
			} {
				if got := try(); got != tt.change {
					t.Errorf("a change: %s, want %s", got, tt.change)
				}
			}
			fresh := pricing.Promotion{ID: "fresh", Name: "F", Effects: percentOff(1000), For: pricing.Audience{Stores: tt.stores}}
			if got := verdict(sdktest.Run(env, pricing.PutPromotion, fresh)); got != tt.change {
				t.Errorf("a new one: %s, want %s", got, tt.change)
			}
		})
	}
}
