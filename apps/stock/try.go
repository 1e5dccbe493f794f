package stock

import (
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// Try works out what our rules make of levels and operations that the caller brings, of
// one SKU: nothing that is stored is read or written. It is what
// `bottega price --cases` asks for cases of the kind stock.
// Errors: invalid, reason "op" or "quantity"; too_large, reason "operations".
var Try = sdk.Query[TryIn, TryOut]{Name: "stock.try"}

// TryIn is a case: levels, what happens in order, and what is asked at the end.
//
//bottega:example {"levels":[{"location":"MI-01","on_hand":5,"reserved":1,"threshold":1}],"operations":[{"op":"reserve","quantity":3}],"queries":[{"quantity":1}]}
type TryIn struct {
	Rules      TryRules       `json:"rules"`
	Levels     []TryLevel     `json:"levels"`
	Operations []TryOperation `json:"operations,omitempty"` // at most 1,000
	Queries    []TryQuery     `json:"queries,omitempty"`    // at most 1,000
}

// TryRules are what retailers decide differently. The zero value is what this app does.
type TryRules struct {
	Partial      bool `json:"partial,omitempty"`       // a reservation takes what there is of what it asks for
	Whole        bool `json:"whole,omitempty"`         // a cart takes all or nothing
	Clamp        bool `json:"clamp,omitempty"`         // more than is reserved may be released: all of it is
	ReservedOnly bool `json:"reserved_only,omitempty"` // only what is reserved leaves
	Negative     bool `json:"negative,omitempty"`      // more may leave than is on hand, as at a till
}

// TryLevel is what a location has.
type TryLevel struct {
	Location  string          `json:"location"`
	OnHand    retail.Quantity `json:"on_hand"`
	Reserved  retail.Quantity `json:"reserved,omitempty"`
	Threshold retail.Quantity `json:"threshold,omitempty"` // safety stock; below zero promises what is not there
	Available retail.Quantity `json:"available,omitempty"` // in answers: on hand without reserved and threshold
	Backorder bool            `json:"backorder,omitempty"` // promises what is not there, without a bound
	Untracked bool            `json:"untracked,omitempty"` // counts nothing: there is always enough
}

// TryOp is what may happen.
type TryOp string

// The operations. What cannot be done whole is refused and changes nothing, but for
// TryCart, which takes what there is.
const (
	TryReserve TryOp = "reserve"         // no more than is available
	TryRelease TryOp = "release"         // no more than is reserved
	TryShip    TryOp = "ship"            // no more than is on hand; what is reserved leaves first
	TryReturn  TryOp = "return_to_stock" // always
	TryAdjust  TryOp = "adjust"          // of what is on hand; below zero less, but no more than there is
	TryCart    TryOp = "add_to_cart"     // no more than is available; holds nothing
)

// TryOperation is one of them.
type TryOperation struct {
	Op        TryOp           `json:"op"`
	Location  string          `json:"location,omitempty"`  // "" is all: the first that has some, then the next
	Quantity  retail.Quantity `json:"quantity"`            // above zero; of TryAdjust other than zero
	Backorder bool            `json:"backorder,omitempty"` // this one may promise what is not there, reserved or in the cart
	Key       string          `json:"key,omitempty"`       // the same operation with the same key changes nothing and is answered as before
}

// TryQuery asks what there is, and with a Quantity, whether so much is available.
type TryQuery struct {
	Locations []string         `json:"locations,omitempty"` // together; none is all, unknown ones have nothing
	Quantity  *retail.Quantity `json:"quantity,omitempty"`
}

// TryOut is what came of it.
type TryOut struct {
	Levels       []TryLevel      `json:"levels"`
	Rejected     []int64         `json:"rejected"` // indexes of refused operations
	Steps        []TryStep       `json:"steps"`    // one for each operation
	Answers      []TryAnswer     `json:"answers"`  // one for each query
	CartQuantity retail.Quantity `json:"cart_quantity"`
	Error        string          `json:"error,omitempty"` // of the last refused operation: available, reserved, on_hand or location (there is no level of it)
}

// TryStep is what one operation did, and the level of its location after it.
type TryStep struct {
	Done  retail.Quantity `json:"done"` // of what was asked for
	Error string          `json:"error,omitempty"`
	Level TryLevel        `json:"level"` // of its location, or of the first
	Cart  retail.Quantity `json:"cart"`  // in it by then
}

// TryAnswer is the answer to a query: sums over its locations, those that count nothing
// left out.
type TryAnswer struct {
	Available retail.Quantity `json:"available"`
	OnHand    retail.Quantity `json:"on_hand"`
	Reserved  retail.Quantity `json:"reserved"`
	Open      bool            `json:"open,omitempty"`   // one of them promises without a bound
	Enough    *bool           `json:"enough,omitempty"` // where a quantity was asked for
}
