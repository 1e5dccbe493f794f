package app

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/catalog/catalogtest"
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// lawful is two stores of Milan, one of Rome and a web shop, with a hat of 22 % VAT,
// on 1 March 2026.
func lawful(t *testing.T, rules pricing.Rules) *sdktest.Env {
	t.Helper()
	env := sdktest.New(t, New(), sdktest.With(catalogtest.New()), sdktest.Settings(rules))
	env.At("2026-03-01 09:00 Europe/Rome")
	must(sdktest.Run(env, catalog.PutEntity, catalog.Entity{ID: "IT01", Name: "Emporio", Country: "IT"}))(t)
	for _, id := range []retail.StoreID{"MI-01", "MI-02", "RM-01"} {
		must(sdktest.Run(env, catalog.PutStore, catalog.Store{ID: id, Name: string(id), Entity: "IT01", Zone: "Europe/Rome", Currency: "EUR"}))(t)
	}
	must(sdktest.Run(env, catalog.PutStore, catalog.Store{ID: "WEB", Name: "Web", Kind: catalog.Web, Entity: "IT01", Zone: "Europe/Rome", Currency: "EUR"}))(t)
	must(sdktest.Run(env, catalog.PutVATClass, catalog.VATClass{ID: "standard", Name: "22", Rates: []catalog.VATRate{{Rate: 2200}}}))(t)
	vat := []catalog.ProductVAT{{Class: "standard"}}
	must(sdktest.Run(env, catalog.PutProducts, catalog.PutProductsIn{CreateTerms: true, Products: []catalog.Product{
		{ID: "hat", Name: "Hat", Brand: "alba", Category: "hats", VAT: vat, Variants: []catalog.Variant{{SKU: "hat"}}},
		{ID: "milk", Name: "Milk", Category: "fresh", VAT: vat, Variants: []catalog.Variant{{SKU: "milk"}}},
	}}))(t)
	must(sdktest.Run(env, pricing.PutList, pricing.List{ID: "base", Name: "Base", Currency: "EUR"}))(t)
	return env
}

// act does one line of a story on its day: "04-01 10:00 price 20", "off list", "promote 20"
// (percent), "vip 50", "code 50", "three 50", "end".
func act(t *testing.T, env *sdktest.Env, line string) {
	t.Helper()
	words := strings.Fields(line)
	env.At("2026-" + words[0] + " " + words[1] + " Europe/Rome")
	var n int64
	if len(words) > 3 && words[2] != "end" {
		_, err := fmt.Sscan(words[3], &n)
		if err != nil {
			t.Fatal(err)
		}
	}
	p := pricing.Promotion{ID: words[2], Name: words[2], Goods: pricing.Selection{Brands: []string{"alba"}}, Effects: []pricing.Effect{{Percent: retail.BasisPoints(n * 100)}}}
	switch words[2] {
	case "price":
		must(sdktest.Run(env, pricing.PutEntries, pricing.PutEntriesIn{List: "base", Entries: []pricing.Entry{{SKU: "hat", Amount: retail.Money(n * 100)}, {SKU: "milk", Amount: retail.Money(n * 100)}}}))(t)
		return
	case "off":
		must(sdktest.Run(env, pricing.PutEntries, pricing.PutEntriesIn{List: "base", Remove: []retail.SKU{"hat", "milk"}}))(t)
		return
	case "sale":
		must(sdktest.Run(env, pricing.PutList, pricing.List{ID: "sale", Name: "Sale", Currency: "EUR", Priority: 1, Reduction: true}))(t)
		must(sdktest.Run(env, pricing.PutEntries, pricing.PutEntriesIn{List: "sale", Entries: []pricing.Entry{{SKU: "hat", Amount: retail.Money(n * 100)}}}))(t)
		return
	case "gated":
		must(sdktest.Run(env, pricing.PutList, pricing.List{ID: "gated", Name: "Gated", Currency: "EUR", Priority: 1, Gated: true, Codes: []string{"X"}}))(t)
		must(sdktest.Run(env, pricing.PutEntries, pricing.PutEntriesIn{List: "gated", Entries: []pricing.Entry{{SKU: "hat", Amount: retail.Money(n * 100)}}}))(t)
		return
	case "end":
		must(sdktest.Run(env, pricing.End, pricing.PromotionID{ID: words[3]}))(t)
		settle(t, env)
		return
	case "vip":
		p.For.CustomerGroups = []string{"vip"}
	case "code":
		p.Codes = []string{"X"}
	case "three":
		three := int64(3)
		p.If = []pricing.Condition{{Quantity: &pricing.Range{Min: &three}}}
	case "milan":
		p.For.Stores = []retail.StoreID{"MI-01", "MI-02"}
	case "morning":
		p.Hours = []pricing.Hours{{Hours: retail.Hours("09:00", "10:00")}}
	}
	must(sdktest.Run(env, pricing.PutPromotion, p))(t)
	must(sdktest.Run(env, pricing.Publish, pricing.PublishIn{ID: p.ID, Accept: []string{"collision", "overlap", "unreachable", "below_floor"}}))(t)
	settle(t, env)
}

