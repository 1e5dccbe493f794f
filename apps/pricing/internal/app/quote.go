package app

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/pricing/internal/price"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// basket is a quote in the making.
type basket struct {
	in     pricing.QuoteIn
	at     retail.Instant
	store  *catalog.Store
	scope  scope
	skus   []retail.SKU   // each once, in the order of the lines
	of     []int          // per line: its SKU's place in skus
	items  []catalog.Item // per SKU
	prices []listed       // per SKU; empty where all lines have a price by hand
}

func quote(v *sdk.View, in pricing.QuoteIn) (out pricing.QuoteOut, err error) {
	if err = checkQuote(in); err != nil {
		return out, err
	}
	b := basket{in: in, at: cmp.Or(in.At, v.Now())}
	if err = b.goods(v); err != nil {
		return out, err
	}
	if err = b.price(v); err != nil {
		return out, err
	}
	rules := settings.Get(v)
	engine, err := price.New(policyOf(&rules), b.place(), b.lines(), nil)
	if errors.Is(err, price.ErrAmount) {
		return out, sdk.Fail(sdk.CodeTooLarge, "amount", "The basket's total is beyond what a document can hold.")
	} else if err != nil {
		return out, err
	}
	var works []price.Rule
	for r := range live.Scan(v, sdk.Scan{}) {
		if r.To == 0 {
			works = append(works, ruleOf(&r.Promotion))
		}
	}
	engine.Promote(works)
	notes, err := b.propose(v, engine)
	if err != nil {
		return out, err
	}
	return b.answer(engine.Result(), notes), nil
}

func checkQuote(in pricing.QuoteIn) error {
	if len(in.Lines) == 0 {
		return sdk.Invalid("/lines", "lines", "A basket has at least one line.")
	}
	if len(in.Lines) > pricing.MaxLines {
		return sdk.Fail(sdk.CodeTooLarge, "lines", "A basket has at most 400 lines.")
	}
	seen := make(map[string]bool, len(in.Lines))
	for i, l := range in.Lines {
		at := pointer("/lines", i)
		id := lineID(l, i)
		switch {
		case seen[id]:
			return sdk.Invalid(at+"/id", "line_id", "Two lines have the same id.")
		case l.Quantity <= 0 || l.Quantity > maxQuantity:
			return sdk.Invalid(at+"/quantity", "quantity", "A quantity is above zero and at most 1,000,000,000.")
		case l.PriceOverride != nil && (*l.PriceOverride < 0 || *l.PriceOverride > maxPrice):
			return sdk.Invalid(at+"/price_override", "price_override", "A price is not below zero and at most 10,000,000,000.00.")
		}
		seen[id] = true
	}
	return nil
}

// maxQuantity keeps quantities printable; products are checked for overflow.
const maxQuantity = 1_000_000_000

// lineID is the caller's id of a line, or its place.
func lineID(l pricing.QuoteLine, i int) string {
	if l.ID != "" {
		return l.ID
	}
	return strconv.Itoa(i + 1)
}

