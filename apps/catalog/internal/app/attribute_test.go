package app_test

import (
	"strconv"
	"testing"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// of makes attributes of names and values, in turn.
func of(all ...string) (out []catalog.Attribute) {
	for i := 0; i < len(all); i += 2 {
		out = append(out, catalog.Attribute{Name: all[i], Values: all[i+1 : i+2]})
	}
	return out
}

// numbers are so many different texts.
func numbers(n int) (all []string) {
	for i := range n {
		all = append(all, strconv.Itoa(i))
	}
	return all
}

// Attributes are kept sorted and each once, and read in every way. The same again changes
// nothing, another value does.
func TestAttributesOfProducts(t *testing.T) {
	t.Parallel()
	e := setup(t)
	p := shirt("basic")
	p.Attributes = []catalog.Attribute{{Name: "material", Values: []string{"linen", "cotton", "linen"}}, {Name: "fit", Values: []string{"slim"}}}
	p.Variants[0].Attributes = of("outlet", "yes")
	put := sdktest.Do(t, e, catalog.PutProduct, p)
	kept := `"attributes":[{"name":"fit","values":["slim"]},{"name":"material","values":["cotton","linen"]}]`
	if got := `"attributes":` + encode(t, put.Product.Attributes); got != kept {
		t.Errorf("got %s, want %s", got, kept)
	}
	same(t, sdktest.Ask(t, e, catalog.GetProduct, catalog.GetProductIn{SKU: "basic-S"}), put.Product)
	same(t, sdktest.Ask(t, e, catalog.Search, catalog.SearchIn{}).Products[0], put.Product)
	same(t, sdktest.Emitted(e, catalog.ProductChanged)[0].Product, put.Product)
	if out := sdktest.Do(t, e, catalog.PutProduct, put.Product); out.Outcome != catalog.Unchanged {
		t.Errorf("putting back what was answered: %s", out.Outcome)
	}
	for _, change := range []func(p *catalog.Product){
		func(p *catalog.Product) { p.Attributes[1].Values = []string{"wide"} },
		func(p *catalog.Product) { p.Variants[0].Attributes = of("outlet", "no") },
		func(p *catalog.Product) { p.Attributes = nil },
		func(p *catalog.Product) { p.Variants[0].Attributes = nil },
	} {
		change(&p)
		if out := sdktest.Do(t, e, catalog.PutProduct, p); out.Outcome != catalog.Changed {
			t.Errorf("%s is %s", encode(t, p), out.Outcome)
		}
	}
}

// A sale sees the attributes of the variant, and of the product those that the variant
// does not have; of what has none it sees as much as before there were any.
func TestAttributesOfItems(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name             string
		product, variant []catalog.Attribute
		want             string
	}{
		{"none", nil, nil, ``},
		{"of the product", of("fit", "slim"), nil, `,"attributes":[{"name":"fit","values":["slim"]}]`},
		{"of the variant", nil, of("fit", "slim"), `,"attributes":[{"name":"fit","values":["slim"]}]`},
		{"of both", of("b", "1", "d", "1"), of("a", "2", "c", "2", "e", "2"),
			`,"attributes":[{"name":"a","values":["2"]},{"name":"b","values":["1"]},{"name":"c","values":["2"]},{"name":"d","values":["1"]},{"name":"e","values":["2"]}]`},
		{"the variant's stand in", of("fit", "slim", "material", "linen"), []catalog.Attribute{{Name: "material", Values: []string{"wool", "silk"}}},
			`,"attributes":[{"name":"fit","values":["slim"]},{"name":"material","values":["silk","wool"]}]`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e := setup(t)
			p := shirt("hat")
			p.Attributes, p.Variants = test.product, []catalog.Variant{{SKU: "hat", Attributes: test.variant}}
			sdktest.Do(t, e, catalog.PutProduct, p)
			out := sdktest.Ask(t, e, catalog.Products, catalog.ProductsIn{SKUs: []retail.SKU{"hat"}})
			want := `{"sku":"hat","product":"hat","description":"Maglia hat","kind":"goods","brand":"alba"` + test.want +
				`,"unit":"piece","vat_class":"standard","vat_rate":2200,"status":"active"}`
			if got := encode(t, out.Items[0]); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			if got := sdktest.Ask(t, e, catalog.Resolve, catalog.ResolveIn{Code: "hat"}); encode(t, got.Item) != want {
				t.Errorf("scanned it is\n%s", encode(t, got.Item))
			}
		})
	}
}