// The lowest price before a reduction, in stories of days of 2026 (clocks change on
// 29 March).
func TestLowestPrice(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		story []string
		on    string // when it is asked for
		want  string
	}{
		"never on sale":                                 {nil, "05-01 12:00", "none"},
		"no reduction: the days before now":             {[]string{"03-02 10:00 price 40", "04-20 10:00 price 50"}, "05-01 12:00", "40.00 not reduced"},
		"a price that ended before the days":            {[]string{"03-02 10:00 price 40", "03-20 10:00 price 50"}, "05-01 12:00", "50.00 not reduced"},
		"reduced by a promotion":                        {[]string{"03-02 10:00 price 50", "04-20 10:00 promotion 20"}, "05-01 12:00", "50.00 until 04-20 10:00"},
		"the price in force when the days begin counts": {[]string{"03-02 10:00 price 30", "03-25 10:00 price 50", "04-20 10:00 promotion 20"}, "05-01 12:00", "30.00 until 04-20 10:00"},
		"it ends as the days begin":                     {[]string{"03-02 10:00 price 30", "03-21 10:00 price 50", "04-20 10:00 promotion 20"}, "05-01 12:00", "50.00 until 04-20 10:00"},
		"it ends a minute after the days began":         {[]string{"03-02 10:00 price 30", "03-21 10:01 price 50", "04-20 10:00 promotion 20"}, "05-01 12:00", "30.00 until 04-20 10:00"},
		"progressive reductions count from the first":   {[]string{"03-02 10:00 price 50", "04-01 10:00 sale 45", "04-10 10:00 sale 40", "04-20 10:00 sale 30"}, "05-01 12:00", "50.00 until 04-01 10:00"},
		"a smaller reduction is another":                {[]string{"03-02 10:00 price 50", "04-01 10:00 sale 30", "04-10 10:00 sale 40"}, "05-01 12:00", "30.00 until 04-10 10:00"},
		"a reduction after a break":                     {[]string{"03-02 10:00 price 50", "04-01 10:00 first 40", "04-05 10:00 end first", "04-20 10:00 second 20"}, "05-01 12:00", "30.00 until 04-20 10:00"},
		"a promotion for a group does not count":        {[]string{"03-02 10:00 price 50", "04-01 10:00 vip 50", "04-05 10:00 end vip", "04-20 10:00 promotion 20"}, "05-01 12:00", "50.00 until 04-20 10:00"},
		"a coupon does not count":                       {[]string{"03-02 10:00 price 50", "04-01 10:00 code 50", "04-05 10:00 end code", "04-20 10:00 promotion 20"}, "05-01 12:00", "50.00 until 04-20 10:00"},
		"what needs three does not count":               {[]string{"03-02 10:00 price 50", "04-01 10:00 three 50", "04-05 10:00 end three", "04-20 10:00 promotion 20"}, "05-01 12:00", "50.00 until 04-20 10:00"},
		"a private sale does not count":                 {[]string{"03-02 10:00 price 50", "04-01 10:00 gated 20", "04-20 10:00 promotion 20"}, "05-01 12:00", "50.00 until 04-20 10:00"},
		"another point of sale does not count":          {[]string{"03-02 10:00 price 50", "04-01 10:00 milan 50", "04-05 10:00 end milan", "04-20 10:00 promotion 20"}, "05-01 12:00", "50.00 until 04-20 10:00"},
		"an hour each morning counts":                   {[]string{"03-02 10:00 price 50", "04-01 08:00 morning 50", "04-05 11:00 end morning", "04-20 10:00 promotion 20"}, "05-01 12:00", "25.00 until 04-20 10:00"},
		"new: what it was on sale for":                  {[]string{"04-10 10:00 price 50", "04-20 10:00 promotion 20"}, "05-01 12:00", "50.00 until 04-20 10:00 new"},
		"off sale and on again":                         {[]string{"03-02 10:00 price 30", "03-10 10:00 off", "04-10 10:00 price 50", "04-20 10:00 promotion 20"}, "05-01 12:00", "50.00 until 04-20 10:00"},
		"a reduction as old as half a year":             {[]string{"03-02 10:00 price 50", "04-01 10:00 promotion 20"}, "10-01 12:00", "50.00 until 04-01 10:00"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := lawful(t, pricing.Rules{})
			for _, line := range test.story {
				act(t, env, line)
			}
			env.At("2026-" + test.on + " Europe/Rome")
			out := must(sdktest.Call(env, pricing.LowestPrice, pricing.LowestIn{Store: "RM-01", SKUs: []retail.SKU{"hat"}}))(t)
			if got := sayLowest(t, out.Prices[0]); got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
		})
	}
}

