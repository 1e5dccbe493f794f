package app

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/apps/till/internal/receipt"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// offlines holds every document that a till wrote while it was cut off, by its key. It is
// read and written in the transaction that takes the document over, so that no document
// counts twice.
var offlines = sdk.Collection[till.OfflineRecord]{
	Name: "offline", Key: []string{"id"}, Subject: "customer",
	Indexes: []sdk.Index{
		{Name: "by_state", Fields: []string{"store", "state", "received", "id"}},
		{Name: "by_number", Fields: []string{"store", "till", "day", "sequence", "id"}},
		{Name: "by_uuid", Fields: []string{"uuid", "id"}},
		{Name: "by_waits", Fields: []string{"waits", "id"}},
	},
}

// offlineNext takes up what still waits for a sale when one call has done enough.
var offlineNext = sdk.Timer[offlineFollowing]{Name: "offline_next"}

// offlineFollowing names the sale.
type offlineFollowing struct {
	Sale  string         `json:"sale"`
	Store retail.StoreID `json:"store"`
	Till  string         `json:"till"`
}

// maxFollowing is how many documents that waited one call takes besides its own: each has
// events and writes, of which a call has so many.
const maxFollowing = 10

// syncing is one call of a till that was cut off.
type syncing struct {
	tx   *sdk.Tx
	set  Settings
	at   catalog.Store
	till string
	sent retail.Instant
	left int  // documents that waited and may still follow
	one  bool // somebody decides about this document alone: errors are his
}

func newSyncing(tx *sdk.Tx, store retail.StoreID, id string) (*syncing, error) {
	if err := identity(store, id, "till"); err != nil {
		return nil, err
	}
	at, err := catalog.GetStore.Call(tx, catalog.GetStoreIn{ID: store})
	if err != nil {
		return nil, moved(err, "/id", "/store")
	}
	return &syncing{tx: tx, set: settings.Get(tx), at: at, till: id, left: maxFollowing}, nil
}

func syncOffline(tx *sdk.Tx, in till.SyncIn) (out till.SyncOut, err error) {
	if len(in.Documents) == 0 || len(in.Documents) > till.MaxSynced {
		return out, sdk.Invalid("/documents", "documents", "A till sends 1 to 20 documents at once.")
	}
	b, err := newSyncing(tx, in.Store, in.Till)
	if err != nil {
		return out, err
	}
	b.sent = in.Sent
	for i := range in.Documents {
		d := &in.Documents[i]
		rec, err := b.arrive(d)
		if err != nil {
			return till.SyncOut{}, unstuck(err)
		}
		out.Results = append(out.Results, syncedAs(d, &rec))
	}
	for i := range out.Results { // one that waited may have been taken with a later one
		if r := &out.Results[i]; r.State == till.OfflineWaiting {
			rec, _ := offlines.Get(tx, sdk.K(r.ID))
			*r = syncedAs(&in.Documents[i], &rec)
		}
	}
	return out, nil
}

// syncedAs is the answer about a document.
func syncedAs(d *till.OfflineDocument, rec *till.OfflineRecord) till.Synced {
	return till.Synced{
		Day: d.Day, Sequence: d.Sequence, State: rec.State, ID: rec.ID, Receipt: rec.Receipt,
		Reason: rec.Reason, Pointer: rec.Pointer, Message: rec.Why,
	}
}

// arrive finds out whether a document is new, and decides about it if so.
func (b *syncing) arrive(d *till.OfflineDocument) (rec till.OfflineRecord, err error) {
	if err := keyed(d); err != nil {
		return till.OfflineRecord{State: till.OfflineRefused, Reason: err.Reason, Pointer: err.Pointer, Why: err.Message}, nil
	}
	rec = b.record(d)
	old, there := offlines.Get(b.tx, sdk.K(rec.ID))
	if there && old.Digest != rec.Digest {
		rec.Other, rec.ID = old.ID, rec.ID+"#"+rec.Digest
		if old, there = offlines.Get(b.tx, sdk.K(rec.ID)); !there {
			return b.quarantine(&rec, d, offlineFault("differs", "", "Another document has this number."))
		}
	}
	switch {
	case there && old.State == till.OfflineWaiting && old.Sealed:
		return b.decide(&old, d)
	case there:
		return old, nil
	}
	for o := range offlines.Scan(b.tx, sdk.Scan{Index: "by_uuid", Prefix: sdk.K(rec.UUID), Limit: 1}) {
		rec.Other = o.ID
		return b.quarantine(&rec, d, offlineFault("uuid", "/uuid", "Another document has this UUID."))
	}
	return b.decide(&rec, d)
}

// keyed checks what a document is known by.
func keyed(d *till.OfflineDocument) *sdk.Error {
	switch {
	case d.Day.Valid() != nil:
		return sdk.Invalid("/day", "day", "A day is written YYYY-MM-DD.")
	case d.Sequence < 1 || d.Sequence > till.MaxOffline:
		return sdk.Invalid("/sequence", "sequence", "Documents of a day are numbered from 1 to 999,999.")
	case len(d.UUID) < 8 || len(d.UUID) > 64 || strings.ContainsRune(d.UUID, 0):
		return sdk.Invalid("/uuid", "uuid", "A UUID has 8 to 64 characters.")
	}
	return nil
}

