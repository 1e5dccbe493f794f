package app

import (
	"errors"
	"strconv"
	"strings"

	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/sdk"
)

// offlineFor is a record of a store that one may act for.
func offlineFor(r sdk.Reader, id string) (till.OfflineRecord, error) {
	if store := storeOf(id); store != "" && !reachOf(r).has(store) {
		return till.OfflineRecord{}, otherStore("/id")
	}
	rec, there := offlines.Get(r, sdk.K(id))
	if !there || !reachOf(r).has(rec.Store) {
		return till.OfflineRecord{}, &sdk.Error{Code: sdk.CodeNotFound, Reason: "document", Message: "There is no such document.", Pointer: "/id"}
	}
	return rec, nil
}

func getOffline(v *sdk.View, in till.OfflineID) (out till.OfflineOut, err error) {
	if out.Record, err = offlineFor(v, in.ID); err != nil {
		return out, err
	}
	became := out.Record.Receipt
	if other, there := offlines.Get(v, sdk.K(out.Record.Other)); there && out.Record.Other != "" {
		out.Other = &other
		if became == "" {
			became = other.Receipt
		}
	}
	if r, there := receipts.Get(v, sdk.K(became)); there && became != "" {
		out.Receipt = &r
	}
	return out, nil
}

func listOffline(v *sdk.View, in till.OfflineDocumentsIn) (out till.OfflineDocumentsOut, err error) {
	limit, err := pageOf(in.Limit)
	if err != nil {
		return out, err
	}
	state := in.State
	switch state {
	case "":
		state = till.OfflineQuarantined
	case till.OfflineTaken, till.OfflineWaiting, till.OfflineQuarantined, till.OfflineDiscarded:
	default:
		return out, sdk.Invalid("/state", "state", "Documents are taken, waiting, quarantined or discarded.")
	}
	if in.Store == "" {
		return out, sdk.Invalid("/store", "store", "Documents are listed by store.")
	}
	scan := sdk.Scan{Index: "by_state", Prefix: sdk.K(in.Store).Text(string(state)), Reverse: true, Limit: limit + 1}
	if in.Cursor != "" {
		text, id, _ := strings.Cut(in.Cursor, "/")
		received, bad := strconv.ParseInt(text, 10, 64)
		if bad != nil || id == "" {
			return out, sdk.Invalid("/cursor", "cursor", "This is no cursor of this list.")
		}
		scan.To = sdk.KInt(received).Text(id)
	}
	for rec := range offlines.Scan(v, scan) {
		if len(out.Documents) == limit {
			out.Cursor = offlineCursor(&out.Documents[limit-1])
			break
		}
		out.Documents = append(out.Documents, openly(&rec))
	}
	return out, nil
}

func offlineDay(v *sdk.View, in till.OfflineDayIn) (out till.OfflineDayOut, err error) {
	switch {
	case in.Store == "" || in.Till == "":
		return out, sdk.Invalid("/till", "till", "Say which till of which store.")
	case in.Day.Valid() != nil:
		return out, sdk.Invalid("/day", "day", "A day is written YYYY-MM-DD.")
	}
	for rec := range offlines.Scan(v, sdk.Scan{Index: "by_number", Prefix: sdk.K(in.Store).Text(in.Till).Text(string(in.Day))}) {
		for n := out.Last + 1; n < rec.Sequence && len(out.Missing) < till.MaxPage; n++ {
			out.Missing = append(out.Missing, n)
		}
		out.Last = rec.Sequence
		switch rec.State {
		case till.OfflineTaken:
			out.Taken++
		case till.OfflineWaiting:
			out.Waiting++
		case till.OfflineDiscarded:
			out.Discarded++
		default:
			out.Quarantined++
		}
	}
	return out, nil
}

