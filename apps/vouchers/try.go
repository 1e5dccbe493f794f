package vouchers

import "github.com/bottega-retail/bottega/sdk/retail"

// TryIn is a total and what is there to pay it with. Promotions come before: a tender is
// no discount, and Total is what is left after them.
//
//bottega:example {"currency":"EUR","total":9000,"tenders":[{"id":"gc","type":"gift_card","balance":5000}]}
type TryIn struct {
	Currency retail.Currency `json:"currency"`
	Total    retail.Money    `json:"total"`
	Paid     retail.Money    `json:"paid,omitempty"`  // of it already
	Exact    bool            `json:"exact,omitempty"` // nothing may remain
	Tenders  []TryTender     `json:"tenders"`
}

// TryTender is stored value with what is on it.
type TryTender struct {
	ID       string          `json:"id"`
	Type     Type            `json:"type"`
	Balance  retail.Money    `json:"balance"`
	Priority *int64          `json:"priority,omitempty"` // the smaller first; those without come last, in their order
	Currency retail.Currency `json:"currency,omitempty"` // "" is that of the total
	Limit    *retail.Money   `json:"limit,omitempty"`    // that the customer wants to spend of it
	Ended    bool            `json:"ended,omitempty"`    // blocked, expired or not active
}

// TryOut says what each pays, in the order in which they are asked.
type TryOut struct {
	Used      []TryUsed    `json:"used"`
	Remaining retail.Money `json:"remaining"`
	Refused   []TryRefused `json:"refused,omitempty"`
	Error     string       `json:"error,omitempty"` // insufficient: something remains that may not
}

// TryUsed is what one tender pays.
type TryUsed struct {
	ID     string       `json:"id"`
	Amount retail.Money `json:"amount"`
	Left   retail.Money `json:"left"` // on it
}

// TryRefused is a tender that cannot pay. Reasons: currency, not_active, balance.
type TryRefused struct {
	ID     string `json:"id"`
	Reason string `json:"reason"`
}
