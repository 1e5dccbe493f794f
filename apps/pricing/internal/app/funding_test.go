package app

import (
	"slices"
	"testing"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// A supplier owes his share of what customers got, by the civil days of the store,
// less what came back; a sale that is void owes nothing.
func TestFunding(t *testing.T) {
	t.Parallel()
	env := shop(t, sdktest.Twice)
	p := limited("ten", pricing.Limits{})
	p.Funding = []pricing.Funder{{Supplier: "acme", Share: 5000}, {Supplier: "beta", Share: 2500}}
	goLive(t, env, p)
	env.At("2026-11-21 23:50 Europe/Rome")
	total(t, env, sold(pricing.HoldIn{ID: "A", Basket: cart(of("shirt", 2))}))
	total(t, env, sold(inStore("WEB", one("W"))))
	env.At("2026-11-22 00:10 Europe/Rome")
	total(t, env, sold(one("B")))
	total(t, env, sold(one("V")))
	must(sdktest.Run(env, pricing.Release, pricing.HoldID{ID: "V"}))(t)
	recordAll(t, env, pricing.Sale{
		Document: "R", Returns: "A", At: env.Now(), Store: "MI-01", Total: -2700,
		Lines: []pricing.SaleLine{{SKU: "shirt", Quantity: -1, UnitPrice: 3000, Per: 1, Total: -2700}},
		Applied: []pricing.Applied{{
			Promotion: "ten", Version: 1, Amount: -300,
			Funded: []pricing.Funded{{Supplier: "acme", Amount: -150}, {Supplier: "beta", Amount: -75}},
		}},
	})
	line := func(supplier string, store retail.StoreID, receipts int64, discount, amount retail.Money) pricing.FundingLine {
		return pricing.FundingLine{Supplier: supplier, Promotion: "ten", Store: store, Receipts: receipts, Discount: discount, Amount: amount}
	}
	for name, tt := range map[string]struct {
		in   pricing.FundingIn
		want []pricing.FundingLine
	}{
		"both days": {pricing.FundingIn{First: "2026-11-21", Last: "2026-11-22"}, []pricing.FundingLine{
			line("acme", "MI-01", 2, 600, 300), line("acme", "WEB", 1, 300, 150), line("beta", "MI-01", 2, 600, 150), line("beta", "WEB", 1, 300, 75),
		}},
		"before midnight": {pricing.FundingIn{First: "2026-11-21", Last: "2026-11-21", Supplier: "acme"}, []pricing.FundingLine{
			line("acme", "MI-01", 1, 600, 300), line("acme", "WEB", 1, 300, 150),
		}},
		"after midnight": {pricing.FundingIn{First: "2026-11-22", Last: "2026-11-22", Supplier: "beta"}, []pricing.FundingLine{line("beta", "MI-01", 1, 0, 0)}},
		"another year":   {pricing.FundingIn{First: "2027-01-01", Last: "2027-12-31"}, nil},
		"a stranger":     {pricing.FundingIn{First: "2026-01-01", Last: "2026-12-31", Supplier: "acm"}, nil},
	} {
		for _, limit := range []int64{1, 3, 0} {
			tt.in.Limit = limit
			if got := owedLines(t, env, tt.in); !slices.Equal(got, tt.want) {
				t.Errorf("%s by %d: %+v,\nwant %+v", name, limit, got, tt.want)
			}
		}
	}
	_, err := sdktest.Call(env, pricing.FundingReport, pricing.FundingIn{First: "2026-11-22", Last: "2026-11-21"})
	refuses(t, err, sdk.CodeInvalid, "period", "/last")
	_, err = sdktest.Call(env, pricing.FundingReport, pricing.FundingIn{First: "2026-11-22", Last: "2026-11-22", Cursor: "9.9.x"})
	refuses(t, err, sdk.CodeInvalid, "cursor", "/cursor")
}

// owedLines walks through all pages.
func owedLines(t *testing.T, env *sdktest.Env, in pricing.FundingIn) (all []pricing.FundingLine) {
	t.Helper()
	for {
		out := must(sdktest.Call(env, pricing.FundingReport, in))(t)
		all = append(all, out.Lines...)
		if in.Cursor = out.Cursor; in.Cursor == "" {
			return all
		}
		if in.Limit > 0 && int64(len(out.Lines)) > in.Limit {
			t.Fatalf("a page of %d lines", len(out.Lines))
		}
	}
}
