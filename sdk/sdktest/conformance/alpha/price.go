package alpha

import "github.com/bottega-retail/bottega/sdk"

// PriceV1 is what alpha.priced was in version 1.
type PriceV1 struct {
	ID    string `json:"id"`
	Euros int64  `json:"euros"`
}

// PriceV2 is what alpha.priced was in version 2.
type PriceV2 struct {
	ID    string `json:"id"`
	Cents int64  `json:"cents"`
}

// Price is what alpha.priced is now.
type Price struct {
	ID     string `json:"id"`
	Amount Amount `json:"amount"`
}

// Amount is money in its smallest unit.
type Amount struct {
	Minor    int64  `json:"minor"`
	Currency string `json:"currency"`
}

// Priced is an event whose shape has changed twice.
var Priced = sdk.Event[Price]{
	Name: "alpha.priced", Version: 3, Key: func(p *Price) string { return p.ID },
	Upcasts: []sdk.Upcaster{
		sdk.Upcast(func(v PriceV1) PriceV2 { return PriceV2{ID: v.ID, Cents: v.Euros * 100} }),
		sdk.Upcast(func(v PriceV2) Price { return Price{ID: v.ID, Amount: Amount{v.Cents, "EUR"}} }),
	},
}
