// Package vouchers is the contract of stored value: gift cards, vouchers, return
// vouchers (buoni di reso) and store credit. Each card is a ledger; what it holds is the
// sum of its entries. It knows neither receipts nor prices: a till asks it through slots
// of the till, in the sale's transaction, and it never asks back.
//
// # What is always true
//
// Of every card
//
//	0 ≤ balance = Σ entries ≤ face + top-ups
//
// It is spent only while it is active, not expired and not blocked. It is activated once.
// What is left stays on it: nothing is paid out in cash. What an entry says is never
// changed.
//
// # Codes
//
// A drawn code is 16 characters of 31 that nobody confuses: 74 bits of the host's
// randomness and a check character. It is answered once, when it is drawn. What is kept
// is an HMAC of it under a salt of the tenant's, and its last characters so that people
// can tell cards apart. Cards are known by their id, which is no secret and buys nothing.
//
// Of a kind with a PIN both are needed, and a PIN is tried in [Balance] alone: there a
// wrong one is counted in a transaction that stays, while in a sale it would be undone
// with the sale. What a right one answers is a token that pays for 15 minutes.
//
// # The slots that it fills
//
// till.tender under gift_card, voucher, return_voucher and store_credit: Reference is the
// code or the token to pay with, and what the receipt keeps is [Reference]. To give back,
// Reference is what the receipt keeps.
//
// # VAT
//
// A single-purpose voucher is taxed when it is sold: it can buy goods of one rate only,
// and when it is used no further VAT is due. A multi-purpose one is out of scope when it
// is sold, and what it buys is taxed as usual (DPR 633/72 art. 6-bis, -ter, -quater). A
// voucher that is given for nothing is no stored value but a discount: coupons of pricing.
package vouchers

import "github.com/bottega-retail/bottega/sdk"

// Limits of one call and one record.
const (
	MaxIssue = 100               // cards of one Issue or Import
	MaxPage  = 200               // records in one answer of a list
	MaxRows  = 10                // rows of one Report
	MaxMoney = 1_000_000_000_000 // of one amount, in minor units
	MaxTry   = 50                // tenders of one Try
)

// PutKind creates or changes a kind of stored value. What its cards were sold as stays:
// type, currency, entity and VAT.
// Errors: invalid, reason "id", "name", "type", "currency", "entity", "vat", "rate",
// "months", "zone", "max_balance", "refund_expired", "grace_days", or "fixed" (it stays).
var PutKind = sdk.Command[Kind, Kind]{Name: "vouchers.put_kind"}

// GetKind is a kind by its id. Errors: not_found, reason "kind".
var GetKind = sdk.Query[KindID, Kind]{Name: "vouchers.kind"}

// Kinds lists kinds by id. Errors: invalid, reason "limit".
var Kinds = sdk.Query[KindsIn, KindsOut]{Name: "vouchers.kinds"}

// Offer says which kinds a refund may be given in on a channel, and whether the customer
// has to agree: on a distance sale always (Codice del consumo art. 56: the same means of
// payment unless the consumer expressly agrees otherwise). Errors: invalid, reason
// "channel".
var Offer = sdk.Query[OfferIn, OfferOut]{Name: "vouchers.offer"}

// Issue draws cards. With an amount they are active at once, and a document says why;
// without, they are blanks that Activate or a sale makes active.
// Errors: not_found, reason "kind"; failed_precondition, reason "archived"; invalid,
// reason "count", "amount", "document" or "customer"; exhausted, reason "max_balance",
// Fields["max"]; too_large, reason "count".
var Issue = sdk.Command[IssueIn, IssueOut]{Name: "vouchers.issue"}

// Import takes codes that others have made, with what is on them. The same code again,
// of the same kind, changes nothing. Errors: those of Issue, with the pointer of the
// code; invalid, reason "code", "pin", "balance" or "expires".
var Import = sdk.Command[ImportIn, ImportOut]{Name: "vouchers.import"}

