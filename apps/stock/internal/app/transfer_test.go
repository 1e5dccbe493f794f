package app_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/stock"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// ordered asks the warehouse for goods for MI-01.
func ordered(t testing.TB, e *sdktest.Env, text string) stock.TransferOrder {
	t.Helper()
	return run(t, e, stock.RequestTransfer, stock.RequestTransferIn{From: "WH-01", To: "MI-01", Lines: lines(text)})
}

func arrivals(text string) (list []stock.ReceivedLine) {
	for _, f := range strings.Fields(text) {
		whole, damaged, _ := strings.Cut(f, "!")
		l := stock.ReceivedLine{SKU: retail.SKU(f[:1])}
		if w := lines(whole); w[0].Quantity > 0 {
			l.Quantity = w[0].Quantity
		}
		if damaged != "" {
			l.Damaged = lines("x:" + damaged)[0].Quantity
		}
		list = append(list, l)
	}
	return list
}

// written writes the lines of a transfer, zeros left out.
func written(t *stock.TransferOrder) string {
	var parts []string
	for _, l := range t.Lines {
		text := string(l.SKU)
		for _, x := range []struct {
			name string
			q    retail.Quantity
		}{
			{"sent", l.Sent}, {"received", l.Received}, {"damaged", l.Damaged}, {"over", l.Over}, {"lost", l.Lost},
			{"returned", l.Returned}, {"found", l.Found}, {"transit", l.InTransit},
		} {
			if x.q != 0 {
				text += fmt.Sprintf(" %s %d", x.name, x.q)
			}
		}
		parts = append(parts, text)
	}
	return string(t.State) + ": " + strings.Join(parts, "; ")
}

// From request to closing, with a part that is told twice, one too many, one broken and
// one lost that is found again.
func TestTransferWithDiscrepancies(t *testing.T) {
	t.Parallel()
	e := retailer(t, sdktest.Twice)
	receive(t, e, "WH-01", "a:10 b:10")
	o := ordered(t, e, "a:4 b:3")
	o = run(t, e, stock.Dispatch, stock.DispatchIn{ID: o.ID, Parcels: 2, Carrier: "Corriere Rossi, Via Po 3, Torino", Appearance: "scatole"})
	wants(t, written(&o), "dispatched: a sent 4 transit 4; b sent 3 transit 3")
	part := func(document, text string, last bool) stock.ReceiveTransferIn {
		return stock.ReceiveTransferIn{ID: o.ID, Document: document, Lines: arrivals(text), Last: last}
	}
	for range 2 {
		o = run(t, e, stock.ReceiveTransfer, part("collo 1", "a:2!1 b:1", false))
		wants(t, written(&o), "dispatched: a sent 4 received 3 damaged 1 transit 1; b sent 3 received 1 transit 2")
	}
	_, err := sdktest.Run(e, stock.ReceiveTransfer, part("collo 1", "a:2!1 b:2", false))
	sdktest.Refused(t, err, "conflict document /document")
	o = run(t, e, stock.ReceiveTransfer, part("collo 2", "a:2 c:1", true))
	wants(t, written(&o), "disputed: a sent 4 received 4 damaged 1 over 1; b sent 3 received 1 transit 2; c over 1")
	resolve := func(document string, list ...stock.ResolvedLine) stock.ResolveTransferIn {
		return stock.ResolveTransferIn{ID: o.ID, Document: document, Lines: list}
	}
	lost := stock.ResolvedLine{SKU: "b", Quantity: 1, Outcome: stock.OutcomeLost}
	back := stock.ResolvedLine{SKU: "b", Quantity: 1, Outcome: stock.OutcomeReturned}
	for range 2 {
		o = run(t, e, stock.ResolveTransfer, resolve("verbale 1", lost, back))
	}
	wants(t, written(&o), "closed: a sent 4 received 4 damaged 1 over 1; b sent 3 received 1 lost 1 returned 1; c over 1")
	_, err = sdktest.Run(e, stock.ResolveTransfer, resolve("verbale 2", lost))
	sdktest.Refused(t, err, "exhausted in_transit /lines/0/quantity")
	lost.Outcome = stock.OutcomeFound
	o = run(t, e, stock.ResolveTransfer, resolve("verbale 2", lost))
	_, err = sdktest.Run(e, stock.ResolveTransfer, resolve("verbale 3", lost))
	sdktest.Refused(t, err, "exhausted lost /lines/0/quantity")
	wants(t, levels(t, e, "a"), "MI-01:4 MI-01/look:1 WH-01:6")
	wants(t, levels(t, e, "b"), "MI-01:2 WH-01:8")
	wants(t, levels(t, e, "c"), "MI-01:1")
	var told []string
	for _, x := range e.Events() {
		if name, ok := strings.CutPrefix(x.Name, "stock.transfer_"); ok {
			told = append(told, name)
		}
	}
	wants(t, strings.Join(told, " "), "requested dispatched received disputed received disputed resolved closed resolved")
	sound(t, e)
}

