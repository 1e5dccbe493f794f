package app

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/pricing/internal/tariff"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// scope is what makes a price list eligible.
type scope struct {
	store    retail.StoreID
	channel  retail.Channel
	customer retail.CustomerID
	groups   []string
	codes    []string // as they were given
	exact    bool     // the case of codes matters
	currency retail.Currency
	at       retail.Instant
	choice   tariff.Choice
}

// scopeOf is that of a basket.
func scopeOf(in *pricing.QuoteIn, store *catalog.Store, at retail.Instant, rules *pricing.Rules) scope {
	return scope{
		store: in.Store, channel: channelOf(in.Channel, store), customer: in.Customer, groups: in.CustomerGroups,
		codes: in.Codes, exact: rules.CodeCase == pricing.CaseExact,
		currency: store.Currency, at: at, choice: listChoice(rules.List),
	}
}

func listChoice(c pricing.ListChoice) tariff.Choice {
	switch c {
	case pricing.ListBySpecifics:
		return tariff.BySpecifics
	case pricing.ListByPrice:
		return tariff.ByPrice
	}
	return tariff.ByPriority
}

// formulaOf is a formula as package tariff wants it; nil changes nothing.
func formulaOf(f *pricing.Formula) tariff.Formula {
	if f == nil {
		return tariff.Formula{}
	}
	t := tariff.Formula{Percent: f.Percent, Surcharge: f.Surcharge, Step: f.Step, Ending: f.Ending}
	switch f.Round {
	case pricing.Upwards:
		t.Round = tariff.Up
	case pricing.Downwards:
		t.Round = tariff.Down
	}
	return t
}

// keys are what the lists of a scope may be found by.
func (s *scope) keys() []string {
	keys := []string{everybody}
	add := func(kind, value string) {
		if value != "" && len(value) <= maxValue {
			keys = append(keys, kind+value)
		}
	}
	add("s", string(s.store))
	add("c", string(s.customer))
	for _, g := range s.groups {
		add("g", g)
	}
	for _, c := range s.codes {
		add("k", strings.ToUpper(strings.TrimSpace(c)))
	}
	return keys
}

// eligible lists the price lists of a scope, the best first.
func eligible(r sdk.Reader, s *scope) []kept {
	var found []kept
	if s.at < r.Now() && changedSince(r, s.at) {
		found = listsAt(r, s)
	} else {
		for _, key := range s.keys() {
			for l := range lists.Scan(r, sdk.Scan{Index: "by_asked", Prefix: sdk.K(key)}) {
				if s.admits(&l.List) && !slices.ContainsFunc(found, func(k kept) bool { return k.ID == l.ID }) {
					found = append(found, l)
				}
			}
		}
	}
	sortLists(found, s.choice)
	return found
}

// changedSince says whether any list is not as it was at an instant.
func changedSince(r sdk.Reader, at retail.Instant) bool {
	last, _ := generations.Get(r, sdk.K(listsCount))
	return retail.Instant(last.Number) > at
}

func sortLists(all []kept, by tariff.Choice) {
	slices.SortStableFunc(all, func(a, b kept) int { return by.Compare(rankOf(&a.List), rankOf(&b.List)) })
}

func rankOf(l *pricing.List) tariff.Rank {
	r := tariff.Rank{ID: l.ID, Priority: l.Priority}
	for _, asks := range [...]bool{len(l.Stores) > 0, len(l.Channels) > 0, len(l.Customers) > 0, len(l.CustomerGroups) > 0, l.Gated} {
		if asks {
			r.Specifics++
		}
	}
	return r
}

// listsAt lists the price lists of a scope as they were then.
func listsAt(r sdk.Reader, s *scope) (found []kept) {
	for l := range lists.Scan(r, sdk.Scan{}) {
		if was, ok := l.version(r, s.at); ok && s.admits(&was) {
			l.List = was
			found = append(found, l)
		}
	}
	return found
}

// version is the list as it was at an instant.
func (l *kept) version(r sdk.Reader, at retail.Instant) (pricing.List, bool) {
	if l.List.Changed <= at {
		return l.List, true
	}
	for v := range listVersions.Scan(r, sdk.Scan{Prefix: sdk.K(l.ID), To: sdk.KInt(int64(at) + 1), Reverse: true, Limit: 1}) {
		return v.List, true
	}
	return pricing.List{}, false
}

func (s *scope) admits(l *pricing.List) bool {
	return l.Currency == s.currency && l.Period.Contains(s.at) &&
		(len(l.Stores) == 0 || slices.Contains(l.Stores, s.store)) &&
		(len(l.Channels) == 0 || slices.Contains(l.Channels, s.channel)) &&
		(len(l.Customers) == 0 || s.customer != "" && slices.Contains(l.Customers, s.customer)) &&
		(len(l.CustomerGroups) == 0 || slices.ContainsFunc(s.groups, func(g string) bool {
			return slices.Contains(l.CustomerGroups, g)
		})) && (!l.Gated || s.opens(l) != "")
}

