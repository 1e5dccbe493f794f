package app

import (
	"fmt"
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// attribute is one with its values.
func attribute(name string, values ...string) catalog.Attribute {
	return catalog.Attribute{Name: name, Values: values}
}

// wardrobe is the shop with goods that are alike but for their attributes, each at 100.00:
//
//	shirt-M, shirt-XXL  white, of linen, of a product of linen
//	shirt-mix           white, size M, of linen and cotton
//	shirt-wool          blue, size M, of wool, of the same product of linen
//	tee                 size M, of organic cotton
//	jam                 organic, with nuts and milk
func wardrobe(t *testing.T) *sdktest.Env {
	t.Helper()
	env := shop(t)
	vat := []catalog.ProductVAT{{Class: "standard"}}
	must(sdktest.Run(env, catalog.PutProducts, catalog.PutProductsIn{Products: []catalog.Product{
		{ID: "shirts", Name: "Shirt", VAT: vat, Attributes: []catalog.Attribute{attribute("material", "linen")}, Variants: []catalog.Variant{
			{SKU: "shirt-M", Size: "M", Colour: "white"},
			{SKU: "shirt-XXL", Size: "XXL", Colour: "white"},
			{SKU: "shirt-mix", Size: "M", Colour: "white", Attributes: []catalog.Attribute{attribute("material", "linen", "cotton")}},
			{SKU: "shirt-wool", Size: "M", Colour: "blue", Attributes: []catalog.Attribute{attribute("material", "wool")}},
		}},
		{ID: "tees", Name: "Tee", VAT: vat, Attributes: []catalog.Attribute{attribute("organic", "yes"), attribute("material", "cotton")}, Variants: []catalog.Variant{{SKU: "tee", Size: "M"}}},
		{ID: "jams", Name: "Jam", VAT: vat, Attributes: []catalog.Attribute{attribute("organic", "yes"), attribute("allergens", "nuts", "milk")}, Variants: []catalog.Variant{{SKU: "jam"}}},
	}}))(t)
	var prices []pricing.Entry
	for _, l := range clothes().Lines {
		prices = append(prices, pricing.Entry{SKU: l.SKU, Amount: 10_000})
	}
	must(sdktest.Run(env, pricing.PutEntries, pricing.PutEntriesIn{List: "base", Entries: prices}))(t)
	return env
}

// clothes are one of each of the wardrobe.
func clothes() pricing.QuoteIn {
	return cart(of("shirt-M", 1), of("shirt-XXL", 1), of("shirt-mix", 1), of("shirt-wool", 1), of("tee", 1), of("jam", 1))
}

// askFor is what a promotion asks of an attribute.
func askFor(name string, values ...string) pricing.Attribute {
	return pricing.Attribute{Name: name, Values: values}
}

func asking(all ...pricing.Attribute) pricing.Selection { return pricing.Selection{Attributes: all} }

// Promotions find goods of the catalog by any attribute: which of the wardrobe are 20 %
// cheaper.
func TestPromotionsByAttribute(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		goods, except pricing.Selection
		want          string
	}{
		"everything of linen":                   {asking(askFor("material", "linen")), pricing.Selection{}, "shirt-M shirt-XXL shirt-mix"},
		"of wool or cotton":                     {asking(askFor("material", "wool", "cotton")), pricing.Selection{}, "shirt-mix shirt-wool tee"},
		"size XXL":                              {asking(askFor("size", "XXL")), pricing.Selection{}, "shirt-XXL"},
		"white in M":                            {asking(askFor("colour", "white"), askFor("size", "M")), pricing.Selection{}, "shirt-M shirt-mix"},
		"of linen, but not XXL":                 {asking(askFor("material", "linen")), asking(askFor("size", "XXL")), "shirt-M shirt-mix"},
		"not for organic":                       {pricing.Selection{}, asking(askFor("organic", "yes")), "shirt-M shirt-XXL shirt-mix shirt-wool"},
		"neither organic nor wool":              {pricing.Selection{}, asking(askFor("organic", "yes"), askFor("material", "wool")), "shirt-M shirt-XXL shirt-mix"},
		"a product, in blue only":               {pricing.Selection{Products: []string{"shirts"}, Attributes: []pricing.Attribute{askFor("colour", "blue")}}, pricing.Selection{}, "shirt-wool"},
		"with one allergen of several":          {asking(askFor("allergens", "milk", "gluten")), pricing.Selection{}, "jam"},
		"of what is written another way":        {asking(askFor("material", "Linen")), pricing.Selection{}, ""},
		"of an attribute that nothing has":      {asking(askFor("fit", "slim")), pricing.Selection{}, ""},
		"what has no size is of no size at all": {asking(askFor("size", "")), pricing.Selection{}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := wardrobe(t)
			goLive(t, env, pricing.Promotion{ID: "p", Goods: test.goods, Except: test.except, Effects: percentOff(2000)})
			q := must(sdktest.Call(env, pricing.Quote, clothes()))(t)
			if got := cheaper(&q); got != test.want {
				t.Errorf("cheaper are %q, want %q", got, test.want)
			}
		})
	}
}

