package casefile

// Answer is what this package reads of the output of pricing.try.
type Answer struct {
	Quote    *Quote      `json:"quote"`
	Parts    []int64     `json:"parts"`
	Price    *TriedPrice `json:"price"`
	Prior    *int64      `json:"prior"`
	Choice   []string    `json:"choice"`
	Spending *int64      `json:"spending"`
}

// Quote is a priced basket.
type Quote struct {
	List       int64          `json:"list"`
	Discount   int64          `json:"discount"`
	Total      int64          `json:"total"`
	Lines      []PricedLine   `json:"lines"`
	Added      []PricedLine   `json:"added"`
	Shipping   []PricedLine   `json:"shipping"`
	Applied    []Applied      `json:"applied"`
	NotApplied []NotApplied   `json:"not_applied"`
	Codes      []RejectedCode `json:"codes"`
	Grants     []Applied      `json:"grants"`
	VAT        []VATShare     `json:"vat"`
}

// PricedLine is the outcome of a line or a way of delivery.
type PricedLine struct {
	ID        string    `json:"id"`
	SKU       string    `json:"sku"`
	Quantity  int64     `json:"quantity"`
	UnitPrice int64     `json:"unit_price"`
	List      int64     `json:"list"`
	Discount  int64     `json:"discount"`
	Total     int64     `json:"total"`
	Applied   []Applied `json:"applied"`
}

// Applied is what a promotion took off.
type Applied struct {
	Promotion string `json:"promotion"`
	Amount    int64  `json:"amount"`
}

// NotApplied says why a promotion took nothing off.
type NotApplied struct {
	Promotion string `json:"promotion"`
	Reason    string `json:"reason"`
}

// RejectedCode says why a code did not help.
type RejectedCode struct {
	Code   string `json:"code"`
	Reason string `json:"reason"`
}

// VATShare is the VAT of a rate.
type VATShare struct {
	Gross int64 `json:"gross"`
	Net   int64 `json:"net"`
	VAT   int64 `json:"vat"`
}

// TriedPrice is a price; Amount is nil if there is none.
type TriedPrice struct {
	Amount   *int64 `json:"amount"`
	Original *int64 `json:"original"`
	List     string `json:"list"`
}
