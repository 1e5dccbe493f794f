package till

import "github.com/bottega-retail/bottega/sdk/retail"

// CloseIn is a sale: of a basket, or of Lines at a till in one shot. With
// Basket, where, for whom and with which codes is the basket's; of the rest only
// Cashier, Tenders, Reservations, Deposits, Token and ExpectedTotal count.
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
	// Reservations that the customer came for: see stock.sell.
	Reservations []string `json:"reservations,omitempty"`
	// Deposits that pay, by their documents, each whole. Their reservations are met too.
	Deposits []string `json:"deposits,omitempty"`
	// Token of the quote that the customer was told: it is sold as it was priced then.
	Token string `json:"token,omitempty"`
	// ExpectedTotal is what the customer was told. If the total is another by
	// now, nothing is sold.
	ExpectedTotal *retail.Money `json:"expected_total,omitempty"`
	// Lottery is the customer's code of the receipt lottery: 8 letters and digits, for a
	// total of 1.00 euro or more that is paid wholly by card, and not with a TaxCode. It is
	// for the fiscal device alone and never kept.
	Lottery string `json:"lottery,omitempty"`
	TaxCode string `json:"tax_code,omitempty"` // codice fiscale or VAT number that the customer wants on the receipt
}

// VoidIn undoes a sale.
type VoidIn struct {
	Receipt string         `json:"receipt"`
	Store   retail.StoreID `json:"store,omitempty"` // "" is the sale's; it may be no other
	Till    string         `json:"till,omitempty"`  // "" is the sale's
	Cashier string         `json:"cashier"`
	Reason  string         `json:"reason"`
}

// ReturnIn takes back units of a sale: exactly one of Receipt and Code names it.
type ReturnIn struct {
	Receipt string         `json:"receipt,omitempty"`
	Code    string         `json:"code,omitempty"`  // as scanned from a receipt, or from a gift receipt
	Store   retail.StoreID `json:"store,omitempty"` // where they come back; needed but in an exchange
	Till    string         `json:"till,omitempty"`  // the same
	Cashier string         `json:"cashier,omitempty"`
	Reason  string         `json:"reason"`
	Lines   []ReturnLine   `json:"lines"`
	// Tender is what refunds: cash, one that the sale was paid with, or one of another
	// app, such as a return voucher, that the customer agrees to. "" is what the sale was
	// paid with, cash last; by a gift receipt a return voucher.
	Tender    string `json:"tender,omitempty"`
	Reference string `json:"reference,omitempty"` // of the terminal, or the code of a return voucher that was printed before
	// Refunds names what is refunded through each of several tenders, instead of Tender.
	Refunds []Payment `json:"refunds,omitempty"`
	// Agreed says that the customer has expressly agreed to other means than he paid with
	// (Codice del consumo, art. 56). A sale at a distance is not refunded so without.
	Agreed bool `json:"agreed,omitempty"`
}

// ReturnLine is units of one line of the receipt. Each line stands once.
type ReturnLine struct {
	Line       string          `json:"line"`
	Quantity   retail.Quantity `json:"quantity"`             // above zero
	Quarantine bool            `json:"quarantine,omitempty"` // not back on sale
}

// UnreceiptedIn takes back goods that nobody can show a receipt of.
type UnreceiptedIn struct {
	Store     retail.StoreID    `json:"store"`
	Till      string            `json:"till"`
	Cashier   string            `json:"cashier"`
	Customer  retail.CustomerID `json:"customer,omitempty"`
	Reason    string            `json:"reason"` // not empty
	Lines     []UnreceiptedLine `json:"lines"`
	Reference string            `json:"reference,omitempty"` // code of a return voucher that was printed before
}

// UnreceiptedLine is goods that come back.
type UnreceiptedLine struct {
	SKU        retail.SKU      `json:"sku"`
	Quantity   retail.Quantity `json:"quantity"`             // above zero
	Quarantine bool            `json:"quarantine,omitempty"` // not back on sale
}

// ExchangeIn takes units back and sells others. Both are of one till: Sale's store, till
// and cashier count, those of Return are empty or the same. Of Return, what refunds
// counts if more is worth that comes back; Sale's tenders pay the difference if not.
type ExchangeIn struct {
	Return ReturnIn `json:"return"`
	Sale   CloseIn  `json:"sale"`
}

// ExchangeOut is the two documents.
type ExchangeOut struct {
	Return Receipt `json:"return"`
	Sale   Receipt `json:"sale"`
}
