package app

import (
	"cmp"
	"slices"
	"strings"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/catalog/internal/assortment"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

func items(v *sdk.View, in catalog.ProductsIn) (catalog.ProductsOut, error) {
	var out catalog.ProductsOut
	if len(in.SKUs) > catalog.MaxSKUs {
		return out, sdk.Fail(sdk.CodeTooLarge, "skus", "at most 500 SKUs in one call")
	}
	if in.Store != "" {
		s, ok := stores.Get(v, sdk.K(in.Store))
		if !ok {
			return out, missing("/store", "store", string(in.Store))
		}
		out.Store = &s
	}
	if len(in.SKUs) == 0 {
		return out, nil
	}
	list, there := variants.GetMany(v, keys(in.SKUs))
	if i := slices.Index(there, false); i >= 0 {
		e := sdk.NotFound("sku", "no SKU "+string(in.SKUs[i]))
		e.Pointer, e.Fields = at("skus", i, ""), []sdk.Field{sdk.Text("sku", in.SKUs[i])}
		return out, e
	}
	out.Items = itemsOf(v, list, cmp.Or(in.At, v.Now()))
	return out, nil
}

// itemsOf reads what variants share with others, each product and each VAT
// class once: a sale pays for three reads, whatever its length.
func itemsOf(r sdk.Reader, list []VariantRecord, now retail.Instant) []catalog.Item {
	ids := make([]string, len(list))
	for i, v := range list {
		ids[i] = v.Product
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	shared, _ := products.GetMany(r, keys(ids))

	var classIDs []retail.VATClass
	for i := range shared {
		classIDs = append(classIDs, vatClass(&shared[i], now))
	}
	slices.Sort(classIDs)
	classIDs = slices.Compact(classIDs)
	rates, _ := classes.GetMany(r, keys(classIDs))

	out := make([]catalog.Item, len(list))
	for i := range list {
		j, _ := slices.BinarySearch(ids, list[i].Product)
		k, _ := slices.BinarySearch(classIDs, vatClass(&shared[j], now))
		out[i] = itemOf(&list[i], &shared[j], &rates[k], now)
	}
	return out
}

// vatClass is the class of a product at an instant.
func vatClass(p *ProductRecord, now retail.Instant) retail.VATClass {
	return p.VAT[assortment.StepAt(p.VAT, fromOfVAT, now)].Class
}

func itemOf(v *VariantRecord, p *ProductRecord, c *catalog.VATClass, now retail.Instant) catalog.Item {
	return catalog.Item{
		SKU: v.SKU, Product: p.ID, Description: assortment.Describe(p.Name, v.Colour, v.Size), Kind: p.Kind,
		Brand: p.Brand, Line: p.Line, Season: p.Season, Supplier: p.Supplier, Category: p.Category, Tags: p.Tags,
		Size: v.Size, Colour: v.Colour, Attributes: attributesOfItem(v.Attributes, p.Attributes),
		Unit: p.Unit, VATClass: c.ID, VATRate: c.Rates[assortment.StepAt(c.Rates, fromOfRate, now)].Rate, Status: v.Status,
	}
}

func resolve(v *sdk.View, in catalog.ResolveIn) (catalog.ResolveOut, error) {
	text := strings.TrimSpace(in.Code)
	out := catalog.ResolveOut{Quantity: 1}
	code, bad := retail.ParseGTIN(text)
	found, ok := VariantRecord{}, false
	if bad == nil {
		found, ok = scanned(v, code, &out)
	}
	if !ok {
		found, ok = variants.Get(v, sdk.K(text))
	}
	switch {
	case ok:
	case bad != nil && looksScanned(text):
		return out, badGTIN(bad, "/code", text)
	default:
		return out, missing("/code", "code", text)
	}
	out.Item = itemsOf(v, []VariantRecord{found}, cmp.Or(in.At, v.Now()))[0]
	return out, nil
}

// scanned finds the SKU of a barcode, how much of it the barcode stands for,
// and the price that is in it.
func scanned(v *sdk.View, code retail.GTIN, out *catalog.ResolveOut) (VariantRecord, bool) {
	found, ok := variants.Find(v, "code", sdk.K(code))
	if !ok {
		base, price, label := code.SplitLabel()
		if !label {
			return found, false
		}
		if found, ok = variants.Find(v, "code", sdk.K(base)); ok {
			code, out.Price = base, &price
		}
	}
	for _, b := range found.Barcodes {
		if b.GTIN == code {
			out.Quantity = b.Quantity
		}
	}
	return found, ok
}

// looksScanned tells a spoilt barcode, whose fault should be named, from a SKU
// that does not exist.
func looksScanned(text string) bool {
	return len(text) >= 8 && strings.Trim(text, "0123456789.,+eE") == ""
}
