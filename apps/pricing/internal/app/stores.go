package app

import (
	"slices"

	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// reach is the stores that an operation is limited to; none for all.
type reach []string

// reachOf is that of who acts. An app that calls acts by its grant, and asks for
// its own callers.
func reachOf(s sdk.Scope) reach {
	info := s.Info()
	if info.Caller != "" {
		return nil
	}
	return info.Stores
}

func (r reach) has(store retail.StoreID) bool { return slices.Contains(r, string(store)) }

// sees says whether a price list or promotion for some stores, or none for all,
// counts in one that is permitted.
func (r reach) sees(stores []retail.StoreID) bool {
	return len(r) == 0 || len(stores) == 0 || slices.ContainsFunc(stores, r.has)
}

// sets says whether it counts in no other store, so that it may be changed.
func (r reach) sets(stores []retail.StoreID) bool {
	return len(r) == 0 || len(stores) > 0 && !slices.ContainsFunc(stores, func(s retail.StoreID) bool { return !r.has(s) })
}

func otherStore(pointer string) error {
	e := sdk.Fail(sdk.CodeDenied, "store", "This counts in stores that you may not act for.")
	e.Pointer = pointer
	return e
}