// The document is numbered by legal person and year, and names everything.
func TestTransportDocument(t *testing.T) {
	t.Parallel()
	e := retailer(t, sdktest.Twice)
	receive(t, e, "WH-01", "a:10")
	receive(t, e, "RM-01", "a:10")
	e.At("2026-12-31 23:30 Europe/Rome")
	sent := func(from, to stock.PlaceID) *stock.TransportDocument {
		t.Helper()
		o := run(t, e, stock.RequestTransfer, stock.RequestTransferIn{From: from, To: to, Lines: lines("a:1")})
		return run(t, e, stock.Dispatch, stock.DispatchIn{ID: o.ID, Parcels: 1, Weight: 800, Carriage: "franco"}).DDT
	}
	d := sent("WH-01", "MI-01")
	wants(t, fmt.Sprint(d.Number, " ", d.Entity, " ", d.Date, " ", d.Reason, " ", d.Lines, d.BetweenEntities), "1/2026 emporio 2026-12-31 Trasferimento tra sedi [{a Camicia bianco M piece 1}] false")
	wants(t, fmt.Sprint(d.Sender.Entity, ", ", d.Sender.VATNumber, ", ", d.Sender.Seat.City, ", ", d.Sender.Store), "Emporio S.r.l., 00743110157, Milano, Deposito Piacenza")
	wants(t, fmt.Sprint(d.Recipient.Store, ", ", d.Recipient.Address.Street), "Milano Duomo, Piazza Duomo 1")
	o := ordered(t, e, "a:99")
	_, err := sdktest.Run(e, stock.Dispatch, stock.DispatchIn{ID: o.ID}) // takes no number
	sdktest.Refused(t, err, "exhausted on_hand /lines/0/quantity")
	wants(t, sent("WH-01", "BG-01").Number, "2/2026")
	other := sent("RM-01", "MI-01")
	wants(t, fmt.Sprint(other.Number, other.BetweenEntities), "1/2026true")
	e.At("2027-01-01 00:30 Europe/Rome") // not yet, in London
	wants(t, sent("WH-01", "MI-01").Number, "1/2027")
	run(t, e, catalog.PutEntity, catalog.Entity{ID: "emporio", Name: "Altro nome", Country: "IT"})
	first := sdktest.Ask(t, e, stock.Transfers, stock.TransfersIn{Store: "BG-01"}).Transfers[0]
	wants(t, first.DDT.Sender.Entity, "Emporio S.r.l.")
}

