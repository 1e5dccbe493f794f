// Package pricing is the contract of price lists and promotions: what a basket
// costs, where, when and for whom, and why. It knows no stock and no receipt.
//
// Prices include VAT unless their list says otherwise. A price is for one piece, or
// for 1,000 grams, millimetres or millilitres of goods that are sold by them
// ([retail.Unit.Per]).
//
// # How a total comes about
//
// Equal units are merged, whatever lines they stand on. Each has its price from
// the eligible list that [Rules.List] chooses. Promotions work one after the
// other: those that reduce prices as they are shown ([Stacking.Catalog]), then by
// lane, then lines before orders before shipping, then larger priority first, then
// by id; each on what the earlier ones left. The fillers of [Discount] come last, by
// their ids. A percentage is rounded once per line, half away from
// zero; amounts are shared by largest remainder. Every share is kept, so that
// units sum to lines and lines to the total, and a return needs no recomputing.
// Where peers of ours choose differently, [Rules] has the choice.
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
	MaxEntries = 500   // entries and removals in one PutEntries, and of one part of an import
	MaxBreaks  = 20    // quantity breaks of one entry
	MaxValues  = 1_000 // values of one dimension of a promotion or scope of a list
	MaxPage    = 200   // records in one answer of a list
	MaxMisses  = 50    // explanations in NotApplied
	MaxCodes   = 20    // codes of one basket
	MaxDraw    = 500   // coupons of one draw or import
	MaxDepth   = 5     // lists behind each other by Parent
	MaxOpen    = 8     // imports of one list that are neither applied nor dropped
	MaxEffects = 10    // effects of one promotion
	MaxIf      = 20    // conditions of one promotion
)

// Quote prices a basket and changes nothing. The same basket at the same
// instant and generation costs the same in any order of its lines.
//
// Errors: not_found, reason "store", "sku" (pointer /lines/N/sku) or "no_price"
// (Fields["sku"]: no eligible list knows it); invalid, reason "lines" (none),
// "line_id" (one twice), "quantity" (not above zero), "price_override" (below
// zero, or of a gift card), "codes" or "shipping"; too_large, reason "lines" or
// "amount"; conflict, reason "token" (it is no longer valid, or of another basket).
var Quote = sdk.Query[QuoteIn, QuoteOut]{Name: "pricing.quote"}

// Explain says of promotions what they did to a basket, or why they did nothing: the
// version that runs of each, or else the newest. Errors: those of Quote, with pointers
// below /basket; not_found, reason "promotion" (pointer /ids/N); invalid, reason
// "limit" or "language".
var Explain = sdk.Query[ExplainIn, ExplainOut]{Name: "pricing.explain"}

// Tell puts into words what a document keeps of a quote: what applied, and why
// others did not. It reads nothing, so that a receipt is explained for as long as it
// is kept, whatever became of its promotions. What stands in the way is called by the
// name that the document has of it, and by its id if it has none.
// Errors: invalid, reason "language" or "name" (above 200 bytes); too_large, reason
// "told" (more than MaxTold).
var Tell = sdk.Query[TellIn, TellOut]{Name: "pricing.tell"}

// Try asks the rules about things that the caller brings, as a developer or an
// editor of promotions does before anything is stored.
// Errors: invalid, reason "try" (not exactly one question) or those of
// PutPromotion and Quote; too_large, reason "lines", "promotions" or "amount".
var Try = sdk.Query[TryIn, TryOut]{Name: "pricing.try"}

// Price tells the list prices of one or more SKUs, without promotions.
// Errors: not_found, reason "store", "sku" or "no_price" (pointer /skus/N);
// too_large, reason "skus".
var Price = sdk.Query[PriceIn, PriceOut]{Name: "pricing.price"}

