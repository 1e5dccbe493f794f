package app

import (
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

func TestListsThatCannotBe(t *testing.T) {
	t.Parallel()
	env := shop(t)
	eur := func(change func(l *pricing.List)) pricing.List {
		l := pricing.List{ID: "new", Name: "New", Currency: "EUR"}
		change(&l)
		return l
	}
	for id, parent := range map[string]string{"d1": "base"} {
		list(t, env, pricing.List{ID: id, Name: id, Currency: "EUR", Parent: parent})
	}
	for _, step := range [][2]string{{"d2", "d1"}, {"d3", "d2"}, {"d4", "d3"}, {"d5", "d4"}} {
		list(t, env, pricing.List{ID: step[0], Name: step[0], Currency: "EUR", Parent: step[1]})
	}
	list(t, env, pricing.List{ID: "other", Name: "Other", Currency: "EUR"})
	list(t, env, pricing.List{ID: "before", Name: "Before", Currency: "EUR", Parent: "other"})
	tests := map[string]struct {
		list            pricing.List
		reason, pointer string
	}{
		"no currency":                 {eur(func(l *pricing.List) { l.Currency = "" }), "currency", "/currency"},
		"period that ends first":      {eur(func(l *pricing.List) { l.Period = retail.Period{From: 2, To: 1} }), "period", "/period"},
		"gated without codes":         {eur(func(l *pricing.List) { l.Gated = true }), "codes", "/codes"},
		"codes without a gate":        {eur(func(l *pricing.List) { l.Codes = []string{"A"} }), "codes", "/codes"},
		"code with blanks":            {eur(func(l *pricing.List) { l.Gated, l.Codes = true, []string{" A"} }), "codes", "/codes"},
		"empty store":                 {eur(func(l *pricing.List) { l.Stores = []retail.StoreID{""} }), "values", "/stores"},
		"long customer":               {eur(func(l *pricing.List) { l.Customers = []retail.CustomerID{retail.CustomerID(strings.Repeat("c", 129))} }), "values", "/customers"},
		"formula without parent":      {eur(func(l *pricing.List) { l.Formula = &pricing.Formula{} }), "formula", "/formula"},
		"more than all off":           {eur(func(l *pricing.List) { l.Parent, l.Formula = "base", &pricing.Formula{Percent: -10_001} }), "formula", "/formula/percent"},
		"ending that no step reaches": {eur(func(l *pricing.List) { l.Parent, l.Formula = "base", &pricing.Formula{Step: 100, Ending: 100} }), "formula", "/formula/ending"},
		"parent that is not there":    {eur(func(l *pricing.List) { l.Parent = "nobody" }), "parent", "/parent"},
		"parent of another currency":  {eur(func(l *pricing.List) { l.Parent, l.Currency = "base", "USD" }), "parent", "/parent"},
		"parent with VAT":             {eur(func(l *pricing.List) { l.Parent, l.Net = "base", true }), "parent", "/parent"},
		"itself as parent":            {pricing.List{ID: "other", Name: "Other", Currency: "EUR", Parent: "other"}, "parent", "/parent"},
		"circle":                      {pricing.List{ID: "base", Name: "Base", Currency: "EUR", Parent: "d5"}, "parent", "/parent"},
		"sixth behind":                {eur(func(l *pricing.List) { l.Parent = "d5" }), "parent", "/parent"},
		"sixth behind one in front":   {pricing.List{ID: "other", Name: "Other", Currency: "EUR", Parent: "d4"}, "parent", "/parent"},
		"other currency with prices":  {pricing.List{ID: "base", Name: "Base", Currency: "USD"}, "currency", "/currency"},
		"other VAT basis with prices": {pricing.List{ID: "base", Name: "Base", Currency: "EUR", Net: true}, "net", "/net"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := sdktest.Run(env, pricing.PutList, test.list)
			refuses(t, err, sdk.CodeInvalid, test.reason, test.pointer)
		})
	}
}

