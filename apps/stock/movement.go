package stock

import "github.com/bottega-retail/bottega/sdk/retail"

// PlaceID names a place.
//
//bottega:open
type PlaceID string

// The virtual places. They exist without a record, belong to no store, and
// their counters run the other way: the sum over all places is zero.
const (
	Supplier   PlaceID = "supplier"   // goods come from it
	Customer   PlaceID = "customer"   // goods go to it
	Adjustment PlaceID = "adjustment" // losses go to it, finds come from it
)

// PlaceKind says what a place is for.
type PlaceKind string

// The kinds of place.
const (
	Floor      PlaceKind = "floor"      // what tills sell from
	Back       PlaceKind = "back"       // a store's back room
	Warehouse  PlaceKind = "warehouse"  // shelves of a warehouse
	Quarantine PlaceKind = "quarantine" // not for sale until looked at
	Transit    PlaceKind = "transit"    // between two places
	Virtual    PlaceKind = "virtual"    // Supplier, Customer, Adjustment
)

// Sellable says whether goods at a place of this kind may be promised.
func (k PlaceKind) Sellable() bool { return k == Floor || k == Back || k == Warehouse }

// Place is somewhere goods can lie.
type Place struct {
	ID     PlaceID        `json:"id"` // 1 to 64 characters
	Name   string         `json:"name"`
	Kind   PlaceKind      `json:"kind"`
	Store  retail.StoreID `json:"store,omitempty"`  // shop or warehouse that it belongs to; "" only for transit
	Closed bool           `json:"closed,omitempty"` // nothing comes in any more
}

// PlacesIn selects places.
type PlacesIn struct {
	Store retail.StoreID `json:"store,omitempty"` // "" is all
}

// PlacesOut lists places by id.
type PlacesOut struct {
	Places []Place `json:"places"`
}

// Reason says why goods moved.
type Reason string

// The reasons. The first six belong to operations of their own, the others to
// Move, each with the places between which it may move goods.
const (
	Sale     Reason = "sale"            // Sell
	Return   Reason = "return"          // TakeBack
	Void     Reason = "void"            // TakeBack, of a voided receipt
	Receipt  Reason = "receipt"         // Receive
	Counted  Reason = "count"           // Count
	Transfer Reason = "transfer"        // between two places of the retailer
	Loss     Reason = "loss"            // to adjustment: theft, unexplained
	Damage   Reason = "damage"          // to adjustment: broken, expired
	Use      Reason = "internal_use"    // to adjustment: samples, own use
	Found    Reason = "found"           // from adjustment
	SendBack Reason = "supplier_return" // to supplier
)

// Line is an amount of one SKU, above zero, in the SKU's unit. The same SKU may
// stand in several lines: they are added up.
type Line struct {
	SKU      retail.SKU      `json:"sku"`
	Quantity retail.Quantity `json:"quantity"`
}

// SellIn is what a receipt sells.
type SellIn struct {
	Store    retail.StoreID `json:"store"`
	Document string         `json:"document"` // number of the receipt, 1 to 100 characters; sells once
	Lines    []Line         `json:"lines"`
	At       retail.Instant `json:"at,omitempty"` // of the sale; 0 is now
	// Reservations that the customer came for, by id. What they hold is sold from where
	// it lies aside, the rest from the floor, and what is not bought is given back.
	// One that is no longer open, or that nobody knows, holds nothing and changes nothing.
	Reservations []string `json:"reservations,omitempty"`
}

// TakeBackIn is what comes back.
type TakeBackIn struct {
	Store    retail.StoreID `json:"store"`            // where it comes back, not where it was bought
	Document string         `json:"document"`         // number of the return or void, 1 to 100 characters; counts once
	Reason   Reason         `json:"reason,omitempty"` // return or void; "" is return
	Lines    []ReturnLine   `json:"lines"`
	At       retail.Instant `json:"at,omitempty"` // 0 is now
}

// ReturnLine is a line with the fate of the goods.
type ReturnLine struct {
	SKU        retail.SKU      `json:"sku"`
	Quantity   retail.Quantity `json:"quantity"`
	Quarantine bool            `json:"quarantine,omitempty"` // not back on sale
}

// ReceiveIn is a delivery, or a part of one.
type ReceiveIn struct {
	To       PlaceID        `json:"to"`
	Document string         `json:"document"` // delivery note; a note may come in parts
	Lines    []Line         `json:"lines"`
	At       retail.Instant `json:"at,omitempty"` // 0 is now
}

// MoveIn moves goods.
type MoveIn struct {
	From     PlaceID        `json:"from"`
	To       PlaceID        `json:"to"`
	Reason   Reason         `json:"reason"`
	Document string         `json:"document"` // order, transport document, report
	Lines    []Line         `json:"lines"`
	At       retail.Instant `json:"at,omitempty"` // 0 is now
}

// CountIn is what was counted at a place. SKUs that are not named are not
// touched.
type CountIn struct {
	Place    PlaceID    `json:"place"`
	Document string     `json:"document"`
	Lines    []Counting `json:"lines"`
}

// Counting is what was found of a SKU, zero included. Each SKU stands once.
type Counting struct {
	SKU    retail.SKU      `json:"sku"`
	Actual retail.Quantity `json:"actual"`
}

// CountOut is the movement of the differences.
type CountOut struct {
	Movement    Movement     `json:"movement"`
	Differences []Difference `json:"differences,omitempty"` // by SKU, those that are not zero
}

