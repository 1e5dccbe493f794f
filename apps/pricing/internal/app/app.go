// Package app answers the operations of the pricing contract: it keeps price
// lists and promotions, and feeds package price with what it finds. The rules
// of a total are there, not here.
package app

import (
	"strconv"
	"strings"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// New is the app.
func New() *sdk.App {
	past := &bygone{}
	return sdk.NewApp("pricing",
		lists, listVersions, entries, pastEntries, imported, unitCosts, bulks, bulkParts, runs, evidences, proofs,
		promotions, versions, steps, live, generations, promotionIndex, settings,
		pricing.Quote.Handle(quote),
		pricing.Explain.Handle(explain),
		pricing.Tell.Handle(tell),
		pricing.RecomputeKept.Handle(recompute),
		pricing.Try.Handle(try),
		pricing.Price.Handle(prices),
		pricing.PutList.Handle(putList),
		pricing.GetList.Handle(getList),
		pricing.Lists.Handle(listLists),
		pricing.PutEntries.Handle(putEntries),
		pricing.Entries.Handle(listEntries),
		pricing.PutCosts.Handle(putCosts),
		pricing.BeginBulk.Handle(beginBulk),
		pricing.PutBulk.Handle(putBulk),
		pricing.ApplyBulk.Handle(applyBulk),
		pricing.DropBulk.Handle(dropBulk),
		pricing.GetBulk.Handle(getBulk),
		pricing.BulkChanges.Handle(bulkChanges),
		bulkJob.Handle(stepBulk),
		pricing.LowestPrice.Handle(lowestPrice),
		pricing.PriceHistory.Handle(priceHistory),
		pricing.GetEvidence.Handle(getEvidence),
		pricing.PutPromotion.Handle(putPromotion),
		pricing.GetPromotion.Handle(getPromotion),
		pricing.Promotions.Handle(listPromotions),
		pricing.History.Handle(history),
		pricing.Lint.Handle(lintVersion),
		pricing.Publish.Handle(publish),
		pricing.Pause.Handle(pause),
		pricing.Resume.Handle(resume),
		pricing.End.Handle(end),

		batches, coupons, couponsMade, couponsImported, couponsRedeemed, couponUses,
		holds, heldQuotes, sales, marks, usesCounter, customerUses, spentCounter, storeSpentCounter,
		holdExpiry.On(expire),
		pricing.PutBatch.Handle(putBatch),
		pricing.Batches.Handle(listBatches),
		pricing.Draw.Handle(draw),
		pricing.ImportCodes.Handle(importCodes),
		pricing.ValidateCode.Handle(validateCode),
		pricing.HoldBasket.Handle(holdBasket),
		pricing.Confirm.Handle(confirmHold),
		pricing.Release.Handle(releaseHold),
		pricing.GetHold.Handle(getHold),
		pricing.Budget.Handle(budget),
		pricing.RecordSales.Handle(recordSales),

		allotments, allotmentEnd.On(endAllotment),
		pricing.Allot.Handle(allot),
		pricing.Settle.Handle(settleAllotment),
		pricing.Allotments.Handle(listAllotments),
		pricing.TakeOver.Handle(takeSale),

		backTests, backTestUses, stretches, asks, owings, owedReceipts, owedDiscount, owedAmount,
		pricing.BeginBackTest.Handle(beginBackTest),
		pricing.CancelBackTest.Handle(cancelBackTest),
		pricing.GetBackTest.Handle(getBackTest),
		pricing.BackTests.Handle(listBackTests),
		backTestJob.Handle(past.step),
		backTestWatch.On(watchBackTest),
		pricing.FundingReport.Handle(fundingReport),
	)
}

// promotions holds, of each promotion, where it is in its life.
var promotions = sdk.Collection[head]{Name: "promotions", Key: []string{"id"}}

// head is a promotion with its newest version, and which version runs: quotes go
// on with that one while a newer one is a draft.
type head struct {
	ID        string            `json:"id"`
	Newest    int64             `json:"newest"`            // version
	State     pricing.State     `json:"state"`             // of it
	Running   int64             `json:"running,omitempty"` // version that is live or paused; 0 none
	Paused    bool              `json:"paused,omitempty"`  // it is paused
	Since     int64             `json:"since,omitempty"`   // generation from which it is live
	Steps     int64             `json:"steps"`             // that were taken with it
	Promotion pricing.Promotion `json:"promotion"`         // newest version
}

// versions holds every version of every promotion. Nothing changes in one but its
// state and who changed that.
var versions = sdk.Collection[version]{Name: "versions", Key: []string{"id", "version"}}

// version is one of them.
type version struct {
	ID        string            `json:"id"`
	Version   int64             `json:"version"`
	Promotion pricing.Promotion `json:"promotion"`
}

// steps holds what was done to promotions.
var steps = sdk.Collection[step]{Name: "steps", Key: []string{"id", "number"}}

// step is one thing that was done to a promotion, the first is 1.
type step struct {
	ID     string              `json:"id"`
	Number int64               `json:"number"`
	Step   pricing.HistoryStep `json:"step"`
}

// live holds what quotes are worked out with. A promotion that was taken out
// stays until no quote can be called in that was made before.
var live = sdk.Collection[running]{Name: "live", Key: []string{"id", "from"}, Expires: "until"}

// running is a version of a promotion in the generations in which it is live.
type running struct {
	ID        string            `json:"id"`
	From      int64             `json:"from"`         // first generation
	To        int64             `json:"to,omitempty"` // first in which it is live no more; 0 it is still
	Until     retail.Instant    `json:"until,omitempty"`
	Promotion pricing.Promotion `json:"promotion"`
}

// generations counts how often what quotes see has changed.
var generations = sdk.Collection[tally]{Name: "generations", Key: []string{"id"}}

// tally is a number that only rises.
type tally struct {
	ID     string `json:"id"`
	Number int64  `json:"number"`
}

// promotionsTally is the tally of the promotions.
const promotionsTally = "promotions"

// settings are the choices of the retailer.
var settings = sdk.Settings[pricing.Rules]{}

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
	return sdk.K(cursor[:min(len(cursor), maxCursor)] + "\x00")
}

// maxCursor is more than any cursor has that an answer ended with.
const maxCursor = 256

// digits is a number as a cursor has it.
func digits(n int64) string { return strconv.FormatInt(n, 10) }

// numbered is the key of a number in a cursor.
func numbered(cursor string) (sdk.Key, error) {
	n, err := strconv.ParseInt(cursor, 10, 64)
	if err != nil {
		return nil, sdk.Invalid("/cursor", "cursor", "No answer has ended with this cursor.")
	}
	return sdk.KInt(n), nil
}

// joined is words in one field of an error.
func joined(words []string) string { return strings.Join(words, ",") }
