package till

import "github.com/bottega-retail/bottega/sdk/retail"

// TryReturnIn is an order that the caller brings, and what comes back of it: the
// arithmetic of [Return] on things that are nowhere stored.
type TryReturnIn struct {
	Lines          []TryLine     `json:"lines"`
	OrderDiscount  retail.Money  `json:"order_discount,omitempty"` // off all lines, shared by what they cost
	Shipping       retail.Money  `json:"shipping,omitempty"`       // paid; refunded only with the last unit, if RefundShipping
	RefundShipping bool          `json:"refund_shipping,omitempty"`
	Before         []TryReturned `json:"before,omitempty"` // returned earlier, in order
	Returned       []TryReturned `json:"returned"`
}

// TryLine is a line of the order. It costs Total, or UnitPrice × Quantity less Discount.
type TryLine struct {
	ID        string          `json:"id"`
	Quantity  retail.Quantity `json:"quantity"`
	UnitPrice retail.Money    `json:"unit_price,omitempty"`
	Discount  retail.Money    `json:"discount,omitempty"`
	Total     *retail.Money   `json:"total,omitempty"`
}

// TryReturned is units of a line that come back.
type TryReturned struct {
	Line     string          `json:"line"`
	Quantity retail.Quantity `json:"quantity"`
	Exchange bool            `json:"exchange,omitempty"` // for goods of the same worth: nothing is refunded
}

// TryReturnOut is what the return refunds.
type TryReturnOut struct {
	Refund retail.Money      `json:"refund"`
	Lines  []TryReturnedLine `json:"lines"` // as Returned
	Left   retail.Money      `json:"left"`  // that returning all the rest would refund
}

// TryReturnedLine is what one line refunds.
type TryReturnedLine struct {
	Line   string       `json:"line"`
	Refund retail.Money `json:"refund"`
}
