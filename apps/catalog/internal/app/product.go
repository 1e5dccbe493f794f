package app

import (
	"errors"
	"slices"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

func putProduct(tx *sdk.Tx, in catalog.Product) (catalog.PutProductOut, error) {
	return newBatch(tx).put(&in)
}

func putProducts(tx *sdk.Tx, in catalog.PutProductsIn) (catalog.PutProductsOut, error) {
	var out catalog.PutProductsOut
	if len(in.Products) > catalog.MaxBatch {
		e := sdk.Fail(sdk.CodeTooLarge, "batch", "at most 100 products in one batch")
		e.Fields = []sdk.Field{sdk.Int("max", int64(catalog.MaxBatch))}
		return out, e
	}
	b := newBatch(tx)
	b.dry, b.createTerms = in.DryRun, in.CreateTerms
	for i := range in.Products {
		p := &in.Products[i]
		done, err := b.put(p)
		var refused *sdk.Error
		if !errors.As(err, &refused) && err != nil {
			return out, err
		}
		result := catalog.Result{ID: p.ID, Outcome: done.Outcome}
		if refused != nil {
			refused.Pointer = at("products", i, "") + refused.Pointer
			if !in.DryRun && !in.Partial || !ofProduct(refused) {
				return out, refused
			}
			result = catalog.Result{
				ID: p.ID, Outcome: catalog.Refused, Code: refused.Code.String(),
				Reason: refused.Reason, Pointer: refused.Pointer, Message: refused.Message,
			}
		}
		out.Results = append(out.Results, result)
	}
	return out, nil
}

// ofProduct tells what is wrong with one product from what stops the whole
// operation.
func ofProduct(e *sdk.Error) bool {
	switch e.Code {
	case sdk.CodeInvalid, sdk.CodeNotFound:
		return true
	case sdk.CodeConflict:
		return e.Reason == "sku" || e.Reason == "barcode"
	}
	return false
}

func getProduct(v *sdk.View, in catalog.GetProductIn) (catalog.Product, error) {
	p, err := find(v, in.ID, in.SKU)
	if err != nil {
		return catalog.Product{}, err
	}
	list, _ := variants.GetMany(v, keys(p.SKUs))
	return wire(&p, list), nil
}

// find is the product of an id or of one of its SKUs: exactly one is given.
func find(r sdk.Reader, id string, sku retail.SKU) (p ProductRecord, err error) {
	if (id == "") == (sku == "") {
		return p, sdk.Invalid("", "filter", "give an id or a SKU")
	}
	if sku != "" {
		v, ok := variants.Get(r, variantKey(sku))
		if !ok {
			return p, missing("/sku", "sku", string(sku))
		}
		id = v.Product
	}
	p, ok := products.Get(r, productKey(id))
	if !ok {
		return p, missing("/id", "product", id)
	}
	return p, nil
}

func archive(tx *sdk.Tx, in catalog.ArchiveIn) (catalog.Product, error) {
	old, err := find(tx, in.ID, in.SKU)
	if err != nil {
		return catalog.Product{}, err
	}
	b := newBatch(tx)
	c := change{product: old, before: b.load(old.SKUs)}
	c.after = slices.Clone(c.before)
	if in.ID != "" {
		c.product.Status = catalog.Archived
		retire(c.after)
	} else if i, ok := slices.BinarySearch(old.SKUs, in.SKU); ok {
		retire(c.after[i : i+1])
	}
	done, err := b.finish(&c, &old, true)
	return done.Product, err
}