// Activate puts the first amount on a blank card, once, because the document was paid.
// A till does it in the sale's transaction.
// Errors: not_found, reason "code" or "card"; invalid, reason "card" (not exactly one of
// code and card), "amount" or "document"; failed_precondition, reason "active" (it is
// already), "blocked", "cancelled" or "customer" (a personal card needs one); exhausted, reason "max_balance", Fields["max"].
var Activate = sdk.Command[LoadIn, Movement]{Name: "vouchers.activate"}

// TopUp puts more on an active card.
// Errors: those of Activate; failed_precondition, reason "not_active", "expired",
// "not_reloadable" or "same_receipt" (this document put on it or spent of it).
var TopUp = sdk.Command[LoadIn, Movement]{Name: "vouchers.top_up"}

// Balance tells what is on a card to whoever has its code, and its PIN if it has one, and
// answers a token that pays for 15 minutes. Everything else, a wrong code, a wrong PIN, a
// card that is locked, is one and the same answer. It is a command since it counts wrong
// tries: after as many as the settings say a card is locked for a while, and so is a
// visitor, whom the caller names in words of its own. Errors: invalid, reason "code".
var Balance = sdk.Command[BalanceIn, BalanceOut]{Name: "vouchers.balance"}

// Redeem spends of a card, for callers without a till.
// Errors: not_found, reason "code"; invalid, reason "amount" or "document";
// failed_precondition, reason "not_active", "expired", "blocked", "pin" (Balance answers
// a token to pay with), "customer" (it is another's), "currency", "vat_rate" or
// "same_receipt" (this document bought or topped it up); exhausted, reason "balance",
// Fields["left"].
var Redeem = sdk.Command[RedeemIn, Movement]{Name: "vouchers.redeem"}

// Refund gives back to the card that paid, at most what it paid for the original and was
// not given back. A card that has expired meanwhile is opened again for as long as its
// kind says; a lost one passes it on to the card that replaced it.
// Errors: not_found, reason "card"; invalid, reason "amount" or "document";
// failed_precondition, reason "expired" (and its kind refuses) or "not_active"; exhausted,
// reason "refunded", Fields["left"].
var Refund = sdk.Command[RefundIn, Movement]{Name: "vouchers.refund"}

// Cancel undoes what a document put on a card, since the sale of it was undone: the
// activation ends the card, a top-up is taken off. What was spent of it refuses.
// Errors: not_found, reason "card" or "document" (it put nothing on it);
// failed_precondition, reason "spent" (Fields["left"]), "topped_up", "expired" or
// "not_active".
var Cancel = sdk.Command[CancelIn, Movement]{Name: "vouchers.cancel"}

// Block keeps a card from being spent; what is on it stays. Errors: not_found, reason
// "card"; invalid, reason "reason"; failed_precondition, reason "blocked" or "ended".
var Block = sdk.Command[BlockIn, Card]{Name: "vouchers.block"}

// Unblock ends that. Errors: not_found, reason "card"; failed_precondition, reason
// "not_blocked".
var Unblock = sdk.Command[BlockIn, Card]{Name: "vouchers.unblock"}

// Transfer moves everything from a card, such as a lost one, to another of its kind: a
// blank, which takes its expiry over, or an active one. The first is over for good.
// Errors: not_found, reason "card" or "code"; invalid, reason "card" or "reason";
// failed_precondition, reason "not_active", "expired", "blocked" (the second), "kind",
// "same_card" or "allotted" (settle the tills that hold parts of it first); exhausted, reason "max_balance", Fields["max"].
var Transfer = sdk.Command[TransferIn, Movement]{Name: "vouchers.transfer"}

// ResetPIN draws another PIN and forgets wrong tries. Errors: not_found, reason "card";
// failed_precondition, reason "no_pin" or "ended".
var ResetPIN = sdk.Command[CardID, PINOut]{Name: "vouchers.reset_pin"}

// Allot keeps a part of a card for one till, which may spend it while it is cut off.
// Errors: those of Redeem but "customer" and "vat_rate"; invalid, reason "till" or
// "minutes".
var Allot = sdk.Command[AllotIn, AllotOut]{Name: "vouchers.allot"}

