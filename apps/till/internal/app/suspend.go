package app

import (
	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/sdk"
)

func suspend(tx *sdk.Tx, in till.SuspendIn) (till.Basket, error) {
	b, err := openBasket(tx, in.Basket)
	switch {
	case err != nil:
		return b, err
	case len(b.Lines) == 0:
		return b, sdk.Invalid("/basket", "lines", "There is nothing to put aside.")
	case len(in.Note) > 100:
		return b, sdk.Invalid("/note", "note", "A note has at most 100 characters.")
	}
	b.State, b.Note, b.SuspendedAt = till.BasketSuspended, in.Note, tx.Now()
	if err := baskets.Put(tx, b); err != nil {
		return b, err
	}
	return b, suspended.Insert(tx, till.Suspended{
		Basket: b.ID, Store: b.Store, Till: b.Till, Cashier: b.Cashier, Customer: b.Customer, Note: b.Note,
		Lines: int64(len(b.Lines)), At: b.SuspendedAt, Expires: b.Expires,
	})
}

func resume(tx *sdk.Tx, in till.ResumeIn) (till.Basket, error) {
	b, err := storedBasket(tx, in.Basket)
	if err != nil {
		return b, err
	}
	switch b.State {
	case till.BasketSuspended:
	case till.BasketOpen:
		return b, &sdk.Error{
			Code: sdk.CodeFailedPrecondition, Reason: "basket_open", Pointer: "/basket",
			Message: "Till " + b.Till + " has taken this basket up.", Fields: []sdk.Field{sdk.Text("till", b.Till)},
		}
	default:
		return b, isClosed(&b)
	}
	if err := identity(b.Store, in.Till, in.Cashier); err != nil {
		return b, err
	}
	if err := suspended.Delete(tx, sdk.K(b.Store).Int(int64(b.SuspendedAt)).Text(b.ID)); err != nil {
		return b, err
	}
	b.State, b.Till, b.Cashier, b.SuspendedAt = till.BasketOpen, in.Till, in.Cashier, 0
	return b, baskets.Put(tx, b)
}

func listSuspended(v *sdk.View, in till.SuspendedIn) (out till.SuspendedOut, err error) {
	if in.Store == "" {
		return out, sdk.Invalid("/store", "store", "Baskets are listed by store.")
	}
	for s := range suspended.Scan(v, sdk.Scan{Prefix: sdk.K(in.Store), Limit: till.MaxPage}) {
		out.Baskets = append(out.Baskets, s)
	}
	return out, nil
}