// opens is the code of the scope that opens a gated list, "" if none does.
func (s *scope) opens(l *pricing.List) string {
	for _, given := range s.codes {
		trimmed := strings.TrimSpace(given)
		if slices.ContainsFunc(l.Codes, func(c string) bool {
			return c == trimmed || !s.exact && strings.EqualFold(c, trimmed)
		}) {
			return given
		}
	}
	return ""
}

// gates are the codes that open price lists here and now, whether a price comes
// from them or not.
func gates(r sdk.Reader, s *scope) (used []string) {
	if len(s.codes) == 0 {
		return nil
	}
	for _, l := range eligible(r, s) {
		if l.List.Gated {
			used = append(used, s.opens(&l.List))
		}
	}
	return used
}

// wanted is an amount of a SKU to price.
type wanted struct {
	sku      retail.SKU
	quantity retail.Quantity
	rate     retail.BasisPoints // of VAT, where lists with and without VAT meet
}

// listed is a list price and its list.
type listed struct {
	amount    retail.Money
	list      string
	net       bool          // without VAT
	original  *retail.Money // on the same basis, if the list is a reduction
	announced bool          // and advertised
}

// look finds the price of each SKU in the best list that has one: one read per list
// until all are found, and one more for what a reduction reduces. It answers the
// index of the first without a price, -1 if there is none.
func look(r sdk.Reader, s *scope, want []wanted) (found []listed, missing int) {
	p := pick{want: want, lists: eligible(r, s), by: s.choice, shelf: &storage{r: r, at: s.at}}
	return p.all()
}

// level puts prices with and without VAT on one basis, and says which: a basket is
// priced without VAT as soon as one price is, since such lists are for businesses.
// A price with VAT is divided by 1 plus its rate and rounded half away from zero.
func level(found []listed, want []wanted) (net bool) {
	net = slices.ContainsFunc(found, func(l listed) bool { return l.net })
	for i := range found {
		f := &found[i]
		if f.net == net {
			continue
		}
		f.amount, f.net = without(f.amount, want[i].rate), true
		if f.original != nil {
			original := without(*f.original, want[i].rate)
			f.original = &original
		}
	}
	return net
}

// without takes VAT out of an amount, and with puts it in. Amounts are bounded by
// maxPrice and rates by 100 %, so neither overflows.
func without(m retail.Money, rate retail.BasisPoints) retail.Money {
	n, _ := retail.MulDiv(int64(m), 10_000, int64(10_000+rate))
	return retail.Money(n)
}

func with(m retail.Money, rate retail.BasisPoints) retail.Money {
	n, _ := retail.MulDiv(int64(m), int64(10_000+rate), 10_000)
	return retail.Money(n)
}

func prices(v *sdk.View, in pricing.PriceIn) (out pricing.PriceOut, err error) {
	if len(in.SKUs) > pricing.MaxLines {
		return out, tooManySKUs()
	}
	at := cmp.Or(in.At, v.Now())
	goods, err := catalog.Products.Call(v, catalog.ProductsIn{SKUs: in.SKUs, Store: in.Store, At: at})
	if err != nil {
		return out, err
	}
	if goods.Store == nil {
		return out, noStore()
	}
	asked := pricing.QuoteIn{Store: in.Store, Channel: in.Channel, Customer: in.Customer, CustomerGroups: in.CustomerGroups, Codes: in.Codes}
	rules := settings.Get(v)
	s := scopeOf(&asked, goods.Store, at, &rules)
	want := make([]wanted, len(in.SKUs))
	for i, sku := range in.SKUs {
		want[i] = wanted{sku: sku, quantity: max(in.Quantity, 1), rate: goods.Items[i].VATRate}
	}
	found, missing := look(v, &s, want)
	if missing >= 0 {
		return out, noPrice(in.SKUs[missing], pointer("/skus", missing))
	}
	out.Currency = s.currency
	for i, f := range found {
		out.Prices = append(out.Prices, pricing.SKUPrice{
			SKU: in.SKUs[i], Amount: f.amount, Per: goods.Items[i].Unit.Per(), List: f.list, Net: f.net, Original: f.original,
		})
	}
	return out, nil
}

// channelOf is the sales channel of a basket: the store's unless it was said.
func channelOf(said retail.Channel, s *catalog.Store) retail.Channel {
	return cmp.Or(said, s.Channel, retail.Channel(s.Kind), retail.Channel(catalog.Shop))
}

func tooManySKUs() error {
	return sdk.Fail(sdk.CodeTooLarge, "skus", "At most 400 SKUs are priced at once.")
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
