package app_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/catalog/internal/app"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// Barcodes with a right check digit.
const (
	ean1 = "8001505005479"
	ean2 = "4006381333931"
	ean3 = "5901234123457"
	upc  = "036000291452"
)

// setup is a catalog with VAT classes, terms, an entity and a store.
func setup(t testing.TB) *sdktest.Env {
	t.Helper()
	e := sdktest.New(t, app.New(), sdktest.Twice)
	sdktest.Do(t, e, catalog.PutVATClass, catalog.VATClass{ID: "standard", Name: "Ordinaria", Rates: []catalog.VATRate{{Rate: 2200}}})
	sdktest.Do(t, e, catalog.PutVATClass, catalog.VATClass{ID: "food", Name: "Alimentari", Rates: []catalog.VATRate{{Rate: 1000}, {From: 5000, Rate: 400}}})
	for _, id := range []string{"alba", "bruma"} {
		sdktest.Do(t, e, catalog.PutTerm, catalog.Term{Kind: catalog.Brand, ID: id, Name: strings.ToUpper(id)})
	}
	sdktest.Do(t, e, catalog.PutEntity, catalog.Entity{ID: "emporio", Name: "Emporio Demo S.r.l.", Country: "IT", VATNumber: "00743110157"})
	sdktest.Do(t, e, catalog.PutStore, milan())
	return e
}

func milan() catalog.Store {
	return catalog.Store{
		ID: "MI-01", Name: "Milano Centrale", Entity: "emporio", Zone: "Europe/Rome", Currency: "EUR",
		Address: &catalog.Address{Street: "Via Torino 1", CAP: "20123", City: "Milano", Province: "MI", Country: "IT"},
		Hours:   []catalog.OpenHours{{Day: 2, Hours: retail.Hours("09:00", "19:30")}, {Day: 1, Hours: retail.Hours("15:00", "19:30")}},
	}
}

// shirt is a product with variants "<id>-S" and "<id>-M".
func shirt(id string, barcodes ...string) catalog.Product {
	p := catalog.Product{
		ID: id, Name: "Maglia " + id, Brand: "alba", VAT: []catalog.ProductVAT{{Class: "standard"}},
		Variants: []catalog.Variant{
			{SKU: retail.SKU(id + "-S"), Size: "S", Colour: "rosso"},
			{SKU: retail.SKU(id + "-M"), Size: "M", Colour: "rosso"},
		},
	}
	for _, b := range barcodes {
		p.Variants[0].Barcodes = append(p.Variants[0].Barcodes, catalog.Barcode{GTIN: retail.GTIN(b)})
	}
	return p
}

func TestPutProductAndReadItInEveryWay(t *testing.T) {
	t.Parallel()
	e := setup(t)
	in := shirt("basic", ean1)
	in.Tags = []string{"summer", "basic", "summer"}
	in.Variants[1].Barcodes = []catalog.Barcode{{GTIN: upc, Quantity: 6}}
	out := sdktest.Do(t, e, catalog.PutProduct, in)
	if out.Outcome != catalog.Created || out.Product.Changed != e.Now() {
		t.Errorf("outcome %s at %d", out.Outcome, out.Product.Changed)
	}
	want := catalog.Product{
		ID: "basic", Name: "Maglia basic", Kind: catalog.Goods, Brand: "alba", Tags: []string{"basic", "summer"}, Unit: retail.Piece,
		VAT: []catalog.ProductVAT{{Class: "standard"}}, Status: catalog.Active, Changed: e.Now(),
		Variants: []catalog.Variant{
			{SKU: "basic-M", Size: "M", Colour: "rosso", Status: catalog.Active, Barcodes: []catalog.Barcode{{GTIN: "00" + upc, Quantity: 6}}},
			{SKU: "basic-S", Size: "S", Colour: "rosso", Status: catalog.Active, Barcodes: []catalog.Barcode{{GTIN: "0" + ean1, Quantity: 1}}},
		},
	}
	same(t, out.Product, want)
	same(t, sdktest.Ask(t, e, catalog.GetProduct, catalog.GetProductIn{ID: "basic"}), want)
	same(t, sdktest.Ask(t, e, catalog.GetProduct, catalog.GetProductIn{SKU: "basic-S"}), want)
	same(t, sdktest.Ask(t, e, catalog.Search, catalog.SearchIn{Brand: "alba"}).Products[0], want)

	box := sdktest.Ask(t, e, catalog.Resolve, catalog.ResolveIn{Code: " " + upc + " "})
	if box.Item.SKU != "basic-M" || box.Quantity != 6 || box.Price != nil || box.Item.Description != "Maglia basic rosso M" {
		t.Errorf("the box resolves to %+v", box)
	}
}

