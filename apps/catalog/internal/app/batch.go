package app

import (
	"slices"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/catalog/internal/assortment"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// mostVariants bounds a product: what it has is read in one call.
const mostVariants = 1000

// batch plans puts one after the other. Each sees what the earlier ones have
// planned, so that a dry run finds what a real one would.
type batch struct {
	tx          *sdk.Tx
	dry         bool // plan only
	createTerms bool

	products map[string]ProductRecord
	variants map[retail.SKU]VariantRecord
	owners   map[retail.GTIN]retail.SKU // "" if it resolves no more
	known    map[string]bool            // terms and VAT classes that exist
}

func newBatch(tx *sdk.Tx) *batch {
	return &batch{
		tx:       tx,
		products: map[string]ProductRecord{},
		variants: map[retail.SKU]VariantRecord{},
		owners:   map[retail.GTIN]retail.SKU{},
		known:    map[string]bool{},
	}
}

// change is what one put does to a product. Before and After are all variants
// that the product has afterwards, sorted by SKU; of one that is new, Before is
// the zero value.
type change struct {
	product            ProductRecord
	outcome            catalog.Outcome
	before, after      []VariantRecord
	assigned, released []catalog.BarcodeOfSKU
	terms              []catalog.Term // to be made
}

// put plans the put of one product and, unless the batch is a dry run, does it.
func (b *batch) put(p *catalog.Product) (catalog.PutProductOut, error) {
	product, err := productOf(p)
	if err != nil {
		return catalog.PutProductOut{}, err
	}
	named, err := variantsOf(p, &product)
	if err != nil {
		return catalog.PutProductOut{}, err
	}
	c := change{product: product}
	if err = b.references(&c); err != nil {
		return catalog.PutProductOut{}, err
	}
	old, exists := b.product(p.ID)
	if err = b.merge(&c, &old, named); err != nil {
		return catalog.PutProductOut{}, err
	}
	return b.finish(&c, &old, exists)
}

// finish decides what a change amounts to and carries it out.
func (b *batch) finish(c *change, old *ProductRecord, exists bool) (catalog.PutProductOut, error) {
	if err := b.barcodes(c); err != nil {
		return catalog.PutProductOut{}, err
	}
	c.product.Changed = old.Changed
	switch {
	case !exists:
		c.outcome = catalog.Created
	case !sameProduct(&c.product, old) || !slices.EqualFunc(c.before, c.after, equalVariants):
		c.outcome = catalog.Changed
	default:
		c.outcome = catalog.Unchanged
	}
	if c.outcome != catalog.Unchanged {
		c.product.Changed = b.tx.Now()
		b.remember(c)
		if err := b.write(c); err != nil {
			return catalog.PutProductOut{}, err
		}
	}
	return catalog.PutProductOut{Outcome: c.outcome, Product: wire(&c.product, c.after)}, nil
}

func equalVariants(a, b VariantRecord) bool { return sameVariant(&a, &b) }

func (b *batch) product(id string) (ProductRecord, bool) {
	if p, ok := b.products[id]; ok {
		return p, true
	}
	return products.Get(b.tx, productKey(id))
}

// load reads variants; of one that does not exist the SKU is empty.
func (b *batch) load(skus []retail.SKU) []VariantRecord {
	list, _ := variants.GetMany(b.tx, keys(skus))
	for i, sku := range skus {
		if v, ok := b.variants[sku]; ok {
			list[i] = v
		}
	}
	return list
}

// owner is the SKU that a barcode resolves to, "" if it does not.
func (b *batch) owner(code retail.GTIN) retail.SKU {
	if sku, ok := b.owners[code]; ok {
		return sku
	}
	v, _ := variants.Find(b.tx, "code", sdk.K(code))
	return v.SKU
}

// references checks that nothing that a product refers to is missing.
func (b *batch) references(c *change) error {
	p := &c.product
	for i, v := range p.VAT {
		key := "vat/" + string(v.Class)
		if !b.known[key] {
			if _, ok := classes.Get(b.tx, sdk.K(v.Class)); !ok {
				return missing(at("vat", i, "class"), "vat_class", string(v.Class))
			}
			b.known[key] = true
		}
	}
	for _, t := range [...]catalog.Term{
		{Kind: catalog.Brand, ID: p.Brand}, {Kind: catalog.Line, ID: p.Line}, {Kind: catalog.Season, ID: p.Season},
		{Kind: catalog.Supplier, ID: p.Supplier}, {Kind: catalog.Category, ID: p.Category},
	} {
		if err := b.term(c, t); err != nil {
			return err
		}
	}
	return nil
}

func (b *batch) term(c *change, t catalog.Term) error {
	key := string(t.Kind) + "/" + t.ID
	if t.ID == "" || b.known[key] {
		return nil
	}
	if _, ok := terms.Get(b.tx, termKey(t.Kind, t.ID)); !ok {
		if !b.createTerms || !assortment.Label(t.ID, 64) {
			return missing("/"+string(t.Kind), string(t.Kind), t.ID)
		}
		t.Name = t.ID
		c.terms = append(c.terms, t)
		return nil
	}
	b.known[key] = true
	return nil
}

// missing is a reference to what does not exist.
func missing(pointer, reason, id string) error {
	e := sdk.NotFound(reason, "no "+reason+" "+id)
	e.Pointer, e.Fields = pointer, []sdk.Field{sdk.Text("id", id)}
	return e
}

// merge puts the named variants among those that the product has. SKUs stay
// with their product for ever.
func (b *batch) merge(c *change, old *ProductRecord, named []VariantRecord) error {
	skus := slices.Clone(old.SKUs)
	for _, v := range named {
		skus = append(skus, v.SKU)
	}
	slices.Sort(skus)
	skus = slices.Compact(skus)
	if len(skus) == 0 || len(skus) > mostVariants {
		return sdk.Invalid("/variants", "variants", "a product has 1 to 1,000 variants")
	}
	c.product.SKUs = skus
	c.before = b.load(skus)
	c.after = slices.Clone(c.before)
	for i, v := range named {
		j, _ := slices.BinarySearch(skus, v.SKU)
		if owner := c.before[j].Product; owner != "" && owner != c.product.ID {
			e := sdk.Fail(sdk.CodeConflict, "sku", "SKU "+string(v.SKU)+" belongs to product "+owner)
			e.Pointer, e.Fields = at("variants", i, "sku"), []sdk.Field{sdk.Text("product", owner)}
			return e
		}
		c.after[j] = v
	}
	if c.product.Status == catalog.Archived {
		retire(c.after)
	}
	return nil
}

// retire archives variants.
func retire(list []VariantRecord) {
	for i := range list {
		list[i].Status, list[i].Codes = catalog.Archived, nil
	}
}

// barcodes finds which codes come and go, and refuses those of other SKUs.
func (b *batch) barcodes(c *change) error {
	mine := map[retail.GTIN]retail.SKU{}
	for i, v := range c.after {
		for _, code := range v.Codes {
			owner, twice := mine[code]
			if !twice && !slices.Contains(c.before[i].Codes, code) {
				c.assigned = append(c.assigned, catalog.BarcodeOfSKU{GTIN: code, SKU: v.SKU})
				owner = b.owner(code)
			}
			if _, sibling := slices.BinarySearch(c.product.SKUs, owner); twice || owner != "" && !sibling {
				return taken(v.SKU, owner, code)
			}
			mine[code] = v.SKU
		}
		for _, code := range c.before[i].Codes {
			if !slices.Contains(v.Codes, code) {
				c.released = append(c.released, catalog.BarcodeOfSKU{GTIN: code, SKU: v.SKU})
			}
		}
	}
	return nil
}

// taken is a barcode that two SKUs would have, or one twice.
func taken(sku, owner retail.SKU, code retail.GTIN) error {
	e := sdk.Fail(sdk.CodeConflict, "barcode", "barcode "+string(code)+" of SKU "+string(sku)+" belongs to SKU "+string(owner))
	e.Pointer, e.Fields = "/variants", []sdk.Field{sdk.Text("gtin", code), sdk.Text("sku", owner)}
	return e
}

// remember makes a change visible to the rest of the batch.
func (b *batch) remember(c *change) {
	b.products[c.product.ID] = c.product
	for _, v := range c.after {
		b.variants[v.SKU] = v
	}
	for _, r := range c.released {
		b.owners[r.GTIN] = ""
	}
	for _, a := range c.assigned {
		b.owners[a.GTIN] = a.SKU
	}
	for _, t := range c.terms {
		b.known[string(t.Kind)+"/"+t.ID] = true
	}
}

// write stores a change and tells about it.
func (b *batch) write(c *change) error {
	if b.dry {
		return nil
	}
	for _, t := range c.terms {
		if err := terms.Put(b.tx, t); err != nil {
			return err
		}
	}
	if err := products.Put(b.tx, c.product); err != nil {
		return err
	}
	if err := b.handOver(c); err != nil {
		return err
	}
	for i, v := range c.after {
		if !sameVariant(&v, &c.before[i]) {
			if err := variants.Put(b.tx, v); err != nil {
				return err
			}
		}
	}
	return catalog.ProductChanged.Emit(b.tx, catalog.ProductChange{
		Product: wire(&c.product, c.after), Created: c.outcome == catalog.Created,
		Assigned: c.assigned, Released: c.released,
	})
}

// handOver frees the codes that go from one variant of the product to another,
// because a unique index holds between any two writes.
func (b *batch) handOver(c *change) error {
	for i, v := range c.before {
		moves := func(code retail.GTIN) bool {
			return slices.ContainsFunc(c.assigned, func(a catalog.BarcodeOfSKU) bool { return a.GTIN == code })
		}
		if slices.ContainsFunc(v.Codes, moves) {
			interim := c.after[i]
			interim.Codes = slices.DeleteFunc(slices.Clone(v.Codes), moves)
			if err := variants.Put(b.tx, interim); err != nil {
				return err
			}
		}
	}
	return nil
}
