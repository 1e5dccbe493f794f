// Package pricing is the contract of price lists and promotions: what a basket
// costs, where, when and for whom, and why. It knows no stock and no receipt.
//
// Prices include VAT. A price is for one piece, or for 1,000 grams, millimetres
// or millilitres of goods that are sold by them ([retail.Unit.Per]).
//
// # How a total comes about
//
// Equal units are merged, whatever lines they stand on. Each has its price from
// the eligible list with the highest priority that knows the SKU. Promotions
// work one after the other, larger priority first and then by id, each on what
// the earlier ones left; then the fillers of [Discount] do, by their ids. A
// percentage is rounded once per SKU, half away from zero; amounts are shared
// by largest remainder. Every share is kept, so that units sum to lines and
// lines to the total, and a return needs no recomputing.
//
// # Limits to stores
//
// Whoever is limited to stores sees the lists and promotions that count in one of
// these, and changes those that count in no other. What names no stores counts in
// all. An app that calls acts by its grant.
package pricing

import (
	"github.com/bottega-retail/bottega/sdk"
)

// Limits of one call and one record.
const (
	MaxLines   = 400   // lines of one quote
	MaxEntries = 500   // entries and removals in one PutEntries
	MaxBreaks  = 20    // quantity breaks of one entry
	MaxValues  = 1_000 // values of one dimension of a promotion or scope of a list
	MaxPage    = 200   // records in one answer of a list
	MaxMisses  = 50    // explanations in NotApplied
)

// Quote prices a basket and changes nothing. The same basket at the same
// instant costs the same in any order of its lines.
//
// Errors: not_found, reason "store", "sku" (pointer /lines/N/sku) or "no_price"
// (Fields["sku"]: no eligible list knows it); invalid, reason "lines" (none),
// "line_id" (one twice), "quantity" (not above zero) or "price_override"
// (below zero, or of a gift card); too_large, reason "lines" or "amount".
var Quote = sdk.Query[QuoteIn, QuoteOut]{Name: "pricing.quote"}

// Price tells the list prices of one or more SKUs, without promotions.
// Errors: not_found, reason "store", "sku" or "no_price" (pointer /skus/N);
// too_large, reason "skus".
var Price = sdk.Query[PriceIn, PriceOut]{Name: "pricing.price"}

// PutList creates or replaces a price list; its entries stay.
// Errors: invalid, reason "id", "name", "currency", "period" or "net_prices"
// (lists without VAT are not supported yet); too_large, reason "values"; denied,
// reason "store" (it counts, or counted, in stores that are not permitted).
var PutList = sdk.Command[List, List]{Name: "pricing.put_list"}

// Lists lists price lists by id. Errors: invalid, reason "limit".
var Lists = sdk.Query[ListsIn, ListsOut]{Name: "pricing.lists"}

// PutEntries sets and removes prices of a list, all or none. What is not named
// stays.
// Errors: not_found, reason "list"; invalid, reason "sku" (empty, or twice),
// "amount" or "breaks" (not rising, or from 1 down); too_large, reason
// "entries"; denied, reason "store".
var PutEntries = sdk.Command[PutEntriesIn, PutEntriesOut]{Name: "pricing.put_entries"}

// Entries lists the prices of a list by SKU. Errors: not_found, reason "list";
// invalid, reason "limit"; denied, reason "store".
var Entries = sdk.Query[EntriesIn, EntriesOut]{Name: "pricing.entries"}

// PutPromotion makes the next version of a promotion. Earlier versions stay as
// they were. Version and Changed of the input are ignored; State "" is draft.
// Errors: invalid, reason "id", "name", "state", "period", "effect" (not
// exactly one of percent and amount, or out of range), "allocation" or
// "minimum"; too_large, reason "values"; denied, reason "store" (it counts, or
// counted, in stores that are not permitted).
var PutPromotion = sdk.Command[Promotion, Promotion]{Name: "pricing.put_promotion"}

// GetPromotion is a promotion by its id, in its newest version or another.
// Errors: not_found, reason "promotion"; denied, reason "store".
var GetPromotion = sdk.Query[GetPromotionIn, Promotion]{Name: "pricing.promotion"}

// Promotions lists the newest versions by id. Errors: invalid, reason "limit".
var Promotions = sdk.Query[PromotionsIn, PromotionsOut]{Name: "pricing.promotions"}

// Pause takes a live promotion out of quotes at once; its version stays.
// Pausing what is paused changes nothing. Errors: not_found, reason
// "promotion"; failed_precondition, reason "draft"; denied, reason "store" (it
// counts in stores that are not permitted).
var Pause = sdk.Command[PromotionID, Promotion]{Name: "pricing.pause"}

// Resume brings a paused promotion back. Errors: those of Pause.
var Resume = sdk.Command[PromotionID, Promotion]{Name: "pricing.resume"}

// Discount lets plugins propose discounts. Every filler sees the same basket,
// as promotions left it, without the goods that an exclusive promotion holds.
// A filler that fails is skipped and named in the quote (reason
// "filler_failed").
var Discount = sdk.QuerySlot[DiscountIn, DiscountOut]{Name: "pricing.discount"}

// PricesChanged is emitted once per PutEntries that changed something.
var PricesChanged = sdk.Event[PriceChanges]{
	Name: "pricing.prices_changed",
	Key:  func(c *PriceChanges) string { return c.List },
}

// ListChanged is emitted when a price list is new or other than before.
var ListChanged = sdk.Event[List]{
	Name: "pricing.list_changed",
	Key:  func(l *List) string { return l.ID },
}

// PromotionChanged is emitted with each new version and each pause and resume.
var PromotionChanged = sdk.Event[Promotion]{
	Name: "pricing.promotion_changed",
	Key:  func(p *Promotion) string { return p.ID },
}
