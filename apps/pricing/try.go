package pricing

import "github.com/bottega-retail/bottega/sdk/retail"

// TryIn asks the rules about things that the caller brings: exactly one of them.
// Nothing that is stored is read but the rules of the settings, and those only
// where Rules is absent.
//
//bottega:example {"basket":{"currency":"EUR","lines":[{"id":"1","sku":"shirt","quantity":3,"unit_price":2990}],
//bottega:example "promotions":[{"id":"3-for-2","name":"Three for two","period":{},"for":{},"not":{},"goods":{},"except":{},
//bottega:example "effects":[{"buy_get":{"buy_quantity":2,"get_quantity":1,"percent":10000}}],"stacking":{},"limits":{}}]}}
type TryIn struct {
	Rules     *Rules        `json:"rules,omitempty"`
	Basket    *TryBasket    `json:"basket,omitempty"`
	Proration *TryProration `json:"proration,omitempty"`
	Price     *TryPrice     `json:"price,omitempty"`
	Prior     *TryPrior     `json:"prior,omitempty"`
	Choice    []Candidate   `json:"choice,omitempty"`
	Spending  *TrySpending  `json:"spending,omitempty"`
}

// TryOut is the answer to what was asked.
type TryOut struct {
	Quote    *QuoteOut      `json:"quote,omitempty"`
	Parts    []retail.Money `json:"parts,omitempty"`
	Price    *TriedPrice    `json:"price,omitempty"`
	Prior    *retail.Money  `json:"prior,omitempty"`
	Choice   []string       `json:"choice,omitempty"`
	Spending *retail.Money  `json:"spending,omitempty"`
}

// TryBasket is a basket with the prices of its goods and the promotions that are
// to work on it; all of them, whatever their state, are answered for.
type TryBasket struct {
	Store          retail.StoreID    `json:"store,omitempty"`
	Zone           retail.Zone       `json:"zone,omitempty"` // "" is Europe/Rome
	Channel        retail.Channel    `json:"channel,omitempty"`
	Customer       retail.CustomerID `json:"customer,omitempty"`
	CustomerGroups []string          `json:"customer_groups,omitempty"`
	Tier           string            `json:"tier,omitempty"`
	PastOrders     *int64            `json:"past_orders,omitempty"`
	Codes          []string          `json:"codes,omitempty"`
	At             retail.Instant    `json:"at,omitempty"` // 0 is now
	Currency       retail.Currency   `json:"currency"`
	Net            bool              `json:"net,omitempty"` // prices are without VAT
	Lines          []TryLine         `json:"lines"`
	Shipping       []QuoteShipping   `json:"shipping,omitempty"`
	Promotions     []Promotion       `json:"promotions,omitempty"` // in the order they were given
	Used           []TryUse          `json:"used,omitempty"`
	Shelf          []TryLine         `json:"shelf,omitempty"` // goods that promotions may add, with their list prices; quantities do not count
}

// TryLine is goods with their price.
type TryLine struct {
	ID         string             `json:"id"`
	SKU        retail.SKU         `json:"sku"`
	Quantity   retail.Quantity    `json:"quantity"`
	UnitPrice  retail.Money       `json:"unit_price"`      // below zero with Manual: taken off the basket by hand
	Floor      retail.Money       `json:"floor,omitempty"` // below which a unit may not fall
	Cost       *retail.Money      `json:"cost,omitempty"`  // of a unit, without VAT
	Manual     bool               `json:"manual,omitempty"`
	VATRate    retail.BasisPoints `json:"vat_rate,omitempty"`
	Product    string             `json:"product,omitempty"`
	Brand      string             `json:"brand,omitempty"`
	Line       string             `json:"line,omitempty"`
	Season     string             `json:"season,omitempty"`
	Supplier   string             `json:"supplier,omitempty"`
	Category   string             `json:"category,omitempty"`
	Tags       []string           `json:"tags,omitempty"`
	Attributes []Attribute        `json:"attributes,omitempty"` // any others
}

// TryUse is what was used of a promotion before.
type TryUse struct {
	Promotion  string       `json:"promotion"`
	Uses       int64        `json:"uses,omitempty"`        // in all
	ByCustomer int64        `json:"by_customer,omitempty"` // by the basket's customer
	Spent      retail.Money `json:"spent,omitempty"`       // of its budget
}

// TryProration asks how an amount is shared out.
type TryProration struct {
	Amount  retail.Money `json:"amount"`
	Weights []int64      `json:"weights"`
}

// TryPrice asks for the price of goods in lists that the caller brings.
type TryPrice struct {
	Currency retail.Currency `json:"currency"`
	Quantity retail.Quantity `json:"quantity,omitempty"` // 0 is 1
	At       retail.Instant  `json:"at,omitempty"`       // 0 is now
	Facts    []Attribute     `json:"facts,omitempty"`    // of the basket and its customer, that lists ask for
	Base     []TryEntry      `json:"base,omitempty"`     // prices that no list says
	Lists    []TryList       `json:"lists,omitempty"`
}

// TryList is a price list with its prices for the goods.
type TryList struct {
	ID       string        `json:"id"`
	Override bool          `json:"override,omitempty"` // its price is the one that is shown as original, too
	Priority int64         `json:"priority,omitempty"`
	Facts    []Attribute   `json:"facts,omitempty"` // all of which must match
	Period   retail.Period `json:"period"`
	Prices   []TryEntry    `json:"prices,omitempty"`
	Formulas []TryFormula  `json:"formulas,omitempty"` // of the base price, for quantities
}

// TryEntry is a price.
type TryEntry struct {
	Amount      retail.Money    `json:"amount"`
	Currency    retail.Currency `json:"currency,omitempty"`
	MinQuantity retail.Quantity `json:"min_quantity,omitempty"`
	MaxQuantity retail.Quantity `json:"max_quantity,omitempty"` // 0 is open
	Facts       []Attribute     `json:"facts,omitempty"`        // all of which must match
}

// TryFormula is a price that is worked out from the base price.
type TryFormula struct {
	MinQuantity retail.Quantity `json:"min_quantity,omitempty"`
	Formula     Formula         `json:"formula"`
}

// TriedPrice is a price, nil if there is none.
type TriedPrice struct {
	Amount   *retail.Money `json:"amount,omitempty"`
	Original *retail.Money `json:"original,omitempty"`
	List     string        `json:"list,omitempty"` // "" for a base price
}

// TryPrior asks for the lowest price before a reduction.
type TryPrior struct {
	Days   int64          `json:"days,omitempty"` // 0 is 30
	At     retail.Instant `json:"at"`
	Prices []PricePoint   `json:"prices"` // rising by At
}

// PricePoint is a price from an instant on.
type PricePoint struct {
	At       retail.Instant `json:"at"`
	Price    *retail.Money  `json:"price,omitempty"`    // nil: not sold from then on
	Original *retail.Money  `json:"original,omitempty"` // that it is reduced from
}

// Candidate is an amount that a promotion of a group would take off.
type Candidate struct {
	ID     string       `json:"id"`
	Amount retail.Money `json:"amount"`
}

// TrySpending asks what a budget has spent after orders were registered, each
// once however many lines it has.
type TrySpending struct {
	Limit   retail.Money `json:"limit"`
	Used    retail.Money `json:"used,omitempty"`
	ByUse   bool         `json:"by_use,omitempty"` // it counts uses, not money
	Overrun Overrun      `json:"overrun,omitempty"`
	Orders  []Candidate  `json:"orders"` // ids of orders and what each spends
}