// amounts are the list prices of one piece for a question, "-" where there is none.
func amounts(t *testing.T, env *sdktest.Env, ask pricing.PriceIn) (got string) {
	t.Helper()
	if ask.Store == "" {
		ask.Store = "MI-01"
	}
	for i, sku := range ask.SKUs {
		one := ask
		one.SKUs = []retail.SKU{sku}
		out, err := sdktest.Call(env, pricing.Price, one)
		if i > 0 {
			got += " "
		}
		if sdk.ReasonOf(err) == "no_price" {
			got += "-"
			continue
		} else if err != nil {
			t.Fatal(err)
		}
		p := out.Prices[0]
		got += digits(int64(p.Amount)) + "@" + p.List
		if p.Original != nil {
			got += "<" + digits(int64(*p.Original))
		}
		if p.Net {
			got += "net"
		}
	}
	return got
}

func TestWhichListCounts(t *testing.T) {
	t.Parallel()
	const hour = 3_600_000
	tests := map[string]struct {
		rules pricing.Rules
		lists []pricing.List // each makes a shirt cost 1000, 1001 …
		ask   pricing.PriceIn
		want  string
	}{
		"the base list":                        {want: "3000@base"},
		"larger priority":                      {lists: []pricing.List{{ID: "a"}, {ID: "b", Priority: 1}}, want: "1001@b"},
		"equal priority, lower id":             {lists: []pricing.List{{ID: "b"}, {ID: "a"}}, want: "1001@a"},
		"of the store":                         {lists: []pricing.List{{ID: "a", Priority: 1, Stores: []retail.StoreID{"WEB"}}}, want: "3000@base"},
		"of the store it is":                   {lists: []pricing.List{{ID: "a", Priority: 1, Stores: []retail.StoreID{"WEB", "MI-01"}}}, want: "1000@a"},
		"of another channel":                   {lists: []pricing.List{{ID: "a", Priority: 1, Channels: []retail.Channel{"web"}}}, want: "3000@base"},
		"of another customer":                  {lists: []pricing.List{{ID: "a", Priority: 1, Customers: []retail.CustomerID{"anna"}}}, want: "3000@base"},
		"of the customer":                      {lists: []pricing.List{{ID: "a", Priority: 1, Customers: []retail.CustomerID{"anna"}}}, ask: pricing.PriceIn{Customer: "anna"}, want: "1000@a"},
		"of the customer in another store":     {lists: []pricing.List{{ID: "a", Priority: 1, Customers: []retail.CustomerID{"anna"}, Stores: []retail.StoreID{"WEB"}}}, ask: pricing.PriceIn{Customer: "anna"}, want: "3000@base"},
		"of one of two groups":                 {lists: []pricing.List{{ID: "a", Priority: 1, CustomerGroups: []string{"vip", "staff"}}}, ask: pricing.PriceIn{CustomerGroups: []string{"staff", "vip"}}, want: "1000@a"},
		"gated":                                {lists: []pricing.List{{ID: "a", Priority: 1, Gated: true, Codes: []string{"Preview"}}}, want: "3000@base"},
		"gated, with the code":                 {lists: []pricing.List{{ID: "a", Priority: 1, Gated: true, Codes: []string{"Preview"}}}, ask: pricing.PriceIn{Codes: []string{" preview"}}, want: "1000@a"},
		"gated, the case matters":              {rules: pricing.Rules{CodeCase: pricing.CaseExact}, lists: []pricing.List{{ID: "a", Priority: 1, Gated: true, Codes: []string{"Preview"}}}, ask: pricing.PriceIn{Codes: []string{"preview"}}, want: "3000@base"},
		"gated, for a group, with the code":    {lists: []pricing.List{{ID: "a", Priority: 1, Gated: true, Codes: []string{"P"}, CustomerGroups: []string{"vip"}}}, ask: pricing.PriceIn{Codes: []string{"P"}}, want: "3000@base"},
		"over":                                 {lists: []pricing.List{{ID: "a", Priority: 1, Period: retail.Period{To: 1_700_000_000_000}}}, want: "3000@base"},
		"another currency":                     {lists: []pricing.List{{ID: "a", Priority: 1, Currency: "USD"}}, want: "3000@base"},
		"specific before a larger priority":    {rules: pricing.Rules{List: pricing.ListBySpecifics}, lists: []pricing.List{{ID: "a", Priority: 9}, {ID: "b", Stores: []retail.StoreID{"MI-01"}}}, want: "1001@b"},
		"lowest, whatever the priority":        {rules: pricing.Rules{List: pricing.ListByPrice}, lists: []pricing.List{{ID: "b"}, {ID: "a", Priority: 9}}, want: "1000@b"},
		"lowest compares with VAT":             {rules: pricing.Rules{List: pricing.ListByPrice}, lists: []pricing.List{{ID: "net", Net: true}, {ID: "gross"}}, want: "1001@gross"},
		"reduction shows what it reduces":      {lists: []pricing.List{{ID: "sale", Priority: 1, Reduction: true}}, want: "1000@sale<3000"},
		"reduction of a reduction":             {lists: []pricing.List{{ID: "a", Priority: 1, Reduction: true}, {ID: "b", Priority: 2, Reduction: true}}, want: "1001@b<3000"},
		"reduction of nothing lower is none":   {lists: []pricing.List{{ID: "a", Priority: 1}, {ID: "sale", Priority: 2, Reduction: true}}, want: "1001@sale"},
		"net reduction of a price with VAT":    {lists: []pricing.List{{ID: "sale", Priority: 1, Net: true, Reduction: true}}, want: "1000@sale<2459net"},
		"list from an hour on, asked for then": {lists: []pricing.List{{ID: "a", Priority: 1, Period: retail.Period{From: 1_795_277_100_000 + hour}}}, ask: pricing.PriceIn{At: 1_795_277_100_000 + hour}, want: "1000@a"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := shop(t, sdktest.Settings(test.rules))
			for i, l := range test.lists {
				l.Name = l.ID
				if l.Currency == "" {
					l.Currency = "EUR"
				}
				list(t, env, l, pricing.Entry{SKU: "shirt", Amount: 1000 + retail.Money(i)})
			}
			test.ask.SKUs = []retail.SKU{"shirt"}
			if got := amounts(t, env, test.ask); got != test.want {
				t.Fatalf("a shirt costs %s, want %s", got, test.want)
			}
		})
	}
}

