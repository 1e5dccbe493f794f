package till

import "github.com/bottega-retail/bottega/sdk/retail"

// The tenders that a till has of its own. Meal vouchers and others that no app fills are
// a setting; what apps take are the keys of [Tender].
const (
	Cash = "cash" // may be more than what is due: the rest is change
	Card = "card" // exactly what is due, or a part of it
	// Traded is what a return of an exchange is worth in its sale. Only Exchange writes it.
	Traded = "exchange"
	// Prepaid is a deposit that pays for a sale. Only Close writes it, for CloseIn.Deposits.
	Prepaid = "deposit"
)

// ReturnVoucher is the key of [Tender] that refunds without a receipt, or by a gift
// receipt, are paid with.
const ReturnVoucher = "return_voucher"

// Payment is what a customer pays with.
type Payment struct {
	Type      string       `json:"type"`                // cash, card, one of the settings, or the key of a filler of Tender
	Amount    retail.Money `json:"amount"`              // above zero
	Reference string       `json:"reference,omitempty"` // of the terminal, or the code of a gift card
	Terminal  string       `json:"terminal,omitempty"`  // id of the payment terminal
	Count     int64        `json:"count,omitempty"`     // pieces of paper, such as meal vouchers; 0 is 1
	// Payment is the id of a payment that Authorise began and the terminal authorised: the
	// sale takes it, whole and once. Only of type card.
	Payment string `json:"payment,omitempty"`
}

// Taken is one tender of a document. Amounts given back are negative.
type Taken struct {
	Type      string       `json:"type"`
	Amount    retail.Money `json:"amount"`
	Reference string       `json:"reference,omitempty"`
	Terminal  string       `json:"terminal,omitempty"`
	Count     int64        `json:"count,omitempty"` // pieces of paper
	// Of is the tender that an exchange or a deposit stands for: what was paid with it for
	// the goods that came back, or ahead, and what refunds the goods that went out. Only of
	// these two types.
	Of   string `json:"of,omitempty"`
	Sale string `json:"sale,omitempty"` // with Of: the sale, or the deposit, that was paid with it
	// Payment is the id of the payment through a terminal that was taken here; of what was
	// given back that of the refund, and with Of that of what it stands for.
	Payment string `json:"payment,omitempty"`
}

// Printed is what belongs on the paper of a document and nowhere else: it is in the
// answer of the operation that writes the document, not in the document that is kept,
// and not in an event.
type Printed struct {
	Type      string         `json:"type"`
	Reference string         `json:"reference,omitempty"`
	Code      string         `json:"code,omitempty"` // of a voucher that was drawn; it is told this once
	Expires   retail.Instant `json:"expires,omitempty"`
	Left      *retail.Money  `json:"left,omitempty"` // on the card, after this document
}

// TenderIn asks the filler of a tender to take or give back money, in the
// sale's transaction.
type TenderIn struct {
	Receipt   string            `json:"receipt"`            // id of the document being written
	Original  string            `json:"original,omitempty"` // of a refund: sale that is undone, "" if nobody knows it
	Store     retail.StoreID    `json:"store"`
	Till      string            `json:"till"`
	Channel   retail.Channel    `json:"channel,omitempty"` // of the sale, and of the original one for a refund
	Customer  retail.CustomerID `json:"customer,omitempty"`
	Currency  retail.Currency   `json:"currency"`
	Refund    bool              `json:"refund,omitempty"` // give back instead of take
	Agreed    bool              `json:"agreed,omitempty"` // the customer agreed to be refunded by other means
	Amount    retail.Money      `json:"amount"`           // above zero
	Reference string            `json:"reference,omitempty"`
	// VAT is what is inside the document by rate, when something is taken: a voucher may
	// pay for goods of one rate only.
	VAT []retail.VATShare `json:"vat,omitempty"`
}

// TenderOut says how. The whole amount is taken, or the filler fails.
type TenderOut struct {
	Reference string `json:"reference,omitempty"` // kept on the receipt; nothing secret
	// VATPaid is the part of the amount whose VAT was due when a voucher was sold. It is
	// above zero for a refund too; the document gives it its sign.
	VATPaid []retail.VATShare `json:"vat_paid,omitempty"`
	Code    string            `json:"code,omitempty"` // of a voucher that was drawn: see Printed
	Expires retail.Instant    `json:"expires,omitempty"`
	Left    *retail.Money     `json:"left,omitempty"` // on the card, after this
}

// StoredIn asks the filler of [StoredValue] to put value on what a sale sells as stored
// value, or to take it off when the sale is undone: all lines of a document at once.
type StoredIn struct {
	Receipt  string            `json:"receipt"`            // id of the document being written
	Original string            `json:"original,omitempty"` // with Undo: the sale
	Store    retail.StoreID    `json:"store"`
	Till     string            `json:"till"`
	Entity   retail.EntityID   `json:"entity"`
	Channel  retail.Channel    `json:"channel,omitempty"`
	Customer retail.CustomerID `json:"customer,omitempty"`
	Currency retail.Currency   `json:"currency"`
	Undo     bool              `json:"undo,omitempty"` // the line came back, or Original is void
	Lines    []StoredLine      `json:"lines"`
	Tenders  []string          `json:"tenders,omitempty"` // types that pay the document
}

// StoredLine is stored value of one line.
type StoredLine struct {
	Line      string             `json:"line"` // id
	SKU       retail.SKU         `json:"sku"`
	Quantity  retail.Quantity    `json:"quantity"` // 1 where there is a code
	Amount    retail.Money       `json:"amount"`   // paid for the line, or refunded
	VATRate   retail.BasisPoints `json:"vat_rate,omitempty"`
	Code      string             `json:"code,omitempty"`      // as scanned
	Reference string             `json:"reference,omitempty"` // with Undo: what the receipt keeps
}

// StoredOut has one card per line.
type StoredOut struct {
	Lines []StoredCard `json:"lines"`
}

// StoredCard is what a line became.
type StoredCard struct {
	Line      string         `json:"line"`
	Reference string         `json:"reference,omitempty"` // kept on the receipt; nothing secret
	Code      string         `json:"code,omitempty"`      // of a card that was drawn: see Printed
	Expires   retail.Instant `json:"expires,omitempty"`
	Multi     bool           `json:"multi,omitempty"` // multi-purpose: VAT is due at use
}
