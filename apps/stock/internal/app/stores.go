package app

import (
	"slices"

	"github.com/bottega-retail/bottega/apps/stock"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// reach is the stores that an operation is limited to; none for all.
type reach []string

// reachOf is that of who acts. An app that calls acts by its grant, and asks for
// its own callers: a sum over stores must not depend on who happens to ask.
func reachOf(s sdk.Scope) reach {
	info := s.Info()
	if info.Caller != "" {
		return nil
	}
	return info.Stores
}

// has says whether what belongs to a store may be seen and moved. A place of no
// store is everybody's: goods travel through it from one store to another.
func (r reach) has(store retail.StoreID) bool {
	return len(r) == 0 || store == "" || slices.Contains(r, string(store))
}

func otherStore(pointer string) error {
	e := sdk.Fail(sdk.CodeDenied, "store", "this belongs to a store that you may not act for")
	e.Pointer = pointer
	return e
}

// sight tells which movements may be seen. It asks for each place once.
type sight struct {
	reader sdk.Reader
	reach  reach
	stores map[stock.PlaceID]retail.StoreID
}

func sightOf(r sdk.Reader) *sight {
	return &sight{reader: r, reach: reachOf(r), stores: map[stock.PlaceID]retail.StoreID{}}
}

// limited says whether some movements are not seen.
func (s *sight) limited() bool { return len(s.reach) > 0 }

// sees says whether a movement may be seen: by whoever may act for a store that
// it takes from or puts to, and by everybody if there is none.
func (s *sight) sees(m *MovementRecord) bool {
	if !s.limited() {
		return true
	}
	none := true
	for _, id := range m.Places {
		store := s.storeOf(id)
		if store != "" && s.reach.has(store) {
			return true
		}
		none = none && store == ""
	}
	return none
}

// storeOf is the store of a place, "" if it belongs to none.
func (s *sight) storeOf(id stock.PlaceID) retail.StoreID {
	store, known := s.stores[id]
	if !known && !virtual(id) {
		p, _ := places.Get(s.reader, sdk.K(id))
		store = p.Place.Store
		s.stores[id] = store
	}
	return store
}