func TestTransferRefuses(t *testing.T) {
	t.Parallel()
	e := retailer(t)
	receive(t, e, "WH-01", "a:10")
	run(t, e, stock.PutPlace, stock.Place{ID: "truck", Name: "Furgone", Kind: stock.Transit})
	for want, in := range map[string]stock.RequestTransferIn{
		"invalid same_place /to":             {From: "WH-01", To: "WH-01", Lines: lines("a:1")},
		"not_found place /from":              {From: "nowhere", To: "MI-01", Lines: lines("a:1")},
		"invalid store /to":                  {From: "WH-01", To: "truck", Lines: lines("a:1")},
		"not_found place /to":                {From: "WH-01", To: stock.Customer, Lines: lines("a:1")},
		"not_found sku /lines/0/sku":         {From: "WH-01", To: "MI-01", Lines: lines("z:1")},
		"invalid lines /lines":               {From: "WH-01", To: "MI-01"},
		"invalid quantity /lines/0/quantity": {From: "WH-01", To: "MI-01", Lines: lines("a:0")},
	} {
		_, err := sdktest.Run(e, stock.RequestTransfer, in)
		sdktest.Refused(t, err, want)
	}
	o := ordered(t, e, "a:3")
	_, err := sdktest.Run(e, stock.ReceiveTransfer, stock.ReceiveTransferIn{ID: o.ID, Document: "1", Lines: arrivals("a:1")})
	sdktest.Refused(t, err, "failed_precondition state /id")
	run(t, e, stock.Dispatch, stock.DispatchIn{ID: o.ID})
	_, again := sdktest.Run(e, stock.Dispatch, stock.DispatchIn{ID: o.ID})
	_, cancel := sdktest.Run(e, stock.CancelTransfer, stock.TransferID{ID: o.ID})
	_, steal := sdktest.Run(e, stock.Move, stock.MoveIn{From: stock.InTransit, To: "MI-01", Reason: stock.Transfer, Document: "x", Lines: lines("a:1")})
	_, put := sdktest.Run(e, stock.PutPlace, stock.Place{ID: stock.InTransit, Name: "x", Kind: stock.Transit})
	_, twice := sdktest.Run(e, stock.ReceiveTransfer, stock.ReceiveTransferIn{ID: o.ID, Document: "1", Lines: arrivals("a:1 a:2")})
	sdktest.Refused(t, again, "failed_precondition state /id")
	sdktest.Refused(t, cancel, "failed_precondition state /id")
	sdktest.Refused(t, steal, "failed_precondition in_transit /from")
	sdktest.Refused(t, put, "conflict place /id")
	sdktest.Refused(t, twice, "invalid lines /lines/1/sku")
	p := ordered(t, e, "a:1")
	for range 2 {
		run(t, e, stock.CancelTransfer, stock.TransferID{ID: p.ID})
	}
}

// Each side does its half.
func TestTransfersAreOfBothStores(t *testing.T) {
	t.Parallel()
	e := retailer(t)
	receive(t, e, "WH-01", "a:10")
	e.AsPrincipal(eva)
	o := ordered(t, e, "a:3")
	_, send := sdktest.Run(e, stock.Dispatch, stock.DispatchIn{ID: o.ID})
	_, elsewhere := sdktest.Run(e, stock.RequestTransfer, stock.RequestTransferIn{From: "WH-01", To: "BG-01", Lines: lines("a:1")})
	sdktest.Refused(t, send, "denied store /id")
	sdktest.Refused(t, elsewhere, "denied store /from")
	e.AsPrincipal(sdktest.Principal{ID: "user:ugo", Stores: []string{"WH-01"}})
	run(t, e, stock.Dispatch, stock.DispatchIn{ID: o.ID})
	_, take := sdktest.Run(e, stock.ReceiveTransfer, stock.ReceiveTransferIn{ID: o.ID, Document: "1", Lines: arrivals("a:3")})
	sdktest.Refused(t, take, "denied store /id")
	e.AsPrincipal(eva)
	o = run(t, e, stock.ReceiveTransfer, stock.ReceiveTransferIn{ID: o.ID, Document: "1", Lines: arrivals("a:3")})
	wants(t, written(&o), "closed: a sent 3 received 3")
	e.AsPrincipal(sdktest.Principal{ID: "user:bea", Stores: []string{"BG-01"}})
	_, see := sdktest.Call(e, stock.GetTransfer, stock.TransferID{ID: o.ID})
	sdktest.Refused(t, see, "denied store /id")
	if n := len(sdktest.Ask(t, e, stock.Transfers, stock.TransfersIn{}).Transfers); n != 0 {
		t.Errorf("bea sees %d transfers", n)
	}
}
