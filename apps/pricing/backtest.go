package pricing

import "github.com/bottega-retail/bottega/sdk/retail"

// BackTestIn asks what a promotion would have cost on past receipts. It measures
// cost on past behaviour, not uplift: what people would have bought more, or
// otherwise, because of the promotion it does not know.
//
// Each receipt is priced twice: with the promotions that were live at its instant
// (other versions of the same promotion left out), and with this one besides. What
// was sold, for how much a unit, when, where and to whom is as it was; the attributes
// and costs of the goods, codes' batches and the rules of pricing are those of now.
// Promotions that were live with a limit count on the receipts on which they really
// did. Plugins that propose discounts are not asked.
//
// All money is net of returns: of units that came back since, the part of what would
// have been taken off is left out and told in Returned. A return that does not say
// which receipt it belongs to takes nothing out. What was voided is no receipt.
//
//bottega:example {"promotion_id":"knit-3","first":"2026-10-01","last":"2026-10-31","shift":true}
type BackTestIn struct {
	ID string `json:"id,omitempty"` // of the run; "" makes one, which sorts by time
	// Promotion is what is tried; or PromotionID names one that is kept.
	Promotion   *Promotion       `json:"promotion,omitempty"`
	PromotionID string           `json:"promotion_id,omitempty"`
	Version     int64            `json:"version,omitempty"` // of PromotionID; 0 is the newest
	First       retail.Date      `json:"first"`             // of the receipts, civil days of their stores
	Last        retail.Date      `json:"last"`
	Stores      []retail.StoreID `json:"stores,omitempty"` // none is all
	// Shift moves the promotion's period to the first day: it counts all the time.
	Shift bool `json:"shift,omitempty"`
	// WithCode counts a promotion that needs a code as if everybody had given it.
	WithCode bool `json:"with_code,omitempty"`
}

// BackTestID names a run.
type BackTestID struct {
	ID string `json:"id"`
}

// BackTestState says where a run is.
type BackTestState string

// The states.
const (
	Running   BackTestState = "running"
	Finished  BackTestState = "finished"
	Cancelled BackTestState = "cancelled"
	Failed    BackTestState = "failed" // Failure says why
)

// BackTest is a run as far as it is.
type BackTest struct {
	ID        string           `json:"id"`
	State     BackTestState    `json:"state"`
	Failure   *BackTestFailure `json:"failure,omitempty"`
	Promotion Promotion        `json:"promotion"`
	First     retail.Date      `json:"first"`
	Last      retail.Date      `json:"last"`
	// Stores, Shift and WithCode are as they were asked for.
	Stores    []retail.StoreID `json:"stores,omitempty"`
	Shift     bool             `json:"shift,omitempty"`
	WithCode  bool             `json:"with_code,omitempty"`
	Days      int64            `json:"days"`     // from First to Last
	Done      int64            `json:"done"`     // of Days, how many were looked at
	Receipts  int64            `json:"receipts"` // that were looked at
	LeftOut   int64            `json:"left_out"` // documents that were not: returns, and what has no price or was voided
	Touched   int64            `json:"touched"`  // on which it takes something off
	Differs   int64            `json:"differs"`  // of these, how many were not sold for what the promotions live then come to
	Cost      retail.Money     `json:"cost"`     // how much less is paid with it, over all receipts, for what did not come back
	Returned  retail.Money     `json:"returned"` // how much less was paid for what came back: it is not in Cost
	Retailer  retail.Money     `json:"retailer"` // of Cost, who pays: the rest is the suppliers'
	Suppliers []Funded         `json:"suppliers,omitempty"`
	Revenue   retail.Money     `json:"revenue"`          // of touched receipts, as they were, less what was given back
	Margin    *MarginChange    `json:"margin,omitempty"` // of touched receipts whose goods have costs
	Displaced retail.Money     `json:"displaced"`        // that live promotions take off less: cannibalised
	With      []Funded         `json:"with,omitempty"`   // …by promotion (Supplier holds its id)
	Worse     int64            `json:"worse"`            // receipts that would cost the customer more
	WorseBy   retail.Money     `json:"worse_by"`
	Examples  []string         `json:"examples,omitempty"` // receipts with the largest differences, at most 20
	// Truth stands beside the forecast once the promotion has run: on the same receipts
	// if it was live then, otherwise since it went live.
	Truth *BackTestTruth `json:"truth,omitempty"`
	// Figures are the same once more in rows, for people; only of one that is asked for.
	Figures []BackTestFigure `json:"figures,omitempty"`
	// Measures is always MeasuresCost, lest anybody take Cost for what a promotion brings.
	Measures string         `json:"measures"`
	Begun    retail.Instant `json:"begun"`
	Heard    retail.Instant `json:"heard"` // when its job last went on
	Ended    retail.Instant `json:"ended,omitempty"`
}

