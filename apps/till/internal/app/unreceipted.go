package app

import (
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

// returnUnreceipted takes goods back that nobody can show a receipt of, for a return
// voucher. Pricing says what they cost at least, and what that is in VAT.
func returnUnreceipted(tx *sdk.Tx, in till.UnreceiptedIn) (till.Receipt, error) {
	set := settings.Get(tx)
	if err := checkUnreceipted(tx, &set, &in); err != nil {
		return till.Receipt{}, err
	}
	b := till.Basket{Store: in.Store, Till: in.Till, Cashier: in.Cashier, Customer: in.Customer}
	state, err := ready(tx, &set, &b)
	if err != nil {
		return till.Receipt{}, err
	}
	if b.Lines, err = lowest(tx, &in); err != nil {
		return till.Receipt{}, err
	}
	q, err := pricing.Quote.Call(tx, quoteOf(&b))
	if err != nil {
		return till.Receipt{}, err
	}
	r, err := state.head(tx, till.Refund, &b, q.Store, 0)
	if err != nil {
		return till.Receipt{}, err
	}
	r.Reason = in.Reason
	fill(&r, &b, &q)
	turn(&r)
	taken, err := giveBack(tx, &set, &r, giving{kind: till.ReturnVoucher, reference: in.Reference, amount: -r.Total})
	if err != nil {
		return till.Receipt{}, moved(atTender(err, 0), tender(0)+"/amount", "/reference")
	}
	r.Tenders = []till.Taken{taken}
	if err := restockUnreceipted(tx, &r, in.Lines); err != nil {
		return till.Receipt{}, err
	}
	if err := write(tx, r, till.Returned); err != nil {
		return till.Receipt{}, err
	}
	return r, fiscalise(tx, &set, &r, "")
}

func checkUnreceipted(tx *sdk.Tx, set *Settings, in *till.UnreceiptedIn) error {
	if err := identity(in.Store, in.Till, in.Cashier); err != nil {
		return err
	}
	switch {
	case !set.Unreceipted:
		return sdk.FailedPrecondition("unreceipted", "Goods come back with a receipt: the settings say so.")
	case !slices.Contains(till.Tender.Keys(tx), till.ReturnVoucher):
		return sdk.FailedPrecondition("no_return_voucher", "No app has return vouchers, and nothing else is given without a receipt.")
	case strings.TrimSpace(in.Reason) == "" || len(in.Reason) > 200:
		return sdk.Invalid("/reason", "reason", "Say why, in at most 200 characters.")
	case len(in.Lines) == 0 || len(in.Lines) > till.MaxLines:
		return sdk.Invalid("/lines", "lines", "A return names at least one line, and at most 400.")
	}
	for i, l := range in.Lines {
		if l.Quantity <= 0 || l.Quantity > maxQuantity {
			return sdk.Invalid(line(i)+"/quantity", "quantity", "A quantity is above zero.")
		}
		if l.SKU == "" || slices.ContainsFunc(in.Lines[:i], func(o till.UnreceiptedLine) bool { return o.SKU == l.SKU }) {
			return sdk.Invalid(line(i)+"/sku", "sku", "Each SKU stands once.")
		}
	}
	return nil
}

// lowest is the goods at the lowest price that they had here in the last days.
func lowest(tx *sdk.Tx, in *till.UnreceiptedIn) ([]till.Line, error) {
	skus := make([]retail.SKU, len(in.Lines))
	for i, l := range in.Lines {
		skus[i] = l.SKU
	}
	out, err := pricing.LowestPrice.Call(tx, pricing.LowestIn{Store: in.Store, SKUs: skus, At: tx.Now()})
	if err != nil {
		for i := range skus {
			err = moved(err, "/skus/"+strconv.Itoa(i), line(i)+"/sku")
		}
		return nil, err
	}
	lines := make([]till.Line, len(skus))
	for i, p := range out.Prices {
		if p.Amount == nil {
			return nil, &sdk.Error{Code: sdk.CodeNotFound, Reason: "no_price", Message: "This was not on sale here.", Pointer: line(i) + "/sku"}
		}
		lines[i] = till.Line{SKU: p.SKU, Quantity: in.Lines[i].Quantity, PriceOverride: p.Amount, OverrideReason: "unreceipted", ApprovedBy: tx.Info().Principal}
	}
	return lines, nil
}

// turn makes a return of a document that was filled as a sale.
func turn(r *till.Receipt) {
	for i := range r.Lines {
		l := &r.Lines[i]
		l.Quantity, l.List, l.Discount, l.Total = -l.Quantity, -l.List, -l.Discount, -l.Total
		for n := range l.UnitShares {
			l.UnitShares[n].Quantity *= -1
		}
	}
	r.List, r.Discount, r.Total = -r.List, -r.Discount, -r.Total
	for i := range r.VAT {
		v := &r.VAT[i]
		v.Gross, v.Net, v.VAT = -v.Gross, -v.Net, -v.VAT
	}
	r.NotApplied, r.Grants, r.Generation = nil, nil, 0
}

// restockUnreceipted moves the goods into the store. Stored value does not come back.
func restockUnreceipted(tx *sdk.Tx, r *till.Receipt, given []till.UnreceiptedLine) error {
	var lines []stock.ReturnLine
	for i := range r.Lines {
		switch r.Lines[i].Goods.Kind {
		case catalog.GiftCard:
			return sdk.Invalid(line(i)+"/sku", "sku", "A gift card does not come back without a receipt.")
		case catalog.Goods:
			lines = append(lines, stock.ReturnLine{SKU: r.Lines[i].SKU, Quantity: given[i].Quantity, Quarantine: given[i].Quarantine})
		}
	}
	if len(lines) == 0 {
		return nil
	}
	_, err := stock.TakeBack.Call(tx, stock.TakeBackIn{Store: r.Store, Document: r.ID, Reason: stock.Return, Lines: lines})
	return err
}