// record is what is kept of a document.
func (b *syncing) record(d *till.OfflineDocument) till.OfflineRecord {
	return till.OfflineRecord{
		ID:    offlineID(b.at.ID, b.till, d.Day, d.Sequence),
		Store: b.at.ID, Till: b.till, Day: d.Day, Sequence: d.Sequence, UUID: d.UUID, Kind: d.Kind, At: d.At, Sent: b.sent,
		Received: b.tx.Now(), Customer: d.Customer, Currency: cmp.Or(d.Currency, b.at.Currency), Total: d.Total, Digest: offlineDigest(d),
	}
}

func offlineID(store retail.StoreID, id string, day retail.Date, sequence int64) string {
	return string(store) + "/" + id + "/" + receipt.OfflineNumber(day, sequence)
}

// decide takes a document over, or keeps it and says why not.
func (b *syncing) decide(rec *till.OfflineRecord, d *till.OfflineDocument) (till.OfflineRecord, error) {
	r, err := b.take(rec, d)
	if err != nil {
		return b.quarantine(rec, d, err)
	}
	rec.State, rec.Receipt, rec.Document, rec.Sealed, rec.Waits = till.OfflineTaken, r.ID, nil, false, ""
	rec.Reason, rec.Why, rec.Pointer = "", "", ""
	if err := offlines.Put(b.tx, *rec); err != nil {
		return *rec, err
	}
	return *rec, b.follow(cmp.Or(r.Original, r.ID))
}

// quarantine keeps a document that could not be taken, whole. What is not about this
// document ends the call.
func (b *syncing) quarantine(rec *till.OfflineRecord, d *till.OfflineDocument, why error) (till.OfflineRecord, error) {
	var wait *waiting
	var e *sdk.Error
	was := rec.State
	switch {
	case errors.As(why, &wait):
		rec.State, rec.Waits, rec.Reason, rec.Why, rec.Pointer = till.OfflineWaiting, wait.sale, "waits", "For "+wait.sale+", or an earlier return of it.", "/original"
	case errors.As(why, &e) && decidable(e):
		rec.State, rec.Waits, rec.Reason, rec.Why, rec.Pointer = till.OfflineQuarantined, "", e.Reason, e.Message, e.Pointer
	default:
		return *rec, why
	}
	rec.Document, rec.Sealed = sealed(d)
	if err := offlines.Put(b.tx, *rec); err != nil || was == rec.State {
		return *rec, err
	}
	return *rec, till.OfflineHeld.Emit(b.tx, openly(rec))
}

// openly is a record without its document.
func openly(rec *till.OfflineRecord) till.OfflineRecord {
	out := *rec
	out.Document = nil
	return out
}

// decidable says whether an error is about a document, so that somebody may decide about
// it. What passes by itself, or is about the host, is not.
func decidable(e *sdk.Error) bool {
	switch e.Code {
	case sdk.CodeUnavailable, sdk.CodeDeadline:
		return false
	}
	return !slices.Contains([]string{"quota", "grant", "call_depth", "hop_limit", "operation"}, e.Reason)
}

// waiting is why a document that undoes a sale is not taken yet.
type waiting struct{ sale string }

func (w *waiting) Error() string { return "waits for " + w.sale }

// stuck is an error that ends the call: it is about the store, not about one document.
type stuck struct{ err error }

func (s *stuck) Error() string { return s.err.Error() }

func unstuck(err error) error {
	var s *stuck
	if errors.As(err, &s) {
		return s.err
	}
	return err
}

// offlineFault is why a document goes to quarantine.
func offlineFault(reason, pointer, message string) error {
	e := sdk.FailedPrecondition(reason, message)
	e.Pointer = pointer
	return e
}

// follow takes what waited for a sale, or for an earlier return of it.
func (b *syncing) follow(sale string) error {
	var ids []string
	for rec := range offlines.Scan(b.tx, sdk.Scan{Index: "by_waits", Prefix: sdk.K(sale), Limit: maxFollowing + 1}) {
		if !rec.Sealed {
			ids = append(ids, rec.ID)
		}
	}
	for _, id := range ids {
		rec, _ := offlines.Get(b.tx, sdk.K(id))
		if rec.Waits != sale || rec.Document == nil {
			continue // it followed another that did
		}
		if b.left == 0 {
			return offlineNext.Schedule(b.tx, sale, b.tx.Now(), offlineFollowing{Sale: sale, Store: rec.Store, Till: rec.Till})
		}
		b.left--
		of, err := b.of(&rec)
		if err != nil {
			return err
		}
		if _, err := of.decide(&rec, rec.Document); err != nil {
			return err
		}
		b.left = of.left
	}
	return nil
}

// of is the call as if the till of a record had made it.
func (b *syncing) of(rec *till.OfflineRecord) (*syncing, error) {
	if rec.Store == b.at.ID && rec.Till == b.till {
		own := *b
		own.sent = rec.Sent
		return &own, nil
	}
	other, err := newSyncing(b.tx, rec.Store, rec.Till)
	if err != nil {
		return nil, err
	}
	other.sent, other.left = rec.Sent, b.left
	return other, nil
}

// followLater goes on where a call has done enough.
func followLater(tx *sdk.Tx, in offlineFollowing) error {
	b, err := newSyncing(tx, in.Store, in.Till)
	if err != nil {
		return err
	}
	return unstuck(b.follow(in.Sale))
}