// BackTestFailure is why a run has failed.
type BackTestFailure struct {
	// Reason is that of the error that ended it, or GaveUp.
	Reason  string `json:"reason"`
	Message string `json:"message"`
}

// GaveUp is why a run has failed whose job has not gone on for half an hour: the host
// has ended it after several tries, or somebody has stopped it there. If the job goes
// on after all, so does the run.
const GaveUp = "gave_up"

// MeasuresCost is what back-tests measure: cost on past behaviour, not uplift.
const MeasuresCost = "cost_on_past_behaviour_not_uplift"

// MarginChange is the margin without VAT before and after, without what came back.
type MarginChange struct {
	Before  retail.Money `json:"before"`
	After   retail.Money `json:"after"`
	Covered int64        `json:"covered"` // receipts that it is known for
}

// BackTestTruth is what a promotion, whichever version of it, really took off.
type BackTestTruth struct {
	Same     bool           `json:"same"` // on the receipts of the back-test
	Receipts int64          `json:"receipts"`
	Cost     retail.Money   `json:"cost"` // after returns, as the forecast is
	Until    retail.Instant `json:"until"`
}

// BackTestWhat says what a figure is.
type BackTestWhat string

// The figures, in their order. Before them stands the state of the run, Of the name of
// the promotion.
const (
	FigureFailure   BackTestWhat = "failure" // Of says why
	FigureDays      BackTestWhat = "days"    // that were looked at, Of the first and the last
	FigureReceipts  BackTestWhat = "receipts"
	FigureTouched   BackTestWhat = "touched"
	FigureCost      BackTestWhat = "cost"
	FigureRetailer  BackTestWhat = "retailer"
	FigureSupplier  BackTestWhat = "supplier" // Of names him
	FigureReturned  BackTestWhat = "returned"
	FigureRevenue   BackTestWhat = "revenue"
	FigureBefore    BackTestWhat = "margin_before" // over Count receipts
	FigureAfter     BackTestWhat = "margin_after"
	FigureDisplaced BackTestWhat = "displaced"
	FigureWith      BackTestWhat = "with" // Of is the promotion
	FigureWorse     BackTestWhat = "worse"
	FigureDiffers   BackTestWhat = "differs"
	FigureLeftOut   BackTestWhat = "left_out"
)

// BackTestFigure is one figure as it was forecast and, where that is known, as it was.
type BackTestFigure struct {
	What      BackTestWhat  `json:"what"`
	Of        string        `json:"of,omitempty"`
	Count     *int64        `json:"count,omitempty"` // receipts, or days
	Amount    *retail.Money `json:"amount,omitempty"`
	TrueCount *int64        `json:"true_count,omitempty"`
	True      *retail.Money `json:"true,omitempty"`
}

// BackTestMark is where a run is.
type BackTestMark struct {
	ID        string        `json:"id"`
	Promotion string        `json:"promotion"`
	State     BackTestState `json:"state"`
	Days      int64         `json:"days"`
	Done      int64         `json:"done"`
}

