package app

import (
	"os"
	"testing"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/catalog/catalogtest"
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/pricing/pricingtest"
	"github.com/bottega-retail/bottega/apps/stock"
	"github.com/bottega-retail/bottega/apps/stock/stocktest"
	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/apps/till/tilltest"
	"github.com/bottega-retail/bottega/apps/vouchers"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// counter is a whole store: the real till, stock, prices and catalog around cards.
func counter(t *testing.T) *sdktest.Env {
	t.Helper()
	parts := []sdktest.Part{sdktest.With(tilltest.New(), catalogtest.New(), pricingtest.New(), stocktest.New()), sdktest.Twice}
	paper, err := os.ReadFile("../../../../manifests/till.json")
	if err != nil {
		t.Fatal(err)
	}
	env := desk(t, append(parts, sdktest.Manifest(paper))...)
	must(sdktest.Run(env, catalog.PutEntity, catalog.Entity{ID: "IT01", Name: "Emporio", Country: "IT"}))(t)
	must(sdktest.Run(env, catalog.PutStore, catalog.Store{ID: "MI-01", Name: "Milano", Entity: "IT01", Zone: "Europe/Rome", Currency: "EUR"}))(t)
	must(sdktest.Run(env, stock.PutPlace, stock.Place{ID: "MI-01-floor", Name: "Floor", Kind: stock.Floor, Store: "MI-01"}))(t)
	for class, rate := range map[retail.VATClass]retail.BasisPoints{"standard": 2200, "books": 400, "out": 0} {
		must(sdktest.Run(env, catalog.PutVATClass, catalog.VATClass{ID: class, Name: string(class), Rates: []catalog.VATRate{{Rate: rate}}}))(t)
	}
	product := func(sku retail.SKU, kind catalog.Kind, class retail.VATClass) catalog.Product {
		return catalog.Product{ID: string(sku), Name: string(sku), Kind: kind, VAT: []catalog.ProductVAT{{Class: class}}, Variants: []catalog.Variant{{SKU: sku}}}
	}
	must(sdktest.Run(env, catalog.PutProducts, catalog.PutProductsIn{Products: []catalog.Product{
		product("shirt", catalog.Goods, "standard"), product("novel", catalog.Goods, "books"),
		product("gift-50", catalog.GiftCard, "out"), product("book-20", catalog.GiftCard, "books"),
	}}))(t)
	must(sdktest.Run(env, pricing.PutList, pricing.List{ID: "base", Name: "Base", Currency: "EUR"}))(t)
	must(sdktest.Run(env, pricing.PutEntries, pricing.PutEntriesIn{List: "base", Entries: []pricing.Entry{
		{SKU: "shirt", Amount: 2990}, {SKU: "novel", Amount: 1500}, {SKU: "gift-50", Amount: 5000}, {SKU: "book-20", Amount: 2000},
	}}))(t)
	return env
}

func basket(lines []till.Line, tenders ...till.Payment) till.CloseIn {
	return till.CloseIn{Store: "MI-01", Till: "3", Cashier: "ada", Lines: lines, Tenders: tenders}
}

func with(kind string, amount retail.Money, code string) till.Payment {
	return till.Payment{Type: kind, Amount: amount, Reference: code}
}

// A gift card is bought, half spent, and what was bought comes back to it; then the card
// itself does. Everything is as before, and no document shows the code.
func TestCardOverTheCounter(t *testing.T) {
	t.Parallel()
	env := counter(t)
	c := blank(t, env, "gift")
	card := []till.Line{{SKU: "gift-50", Quantity: 1, Code: c.Code}}
	_, err := sdktest.Run(env, till.Close, basket(card, with("gift_card", 5000, c.Code)))
	if err == nil {
		t.Fatal("a card has bought itself")
	}
	bought := must(sdktest.Run(env, till.Close, basket(card, with(till.Cash, 5000, ""))))(t)
	if got := on(t, env, c.Card); got.Balance != 5000 || got.Document != bought.ID || bought.Lines[0].Stored == "" {
		t.Fatalf("bought %+v, the line %+v", got, bought.Lines[0])
	}
	sold := must(sdktest.Run(env, till.Close, basket([]till.Line{{SKU: "shirt", Quantity: 1}}, with("gift_card", 2500, c.Code), with(till.Cash, 490, ""))))(t)
	if got := on(t, env, c.Card); got.Balance != 2500 {
		t.Fatalf("half spent %+v", got)
	}
	other := blank(t, env, "gift")
	_, err = sdktest.Run(env, till.Close, basket([]till.Line{{SKU: "gift-50", Quantity: 1, Code: other.Code}}, with("gift_card", 2500, c.Code), with(till.Cash, 2500, "")))
	refuses(t, err, sdk.CodeFailedPrecondition, "bought_with_card")
	void := till.VoidIn{Receipt: bought.ID, Cashier: "ada", Reason: "wrong"}
	_, err = sdktest.Run(env, till.Void, void)
	refuses(t, err, sdk.CodeFailedPrecondition, "spent")
	must(sdktest.Run(env, till.Void, till.VoidIn{Receipt: sold.ID, Cashier: "ada", Reason: "too small"}))(t)
	if got := on(t, env, c.Card); got.Balance != 5000 {
		t.Fatalf("came back %+v", got)
	}
	must(sdktest.Run(env, till.Void, void))(t)
	if got := on(t, env, c.Card); got.State != vouchers.StateCancelled {
		t.Fatalf("the card came back %+v", got)
	}
	sound(t, env)
}

// A single-purpose voucher is taxed when it is sold and not again when it is used; a
// multi-purpose one only then.
func TestVATAtTheCounter(t *testing.T) {
	t.Parallel()
	env := counter(t)
	single, multi := blank(t, env, "book"), blank(t, env, "gift")
	sale := func(line till.Line, tenders ...till.Payment) till.Receipt {
		t.Helper()
		return must(sdktest.Run(env, till.Close, basket([]till.Line{line}, tenders...)))(t)
	}
	vat := func(shares []retail.VATShare) (sum retail.Money) {
		for _, s := range shares {
			sum += s.VAT
		}
		return sum
	}
	if got := vat(sale(till.Line{SKU: "book-20", Quantity: 1, Code: single.Code}, with(till.Cash, 2000, "")).VAT); got != 77 {
		t.Errorf("VAT of a book voucher of 20.00 at 4 %%: %d", got)
	}
	if got := vat(sale(till.Line{SKU: "gift-50", Quantity: 1, Code: multi.Code}, with(till.Cash, 5000, "")).VAT); got != 0 {
		t.Errorf("VAT of a gift card: %d", got)
	}
	var paid retail.Money
	for _, tender := range [][]till.Payment{{with("voucher", 1500, single.Code)}, {with("voucher", 500, single.Code), with(till.Cash, 1000, "")}} {
		r := sale(till.Line{SKU: "novel", Quantity: 1}, tender...)
		paid += vat(r.VATPaid)
	}
	if paid != 77 {
		t.Errorf("of the VAT of what it paid %d was due before, want 77", paid)
	}
	if r := sale(till.Line{SKU: "novel", Quantity: 1}, with("gift_card", 1500, multi.Code)); vat(r.VATPaid) != 0 || vat(r.VAT) != 58 {
		t.Errorf("a gift card pays %+v, VAT due before %+v", r.VAT, r.VATPaid)
	}
	_, err := sdktest.Run(env, till.Close, basket([]till.Line{{SKU: "shirt", Quantity: 1}}, with("voucher", 1, single.Code), with(till.Cash, 2989, "")))
	if err == nil {
		t.Error("a book voucher has paid a shirt")
	}
	sound(t, env)
}
