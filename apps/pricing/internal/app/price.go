package app

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// scope is what makes a price list eligible.
type scope struct {
	store    retail.StoreID
	channel  retail.Channel
	groups   []string
	currency retail.Currency
	at       retail.Instant
}

// eligible lists the ids of the price lists of a scope, the best first.
func eligible(r sdk.Reader, s scope) []string {
	var found []pricing.List
	for l := range lists.Scan(r, sdk.Scan{}) {
		if s.admits(l) {
			found = append(found, l)
		}
	}
	slices.SortFunc(found, func(a, b pricing.List) int {
		return cmp.Or(-cmp.Compare(a.Priority, b.Priority), cmp.Compare(a.ID, b.ID))
	})
	ids := make([]string, len(found))
	for i, l := range found {
		ids[i] = l.ID
	}
	return ids
}

func (s scope) admits(l pricing.List) bool {
	return l.Currency == s.currency && l.Period.Contains(s.at) &&
		(len(l.Stores) == 0 || slices.Contains(l.Stores, s.store)) &&
		(len(l.Channels) == 0 || slices.Contains(l.Channels, s.channel)) &&
		(len(l.CustomerGroups) == 0 || slices.ContainsFunc(s.groups, func(g string) bool {
			return slices.Contains(l.CustomerGroups, g)
		}))
}

// listed is a list price and its list.
type listed struct {
	amount retail.Money
	list   string
}

// wanted is an amount of a SKU to price.
type wanted struct {
	sku      retail.SKU
	quantity retail.Quantity
}

// look finds the price of each SKU in the best list that knows it: one read per
// list until all are found. It answers the index of the first without a price,
// -1 if there is none.
func look(r sdk.Reader, ids []string, want []wanted) (found []listed, missing int) {
	found = make([]listed, len(want))
	open := make([]int, len(want))
	for i := range open {
		open[i] = i
	}
	for _, id := range ids {
		if len(open) == 0 {
			break
		}
		keys := keysOf(id, open, func(i int) retail.SKU { return want[i].sku })
		records, there := entries.GetMany(r, keys)
		var rest []int
		for at, i := range open {
			if there[at] {
				found[i] = listed{amount: records[at].price(want[i].quantity), list: id}
			} else {
				rest = append(rest, i)
			}
		}
		open = rest
	}
	if len(open) > 0 {
		return nil, open[0]
	}
	return found, -1
}

// price is the amount of the last break that a quantity reaches.
func (e entry) price(quantity retail.Quantity) retail.Money {
	amount := e.Amount
	for _, b := range e.Breaks {
		if quantity >= b.MinQuantity {
			amount = b.Amount
		}
	}
	return amount
}

func prices(v *sdk.View, in pricing.PriceIn) (out pricing.PriceOut, err error) {
	if len(in.SKUs) > pricing.MaxLines {
		return out, sdk.Fail(sdk.CodeTooLarge, "skus", "At most 400 SKUs are priced at once.")
	}
	at := cmp.Or(in.At, v.Now())
	goods, err := catalog.Products.Call(v, catalog.ProductsIn{SKUs: in.SKUs, Store: in.Store, At: at})
	if err != nil {
		return out, err
	}
	if goods.Store == nil {
		return out, noStore()
	}
	s := scope{store: in.Store, channel: channelOf(in.Channel, goods.Store), groups: in.CustomerGroups, currency: goods.Store.Currency, at: at}
	want := make([]wanted, len(in.SKUs))
	for i, sku := range in.SKUs {
		want[i] = wanted{sku: sku, quantity: max(in.Quantity, 1)}
	}
	found, missing := look(v, eligible(v, s), want)
	if missing >= 0 {
		return out, noPrice(in.SKUs[missing], pointer("/skus", missing))
	}
	out.Currency = s.currency
	for i, f := range found {
		out.Prices = append(out.Prices, pricing.SKUPrice{SKU: in.SKUs[i], Amount: f.amount, Per: goods.Items[i].Unit.Per(), List: f.list})
	}
	return out, nil
}

// channelOf is the sales channel of a basket: the store's unless it was said.
func channelOf(said retail.Channel, s *catalog.Store) retail.Channel {
	return cmp.Or(said, s.Channel, retail.Channel(s.Kind), retail.Channel(catalog.Shop))
}

func noStore() error {
	return &sdk.Error{Code: sdk.CodeNotFound, Reason: "store", Message: "There is no such store.", Pointer: "/store"}
}

func noPrice(sku retail.SKU, at string) error {
	return &sdk.Error{
		Code: sdk.CodeNotFound, Reason: "no_price", Pointer: at,
		Message: "No price list that holds here and now knows " + string(sku) + ".",
		Fields:  []sdk.Field{sdk.Text("sku", sku)},
	}
}

// pointer names an element of a list in the input.
func pointer(list string, i int) string { return list + "/" + strconv.Itoa(i) }