// BackTestsIn asks for a page.
type BackTestsIn struct {
	Promotion string `json:"promotion,omitempty"` // only runs of this one
	Cursor    string `json:"cursor,omitempty"`
	Limit     int64  `json:"limit,omitempty"` // 1 to MaxPage; 0 is 50
}

// BackTestsOut is one page.
type BackTestsOut struct {
	Runs   []BackTest `json:"runs"`
	Cursor string     `json:"cursor,omitempty"`
}

// FundingIn asks what suppliers owe for promotions of receipts.
type FundingIn struct {
	First    retail.Date `json:"first"` // civil days of the stores
	Last     retail.Date `json:"last"`
	Supplier string      `json:"supplier,omitempty"`
	Cursor   string      `json:"cursor,omitempty"`
	Limit    int64       `json:"limit,omitempty"` // 1 to MaxPage; 0 is 50
}

// FundingOut is one page: a line for each supplier, promotion and store.
type FundingOut struct {
	Lines  []FundingLine `json:"lines"`
	Cursor string        `json:"cursor,omitempty"`
}

// FundingLine is what a supplier owes.
type FundingLine struct {
	Supplier  string         `json:"supplier"`
	Promotion string         `json:"promotion"`
	Store     retail.StoreID `json:"store"`
	Receipts  int64          `json:"receipts"`
	Discount  retail.Money   `json:"discount"` // that customers got
	Amount    retail.Money   `json:"amount"`   // of it, the supplier's; returns are taken off
}

// RecordIn is past sales.
type RecordIn struct {
	Sales []Sale `json:"sales"` // at most 100
}

// RecordOut counts what became of them.
type RecordOut struct {
	Kept    int64 `json:"kept"`
	Present int64 `json:"present"` // kept before
}

// Sale is a basket that was sold, or goods that came back, as much of it as a
// back-test and a report need. A return has negative quantities and amounts, and
// names what it returns.
type Sale struct {
	Document string `json:"document"` // of the till
	Returns  string `json:"returns,omitempty"`
	// Last says of a return that nothing of what it returns is left with the customer:
	// uses of promotions and coupons are given back, as Release does.
	Last           bool              `json:"last,omitempty"`
	At             retail.Instant    `json:"at"`
	Store          retail.StoreID    `json:"store"`
	Channel        retail.Channel    `json:"channel,omitempty"`
	Customer       retail.CustomerID `json:"customer,omitempty"`
	CustomerGroups []string          `json:"customer_groups,omitempty"`
	Tier           string            `json:"tier,omitempty"`
	PastOrders     *int64            `json:"past_orders,omitempty"` // absent if nobody knew
	Codes          []string          `json:"codes,omitempty"`       // hashes
	Net            bool              `json:"net,omitempty"`         // unit prices are without VAT
	Shipping       []QuoteShipping   `json:"shipping,omitempty"`
	Total          retail.Money      `json:"total"`
	Lines          []SaleLine        `json:"lines"`
	Applied        []Applied         `json:"applied,omitempty"`
}

// SaleLine is goods of a sale.
type SaleLine struct {
	SKU       retail.SKU      `json:"sku"`
	Quantity  retail.Quantity `json:"quantity"`
	UnitPrice retail.Money    `json:"unit_price"` // before discounts
	Per       retail.Quantity `json:"per"`
	Manual    bool            `json:"manual,omitempty"`
	Total     retail.Money    `json:"total"`
}

// BudgetMark is a promotion whose budget has passed a mark, once for each amount
// that the budget is set to.
type BudgetMark struct {
	Promotion string         `json:"promotion"`
	Store     retail.StoreID `json:"store,omitempty"` // whose budget it is; "" the one of all
	Percent   int64          `json:"percent"`         // 80, or 100: it is spent, or has refused or cut a discount
	Spent     retail.Money   `json:"spent"`
	Budget    retail.Money   `json:"budget"`
}