// PutList creates or replaces a price list; its entries stay. A parent gives its
// prices whether it holds itself here and now or not.
// Errors: invalid, reason "id", "name", "currency" or "net" (also: a list with prices
// keeps them), "period", "parent" (there is none, it is of another currency or VAT
// basis, it leads back here, or too deep), "formula" or "codes" (a gated list without
// any, or another with some) or "percent"; too_large, reason "values"; denied, reason
// "store" (it counts, or counted, in stores that are not permitted); failed_precondition,
// reason "prior_price" (it announces what is false of prices that it has or works out;
// Fields["percent"] is what would be true), "sales_calendar", or "lint" with
// Fields["reasons"] "prior_goods" (it has more prices than can be proved at once:
// announce it before its prices are put).
var PutList = sdk.Command[List, List]{Name: "pricing.put_list"}

// GetList is a price list by its id. Errors: not_found, reason "list"; denied, reason
// "store" (it counts in stores that are not permitted).
var GetList = sdk.Query[ListID, List]{Name: "pricing.list"}

// Lists lists price lists by id. Errors: invalid, reason "limit".
var Lists = sdk.Query[ListsIn, ListsOut]{Name: "pricing.lists"}

// PutEntries sets and removes prices of a list, all or none, from an instant on until
// the next price that is set already. What is not named stays. Prices of the past are
// not changed.
// Errors: not_found, reason "list"; invalid, reason "sku" (empty, or twice),
// "amount", "breaks" (not rising, or from 1 down) or "from" (past); too_large,
// reason "entries"; denied, reason "store"; of a list that is announced, but for a dry
// run, failed_precondition as PutList has it.
var PutEntries = sdk.Command[PutEntriesIn, PutEntriesOut]{Name: "pricing.put_entries"}

// Entries lists the prices of a list by SKU, as of any instant. A page may be shorter
// than Limit; the last one has no cursor. Errors: not_found, reason "list"; invalid,
// reason "limit"; denied, reason "store".
var Entries = sdk.Query[EntriesIn, EntriesOut]{Name: "pricing.entries"}

// PutCosts sets and removes what goods cost the retailer.
// Errors: invalid, reason "sku" or "amount"; too_large, reason "entries".
var PutCosts = sdk.Command[PutCostsIn, PutCostsOut]{Name: "pricing.put_costs"}

// BeginBulk begins an import or change of any number of entries of a list. At most
// MaxOpen imports of a list are open at once.
// Errors: not_found, reason "list"; invalid, reason "from" or "formula"; exhausted,
// reason "imports"; denied, reason "store".
var BeginBulk = sdk.Command[BulkIn, Bulk]{Name: "pricing.begin_bulk"}

// PutBulk sends a part of an import. The same part again replaces it; a SKU that
// stands in two parts has the price that was sent last.
// Errors: not_found, reason "bulk"; failed_precondition, reason "bulk" (it is being
// looked at or applied, or changes what the list has); those of PutEntries.
var PutBulk = sdk.Command[BulkPart, Bulk]{Name: "pricing.put_bulk"}

// ApplyBulk looks at what an import would change, or changes it, as a job. Nobody
// sees any of its prices before all are there, and then all at one instant.
// Of a job that was cancelled or has failed it takes up the work again.
// What a list announces is proved of every price on the way: where it is false nothing
// is applied, and the import is compared again, with Refused and Percent.
// Errors: not_found, reason "bulk"; failed_precondition, reason "bulk" (it was
// applied or dropped), or as PutList has it (its dry run has found so: run another).
var ApplyBulk = sdk.Command[ApplyBulkIn, Bulk]{Name: "pricing.apply_bulk"}

// DropBulk gives an import up that was not applied, as a job. Errors: not_found or
// failed_precondition, reason "bulk".
var DropBulk = sdk.Command[BulkID, Bulk]{Name: "pricing.drop_bulk"}

// GetBulk is an import as far as it is. Errors: not_found, reason "bulk".
var GetBulk = sdk.Query[BulkID, Bulk]{Name: "pricing.bulk"}

