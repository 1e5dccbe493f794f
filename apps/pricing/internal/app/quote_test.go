package app

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// A token keeps the price of the generation it was made in, whatever becomes of the
// promotion meanwhile, for as long as it says and for this basket.
func TestToken(t *testing.T) {
	t.Parallel()
	env := shop(t, sdktest.Twice)
	goLive(t, env, pricing.Promotion{ID: "p", Effects: percentOff(1000)})
	in := cart(of("shirt", 1), of("coat", 2))
	first := must(sdktest.Call(env, pricing.Quote, in))(t)
	goLive(t, env, pricing.Promotion{ID: "p", Effects: percentOff(5000)})
	must(sdktest.Run(env, pricing.End, pricing.PromotionID{ID: "p"}))(t)
	env.At("2026-11-21 17:06 Europe/Rome")
	must(sdktest.Run(env, pricing.PutEntries, pricing.PutEntriesIn{List: "base", Entries: []pricing.Entry{{SKU: "shirt", Amount: 9900}}}))(t)
	env.At("2026-11-21 17:19:59 Europe/Rome")
	in.Token = first.Token
	again := must(sdktest.Call(env, pricing.Quote, in))(t)
	if again.Total != first.Total || again.Generation != 1 || again.ValidUntil != first.ValidUntil || again.At != first.At {
		t.Errorf("called in: %+v\nfirst: %+v", again, first)
	}
	if fresh := must(sdktest.Call(env, pricing.Quote, cart(of("shirt", 1), of("coat", 2))))(t); fresh.Total != 49900 {
		t.Errorf("without the token: %d", fresh.Total)
	}
	for name, change := range map[string]func(*pricing.QuoteIn){
		"another basket":   func(in *pricing.QuoteIn) { in.Lines = append(slices.Clone(in.Lines), of("ham", 1)) },
		"another quantity": func(in *pricing.QuoteIn) { in.Lines = []pricing.QuoteLine{of("shirt", 1), of("coat", 3)} },
		"another customer": func(in *pricing.QuoteIn) { in.Customer = "c" },
		"another instant":  func(in *pricing.QuoteIn) { in.At = first.At + 1 },
		"later validity":   func(in *pricing.QuoteIn) { in.Token = strings.Replace(in.Token, ".17952", ".17953", 1) },
		"no token at all":  func(in *pricing.QuoteIn) { in.Token = "x" },
		"half of one":      func(in *pricing.QuoteIn) { in.Token = in.Token[:len(in.Token)-2] },
	} {
		changed := in
		change(&changed)
		_, err := sdktest.Call(env, pricing.Quote, changed)
		t.Run(name, func(t *testing.T) { refuses(t, err, sdk.CodeConflict, "token", "/token") })
	}
	env.At("2026-11-21 17:20 Europe/Rome")
	_, err := sdktest.Call(env, pricing.Quote, in)
	refuses(t, err, sdk.CodeConflict, "token", "/token")
}

// A promotion whose amounts are in a currency counts in stores of that currency only.
func TestCurrencyOfPromotions(t *testing.T) {
	t.Parallel()
	env := shop(t, sdktest.Twice)
	goLive(t, env, pricing.Promotion{ID: "euro", Currency: "EUR", Effects: percentOff(1000)})
	goLive(t, env, pricing.Promotion{ID: "franc", Currency: "CHF", Effects: percentOff(5000)})
	if got := must(sdktest.Call(env, pricing.Quote, cart(of("shirt", 1))))(t); got.Total != got.List*9/10 || len(got.Applied) != 1 {
		t.Errorf("%d of %d: %+v", got.Total, got.List, got.Applied)
	}
	out := must(sdktest.Call(env, pricing.Explain, pricing.ExplainIn{Basket: cart(of("shirt", 1)), IDs: []string{"franc"}}))(t)
	if len(out.Promotions) != 1 || out.Promotions[0].NotApplied == nil || out.Promotions[0].NotApplied.Reason != "currency" {
		t.Errorf("%+v", out.Promotions)
	}
}

// What a basket is signed with tells every two baskets apart, also long ones.
func TestSignedInputsDiffer(t *testing.T) {
	t.Parallel()
	one, zero := int64(1), retail.Money(0)
	seen := map[string]int{}
	for i, in := range []pricing.QuoteIn{
		{Store: "a"}, {Channel: "a"}, {Customer: "a"}, {Tier: "a"}, {CustomerGroups: []string{"a"}}, {Codes: []string{"a"}},
		{CustomerGroups: []string{"a", ""}}, {PastOrders: &one}, {PastOrders: new(int64)},
		{Lines: []pricing.QuoteLine{{SKU: "a"}}}, {Lines: []pricing.QuoteLine{{ID: "a"}}}, {Lines: []pricing.QuoteLine{{SKU: "a", Quantity: 1}}},
		{Lines: []pricing.QuoteLine{{SKU: "a", PriceOverride: &zero}}}, {Shipping: []pricing.QuoteShipping{{ID: "a"}}},
		{Shipping: []pricing.QuoteShipping{{Method: "a"}}}, {Shipping: []pricing.QuoteShipping{{Amount: 1}}}, {Shipping: []pricing.QuoteShipping{{VATRate: 1}}},
	} {
		text := string(appendInput(nil, &in))
		if other, twice := seen[text]; twice {
			t.Errorf("%d and %d are both %q", i, other, text)
		}
		seen[text] = i
	}
	env := shop(t)
	in := cart()
	for i := range pricing.MaxLines {
		in.Lines = append(in.Lines, pricing.QuoteLine{ID: fmt.Sprint(strings.Repeat("x", 200), i), SKU: "shirt", Quantity: 1})
	}
	in.Token = must(sdktest.Call(env, pricing.Quote, in))(t).Token
	if out := must(sdktest.Call(env, pricing.Quote, in))(t); out.Token != in.Token {
		t.Errorf("%+v", out)
	}
	in.Lines[399].Quantity = 2
	_, err := sdktest.Call(env, pricing.Quote, in)
	refuses(t, err, sdk.CodeConflict, "token", "/token")
}

