package app

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// eva may act for MI-01 only.
var eva = sdktest.Principal{ID: "user:eva", Stores: []string{"MI-01"}}

// verdict is how a call ended, "ok" or "code reason".
func verdict[T any](_ T, err error) string {
	if err == nil {
		return "ok"
	}
	return sdk.CodeOf(err).String() + " " + sdk.ReasonOf(err)
}

func saleIn(store retail.StoreID) till.CloseIn {
	in := sale([]till.Line{goodsOf("pen", 2)}, card(666))
	in.Store, in.Customer = store, "C-1"
	return in
}

// document is a historic one.
func document(external string, store retail.StoreID) till.Document {
	return till.Document{
		External: external, Number: external, Store: store, Till: "1", At: 1_700_000_000_000,
		Lines: []till.DocumentLine{{SKU: "pen", Quantity: 1, UnitPrice: "3.33", Amount: 333}},
	}
}

// TestLimitedToStores tries every operation whose input names no store, on what
// belongs to the store of eva and to another.
func TestLimitedToStores(t *testing.T) {
	t.Parallel()
	env := shop(t, sdktest.Twice)
	ids := map[retail.StoreID]struct{ basket, receipt, external string }{}
	for _, store := range []retail.StoreID{"MI-01", "RM-01"} {
		b := must(sdktest.Run(env, till.Open, till.OpenIn{Store: store, Till: "3", Cashier: "ada"}))(t)
		must(sdktest.Run(env, till.Add, till.AddIn{Basket: b.ID, SKU: "pen", Quantity: 2}))(t)
		r := must(sdktest.Run(env, till.Close, saleIn(store)))(t)
		must(sdktest.Run(env, till.ImportReceipt, till.ImportReceiptIn{Document: document("old-"+string(store), store)}))(t)
		ids[store] = struct{ basket, receipt, external string }{b.ID, r.ID, "old-" + string(store)}
	}
	env.AsPrincipal(eva)
	const theirs = "denied store"
	for _, tt := range []struct {
		name  string
		try   func(store retail.StoreID) string
		other string // what it says of another store; of eva's it is ok
	}{
		{"basket", func(s retail.StoreID) string {
			return verdict(sdktest.Call(env, till.GetBasket, till.BasketID{Basket: ids[s].basket}))
		}, theirs},
		{"quote", func(s retail.StoreID) string {
			return verdict(sdktest.Call(env, till.Quote, till.BasketID{Basket: ids[s].basket}))
		}, theirs},
		{"add", func(s retail.StoreID) string {
			return verdict(sdktest.Run(env, till.Add, till.AddIn{Basket: ids[s].basket, SKU: "pen"}))
		}, theirs},
		{"set_lines", func(s retail.StoreID) string {
			return verdict(sdktest.Run(env, till.SetLines, till.SetLinesIn{Basket: ids[s].basket, Lines: []till.Line{goodsOf("pen", 1)}}))
		}, theirs},
		{"close", func(s retail.StoreID) string {
			return verdict(sdktest.Run(env, till.Close, till.CloseIn{Basket: ids[s].basket, Tenders: []till.Payment{card(333)}}))
		}, theirs},
		{"discard a closed one", func(s retail.StoreID) string {
			return strings.Replace(verdict(sdktest.Run(env, till.Discard, till.BasketID{Basket: ids[s].basket})), "failed_precondition basket_closed", "ok", 1)
		}, theirs},
		{"receipt", func(s retail.StoreID) string {
			return verdict(sdktest.Call(env, till.GetReceipt, till.ReceiptID{Receipt: ids[s].receipt}))
		}, theirs},
		{"a receipt that is not there", func(s retail.StoreID) string {
			return strings.Replace(verdict(sdktest.Call(env, till.GetReceipt, till.ReceiptID{Receipt: string(s) + "/3/99"})), "not_found receipt", "ok", 1)
		}, theirs},
		{"an imported receipt", func(s retail.StoreID) string {
			return verdict(sdktest.Call(env, till.GetReceipt, till.ReceiptID{External: ids[s].external}))
		}, "not_found receipt"},
		{"what may come back of an imported one", func(s retail.StoreID) string {
			return strings.Replace(verdict(sdktest.Call(env, till.Returnable, till.ReceiptID{External: ids[s].external})), "failed_precondition not_a_sale", "ok", 1)
		}, "not_found receipt"},
		{"what may come back", func(s retail.StoreID) string {
			return verdict(sdktest.Call(env, till.Returnable, till.ReceiptID{Receipt: ids[s].receipt}))
		}, "ok"},
		{"void", func(s retail.StoreID) string {
			return verdict(sdktest.Run(env, till.Void, till.VoidIn{Receipt: ids[s].receipt, Cashier: "eva", Reason: "x"}))
		}, theirs},
		{"import", func(s retail.StoreID) string {
			return verdict(sdktest.Run(env, till.ImportReceipt, till.ImportReceiptIn{Document: document("new-"+string(s), s)}))
		}, theirs},
		{"return here what was sold there", func(s retail.StoreID) string {
			in := till.ReturnIn{Receipt: ids[s].receipt, Store: "MI-01", Till: "3", Cashier: "eva", Lines: []till.ReturnLine{units("1", 1)}}
			return strings.Replace(verdict(sdktest.Run(env, till.Return, in)), "exhausted voided", "ok", 1)
		}, "ok"},
	} {
		if got := tt.try("MI-01"); got != "ok" {
			t.Errorf("%s: %s", tt.name, got)
		}
		if got := tt.try("RM-01"); got != tt.other {
			t.Errorf("%s of another store: %s, want %s", tt.name, got, tt.other)
		}
	}
	if got := verdict(sdktest.Call(env, till.Verify, till.VerifyIn{})); got != theirs {
		t.Errorf("verify: %s", got)
	}
	batch := must(sdktest.Run(env, till.ImportReceipts, till.ImportReceiptsIn{Documents: []till.Document{document("b1", "RM-01"), document("b2", "MI-01")}}))(t).Results
	if batch[0].Outcome != till.Refused || batch[0].Reason != "store" || batch[1].Outcome != till.Created {
		t.Errorf("a batch: %+v", batch)
	}
}

// TestLimitedReceiptsOfACustomer: the list leaves out other stores, and its pages
// still hold each document once.
func TestLimitedReceiptsOfACustomer(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		env := shop(t)
		var want []string
		for _, store := range rapid.SliceOfN(rapid.SampledFrom([]retail.StoreID{"MI-01", "RM-01"}), 0, 12).Draw(rt, "stores") {
			if r := must(sdktest.Run(env, till.Close, saleIn(store)))(t); store == "MI-01" {
				want = append(want, r.ID)
			}
		}
		env.AsPrincipal(eva)
		var got []string
		in := till.ReceiptsIn{Customer: "C-1", Limit: rapid.Int64Range(1, 4).Draw(rt, "limit")}
		for {
			out := must(sdktest.Call(env, till.Receipts, in))(t)
			for _, r := range out.Receipts {
				got = append(got, r.ID)
			}
			if strings.Contains(out.Cursor, "RM-01") {
				rt.Fatalf("the cursor tells %s", out.Cursor)
			}
			if in.Cursor = out.Cursor; in.Cursor == "" {
				break
			}
		}
		slices.Sort(got)
		if slices.Sort(want); !slices.Equal(got, want) {
			rt.Fatalf("listed %v, want %v", got, want)
		}
	})
}