// BulkChanges lists what an import changes, after its dry run. A page may be shorter
// than Limit; the last one has no cursor. Errors: not_found, reason "bulk";
// failed_precondition, reason "bulk"; invalid, reason "limit".
var BulkChanges = sdk.Query[BulkChangesIn, BulkChangesOut]{Name: "pricing.bulk_changes"}

// LowestPrice is the lowest price for consumers in general of the days before a
// reduction, the figure that an announced reduction is measured by. Errors: not_found, reason "store" or "sku"; too_large, reason "skus".
var LowestPrice = sdk.Query[LowestIn, LowestOut]{Name: "pricing.lowest_price"}

// PriceHistory lists the prices for consumers in general that a SKU had at a point
// of sale. Errors: not_found, reason "store"; invalid, reason "limit".
var PriceHistory = sdk.Query[HistoryOfPriceIn, HistoryOfPriceOut]{Name: "pricing.price_history"}

// GetEvidence is a page of an evidence file. Errors: not_found, reason "evidence".
var GetEvidence = sdk.Query[EvidenceID, Evidence]{Name: "pricing.evidence"}

// PutPromotion makes the next version of a promotion, as a draft: what is live
// stays so until Publish. Version, State, By and Changed of the input are ignored.
// Errors: invalid with a pointer, reason "id", "name", "period", "hours", "effect"
// (not exactly one kind, or out of range), "target", "condition", "stacking",
// "limits", "funding" or "floor"; too_large, reason "values"; denied, reason
// "store" (it counts, or counted, in stores that are not permitted).
var PutPromotion = sdk.Command[Promotion, Promotion]{Name: "pricing.put_promotion"}

// GetPromotion is a promotion by its id, in its newest version or another.
// Errors: not_found, reason "promotion"; denied, reason "store".
var GetPromotion = sdk.Query[GetPromotionIn, Promotion]{Name: "pricing.promotion"}

// Promotions lists the newest versions by id or, by state, the versions that are in
// it: one that is live although a newer one is a draft. Errors: invalid, reason "limit".
var Promotions = sdk.Query[PromotionsIn, PromotionsOut]{Name: "pricing.promotions"}

// History lists what was done to a promotion, and by whom. Errors: not_found,
// reason "promotion"; invalid, reason "limit".
var History = sdk.Query[HistoryIn, HistoryOut]{Name: "pricing.history"}

// Lint looks for what is wrong with a version, and changes nothing. Errors:
// not_found, reason "promotion"; denied, reason "store".
var Lint = sdk.Query[GetPromotionIn, LintOut]{Name: "pricing.lint"}

// Publish puts a version live: from its period on it counts, in place of the version
// that ran. What is live already stays so. Errors: not_found, reason "promotion";
// failed_precondition, reason "ended" (the version was taken out for good),
// "prior_price" (an announced percentage would be false; Fields["percent"] is the true
// one), "sales_calendar",
// "below_floor" or "lint" (warnings that Accept does not name; Fields["reasons"]);
// denied, reason "store".
var Publish = sdk.Command[PublishIn, PublishOut]{Name: "pricing.publish"}

// Pause takes a live promotion out of quotes at once. Pausing what is paused
// changes nothing. Errors: not_found, reason "promotion"; failed_precondition,
// reason "draft" or "ended"; denied, reason "store".
var Pause = sdk.Command[PromotionID, Promotion]{Name: "pricing.pause"}

// Resume brings a paused promotion back. Errors: those of Pause.
var Resume = sdk.Command[PromotionID, Promotion]{Name: "pricing.resume"}

// End takes a promotion out for good. Errors: those of Pause.
var End = sdk.Command[PromotionID, Promotion]{Name: "pricing.end"}

// PutBatch creates or changes a batch of coupons; its codes stay.
// Errors: invalid, reason "id", "name", "kind", "uses" or "period".
var PutBatch = sdk.Command[Batch, Batch]{Name: "pricing.put_batch"}

// Batches lists batches by id. Errors: invalid, reason "limit".
var Batches = sdk.Query[BatchesIn, BatchesOut]{Name: "pricing.batches"}

