package app

import (
	"cmp"
	"slices"

	"github.com/bottega-retail/bottega/apps/stock"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// transfers are what goes from place to place. What is in transit by their lines is what
// lies at the place stock.InTransit.
var transfers = sdk.Collection[TransferRecord]{
	Name: "transfers", Key: []string{"transfer.id"},
	Indexes: []sdk.Index{
		{Name: "store", Fields: []string{"stores"}},
		{Name: "state", Fields: []string{"transfer.state"}},
		{Name: "document", Fields: []string{"transfer.document"}, Unique: true},
	},
}

// TransferRecord is a transfer with what it is found by.
type TransferRecord struct {
	Transfer stock.TransferOrder `json:"transfer"`
	Stores   []retail.StoreID    `json:"stores"`
}

func requestTransfer(tx *sdk.Tx, in stock.RequestTransferIn) (stock.TransferOrder, error) {
	lines, err := merged(amounts(in.Lines))
	if err != nil {
		return stock.TransferOrder{}, err
	}
	switch {
	case in.From == in.To:
		return stock.TransferOrder{}, sdk.Invalid("/to", "same_place", "goods move from one place to another")
	case len(in.Document) > 100:
		return stock.TransferOrder{}, sdk.Invalid("/document", "document", "a document's number has at most 100 characters")
	case len(in.Note) > 500:
		return stock.TransferOrder{}, sdk.Invalid("/note", "text", "a note has at most 500 characters")
	}
	from, err := endOfTransfer(tx, in.From, "/from")
	if err != nil {
		return stock.TransferOrder{}, err
	}
	to, err := endOfTransfer(tx, in.To, "/to")
	if err != nil {
		return stock.TransferOrder{}, err
	}
	if reach := reachOf(tx); !reach.has(from.Store) && !reach.has(to.Store) {
		return stock.TransferOrder{}, otherStore("/from")
	}
	if _, used := transfers.Find(tx, "document", sdk.K(in.Document)); in.Document != "" && used {
		return stock.TransferOrder{}, documentTaken(in.Document)
	}
	if err = goodsOf(tx, lines, in.Lines); err != nil {
		return stock.TransferOrder{}, err
	}
	r := TransferRecord{Transfer: stock.TransferOrder{
		ID: tx.NewID(), Document: in.Document, State: stock.Requested, From: in.From, FromStore: from.Store, To: in.To, ToStore: to.Store,
		Note: in.Note, Actor: tx.Info().Principal, Made: tx.Now(),
	}, Stores: []retail.StoreID{from.Store, to.Store}}
	for _, l := range lines {
		r.line(l.SKU).Requested = l.Quantity
	}
	slices.Sort(r.Stores)
	r.Stores = slices.Compact(r.Stores)
	return r.save(tx, stock.TransferRequested)
}

// endOfTransfer is an open place of a store, whoever's.
func endOfTransfer(r sdk.Reader, id stock.PlaceID, pointer string) (stock.Place, error) {
	p, ok := places.Get(r, sdk.K(id))
	switch {
	case !ok:
		e := sdk.NotFound("place", "no place "+string(id))
		e.Pointer, e.Fields = pointer, []sdk.Field{sdk.Text("id", id)}
		return p.Place, e
	case p.Place.Store == "":
		return p.Place, sdk.Invalid(pointer, "store", "goods are sent from a store or warehouse to another")
	case p.Place.Closed:
		e := sdk.FailedPrecondition("place_closed", "place "+string(id)+" is closed")
		e.Pointer = pointer
		return p.Place, e
	}
	return p.Place, nil
}

func documentTaken(document string) error {
	e := sdk.Fail(sdk.CodeConflict, "document", "document "+document+" says something else already")
	e.Pointer, e.Fields = "/document", []sdk.Field{sdk.Text("document", document)}
	return e
}

func dispatch(tx *sdk.Tx, in stock.DispatchIn) (stock.TransferOrder, error) {
	r, err := transfer(tx, in.ID, func(t *stock.TransferOrder) []retail.StoreID { return []retail.StoreID{t.FromStore} })
	if err != nil {
		return stock.TransferOrder{}, err
	}
	t := &r.Transfer
	if t.State != stock.Requested {
		return *t, wrongState(t)
	}
	if len(in.Lines) == 0 {
		for _, l := range t.Lines {
			in.Lines = append(in.Lines, stock.Line{SKU: l.SKU, Quantity: l.Requested})
		}
	}
	lines, err := merged(amounts(in.Lines))
	if err != nil {
		return *t, err
	}
	if t.DDT, err = document(tx, t, &in, lines); err != nil {
		return *t, err
	}
	if err = travelling(tx); err != nil {
		return *t, err
	}
	p, err := newPosting(tx, &stock.Place{ID: t.From, Store: t.FromStore}, stock.Transfer, "DDT "+t.DDT.Number, t.DDT.Departure)
	if err != nil {
		return *t, err
	}
	p.short = func(e *stock.Entry) error {
		return notOnHand(e.From, e.SKU, slices.IndexFunc(in.Lines, func(l stock.Line) bool { return l.SKU == e.SKU }))
	}
	for _, l := range lines {
		p.add(t.From, stock.InTransit, l.SKU, l.Quantity)
		r.line(l.SKU).Sent = l.Quantity
	}
	if _, err = p.post(tx); err != nil {
		return *t, err
	}
	t.State = stock.Dispatched
	return r.save(tx, stock.TransferDispatched)
}

// travelling makes the place of what is on its way.
func travelling(tx *sdk.Tx) error {
	if _, there := places.Get(tx, sdk.K(stock.InTransit)); there {
		return nil
	}
	return places.Put(tx, PlaceRecord{Place: stock.Place{ID: stock.InTransit, Name: "In viaggio", Kind: stock.Transit}})
}

func cancelTransfer(tx *sdk.Tx, in stock.TransferID) (stock.TransferOrder, error) {
	r, err := transfer(tx, in.ID, bothStores)
	if err != nil {
		return stock.TransferOrder{}, err
	}
	switch r.Transfer.State {
	case stock.Withdrawn:
		return r.Transfer, nil
	case stock.Requested:
		r.Transfer.State, r.Transfer.Closed = stock.Withdrawn, tx.Now()
		return r.save(tx, stock.TransferCancelled)
	}
	return r.Transfer, wrongState(&r.Transfer)
}

func bothStores(t *stock.TransferOrder) []retail.StoreID {
	return []retail.StoreID{t.FromStore, t.ToStore}
}

// transfer is one by its id, for whoever may act for one of the stores that of names.
// Errors: not_found, reason "transfer"; denied, reason "store".
func transfer(r sdk.Reader, id string, of func(*stock.TransferOrder) []retail.StoreID) (TransferRecord, error) {
	record, there := transfers.Get(r, sdk.K(id))
	if !there || id == "" {
		e := sdk.NotFound("transfer", "no transfer "+id)
		e.Pointer = "/id"
		return record, e
	}
	if !slices.ContainsFunc(of(&record.Transfer), reachOf(r).has) {
		return record, otherStore("/id")
	}
	return record, nil
}

func wrongState(t *stock.TransferOrder) error {
	e := sdk.FailedPrecondition("state", "this transfer is "+string(t.State))
	e.Pointer, e.Fields = "/id", []sdk.Field{sdk.Text("state", t.State)}
	return e
}

// line is that of a SKU, made if there is none. It is good until the next call.
func (r *TransferRecord) line(sku retail.SKU) *stock.TransferLine {
	lines := &r.Transfer.Lines
	i, there := slices.BinarySearchFunc(*lines, sku, func(l stock.TransferLine, sku retail.SKU) int { return cmp.Compare(l.SKU, sku) })
	if !there {
		*lines = slices.Insert(*lines, i, stock.TransferLine{SKU: sku})
	}
	return &(*lines)[i]
}

// moving is how much of a line is in transit.
func moving(l *stock.TransferLine) retail.Quantity {
	return l.Sent - l.Received - l.Lost - l.Returned
}

// arrived says whether nothing is in transit.
func (r *TransferRecord) arrived() bool {
	return !slices.ContainsFunc(r.Transfer.Lines, func(l stock.TransferLine) bool { return moving(&l) != 0 })
}

// save writes the transfer and tells what happened.
func (r *TransferRecord) save(tx *sdk.Tx, happened ...sdk.Event[stock.TransferEvent]) (stock.TransferOrder, error) {
	t := &r.Transfer
	for i := range t.Lines {
		t.Lines[i].InTransit = moving(&t.Lines[i])
	}
	if err := transfers.Put(tx, *r); err != nil {
		return *t, err
	}
	e := stock.TransferEvent{
		ID: t.ID, State: t.State, From: t.From, FromStore: t.FromStore, To: t.To, ToStore: t.ToStore, Lines: t.Lines,
	}
	if t.DDT != nil {
		e.Number, e.BetweenEntities = t.DDT.Number, t.DDT.BetweenEntities
	}
	for _, event := range happened {
		if err := event.Emit(tx, e); err != nil {
			return *t, err
		}
	}
	return *t, nil
}

func getTransfer(v *sdk.View, in stock.TransferID) (stock.TransferOrder, error) {
	r, err := transfer(v, in.ID, bothStores)
	if err != nil {
		return stock.TransferOrder{}, err
	}
	return r.Transfer, nil
}

func listTransfers(v *sdk.View, in stock.TransfersIn) (stock.TransfersOut, error) {
	var out stock.TransfersOut
	scan := sdk.Scan{Reverse: true, Limit: mostScanned + 1}
	switch {
	case in.Store != "":
		scan.Index, scan.Prefix = "store", sdk.K(in.Store)
	case in.State != "":
		scan.Index, scan.Prefix = "state", sdk.K(in.State)
	}
	if in.Cursor != "" {
		scan.To = sdk.K(in.Cursor)
	}
	reach, size, last, seen := reachOf(v), pageSize(in.Limit), "", 0
	for r := range transfers.Scan(v, scan) {
		if seen == mostScanned {
			out.Cursor = last
			break
		}
		last, seen = r.Transfer.ID, seen+1
		if in.State != "" && r.Transfer.State != in.State || !slices.ContainsFunc(r.Stores, reach.has) {
			continue
		}
		if len(out.Transfers) == size {
			out.Cursor = out.Transfers[size-1].ID
			break
		}
		out.Transfers = append(out.Transfers, r.Transfer)
	}
	return out, nil
}
