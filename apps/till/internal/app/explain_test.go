package app

import (
	"testing"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// A receipt is explained a year later, in both languages, by the names of then,
// although its promotions have ended and are called otherwise. So is its return.
func TestExplainedAYearLater(t *testing.T) {
	t.Parallel()
	env := shop(t, sdktest.Twice)
	least := int64(5124)
	goLive(t, env, pricing.Promotion{ID: "alba", Name: "Alba −20 %", Goods: pricing.Selection{Brands: []string{"alba"}}, Effects: []pricing.Effect{{Percent: 2000}}})
	goLive(t, env, pricing.Promotion{ID: "big", Name: "Big basket", If: []pricing.Condition{{Amount: &pricing.Range{Min: &least}}}, Effects: []pricing.Effect{{Percent: 1000}}})
	r := must(sdktest.Run(env, till.Close, sale([]till.Line{goodsOf("shirt", 2)}, card(4784))))(t)
	for _, id := range []string{"alba", "big"} {
		must(sdktest.Run(env, pricing.End, pricing.PromotionID{ID: id}))(t)
		must(sdktest.Run(env, pricing.PutPromotion, pricing.Promotion{ID: id, Name: "Renamed", Effects: []pricing.Effect{{Percent: 1}}}))(t)
	}
	env.At("2027-11-21 17:05 Europe/Rome")
	back := must(sdktest.Run(env, till.Return, giveBackLines(r.ID, units("1", 1))))(t)
	for _, tt := range []struct {
		in   till.ExplainIn
		want []string
	}{
		{till.ExplainIn{Receipt: r.ID, Language: "it"}, []string{"Alba −20 %", "Ha tolto 11,96 €.", "Big basket", "Mancano 3,40 €."}},
		{till.ExplainIn{Receipt: r.ID}, []string{"Alba −20 %", "It took €11.96 off.", "Big basket", "€3.40 missing."}},
		{till.ExplainIn{Receipt: back.ID, Language: "it"}, []string{"Alba −20 %", "Reso: 5,98 € di sconto in meno."}},
		{till.ExplainIn{Receipt: back.ID, Language: "en"}, []string{"Alba −20 %", "Returned: €5.98 less taken off."}},
	} {
		out := must(sdktest.Call(env, till.Explain, tt.in))(t)
		if out.Receipt != tt.in.Receipt || 2*len(out.Told) != len(tt.want) {
			t.Fatalf("%+v: %+v", tt.in, out)
		}
		for i, told := range out.Told {
			if told.Name != tt.want[2*i] || told.Text != tt.want[2*i+1] || told.Version != 1 {
				t.Errorf("%+v: %+v, want %q", tt.in, told, tt.want[2*i:2*i+2])
			}
		}
	}
	_, err := sdktest.Call(env, till.Explain, till.ExplainIn{Receipt: r.ID, Language: "fr"})
	refuses(t, err, sdk.CodeInvalid, "language", "/language")
	_, err = sdktest.Call(env, till.Explain, till.ExplainIn{})
	refuses(t, err, sdk.CodeInvalid, "receipt", "")
	_, err = sdktest.Call(env, till.Explain, till.ExplainIn{Receipt: "MI-01/3/99"})
	refuses(t, err, sdk.CodeNotFound, "receipt", "/receipt")
}