func sayLowest(t *testing.T, l pricing.Lowest) string {
	t.Helper()
	if l.Amount == nil {
		return "none"
	}
	text := l.Amount.Format("EUR")
	text = strings.TrimSuffix(strings.TrimPrefix(text, "EUR "), " EUR")
	if !l.Reduced {
		return text + " not reduced"
	}
	until, err := retail.Zone("Europe/Rome").Local(l.Until)
	if err != nil {
		t.Fatal(err)
	}
	text += " until " + string(until.Date[5:]) + " " + string(until.Time())[:5]
	if l.New {
		text += " new"
	}
	return text
}

// Announcing a percentage that is not true is refused with the one that would be.
func TestAnnouncements(t *testing.T) {
	t.Parallel()
	calendar := pricing.Rules{Calendar: []pricing.SalesSeason{{Region: "Lazio", Stores: []retail.StoreID{"RM-01"}, First: "2026-07-04", Last: "2026-08-15", Quiet: 30}}}
	percent := func(n retail.BasisPoints) pricing.Promotion {
		return pricing.Promotion{ID: "new", Name: "New", Announced: true, Goods: pricing.Selection{Brands: []string{"alba"}}, Effects: []pricing.Effect{{Percent: n}}}
	}
	with := func(p pricing.Promotion, change func(p *pricing.Promotion)) pricing.Promotion {
		change(&p)
		return p
	}
	tests := map[string]struct {
		rules pricing.Rules
		story []string
		p     pricing.Promotion
		want  string // reason and percentage of the refusal; "" it goes live
	}{
		"true":                                    {pricing.Rules{}, []string{"03-02 10:00 price 50"}, percent(2000), ""},
		"false, for there was a lower price":      {pricing.Rules{}, []string{"03-02 10:00 price 45", "04-01 10:00 price 50"}, percent(2000), "prior_price 1111"},
		"false, for nothing is left of it":        {pricing.Rules{}, []string{"03-02 10:00 price 30", "04-01 10:00 price 50"}, percent(2000), "prior_price 0"},
		"not announced":                           {pricing.Rules{}, []string{"03-02 10:00 price 45", "04-01 10:00 price 50"}, with(percent(2000), func(p *pricing.Promotion) { p.Announced = false }), ""},
		"for a group":                             {pricing.Rules{}, []string{"03-02 10:00 price 45", "04-01 10:00 price 50"}, with(percent(2000), func(p *pricing.Promotion) { p.For.CustomerGroups = []string{"vip"} }), ""},
		"of goods that the law exempts":           {pricing.Rules{PriorExempt: []string{"hats"}}, []string{"03-02 10:00 price 45", "04-01 10:00 price 50"}, percent(2000), ""},
		"where the law does not apply":            {pricing.Rules{PriorDays: -1}, []string{"03-02 10:00 price 45", "04-01 10:00 price 50"}, percent(2000), ""},
		"with ten days only":                      {pricing.Rules{PriorDays: 10}, []string{"03-02 10:00 price 45", "04-01 10:00 price 50"}, percent(2000), ""},
		"on top of another, all in all":           {pricing.Rules{}, []string{"03-02 10:00 price 50", "04-10 10:00 first 10"}, percent(2000), ""},
		"of goods that were never on sale before": {pricing.Rules{}, []string{"04-20 10:00 price 50"}, percent(2000), "prior_price 0"},
		"an amount that is true":                  {pricing.Rules{}, []string{"03-02 10:00 price 50"}, with(percent(0), func(p *pricing.Promotion) { p.Effects[0] = pricing.Effect{Amount: &pricing.AmountOff{Value: 1000}} }), ""},
		"an amount that is not":                   {pricing.Rules{}, []string{"03-02 10:00 price 45", "04-01 10:00 price 50"}, with(percent(0), func(p *pricing.Promotion) { p.Effects[0] = pricing.Effect{Amount: &pricing.AmountOff{Value: 1000}} }), "prior_price 1111"},
		"in the evening only, but false":          {pricing.Rules{}, []string{"03-02 10:00 price 45", "04-01 10:00 price 50"}, with(percent(2000), func(p *pricing.Promotion) { p.Hours = []pricing.Hours{{Hours: retail.Hours("18:00", "20:00")}} }), "prior_price 1111"},
		"in Rome only, lower in Milan":            {pricing.Rules{}, []string{"03-02 10:00 price 50", "04-01 10:00 milan 50", "04-05 10:00 end milan"}, with(percent(2000), func(p *pricing.Promotion) { p.For.Stores = []retail.StoreID{"RM-01"} }), ""},
		"everywhere, lower in Milan":              {pricing.Rules{}, []string{"03-02 10:00 price 50", "04-01 10:00 milan 50", "04-05 10:00 end milan"}, percent(2000), "prior_price 0"},
		"all goods":                               {pricing.Rules{}, []string{"03-02 10:00 price 50"}, with(percent(2000), func(p *pricing.Promotion) { p.Goods = pricing.Selection{} }), ""},
		"in the quiet days, open end":             {calendar, []string{"03-02 10:00 price 50"}, percent(2000), "sales_calendar 0"},
		"before the quiet days":                   {calendar, []string{"03-02 10:00 price 50"}, with(percent(2000), func(p *pricing.Promotion) { p.Period.To = 1_780_524_000_000 }), ""}, // 4 June, midnight in Rome
		"a millisecond into them":                 {calendar, []string{"03-02 10:00 price 50"}, with(percent(2000), func(p *pricing.Promotion) { p.Period.To = 1_780_524_000_001 }), "sales_calendar 0"},
		"in the quiet days of another region":     {calendar, []string{"03-02 10:00 price 50"}, with(percent(2000), func(p *pricing.Promotion) { p.For.Stores = []retail.StoreID{"MI-01"} }), ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := lawful(t, test.rules)
			for _, line := range test.story {
				act(t, env, line)
			}
			env.At("2026-04-20 10:00 Europe/Rome")
			must(sdktest.Run(env, pricing.PutPromotion, test.p))(t)
			out, err := sdktest.Run(env, pricing.Publish, pricing.PublishIn{ID: "new", Accept: []string{"collision", "overlap"}})
			if got := refusal(err); got != test.want {
				t.Fatalf("%q (%v), want %q", got, err, test.want)
			}
			if proof := test.p.Announced && test.want == "" && test.rules.PriorDays >= 0 && len(test.p.For.CustomerGroups) == 0; proof != (out.Evidence != "") {
				t.Errorf("the evidence is %q", out.Evidence)
			}
		})
	}
}

