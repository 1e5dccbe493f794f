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
	Order    TryOrder        `json:"order,omitempty"`
	At       retail.Instant  `json:"at,omitempty"` // what expired by then pays nothing; 0 looks at no date
	Tenders  []TryTender     `json:"tenders"`
}

// TryOrder says which tender pays first. Among equals it is the one that stands first.
type TryOrder string

// The orders.
const (
	TryPriority TryOrder = ""              // the smaller priority first, those without last
	TryHighest  TryOrder = "priority_desc" // the larger priority first, those without last
	TryGiven    TryOrder = "given"         // as they stand
	TrySmallest TryOrder = "smallest"      // the lower balance first: cards get used up
	TryLargest  TryOrder = "largest"       // the higher balance first: few cards are touched
	TryExpiring TryOrder = "expiring"      // what expires sooner first, those without a date last
	// TryShared has all pay at once, in proportion to what they may pay, by the largest
	// remainder; priorities and dates do not count.
	TryShared TryOrder = "shared"
)

// TryTender is stored value with what is on it.
type TryTender struct {
	ID       string          `json:"id"`
	Type     string          `json:"type,omitempty"` // for people: what pays may be of any kind
	Balance  retail.Money    `json:"balance"`
	Priority *int64          `json:"priority,omitempty"`
	Currency retail.Currency `json:"currency,omitempty"` // "" is that of the total
	Limit    *retail.Money   `json:"limit,omitempty"`    // that the customer wants to spend of it
	Ended    bool            `json:"ended,omitempty"`    // blocked, expired or not active
	Expires  retail.Instant  `json:"expires,omitempty"`  // 0 is never
	// Amount is what is asked of it, as at a till: all of it, or what is due if that is
	// less, or nothing.
	Amount *retail.Money `json:"amount,omitempty"`
	// Open pays whatever is due when its turn comes, as a bank card does. Balance is not
	// looked at, and in turns by balance or date it comes last.
	Open bool `json:"open,omitempty"`
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
	Left   retail.Money `json:"left"` // on it; 0 of an open one
}

// TryRefused is a tender that cannot pay. Reasons: currency, not_active, expired, balance.
type TryRefused struct {
	ID     string `json:"id"`
	Reason string `json:"reason"`
}