// A filler that failed has no part in the price that its token promises, even if it
// answers again.
func TestTokenSkipsWhoFailed(t *testing.T) {
	t.Parallel()
	broken := true
	env := shop(t, sdktest.Stub(pricing.Discount.Fill(func(_ *sdk.View, in pricing.DiscountIn) (out pricing.DiscountOut, err error) {
		if broken {
			return out, sdk.FailedPrecondition("broken", "Broken.")
		}
		out.Off(in.Lines[0].ID, 1000, "works")
		return out, nil
	})))
	in := cart(of("shirt", 1))
	in.Token = must(sdktest.Call(env, pricing.Quote, in))(t).Token
	broken = false
	out := must(sdktest.Call(env, pricing.Quote, in))(t)
	if out.Total != 3000 || len(out.NotApplied) != 1 || out.NotApplied[0].Reason != pricing.FillerFailed {
		t.Errorf("%+v", out)
	}
	if in.Token = ""; must(sdktest.Call(env, pricing.Quote, in))(t).Total != 2700 {
		t.Error("without the token it still has no part")
	}
}

// The same question has the same bytes as its answer.
func TestSameBytes(t *testing.T) {
	t.Parallel()
	var first []byte
	for round := range 3 {
		env := shop(t)
		ids := []string{"a", "b", "c", "d"}
		for i := range ids {
			goLive(t, env, pricing.Promotion{ID: ids[(i+round)%len(ids)], Goods: pricing.Selection{Brands: []string{"alba"}}, Effects: percentOff(100)})
		}
		in := cart(of("shirt", 3), of("coat", 1))
		in.Customer, in.Shipping = "c", []pricing.QuoteShipping{{Method: "post", Amount: 500, VATRate: 2200}}
		out := must(json.Marshal(must(sdktest.Call(env, pricing.Quote, in))(t)))(t)
		if first == nil {
			first = out
		} else if string(first) != string(out) {
			t.Fatalf("%s\n%s", first, out)
		}
	}
}

// A gift has its price from the lists, and a promotion of one that is gone keeps
// nobody from buying.
func TestGift(t *testing.T) {
	t.Parallel()
	env := shop(t)
	goLive(t, env, pricing.Promotion{
		ID: "gift", If: []pricing.Condition{{Amount: atLeast(20000)}}, Effects: []pricing.Effect{{Gift: &pricing.Gift{SKU: "shirt", Price: 100}}},
	})
	goLive(t, env, pricing.Promotion{ID: "gone", Effects: []pricing.Effect{{Gift: &pricing.Gift{SKU: "nobody-knows"}}}})
	out := must(sdktest.Call(env, pricing.Quote, cart(of("coat", 1))))(t)
	i := slices.IndexFunc(out.Added, func(l pricing.PricedLine) bool { return l.SKU == "shirt" })
	if i < 0 || out.Total != 20100 || out.List != 23000 || out.Discount != 2900 {
		t.Fatalf("%+v", out)
	}
	if l := out.Added[i]; l.UnitPrice != 3000 || l.Total != 100 || l.PriceList != "base" || l.Goods.Brand != "alba" || l.Applied[0].Promotion != "gift" {
		t.Errorf("%+v", l)
	}
	if len(out.Added) != 1 || len(out.VAT) != 1 || out.VAT[0].Gross != out.Total {
		t.Errorf("%+v, %+v", out.Added, out.VAT)
	}
}

// A price made for one customer by name is flagged, one for all of a group is not.
func TestPersonal(t *testing.T) {
	t.Parallel()
	env := shop(t)
	goLive(t, env, pricing.Promotion{ID: "all", Effects: percentOff(100)})
	goLive(t, env, pricing.Promotion{ID: "hers", For: pricing.Audience{Customers: []retail.CustomerID{"c1"}}, Effects: percentOff(100)})
	for customer, want := range map[retail.CustomerID]bool{"": false, "c1": true, "c2": false} {
		in := cart(of("shirt", 1))
		in.Customer = customer
		if out := must(sdktest.Call(env, pricing.Quote, in))(t); out.Personal != want {
			t.Errorf("%q: %v", customer, out.Personal)
		}
	}
}
