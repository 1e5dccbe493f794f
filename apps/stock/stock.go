// Package stock is the contract of the stock ledger: how much of each SKU lies
// at which place, every movement that brought it there, and for whom it is put
// aside. It knows no price.
//
// Every movement is double entry: it takes from one place and puts to another,
// so that the sum over all places of a SKU, the virtual ones included, is
// always zero. Movements are immutable: a mistake is mended by another one.
//
// There is one deliberate asymmetry. A till never refuses the item in the
// customer's hand: [Sell] may take a place below zero, and may take what is put
// aside for somebody else, and says so with [Discrepancy]. Nothing else goes below
// zero. What has happened to goods (loss, damage, a count) is written down although
// they were put aside, and told in the same way; everything that is somebody's
// decision, a transfer or a promise, takes only what is free.
//
// Whoever is limited to stores moves, reserves, counts and sees goods at the places of
// these, and at places of no store: what goes from one store to another travels
// through such a place, and each store moves its own half. A movement and a transfer
// are seen by both stores that they touch, a reservation and a count by the one where the
// goods lie. Only [Nearby], [Source] and [Grid] tell what other stores may promise, to
// whoever has their right: sums, and no place, movement or customer. An app that calls
// acts by its grant.
package stock

import "github.com/bottega-retail/bottega/sdk"

// Limits of one call.
const (
	MaxLines = 250    // different SKUs in one movement
	MaxSKUs  = 200    // SKUs in one LookUp
	MaxCells = 4000   // SKUs times places in one LookUp
	MaxAdded = 24_000 // SKUs times places that one Grid, Nearby or Source adds up
	MaxPage  = 200    // records in one answer of a list
	MaxCited = 20     // reservations that one sale cites
)

// Sell moves goods from the floor of a store to the customer, all lines in one
// call, in the sale's transaction. It never fails for want of stock. Leave out
// what is no goods: stock does not ask the catalog.
//
// Errors: failed_precondition, reason "no_floor" (the store has no place of
// kind floor); conflict, reason "document" (this document has sold already);
// invalid, reason "document", "lines", "sku" or "quantity"; too_large, reason
// "lines" or "reservations" (more than MaxCited).
var Sell = sdk.Command[SellIn, Movement]{Name: "stock.sell"}

// TakeBack moves goods from the customer back to a store: to the floor, or to
// quarantine if they must be looked at first.
//
// Errors: those of Sell; failed_precondition, reason "no_quarantine"; invalid,
// reason "reason".
var TakeBack = sdk.Command[TakeBackIn, Movement]{Name: "stock.take_back"}

// Receive moves goods from a supplier to a place. Errors: not_found, reason
// "place" or "sku"; failed_precondition, reason "place_closed" or "in_transit" (only
// transfers move what lies there); invalid, reason "not_goods" (services and gift cards lie nowhere) or as Sell; too_large as
// Sell; denied, reason "store" (the place is another store's).
var Receive = sdk.Command[ReceiveIn, Movement]{Name: "stock.receive"}

// Move moves goods between two places for a reason that allows it, never below
// zero and, but for a loss or damage, nothing that is reserved. Errors: exhausted, reason "on_hand" (Fields["sku"], pointer /lines/N);
// not_found, reason "place" or "sku"; failed_precondition, reason
// "place_closed" or "in_transit"; invalid, reason "reason" (not one for these places),
// "same_place", "not_goods" or as Sell; too_large as Sell; denied, reason "store"
// (one of the places is another store's).
var Move = sdk.Command[MoveIn, Movement]{Name: "stock.move"}

// Count makes a place hold what somebody has counted there: the differences to
// what was on hand at this moment move from or to adjustment. A count without
// differences is a movement without lines, which is kept as proof. For a place that
// trades meanwhile, or several people, use OpenCount.
// Errors: those of Receive; conflict, reason "counting" (a sheet of the place is open).
var Count = sdk.Command[CountIn, CountOut]{Name: "stock.count"}

// LookUp tells how much of some SKUs is on hand where: without Stores at all
// permitted ones.
// Errors: too_large, reason "skus" or "cells" (ask for fewer SKUs or name stores);
// denied, reason "store".
var LookUp = sdk.Query[LookUpIn, LookUpOut]{Name: "stock.look_up"}

// Movements lists movements, the newest first, of a SKU, a place or a document,
// without those that touch only other stores.
// Errors: invalid, reason "filter" (not exactly one); denied, reason "store" (of
// the place).
var Movements = sdk.Query[MovementsIn, MovementsOut]{Name: "stock.movements"}

// Verify recomputes, SKU by SKU, what should be on hand from the movements, and what
// should be reserved from the open reservations, and compares it with what is. It takes as many SKUs as one operation can and says
// where to go on. It adds up all stores: whoever is limited to some is refused.
// Errors: denied, reason "store".
var Verify = sdk.Query[VerifyIn, VerifyOut]{Name: "stock.verify"}

// PutPlace creates or replaces a place. A store has at most one open floor and
// one open quarantine. The store and kind of a place never change.
// Errors: invalid, reason "id", "name", "kind" or "store" (missing, which only
// transit may); not_found, reason "store";
// conflict, reason "place" (id taken by a virtual place, or another store or
// kind) or "floor" or "quarantine" (the store has one); denied, reason "store"
// (whoever is limited to stores sets up no place of none).
var PutPlace = sdk.Command[Place, Place]{Name: "stock.put_place"}

// Places lists all places but the virtual ones, by id: of permitted stores and of
// none.
var Places = sdk.Query[PlacesIn, PlacesOut]{Name: "stock.places"}

// Moved is emitted once per movement that has lines.
var Moved = sdk.Event[Movement]{
	Name: "stock.moved",
	Key:  func(m *Movement) string { return string(m.Place) },
}

// DiscrepancyFound is emitted once per movement that took SKUs below zero or below
// what is reserved, or further below: somebody should count them, and tell the
// customers of the reservations that it names.
var DiscrepancyFound = sdk.Event[Discrepancy]{
	Name: "stock.discrepancy",
	Key:  func(d *Discrepancy) string { return string(d.Place) },
}