// cheaper are the SKUs of a quote that cost 80.00.
func cheaper(q *pricing.QuoteOut) string {
	var all []string
	for _, l := range q.Lines {
		if l.Total == 8000 {
			all = append(all, string(l.SKU))
		}
	}
	return strings.Join(all, " ")
}

// A quote, and so a receipt, keeps what goods are; what has no attributes keeps nothing of
// them. A promotion is worked out again on what the document keeps, whatever the catalog
// says meanwhile.
func TestDocumentsKeepAttributes(t *testing.T) {
	t.Parallel()
	env := wardrobe(t)
	again(t, env, pricing.Promotion{ID: "3x2", Goods: asking(askFor("material", "linen"), askFor("size", "M")), Effects: []pricing.Effect{
		{BuyGet: &pricing.BuyGet{BuyQuantity: 2, GetQuantity: 1, Percent: 10_000}},
	}})
	q := must(sdktest.Call(env, pricing.Quote, cart(of("shirt-M", 2), of("shirt-mix", 1), of("ham", 100))))(t)
	var kept []string
	for _, l := range q.Lines {
		kept = append(kept, fmt.Sprint(l.Goods.Size, l.Goods.Colour, l.Goods.Attributes))
	}
	if got, want := strings.Join(kept, "; "), "Mwhite[{material [linen]}]; Mwhite[{material [cotton linen]}]; []"; got != want {
		t.Errorf("the document keeps %s, want %s", got, want)
	}
	must(sdktest.Run(env, pricing.End, pricing.PromotionID{ID: "3x2"}))(t)
	must(sdktest.Run(env, catalog.PutProduct, catalog.Product{ID: "shirts", Name: "Shirt", VAT: []catalog.ProductVAT{{Class: "standard"}}, Variants: []catalog.Variant{
		{SKU: "shirt-M", Size: "XS", Colour: "white"}, {SKU: "shirt-mix", Attributes: []catalog.Attribute{attribute("material", "hemp")}},
	}}))(t)
	for kept, want := range map[retail.Quantity]retail.Money{2: 0, 1: 10_000} {
		got := recomputed(t, env, document(&q, kept, 1, 100))
		if len(got) != 1 || got[0].Share-got[0].Earned != want {
			t.Errorf("with %d and 1 kept: %+v, want %d lost", kept, got, want)
		}
	}
}

// The lowest price before a reduction is that of the goods which were reduced, also where
// goods differ by an attribute alone; and an announcement is proved for these.
func TestLowestPriceByAttribute(t *testing.T) {
	t.Parallel()
	env := lawful(t, pricing.Rules{})
	vat := []catalog.ProductVAT{{Class: "standard"}}
	must(sdktest.Run(env, catalog.PutProducts, catalog.PutProductsIn{Products: []catalog.Product{{ID: "cap", Name: "Cap", VAT: vat, Variants: []catalog.Variant{
		{SKU: "cap-linen", Attributes: []catalog.Attribute{attribute("material", "linen")}},
		{SKU: "cap-wool", Attributes: []catalog.Attribute{attribute("material", "wool")}},
		{SKU: "cap-S", Size: "S"}, {SKU: "cap-L", Size: "L"},
	}}}}))(t)
	env.At("2026-03-02 10:00 Europe/Rome")
	must(sdktest.Run(env, pricing.PutEntries, pricing.PutEntriesIn{List: "base", Entries: []pricing.Entry{
		{SKU: "cap-linen", Amount: 5000}, {SKU: "cap-wool", Amount: 5000}, {SKU: "cap-S", Amount: 5000}, {SKU: "cap-L", Amount: 5000},
	}}))(t)
	env.At("2026-04-10 10:00 Europe/Rome")
	goLive(t, env, pricing.Promotion{ID: "linen", Goods: asking(askFor("material", "linen")), Effects: percentOff(2000)})
	env.At("2026-05-20 10:00 Europe/Rome")
	must(sdktest.Run(env, pricing.PutPromotion, pricing.Promotion{
		ID: "large", Name: "Large", Announced: true, Goods: asking(askFor("size", "L")), Effects: percentOff(1000),
	}))(t)
	told := must(sdktest.Run(env, pricing.Publish, pricing.PublishIn{ID: "large", Accept: everyWarning}))(t)
	out := must(sdktest.Call(env, pricing.LowestPrice, pricing.LowestIn{Store: "RM-01", SKUs: []retail.SKU{"cap-wool", "cap-linen", "cap-L"}}))(t)
	var got []string
	for _, l := range out.Prices {
		got = append(got, string(l.SKU)+" "+sayLowest(t, l))
	}
	if got, want := strings.Join(got, ", "), "cap-wool 50.00 not reduced, cap-linen 50.00 until 04-10 10:00, cap-L 50.00 until 05-20 10:00"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	proof := must(sdktest.Call(env, pricing.GetEvidence, pricing.EvidenceID{Evidence: told.Evidence}))(t)
	if len(proof.Items) == 0 {
		t.Error("nothing is proved")
	}
	for _, i := range proof.Items {
		if i.SKU != "cap-L" || i.Price != 4500 {
			t.Errorf("proved for %s at %d", i.SKU, i.Price)
		}
	}
}
