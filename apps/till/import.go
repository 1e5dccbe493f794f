package till

import "github.com/bottega-retail/bottega/sdk/retail"

// ImportReceiptIn is one historic document.
type ImportReceiptIn struct {
	Document  Document `json:"document"`
	DryRun    bool     `json:"dry_run,omitempty"`    // say what would happen, write nothing
	MoveStock bool     `json:"move_stock,omitempty"` // sell and take back its goods in the stock ledger
}

// ImportReceiptsIn is a batch. Mind the 1 MiB of one call: about 8,000 lines.
type ImportReceiptsIn struct {
	Documents []Document `json:"documents"`
	DryRun    bool       `json:"dry_run,omitempty"`
	MoveStock bool       `json:"move_stock,omitempty"`
}

// ImportReceiptsOut has one result per document of the batch, in its order.
type ImportReceiptsOut struct {
	Results []Imported `json:"results"`
}

// Document is a historic document as its source has it. Nothing is priced,
// numbered or corrected.
type Document struct {
	External string            `json:"external"` // id in the source, unique for ever: uci:536365
	Number   string            `json:"number"`   // as it was printed, no slash
	Kind     string            `json:"kind,omitempty"`
	Store    retail.StoreID    `json:"store"` // known to the catalog
	Till     string            `json:"till"`  // no slash; numbers of imported documents are the source's
	At       retail.Instant    `json:"at"`
	Cashier  string            `json:"cashier,omitempty"`
	Channel  retail.Channel    `json:"channel,omitempty"`  // "" is the store's
	Currency retail.Currency   `json:"currency,omitempty"` // "" is the store's
	Customer retail.CustomerID `json:"customer,omitempty"`
	Original string            `json:"original,omitempty"` // id of the document that this one undoes, if known
	Reason   string            `json:"reason,omitempty"`
	Lines    []DocumentLine    `json:"lines"`
	// Tenders sum to the total; without any the total stands as one tender of
	// type "unknown".
	Tenders []Taken  `json:"tenders,omitempty"`
	Flags   []string `json:"flags,omitempty"` // oddities that the importer found
}

// DocumentLine is one line as its source has it.
type DocumentLine struct {
	SKU         retail.SKU      `json:"sku"`
	Description string          `json:"description,omitempty"`
	Quantity    retail.Quantity `json:"quantity"` // negative for what came back
	// UnitPrice is a decimal in major units: 2.55, 0.001, -11062.06. It may be
	// finer than a cent. Amount must be Quantity × UnitPrice, rounded half away
	// from zero.
	UnitPrice string             `json:"unit_price"`
	Amount    retail.Money       `json:"amount"`
	VATRate   retail.BasisPoints `json:"vat_rate,omitempty"` // inside Amount
}

// Imported is what became of one document. Of a refused one, code and reason:
// invalid "external", "number", "store", "till", "at", "lines", "sku",
// "unit_price", "amount" (Message says what it should be), "tenders", "vat_rate";
// not_found "store"; denied "store"; conflict "differs"; too_large "lines".
type Imported struct {
	External string       `json:"external"`
	Receipt  string       `json:"receipt,omitempty"` // id
	Outcome  Outcome      `json:"outcome"`
	Total    retail.Money `json:"total"` // of the document
	Code     string       `json:"code,omitempty"`
	Reason   string       `json:"reason,omitempty"`
	Pointer  string       `json:"pointer,omitempty"` // into the document, /lines/3/amount
	Message  string       `json:"message,omitempty"`
}

// Outcome says what an import did.
type Outcome string

// The outcomes.
const (
	Created Outcome = "created"
	Known   Outcome = "known" // it was there already, the same
	Refused Outcome = "refused"
)
