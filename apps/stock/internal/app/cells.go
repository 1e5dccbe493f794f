package app

import (
	"github.com/bottega-retail/bottega/apps/stock"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// free is how much of a SKU lies at a place and is nobody's: what is on hand
// without what is reserved. Whoever may take only that learns it from the answer of
// one bounded Add and reads nothing, so that sales, transfers and reservations of one
// SKU do not wait for each other. The counter bears the name on_hand, which is what
// it held before there were reservations.
var free = sdk.Counter{Name: "on_hand"}

// reserved is how much of a SKU at a place lies aside for open reservations.
var reserved = sdk.Counter{Name: "reserved"}

// cell is the counters' key of a SKU at a place.
func cell(place stock.PlaceID, sku retail.SKU) sdk.Key { return sdk.K(place).Text(string(sku)) }

// onHand is how much of a SKU lies at a place, reserved or not.
func onHand(r sdk.Reader, place stock.PlaceID, sku retail.SKU) retail.Quantity {
	key := cell(place, sku)
	return retail.Quantity(free.Get(r, key) + reserved.Get(r, key))
}

// putAside reserves q of a SKU at a place if at least q is free beyond least.
// Errors: exhausted, reason "bound", and then nothing has changed.
func putAside(tx *sdk.Tx, place stock.PlaceID, sku retail.SKU, q, least retail.Quantity) error {
	key := cell(place, sku)
	if err := free.Add(tx, key, -int64(q), int64(least), sdk.NoMax); err != nil {
		return err
	}
	return reserved.Add(tx, key, int64(q), 0, sdk.NoMax)
}

// putBack gives back what was put aside.
func putBack(tx *sdk.Tx, place stock.PlaceID, sku retail.SKU, q retail.Quantity) error {
	key := cell(place, sku)
	if err := reserved.Add(tx, key, -int64(q), 0, sdk.NoMax); err != nil {
		return err
	}
	return free.Add(tx, key, int64(q), sdk.NoMin, sdk.NoMax)
}