func refusal(err error) string {
	if err == nil {
		return ""
	}
	text := sdk.ReasonOf(err) + " 0"
	var e *sdk.Error
	if errors.As(err, &e) {
		for _, f := range e.Fields {
			if f.Name == "percent" {
				text = e.Reason + " " + fmt.Sprint(f.Int)
			}
		}
	}
	return text
}

// The evidence file proves what was announced, store by store, and stays as it is.
func TestEvidence(t *testing.T) {
	t.Parallel()
	env := lawful(t, pricing.Rules{})
	act(t, env, "03-02 10:00 price 50")
	act(t, env, "04-01 10:00 milan 10")
	env.At("2026-04-20 10:00 Europe/Rome")
	must(sdktest.Run(env, pricing.PutPromotion, pricing.Promotion{
		ID: "new", Name: "New", Announced: true, Effects: []pricing.Effect{{Percent: 2000}},
	}))(t)
	out := must(sdktest.Run(env, pricing.Publish, pricing.PublishIn{ID: "new", Accept: []string{"collision", "overlap"}}))(t)
	read := func() (got []string) {
		for in := (pricing.EvidenceID{Evidence: out.Evidence, Limit: 1}); ; {
			e := must(sdktest.Call(env, pricing.GetEvidence, in))(t)
			if e.Promotion != "new" || e.Version != 1 || e.Days != 30 {
				t.Fatalf("%+v", e)
			}
			for _, i := range e.Items {
				got = append(got, fmt.Sprintf("%s %s %d→%d %d", i.Store, i.SKU, *i.Lowest, i.Price, i.Percent))
			}
			if in.Cursor = e.Cursor; in.Cursor == "" {
				return got
			}
		}
	}
	want := "MI-01 hat 5000→3600 2800, MI-01 milk 5000→4000 2000, MI-02 hat 5000→3600 2800, MI-02 milk 5000→4000 2000, RM-01 hat 5000→4000 2000, RM-01 milk 5000→4000 2000, WEB hat 5000→4000 2000, WEB milk 5000→4000 2000"
	if got := strings.Join(read(), ", "); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	act(t, env, "04-21 10:00 price 60")
	if got := strings.Join(read(), ", "); got != want {
		t.Errorf("after a change of prices: %s", got)
	}
	_, err := sdktest.Call(env, pricing.GetEvidence, pricing.EvidenceID{Evidence: "none"})
	refuses(t, err, sdk.CodeNotFound, "evidence", "")
}

