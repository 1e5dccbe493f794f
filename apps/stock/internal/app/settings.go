package app

import (
	"github.com/bottega-retail/bottega/apps/stock/internal/sourcing"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// Settings are what the retailer decides about stock.
type Settings struct {
	ReservationDays        int64    `json:"reservation_days" title:"Days reserved" doc:"How long goods are kept for a customer if nobody says otherwise: to the end of so many days after today." min:"0" max:"365"`
	LongestReservationDays int64    `json:"longest_reservation_days" title:"Days reserved at most" doc:"Nobody can reserve or extend for longer." min:"0" max:"365"`
	SafetyStock            int64    `json:"safety_stock" title:"Safety stock" doc:"How much of every SKU is not promised at each floor and warehouse place, where nothing else is said." min:"0" max:"1000000"`
	Sizes                  []string `json:"sizes" title:"Order of sizes" doc:"The sizes that are not letters or numbers, as grids show them, from the first to the last."`
	Sourcing               []Rule   `json:"sourcing" title:"Sourcing rules" doc:"Which stores and warehouses serve what a store has not, in this order."`
}

// Use is which stores a sourcing rule is about.
type Use string

// The uses, as package sourcing has them.
const (
	OwnStore  = Use(sourcing.Own)
	SameCity  = Use(sourcing.SameCity)
	Within    = Use(sourcing.Nearby)
	OneStore  = Use(sourcing.Shop)
	Warehouse = Use(sourcing.Warehouse)
	Anyone    = Use(sourcing.Anywhere)
	Never     = Use(sourcing.Exclude)
)

// Rule is a sourcing rule. A store serves by the first that it fits.
type Rule struct {
	Use        Use             `json:"use" doc:"own_store: the store that asks. same_city: stores of its city. stores_within: stores within Kilometres. store: one, by Store. warehouse: all warehouses. any: whoever has it. exclude: Store never serves others."`
	Store      retail.StoreID  `json:"store,omitempty" doc:"Of the uses store and exclude."`
	Kilometres int64           `json:"kilometres,omitempty" doc:"As the crow flies, no further than that. 0 is any distance." min:"0" max:"20000"`
	Keep       retail.Quantity `json:"keep,omitempty" doc:"So much of each SKU stays there, beside the safety stock." min:"0"`
	Days       int64           `json:"days,omitempty" doc:"Until the goods are there where they are wanted." min:"0" max:"365"`
	Whole      bool            `json:"whole,omitempty" doc:"Only from one that has all that is still missing."`
}

var settings = sdk.Settings[Settings]{Default: Settings{
	ReservationDays: 2, LongestReservationDays: 60,
	Sourcing: []Rule{
		{Use: OwnStore},
		{Use: Warehouse, Days: 2},
		{Use: Within, Kilometres: 50, Keep: 1, Days: 3},
	},
}}

// rules are the sourcing rules as the package sourcing takes them.
func (s *Settings) rules() []sourcing.Rule {
	rules := make([]sourcing.Rule, len(s.Sourcing))
	for i, r := range s.Sourcing {
		rules[i] = sourcing.Rule{
			Use: sourcing.Use(r.Use), Site: string(r.Store), Kilometres: r.Kilometres, Keep: int64(r.Keep), Days: r.Days, Whole: r.Whole,
		}
	}
	return rules
}
