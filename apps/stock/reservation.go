package stock

import (
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// Reserve puts goods of a store aside for a customer. It promises only what is
// there: never more than is on hand, not reserved for others and above the safety
// stock; of many who ask for the last piece exactly one gets it. All lines are
// reserved or none. Nothing moves: what is reserved stays where it lies.
//
// Errors: exhausted, reason "available" (Fields["sku"], Fields["available"],
// pointer /lines/N/quantity); failed_precondition, reason "no_place" (the store has no open
// place that sells) or "not_sellable" (the place does not sell, or is closed);
// not_found, reason "place", "store" or "sku"; conflict, reason "document" (it
// has reserved already); invalid, reason "until" (past, beyond the longest time of the
// settings, or said in two ways), "customer" (neither a customer nor a name),
// "deposit", "document", "text", "not_goods" or as Sell; too_large as Sell; denied, reason
// "store" (the place is another store's).
var Reserve = sdk.Command[ReserveIn, Reservation]{Name: "stock.reserve"}

// Extend moves the end of an open reservation, to later or earlier.
// Errors: not_found, reason "reservation"; failed_precondition, reason "closed" (Fields["state"]);
// invalid, reason "until" as Reserve, or that it is missing; denied, reason "store".
var Extend = sdk.Command[ExtendIn, Reservation]{Name: "stock.extend"}

// Cancel gives back what is reserved. Cancelling what is cancelled or expired changes
// nothing. A deposit is the till's to pay back: the answer and the event name it.
// Errors: not_found, reason "reservation"; failed_precondition, reason "closed"
// (it was sold); denied, reason "store".
var Cancel = sdk.Command[CancelIn, Reservation]{Name: "stock.cancel"}

// GetReservation is a reservation by its id, or by the caller's document.
// Errors: not_found, reason "reservation"; invalid, reason "filter" (not exactly
// one); denied, reason "store".
var GetReservation = sdk.Query[GetReservationIn, Reservation]{Name: "stock.reservation"}

// Reservations lists reservations, the newest first.
// Errors: denied, reason "store".
var Reservations = sdk.Query[ReservationsIn, ReservationsOut]{Name: "stock.reservations"}

// The events of a reservation's life. Each is told once; none carries a name.
var (
	ReservationMade      = sdk.Event[ReservationEvent]{Name: "stock.reservation_made", Key: reservationKey}
	ReservationExtended  = sdk.Event[ReservationEvent]{Name: "stock.reservation_extended", Key: reservationKey}
	ReservationConverted = sdk.Event[ReservationEvent]{Name: "stock.reservation_converted", Key: reservationKey} // sold
	ReservationCancelled = sdk.Event[ReservationEvent]{Name: "stock.reservation_cancelled", Key: reservationKey}
	ReservationExpired   = sdk.Event[ReservationEvent]{Name: "stock.reservation_expired", Key: reservationKey}
)

func reservationKey(e *ReservationEvent) string { return e.ID }

// ReservationState says where a reservation stands. Only an open one holds goods.
type ReservationState string

// The states.
const (
	Open      ReservationState = "open"
	Converted ReservationState = "converted" // a sale has cited it
	Cancelled ReservationState = "cancelled"
	Expired   ReservationState = "expired" // nobody came in time
)

// ReserveIn is who wants what, where and until when.
type ReserveIn struct {
	Store    retail.StoreID    `json:"store"`              // where the goods lie and are collected
	Place    PlaceID           `json:"place,omitempty"`    // of the store; "" is wherever it has them, the floor first
	Document string            `json:"document,omitempty"` // the caller's key, at most 100 characters; reserves once
	Customer retail.CustomerID `json:"customer,omitempty"`
	Name     string            `json:"name,omitempty"` // whom to ask for, at most 200 characters; needed without a customer
	Note     string            `json:"note,omitempty"` // at most 500 characters
	Lines    []Line            `json:"lines"`
	// The end, said in one way at most. Without any, a reservation lasts for the days
	// of the settings.
	Until   retail.Instant `json:"until,omitempty"`   // at which it is over
	Day     retail.Date    `json:"day,omitempty"`     // the last day, whole, in the store's zone
	Minutes int64          `json:"minutes,omitempty"` // from now
	Deposit *Deposit       `json:"deposit,omitempty"`
	// Safety takes the safety stock too: for whoever stands beside the goods.
	Safety bool `json:"safety,omitempty"`
}

// Deposit is what a customer has paid ahead. The money is the till's: stock keeps
// what to look for.
type Deposit struct {
	Amount    retail.Money    `json:"amount"` // above zero
	Currency  retail.Currency `json:"currency"`
	Reference string          `json:"reference"` // of the till's document, 1 to 100 characters
}

// ExtendIn names a reservation and its new end.
type ExtendIn struct {
	ID string `json:"id"`
	// The new end, said in exactly one way.
	Until   retail.Instant `json:"until,omitempty"`   // at which it is over
	Day     retail.Date    `json:"day,omitempty"`     // the last day, whole, in the store's zone
	Minutes int64          `json:"minutes,omitempty"` // from now
}

// CancelIn names a reservation.
type CancelIn struct {
	ID     string `json:"id"`
	Reason string `json:"reason,omitempty"` // for people, at most 500 characters
}

// GetReservationIn names a reservation: exactly one field.
type GetReservationIn struct {
	ID       string `json:"id,omitempty"`
	Document string `json:"document,omitempty"`
}

// ReservationsIn selects reservations; empty fields do not.
type ReservationsIn struct {
	Store    retail.StoreID    `json:"store,omitempty"`
	Customer retail.CustomerID `json:"customer,omitempty"`
	SKU      retail.SKU        `json:"sku,omitempty"`
	State    ReservationState  `json:"state,omitempty"`
	Cursor   string            `json:"cursor,omitempty"`
	Limit    int64             `json:"limit,omitempty"` // 1 to MaxPage; 0 is 50
}

// ReservationsOut is one page. It may hold fewer than Limit although Cursor is set.
type ReservationsOut struct {
	Reservations []Reservation `json:"reservations"`
	Cursor       string        `json:"cursor,omitempty"` // "" at the end
}

// Reservation is goods put aside for a customer.
type Reservation struct {
	ID       string            `json:"id"` // ULID
	Document string            `json:"document,omitempty"`
	State    ReservationState  `json:"state"`
	Store    retail.StoreID    `json:"store"`
	Customer retail.CustomerID `json:"customer,omitempty"`
	Name     string            `json:"name,omitempty"`
	Note     string            `json:"note,omitempty"`
	Lines    []ReservedLine    `json:"lines"` // by SKU, then place
	Deposit  *Deposit          `json:"deposit,omitempty"`
	Made     retail.Instant    `json:"made"`
	Until    retail.Instant    `json:"until"`           // at which it is over
	Actor    string            `json:"actor,omitempty"` // principal who made it
	Closed   retail.Instant    `json:"closed,omitempty"`
	By       string            `json:"by,omitempty"` // the sale's document, or why it was cancelled
	// Broken says that a till sold, or somebody lost, what was reserved here: not all
	// of it can be met any more.
	Broken bool `json:"broken,omitempty"`
}

// ReservedLine is how much of a SKU lies aside where.
type ReservedLine struct {
	SKU      retail.SKU      `json:"sku"`
	Place    PlaceID         `json:"place"`
	Quantity retail.Quantity `json:"quantity"`
}

// ReservationEvent is what became of a reservation.
type ReservationEvent struct {
	ID       string            `json:"id"`
	Document string            `json:"document,omitempty"`
	State    ReservationState  `json:"state"`
	Store    retail.StoreID    `json:"store"`
	Customer retail.CustomerID `json:"customer,omitempty"`
	Lines    []ReservedLine    `json:"lines"`
	Deposit  *Deposit          `json:"deposit,omitempty"`
	Until    retail.Instant    `json:"until"`
	By       string            `json:"by,omitempty"` // of a converted one: the sale's document
}
