package app

import (
	"errors"
	"iter"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/stock"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// virtual says whether a place exists without a record.
func virtual(id stock.PlaceID) bool {
	return id == stock.Supplier || id == stock.Customer || id == stock.Adjustment
}

// place is a place of the retailer whose goods people move by hand. Errors: not_found,
// reason "place"; denied, reason "store"; failed_precondition, reason "in_transit".
func place(r sdk.Reader, id stock.PlaceID, pointer string) (stock.Place, error) {
	p, ok := places.Get(r, sdk.K(id))
	if !ok {
		e := sdk.NotFound("place", "no place "+string(id))
		e.Pointer, e.Fields = pointer, []sdk.Field{sdk.Text("id", id)}
		return stock.Place{}, e
	}
	if !reachOf(r).has(p.Place.Store) {
		return stock.Place{}, otherStore(pointer)
	}
	if id == stock.InTransit {
		e := sdk.FailedPrecondition("in_transit", "what is in transit moves by its transfer only")
		e.Pointer = pointer
		return stock.Place{}, e
	}
	return p.Place, nil
}

// open is place for goods that come in. Errors: also failed_precondition,
// reason "place_closed".
func open(r sdk.Reader, id stock.PlaceID, pointer string) (stock.Place, error) {
	p, err := place(r, id, pointer)
	if err == nil && p.Closed {
		e := sdk.FailedPrecondition("place_closed", "place "+string(id)+" is closed")
		e.Pointer = pointer
		return p, e
	}
	return p, err
}

// roleKey finds the place of a kind that a store has one of.
func roleKey(store retail.StoreID, kind stock.PlaceKind) string {
	return string(store) + "/" + string(kind)
}

// role is the open floor or quarantine of a store. Errors: failed_precondition,
// reason "no_floor" or "no_quarantine".
func role(r sdk.Reader, store retail.StoreID, kind stock.PlaceKind) (stock.Place, error) {
	p, ok := places.Find(r, "role", sdk.K(roleKey(store, kind)))
	if !ok {
		e := sdk.FailedPrecondition("no_"+string(kind), "store "+string(store)+" has no open place of kind "+string(kind))
		e.Pointer, e.Fields = "/store", []sdk.Field{sdk.Text("store", store)}
		return stock.Place{}, e
	}
	return p.Place, nil
}

func putPlace(tx *sdk.Tx, in stock.Place) (stock.Place, error) {
	if in.Store == "" && len(reachOf(tx)) > 0 {
		return in, otherStore("/store")
	}
	if err := validPlace(tx, &in); err != nil {
		return in, err
	}
	old, ok := places.Get(tx, sdk.K(in.ID))
	if ok && (old.Place.Store != in.Store || old.Place.Kind != in.Kind) {
		return in, placeTaken("the store and the kind of a place never change")
	}
	if ok && old.Place == in {
		return in, nil
	}
	record := PlaceRecord{Place: in}
	if !in.Closed && (in.Kind == stock.Floor || in.Kind == stock.Quarantine) {
		record.Role = roleKey(in.Store, in.Kind)
	}
	err := places.Put(tx, record)
	var e *sdk.Error
	if errors.As(err, &e) && e.Code == sdk.CodeConflict && e.Reason == "unique" {
		taken := sdk.Fail(sdk.CodeConflict, string(in.Kind), "store "+string(in.Store)+" has an open place of kind "+string(in.Kind))
		taken.Pointer = "/kind"
		return in, taken
	}
	return in, err
}

func placeTaken(message string) error {
	e := sdk.Fail(sdk.CodeConflict, "place", message)
	e.Pointer = "/id"
	return e
}

func validPlace(r sdk.Reader, p *stock.Place) error {
	switch p.Kind {
	case stock.Floor, stock.Back, stock.Warehouse, stock.Quarantine, stock.Transit:
	default:
		return sdk.Invalid("/kind", "kind", "kinds are floor, back, warehouse, quarantine and transit")
	}
	switch {
	case p.ID == "" || len(p.ID) > 64:
		return sdk.Invalid("/id", "id", "a place's id has 1 to 64 characters")
	case virtual(p.ID) || p.ID == stock.InTransit:
		return placeTaken("place " + string(p.ID) + " exists by itself")
	case p.Name == "" || len(p.Name) > 200:
		return sdk.Invalid("/name", "name", "a place's name has 1 to 200 characters")
	case p.Store == "" && p.Kind == stock.Transit:
		return nil
	case p.Store == "":
		return sdk.Invalid("/store", "store", "only transit belongs to no store")
	}
	_, err := catalog.GetStore.Call(r, catalog.GetStoreIn{ID: p.Store})
	var e *sdk.Error
	if errors.As(err, &e) && e.Code == sdk.CodeNotFound {
		e.Pointer = "/store"
	}
	return err
}

func listPlaces(v *sdk.View, in stock.PlacesIn) (stock.PlacesOut, error) {
	return stock.PlacesOut{Places: placesOf(v, in.Store)}, nil
}

// everyPlace are all places, whoever asks.
func everyPlace(r sdk.Reader) iter.Seq[stock.Place] {
	return func(yield func(stock.Place) bool) {
		for p := range places.Scan(r, sdk.Scan{}) {
			if !yield(p.Place) {
				return
			}
		}
	}
}

// placesOf lists the places of a store by id; if it is "", of all stores that
// who acts may act for, and of none.
func placesOf(r sdk.Reader, store retail.StoreID) []stock.Place {
	var scan sdk.Scan
	if store != "" {
		scan = sdk.Scan{Index: "store", Prefix: sdk.K(store)}
	}
	var list []stock.Place
	reach := reachOf(r)
	for p := range places.Scan(r, scan) {
		if reach.has(p.Place.Store) {
			list = append(list, p.Place)
		}
	}
	return list
}

// at gives an error of another app a pointer into our own input.
func at(err error, pointer string) error {
	var e *sdk.Error
	if errors.As(err, &e) && e.Code == sdk.CodeNotFound {
		own := *e
		own.Pointer = pointer
		return &own
	}
	return err
}