// same compares products as JSON shows them.
func same(t testing.TB, got, want catalog.Product) {
	t.Helper()
	if g, w := encode(t, got), encode(t, want); g != w {
		t.Errorf("\n got %s\nwant %s", g, w)
	}
}

func encode[T any](t testing.TB, v T) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestPutsAreIdempotent(t *testing.T) {
	t.Parallel()
	e := setup(t)
	before := len(e.Events())
	sdktest.Do(t, e, catalog.PutTerm, catalog.Term{Kind: catalog.Brand, ID: "alba", Name: "ALBA"})
	sdktest.Do(t, e, catalog.PutVATClass, catalog.VATClass{ID: "standard", Name: "Ordinaria", Rates: []catalog.VATRate{{Rate: 2200}}})
	sdktest.Do(t, e, catalog.PutStore, milan())
	sdktest.Do(t, e, catalog.PutEntity, catalog.Entity{ID: "emporio", Name: "Emporio Demo S.r.l.", Country: "IT", VATNumber: "00743110157"})
	if n := len(e.Events()); n != before {
		t.Errorf("%d events of puts that change nothing", n-before)
	}
	first := sdktest.Do(t, e, catalog.PutProduct, shirt("basic", ean1))
	e.At("2026-02-01 10:00")
	again := sdktest.Do(t, e, catalog.PutProduct, shirt("basic", ean1))
	if again.Outcome != catalog.Unchanged || again.Product.Changed != first.Product.Changed {
		t.Errorf("the same put again: %s, changed %d", again.Outcome, again.Product.Changed)
	}
	// In its normal form, it is the same product.
	if out := sdktest.Do(t, e, catalog.PutProduct, first.Product); out.Outcome != catalog.Unchanged {
		t.Errorf("putting back what was answered: %s", out.Outcome)
	}
	changed := shirt("basic", ean1)
	changed.Brand = "bruma"
	if out := sdktest.Do(t, e, catalog.PutProduct, changed); out.Outcome != catalog.Changed {
		t.Errorf("another brand: %s", out.Outcome)
	}
	if n := len(sdktest.Emitted(e, catalog.ProductChanged)); n != 2 {
		t.Errorf("%d product events, want 2", n)
	}
}

// A put names what it knows: other variants stay.
func TestVariantsThatAreNotNamedStay(t *testing.T) {
	t.Parallel()
	e := setup(t)
	sdktest.Do(t, e, catalog.PutProduct, shirt("basic", ean1))
	more := shirt("basic")
	more.Variants = []catalog.Variant{{SKU: "basic-L", Size: "L"}}
	out := sdktest.Do(t, e, catalog.PutProduct, more)
	var skus []retail.SKU
	for _, v := range out.Product.Variants {
		skus = append(skus, v.SKU)
	}
	if !slices.Equal(skus, []retail.SKU{"basic-L", "basic-M", "basic-S"}) {
		t.Errorf("variants are %v", skus)
	}
	if got := sdktest.Ask(t, e, catalog.Resolve, catalog.ResolveIn{Code: ean1}); got.Item.SKU != "basic-S" {
		t.Errorf("the barcode went to %s", got.Item.SKU)
	}
}