// A derived list has prices of its own, and works out the others: through all lists
// behind it, quantity breaks included.
func TestDerivedLists(t *testing.T) {
	t.Parallel()
	env := shop(t)
	list(t, env, pricing.List{
		ID: "web", Name: "Web", Currency: "EUR", Channels: []retail.Channel{"web"}, Priority: 1, Parent: "base",
		Formula: &pricing.Formula{Percent: -1000, Step: 100, Ending: 99},
	}, pricing.Entry{SKU: "coat", Amount: 15000})
	list(t, env, pricing.List{
		ID: "vip", Name: "Vip", Currency: "EUR", CustomerGroups: []string{"vip"}, Priority: 2, Parent: "web",
		Formula: &pricing.Formula{Surcharge: -100}, Reduction: true,
	})
	skus := []retail.SKU{"shirt", "coat", "ham"}
	tests := map[string]struct {
		ask  pricing.PriceIn
		want string
	}{
		"in the shop":       {pricing.PriceIn{}, "3000@base 20000@base 2890@base"},
		"on the web":        {pricing.PriceIn{Store: "WEB"}, "2699@web 15000@web 2599@web"},
		"three, on the web": {pricing.PriceIn{Store: "WEB", Quantity: 3}, "2299@web 15000@web 2599@web"},
		"a vip, on the web": {pricing.PriceIn{Store: "WEB", CustomerGroups: []string{"vip"}}, "2599@vip<2699 14900@vip<15000 2499@vip<2599"},
		"a vip, whom the web list does not hold for": {pricing.PriceIn{CustomerGroups: []string{"vip"}}, "2599@vip<3000 14900@vip<20000 2499@vip<2890"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			test.ask.SKUs = skus
			if got := amounts(t, env, test.ask); got != test.want {
				t.Fatalf("%s, want %s", got, test.want)
			}
		})
	}
	must(sdktest.Run(env, pricing.PutEntries, pricing.PutEntriesIn{List: "web", Remove: []retail.SKU{"coat"}}))(t)
	if got, want := amounts(t, env, pricing.PriceIn{Store: "WEB", SKUs: skus[1:2]}), "17999@web"; got != want {
		t.Errorf("a coat without a price of its own costs %s on the web, want %s", got, want)
	}
}

