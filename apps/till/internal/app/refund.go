package app

import (
	"slices"
	"strconv"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/apps/till/internal/receipt"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// means is one way in which a sale was paid: all cash together, everything else by
// reference. What an exchange or a deposit paid counts as what it stands for.
type means struct {
	giving
	left retail.Money // that may still be refunded through it
}

// meansOf is how a sale was paid, in its order, and what is left of each.
func meansOf(sale *till.Receipt, done *undo) (all []means) {
	for _, t := range sale.Tenders {
		m := means{giving: givingOf(sale, t), left: t.Amount}
		n := slices.IndexFunc(all, func(o means) bool {
			return o.kind == m.kind && o.kept == m.kept && o.sale == m.sale && o.payment == m.payment
		})
		if n >= 0 {
			all[n].left += m.left
		} else {
			all = append(all, m)
		}
	}
	for i := range all {
		if all[i].kind == till.Cash {
			all[i].left -= sale.Change
		}
		all[i].left = max(all[i].left-done.refunded(&all[i].giving), 0)
	}
	return all
}

// givingOf is what refunds a tender of a sale.
func givingOf(sale *till.Receipt, t till.Taken) giving {
	g := giving{kind: t.Type, reference: t.Reference, kept: t.Reference, terminal: t.Terminal, sale: sale.ID, payment: t.Payment}
	if t.Of != "" {
		g.kind, g.sale = t.Of, t.Sale
	}
	if g.kind == till.Cash {
		g.reference, g.kept, g.terminal, g.sale, g.payment = "", "", "", sale.ID, ""
	}
	return g
}

// refunding is a return that is about to be paid out.
type refunding struct {
	sale  *till.Receipt
	done  *undo
	in    *till.ReturnIn
	gift  bool         // it came with a gift receipt
	last  bool         // nothing is left with the customer
	worth retail.Money // of what comes back
	cash  retail.Money // step of cash
	trade retail.Money // of worth, what stays here for other goods
	means []means
}

func (u *returning) refunding(set *Settings, in *till.ReturnIn) refunding {
	return refunding{
		sale: &u.sale, done: &u.done, in: in, gift: u.gift, last: allBack(&u.sale, &u.done, u.backs),
		worth: -u.r.Total, cash: set.step(u.r.Store, u.sale.Currency), means: meansOf(&u.sale, &u.done),
	}
}

// exact is what is due to the cent: when everything is back, what the customer has paid,
// whatever was rounded before.
func (f *refunding) exact() retail.Money {
	if f.last {
		return f.left()
	}
	return f.due(1)
}

// left is what was paid and did not come back.
func (f *refunding) left() retail.Money {
	return max(f.sale.Total+f.sale.Rounding-f.done.Paid-f.trade, 0)
}

// due is what is paid out in steps of cash, or of cents.
func (f *refunding) due(step retail.Money) retail.Money {
	return receipt.CashBack(f.done.Refunded+f.worth, f.done.Paid+f.trade, f.sale.Total+f.sale.Rounding, step)
}

// plan says what goes back through which tender. Together that is what is due, rounded if
// all of it is cash.
func (f *refunding) plan(tx *sdk.Tx) ([]giving, error) {
	switch {
	case f.gift && (f.in.Tender != "" && f.in.Tender != till.ReturnVoucher || len(f.in.Refunds) > 0):
		return nil, &sdk.Error{Code: sdk.CodeFailedPrecondition, Reason: "gift_receipt", Message: "A gift receipt refunds a return voucher, or an exchange.", Pointer: "/tender"}
	case f.gift:
		return f.other(tx, till.ReturnVoucher, "/tender", f.exact())
	case len(f.in.Refunds) > 0:
		return f.named(tx)
	case f.in.Tender == "":
		return f.same(f.exact()), nil
	}
	return f.through(tx, f.in.Tender, "/tender", f.exact())
}

// same refunds by the means that the sale was paid with. Cash alone is rounded.
func (f *refunding) same(due retail.Money) []giving {
	all := f.spread(due)
	if len(all) == 0 {
		return []giving{f.nothing()}
	}
	if len(all) == 1 && all[0].kind == till.Cash {
		all[0].amount = f.inCash()
	}
	return all
}

// inCash is what is due where all of it goes back in cash, as some of the sale was paid.
func (f *refunding) inCash() retail.Money {
	if f.last {
		return f.left()
	}
	return f.due(f.cash)
}

// spread shares an amount out to the means that the sale was paid with. What cannot be
// placed is cash.
func (f *refunding) spread(amount retail.Money) (all []giving) {
	paid := make([]receipt.Means, len(f.means))
	for i, m := range f.means {
		paid[i] = receipt.Means{Cash: m.kind == till.Cash, Left: m.left}
	}
	parts, over := receipt.Spread(amount, paid)
	for _, p := range parts {
		all = append(all, f.means[p.Index].give(p.Amount, f.in))
	}
	if n := len(all); over > 0 && n > 0 && all[n-1].kind == till.Cash {
		all[n-1].amount += over
	} else if over > 0 {
		all = append(all, giving{kind: till.Cash, sale: f.sale.ID, amount: over})
	}
	return all
}

// nothing is the tender of a return that refunds nothing.
func (f *refunding) nothing() giving {
	if len(f.means) == 0 {
		return giving{kind: till.Cash, sale: f.sale.ID}
	}
	return f.means[0].give(0, f.in)
}

// give is a part of a refund through one of the means. A terminal has a reference of its
// own for giving back; whoever else knows the one that the sale keeps.
func (m *means) give(amount retail.Money, in *till.ReturnIn) giving {
	g := m.giving
	g.amount, g.agreed, g.terminal = amount, in.Agreed, ""
	if g.kind == till.Card {
		g.reference = in.Reference
	}
	return g
}

// through refunds an amount through one type of tender. Return vouchers get back what they
// paid, and a new one is for the rest.
func (f *refunding) through(tx *sdk.Tx, kind, pointer string, amount retail.Money) ([]giving, error) {
	if !slices.ContainsFunc(f.means, func(m means) bool { return m.kind == kind }) {
		return f.other(tx, kind, pointer, amount)
	}
	var of []means
	var paid []receipt.Means
	var left retail.Money
	for _, m := range f.means {
		if m.kind == kind {
			of, paid, left = append(of, m), append(paid, receipt.Means{Left: m.left}), left+m.left
		}
	}
	if kind == till.Cash {
		return []giving{{kind: till.Cash, sale: f.sale.ID, amount: f.inCash()}}, nil
	}
	parts, over := receipt.Spread(amount, paid)
	if over > 0 && kind != till.ReturnVoucher {
		return nil, &sdk.Error{
			Code: sdk.CodeExhausted, Reason: "tender", Pointer: pointer,
			Message: "No more than " + left.Format(f.sale.Currency) + " of this tender may still be refunded.",
			Fields:  []sdk.Field{sdk.Int("left", left)},
		}
	}
	var all []giving
	for _, p := range parts {
		all = append(all, of[p.Index].give(p.Amount, f.in))
	}
	if over > 0 {
		rest, err := f.other(tx, kind, pointer, over)
		return append(all, rest...), err
	}
	if len(all) == 0 {
		all = append(all, of[0].give(0, f.in))
	}
	return all, nil
}

// other refunds through what the sale was not paid with: cash, or a tender of an app that
// makes something new of it. At a distance the customer must have agreed.
func (f *refunding) other(tx *sdk.Tx, kind, pointer string, amount retail.Money) ([]giving, error) {
	switch {
	case kind != till.Cash && !slices.Contains(till.Tender.Keys(tx), kind):
		return nil, &sdk.Error{Code: sdk.CodeFailedPrecondition, Reason: "tender", Message: "The sale was not paid with this.", Pointer: pointer}
	case f.sale.Channel == retail.Channel(catalog.Web) && !f.in.Agreed:
		return nil, &sdk.Error{
			Code: sdk.CodeFailedPrecondition, Reason: "not_agreed", Pointer: pointer,
			Message: "A sale at a distance is refunded by the means it was paid with, unless the customer agrees.",
		}
	case kind == till.Cash:
		return []giving{{kind: till.Cash, sale: f.sale.ID, amount: f.due(f.cash)}}, nil
	}
	return []giving{{kind: kind, reference: f.in.Reference, sale: f.sale.ID, amount: amount, agreed: f.in.Agreed}}, nil
}

// named refunds what the caller says through each tender.
func (f *refunding) named(tx *sdk.Tx) (all []giving, err error) {
	due, sum, cash := f.exact(), retail.Money(0), retail.Money(0)
	if len(f.in.Refunds) > till.MaxTenders {
		return nil, sdk.Invalid("/refunds", "refunds", "A return has at most 20 refunds.")
	}
	for i, p := range f.in.Refunds {
		pointer := "/refunds/" + strconv.Itoa(i)
		if p.Amount <= 0 || p.Amount > maxCash {
			return nil, sdk.Invalid(pointer+"/amount", "refunds", "An amount is above zero.")
		}
		if slices.ContainsFunc(f.in.Refunds[:i], func(o till.Payment) bool { return o.Type == p.Type }) {
			return nil, sdk.Invalid(pointer+"/type", "refunds", "Each tender stands once.")
		}
		sum += p.Amount
		part := *f
		in := *f.in
		in.Reference, part.in = p.Reference, &in
		parts, err := part.through(tx, p.Type, pointer+"/type", p.Amount)
		if err != nil {
			return nil, err
		}
		if p.Type == till.Cash {
			parts[0].amount, cash = p.Amount, p.Amount
		}
		all = append(all, parts...)
	}
	if cash == sum {
		due = f.inCash()
	}
	if sum != due {
		return nil, &sdk.Error{
			Code: sdk.CodeInvalid, Reason: "refunds", Pointer: "/refunds",
			Message: due.Format(f.sale.Currency) + " are to be refunded.", Fields: []sdk.Field{sdk.Int("due", due)},
		}
	}
	return all, nil
}

// payOut refunds what was planned and enters it into the return.
func (f *refunding) payOut(tx *sdk.Tx, set *Settings, r *till.Receipt, all []giving) error {
	for _, g := range all {
		if g.kind == till.Cash {
			state := stateOf(tx, r.Store, r.Till)
			if err := enough(tx, &state, r.Currency, g.amount); err != nil {
				return moved(err, "", "/tender")
			}
		}
		taken, err := giveBack(tx, set, r, g)
		if err != nil {
			return moved(moved(atTender(err, 0), tender(0)+"/amount", "/tender"), tender(0)+"/type", "/tender")
		}
		r.Tenders = append(r.Tenders, taken)
		f.done.pay(&g)
	}
	return nil
}

// settle closes the books of a return: what it is worth and was not paid is rounding.
func (f *refunding) settle(r *till.Receipt) {
	r.Rounding = f.worth
	for _, t := range r.Tenders {
		r.Rounding += t.Amount
	}
	f.done.Refunded += f.worth
}
