package app

import (
	"cmp"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/stock"
	"github.com/bottega-retail/bottega/apps/stock/internal/sourcing"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

func nearby(v *sdk.View, in stock.NearbyIn) (stock.NearbyOut, error) {
	out := stock.NearbyOut{Stores: []stock.NearbyStore{}}
	n, err := survey(v, in.Store, in.Lines, in.Position)
	if err != nil {
		return out, err
	}
	n.sort()
	size := min(cmp.Or(max(in.Limit, 0), 10), stock.MaxNearby)
	for i := range n.stores {
		s := &n.stores[i]
		if s.store.ID != in.Store && in.Within > 0 && (s.metres < 0 || s.metres > in.Within*1000) {
			continue
		}
		if len(out.Stores) == int(size) {
			break
		}
		shown, err := n.shown(v.Now(), s)
		if err != nil {
			return out, err
		}
		out.Stores = append(out.Stores, shown)
	}
	return out, nil
}

func (n *network) shown(now retail.Instant, s *site) (stock.NearbyStore, error) {
	x := &s.store
	out := stock.NearbyStore{Store: x.ID, Name: x.Name, Kind: x.Kind, Opening: s.opening(now), Complete: n.complete(s)}
	if x.Address != nil {
		out.City, out.Street = x.Address.City, x.Address.Street
	}
	if s.metres >= 0 {
		out.Metres = &s.metres
	}
	for _, a := range n.wanted {
		out.Lines = append(out.Lines, stock.NearbyLine{SKU: a.SKU, Wanted: a.Quantity, Available: s.has[a.SKU]})
	}
	if !out.Complete {
		return out, nil
	}
	var err error
	out.Promise, err = n.promise(now, s, out.Opening)
	return out, err
}

// promise is when the customer could have everything from a site: at the counter of a
// shop when it is open, from elsewhere after the days of the sourcing rule that the
// site fits. There is none from a warehouse that no rule serves from.
func (n *network) promise(now retail.Instant, s *site, o stock.Opening) (*stock.Promise, error) {
	if s.store.Kind == catalog.Shop {
		p := &stock.Promise{Kind: stock.Collect}
		if s.store.ID == n.own.ID {
			p.Kind = stock.Now
		}
		switch {
		case o.Open:
			p.From = now
		case o.Known:
			p.From = o.Next
		}
		return p, nil
	}
	i := sourcing.Of(n.rules, n.home(), s.sourced())
	if i < 0 {
		return nil, nil
	}
	day, err := n.day(now, n.rules[i].Days)
	return &stock.Promise{Kind: stock.Send, Day: day, Rule: string(n.rules[i].Use)}, err
}

// day is the civil day so many days from now, where the goods are wanted.
func (n *network) day(now retail.Instant, days int64) (retail.Date, error) {
	local, err := n.own.Zone.Local(now)
	if err != nil {
		return "", err
	}
	return local.Date.AddDays(int(days))
}

func source(v *sdk.View, in stock.SourceIn) (stock.SourceOut, error) {
	out := stock.SourceOut{Takes: []stock.Take{}, Short: []stock.Line{}}
	n, err := survey(v, in.Store, in.Lines, nil)
	if err != nil {
		return out, err
	}
	sites, has := make([]sourcing.Site, len(n.stores)), map[string]map[retail.SKU]retail.Quantity{}
	for i := range n.stores {
		sites[i] = n.stores[i].sourced()
		has[sites[i].ID] = n.stores[i].has
	}
	lines := make([]sourcing.Line, len(n.wanted))
	for i, a := range n.wanted {
		lines[i] = sourcing.Line{SKU: string(a.SKU), Quantity: int64(a.Quantity)}
	}
	takes, left := sourcing.Plan(n.rules, n.home(), sites, lines, func(site, sku string) int64 {
		return int64(has[site][retail.SKU(sku)])
	})
	for _, t := range takes {
		rule := &n.rules[t.Rule]
		day, err := n.day(v.Now(), rule.Days)
		if err != nil {
			return out, err
		}
		out.Takes = append(out.Takes, stock.Take{
			From: retail.StoreID(t.Site), SKU: retail.SKU(t.SKU), Quantity: retail.Quantity(t.Quantity), Rule: string(rule.Use), Day: day,
		})
		out.Day = max(out.Day, day)
	}
	for _, l := range left {
		out.Short = append(out.Short, stock.Line{SKU: retail.SKU(l.SKU), Quantity: retail.Quantity(l.Quantity)})
		out.Day = ""
	}
	return out, nil
}
