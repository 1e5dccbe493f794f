package price

import "github.com/bottega-retail/bottega/sdk/retail"

// Reason says why a promotion did not apply.
type Reason string

// The reasons, as the contract has them.
const (
	CodeMissing     Reason = "code_missing"
	Inactive        Reason = "inactive"
	IsPaused        Reason = "paused"
	NotStarted      Reason = "not_started"
	Over            Reason = "over"
	WrongHours      Reason = "hours"
	WrongStore      Reason = "store"
	WrongChannel    Reason = "channel"
	WrongCurrency   Reason = "currency"
	UnknownCustomer Reason = "customer_unknown"
	WrongCustomer   Reason = "customer"
	WrongGroup      Reason = "customer_group"
	WrongTier       Reason = "tier"
	WrongOrders     Reason = "past_orders"
	WrongShipping   Reason = "shipping"
	UsageLimit      Reason = "usage_limit"
	CustomerLimit   Reason = "customer_limit"
	BudgetSpent     Reason = "budget"
	NoGoods         Reason = "no_goods"
	ManualPrice     Reason = "price_override"
	MissingQuantity Reason = "quantity_missing"
	MissingAmount   Reason = "amount_missing"
	TooMuch         Reason = "too_much"
	UnitsUsed       Reason = "units_used"
	NotCombinable   Reason = "not_combinable"
	ExcludedBy      Reason = "excluded"
	LostTo          Reason = "lost_to"
	FloorReached    Reason = "floor"
	NothingLeft     Reason = "nothing_left"
)

// Miss is why a promotion did not apply.
type Miss struct {
	Promotion string
	Version   int64
	Reason    Reason
	With      string // promotion that stands in the way
	Quantity  retail.Quantity
	Amount    retail.Money
	From, To  retail.Instant
	Near      bool // a line or a condition matched, and one thing alone was missing
}
