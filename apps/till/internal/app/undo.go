package app

import (
	"slices"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/stock"
	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/apps/till/internal/receipt"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// sold is a sale, of whatever store, and what was undone of it.
func sold(r sdk.Reader, id string) (till.Receipt, undo, error) {
	sale, ok := receipts.Get(r, sdk.K(id))
	if !ok {
		return sale, undo{}, noReceipt()
	}
	if sale.Kind != till.Sale && !sdk.MayStore(r, sale.Store) {
		return till.Receipt{}, undo{}, noReceipt()
	}
	if sale.Kind != till.Sale {
		return sale, undo{}, sdk.FailedPrecondition("not_a_sale", "Only a sale of this system can be returned or voided.")
	}
	done, _ := undos.Get(r, sdk.K(id))
	done.Receipt = id
	return sale, done, nil
}

func noReceipt() error {
	return &sdk.Error{Code: sdk.CodeNotFound, Reason: "receipt", Message: "There is no such receipt.", Pointer: "/receipt"}
}

// returned is how many units of a line came back.
func (u *undo) returned(line string) retail.Quantity {
	for _, l := range u.Lines {
		if l.Line == line {
			return l.Returned
		}
	}
	return 0
}

// count adds units of a line.
func (u *undo) count(line string, units retail.Quantity) {
	for i := range u.Lines {
		if u.Lines[i].Line == line {
			u.Lines[i].Returned += units
			return
		}
	}
	u.Lines = append(u.Lines, undoneLine{Line: line, Returned: units})
}

// complete says whether nothing of a sale is left with the customer.
func (u *undo) complete(sale *till.Receipt) bool {
	return !slices.ContainsFunc(sale.Lines, func(l till.ReceiptLine) bool { return u.returned(l.ID) < l.Quantity })
}

// given finds what was given back through one of the means of the sale, -1 if nothing was.
func (u *undo) given(g *giving) int {
	sale := g.sale
	if sale == u.Receipt {
		sale = ""
	}
	return slices.IndexFunc(u.Tenders, func(t refundedTender) bool {
		return t.Type == g.kind && t.Reference == g.kept && t.Sale == sale && t.Payment == g.payment
	})
}

// refunded is what was given back through one of the means of the sale.
func (u *undo) refunded(g *giving) retail.Money {
	if i := u.given(g); i >= 0 {
		return u.Tenders[i].Amount
	}
	return 0
}

// pay adds a refund.
func (u *undo) pay(g *giving) {
	u.Paid += g.amount
	if i := u.given(g); i >= 0 {
		u.Tenders[i].Amount += g.amount
		return
	}
	t := refundedTender{Type: g.kind, Reference: g.kept, Payment: g.payment, Amount: g.amount}
	if g.sale != u.Receipt {
		t.Sale = g.sale
	}
	u.Tenders = append(u.Tenders, t)
}

// back is units of one line of a sale that come back.
type back struct {
	line       *till.ReceiptLine
	units      receipt.Units
	quarantine bool
}

func takeBack(tx *sdk.Tx, in till.ReturnIn) (till.Receipt, error) {
	set := settings.Get(tx)
	u, err := beginReturn(tx, &set, &in)
	if err != nil {
		return till.Receipt{}, err
	}
	f := u.refunding(&set, &in)
	all, err := f.plan(tx)
	if err != nil {
		return till.Receipt{}, err
	}
	if err := f.payOut(tx, &set, &u.r, all); err != nil {
		return till.Receipt{}, err
	}
	f.settle(&u.r)
	return u.r, u.finish(tx, &set)
}

// returning is a return that is worked out and not yet paid.
type returning struct {
	r, sale till.Receipt
	done    undo
	backs   []back
	gift    bool // it came with a gift receipt
}

// beginReturn heads a return and says what its units are worth.
func beginReturn(tx *sdk.Tx, set *Settings, in *till.ReturnIn) (u returning, err error) {
	if err := identity(in.Store, in.Till, in.Cashier); err != nil {
		return u, err
	}
	id, gift, err := returned(tx, in)
	if err != nil {
		return u, err
	}
	if u.sale, u.done, err = sold(tx, id); err != nil {
		return u, err
	}
	if u.backs, err = comingBack(&u.sale, &u.done, in); err != nil {
		return u, err
	}
	u.gift = gift
	if u.r, err = beginUndo(tx, set, till.Refund, &u.sale, till.Basket{Store: in.Store, Till: in.Till, Cashier: in.Cashier}, in.Reason); err != nil {
		return u, err
	}
	kept, err := withholding(tx, &u.sale, &u.done, u.backs)
	if err != nil {
		return u, err
	}
	returnLines(&u.r, &u.sale, &u.done, u.backs, kept.moves)
	u.r.Withheld = kept.told(&u.sale)
	u.done.hold(kept.moves)
	return u, nil
}

// finish takes the goods of a return that is paid, and writes it.
func (u *returning) finish(tx *sdk.Tx, set *Settings) error {
	if err := takeValue(tx, &u.r); err != nil {
		return err
	}
	if err := restock(tx, &u.r, u.backs); err != nil {
		return err
	}
	for _, b := range u.backs {
		u.done.count(b.line.ID, b.units.To-b.units.From)
	}
	if err := record(tx, &u.r, u.done.complete(&u.sale)); err != nil {
		return err
	}
	u.done.Returns = append(u.done.Returns, u.r.ID)
	if err := undos.Put(tx, u.done); err != nil {
		return err
	}
	if err := write(tx, u.r, till.Returned); err != nil {
		return err
	}
	return fiscalise(tx, set, &u.r, "")
}

// comingBack finds the lines, and the units of each that are still out.
func comingBack(sale *till.Receipt, done *undo, in *till.ReturnIn) ([]back, error) {
	if done.Voided != "" {
		return nil, voided(done)
	}
	if len(in.Lines) == 0 || len(in.Lines) > till.MaxLines {
		return nil, sdk.Invalid("/lines", "lines", "A return names at least one line of the receipt.")
	}
	var backs []back
	for i, l := range in.Lines {
		at := line(i)
		n := slices.IndexFunc(sale.Lines, func(s till.ReceiptLine) bool { return s.ID == l.Line })
		if n < 0 {
			return nil, &sdk.Error{Code: sdk.CodeNotFound, Reason: "line", Message: "The receipt has no such line.", Pointer: at + "/line"}
		}
		if slices.ContainsFunc(backs, func(b back) bool { return b.line.ID == l.Line }) {
			return nil, sdk.Invalid(at+"/line", "lines", "Each line stands once.")
		}
		s := &sale.Lines[n]
		from := done.returned(s.ID)
		switch left := s.Quantity - from; {
		case l.Quantity <= 0:
			return nil, sdk.Invalid(at+"/quantity", "quantity", "A quantity is above zero.")
		case l.Quantity > left:
			return nil, &sdk.Error{
				Code: sdk.CodeExhausted, Reason: "returned", Pointer: at + "/quantity",
				Message: "Fewer units than that may still come back.", Fields: []sdk.Field{sdk.Int("left", left)},
			}
		}
		backs = append(backs, back{line: s, units: unitsOf(s, from, from+l.Quantity), quarantine: l.Quarantine})
	}
	return backs, nil
}

func voided(done *undo) error {
	return &sdk.Error{
		Code: sdk.CodeExhausted, Reason: "voided", Message: "The sale is void already.", Pointer: "/receipt",
		Fields: []sdk.Field{sdk.Text("void", done.Voided)},
	}
}

func unitsOf(l *till.ReceiptLine, from, to retail.Quantity) receipt.Units {
	return receipt.Units{Sold: l.Quantity, From: from, To: to, List: l.List, Total: l.Total, Rate: l.Goods.VATRate}
}

// beginUndo heads a document that cites a sale. It asks the catalog only if the
// goods come back to another store.
func beginUndo(tx *sdk.Tx, set *Settings, kind till.Kind, sale *till.Receipt, b till.Basket, reason string) (till.Receipt, error) {
	if len(reason) > 200 {
		return till.Receipt{}, sdk.Invalid("/reason", "reason", "A reason has at most 200 characters.")
	}
	s := catalog.Store{ID: sale.Store, Entity: sale.Entity, Zone: sale.Zone}
	if b.Store != sale.Store {
		var err error
		if s, err = catalog.GetStore.Call(tx, catalog.GetStoreIn{ID: b.Store}); err != nil {
			return till.Receipt{}, moved(err, "/id", "/store")
		}
	}
	b.Channel, b.Customer = sale.Channel, sale.Customer
	state, err := ready(tx, set, &b)
	if err != nil {
		return till.Receipt{}, err
	}
	r, err := state.head(tx, kind, &b, &s, 0)
	r.Currency, r.Original, r.Reason = sale.Currency, sale.ID, reason
	return r, err
}

// returnLines writes the units that come back, with what they were worth less what is
// withheld, as negative lines, and the VAT that goes with them. Lines that nothing comes
// back of now, but of which something is given back that was withheld, come last.
func returnLines(r *till.Receipt, sale *till.Receipt, done *undo, backs []back, moves []receipt.Held) {
	var parts []receipt.Units
	var others []till.ReceiptLine
	for i := range sale.Lines {
		l := &sale.Lines[i]
		from := done.returned(l.ID)
		part := unitsOf(l, from, from)
		n := slices.IndexFunc(backs, func(b back) bool { return b.line == l })
		if n >= 0 {
			part = backs[n].units
		} else if receipt.HeldOf(moves, l.ID) != 0 {
			others = append(others, less(negative(l, part), sale, done, moves))
		}
		part.HeldBefore = receipt.HeldOf(done.held(), l.ID)
		part.HeldAfter = part.HeldBefore + receipt.HeldOf(moves, l.ID)
		parts = append(parts, part)
	}
	for _, b := range backs {
		r.Lines = append(r.Lines, less(negative(b.line, b.units), sale, done, moves))
	}
	r.Lines = append(r.Lines, others...)
	for i := range r.Lines {
		l := &r.Lines[i]
		r.List, r.Discount, r.Total = r.List+l.List, r.Discount+l.Discount, r.Total+l.Total
	}
	r.Applied = slices.DeleteFunc(appliedTo(r.Lines, sale), nothing)
	for i := range r.Applied {
		r.Applied[i].Funded = fundedBack(&r.Applied[i], sale, done)
	}
	for _, v := range receipt.VATBack(parts) {
		r.VAT = append(r.VAT, retail.VATShare{Rate: v.Rate, Gross: -v.Gross, Net: -v.Net, VAT: -v.VAT})
	}
}

// negative is units of a line of a sale as a line of what undoes them.
func negative(l *till.ReceiptLine, u receipt.Units) till.ReceiptLine {
	n := *l
	n.Quantity, n.List, n.Total = u.From-u.To, -u.ListWorth(), -u.Worth()
	n.Discount, n.Applied, n.UnitShares = n.List-n.Total, appliedBack(l.Applied, u), nil
	for _, s := range u.Shares() {
		n.UnitShares = append(n.UnitShares, pricing.Share{Amount: s.Amount, Quantity: -s.Quantity})
	}
	return n
}

// restock moves the goods back into the store that takes them.
func restock(tx *sdk.Tx, r *till.Receipt, backs []back) error {
	var lines []stock.ReturnLine
	for _, b := range backs {
		if b.line.Goods.Kind == catalog.Goods {
			lines = append(lines, stock.ReturnLine{SKU: b.line.SKU, Quantity: b.units.To - b.units.From, Quarantine: b.quarantine})
		}
	}
	if len(lines) == 0 {
		return nil
	}
	reason := stock.Return
	if r.Kind == till.Annul {
		reason = stock.Void
	}
	_, err := stock.TakeBack.Call(tx, stock.TakeBackIn{Store: r.Store, Document: r.ID, Reason: reason, Lines: lines, At: happened(r)})
	return err
}