// The history of a price has every price that anybody paid, and nothing twice.
func TestPriceHistory(t *testing.T) {
	t.Parallel()
	env := lawful(t, pricing.Rules{})
	for _, line := range []string{
		"03-02 10:00 price 50", "03-10 10:00 price 60", "03-12 10:00 promotion 20", "03-14 10:00 vip 50", "03-16 10:00 price 70", "03-20 10:00 end promotion", "03-25 10:00 off",
	} {
		act(t, env, line)
	}
	var got []string
	for in := (pricing.HistoryOfPriceIn{Store: "RM-01", SKU: "hat", Limit: 2}); ; {
		out := must(sdktest.Call(env, pricing.PriceHistory, in))(t)
		for _, p := range out.Points {
			day, err := retail.Zone("Europe/Rome").Local(p.At)
			if err != nil {
				t.Fatal(err)
			}
			text := string(day.Date[5:])
			if p.Amount != nil {
				text += fmt.Sprintf(" %d %s", *p.Amount, p.Why)
			}
			if p.Original != nil {
				text += fmt.Sprintf(" <%d", *p.Original)
			}
			got = append(got, text)
		}
		if in.Cursor = out.Cursor; in.Cursor == "" {
			break
		}
	}
	want := "03-25, 03-20 7000 base, 03-16 5600 promotion <7000, 03-12 4800 promotion <6000, 03-10 6000 base, 03-02 5000 base"
	if s := strings.Join(got, ", "); s != want {
		t.Errorf("%s\nwant %s", s, want)
	}
}

