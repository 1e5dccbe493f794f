// Package app answers the operations of the vouchers contract and fills the slots of the
// till: it keeps cards, their ledgers and their secrets. What may happen to a card is in
// package card, what a code looks like in package code.
package app

import (
	"github.com/bottega-retail/bottega/apps/customers"
	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/apps/vouchers"
	"github.com/bottega-retail/bottega/apps/vouchers/internal/card"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// New is the app.
func New() *sdk.App {
	return sdk.NewApp("vouchers",
		settings, kinds, cards, entries, allotments, attempts, salts, movements,
		vouchers.PutKind.Handle(putKind),
		vouchers.GetKind.Handle(getKind),
		vouchers.Kinds.Handle(listKinds),
		vouchers.Offer.Handle(offer),
		vouchers.Issue.Handle(issue),
		vouchers.Import.Handle(importCodes),
		vouchers.Activate.Handle(activate),
		vouchers.TopUp.Handle(topUp),
		vouchers.Balance.Handle(balance),
		vouchers.Redeem.Handle(redeem),
		vouchers.Refund.Handle(refund),
		vouchers.Cancel.Handle(cancel),
		vouchers.Block.Handle(block),
		vouchers.Unblock.Handle(unblock),
		vouchers.Transfer.Handle(transfer),
		vouchers.ResetPIN.Handle(resetPIN),
		vouchers.Allot.Handle(allot),
		vouchers.Settle.Handle(settle),
		vouchers.Allotments.Handle(listAllotments),
		vouchers.GetCard.Handle(getCard),
		vouchers.Find.Handle(find),
		vouchers.Cards.Handle(listCards),
		vouchers.Entries.Handle(listEntries),
		vouchers.Paper.Handle(onPaper),
		vouchers.Report.Handle(report),
		vouchers.Verify.Handle(verify),
		vouchers.Try.Handle(try),
		expiry.On(expire),
		customers.Erased.On(forget),
		forgetRest.On(forget),
		till.Tender.Fill(string(vouchers.GiftCard), tender(vouchers.GiftCard)),
		till.Tender.Fill(string(vouchers.Voucher), tender(vouchers.Voucher)),
		till.Tender.Fill(string(vouchers.ReturnVoucher), tender(vouchers.ReturnVoucher)),
		till.Tender.Fill(string(vouchers.StoreCredit), tender(vouchers.StoreCredit)),
		till.StoredValue.Fill("gift_card", stored),
	)
}

// Settings are what the retailer decides about stored value.
type Settings struct {
	PINAttempts      int64            `json:"pin_attempts" title:"Wrong PINs" doc:"After so many a card is locked for a while." min:"1" max:"20"`
	VisitorAttempts  int64            `json:"visitor_attempts" title:"Wrong codes" doc:"After so many whoever asks for balances on your site is answered nothing for a while." min:"1" max:"1000"`
	LockMinutes      int64            `json:"lock_minutes" title:"Minutes locked" doc:"How long a lock lasts." min:"1" max:"10080"`
	CardBuysCard     bool             `json:"card_buys_card" title:"Cards buy cards" doc:"Whether stored value may pay for stored value. That would make an expiry begin anew."`
	DistanceChannels []retail.Channel `json:"distance_channels" title:"Distance sales" doc:"Sales channels whose customers may withdraw: there a return voucher is offered, never imposed."`
	ReturnKind       string           `json:"return_kind" title:"Return vouchers are" doc:"The kind that a till issues as return voucher. Empty is the first one of the currency."`

	PaperHead     string `json:"paper_head" title:"Head of printed cards" doc:"Name and address of the shop, as they stand on printed vouchers." maxlen:"500"`
	PaperTerms    string `json:"paper_terms" title:"Terms on printed cards" doc:"Empty: not refunded in cash." maxlen:"1000"`
	PaperMedium   string `json:"paper_medium" title:"Paper" doc:"What vouchers are printed on." enum:"roll80,roll58,a4"`
	PaperLanguage string `json:"paper_language" title:"Language of printed cards" enum:"it,en"`
}

var settings = sdk.Settings[Settings]{Default: Settings{
	PINAttempts: 5, VisitorAttempts: 10, LockMinutes: 60, DistanceChannels: []retail.Channel{"web"},
	PaperMedium: "roll80", PaperLanguage: "it",
}}

// kinds holds the products of stored value.
var kinds = sdk.Collection[vouchers.Kind]{Name: "kinds", Key: []string{"id"}}

// cards holds every card. None is ever removed.
var cards = sdk.Collection[record]{
	Name: "cards", Key: []string{"id"}, Subject: "customer",
	Indexes: []sdk.Index{
		{Name: "by_code", Fields: []string{"code"}, Unique: true},
		{Name: "by_kind", Fields: []string{"kind", "id"}},
		{Name: "by_customer", Fields: []string{"customer", "id"}},
	},
}

// record is a card. It holds neither its code nor its PIN.
type record struct {
	ID        string            `json:"id"`
	Code      string            `json:"code"`          // code.Key of it
	PIN       string            `json:"pin,omitempty"` // code.PIN of it
	Masked    string            `json:"masked"`
	Kind      string            `json:"kind"`
	Customer  retail.CustomerID `json:"customer,omitempty"`
	Issued    retail.Instant    `json:"issued"`
	Activated retail.Instant    `json:"activated,omitempty"`
	Document  string            `json:"document,omitempty"` // that activated it
	Reason    string            `json:"reason,omitempty"`
	Successor string            `json:"successor,omitempty"`
	Entries   int64             `json:"entries,omitempty"` // number of the last one
	Account   card.Account      `json:"account"`
}

// entries holds the ledgers. They are only added to.
var entries = sdk.Collection[vouchers.Entry]{
	Name: "entries", Key: []string{"card", "number"},
	Indexes: []sdk.Index{
		{Name: "by_time", Fields: []string{"kind", "at", "card", "number"}},
		{Name: "by_document", Fields: []string{"document", "card", "number"}},
		{Name: "by_original", Fields: []string{"original", "of", "number"}},
	},
}

// movements adds entries up by kind, what they mean for what is owed, and month or day of
// UTC. Adding does not conflict: of one kind many cards are spent at once.
var movements = sdk.Counter{Name: "movements"}

// expiry ends cards whose time is over. That they are spent no more does not wait for it.
var expiry = sdk.Timer[vouchers.CardID]{Name: "expiry"}

// The bounds of texts.
const (
	maxID       = 64
	maxText     = 200
	maxDocument = 128
)

// pageOf is the size of a page.
func pageOf(limit, usual, most int64) (int, error) {
	if limit < 0 || limit > most {
		return 0, sdk.Invalid("/limit", "limit", "No page is that long.")
	}
	if limit == 0 {
		limit = usual
	}
	return int(limit), nil
}

// documented refuses what no document is given for.
func documented(document string) error {
	if document == "" || len(document) > maxDocument {
		return sdk.Invalid("/document", "document", "A document has 1 to 128 characters.")
	}
	return nil
}