// goods asks the catalog for the store and all SKUs, each once, in one call.
func (b *basket) goods(v *sdk.View) error {
	place := make(map[retail.SKU]int, len(b.in.Lines))
	var first []int // line where a SKU stands first
	b.of = make([]int, len(b.in.Lines))
	for i, l := range b.in.Lines {
		at, known := place[l.SKU]
		if !known {
			at = len(b.skus)
			place[l.SKU] = at
			b.skus, first = append(b.skus, l.SKU), append(first, i)
		}
		b.of[i] = at
	}
	out, err := catalog.Products.Call(v, catalog.ProductsIn{SKUs: b.skus, Store: b.in.Store, At: b.at})
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
func (b *basket) price(v *sdk.View) error {
	b.scope = scope{
		store: b.in.Store, channel: channelOf(b.in.Channel, b.store), groups: b.in.CustomerGroups,
		currency: b.store.Currency, at: b.at,
	}
	quantities, first := make([]retail.Quantity, len(b.skus)), make([]int, len(b.skus))
	for i := len(b.in.Lines) - 1; i >= 0; i-- {
		if l := b.in.Lines[i]; l.PriceOverride == nil {
			quantities[b.of[i]] += l.Quantity
			first[b.of[i]] = i
		} else if b.items[b.of[i]].Kind == catalog.GiftCard {
			return sdk.Invalid(pointer("/lines", i)+"/price_override", "price_override", "A gift card costs what it holds.")
		}
	}
	var want []wanted
	var of []int
	for i, sku := range b.skus {
		if quantities[i] > 0 {
			want, of = append(want, wanted{sku: sku, quantity: quantities[i]}), append(of, i)
		}
	}
	found, missing := look(v, eligible(v, b.scope), want)
	if missing >= 0 {
		return noPrice(want[missing].sku, pointer("/lines", first[of[missing]])+"/sku")
	}
	b.prices = make([]listed, len(b.skus))
	for i, f := range found {
		b.prices[of[i]] = f
	}
	return nil
}

func (b *basket) place() price.Place {
	return price.Place{
		Store: b.in.Store, Channel: b.scope.channel, Customer: b.in.Customer, Groups: b.in.CustomerGroups, At: b.at,
	}
}

func (b *basket) lines() []price.Line {
	lines := make([]price.Line, len(b.in.Lines))
	for i, l := range b.in.Lines {
		item := &b.items[b.of[i]]
		lines[i] = price.Line{
			SKU: l.SKU, Quantity: l.Quantity, Unit: b.prices[b.of[i]].amount, Per: item.Unit.Per(), VAT: item.VATRate,
			Stored: item.Kind == catalog.GiftCard,
			Goods: price.Goods{
				Brand: item.Brand, Line: item.Line, Season: item.Season, Supplier: item.Supplier, Category: item.Category, Tags: item.Tags,
			},
		}
		if l.PriceOverride != nil {
			lines[i].Unit, lines[i].Manual = *l.PriceOverride, true
		}
	}
	return lines
}

// propose asks the fillers of the discount slot and takes what they propose,
// filler by filler. It notes what it could not take.
func (b *basket) propose(v *sdk.View, engine *price.Basket) (notes []pricing.NotApplied, err error) {
	open := engine.Groups()
	if len(open) == 0 {
		return nil, nil
	}
	answers, err := pricing.Discount.Each(v, b.offer(open))
	if err != nil {
		return nil, err
	}
	for _, a := range answers {
		if reason := take(engine, a, len(open)); reason != "" {
			notes = append(notes, pricing.NotApplied{Filler: a.Filler, Reason: reason})
		}
	}
	return notes, nil
}

// take takes what one filler proposes for so many open lines. It says why if
// there was anything that it could not take, or nothing at all. What a filler
// may say is bounded, or it could make a quote too long to be answered and a
// receipt too long to be written.
func take(engine *price.Basket, a sdk.Filled[pricing.DiscountOut], open int) pricing.Reason {
	if a.Err != nil {
		return pricing.FillerFailed
	}
	proposed := a.Out.Offs[:min(len(a.Out.Offs), open)]
	refused, took := engine.Propose(a.Filler, offs(proposed))
	switch {
	case len(refused) > 0 || len(a.Out.Offs) > open || len(a.Out.Skipped) > maxID:
		return pricing.FillerRefused
	case len(proposed) > 0 && !took:
		return pricing.NothingLeft
	}
	return pricing.Reason(a.Out.Skipped)
}

// offer is what fillers see.
func (b *basket) offer(open []price.Open) pricing.DiscountIn {
	in := pricing.DiscountIn{
		Store:   pricing.DiscountStore{ID: b.store.ID, Zone: b.store.Zone},
		Channel: b.scope.channel, Customer: b.in.Customer, CustomerGroups: b.in.CustomerGroups,
		Currency: b.store.Currency, At: b.at,
	}
	for _, g := range open {
		i := slices.Index(b.skus, g.Line.SKU)
		in.Lines = append(in.Lines, pricing.DiscountLine{
			ID: int64(g.Group), SKU: g.Line.SKU, Quantity: g.Line.Quantity,
			UnitPrice: g.Line.Unit, Per: g.Line.Per, Left: g.Left, Product: goods(&b.items[i]),
		})
	}
	return in
}

// offs are proposals as the engine wants them. One that names both a percentage
// and an amount, or neither, names no group: the engine refuses it.
func offs(proposed []pricing.DiscountOff) []price.Off {
	offs := make([]price.Off, len(proposed))
	for i, o := range proposed {
		offs[i] = price.Off{Group: int(o.Line), Percent: o.Percent, Amount: o.Amount, Reason: o.Reason}
		if (o.Percent > 0) == (o.Amount > 0) || len(o.Reason) > maxID {
			offs[i].Group = -1
		}
	}
	return offs
}