// Draw makes new codes of the host's randomness.
// Errors: not_found, reason "batch"; invalid, reason "count" or "customers";
// too_large, reason "count".
var Draw = sdk.Command[DrawIn, DrawOut]{Name: "pricing.draw"}

// ImportCodes takes codes that others have made. Errors: those of Draw; invalid,
// reason "code" (pointer /codes/N/code).
var ImportCodes = sdk.Command[ImportIn, ImportOut]{Name: "pricing.import_codes"}

// ValidateCode says whether a code would help. Errors: none that tell of a code.
var ValidateCode = sdk.Query[ValidateIn, ValidateOut]{Name: "pricing.validate_code"}

// HoldBasket prices a basket and holds what the price depends on: uses of coupons
// and promotions, and money of budgets. A document is held once.
// What is released may be held again.
//
// Errors: those of Quote, with pointers below /basket; conflict, reason
// "quote_changed" (the total is not Expect, since something is used up, a promotion
// has ended or a price is another: Fields["expected"], Fields["total"], and
// Fields["quote"] is the new quote as JSON with the names of [QuoteOut], without what
// a caller knows already); conflict, reason "hold" (the document is held with another
// basket, or was sold); invalid, reason "id" or "minutes"; denied, reason "store".
var HoldBasket = sdk.Command[HoldIn, HoldOut]{Name: "pricing.hold"}

// Confirm makes a hold final. Errors: not_found, reason "hold"; conflict, reason
// "released" (it was given back).
var Confirm = sdk.Command[HoldID, Hold]{Name: "pricing.confirm"}

// Release gives back what was held or, after a sale that is cancelled, what was
// used, as each promotion and batch says. Once released, it changes nothing.
// A use comes back unless [Limits.KeepCancelled] or [Batch.KeepOnVoid] says otherwise
// of a sale; money of a budget always does, since nobody got it. Errors: not_found,
// reason "hold"; denied, reason "store".
var Release = sdk.Command[HoldID, Hold]{Name: "pricing.release"}

// GetHold is a hold by its document. Errors: not_found, reason "hold".
var GetHold = sdk.Query[HoldID, Hold]{Name: "pricing.get_hold"}

// Budget is what was used of a promotion's limits. Errors: not_found, reason
// "promotion".
var Budget = sdk.Query[BudgetIn, BudgetOut]{Name: "pricing.budget"}

// Allot gives a till parts of promotions to use while it is cut off: uses, of promotions and
// of coupons, and money of budgets. They are taken at once.
// Errors: invalid, reason "till", "minutes", "grace", "parts", "uses" or "amount" (there is a
// limit, and nothing of it is asked for); not_found, reason "promotion" or "code";
// failed_precondition, reason "not_live" (it is paused, over, or was never published);
// exhausted, reason "usage_limit" or "budget" (that much is not left; Fields["left"]); with
// pointers /parts/N; denied, reason "store".
var Allot = sdk.Command[AllotIn, AllotOut]{Name: "pricing.allot"}

// Settle closes an allotment and gives back what its till has not used. Closing it again
// changes nothing. Errors: not_found, reason "allotment"; denied, reason "store".
var Settle = sdk.Command[SettleIn, Allotment]{Name: "pricing.settle"}

// Allotments lists the parts that tills hold, and held. Errors: invalid, reason
// "promotion" (not exactly one of promotion and store), "cursor" or "limit"; denied,
// reason "store".
var Allotments = sdk.Query[AllotmentsIn, AllotmentsOut]{Name: "pricing.allotments"}

// TakeOver takes a sale over that a till made while it was cut off, in the transaction that
// writes its document. Nothing is priced: what promotions took off is a fact. Of each that
// has a limit, a budget or coupons, one of the slips must cover what it did; others are
// counted as of any sale. From then on it is as if HoldBasket had sold it.
// Errors: failed_precondition, reason "not_covered" (Fields["promotion"], and Fields["why"]:
// "slip" no slip is of it, "uses" or "amount" not enough is left of it, "closed", "expired",
// "customer" the coupon is another customer's, "customer_limit", "version" there is no such
// promotion); conflict, reason "hold" (the document is known); those of RecordSales.
var TakeOver = sdk.Command[TakeOverIn, TakeOverOut]{Name: "pricing.take_over"}