func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	e := setup(t)
	sdktest.Do(t, e, catalog.PutProduct, shirt("other", ean2))
	for _, c := range []struct {
		want   string
		change func(p *catalog.Product)
	}{
		{"invalid id /id", func(p *catalog.Product) { p.ID = " x" }},
		{"invalid name /name", func(p *catalog.Product) { p.Name = "" }},
		{"invalid kind /kind", func(p *catalog.Product) { p.Kind = "gift" }},
		{"invalid unit /unit", func(p *catalog.Product) { p.Unit = "dozen" }},
		{"invalid status /status", func(p *catalog.Product) { p.Status = "gone" }},
		{"invalid status /variants/1/status", func(p *catalog.Product) { p.Variants[1].Status = "gone" }},
		{"invalid tags /tags", func(p *catalog.Product) { p.Tags = []string{""} }},
		{"invalid attributes /attributes/0/name", func(p *catalog.Product) { p.Attributes = []catalog.Attribute{{Values: []string{"linen"}}} }},
		{"invalid attributes /attributes/1/name", func(p *catalog.Product) { p.Attributes = of("fit", "slim", "fit", "loose") }},
		{"invalid attributes /attributes/0/name", func(p *catalog.Product) { p.Attributes = of("size", "M") }},
		{"invalid attributes /attributes/0/name", func(p *catalog.Product) { p.Attributes = of("colour", "red") }},
		{"invalid attributes /attributes/0/name", func(p *catalog.Product) { p.Attributes = of(strings.Repeat("x", 65), "x") }},
		{"invalid attributes /attributes/0/values", func(p *catalog.Product) { p.Attributes = []catalog.Attribute{{Name: "material"}} }},
		{"invalid attributes /attributes/0/values", func(p *catalog.Product) { p.Attributes = of("material", "") }},
		{"invalid attributes /attributes/0/values", func(p *catalog.Product) { p.Attributes = of("material", " linen") }},
		{"invalid attributes /attributes/0/values", func(p *catalog.Product) { p.Attributes = []catalog.Attribute{{Name: "allergens", Values: numbers(21)}} }},
		{"invalid attributes /attributes", func(p *catalog.Product) { p.Attributes = make([]catalog.Attribute, 31) }},
		{"invalid attributes /variants/1/attributes/0/name", func(p *catalog.Product) { p.Variants[1].Attributes = of("", "linen") }},
		{"invalid attributes /variants/1/attributes", func(p *catalog.Product) { p.Variants[1].Attributes = make([]catalog.Attribute, 31) }},
		{"invalid vat_steps /vat", func(p *catalog.Product) { p.VAT = nil }},
		{"invalid vat_steps /vat", func(p *catalog.Product) { p.VAT[0].From = 1 }},
		{"not_found vat_class /vat/0/class", func(p *catalog.Product) { p.VAT[0].Class = "luxury" }},
		{"not_found brand /brand", func(p *catalog.Product) { p.Brand = "nobody" }},
		{"not_found line /line", func(p *catalog.Product) { p.Line = "nobody" }},
		{"not_found season /season", func(p *catalog.Product) { p.Season = "nobody" }},
		{"not_found supplier /supplier", func(p *catalog.Product) { p.Supplier = "nobody" }},
		{"not_found category /category", func(p *catalog.Product) { p.Category = "nobody" }},
		{"invalid variants /variants", func(p *catalog.Product) { p.Variants = nil }},
		{"invalid variants /variants", func(p *catalog.Product) { p.Variants = make([]catalog.Variant, 101) }},
		{"invalid variants /variants/1/sku", func(p *catalog.Product) { p.Variants[1].SKU = p.Variants[0].SKU }},
		{"invalid variants /variants/0", func(p *catalog.Product) { p.Variants[0].Size = "\n" }},
		{"invalid sku /variants/1/sku", func(p *catalog.Product) { p.Variants[1].SKU = "" }},
		{"conflict sku /variants/1/sku", func(p *catalog.Product) { p.Variants[1].SKU = "other-S" }},
		{"invalid gtin_check /variants/0/barcodes/0/gtin", func(p *catalog.Product) { scan(p, 0, "8001505005478") }},
		{"invalid gtin_digits /variants/1/barcodes/0/gtin", func(p *catalog.Product) { scan(p, 1, "12345") }},
		{"invalid gtin_spreadsheet /variants/0/barcodes/0/gtin", func(p *catalog.Product) { scan(p, 0, "8,0015E+12") }},
		{"invalid barcode_quantity /variants/0/barcodes/0/quantity", func(p *catalog.Product) { scan(p, 0, ean1); p.Variants[0].Barcodes[0].Quantity = -1 }},
		{"conflict barcode /variants", func(p *catalog.Product) { scan(p, 0, ean2) }},
		{"conflict barcode /variants", func(p *catalog.Product) { scan(p, 0, ean1); scan(p, 1, "0"+ean1) }},
		{"conflict barcode /variants", func(p *catalog.Product) { scan(p, 0, ean1, ean1) }},
	} {
		p := shirt("basic")
		c.change(&p)
		_, err := sdktest.Run(e, catalog.PutProduct, p)
		sdktest.Refused(t, err, c.want)
	}
	if got := sdktest.Ask(t, e, catalog.Search, catalog.SearchIn{}); len(got.Products) != 1 {
		t.Errorf("%d products after refusals", len(got.Products))
	}
}