// The past is as it was: lists, formulas and prices.
func TestListsAsTheyWere(t *testing.T) {
	t.Parallel()
	env := shop(t)
	l := pricing.List{ID: "a", Name: "A", Currency: "EUR", Priority: 1, Parent: "base", Formula: &pricing.Formula{Percent: -1000}}
	before := env.Now()
	env.At("2026-11-22 09:00 Europe/Rome")
	list(t, env, l)
	first := env.Now()
	env.At("2026-11-23 09:00 Europe/Rome")
	l.Formula.Percent = -2000
	list(t, env, l)
	second := env.Now()
	env.At("2026-11-24 09:00 Europe/Rome")
	l.Stores = []retail.StoreID{"WEB"}
	list(t, env, l)
	for at, want := range map[retail.Instant]string{
		before: "3000@base", first - 1: "3000@base", first: "2700@a", second - 1: "2700@a", second: "2400@a",
		env.Now() - 1: "2400@a", env.Now(): "3000@base", 0: "3000@base", env.Now() + 1: "3000@base", before - 1: "-",
	} {
		if got := amounts(t, env, pricing.PriceIn{At: at, SKUs: []retail.SKU{"shirt"}}); got != want {
			t.Errorf("at %d a shirt costs %s, want %s", at, got, want)
		}
	}
}

// What somebody sends may be of any length: it finds nothing, and nothing breaks.
func TestLongNames(t *testing.T) {
	t.Parallel()
	env, long := shop(t), strings.Repeat("x", 5_000)
	ask := pricing.PriceIn{SKUs: []retail.SKU{"shirt"}, Customer: retail.CustomerID(long), CustomerGroups: []string{long, ""}, Codes: []string{long, ""}}
	if got := amounts(t, env, ask); got != "3000@base" {
		t.Error(got)
	}
	for _, err := range []error{
		second(sdktest.Call(env, pricing.Entries, pricing.EntriesIn{List: long})),
		second(sdktest.Run(env, pricing.PutEntries, pricing.PutEntriesIn{List: long})),
		second(sdktest.Run(env, pricing.BeginBulk, pricing.BulkIn{List: long})),
	} {
		refuses(t, err, sdk.CodeNotFound, "list", "")
	}
	for _, err := range []error{
		second(sdktest.Call(env, pricing.GetBulk, pricing.BulkID{Bulk: long})),
		second(sdktest.Run(env, pricing.PutBulk, pricing.BulkPart{Bulk: long})),
		second(sdktest.Call(env, pricing.BulkChanges, pricing.BulkChangesIn{Bulk: long})),
	} {
		refuses(t, err, sdk.CodeNotFound, "bulk", "")
	}
	_, err := sdktest.Call(env, pricing.GetEvidence, pricing.EvidenceID{Evidence: long})
	refuses(t, err, sdk.CodeNotFound, "evidence", "")
	_, err = sdktest.Call(env, pricing.GetList, pricing.ListID{ID: long})
	refuses(t, err, sdk.CodeNotFound, "list", "")
	_, err = sdktest.Run(env, pricing.PutList, pricing.List{ID: "l", Name: "L", Currency: "EUR", Parent: long})
	refuses(t, err, sdk.CodeInvalid, "parent", "/parent")
	for _, err := range []error{
		second(sdktest.Call(env, pricing.Entries, pricing.EntriesIn{List: "base", Cursor: long})),
		second(sdktest.Call(env, pricing.Lists, pricing.ListsIn{Cursor: long})),
	} {
		if err != nil {
			t.Error(err)
		}
	}
}