// Settle books what a till has spent of an allotment, each document once however often and
// in whatever order it is told, and with Close gives the rest back. A till may also pay its
// documents with the slip, when it sends them. What was spent counts also if the card was
// blocked or has expired meanwhile.
// Errors: not_found, reason "allotment"; invalid, reason "document" or "amount"; conflict,
// reason "differs" (the document was told with another amount); exhausted, reason
// "balance", Fields["left"]; failed_precondition, reason "closed"; too_large, reason
// "count"; denied, reason "store".
var Settle = sdk.Command[SettleIn, Allotment]{Name: "vouchers.settle"}

// Allotments lists those of a card. Errors: not_found, reason "card".
var Allotments = sdk.Query[AllotmentsIn, AllotmentsOut]{Name: "vouchers.allotments"}

// GetCard is a card by its id. Errors: not_found, reason "card".
var GetCard = sdk.Query[CardID, Card]{Name: "vouchers.card"}

// Find is a card by its code, for staff: it asks for no PIN and answers nothing to pay
// with. Errors: not_found, reason "code".
var Find = sdk.Query[FindIn, Card]{Name: "vouchers.find"}

// Cards lists cards, the newest first, of all, of a kind or of a customer. Errors: invalid,
// reason "limit", "cursor" or "cards" (both).
var Cards = sdk.Query[CardsIn, CardsOut]{Name: "vouchers.cards"}

// Entries lists the ledger of a card, the newest first. Errors: not_found, reason "card";
// invalid, reason "limit" or "cursor".
var Entries = sdk.Query[EntriesIn, EntriesOut]{Name: "vouchers.entries"}

// Report says what the retailer owes on cards as of an instant, kind by kind: what was
// put on them, used, given back, has expired and is outstanding. Errors: invalid, reason
// "limit" or "at" (in the future).
var Report = sdk.Query[ReportIn, ReportOut]{Name: "vouchers.report"}

// Verify checks cards, page after page: that balances are the sums of their ledgers and
// lie within their bounds. Everything is verified when Cursor comes back empty. Errors:
// invalid, reason "cursor" or "limit".
var Verify = sdk.Query[VerifyIn, VerifyOut]{Name: "vouchers.verify"}

// Try says what tenders that the caller brings would pay of a total that he brings.
// Nothing that is kept is read. Errors: invalid, reason "tenders", "amount" or "order".
var Try = sdk.Query[TryIn, TryOut]{Name: "vouchers.try"}

// Issued is emitted once per Issue and Import.
var Issued = sdk.Event[IssuedEvent]{Name: "vouchers.issued", Key: func(e *IssuedEvent) string { return e.Kind }}

// Activated is emitted when a card is made active after it was issued.
var Activated = sdk.Event[Moved]{Name: "vouchers.activated", Key: byCard}

// ToppedUp is emitted when more is put on a card.
var ToppedUp = sdk.Event[Moved]{Name: "vouchers.topped_up", Key: byCard}

// Redeemed is emitted when a card has paid.
var Redeemed = sdk.Event[Moved]{Name: "vouchers.redeemed", Key: byCard}

// Refunded is emitted when something is given back to a card.
var Refunded = sdk.Event[Moved]{Name: "vouchers.refunded", Key: byCard}

// Cancelled is emitted when what was put on a card is taken off, since its sale was
// undone.
var Cancelled = sdk.Event[Moved]{Name: "vouchers.cancelled", Key: byCard}

// Transferred is emitted when a card has replaced another; Card is the new one.
var Transferred = sdk.Event[Moved]{Name: "vouchers.transferred", Key: byCard}

// Expired is emitted when a card has expired, with what was left on it.
var Expired = sdk.Event[Moved]{Name: "vouchers.expired", Key: byCard}

// Blocked is emitted when a card is blocked or no longer is.
var Blocked = sdk.Event[BlockedEvent]{Name: "vouchers.blocked", Key: func(e *BlockedEvent) string { return e.Card }}

func byCard(m *Moved) string { return m.Card }