func scan(p *catalog.Product, variant int, codes ...string) {
	for _, c := range codes {
		p.Variants[variant].Barcodes = append(p.Variants[variant].Barcodes, catalog.Barcode{GTIN: retail.GTIN(c)})
	}
}

// Suppliers recycle codes between seasons: archiving releases them, and a put
// brings the SKU back.
func TestArchivingReleasesBarcodes(t *testing.T) {
	t.Parallel()
	e := setup(t)
	sdktest.Do(t, e, catalog.PutProduct, shirt("old", ean1))
	sdktest.Do(t, e, catalog.Archive, catalog.ArchiveIn{SKU: "old-S"})
	if got := sdktest.Ask(t, e, catalog.GetProduct, catalog.GetProductIn{ID: "old"}); got.Status != catalog.Active || got.Variants[0].Status != catalog.Active || got.Variants[1].Status != catalog.Archived {
		t.Errorf("archiving a SKU left %+v", got)
	}
	_, err := sdktest.Call(e, catalog.Resolve, catalog.ResolveIn{Code: ean1})
	sdktest.Refused(t, err, "not_found code /code")
	if got := sdktest.Ask(t, e, catalog.Resolve, catalog.ResolveIn{Code: "old-S"}); got.Item.Status != catalog.Archived {
		t.Errorf("by its SKU it is %+v", got.Item)
	}

	sdktest.Do(t, e, catalog.PutProduct, shirt("new", ean1))
	_, err = sdktest.Run(e, catalog.PutProduct, shirt("old", ean1))
	sdktest.Refused(t, err, "conflict barcode /variants")
	sdktest.Do(t, e, catalog.Archive, catalog.ArchiveIn{ID: "new"})
	if got := sdktest.Ask(t, e, catalog.GetProduct, catalog.GetProductIn{ID: "new"}); got.Status != catalog.Archived || got.Variants[0].Status != catalog.Archived {
		t.Errorf("archiving a product left %+v", got)
	}
	events := len(e.Events())
	sdktest.Do(t, e, catalog.Archive, catalog.ArchiveIn{ID: "new"})
	if len(e.Events()) != events {
		t.Error("archiving twice changes something")
	}
	sdktest.Do(t, e, catalog.PutProduct, shirt("old", ean1))
	if got := sdktest.Ask(t, e, catalog.Resolve, catalog.ResolveIn{Code: ean1}); got.Item.SKU != "old-S" || got.Item.Status != catalog.Active {
		t.Errorf("back in the assortment it is %+v", got.Item)
	}
	for _, in := range []catalog.ArchiveIn{{}, {ID: "old", SKU: "old-S"}} {
		_, err := sdktest.Run(e, catalog.Archive, in)
		sdktest.Refused(t, err, "invalid filter")
	}
}

// Two variants exchange their codes in one put, although each code is unique
// between any two writes.
func TestBarcodesChangePlaces(t *testing.T) {
	t.Parallel()
	e := setup(t)
	p := shirt("basic", ean1)
	scan(&p, 1, ean2)
	sdktest.Do(t, e, catalog.PutProduct, p)
	swapped := shirt("basic", ean2)
	scan(&swapped, 1, ean1)
	sdktest.Do(t, e, catalog.PutProduct, swapped)
	for code, want := range map[string]retail.SKU{ean1: "basic-M", ean2: "basic-S"} {
		if got := sdktest.Ask(t, e, catalog.Resolve, catalog.ResolveIn{Code: code}); got.Item.SKU != want {
			t.Errorf("%s resolves to %s, want %s", code, got.Item.SKU, want)
		}
	}
	change := sdktest.Emitted(e, catalog.ProductChanged)[1]
	if len(change.Assigned) != 2 || len(change.Released) != 2 || change.Created {
		t.Errorf("the event says %+v", change)
	}
}

