package till

import (
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// Kind says what a document is.
type Kind string

// The kinds.
const (
	Sale     Kind = "sale"
	Refund   Kind = "return"
	Annul    Kind = "void"
	Historic Kind = "imported"
	Advance  Kind = "deposit" // paid ahead, or paid back
)

// Receipt is one document. It never changes.
type Receipt struct {
	ID       string            `json:"id"`               // store/till/number; of one that a till wrote cut off store/till/day-sequence
	Kind     Kind              `json:"kind"`             //
	Store    retail.StoreID    `json:"store"`            //
	Till     string            `json:"till"`             //
	Number   int64             `json:"number,omitempty"` // 1, 2, … per store and till; 0 of one that was imported or written cut off
	Entity   retail.EntityID   `json:"entity"`           // legal person who sells
	Day      retail.Date       `json:"day"`              // civil day of At in the store's zone
	Zone     retail.Zone       `json:"zone"`
	At       retail.Instant    `json:"at"`
	Cashier  string            `json:"cashier,omitempty"`
	Channel  retail.Channel    `json:"channel"`
	Customer retail.CustomerID `json:"customer,omitempty"`
	Currency retail.Currency   `json:"currency"`

	Lines    []ReceiptLine     `json:"lines"`
	List     retail.Money      `json:"list"` // before discounts
	Discount retail.Money      `json:"discount"`
	Total    retail.Money      `json:"total"`
	Rounding retail.Money      `json:"rounding,omitempty"` // of a document wholly in cash
	Tenders  []Taken           `json:"tenders"`
	Change   retail.Money      `json:"change,omitempty"` // in cash
	VAT      []retail.VATShare `json:"vat"`              // by rate, rising
	// VATPaid is the part of VAT that was due when vouchers were sold which pay here. Due
	// now is VAT less VATPaid.
	VATPaid []retail.VATShare `json:"vat_paid,omitempty"`
	Printed []Printed         `json:"printed,omitempty"` // only in the answer of the operation that wrote the document

	Applied    []pricing.Applied    `json:"applied,omitempty"`     // of a sale; negative of what undoes one
	NotApplied []pricing.NotApplied `json:"not_applied,omitempty"` // of a sale: so that it still answers in a year
	Grants     []pricing.Grant      `json:"grants,omitempty"`      // of a sale: what promotions gave that takes no money off
	Generation int64                `json:"generation,omitempty"`  // of the promotions that priced a sale

	// Withheld says why a return refunds less than the shares of its units, or more: see
	// pricing.Recompute. It is in Discount, Total and Applied, here and of the lines.
	Withheld []pricing.Withheld `json:"withheld,omitempty"`

	Original string `json:"original,omitempty"` // document that this one undoes
	Reason   string `json:"reason,omitempty"`   // of a return or void
	Exchange string `json:"exchange,omitempty"` // other document of an exchange
	// Reservation that a deposit belongs to.
	Reservation string  `json:"reservation,omitempty"`
	Import      *Import `json:"import,omitempty"` // of an imported document

	Code    string `json:"code,omitempty"`     // to print as a barcode; whoever scans it finds the document
	Session string `json:"session,omitempty"`  // of the till, if one was open
	Closing int64  `json:"closing,omitempty"`  // number of the day close of the till that this document belongs to
	TaxCode string `json:"tax_code,omitempty"` // of the customer, where he asked for it

	Offline *Offline `json:"offline,omitempty"` // of one that a till wrote while it was cut off

	// Fiscal is what the fiscal device says of the document: only in answers of till.receipt,
	// once it has printed. The document that is kept does not change.
	Fiscal *FiscalReference `json:"fiscal,omitempty"`
}

// ReceiptLine is goods of a document, as they were then. A line of a return without
// units gives back what earlier returns withheld of it.
type ReceiptLine struct {
	ID             string            `json:"id"` // "1", "2", … ; of a return, the original's
	SKU            retail.SKU        `json:"sku"`
	Quantity       retail.Quantity   `json:"quantity"`
	UnitPrice      retail.Money      `json:"unit_price"` // of Per units, before discounts
	Per            retail.Quantity   `json:"per"`
	PriceList      string            `json:"price_list,omitempty"`
	List           retail.Money      `json:"list"`
	Discount       retail.Money      `json:"discount"`
	Total          retail.Money      `json:"total"`
	UnitShares     []pricing.Share   `json:"unit_shares,omitempty"` // of Total; the larger first
	Applied        []pricing.Applied `json:"applied,omitempty"`
	OverrideReason string            `json:"override_reason,omitempty"`
	ApprovedBy     string            `json:"approved_by,omitempty"` // who let the price by hand pass: see Line
	Stored         string            `json:"stored,omitempty"`      // of a gift card that was sold: what its app calls it
	Goods          pricing.Goods     `json:"goods"`
	Added          bool              `json:"added,omitempty"`       // a promotion has added it
	ExactPrice     string            `json:"exact_price,omitempty"` // imported: the unit price as given, a decimal
}

// Import says where a historic document comes from.
type Import struct {
	External string   `json:"external"` // id in the source, unique: uci:536365
	Number   string   `json:"number"`   // as it was printed
	Kind     string   `json:"kind,omitempty"`
	Flags    []string `json:"flags,omitempty"` // oddities that the importer found
	Digest   string   `json:"digest"`          // of the document as it came
}

// ReceiptID names a document: exactly one field.
type ReceiptID struct {
	Receipt  string `json:"receipt,omitempty"`
	External string `json:"external,omitempty"`
	Code     string `json:"code,omitempty"` // as scanned from the paper
}

// GiftReceipt is what a present goes with: what was bought and where, but no prices.
type GiftReceipt struct {
	Code  string         `json:"code"` // to print as a barcode; Return and Exchange take it
	Store retail.StoreID `json:"store"`
	Day   retail.Date    `json:"day"`
	Lines []GiftLine     `json:"lines"`
}

// GiftLine is goods on a gift receipt.
type GiftLine struct {
	Line        string          `json:"line"`
	SKU         retail.SKU      `json:"sku"`
	Description string          `json:"description"`
	Quantity    retail.Quantity `json:"quantity"`
}

// ExplainIn names a document, as ReceiptID does, and a language.
type ExplainIn struct {
	Receipt  string `json:"receipt,omitempty"`
	External string `json:"external,omitempty"`
	Language string `json:"language,omitempty"` // it or en; "" is en
}

// ExplainOut has the texts of a document: first what applied, then what was granted,
// then what was withheld, then what did nothing. It is empty for documents that were
// imported.
type ExplainOut struct {
	Receipt string         `json:"receipt"`
	Told    []pricing.Told `json:"told"`
}

// ReturnableOut tells what of a sale may still come back.
type ReturnableOut struct {
	Receipt  string           `json:"receipt"`
	Voided   string           `json:"voided,omitempty"` // document that voids it
	Refunded retail.Money     `json:"refunded"`         // so far
	Left     retail.Money     `json:"left"`             // that returning all the rest at once would refund
	Returns  []string         `json:"returns,omitempty"`
	Lines    []ReturnableLine `json:"lines"`
}

// ReturnableLine is one line of a sale.
type ReturnableLine struct {
	Line     string          `json:"line"`
	SKU      retail.SKU      `json:"sku"`
	Sold     retail.Quantity `json:"sold"`
	Returned retail.Quantity `json:"returned"`
	Left     retail.Money    `json:"left"` // that returning the rest of this line alone would refund
}

// ReceiptsIn asks for a page.
type ReceiptsIn struct {
	Store    retail.StoreID    `json:"store,omitempty"`
	Day      retail.Date       `json:"day,omitempty"`      // "" is all; only with Store
	Customer retail.CustomerID `json:"customer,omitempty"` // exactly one of Store and Customer
	Cursor   string            `json:"cursor,omitempty"`   // of the page before
	Limit    int64             `json:"limit,omitempty"`    // 1 to MaxPage; 0 is 50
}

// ReceiptsOut is one page. It may hold fewer than Limit although Cursor is set.
type ReceiptsOut struct {
	Receipts []Summary `json:"receipts"`
	Cursor   string    `json:"cursor,omitempty"` // "" at the end
}

// Summary is a document in a list.
type Summary struct {
	ID       string            `json:"id"`
	Kind     Kind              `json:"kind"`
	Store    retail.StoreID    `json:"store"`
	Till     string            `json:"till"`
	Day      retail.Date       `json:"day"`
	At       retail.Instant    `json:"at"`
	Customer retail.CustomerID `json:"customer,omitempty"`
	Currency retail.Currency   `json:"currency"`
	Lines    int64             `json:"lines"`
	Total    retail.Money      `json:"total"`
	Original string            `json:"original,omitempty"`
}
