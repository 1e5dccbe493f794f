package till

import "github.com/bottega-retail/bottega/sdk/retail"

// CloseIn is a sale: of a basket, or of Lines at a till in one shot. With
// Basket, where, for whom and with which codes is the basket's; of the rest only
// Cashier, Tenders, Token and ExpectedTotal count.
type CloseIn struct {
	Basket         string            `json:"basket,omitempty"`
	Store          retail.StoreID    `json:"store,omitempty"`
	Till           string            `json:"till,omitempty"` // 1 to 32 characters, no slash
	Cashier        string            `json:"cashier,omitempty"`
	Channel        retail.Channel    `json:"channel,omitempty"` // "" is the store's
	Customer       retail.CustomerID `json:"customer,omitempty"`
	CustomerGroups []string          `json:"customer_groups,omitempty"`
	Tier           string            `json:"tier,omitempty"`        // of the customer
	PastOrders     *int64            `json:"past_orders,omitempty"` // of the customer; absent if nobody knows
	Codes          []string          `json:"codes,omitempty"`       // of promotions and coupons
	Lines          []Line            `json:"lines,omitempty"`
	Tenders        []Payment         `json:"tenders"` // none only for a total of zero
	// Token of the quote that the customer was told: it is sold as it was priced then.
	Token string `json:"token,omitempty"`
	// ExpectedTotal is what the customer was told. If the total is another by
	// now, nothing is sold.
	ExpectedTotal *retail.Money `json:"expected_total,omitempty"`
}

// The tenders that a till has of its own.
const (
	Cash = "cash" // may be more than what is due: the rest is change
	Card = "card" // exactly what is due, or a part of it
)

// Payment is what a customer pays with.
type Payment struct {
	Type      string       `json:"type"`                // cash, card, or the key of a filler of Tender
	Amount    retail.Money `json:"amount"`              // above zero
	Reference string       `json:"reference,omitempty"` // of the terminal, or the code of a gift card
	Terminal  string       `json:"terminal,omitempty"`  // id of the payment terminal
}

// TenderIn asks the filler of a tender to take or give back money, in the
// sale's transaction.
type TenderIn struct {
	Receipt   string            `json:"receipt"` // id of the document being written
	Store     retail.StoreID    `json:"store"`
	Till      string            `json:"till"`
	Customer  retail.CustomerID `json:"customer,omitempty"`
	Currency  retail.Currency   `json:"currency"`
	Refund    bool              `json:"refund,omitempty"` // give back instead of take
	Amount    retail.Money      `json:"amount"`           // above zero
	Reference string            `json:"reference,omitempty"`
}

// TenderOut says how. The whole amount is taken, or the filler fails.
type TenderOut struct {
	Reference string `json:"reference,omitempty"` // kept on the receipt; nothing secret
}

// VoidIn undoes a sale.
type VoidIn struct {
	Receipt string         `json:"receipt"`
	Store   retail.StoreID `json:"store,omitempty"` // "" is the sale's; it may be no other
	Till    string         `json:"till,omitempty"`  // "" is the sale's
	Cashier string         `json:"cashier"`
	Reason  string         `json:"reason"`
}

// ReturnIn takes back units.
type ReturnIn struct {
	Receipt string         `json:"receipt"`
	Store   retail.StoreID `json:"store"` // where they come back
	Till    string         `json:"till"`
	Cashier string         `json:"cashier"`
	Reason  string         `json:"reason"`
	Lines   []ReturnLine   `json:"lines"`
	// Tender is what refunds: cash, or one that the sale was paid with. "" is
	// what the sale was paid with.
	Tender    string `json:"tender,omitempty"`
	Reference string `json:"reference,omitempty"` // of the terminal
}

// ReturnLine is units of one line of the receipt. Each line stands once.
type ReturnLine struct {
	Line       string          `json:"line"`
	Quantity   retail.Quantity `json:"quantity"`             // above zero
	Quarantine bool            `json:"quarantine,omitempty"` // not back on sale
}
