// Package app answers the operations of stock. It knows the contracts of stock,
// of the catalog and of customers, the rules of package ledger and its own collections.
package app

import (
	"github.com/bottega-retail/bottega/apps/customers"
	"github.com/bottega-retail/bottega/apps/stock"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// New makes stock.
func New() *sdk.App {
	return sdk.NewApp("stock",
		settings, places, movements, free, reserved, reservations, safeties, transfers, series, sheets, sheetLines,
		stock.Sell.Handle(sell),
		stock.TakeBack.Handle(takeBack),
		stock.Receive.Handle(receive),
		stock.Move.Handle(move),
		stock.Count.Handle(count),
		stock.LookUp.Handle(lookUp),
		stock.Movements.Handle(listMovements),
		stock.Verify.Handle(verify),
		stock.PutPlace.Handle(putPlace),
		stock.Places.Handle(listPlaces),
		stock.Reserve.Handle(reserve),
		stock.Extend.Handle(extend),
		stock.Cancel.Handle(cancel),
		stock.GetReservation.Handle(getReservation),
		stock.Reservations.Handle(listReservations),
		expiry.On(expire),
		customers.Erased.On(forget),
		forgetRest.On(forget),
		stock.RequestTransfer.Handle(requestTransfer),
		stock.Dispatch.Handle(dispatch),
		stock.ReceiveTransfer.Handle(receiveTransfer),
		stock.ResolveTransfer.Handle(resolveTransfer),
		stock.CancelTransfer.Handle(cancelTransfer),
		stock.GetTransfer.Handle(getTransfer),
		stock.Paper.Handle(onPaper),
		stock.Transfers.Handle(listTransfers),
		stock.OpenCount.Handle(openCount),
		stock.Scan.Handle(scan),
		stock.CloseCount.Handle(closeCount),
		stock.AbandonCount.Handle(abandonCount),
		stock.Counts.Handle(listCounts),
		stock.CountLines.Handle(listCountLines),
		closing.Handle(goOnClosing),
		stock.Try.Handle(try),
		stock.Nearby.Handle(nearby),
		stock.Grid.Handle(sizeGrid),
		stock.Source.Handle(source),
		stock.PutSafety.Handle(putSafety),
		stock.Safeties.Handle(listSafeties),
	)
}

// places are where goods can lie, but for the virtual ones. The index role
// finds the one place of a store that sells, or takes back what is not for sale.
var places = sdk.Collection[PlaceRecord]{
	Name: "places", Key: []string{"place.id"},
	Indexes: []sdk.Index{
		{Name: "store", Fields: []string{"place.store"}},
		{Name: "role", Fields: []string{"role"}, Unique: true},
	},
}

// movements are the ledger. Nothing in it is ever written again. The index once
// is why a document sells, or comes back, once.
var movements = sdk.Collection[MovementRecord]{
	Name: "movements", Key: []string{"movement.id"},
	Indexes: []sdk.Index{
		{Name: "sku", Fields: []string{"skus"}},
		{Name: "place", Fields: []string{"places"}},
		{Name: "document", Fields: []string{"movement.document"}},
		{Name: "once", Fields: []string{"once"}, Unique: true},
	},
}

// PlaceRecord is a place.
type PlaceRecord struct {
	Place stock.Place `json:"place"`
	Role  string      `json:"role,omitempty"` // store/kind of an open floor or quarantine
}

// MovementRecord is a movement with what it is found by.
type MovementRecord struct {
	Movement stock.Movement  `json:"movement"`
	SKUs     []retail.SKU    `json:"skus"`
	Places   []stock.PlaceID `json:"places"`
	Once     string          `json:"once,omitempty"`
}