// Difference is what a count found against what was on hand.
type Difference struct {
	SKU      retail.SKU      `json:"sku"`
	Expected retail.Quantity `json:"expected"`
	Actual   retail.Quantity `json:"actual"`
}

// Movement is one document's worth of goods moved at once. It never changes.
type Movement struct {
	ID       string         `json:"id"` // ULID: sorts by when it was recorded, to the millisecond
	Document string         `json:"document"`
	Reason   Reason         `json:"reason"`
	Place    PlaceID        `json:"place"`           // the retailer's place it is about; of two, where it comes from
	Store    retail.StoreID `json:"store,omitempty"` // of Place
	Entries  []Entry        `json:"entries"`         // sorted by SKU, From, To; each once
	Actor    string         `json:"actor,omitempty"` // principal who did it
	App      string         `json:"app,omitempty"`   // app that called, "" at the edge
	At       retail.Instant `json:"at"`              // when goods moved, as the caller said
	Recorded retail.Instant `json:"recorded"`        // when it was written
}

// Entry moves Quantity, above zero, of a SKU.
type Entry struct {
	SKU      retail.SKU      `json:"sku"`
	From     PlaceID         `json:"from"`
	To       PlaceID         `json:"to"`
	Quantity retail.Quantity `json:"quantity"`
}

// Discrepancy is what was taken although the place did not have it, or had put it
// aside for somebody else.
type Discrepancy struct {
	Movement string         `json:"movement"`
	Document string         `json:"document"`
	Place    PlaceID        `json:"place"`
	Store    retail.StoreID `json:"store"`
	Lines    []Line         `json:"lines"` // by SKU: what was taken, not what is missing
	// Reservations that can no longer be met, by id: of several, those made last.
	Reservations []string       `json:"reservations,omitempty"`
	At           retail.Instant `json:"at"`
}

// LookUpIn names SKUs and, optionally, stores.
type LookUpIn struct {
	SKUs   []retail.SKU     `json:"skus"`
	Stores []retail.StoreID `json:"stores,omitempty"` // empty is all
}

// LookUpOut is what is on hand. What is not listed is zero.
type LookUpOut struct {
	Stores []StoreLevel `json:"stores"` // by SKU as asked, then store: all that may be promised
	Places []PlaceLevel `json:"places"` // by SKU as asked, then place
}

// StoreLevel is how much of a SKU a store has at places that sell.
type StoreLevel struct {
	SKU      retail.SKU      `json:"sku"`
	Store    retail.StoreID  `json:"store"`
	Sellable retail.Quantity `json:"sellable"` // on hand at these places; below zero after discrepancies
	Reserved retail.Quantity `json:"reserved,omitempty"`
	// Available may be promised: Sellable without what is reserved and the safety stock,
	// zero if that is more.
	Available retail.Quantity `json:"available"`
}

// PlaceLevel is how much of a SKU lies at a place.
type PlaceLevel struct {
	SKU    retail.SKU      `json:"sku"`
	Place  PlaceID         `json:"place"`
	Store  retail.StoreID  `json:"store,omitempty"`
	Kind   PlaceKind       `json:"kind"`
	OnHand retail.Quantity `json:"on_hand"`
	// Reserved lies aside for customers, and Safety is not promised to anybody.
	Reserved retail.Quantity `json:"reserved,omitempty"`
	Safety   retail.Quantity `json:"safety,omitempty"`
	// Available may be promised: what of OnHand is neither, zero if that is below.
	Available retail.Quantity `json:"available,omitempty"`
}

// MovementsIn selects movements: exactly one of SKU, Place and Document.
type MovementsIn struct {
	SKU      retail.SKU `json:"sku,omitempty"`
	Place    PlaceID    `json:"place,omitempty"` // virtual ones too
	Document string     `json:"document,omitempty"`
	Cursor   string     `json:"cursor,omitempty"`
	Limit    int64      `json:"limit,omitempty"` // 1 to MaxPage; 0 is 50
}

// MovementsOut is one page. It may hold fewer than Limit although Cursor is set.
type MovementsOut struct {
	Movements []Movement `json:"movements"`
	Cursor    string     `json:"cursor,omitempty"` // "" at the end
}

// VerifyIn asks for the SKUs after a cursor. All SKUs that ever moved are
// verified when Cursor comes back empty.
type VerifyIn struct {
	Cursor string `json:"cursor,omitempty"`
	Limit  int64  `json:"limit,omitempty"` // SKUs, 1 to MaxPage; 0 is 50
}

// VerifyOut is the verdict on one page of SKUs.
type VerifyOut struct {
	Checked int64   `json:"checked"`          // SKUs
	Entries int64   `json:"entries"`          // of movements that were added up
	Faults  []Fault `json:"faults"`           // by SKU; empty is well
	Cursor  string  `json:"cursor,omitempty"` // "" at the end
}

// Fault is a place whose counter is not what the movements add up to, or, if
// Reserved is set, not what the open reservations add up to. Place "" is the sum over
// all places, which is to be zero.
type Fault struct {
	SKU     retail.SKU      `json:"sku"`
	Place   PlaceID         `json:"place,omitempty"`
	Ledger  retail.Quantity `json:"ledger"`  // sum of the movements, or of the reservations
	Counter retail.Quantity `json:"counter"` // as it is shown

	Reserved bool `json:"reserved,omitempty"` // of what is reserved, not on hand
}
