package app

import (
	"testing"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// Every promotion has an answer, of any state, in both languages.
func TestExplain(t *testing.T) {
	t.Parallel()
	env := shop(t)
	rome := retail.Zone("Europe/Rome")
	goLive(t, env, pricing.Promotion{ID: "a-applies", Goods: pricing.Selection{SKUs: []retail.SKU{"shirt"}}, Effects: percentOff(1000)})
	goLive(t, env, pricing.Promotion{ID: "b-amount", If: []pricing.Condition{{Amount: atLeast(3040)}}, Effects: percentOff(1000)})
	goLive(t, env, pricing.Promotion{ID: "c-goods", Goods: pricing.Selection{Brands: []string{"zeta"}}, Effects: percentOff(1000)})
	goLive(t, env, pricing.Promotion{ID: "d-store", For: pricing.Audience{Stores: []retail.StoreID{"WEB"}}, Effects: percentOff(1000)})
	goLive(t, env, pricing.Promotion{ID: "e-code", Codes: []string{"SECRET"}, Effects: percentOff(1000)})
	goLive(t, env, pricing.Promotion{ID: "f-later", Period: must(rome.Days("2026-12-24", "2026-12-24"))(t), Effects: percentOff(1000)})
	goLive(t, env, pricing.Promotion{ID: "g-over", Period: must(rome.Days("2026-11-01", "2026-11-20"))(t), Effects: percentOff(1000)})
	goLive(t, env, pricing.Promotion{ID: "h-paused", Effects: percentOff(1000)})
	must(sdktest.Run(env, pricing.Pause, pricing.PromotionID{ID: "h-paused"}))(t)
	must(sdktest.Run(env, pricing.PutPromotion, pricing.Promotion{ID: "i-draft", Name: "i", Effects: percentOff(1000)}))(t)
	must(sdktest.Run(env, pricing.PutPromotion, pricing.Promotion{ID: "a-applies", Name: "newer", Effects: percentOff(9000)}))(t)
	type line struct{ id, italian, english string }
	want := []line{
		{"a-applies", "Ha tolto 3,00 €.", "It took €3.00 off."},
		{"b-amount", "Mancano 3,40 €.", "€3.40 missing."},
		{"c-goods", "Nel carrello non c'è niente di ciò che riguarda.", "Nothing in the basket is what it is for."},
		{"d-store", "Non vale in questo negozio.", "It does not count in this store."},
		{"e-code", "Vale solo con un codice.", "It needs a code."},
		{"f-later", "Comincia il 2026-12-24 00:00 Europe/Rome.", "It starts on 2026-12-24 00:00 Europe/Rome."},
		{"g-over", "È finita: 2026-11-20 23:59 Europe/Rome.", "It is over since 2026-11-20 23:59 Europe/Rome."},
		{"h-paused", "È in pausa.", "It is paused."},
		{"i-draft", "Non è attiva.", "It is not live."},
	}
	var got []line
	in := pricing.ExplainIn{Basket: cart(of("shirt", 1)), Limit: 4}
	for {
		in.Language = "it"
		italian := must(sdktest.Call(env, pricing.Explain, in))(t)
		in.Language = ""
		english := must(sdktest.Call(env, pricing.Explain, in))(t)
		for i, p := range italian.Promotions {
			got = append(got, line{p.ID, p.Text, english.Promotions[i].Text})
		}
		if in.Cursor = italian.Cursor; in.Cursor == "" {
			break
		}
	}
	for i, w := range want {
		if i >= len(got) || got[i] != w {
			t.Fatalf("%d: %+v, want %+v", i, got, w)
		}
	}
	one := must(sdktest.Call(env, pricing.Explain, pricing.ExplainIn{Basket: cart(of("shirt", 1)), IDs: []string{"a-applies"}}))(t).Promotions
	if len(one) != 1 || one[0].Amount != 300 || one[0].Version != 1 || one[0].NotApplied != nil {
		t.Errorf("%+v", one)
	}
}

func TestRefusedExplanations(t *testing.T) {
	t.Parallel()
	env := shop(t)
	for name, tt := range map[string]struct {
		in              pricing.ExplainIn
		code            sdk.Code
		reason, pointer string
	}{
		"no basket":        {pricing.ExplainIn{Basket: cart()}, sdk.CodeInvalid, "lines", "/basket/lines"},
		"no such goods":    {pricing.ExplainIn{Basket: cart(of("nil", 1))}, sdk.CodeNotFound, "sku", "/basket/lines/0/sku"},
		"no such language": {pricing.ExplainIn{Basket: cart(of("shirt", 1)), Language: "fr"}, sdk.CodeInvalid, "language", "/language"},
		"nobody's id":      {pricing.ExplainIn{Basket: cart(of("shirt", 1)), IDs: []string{"p"}}, sdk.CodeNotFound, "promotion", "/ids/0"},
		"too many":         {pricing.ExplainIn{Basket: cart(of("shirt", 1)), Limit: pricing.MaxPage + 1}, sdk.CodeInvalid, "limit", "/limit"},
	} {
		_, err := sdktest.Call(env, pricing.Explain, tt.in)
		t.Run(name, func(t *testing.T) { refuses(t, err, tt.code, tt.reason, tt.pointer) })
	}
}