// undecided is a record that somebody decides about.
func undecided(tx *sdk.Tx, id, by, note string) (till.OfflineRecord, error) {
	rec, err := offlineFor(tx, id)
	switch {
	case err != nil:
		return rec, err
	case rec.State != till.OfflineQuarantined && rec.State != till.OfflineWaiting:
		return rec, &sdk.Error{Code: sdk.CodeFailedPrecondition, Reason: "decided", Message: "This document is " + string(rec.State) + ".", Pointer: "/id"}
	case by == "" || len(by) > 64:
		return rec, sdk.Invalid("/by", "by", "Say who decides, in at most 64 characters.")
	case strings.TrimSpace(note) == "" || len(note) > 200:
		return rec, sdk.Invalid("/note", "note", "Say why, in at most 200 characters.")
	}
	rec.By, rec.Note, rec.Decided = by, note, tx.Now()
	return rec, nil
}

func discardOffline(tx *sdk.Tx, in till.DiscardOfflineIn) (till.OfflineRecord, error) {
	rec, err := undecided(tx, in.ID, in.By, in.Note)
	if err != nil {
		return till.OfflineRecord{}, err
	}
	rec.State, rec.Waits = till.OfflineDiscarded, ""
	if err := offlines.Put(tx, rec); err != nil {
		return rec, err
	}
	return rec, till.OfflineDecided.Emit(tx, openly(&rec))
}

// acceptOffline takes a document over by somebody's word, or not at all: it is the only one
// of its operation, so nothing of it stays if it is refused.
func acceptOffline(tx *sdk.Tx, in till.AcceptOfflineIn) (till.Receipt, error) {
	rec, err := undecided(tx, in.ID, in.By, in.Note)
	if err != nil {
		return till.Receipt{}, err
	}
	d, err := inOffline(&rec, &in)
	if err != nil {
		return till.Receipt{}, below(err, "/document")
	}
	id := offlineID(rec.Store, rec.Till, d.Day, d.Sequence)
	if err := unused(tx, &rec, id); err != nil {
		return till.Receipt{}, err
	}
	b, err := newSyncing(tx, rec.Store, rec.Till)
	if err != nil {
		return till.Receipt{}, err
	}
	b.one, b.sent = true, rec.Sent
	if in.Waive {
		rec.Waived = []string{}
	}
	r, err := b.take(&rec, &d)
	var wait *waiting
	switch {
	case errors.As(err, &wait):
		return till.Receipt{}, below(moved(noReceipt(), "/receipt", "/original"), "/document")
	case err != nil:
		return till.Receipt{}, below(unstuck(err), "/document")
	}
	rec.State, rec.Receipt, rec.Waits = till.OfflineTaken, r.ID, ""
	if err := offlines.Put(tx, rec); err != nil {
		return r, err
	}
	if id != rec.ID {
		if err := renumbered(tx, &rec, &d, id); err != nil {
			return r, err
		}
	}
	if err := till.OfflineDecided.Emit(tx, openly(&rec)); err != nil {
		return r, err
	}
	b.one = false
	if r.Original != "" {
		return r, unstuck(b.follow(r.Original))
	}
	return r, unstuck(b.follow(r.ID))
}

// unused checks that nothing else has the number under which a document is accepted.
func unused(tx *sdk.Tx, rec *till.OfflineRecord, id string) error {
	_, written := receipts.Get(tx, sdk.K(id))
	_, kept := offlines.Get(tx, sdk.K(id))
	if !written && (!kept || id == rec.ID) {
		return nil
	}
	return &sdk.Error{Code: sdk.CodeConflict, Reason: "number", Message: "Another document has this number: give it one that is free.", Pointer: "/sequence"}
}

// renumbered keeps, under the number that a document was given, that it is taken.
func renumbered(tx *sdk.Tx, rec *till.OfflineRecord, d *till.OfflineDocument, id string) error {
	again := openly(rec)
	again.ID, again.Sequence, again.Other, again.Digest = id, d.Sequence, rec.ID, offlineDigest(d)
	again.Reason, again.Why, again.Pointer = "", "", ""
	return offlines.Insert(tx, again)
}
