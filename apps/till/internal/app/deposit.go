package app

import (
	"errors"
	"strconv"
	"strings"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/stock"
	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// deposits says what became of every deposit. It is read and written by whoever uses one
// or pays it back, so that it pays once.
var deposits = sdk.Collection[till.Deposit]{
	Name: "deposits", Key: []string{"receipt"}, Subject: "customer",
	Indexes: []sdk.Index{
		{Name: "by_store", Fields: []string{"store", "at", "receipt"}},
		{Name: "by_state", Fields: []string{"store", "state", "at", "receipt"}},
	},
}

// reserve puts goods aside and takes the deposit: one transaction over stock, pricing and
// the till.
func reserve(tx *sdk.Tx, in till.ReserveIn) (out till.ReserveOut, err error) {
	if err = identity(in.Store, in.Till, in.Cashier); err != nil {
		return out, err
	}
	if in.Deposit == 0 {
		if len(in.Tenders) > 0 {
			return out, sdk.Invalid("/deposit", "deposit", "There is nothing to pay without a deposit.")
		}
		out.Reservation, err = putAside(tx, &in, nil)
		return out, err
	}
	set := settings.Get(tx)
	r, err := headDeposit(tx, &set, &in)
	if err != nil {
		return out, err
	}
	if err = takeTenders(tx, &set, &r, in.Tenders); err != nil {
		return out, err
	}
	paid := stock.Deposit{Amount: r.Total + r.Rounding, Currency: r.Currency, Reference: r.ID}
	if out.Reservation, err = putAside(tx, &in, &paid); err != nil {
		return out, err
	}
	r.Reservation, out.Receipt = out.Reservation.ID, &r
	d := till.Deposit{
		Receipt: r.ID, State: till.DepositOpen, Store: r.Store, At: r.At, Customer: r.Customer,
		Reservation: r.Reservation, Amount: paid.Amount, Currency: r.Currency,
	}
	if err = deposits.Insert(tx, d); err != nil {
		return out, err
	}
	if err = write(tx, r, till.Deposited); err != nil {
		return till.ReserveOut{}, err
	}
	return out, fiscalise(tx, &set, &r, "")
}

// putAside asks stock. An app of stock need not know reservations.
func putAside(tx *sdk.Tx, in *till.ReserveIn, paid *stock.Deposit) (stock.Reservation, error) {
	out, err := stock.Reserve.Call(tx, stock.ReserveIn{
		Store: in.Store, Customer: in.Customer, Name: in.Name, Note: in.Note, Lines: in.Lines,
		Until: in.Until, Day: in.Day, Minutes: in.Minutes, Deposit: paid,
		Safety: true, // customer and goods are both here
	})
	if unanswered(err) {
		return out, sdk.FailedPrecondition("no_reservations", "No app puts goods aside.")
	}
	return out, err
}

// unanswered says whether an error is that nobody answers the operation.
func unanswered(err error) bool {
	var e *sdk.Error
	return errors.As(err, &e) && e.Code == sdk.CodeNotFound && e.Reason == "operation"
}

// headDeposit is the document of a deposit, which no tender pays yet.
func headDeposit(tx *sdk.Tx, set *Settings, in *till.ReserveIn) (r till.Receipt, err error) {
	b := till.Basket{Store: in.Store, Till: in.Till, Cashier: in.Cashier, Customer: in.Customer}
	if len(in.Lines) == 0 || len(in.Lines) > till.MaxLines {
		return r, sdk.Invalid("/lines", "lines", "A deposit is for goods.")
	}
	for _, l := range in.Lines {
		b.Lines = append(b.Lines, till.Line{SKU: l.SKU, Quantity: l.Quantity})
	}
	state, err := ready(tx, set, &b)
	if err != nil {
		return r, err
	}
	q, err := pricing.Quote.Call(tx, quoteOf(&b))
	if err != nil {
		return r, err
	}
	if in.Deposit < 0 || in.Deposit > q.Total {
		e := sdk.Invalid("/deposit", "deposit", "A deposit is above zero and at most what the goods cost.")
		e.Fields = []sdk.Field{sdk.Int("most", q.Total)}
		return r, e
	}
	if r, err = state.head(tx, till.Advance, &b, q.Store, 0); err != nil {
		return r, err
	}
	r.Channel, r.Currency, r.Generation = q.Channel, q.Currency, q.Generation
	r.List, r.Total = in.Deposit, in.Deposit
	for i, s := range shared(in.Deposit, set.DepositUntaxed, q.VAT) {
		r.VAT = append(r.VAT, s)
		r.Lines = append(r.Lines, till.ReceiptLine{
			ID: strconv.Itoa(i + 1), Quantity: 1, UnitPrice: s.Gross, Per: 1, List: s.Gross, Total: s.Gross,
			UnitShares: []pricing.Share{{Amount: s.Gross, Quantity: 1}},
			Goods:      pricing.Goods{Description: "Deposit", Kind: catalog.Service, Unit: retail.Piece, VATRate: s.Rate},
		})
	}
	return r, nil
}

// shared is a deposit by the rates of the goods, in proportion to what they cost; outside
// of VAT if it is earnest money.
func shared(amount retail.Money, untaxed bool, goods []retail.VATShare) (all []retail.VATShare) {
	weights := make([]int64, len(goods))
	for i, g := range goods {
		weights[i] = int64(g.Gross)
	}
	parts := retail.Allocate(amount, weights)
	if untaxed || parts == nil {
		return []retail.VATShare{{Gross: amount, Net: amount}}
	}
	for i, gross := range parts {
		net, vat, err := retail.SplitGross(gross, goods[i].Rate)
		if gross == 0 || err != nil { // the rates are those of a quote: there is no error
			continue
		}
		all = append(all, retail.VATShare{Rate: goods[i].Rate, Gross: gross, Net: net, VAT: vat})
	}
	return all
}

// useDeposits pays a sale with deposits, each whole, and answers the reservations that
// they belong to. What a deposit pays counts as what it was paid with.
func useDeposits(tx *sdk.Tx, r *till.Receipt, ids []string) (reservations []string, err error) {
	if len(ids) > till.MaxTenders {
		return nil, sdk.Invalid("/deposits", "deposits", "A sale takes at most 20 deposits.")
	}
	due := r.Total
	for i, id := range ids {
		at := "/deposits/" + strconv.Itoa(i)
		d, paper, err := openDeposit(tx, id, at)
		if err != nil {
			return nil, err
		}
		switch {
		case paper.Entity != r.Entity || d.Currency != r.Currency:
			return nil, sdk.Invalid(at, "deposit", "This deposit was paid to another legal person, or in another currency.")
		case d.Amount > due:
			e := sdk.Invalid(at, "exceeds_due", "The deposit is more than what is due: pay it back instead.")
			e.Fields = []sdk.Field{sdk.Int("due", due)}
			return nil, e
		}
		due -= d.Amount
		for _, t := range paidWith(&paper) {
			t.Type, t.Of, t.Sale = till.Prepaid, t.Type, paper.ID
			r.Tenders = append(r.Tenders, t)
		}
		for _, s := range paper.VAT {
			if s.VAT != 0 {
				addVAT(&r.VATPaid, s)
			}
		}
		d.State, d.By = till.DepositUsed, r.ID
		if err := deposits.Put(tx, d); err != nil {
			return nil, err
		}
		reservations = append(reservations, d.Reservation)
	}
	return reservations, nil
}

// openDeposit finds a deposit that may still pay, with its document.
func openDeposit(r sdk.Reader, id, at string) (d till.Deposit, paper till.Receipt, err error) {
	d, ok := deposits.Get(r, sdk.K(id))
	if !ok {
		return d, paper, &sdk.Error{Code: sdk.CodeNotFound, Reason: "deposit", Message: "There is no such deposit.", Pointer: at}
	}
	if d.State != till.DepositOpen {
		return d, paper, &sdk.Error{
			Code: sdk.CodeExhausted, Reason: "used", Message: "This deposit is used, or paid back.", Pointer: at,
			Fields: []sdk.Field{sdk.Text("by", d.By)},
		}
	}
	paper, _ = receipts.Get(r, sdk.K(id))
	return d, paper, nil
}

// paidWith is what a document was paid with, each of the means once and without change.
func paidWith(r *till.Receipt) (all []till.Taken) {
	for _, m := range meansOf(r, &undo{Receipt: r.ID}) {
		if m.left > 0 {
			all = append(all, till.Taken{Type: m.kind, Amount: m.left, Reference: m.kept, Payment: m.payment})
		}
	}
	return all
}

func returnDeposit(tx *sdk.Tx, in till.ReturnDepositIn) (till.Receipt, error) {
	if err := identity(in.Store, in.Till, in.Cashier); err != nil {
		return till.Receipt{}, err
	}
	d, paper, err := openDeposit(tx, in.Deposit, "/deposit")
	if err != nil {
		return till.Receipt{}, err
	}
	set := settings.Get(tx)
	u := returning{sale: paper, done: undo{Receipt: paper.ID}}
	if u.r, err = beginUndo(tx, &set, till.Advance, &paper, till.Basket{Store: in.Store, Till: in.Till, Cashier: in.Cashier}, in.Reason); err != nil {
		return till.Receipt{}, err
	}
	annul(&u.r, &u.sale)
	u.r.Reservation = d.Reservation
	f := u.refunding(&set, &till.ReturnIn{Tender: in.Tender, Reference: in.Reference, Agreed: in.Agreed})
	f.last = true
	all, err := f.plan(tx)
	if err != nil {
		return till.Receipt{}, err
	}
	if err := f.payOut(tx, &set, &u.r, all); err != nil {
		return till.Receipt{}, err
	}
	f.settle(&u.r)
	d.State, d.By = till.DepositReturned, u.r.ID
	if err := deposits.Put(tx, d); err != nil {
		return till.Receipt{}, err
	}
	if err := letGo(tx, d.Reservation); err != nil {
		return till.Receipt{}, err
	}
	if err := write(tx, u.r, till.Deposited); err != nil {
		return till.Receipt{}, err
	}
	return u.r, fiscalise(tx, &set, &u.r, "")
}

// letGo cancels a reservation. One that was sold or that stock does not know any more
// is let go already.
func letGo(tx *sdk.Tx, reservation string) error {
	_, err := stock.Cancel.Call(tx, stock.CancelIn{ID: reservation, Reason: "deposit paid back"})
	if code := sdk.CodeOf(err); code == sdk.CodeNotFound || code == sdk.CodeFailedPrecondition {
		return nil
	}
	return err
}

func listDeposits(v *sdk.View, in till.DepositsIn) (out till.DepositsOut, err error) {
	limit, err := pageOf(in.Limit)
	if err != nil {
		return out, err
	}
	if in.Store == "" {
		return out, sdk.Invalid("/store", "store", "Deposits are listed by store.")
	}
	scan := sdk.Scan{Index: "by_store", Prefix: sdk.K(in.Store), Reverse: true, Limit: limit + 1}
	if in.State != "" {
		scan.Index, scan.Prefix = "by_state", scan.Prefix.Text(string(in.State))
	}
	if in.Cursor != "" {
		text, id, _ := strings.Cut(in.Cursor, "/")
		at, bad := strconv.ParseInt(text, 10, 64)
		if bad != nil || id == "" {
			return out, sdk.Invalid("/cursor", "cursor", "This is no cursor of this list.")
		}
		scan.To = sdk.KInt(at).Text(id)
	}
	for d := range deposits.Scan(v, scan) {
		if len(out.Deposits) == limit {
			end := &out.Deposits[limit-1]
			out.Cursor = strconv.FormatInt(int64(end.At), 10) + "/" + end.Receipt
			break
		}
		out.Deposits = append(out.Deposits, d)
	}
	return out, nil
}
