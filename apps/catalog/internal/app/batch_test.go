package app_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// A delivery's file: two good rows, one with a wrong check digit, one that
// takes the code of a row before it.
func delivery() []catalog.Product {
	wrong, greedy := shirt("wrong", "8001505005478"), shirt("greedy", ean1)
	return []catalog.Product{shirt("one", ean1), wrong, greedy, shirt("two", ean2)}
}

func outcomes(out catalog.PutProductsOut) string {
	s := ""
	for _, r := range out.Results {
		s += fmt.Sprintf("%s:%s %s %s %s\n", r.ID, r.Outcome, r.Code, r.Reason, r.Pointer)
	}
	return s
}

const deliveryOutcomes = `one:created   
wrong:refused invalid gtin_check /products/1/variants/0/barcodes/0/gtin
greedy:refused conflict barcode /products/2/variants
two:created   
`

func TestBatchModes(t *testing.T) {
	t.Parallel()
	e := setup(t)
	before := len(e.Events())
	dry := sdktest.Do(t, e, catalog.PutProducts, catalog.PutProductsIn{Products: delivery(), DryRun: true})
	if got := outcomes(dry); got != deliveryOutcomes {
		t.Errorf("dry run:\n%s", got)
	}
	_, err := sdktest.Run(e, catalog.PutProducts, catalog.PutProductsIn{Products: delivery()})
	sdktest.Refused(t, err, "invalid gtin_check /products/1/variants/0/barcodes/0/gtin")
	if n := len(e.Events()); n != before || len(sdktest.Ask(t, e, catalog.Search, catalog.SearchIn{}).Products) != 0 {
		t.Errorf("a dry run and a refusal left %d events or products", n-before)
	}
	partial := sdktest.Do(t, e, catalog.PutProducts, catalog.PutProductsIn{Products: delivery(), Partial: true})
	if got := outcomes(partial); got != deliveryOutcomes {
		t.Errorf("partial:\n%s", got)
	}
	if n := len(sdktest.Emitted(e, catalog.ProductChanged)); n != 2 {
		t.Errorf("%d product events, want 2", n)
	}
	again := sdktest.Do(t, e, catalog.PutProducts, catalog.PutProductsIn{Products: []catalog.Product{shirt("one", ean1), shirt("two", ean2)}})
	if got := outcomes(again); got != "one:unchanged   \ntwo:unchanged   \n" {
		t.Errorf("again:\n%s", got)
	}
}

// A dry run sees what earlier products of the batch would release.
func TestBatchReleasesBeforeItAssigns(t *testing.T) {
	t.Parallel()
	e := setup(t)
	sdktest.Do(t, e, catalog.PutProduct, shirt("old", ean1))
	old := shirt("old", ean1)
	old.Status = catalog.Archived
	in := catalog.PutProductsIn{Products: []catalog.Product{old, shirt("new", ean1)}, DryRun: true}
	want := "old:changed   \nnew:created   \n"
	if got := outcomes(sdktest.Do(t, e, catalog.PutProducts, in)); got != want {
		t.Errorf("dry run:\n%s", got)
	}
	in.DryRun = false
	if got := outcomes(sdktest.Do(t, e, catalog.PutProducts, in)); got != want {
		t.Errorf("for real:\n%s", got)
	}
}

func TestBatchCreatesTerms(t *testing.T) {
	t.Parallel()
	e := setup(t)
	p := shirt("new")
	p.Brand, p.Line, p.Season = "nuova", "basic", "SS26"
	in := catalog.PutProductsIn{Products: []catalog.Product{p}, CreateTerms: true, DryRun: true}
	if got := outcomes(sdktest.Do(t, e, catalog.PutProducts, in)); got != "new:created   \n" {
		t.Errorf("dry run: %s", got)
	}
	if n := len(sdktest.Ask(t, e, catalog.Terms, catalog.TermsIn{Kind: catalog.Line}).Terms); n != 0 {
		t.Errorf("a dry run made %d lines", n)
	}
	in.DryRun = false
	sdktest.Do(t, e, catalog.PutProducts, in)
	got := sdktest.Ask(t, e, catalog.Terms, catalog.TermsIn{Kind: catalog.Season}).Terms
	if !slices.Equal(got, []catalog.Term{{Kind: catalog.Season, ID: "SS26", Name: "SS26"}}) {
		t.Errorf("seasons are %v", got)
	}
}

func TestBatchLimits(t *testing.T) {
	t.Parallel()
	e := setup(t)
	var list []catalog.Product
	for i := range catalog.MaxBatch {
		list = append(list, shirt(fmt.Sprintf("p%03d", i)))
	}
	sdktest.Do(t, e, catalog.PutProducts, catalog.PutProductsIn{Products: list})
	_, err := sdktest.Run(e, catalog.PutProducts, catalog.PutProductsIn{Products: append(list, shirt("one too many"))})
	sdktest.Refused(t, err, "too_large batch")
}

