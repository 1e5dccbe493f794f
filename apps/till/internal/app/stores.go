package app

import (
	"slices"
	"strings"

	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// reach is the stores that an operation is limited to; none for all.
type reach []string

// reachOf is that of who acts. An app that calls acts by its grant, and asks for
// its own callers. Void, Return and Returnable act for the user whoever calls:
// they ask sdk.MayStore.
func reachOf(s sdk.Scope) reach {
	info := s.Info()
	if info.Caller != "" {
		return nil
	}
	return info.Stores
}

func (r reach) has(store retail.StoreID) bool {
	return len(r) == 0 || slices.Contains(r, string(store))
}

func otherStore(pointer string) error {
	e := sdk.Fail(sdk.CodeDenied, "store", "This belongs to a store that you may not act for.")
	e.Pointer = pointer
	return e
}

// storeOf is the store that a document's id names, "" for an imported one. Asked
// before the document is looked for, it tells nobody which numbers another store
// has reached.
func storeOf(id string) retail.StoreID {
	if strings.Count(id, "/") != 2 {
		return ""
	}
	store, _, _ := strings.Cut(id, "/")
	return retail.StoreID(store)
}
