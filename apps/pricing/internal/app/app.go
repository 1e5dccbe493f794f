// Package app answers the operations of the pricing contract: it keeps price
// lists and promotions, and feeds package price with what it finds. The rules
// of a total are there, not here.
package app

import (
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// New is the app.
func New() *sdk.App {
	return sdk.NewApp("pricing",
		lists, entries, promotions, versions,
		pricing.Quote.Handle(quote),
		pricing.Price.Handle(prices),
		pricing.PutList.Handle(putList),
		pricing.Lists.Handle(listLists),
		pricing.PutEntries.Handle(putEntries),
		pricing.Entries.Handle(listEntries),
		pricing.PutPromotion.Handle(putPromotion),
		pricing.GetPromotion.Handle(getPromotion),
		pricing.Promotions.Handle(listPromotions),
		pricing.Pause.Handle(pause),
		pricing.Resume.Handle(resume),
	)
}

// lists holds the price lists. They are few: every quote reads them all.
var lists = sdk.Collection[pricing.List]{Name: "lists", Key: []string{"id"}}

// entries holds one price per list and SKU.
var entries = sdk.Collection[entry]{Name: "entries", Key: []string{"list", "sku"}}

// entry is a pricing.Entry with the list that it stands in.
type entry struct {
	List   string          `json:"list"`
	SKU    retail.SKU      `json:"sku"`
	Amount retail.Money    `json:"amount"`
	Breaks []pricing.Break `json:"breaks,omitempty"`
}

// promotions holds the newest version of each promotion. Quotes read by_state:
// those that are live and not over yet.
var promotions = sdk.Collection[promotion]{
	Name: "promotions", Key: []string{"id"},
	Indexes: []sdk.Index{{Name: "by_state", Fields: []string{"state", "ends"}}},
}

// promotion is a promotion with what its index needs.
type promotion struct {
	ID        string            `json:"id"`
	State     pricing.State     `json:"state"`
	Ends      retail.Instant    `json:"ends"` // of its period; forever if that is open
	Promotion pricing.Promotion `json:"promotion"`
}

// forever is the end of a period that is open.
const forever = retail.Instant(1)<<53 - 1

// versions holds every version of every promotion, as it was made.
var versions = sdk.Collection[version]{Name: "versions", Key: []string{"id", "version"}}

// version is one of them.
type version struct {
	ID        string            `json:"id"`
	Version   int64             `json:"version"`
	Promotion pricing.Promotion `json:"promotion"`
}

// The bounds of texts.
const (
	maxID   = 64
	maxName = 200
)

// named checks an id and a name.
func named(id, name string) error {
	if id == "" || len(id) > maxID {
		return sdk.Invalid("/id", "id", "An id has 1 to 64 characters.")
	}
	if name == "" || len(name) > maxName {
		return sdk.Invalid("/name", "name", "A name has 1 to 200 characters.")
	}
	return nil
}

// pageOf is the size of a page.
func pageOf(limit int64) (int, error) {
	if limit < 0 || limit > pricing.MaxPage {
		return 0, sdk.Invalid("/limit", "limit", "A page holds 1 to 200 records.")
	}
	if limit == 0 {
		return 50, nil
	}
	return int(limit), nil
}

// after is the first key behind the one that ends in a cursor.
func after(cursor string) sdk.Key {
	if cursor == "" {
		return nil
	}
	return sdk.K(cursor + "\x00")
}
