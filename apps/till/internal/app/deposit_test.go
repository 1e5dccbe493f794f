package app

import (
	"fmt"
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/apps/stock"
	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// ahead is what a counter does with goods that somebody will come for.
func (c *counter) ahead(do string, rest []string) string {
	env := c.open()
	switch do {
	case "receive":
		lines, _ := c.lines(rest)
		in := stock.ReceiveIn{To: stock.PlaceID(c.store + "-floor"), Document: "DDT " + strings.Join(rest, " ")}
		for _, l := range lines {
			in.Lines = append(in.Lines, stock.Line{SKU: l.SKU, Quantity: l.Quantity})
		}
		must(sdktest.Run(env, stock.Receive, in))(c.t)
		return ""
	case "reserve":
		return c.reserved(sdktest.Run(env, till.Reserve, c.reserving(rest)))
	case "pay_back":
		in := till.ReturnDepositIn{Deposit: c.id(rest[0]), Store: c.store, Till: c.till, Cashier: "ada", Reason: "changed his mind"}
		if len(rest) > 2 {
			in.Tender = rest[2]
		}
		return c.document(sdktest.Run(env, till.ReturnDeposit, in))
	case "goods":
		out := must(sdktest.Call(env, stock.LookUp, stock.LookUpIn{SKUs: []retail.SKU{retail.SKU(rest[0])}, Stores: []retail.StoreID{c.store}}))(c.t)
		return fmt.Sprintf("%d on hand, %d reserved\n", out.Places[0].OnHand, out.Places[0].Reserved)
	case "deposits":
		text := ""
		for cursor := ""; ; {
			out := must(sdktest.Call(env, till.Deposits, till.DepositsIn{Store: c.store, Limit: 1, Cursor: cursor}))(c.t)
			for _, d := range out.Deposits {
				text += strings.TrimSpace(fmt.Sprintf("%s %s %s %s", d.Receipt, decimal(d.Amount), d.State, d.By)) + "\n"
			}
			if cursor = out.Cursor; cursor == "" {
				return text
			}
		}
	case "VAT":
		r := must(sdktest.Call(env, till.GetReceipt, till.ReceiptID{Receipt: c.id(rest[0])}))(c.t)
		return rates("of the goods", r.VAT) + rates("due before", r.VATPaid)
	}
	return c.device(do, rest)
}

// reserving reads "1 shirt for Ada deposit 10.00 by card 10.00".
func (c *counter) reserving(words []string) till.ReserveIn {
	sale := c.selling(append(append([]string{}, words[:indexOf(words, "for")]...), words[indexOf(words, "by"):]...))
	in := till.ReserveIn{Store: c.store, Till: c.till, Cashier: "ada", Minutes: 60, Name: words[indexOf(words, "for")+1], Tenders: sale.Tenders}
	for _, l := range sale.Lines {
		in.Lines = append(in.Lines, stock.Line{SKU: l.SKU, Quantity: l.Quantity})
	}
	if n := indexOf(words, "deposit"); n < len(words) {
		in.Deposit = amount(words[n+1])
	}
	return in
}

func (c *counter) reserved(out till.ReserveOut, err error) string {
	if err != nil {
		return inWords(err)
	}
	text := fmt.Sprintf("put aside for %s: %d of %s\n", out.Reservation.Name, out.Reservation.Lines[0].Quantity, out.Reservation.Lines[0].SKU)
	if out.Receipt == nil {
		return text
	}
	if d := out.Reservation.Deposit; d.Reference != out.Receipt.ID || out.Receipt.Reservation != out.Reservation.ID {
		c.t.Errorf("reservation and deposit do not know each other: %+v, %+v", out.Reservation, out.Receipt)
	}
	return text + c.document(*out.Receipt, nil)
}

func rates(name string, all []retail.VATShare) (text string) {
	for _, s := range all {
		text += fmt.Sprintf("%s: %d %%, %s with %s of VAT\n", name, s.Rate/100, decimal(s.Gross), decimal(s.VAT))
	}
	return text
}

// A shop whose app of stock knows no reservations says so, and takes no money.
func TestNoReservations(t *testing.T) {
	t.Parallel()
	shelves := sdk.NewApp("shelves", stock.Sell.Handle(func(*sdk.Tx, stock.SellIn) (stock.Movement, error) { return stock.Movement{}, nil }))
	env := shopWith(t, shelves)
	in := till.ReserveIn{Store: "MI-01", Till: "3", Cashier: "ada", Name: "Ada", Lines: []stock.Line{{SKU: "shirt", Quantity: 1}}}
	_, err := sdktest.Run(env, till.Reserve, in)
	refuses(t, err, sdk.CodeFailedPrecondition, "no_reservations", "")
	in.Deposit, in.Tenders = 1000, []till.Payment{card(1000)}
	_, err = sdktest.Run(env, till.Reserve, in)
	refuses(t, err, sdk.CodeFailedPrecondition, "no_reservations", "")
	sound(t, env, 0)
}
