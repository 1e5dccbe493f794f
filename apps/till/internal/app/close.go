package app

import (
	"errors"
	"strconv"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/stock"
	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// closeSale is the sale: one transaction over pricing (and catalog), stock and
// the till, in four hops: pricing.quote, its catalog.products, stock.sell, and
// one for each tender that is another app's.
func closeSale(tx *sdk.Tx, in till.CloseIn) (till.Receipt, error) {
	b, err := goods(tx, in)
	if err != nil {
		return till.Receipt{}, err
	}
	q, err := pricing.Quote.Call(tx, quoteOf(&b))
	if err != nil {
		return till.Receipt{}, err
	}
	if err := expected(in.ExpectedTotal, q.Total); err != nil {
		return till.Receipt{}, err
	}
	r, err := begin(tx, till.Sale, &b, q.Store)
	if err != nil {
		return till.Receipt{}, err
	}
	fill(&r, &b, &q)
	if err := takeTenders(tx, &r, in.Tenders); err != nil {
		return till.Receipt{}, err
	}
	if err := sell(tx, &r); err != nil {
		return till.Receipt{}, err
	}
	if in.Basket != "" {
		b.State, b.Receipt = till.BasketClosed, r.ID
		if err := baskets.Put(tx, b); err != nil {
			return till.Receipt{}, err
		}
	}
	return r, write(tx, r, till.Closed)
}

// goods is the basket to sell: one that was opened, or one made of the lines.
func goods(tx *sdk.Tx, in till.CloseIn) (b till.Basket, err error) {
	if in.Basket != "" {
		if len(in.Lines) > 0 {
			return b, sdk.Invalid("/lines", "lines", "Lines belong to the basket: set them there.")
		}
		if b, err = openBasket(tx, in.Basket); err != nil {
			return b, err
		}
		if in.Cashier != "" {
			b.Cashier = in.Cashier
		}
	} else {
		b = till.Basket{
			Store: in.Store, Till: in.Till, Cashier: in.Cashier, Channel: in.Channel,
			Customer: in.Customer, CustomerGroups: in.CustomerGroups, Lines: in.Lines,
		}
	}
	if err := identity(b.Store, b.Till, b.Cashier); err != nil {
		return b, err
	}
	if len(b.Lines) == 0 {
		return b, sdk.Invalid("/lines", "lines", "There is nothing to sell.")
	}
	return b, checkLines(b.Lines, "/lines")
}

// expected compares the total with what the customer was told.
func expected(told *retail.Money, total retail.Money) error {
	if told == nil || *told == total {
		return nil
	}
	return &sdk.Error{
		Code: sdk.CodeConflict, Reason: "quote_changed", Pointer: "/expected_total",
		Message: "The total has changed since the quote.",
		Fields:  []sdk.Field{sdk.Int("expected", *told), sdk.Int("total", total)},
	}
}

// fill copies the quote into the document: from here on nothing is priced.
func fill(r *till.Receipt, b *till.Basket, q *pricing.QuoteOut) {
	r.Channel, r.Currency = q.Channel, q.Currency
	r.List, r.Discount, r.Total, r.VAT = q.List, q.Discount, q.Total, q.VAT
	r.Applied, r.NotApplied = q.Applied, q.NotApplied
	r.Lines = make([]till.ReceiptLine, len(q.Lines))
	for i, l := range q.Lines {
		r.Lines[i] = till.ReceiptLine{
			ID: strconv.Itoa(i + 1), SKU: l.SKU, Quantity: l.Quantity,
			UnitPrice: l.UnitPrice, Per: l.Per, PriceList: l.PriceList,
			List: l.List, Discount: l.Discount, Total: l.Total,
			UnitShares: l.UnitShares, Applied: l.Applied, Goods: l.Goods,
			OverrideReason: b.Lines[i].OverrideReason,
		}
	}
}

// sell moves the goods out of the store. What is no goods does not move.
func sell(tx *sdk.Tx, r *till.Receipt) error {
	var lines []stock.Line
	for _, l := range r.Lines {
		if l.Goods.Kind == catalog.Goods {
			lines = append(lines, stock.Line{SKU: l.SKU, Quantity: l.Quantity})
		}
	}
	if len(lines) == 0 {
		return nil
	}
	_, err := stock.Sell.Call(tx, stock.SellIn{Store: r.Store, Document: r.ID, Lines: lines})
	return err
}

// moved turns a pointer into another operation's input into one of ours.
func moved(err error, from, to string) error {
	var e *sdk.Error
	if !errors.As(err, &e) || e.Pointer != from {
		return err
	}
	own := *e
	own.Pointer = to
	return &own
}
