package app

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/pricing/internal/price"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/code"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// The bounds of a basket.
const (
	// maxQuantity keeps quantities printable; products are checked for overflow.
	maxQuantity = 1_000_000_000
	maxShipping = 20
	maxGroups   = 100 // that a customer belongs to
)

func checkQuote(in *pricing.QuoteIn) error {
	switch {
	case len(in.Lines) == 0:
		return sdk.Invalid("/lines", "lines", "A basket has at least one line.")
	case len(in.Lines) > pricing.MaxLines:
		return sdk.Fail(sdk.CodeTooLarge, "lines", "A basket has at most 400 lines.")
	case len(in.Codes) > pricing.MaxCodes:
		return sdk.Invalid("/codes", "codes", "A basket has at most 20 codes.")
	case slices.ContainsFunc(in.Codes, func(c string) bool { return len(c) > code.MaxLength }):
		return sdk.Invalid("/codes", "codes", "A code has at most 128 bytes.")
	case len(in.CustomerGroups) > maxGroups:
		return sdk.Invalid("/customer_groups", "customer_groups", "A customer belongs to at most 100 groups.")
	case len(in.Shipping) > maxShipping:
		return sdk.Invalid("/shipping", "shipping", "A basket has at most 20 ways of delivery.")
	}
	for i, s := range in.Shipping {
		if s.Amount < 0 || s.Amount > maxPrice || s.VATRate < 0 || s.VATRate > 10_000 {
			return sdk.Invalid(pointer("/shipping", i), "shipping", "Delivery costs 0 to 10,000,000,000.00, with VAT of 0 to 100 %.")
		}
	}
	return checkLines(in.Lines)
}

func checkLines(lines []pricing.QuoteLine) error {
	seen := newFinder[string](len(lines))
	for i := range lines {
		l := &lines[i]
		switch at := seen.find(lineID(l, i)); {
		case at != i:
			return sdk.Invalid(pointer("/lines", i)+"/id", "line_id", "Two lines have the same id.")
		case l.Quantity <= 0 || l.Quantity > maxQuantity:
			return sdk.Invalid(pointer("/lines", i)+"/quantity", "quantity", "A quantity is above zero and at most 1,000,000,000.")
		case l.PriceOverride != nil && (*l.PriceOverride < 0 || *l.PriceOverride > maxPrice):
			return sdk.Invalid(pointer("/lines", i)+"/price_override", "price_override", "A price is not below zero and at most 10,000,000,000.00.")
		}
	}
	return nil
}

// finder numbers texts as they come up, equal ones alike. A few are compared one by
// one: a table would cost more than it saves.
type finder[S ~string] struct {
	known []S
	table map[S]int // nil for few
}

func newFinder[S ~string](most int) finder[S] {
	f := finder[S]{known: make([]S, 0, most)}
	if most > 32 {
		f.table = make(map[S]int, most)
	}
	return f
}

// find is the number of a text, a new one if it did not come up before.
func (f *finder[S]) find(text S) int {
	if f.table == nil {
		if at := slices.Index(f.known, text); at >= 0 {
			return at
		}
	} else if at, is := f.table[text]; is {
		return at
	} else {
		f.table[text] = len(f.known)
	}
	f.known = append(f.known, text)
	return len(f.known) - 1
}

// lineID is the caller's id of a line, or its place.
func lineID(l *pricing.QuoteLine, i int) string {
	if l.ID != "" {
		return l.ID
	}
	return strconv.Itoa(i + 1)
}

// goods asks the catalog for the store and all SKUs, each once, in one call.
func (b *basket) goods(r sdk.Reader) error {
	skus := newFinder[retail.SKU](len(b.in.Lines))
	first := make([]int, 0, len(b.in.Lines)) // line where a SKU stands first
	b.of = make([]int, len(b.in.Lines))
	for i := range b.in.Lines {
		if b.of[i] = skus.find(b.in.Lines[i].SKU); b.of[i] == len(first) {
			first = append(first, i)
		}
	}
	b.skus = skus.known
	out, err := catalog.Products.Call(r, catalog.ProductsIn{SKUs: b.skus, Store: b.in.Store, At: b.at})
	if err != nil {
		return relocate(err, first)
	}
	if out.Store == nil {
		return noStore()
	}
	b.items, b.store = out.Items, out.Store
	return nil
}

// relocate turns the catalog's pointer to a SKU into one to a line.
func relocate(err error, lines []int) error {
	var e *sdk.Error
	if !errors.As(err, &e) || !strings.HasPrefix(e.Pointer, "/skus/") {
		return err
	}
	i, bad := strconv.Atoi(e.Pointer[len("/skus/"):])
	if bad != nil || i < 0 || i >= len(lines) {
		return err
	}
	moved := *e
	moved.Pointer = pointer("/lines", lines[i]) + "/sku"
	return &moved
}

// price looks up the list price of every SKU that has a line without a price
// set by hand. Quantity breaks count all such lines.
func (b *basket) price(r sdk.Reader) error {
	b.scope = scopeOf(&b.in, b.store, b.at, &b.rules)
	quantities, first := make([]retail.Quantity, len(b.skus)), make([]int, len(b.skus))
	for i := len(b.in.Lines) - 1; i >= 0; i-- {
		if l := &b.in.Lines[i]; l.PriceOverride == nil {
			quantities[b.of[i]] += l.Quantity
			first[b.of[i]] = i
		} else if b.items[b.of[i]].Kind == catalog.GiftCard {
			return sdk.Invalid(pointer("/lines", i)+"/price_override", "price_override", "A gift card costs what it holds.")
		}
	}
	want, of := make([]wanted, 0, len(b.skus)), make([]int, 0, len(b.skus))
	for i, sku := range b.skus {
		if quantities[i] > 0 {
			want, of = append(want, wanted{sku: sku, quantity: quantities[i], rate: b.items[i].VATRate}), append(of, i)
		}
	}
	found, missing := look(r, &b.scope, want)
	if missing >= 0 {
		return noPrice(want[missing].sku, pointer("/lines", first[of[missing]])+"/sku")
	}
	b.place.Net = level(found, want)
	b.prices = make([]listed, len(b.skus))
	for i, f := range found {
		b.prices[of[i]] = f
	}
	return nil
}

// priced are the lines as the engine wants them.
func (b *basket) priced() []price.Line {
	lines := make([]price.Line, len(b.in.Lines))
	for i := range lines {
		asked, item := &b.in.Lines[i], &b.items[b.of[i]]
		lines[i] = lineOf(item, asked.Quantity, b.prices[b.of[i]].amount)
		if asked.PriceOverride != nil {
			lines[i].Unit, lines[i].Manual = *asked.PriceOverride, true
		}
	}
	return lines
}

// lineOf is goods as the engine wants them.
func lineOf(item *catalog.Item, quantity retail.Quantity, unit retail.Money) price.Line {
	return price.Line{
		SKU: item.SKU, Quantity: quantity, Unit: unit, Per: item.Unit.Per(), VAT: item.VATRate,
		Stored: item.Kind == catalog.GiftCard,
		Goods: price.Goods{
			Product: item.Product, Brand: item.Brand, Line: item.Line, Season: item.Season, Supplier: item.Supplier,
			Category: item.Category, Tags: item.Tags, Size: item.Size, Colour: item.Colour, Attributes: attributesOf(item.Attributes),
		},
	}
}