// An announcement of many goods is proved for all of them, and refused if there are
// more than can be proved at once.
func TestLargeAnnouncement(t *testing.T) {
	t.Parallel()
	env := lawful(t, pricing.Rules{})
	const goods = 300 // more kinds of goods than are looked for one by one
	for at := 0; at < goods; at += catalog.MaxBatch {
		products, prices := make([]catalog.Product, catalog.MaxBatch), make([]pricing.Entry, catalog.MaxBatch)
		for i := range products {
			id := fmt.Sprintf("cap%03d", at+i)
			products[i] = catalog.Product{ID: id, Name: id, Brand: "caps", VAT: []catalog.ProductVAT{{Class: "standard"}}, Variants: []catalog.Variant{{SKU: retail.SKU(id)}}}
			prices[i] = pricing.Entry{SKU: retail.SKU(id), Amount: 5000}
		}
		must(sdktest.Run(env, catalog.PutProducts, catalog.PutProductsIn{CreateTerms: true, Products: products}))(t)
		must(sdktest.Run(env, pricing.PutEntries, pricing.PutEntriesIn{List: "base", Entries: prices}))(t)
	}
	env.At("2026-04-01 10:00 Europe/Rome")
	must(sdktest.Run(env, pricing.PutEntries, pricing.PutEntriesIn{List: "base", Entries: []pricing.Entry{{SKU: "cap007", Amount: 4500}}}))(t)
	env.At("2026-04-10 10:00 Europe/Rome")
	must(sdktest.Run(env, pricing.PutEntries, pricing.PutEntriesIn{List: "base", Entries: []pricing.Entry{{SKU: "cap007", Amount: 5000}}}))(t)
	p := pricing.Promotion{ID: "caps", Name: "Caps", Announced: true, Goods: pricing.Selection{Brands: []string{"caps"}}, Effects: []pricing.Effect{{Percent: 1000}}}
	must(sdktest.Run(env, pricing.PutPromotion, p))(t)
	_, err := sdktest.Run(env, pricing.Publish, pricing.PublishIn{ID: "caps"})
	if got := refusal(err); got != "prior_price 0" {
		t.Fatalf("%q (%v)", got, err)
	}
	p.Except.SKUs = []retail.SKU{"cap007"}
	must(sdktest.Run(env, pricing.PutPromotion, p))(t)
	out := must(sdktest.Run(env, pricing.Publish, pricing.PublishIn{ID: "caps"}))(t)
	proved := 0
	for in := (pricing.EvidenceID{Evidence: out.Evidence, Limit: pricing.MaxPage}); ; {
		e := must(sdktest.Call(env, pricing.GetEvidence, in))(t)
		proved += len(e.Items)
		if in.Cursor = e.Cursor; in.Cursor == "" {
			break
		}
	}
	if want := (goods - 1) * 4; proved != want {
		t.Errorf("%d prices are proved, want %d", proved, want)
	}
}