// Whatever is put, archived and put back, in batches or one by one: a barcode
// resolves to the one active SKU that has it, a SKU stays with its product, a
// dry run foretells the real one, and nothing dangles.
func TestCatalogInvariants(t *testing.T) {
	t.Parallel()
	codes := []retail.GTIN{ean1, ean2, ean3, upc}
	rapid.Check(t, func(rt *rapid.T) {
		e := setup(t)
		owner := map[retail.SKU]string{}
		for range rapid.IntRange(1, 8).Draw(rt, "operations") {
			if rapid.IntRange(0, 3).Draw(rt, "kind") == 0 {
				sku := retail.SKU(rapid.SampledFrom([]string{"a", "b", "c", "d"}).Draw(rt, "archived"))
				_, err := sdktest.Run(e, catalog.Archive, catalog.ArchiveIn{SKU: sku})
				if (err == nil) != (owner[sku] != "") {
					rt.Fatalf("archive %s: %v", sku, err)
				}
				continue
			}
			list := rapid.SliceOfN(products(codes), 1, 4).Draw(rt, "batch")
			dry := sdktest.Do(rt, e, catalog.PutProducts, catalog.PutProductsIn{Products: list, DryRun: true})
			done := sdktest.Do(rt, e, catalog.PutProducts, catalog.PutProductsIn{Products: list, Partial: true})
			if !slices.Equal(dry.Results, done.Results) {
				rt.Fatalf("foretold %v, happened %v", dry.Results, done.Results)
			}
			for i, r := range done.Results {
				for _, v := range list[i].Variants {
					if r.Outcome != catalog.Refused && owner[v.SKU] != "" && owner[v.SKU] != r.ID {
						rt.Fatalf("SKU %s went from %s to %s", v.SKU, owner[v.SKU], r.ID)
					} else if r.Outcome != catalog.Refused {
						owner[v.SKU] = r.ID
					}
				}
			}
		}
		checkCatalog(rt, e, codes, owner)
	})
}

func products(codes []retail.GTIN) *rapid.Generator[catalog.Product] {
	return rapid.Custom(func(t *rapid.T) catalog.Product {
		p := catalog.Product{
			ID: rapid.SampledFrom([]string{"p", "q"}).Draw(t, "id"), Name: "Maglia", VAT: []catalog.ProductVAT{{Class: "standard"}},
			Brand:  rapid.SampledFrom([]string{"", "alba", "bruma", "nobody"}).Draw(t, "brand"),
			Status: rapid.SampledFrom([]catalog.Status{"", catalog.Active, catalog.Active, catalog.Archived}).Draw(t, "status"),
		}
		for _, sku := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c", "d"}), 1, 3, rapid.ID).Draw(t, "skus") {
			v := catalog.Variant{SKU: retail.SKU(sku), Status: rapid.SampledFrom([]catalog.Status{"", "", catalog.Archived}).Draw(t, "status")}
			for _, c := range rapid.SliceOfN(rapid.SampledFrom(codes), 0, 2).Draw(t, "codes") {
				v.Barcodes = append(v.Barcodes, catalog.Barcode{GTIN: c})
			}
			p.Variants = append(p.Variants, v)
		}
		return p
	})
}

// checkCatalog reads everything back.
func checkCatalog(t *rapid.T, e *sdktest.Env, codes []retail.GTIN, owner map[retail.SKU]string) {
	t.Helper()
	active := map[retail.GTIN]retail.SKU{}
	found := map[retail.SKU]string{}
	for _, p := range sdktest.Ask(t, e, catalog.Search, catalog.SearchIn{}).Products {
		if p.Brand == "nobody" {
			t.Fatalf("%s refers to a brand that does not exist", p.ID)
		}
		for _, v := range p.Variants {
			found[v.SKU] = p.ID
			if p.Status == catalog.Archived && v.Status == catalog.Active {
				t.Fatalf("%s is active in an archived product", v.SKU)
			}
			for _, b := range v.Barcodes {
				if other, ok := active[b.GTIN]; v.Status == catalog.Active && ok {
					t.Fatalf("%s belongs to %s and %s", b.GTIN, other, v.SKU)
				} else if v.Status == catalog.Active {
					active[b.GTIN] = v.SKU
				}
			}
		}
	}
	if !maps.Equal(found, owner) {
		t.Fatalf("SKUs are %v, want %v", found, owner)
	}
	for _, c := range codes {
		code, _ := retail.ParseGTIN(string(c))
		got, err := sdktest.Call(e, catalog.Resolve, catalog.ResolveIn{Code: string(c)})
		if got.Item.SKU != active[code] || (err != nil) != (sdk.CodeOf(err) == sdk.CodeNotFound) {
			t.Fatalf("%s resolves to %q, %v; want %q", c, got.Item.SKU, err, active[code])
		}
	}
	balance := map[catalog.BarcodeOfSKU]int{}
	for _, c := range sdktest.Emitted(e, catalog.ProductChanged) {
		for _, a := range c.Assigned {
			balance[a]++
		}
		for _, r := range c.Released {
			balance[r]--
		}
	}
	for b, n := range balance {
		if n != 0 && (n != 1 || active[b.GTIN] != b.SKU) {
			t.Fatalf("events leave %v assigned %d times; active are %v", b, n, active)
		}
	}
}