func TestResolve(t *testing.T) {
	t.Parallel()
	e := setup(t)
	cheese := shirt("cheese")
	cheese.Unit = retail.Gram
	cheese.Variants = []catalog.Variant{{SKU: "cheese", Barcodes: []catalog.Barcode{{GTIN: "2123456000009"}}}}
	sdktest.Do(t, e, catalog.PutProduct, cheese)
	sdktest.Do(t, e, catalog.PutProduct, shirt(ean3))
	label := sdktest.Ask(t, e, catalog.Resolve, catalog.ResolveIn{Code: "2123456005677"})
	if label.Item.SKU != "cheese" || label.Price == nil || *label.Price != 567 || label.Quantity != 1 {
		t.Errorf("the label resolves to %+v", label)
	}
	if got := sdktest.Ask(t, e, catalog.Resolve, catalog.ResolveIn{Code: ean3 + "-S"}); got.Item.Product != ean3 {
		t.Errorf("a SKU resolves to %+v", got)
	}
	for code, want := range map[string]string{
		"8001505005478": "invalid gtin_check /code",
		"8,0015E+12":    "invalid gtin_spreadsheet /code",
		"123456789":     "invalid gtin_digits /code",
		"maglia":        "not_found code /code",
		"":              "not_found code /code",
		ean1:            "not_found code /code",
		"2123457005676": "not_found code /code",
	} {
		_, err := sdktest.Call(e, catalog.Resolve, catalog.ResolveIn{Code: code})
		sdktest.Refused(t, err, want)
	}
}

// What a sale needs, in one call, as it is at the instant of the sale.
func TestItems(t *testing.T) {
	t.Parallel()
	e := setup(t)
	sdktest.Do(t, e, catalog.PutProduct, shirt("basic"))
	bread := shirt("bread")
	bread.Variants, bread.Brand = []catalog.Variant{{SKU: "bread"}}, ""
	bread.VAT = []catalog.ProductVAT{{Class: "food"}, {From: 9000, Class: "standard"}}
	sdktest.Do(t, e, catalog.PutProduct, bread)
	for at, want := range map[retail.Instant]retail.BasisPoints{1: 1000, 4999: 1000, 5000: 400, 8999: 400, 9000: 2200, 0: 2200} {
		out := sdktest.Ask(t, e, catalog.Products, catalog.ProductsIn{SKUs: []retail.SKU{"bread", "basic-M", "bread"}, Store: "MI-01", At: at})
		if len(out.Items) != 3 || out.Items[0].SKU != "bread" || out.Items[1].SKU != "basic-M" || out.Items[2].VATRate != want {
			t.Errorf("at %d: %+v, want a rate of %d", at, out.Items, want)
		}
		if out.Store == nil || out.Store.Channel != "store" || out.Store.Hours[0].Day != 1 {
			t.Errorf("the store is %+v", out.Store)
		}
		if out.Items[1].Brand != "alba" || out.Items[0].Brand != "" || out.Items[1].VATClass != "standard" {
			t.Errorf("attributes went to the wrong item: %+v", out.Items)
		}
	}
	out := sdktest.Ask(t, e, catalog.Products, catalog.ProductsIn{})
	if len(out.Items) != 0 || out.Store != nil {
		t.Errorf("nothing asked, %+v answered", out)
	}
	_, err := sdktest.Call(e, catalog.Products, catalog.ProductsIn{SKUs: []retail.SKU{"bread", "cake"}})
	sdktest.Refused(t, err, "not_found sku /skus/1")
	_, err = sdktest.Call(e, catalog.Products, catalog.ProductsIn{Store: "RM-01"})
	sdktest.Refused(t, err, "not_found store /store")
	_, err = sdktest.Call(e, catalog.Products, catalog.ProductsIn{SKUs: make([]retail.SKU, 501)})
	sdktest.Refused(t, err, "too_large skus")
}
