package stock

import (
	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// Nearby tells a shop where else the goods are that a customer wants: the own store,
// other stores by distance with their opening hours, and warehouses, each with when the
// customer could have them. Those that have everything stand before those that have a
// part, and the nearest first; the own store is always the first.
//
// It is about all stores, whoever asks: its right is what lets the staff of one shop know
// what another may promise. It names no place, no movement and no customer.
// Errors: not_found, reason "store"; invalid as Sell; too_large, reason "lines"
// (more than MaxWanted) or "cells" (ask for fewer SKUs); what the catalog could not do.
var Nearby = sdk.Query[NearbyIn, NearbyOut]{Name: "stock.nearby"}

// Grid is what a store has of a product by size and colour, and how much others have.
// Errors: not_found, reason "product" or "sku"; invalid, reason "filter" (not exactly
// one of Product and SKU); too_large, reason "cells" (ask without Elsewhere).
var Grid = sdk.Query[GridIn, GridOut]{Name: "stock.grid"}

// Source says by the sourcing rules of the settings which stores and warehouses would
// serve what is wanted at a store. It promises nothing: whoever wants the goods reserves
// them. Errors: those of Nearby.
var Source = sdk.Query[SourceIn, SourceOut]{Name: "stock.source"}

// PutSafety says how much of some goods is never promised to anybody: so that a shop
// has one to show, and a wrong count breaks no promise. Of several that hold for goods at
// a place, the closest counts: of the SKU before its category before everything, and of
// the store before all stores. It holds at each floor and each warehouse place, not in
// back rooms. Tills sell regardless.
// Errors: invalid, reason "sku" (with a category, or too long) or "quantity"; denied,
// reason "store" (whoever is limited to stores sets it for these).
var PutSafety = sdk.Command[Safety, Safety]{Name: "stock.put_safety"}

// Safeties lists what PutSafety has said, for all stores and for permitted ones.
var Safeties = sdk.Query[SafetiesIn, SafetiesOut]{Name: "stock.safeties"}

// Limits of these calls.
const (
	MaxWanted = 20 // SKUs that Nearby and Source are asked for
	MaxNearby = 50 // stores that Nearby answers
)

// NearbyIn is what is wanted, and from where.
type NearbyIn struct {
	Store    retail.StoreID    `json:"store"` // that asks
	Lines    []Line            `json:"lines"`
	Position *catalog.Position `json:"position,omitempty"` // of the customer; absent is the store
	Within   int64             `json:"within,omitempty"`   // kilometres; 0 is anywhere, and unknown distances too
	Limit    int64             `json:"limit,omitempty"`    // stores, 1 to MaxNearby; 0 is 10
}

// NearbyOut is who has it.
type NearbyOut struct {
	Stores []NearbyStore `json:"stores"`
}

// NearbyStore is a store or warehouse that has some of what is wanted, or the own store.
type NearbyStore struct {
	Store    retail.StoreID    `json:"store"`
	Name     string            `json:"name"`
	Kind     catalog.StoreKind `json:"kind"`
	City     string            `json:"city,omitempty"`
	Street   string            `json:"street,omitempty"`
	Metres   *int64            `json:"metres,omitempty"` // as the crow flies; absent is unknown
	Opening  Opening           `json:"opening"`
	Complete bool              `json:"complete"` // it has everything
	Lines    []NearbyLine      `json:"lines"`    // in the order asked for, each SKU once
	Promise  *Promise          `json:"promise,omitempty"`
}

// Opening is whether a store is open, as far as two weeks tell.
type Opening struct {
	Known bool           `json:"known,omitempty"` // its hours are in the catalog
	Open  bool           `json:"open,omitempty"`
	Until retail.Instant `json:"until,omitempty"` // at which it closes
	Next  retail.Instant `json:"next,omitempty"`  // at which it opens
}

// NearbyLine is what a store may promise of a SKU, all its places together.
type NearbyLine struct {
	SKU       retail.SKU      `json:"sku"`
	Wanted    retail.Quantity `json:"wanted"`
	Available retail.Quantity `json:"available"`
}

// PromiseKind says how a customer gets goods.
type PromiseKind string

// The kinds.
const (
	Now     PromiseKind = "now"     // here, at once
	Collect PromiseKind = "collect" // by going there
	Send    PromiseKind = "send"    // they come to the store that asks
)

// Promise is when a customer could have all that is wanted from one store.
type Promise struct {
	Kind PromiseKind    `json:"kind"`
	From retail.Instant `json:"from,omitempty"` // of now and collect: when the doors are open; 0 is unknown
	Day  retail.Date    `json:"day,omitempty"`  // of send, in the zone of the store that asks
	Rule string         `json:"rule,omitempty"` // of send: the use of the sourcing rule
}

// GridIn names a product, by its id or by any of its SKUs.
type GridIn struct {
	Store     retail.StoreID `json:"store"`
	Product   string         `json:"product,omitempty"`
	SKU       retail.SKU     `json:"sku,omitempty"`
	Elsewhere bool           `json:"elsewhere,omitempty"` // count other stores too
}

// GridOut is a product's sizes and colours. Sizes stand in the order of the settings,
// then by letters and numbers; colours by name.
type GridOut struct {
	Product string     `json:"product"`
	Name    string     `json:"name"`
	Sizes   []string   `json:"sizes"`
	Colours []string   `json:"colours"`
	Cells   []GridCell `json:"cells"` // by colour, then size
}

// GridCell is one SKU.
type GridCell struct {
	SKU       retail.SKU      `json:"sku"`
	Size      string          `json:"size,omitempty"`
	Colour    string          `json:"colour,omitempty"`
	OnHand    retail.Quantity `json:"on_hand"`   // in the store, where it sells
	Available retail.Quantity `json:"available"` // in the store
	Elsewhere retail.Quantity `json:"elsewhere"` // what others may promise; 0 unless it was asked for
}

// SourceIn is what is wanted at a store.
type SourceIn struct {
	Store retail.StoreID `json:"store"`
	Lines []Line         `json:"lines"`
}

// SourceOut is who would serve it.
type SourceOut struct {
	Takes []Take      `json:"takes"`         // in the order of the rules
	Short []Line      `json:"short"`         // what nobody can serve
	Day   retail.Date `json:"day,omitempty"` // on which all of it would be there; "" if something is short
}

// Take is what one store or warehouse serves of a SKU.
type Take struct {
	From     retail.StoreID  `json:"from"`
	SKU      retail.SKU      `json:"sku"`
	Quantity retail.Quantity `json:"quantity"`
	Rule     string          `json:"rule"` // its use
	Day      retail.Date     `json:"day"`  // on which it would be there
}

// Safety is a quantity that is not promised.
type Safety struct {
	Store    retail.StoreID  `json:"store,omitempty"`    // "" is all
	SKU      retail.SKU      `json:"sku,omitempty"`      // "" is all, or those of Category
	Category string          `json:"category,omitempty"` // id of the catalog's term
	Quantity retail.Quantity `json:"quantity"`           // at each floor and warehouse place
	Remove   bool            `json:"remove,omitempty"`   // nothing is said of these any more
}

// SafetiesIn selects safety stocks; empty fields do not.
type SafetiesIn struct {
	Store  retail.StoreID `json:"store,omitempty"`
	SKU    retail.SKU     `json:"sku,omitempty"`
	Cursor string         `json:"cursor,omitempty"`
	Limit  int64          `json:"limit,omitempty"` // 1 to MaxPage; 0 is 50
}

// SafetiesOut is one page. It may hold fewer than Limit although Cursor is set.
type SafetiesOut struct {
	Safeties []Safety `json:"safeties"`
	Cursor   string   `json:"cursor,omitempty"` // "" at the end
}
