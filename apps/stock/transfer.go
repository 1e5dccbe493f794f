package stock

import (
	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// InTransit is the place of what was dispatched and has not arrived. It belongs to no
// store. The first dispatch makes it, and only transfers move what lies there.
const InTransit PlaceID = "in_transit"

// RequestTransfer asks for goods to be sent from one place to another, of shops and
// warehouses. Nothing moves yet. Either side may ask.
// Errors: not_found, reason "place" or "sku"; failed_precondition, reason
// "place_closed"; invalid, reason "same_place", "store" (a place of no store), "text",
// "document", "not_goods" or as Sell; conflict, reason "document" (it has asked already); denied,
// reason "store" (neither place is the caller's).
var RequestTransfer = sdk.Command[RequestTransferIn, TransferOrder]{Name: "stock.request_transfer"}

// Dispatch sends a transfer on its way: goods move from the sender to InTransit under a
// transport document (DDT, DPR 472/96), which is numbered without gaps by legal person
// and year, and never changes. What is not sent now is not sent: ask for it again.
// Errors: exhausted, reason "on_hand" as Move; not_found, reason "transfer" or as
// RequestTransfer; failed_precondition, reason "state" (Fields["state"]); invalid as
// RequestTransfer; denied, reason "store" (the sender is another store's).
var Dispatch = sdk.Command[DispatchIn, TransferOrder]{Name: "stock.dispatch"}

// ReceiveTransfer takes in what has arrived of a transfer, in one or several parts:
// damaged goods go to quarantine, and more than was sent is found. A part that is told
// again with the same document and the same lines changes nothing. When everything has
// arrived the transfer is closed; if Last says that nothing more will come, what is
// missing stays in transit until ResolveTransfer says what became of it.
// Errors: not_found, reason "transfer" or "sku"; failed_precondition, reason "state" or
// "no_quarantine"; conflict, reason "document" (another part has it); invalid, reason "document",
// "not_goods" or as Sell; too_large, reason "lines" (more than half of MaxLines); denied,
// reason "store" (the receiver is another store's).
var ReceiveTransfer = sdk.Command[ReceiveTransferIn, TransferOrder]{Name: "stock.receive_transfer"}

// ResolveTransfer says what became of goods that did not arrive: lost, back at the
// sender, or, after they were lost, found at the receiver. Told again it changes nothing.
// Errors: those of ReceiveTransfer; invalid, reason "outcome"; exhausted, reason "in_transit"
// (so much is not missing; Fields["most"]; of found goods "lost").
var ResolveTransfer = sdk.Command[ResolveTransferIn, TransferOrder]{Name: "stock.resolve_transfer"}

// CancelTransfer withdraws a request. Errors: not_found, reason "transfer";
// failed_precondition, reason "state" (it is on its way); denied, reason "store".
var CancelTransfer = sdk.Command[TransferID, TransferOrder]{Name: "stock.cancel_transfer"}

// GetTransfer is a transfer with its transport document as data.
// Errors: not_found, reason "transfer"; denied, reason "store".
var GetTransfer = sdk.Query[TransferID, TransferOrder]{Name: "stock.transfer"}

// Transfers lists transfers from and to a store, the newest first.
// Errors: denied, reason "store".
var Transfers = sdk.Query[TransfersIn, TransfersOut]{Name: "stock.transfers"}

// The events of a transfer's life.
var (
	TransferRequested  = sdk.Event[TransferEvent]{Name: "stock.transfer_requested", Key: transferKey}
	TransferDispatched = sdk.Event[TransferEvent]{Name: "stock.transfer_dispatched", Key: transferKey}
	TransferReceived   = sdk.Event[TransferEvent]{Name: "stock.transfer_received", Key: transferKey}  // once per part
	TransferDisputed   = sdk.Event[TransferEvent]{Name: "stock.transfer_disputed", Key: transferKey}  // less, more or other than was sent
	TransferResolved   = sdk.Event[TransferEvent]{Name: "stock.transfer_resolved", Key: transferKey}  // once per resolution
	TransferClosed     = sdk.Event[TransferEvent]{Name: "stock.transfer_closed", Key: transferKey}    // nothing is in transit any more
	TransferCancelled  = sdk.Event[TransferEvent]{Name: "stock.transfer_cancelled", Key: transferKey} // before it was sent
)

func transferKey(e *TransferEvent) string { return e.ID }

// TransferState says where a transfer stands.
type TransferState string

// The states.
const (
	Requested  TransferState = "requested"
	Dispatched TransferState = "dispatched" // on its way, perhaps in part arrived
	Disputed   TransferState = "disputed"   // the last part has arrived, and something is missing
	Closed     TransferState = "closed"     // nothing is in transit
	Withdrawn  TransferState = "cancelled"
)

// RequestTransferIn is what is to go where.
type RequestTransferIn struct {
	From     PlaceID `json:"from"`
	To       PlaceID `json:"to"`
	Document string  `json:"document,omitempty"` // the caller's key, at most 100 characters; asks once
	Note     string  `json:"note,omitempty"`     // at most 500 characters
	Lines    []Line  `json:"lines"`
}

// DispatchIn is what leaves, and what the transport document says about it.
type DispatchIn struct {
	ID         string         `json:"id"`
	Lines      []Line         `json:"lines,omitempty"`      // what leaves; empty is all that was requested
	Reason     string         `json:"reason,omitempty"`     // causale; "" is "Trasferimento tra sedi"
	Carrier    string         `json:"carrier,omitempty"`    // who carries it, with address; "" is the sender
	Parcels    int64          `json:"parcels,omitempty"`    // colli
	Weight     int64          `json:"weight,omitempty"`     // grams, all parcels together
	Appearance string         `json:"appearance,omitempty"` // aspetto esteriore dei beni: boxes, hangers …
	Carriage   string         `json:"carriage,omitempty"`   // porto: franco, assegnato
	Departure  retail.Instant `json:"departure,omitempty"`  // begin of the transport; 0 is now
}

// ReceiveTransferIn is what has arrived.
type ReceiveTransferIn struct {
	ID       string         `json:"id"`
	Document string         `json:"document"`        // names this part, 1 to 100 characters; counts once
	Lines    []ReceivedLine `json:"lines,omitempty"` // each SKU once; none if nothing came at all
	Last     bool           `json:"last,omitempty"`  // nothing more will come
}

// ReceivedLine is what has arrived of a SKU. One of both is above zero.
type ReceivedLine struct {
	SKU      retail.SKU      `json:"sku"`
	Quantity retail.Quantity `json:"quantity,omitempty"` // whole
	Damaged  retail.Quantity `json:"damaged,omitempty"`
}

// ResolveTransferIn is what became of what is missing.
type ResolveTransferIn struct {
	ID       string         `json:"id"`
	Document string         `json:"document"` // names this resolution, 1 to 100 characters; counts once
	Lines    []ResolvedLine `json:"lines"`
}

// Outcome is what became of goods.
type Outcome string

// The outcomes.
const (
	OutcomeLost     Outcome = "lost"     // written off
	OutcomeReturned Outcome = "returned" // they never left, or came back to the sender
	OutcomeFound    Outcome = "found"    // at the receiver, after they were lost
)

// ResolvedLine is an amount and its outcome.
type ResolvedLine struct {
	SKU      retail.SKU      `json:"sku"`
	Quantity retail.Quantity `json:"quantity"`
	Outcome  Outcome         `json:"outcome"`
}

// TransferID names a transfer.
type TransferID struct {
	ID string `json:"id"`
}

// TransfersIn selects transfers; empty fields do not.
type TransfersIn struct {
	Store  retail.StoreID `json:"store,omitempty"` // that sends or receives
	State  TransferState  `json:"state,omitempty"`
	Cursor string         `json:"cursor,omitempty"`
	Limit  int64          `json:"limit,omitempty"` // 1 to MaxPage; 0 is 50
}

// TransfersOut is one page. It may hold fewer than Limit although Cursor is set.
type TransfersOut struct {
	Transfers []TransferOrder `json:"transfers"`
	Cursor    string          `json:"cursor,omitempty"` // "" at the end
}

// TransferOrder is goods that go from one place to another.
type TransferOrder struct {
	ID        string             `json:"id"` // ULID
	Document  string             `json:"document,omitempty"`
	State     TransferState      `json:"state"`
	From      PlaceID            `json:"from"`
	FromStore retail.StoreID     `json:"from_store"`
	To        PlaceID            `json:"to"`
	ToStore   retail.StoreID     `json:"to_store"`
	Note      string             `json:"note,omitempty"`
	Lines     []TransferLine     `json:"lines"` // by SKU
	DDT       *TransportDocument `json:"ddt,omitempty"`
	Parts     []TransferPart     `json:"parts,omitempty"` // in the order in which they were told
	Actor     string             `json:"actor,omitempty"` // principal who asked for it
	Made      retail.Instant     `json:"made"`
	Closed    retail.Instant     `json:"closed,omitempty"`
}

// TransferLine is what has become of a SKU. In transit is what was sent and neither
// arrived nor was lost or returned: no less than zero.
type TransferLine struct {
	SKU       retail.SKU      `json:"sku"`
	Requested retail.Quantity `json:"requested"`
	Sent      retail.Quantity `json:"sent"`
	Received  retail.Quantity `json:"received"`          // of what was sent, damaged ones too
	Damaged   retail.Quantity `json:"damaged,omitempty"` // of all that arrived
	Over      retail.Quantity `json:"over,omitempty"`    // that arrived beyond what was sent
	Lost      retail.Quantity `json:"lost,omitempty"`
	Returned  retail.Quantity `json:"returned,omitempty"` // to the sender
	Found     retail.Quantity `json:"found,omitempty"`    // of what was lost
	InTransit retail.Quantity `json:"in_transit"`
}

// TransferPart is an arrival or a resolution.
type TransferPart struct {
	Document string         `json:"document"`
	Movement string         `json:"movement"` // id
	At       retail.Instant `json:"at"`
	Actor    string         `json:"actor,omitempty"`
	Received []ReceivedLine `json:"received,omitempty"`
	Resolved []ResolvedLine `json:"resolved,omitempty"`
	Last     bool           `json:"last,omitempty"`
}

// TransportDocument is a documento di trasporto as data: what DPR 472/96 art. 1 c. 3
// asks for (date, parties, carrier, kind and quantity of the goods), and what is usual
// beside it. It is frozen when the goods leave.
type TransportDocument struct {
	Number      string             `json:"number"` // 12/2026, of the sender's legal person
	Entity      retail.EntityID    `json:"entity"`
	Year        int64              `json:"year"`        // in the sender's zone
	Progressive int64              `json:"progressive"` // from 1, without gaps
	Date        retail.Date        `json:"date"`        // in the sender's zone
	Departure   retail.Instant     `json:"departure"`
	Reason      string             `json:"reason"` // causale
	Sender      TransportParty     `json:"sender"`
	Recipient   TransportParty     `json:"recipient"`
	Carrier     string             `json:"carrier,omitempty"` // "" is the sender
	Parcels     int64              `json:"parcels,omitempty"`
	Weight      int64              `json:"weight,omitempty"` // grams
	Appearance  string             `json:"appearance,omitempty"`
	Carriage    string             `json:"carriage,omitempty"`
	Lines       []TransportedGoods `json:"lines"` // by SKU
	// BetweenEntities says that goods change their owner: the recipient is another legal
	// person, and an invoice is to follow.
	BetweenEntities bool `json:"between_entities,omitempty"`
}

// TransportParty is a legal person and where the goods leave or arrive.
type TransportParty struct {
	Entity    string           `json:"entity"` // name
	VATNumber string           `json:"vat_number,omitempty"`
	TaxCode   string           `json:"tax_code,omitempty"`
	Seat      *catalog.Address `json:"seat,omitempty"` // of the legal person
	Store     string           `json:"store"`          // name
	Address   *catalog.Address `json:"address,omitempty"`
}

// TransportedGoods is a line of a transport document.
type TransportedGoods struct {
	SKU         retail.SKU      `json:"sku"`
	Description string          `json:"description"`
	Unit        retail.Unit     `json:"unit"`
	Quantity    retail.Quantity `json:"quantity"`
}

// TransferEvent is what became of a transfer.
type TransferEvent struct {
	ID        string         `json:"id"`
	Number    string         `json:"number,omitempty"` // of the transport document
	State     TransferState  `json:"state"`
	From      PlaceID        `json:"from"`
	FromStore retail.StoreID `json:"from_store"`
	To        PlaceID        `json:"to"`
	ToStore   retail.StoreID `json:"to_store"`
	Lines     []TransferLine `json:"lines"`
	// BetweenEntities says that goods change their owner.
	BetweenEntities bool `json:"between_entities,omitempty"`
}
