package stock

import (
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// Try works out what our rules make of levels and operations that the caller brings, of
// one SKU: nothing that is stored is read or written. It is what
// `bottega price --cases` asks for cases of the kind stock.
// Errors: invalid, reason "op", "location" or "quantity"; too_large, reason "operations".
var Try = sdk.Query[TryIn, TryOut]{Name: "stock.try"}

// TryIn is a case: levels, what happens in order, and what is asked at the end.
type TryIn struct {
	Levels     []TryLevel     `json:"levels"`
	Operations []TryOperation `json:"operations,omitempty"` // at most 1,000
	Queries    []TryQuery     `json:"queries,omitempty"`    // at most 1,000
}

// TryLevel is what a location has.
type TryLevel struct {
	Location  string          `json:"location"`
	OnHand    retail.Quantity `json:"on_hand"`
	Reserved  retail.Quantity `json:"reserved"`
	Threshold retail.Quantity `json:"threshold"` // safety stock; below zero promises what is not there
	Available retail.Quantity `json:"available"` // in answers: on hand without reserved and threshold
}

// TryOp is what may happen.
type TryOp string

// The operations. What cannot be done whole is refused and changes nothing, but for
// AddToCart, which takes what there is.
const (
	TryReserve TryOp = "reserve"         // no more than is available
	TryRelease TryOp = "release"         // no more than is reserved
	TryShip    TryOp = "ship"            // no more than is on hand; what is reserved leaves first
	TryReturn  TryOp = "return_to_stock" // always
	TryCart    TryOp = "add_to_cart"     // no more than is available; holds nothing
)

// TryOperation is one of them.
type TryOperation struct {
	Op       TryOp           `json:"op"`
	Location string          `json:"location,omitempty"` // "" is the first
	Quantity retail.Quantity `json:"quantity"`
	Key      string          `json:"key,omitempty"` // the same again changes nothing and is answered as before
}

// TryQuery asks how much is available, or with a Quantity, whether so much is.
type TryQuery struct {
	Locations []string         `json:"locations,omitempty"` // together; none is all
	Quantity  *retail.Quantity `json:"quantity,omitempty"`
}

// TryOut is what came of it.
type TryOut struct {
	Levels       []TryLevel      `json:"levels"`
	Rejected     []int64         `json:"rejected"` // indexes of refused operations
	Steps        []TryStep       `json:"steps"`    // one for each operation
	Answers      []TryAnswer     `json:"answers"`  // one for each query
	CartQuantity retail.Quantity `json:"cart_quantity"`
	Error        string          `json:"error,omitempty"` // of the last refused operation: available, reserved or on_hand
}

// TryStep is what one operation did, and the level of its location after it.
type TryStep struct {
	Done  retail.Quantity `json:"done"` // of what was asked for
	Error string          `json:"error,omitempty"`
	Level TryLevel        `json:"level"`
}

// TryAnswer is the answer to a query.
type TryAnswer struct {
	Available retail.Quantity `json:"available"`
	Enough    *bool           `json:"enough,omitempty"` // where a quantity was asked for
}
