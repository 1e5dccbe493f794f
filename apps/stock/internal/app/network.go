package app

import (
	"cmp"
	"slices"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/stock"
	"github.com/bottega-retail/bottega/apps/stock/internal/ledger"
	"github.com/bottega-retail/bottega/apps/stock/internal/near"
	"github.com/bottega-retail/bottega/apps/stock/internal/opening"
	"github.com/bottega-retail/bottega/apps/stock/internal/sourcing"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// network is what the stores of the retailer may promise of some goods, seen from one of
// them.
type network struct {
	own    catalog.Store
	stores []site
	wanted []ledger.Amount
	rules  []sourcing.Rule
}

// site is a store that has some of the goods, or the own one.
type site struct {
	store  catalog.Store
	metres int64 // below zero is unknown
	has    map[retail.SKU]retail.Quantity
}

// survey reads, in this order, which stores have the goods at all and who these are.
func survey(r sdk.Reader, store retail.StoreID, lines []stock.Line, from *catalog.Position) (*network, error) {
	wanted, err := merged(amounts(lines))
	if err != nil {
		return nil, err
	}
	if len(wanted) > stock.MaxWanted {
		e := sdk.Fail(sdk.CodeTooLarge, "lines", "at most 20 SKUs in one call")
		e.Fields = []sdk.Field{sdk.Int("max", int64(stock.MaxWanted))}
		return nil, e
	}
	s := settings.Get(r)
	n := &network{wanted: wanted, rules: s.rules()}
	if n.own, err = catalog.GetStore.Call(r, catalog.GetStoreIn{ID: store}); err != nil {
		return nil, at(err, "/store")
	}
	has, err := promised(r, wanted)
	if err != nil {
		return nil, err
	}
	all, err := activeStores(r)
	if err != nil {
		return nil, err
	}
	if from == nil {
		from = n.own.Position
	}
	for i := range all {
		if x := &all[i]; x.ID == store || has[x.ID] != nil {
			n.stores = append(n.stores, site{*x, apart(from, x.Position), has[x.ID]})
		}
	}
	return n, nil
}

// promised is what each store may promise of what is wanted. Those that may nothing are
// not in it.
func promised(r sdk.Reader, wanted []ledger.Amount) (map[retail.StoreID]map[retail.SKU]retail.Quantity, error) {
	list := selling(slices.Collect(everyPlace(r)))
	l, err := freeOf(r, skusOf(wanted), list, stock.MaxAdded, nil)
	if err != nil {
		return nil, err
	}
	has := map[retail.StoreID]map[retail.SKU]retail.Quantity{}
	for i, a := range wanted {
		for j := range list {
			q := l.available(i, j)
			if q <= 0 {
				continue
			}
			store := list[j].Store
			if has[store] == nil {
				has[store] = map[retail.SKU]retail.Quantity{}
			}
			has[store][a.SKU] += q
		}
	}
	return has, nil
}

// activeStores asks the catalog for all of them.
func activeStores(r sdk.Reader) (all []catalog.Store, err error) {
	for cursor := ""; ; {
		page, err := catalog.Stores.Call(r, catalog.StoresIn{Cursor: cursor, Limit: catalog.MaxPage})
		if err != nil {
			return nil, err
		}
		for _, s := range page.Stores {
			if s.Status == catalog.Active {
				all = append(all, s)
			}
		}
		if cursor = page.Cursor; cursor == "" {
			return all, nil
		}
	}
}

// apart is how far two positions are from each other, below zero if one is unknown.
func apart(a, b *catalog.Position) int64 {
	if a == nil || b == nil {
		return -1
	}
	return near.Metres(near.Point(*a), near.Point(*b))
}

// complete says whether a site has everything.
func (n *network) complete(s *site) bool {
	return !slices.ContainsFunc(n.wanted, func(a ledger.Amount) bool { return s.has[a.SKU] < a.Quantity })
}

// sort puts the own store first, then those that have everything, then the nearest.
func (n *network) sort() {
	slices.SortFunc(n.stores, func(a, b site) int {
		return cmp.Or(
			yes(b.store.ID == n.own.ID)-yes(a.store.ID == n.own.ID),
			yes(n.complete(&b))-yes(n.complete(&a)),
			cmp.Compare(uint64(a.metres), uint64(b.metres)), //nolint:gosec // unknown is below zero, and becomes the furthest
			cmp.Compare(a.store.ID, b.store.ID),
		)
	})
}

func yes(b bool) int {
	if b {
		return 1
	}
	return 0
}

// sourced is the site as the rules see it.
func (s *site) sourced() sourcing.Site {
	out := sourcing.Site{ID: string(s.store.ID), Warehouse: s.store.Kind == catalog.Warehouse, Metres: s.metres}
	if s.store.Address != nil {
		out.City = s.store.Address.City
	}
	return out
}

// home is the own store as the rules see it.
func (n *network) home() sourcing.Site {
	own := site{store: n.own, metres: 0}
	return own.sourced()
}

// opening is whether a store is open. Hours that make no sense are unknown.
func (s *site) opening(now retail.Instant) stock.Opening {
	h := opening.Hours{Zone: s.store.Zone}
	for _, x := range s.store.Hours {
		h.Weekly = append(h.Weekly, opening.Weekly(x))
	}
	for _, x := range s.store.Special {
		h.Singles = append(h.Singles, opening.Single{Date: x.Date, Closed: x.Closed, Hours: retail.DayHours{From: x.From, To: x.To}})
	}
	status, err := h.At(now)
	if err != nil {
		return stock.Opening{}
	}
	return stock.Opening(status)
}