// RecordSales keeps past sales that others priced, for back-tests and reports.
// A document is kept once. A return gives budgets back what was taken off its goods,
// if what it returns was held here. Errors: invalid, reason "document" or "lines";
// too_large, reason "sales" or "lines"; not_found, reason "store"; denied, reason
// "store".
var RecordSales = sdk.Command[RecordIn, RecordOut]{Name: "pricing.record_sales"}

// BeginBackTest begins a run as a job. Errors: those of PutPromotion; conflict,
// reason "id" (there is a run of that id); invalid, reason "period", or "promotion"
// (neither one nor the id of one is given, or both are); not_found, reason "promotion".
var BeginBackTest = sdk.Command[BackTestIn, BackTest]{Name: "pricing.begin_back_test"}

// CancelBackTest ends a run early. Errors: not_found, reason "back_test".
var CancelBackTest = sdk.Command[BackTestID, BackTest]{Name: "pricing.cancel_back_test"}

// GetBackTest is a run as far as it is. Errors: not_found, reason "back_test".
var GetBackTest = sdk.Query[BackTestID, BackTest]{Name: "pricing.back_test"}

// BackTests lists runs, by id from the last to the first: of those whose ids were made
// the newest come first. Errors: invalid, reason "limit".
var BackTests = sdk.Query[BackTestsIn, BackTestsOut]{Name: "pricing.back_tests"}

// FundingReport is what suppliers owe. Errors: invalid, reason "period" or "limit".
var FundingReport = sdk.Query[FundingIn, FundingOut]{Name: "pricing.funding"}

// Discount lets plugins propose discounts. Every filler sees the same basket,
// as promotions left it, without the goods that an exclusive promotion
// holds. A filler that fails is skipped and named in the quote (reason
// "filler_failed"); only spent fuel ends it so.
var Discount = sdk.QuerySlot[DiscountIn, DiscountOut]{Name: "pricing.discount"}

// Coupon lets plugins validate codes that pricing does not know.
var Coupon = sdk.QuerySlot[CouponIn, CouponOut]{Name: "pricing.coupon"}

// PricesChanged is emitted once per change of a list that changed something.
var PricesChanged = sdk.Event[PriceChanges]{
	Name: "pricing.prices_changed",
	Key:  func(c *PriceChanges) string { return c.List },
}

// ListChanged is emitted when a price list is new or other than before.
var ListChanged = sdk.Event[List]{
	Name: "pricing.list_changed",
	Key:  func(l *List) string { return l.ID },
}

// PromotionChanged is emitted when a version is made, published, paused, resumed
// or ended.
var PromotionChanged = sdk.Event[Promotion]{
	Name: "pricing.promotion_changed",
	Key:  func(p *Promotion) string { return p.ID },
}

// CouponRedeemed and CouponReleased tell of uses of codes, by hold.
var (
	CouponRedeemed = sdk.Event[HeldUse]{Name: "pricing.coupon_redeemed", Key: func(u *HeldUse) string { return u.Batch }}
	CouponReleased = sdk.Event[HeldUse]{Name: "pricing.coupon_released", Key: func(u *HeldUse) string { return u.Batch }}
)

// BackTestChanged is emitted when a run begins, ends, or has come another tenth of its
// way.
var BackTestChanged = sdk.Event[BackTestMark]{
	Name: "pricing.back_test_changed",
	Key:  func(m *BackTestMark) string { return m.ID },
}

// BudgetThreshold is emitted when a budget passes 80 and 100 percent, or first
// refuses something.
var BudgetThreshold = sdk.Event[BudgetMark]{
	Name: "pricing.budget_threshold",
	Key:  func(m *BudgetMark) string { return m.Promotion },
}
