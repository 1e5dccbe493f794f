package app

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/stock"
	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// closeSale is the sale: one transaction over pricing (and catalog), stock and
// the till, in four hops: pricing.hold, its catalog.products, stock.sell, and
// one for each tender that is another app's, and for the gift cards that it sells. What a
// promotion, coupon or budget gives is used up with it, or nothing is.
func closeSale(tx *sdk.Tx, in till.CloseIn) (till.Receipt, error) {
	set := settings.Get(tx)
	s, err := beginSale(tx, &set, &in, 0)
	if err != nil {
		return till.Receipt{}, err
	}
	if err := s.finish(tx, &set, &in); err != nil {
		return till.Receipt{}, err
	}
	if err := write(tx, s.r, till.Closed); err != nil {
		return till.Receipt{}, err
	}
	return s.r, fiscalise(tx, &set, &s.r, in.Lottery)
}

// selling is a sale that is priced and not yet paid.
type selling struct {
	b till.Basket
	r till.Receipt
}

// beginSale heads and prices a sale, which will be so many documents behind the next of its
// till.
func beginSale(tx *sdk.Tx, set *Settings, in *till.CloseIn, behind int64) (s selling, err error) {
	if s.b, err = goods(tx, set, in); err != nil {
		return s, err
	}
	state, err := ready(tx, set, &s.b)
	if err != nil {
		return s, err
	}
	q, err := priced(tx, &s.b, in, state.idOf(behind))
	if err != nil {
		return s, err
	}
	if s.r, err = state.head(tx, till.Sale, &s.b, q.Store, behind); err != nil {
		return s, err
	}
	fill(&s.r, &s.b, &q)
	s.r.TaxCode = in.TaxCode
	return s, nil
}

// finish takes the deposits and tenders of a sale, puts value on its gift cards and moves its goods.
func (s *selling) finish(tx *sdk.Tx, set *Settings, in *till.CloseIn) error {
	reservations, err := useDeposits(tx, &s.r, in.Deposits)
	if err != nil {
		return err
	}
	if err := takeTenders(tx, set, &s.r, in.Tenders); err != nil {
		return err
	}
	if err := fiscal(&s.r, in); err != nil {
		return err
	}
	if err := putValue(tx, &s.r, s.b.Lines); err != nil {
		return err
	}
	if err := sell(tx, &s.r, slices.Concat(in.Reservations, reservations)); err != nil {
		return err
	}
	if in.Basket == "" {
		return nil
	}
	s.b.State, s.b.Receipt = till.BasketClosed, s.r.ID
	forget(&s.b)
	return baskets.Put(tx, s.b)
}

// goods is the basket to sell: one that was opened, or one made of the lines.
func goods(tx *sdk.Tx, set *Settings, in *till.CloseIn) (b till.Basket, err error) {
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
			Customer: in.Customer, CustomerGroups: in.CustomerGroups, Tier: in.Tier, PastOrders: in.PastOrders,
			Codes: in.Codes, Lines: in.Lines,
		}
		approvals(b.Lines, nil)
	}
	if err := identity(b.Store, b.Till, b.Cashier); err != nil {
		return b, err
	}
	if len(b.Lines) == 0 {
		return b, sdk.Invalid("/lines", "lines", "There is nothing to sell.")
	}
	if err := checkCodes(b.Codes); err != nil {
		return b, err
	}
	if err := checkLines(b.Lines); err != nil || in.Basket != "" {
		return b, err
	}
	return b, alone(tx, &b, set)
}

// priced prices the basket for a document and uses up what the price depends on.
func priced(tx *sdk.Tx, b *till.Basket, in *till.CloseIn, document string) (pricing.QuoteOut, error) {
	q := quoteOf(b)
	q.Token = in.Token
	out, err := pricing.HoldBasket.Call(tx, pricing.HoldIn{ID: document, Basket: q, Sale: true, Expect: in.ExpectedTotal})
	var e *sdk.Error
	if !errors.As(err, &e) {
		return out.Quote, err
	}
	own := *e
	if own.Pointer = strings.TrimPrefix(e.Pointer, "/basket"); own.Pointer == "/expect" {
		own.Pointer = "/expected_total"
	}
	return pricing.QuoteOut{}, &own
}

// fill copies the quote into the document: from here on nothing is priced.
func fill(r *till.Receipt, b *till.Basket, q *pricing.QuoteOut) {
	r.Channel, r.Currency = q.Channel, q.Currency
	r.List, r.Discount, r.Total, r.VAT = q.List, q.Discount, q.Total, q.VAT
	r.Applied, r.NotApplied, r.Grants, r.Generation = q.Applied, q.NotApplied, q.Grants, q.Generation
	r.Lines = make([]till.ReceiptLine, 0, len(q.Lines)+len(q.Added))
	for i, l := range slices.Concat(q.Lines, q.Added) { // what promotions add stands last
		r.Lines = append(r.Lines, till.ReceiptLine{
			ID: strconv.Itoa(i + 1), SKU: l.SKU, Quantity: l.Quantity,
			UnitPrice: l.UnitPrice, Per: l.Per, PriceList: l.PriceList,
			List: l.List, Discount: l.Discount, Total: l.Total,
			UnitShares: l.UnitShares, Applied: l.Applied, Goods: l.Goods, Added: i >= len(q.Lines),
		})
		if i < len(b.Lines) {
			r.Lines[i].OverrideReason, r.Lines[i].ApprovedBy = b.Lines[i].OverrideReason, b.Lines[i].ApprovedBy
		}
	}
}

// sell moves the goods out of the store, first what was put aside for the customer. What
// is no goods does not move.
func sell(tx *sdk.Tx, r *till.Receipt, reservations []string) error {
	var lines []stock.Line
	for _, l := range r.Lines {
		if l.Goods.Kind == catalog.Goods {
			lines = append(lines, stock.Line{SKU: l.SKU, Quantity: l.Quantity})
		}
	}
	if len(lines) == 0 {
		return nil
	}
	_, err := stock.Sell.Call(tx, stock.SellIn{Store: r.Store, Document: r.ID, Lines: lines, Reservations: reservations, At: happened(r)})
	return err
}

// happened is when the goods of a document moved, if not now.
func happened(r *till.Receipt) retail.Instant {
	if r.Offline == nil {
		return 0
	}
	return r.At
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

// below puts the pointers of an error below another one.
func below(err error, at string) error {
	var e *sdk.Error
	if !errors.As(err, &e) {
		return err
	}
	own := *e
	own.Pointer = at + e.Pointer
	return &own
}
