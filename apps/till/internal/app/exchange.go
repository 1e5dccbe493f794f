package app

import (
	"cmp"

	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/sdk"
)

// exchange is a return and a sale. The sale is priced first: what it costs says how much
// of the return stays here for it. The return has the first of the two numbers.
func exchange(tx *sdk.Tx, in till.ExchangeIn) (till.ExchangeOut, error) {
	set := settings.Get(tx)
	s, err := beginSale(tx, &set, &in.Sale, 1)
	if err != nil {
		return till.ExchangeOut{}, below(err, "/sale")
	}
	if !sdk.MayStore(tx, s.r.Store) {
		return till.ExchangeOut{}, otherStore("/sale/store")
	}
	u, err := beginTrade(tx, &set, &in.Return, &s.b)
	if err != nil {
		return till.ExchangeOut{}, below(err, "/return")
	}
	u.r.Exchange, s.r.Exchange = s.r.ID, u.r.ID
	if err := trade(tx, &set, &u, &s, &in.Return); err != nil {
		return till.ExchangeOut{}, below(err, "/return")
	}
	if err := u.finish(tx, &set); err != nil {
		return till.ExchangeOut{}, below(err, "/return")
	}
	if err := s.finish(tx, &set, &in.Sale); err != nil {
		return till.ExchangeOut{}, below(err, "/sale")
	}
	if err := write(tx, s.r, till.Closed); err != nil {
		return till.ExchangeOut{}, err
	}
	return till.ExchangeOut{Return: u.r, Sale: s.r}, fiscalise(tx, &set, &s.r, in.Sale.Lottery)
}

// beginTrade begins the return of an exchange, at the till of its sale.
func beginTrade(tx *sdk.Tx, set *Settings, in *till.ReturnIn, b *till.Basket) (returning, error) {
	in.Store, in.Till, in.Cashier = cmp.Or(in.Store, b.Store), cmp.Or(in.Till, b.Till), cmp.Or(in.Cashier, b.Cashier)
	if in.Store != b.Store || in.Till != b.Till {
		return returning{}, sdk.Invalid("/till", "till", "An exchange is of one till.")
	}
	return beginReturn(tx, set, in)
}

// trade lets what comes back pay for what goes out, and refunds what is over. When
// everything is back, the cents that rounding of cash took or gave are settled too.
func trade(tx *sdk.Tx, set *Settings, u *returning, s *selling, in *till.ReturnIn) error {
	f := u.refunding(set, in)
	worth := f.exact()
	f.trade = min(worth, s.r.Total)
	if worth > f.trade {
		all, err := f.plan(tx)
		if err != nil {
			return err
		}
		if err := f.payOut(tx, set, &u.r, all); err != nil {
			return err
		}
	}
	f.means = meansOf(&u.sale, &u.done)
	for _, g := range f.stays() {
		t := till.Taken{Type: till.Traded, Amount: g.amount, Reference: g.kept, Of: g.kind, Sale: g.sale, Payment: g.payment}
		s.r.Tenders = append(s.r.Tenders, t)
		t.Amount = -t.Amount
		u.r.Tenders = append(u.r.Tenders, t)
		u.done.pay(&g)
	}
	f.settle(&u.r)
	return nil
}

// stays is what an exchange keeps here, by what it stands for: what the goods that come
// back were paid with, or a return voucher for whom they were a present.
func (f *refunding) stays() []giving {
	switch {
	case f.trade == 0:
		return nil
	case f.gift:
		return []giving{{kind: till.ReturnVoucher, amount: f.trade, sale: f.sale.ID}}
	}
	return f.spread(f.trade)
}
