package app

import (
	"fmt"
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// saleList is an announced list of reductions that counts before the base list.
func saleList(change func(l *pricing.List)) pricing.List {
	l := pricing.List{ID: "new", Name: "Sale", Currency: "EUR", Priority: 1, Reduction: true, Announced: true}
	if change != nil {
		change(&l)
	}
	return l
}

// Announcing, by a list, a reduction that is not true is refused with the percentage that
// would be true, in whichever order list and prices are put, and by an import, too.
func TestAnnouncedLists(t *testing.T) {
	t.Parallel()
	calendar := pricing.Rules{Calendar: []pricing.SalesSeason{{Region: "Lazio", Stores: []retail.StoreID{"RM-01"}, First: "2026-07-04", Last: "2026-08-15", Quiet: 30}}}
	steady, raised := []string{"03-02 10:00 price 50"}, []string{"03-02 10:00 price 45", "04-01 10:00 price 50"}
	tests := map[string]struct {
		rules pricing.Rules
		story []string
		list  func(l *pricing.List)
		price retail.Money // of the hat
		want  string       // reason and percentage of the refusal; "" it is put
	}{
		"true":                               {pricing.Rules{}, steady, nil, 4000, ""},
		"false, for there was a lower price": {pricing.Rules{}, raised, nil, 4000, "prior_price 1111"},
		"false, for nothing is left of it":   {pricing.Rules{}, raised, nil, 4500, "prior_price 0"},
		"less is announced, and true":        {pricing.Rules{}, raised, func(l *pricing.List) { l.Percent = 1100 }, 4000, ""},
		"more is announced than it takes off": {
			pricing.Rules{}, steady, func(l *pricing.List) { l.Percent = 3000 }, 4000, "prior_price 2000",
		},
		"not announced":          {pricing.Rules{}, raised, func(l *pricing.List) { l.Announced = false }, 4000, ""},
		"new prices, announced":  {pricing.Rules{}, raised, func(l *pricing.List) { l.Reduction = false }, 4000, ""},
		"for a group":            {pricing.Rules{}, raised, func(l *pricing.List) { l.CustomerGroups = []string{"vip"} }, 4000, ""},
		"a private sale":         {pricing.Rules{}, raised, func(l *pricing.List) { l.Gated, l.Codes = true, []string{"X"} }, 4000, ""},
		"goods the law exempts":  {pricing.Rules{PriorExempt: []string{"hats"}}, raised, nil, 4000, ""},
		"no such law":            {pricing.Rules{PriorDays: -1}, raised, nil, 4000, ""},
		"ten days only":          {pricing.Rules{PriorDays: 10}, raised, nil, 4000, ""},
		"dearer than what is on": {pricing.Rules{}, steady, nil, 6000, ""},
		"behind another list":    {pricing.Rules{}, raised, func(l *pricing.List) { l.Priority = -1 }, 4000, ""},
		"never on sale before":   {pricing.Rules{}, []string{"04-20 10:00 price 50"}, nil, 4000, "prior_price 0"},
		"over already":           {pricing.Rules{}, raised, func(l *pricing.List) { l.Period.To = 1_775_000_000_000 }, 4000, ""},
		"from 1 May on, as the lower price ended on 1 April": {
			pricing.Rules{}, raised, func(l *pricing.List) { l.Period.From = 1_777_586_400_000 }, 4000, "prior_price 1111", // midnight in Rome
		},
		"from 2 May on": {pricing.Rules{}, raised, func(l *pricing.List) { l.Period.From = 1_777_672_800_000 }, 4000, ""},
		"in Rome only, lower in Milan": {
			pricing.Rules{}, []string{"03-02 10:00 price 50", "04-01 10:00 milan 50", "04-05 10:00 end milan"},
			func(l *pricing.List) { l.Stores = []retail.StoreID{"RM-01"} }, 4000, "",
		},
		"everywhere, lower in Milan": {
			pricing.Rules{}, []string{"03-02 10:00 price 50", "04-01 10:00 milan 50", "04-05 10:00 end milan"}, nil, 4000, "prior_price 0",
		},
		"on after a longer reduction": {pricing.Rules{}, []string{"03-02 10:00 price 50", "04-01 10:00 sale 45"}, func(l *pricing.List) { l.Priority = 2 }, 4000, ""},
		"with a promotion on top":     {pricing.Rules{}, []string{"03-02 10:00 price 50", "04-10 10:00 first 10"}, nil, 4000, ""},
		"in the quiet days, open end": {calendar, steady, nil, 4000, "sales_calendar 0"},
		"before the quiet days":       {calendar, steady, func(l *pricing.List) { l.Period.To = 1_780_524_000_000 }, 4000, ""},
		"in the quiet days of Lazio":  {calendar, steady, func(l *pricing.List) { l.Stores = []retail.StoreID{"MI-01"} }, 4000, ""},
	}
	for name, test := range tests {
		for how, put := range putSales {
			t.Run(name+"/"+how, func(t *testing.T) {
				t.Parallel()
				env := lawful(t, test.rules)
				for _, line := range test.story {
					act(t, env, line)
				}
				env.At("2026-04-20 10:00 Europe/Rome")
				l := saleList(test.list)
				if got, _, err := put(t, env, l, test.price); got != test.want {
					t.Fatalf("%q (%v), want %q", got, err, test.want)
				}
				want := 5000
				if counts := l.Period.Contains(env.Now()) && l.Priority > 0; test.want == "" && counts && len(l.CustomerGroups)+len(l.Codes) == 0 {
					want = int(test.price)
				}
				out := must(sdktest.Call(env, pricing.Price, pricing.PriceIn{Store: "RM-01", SKUs: []retail.SKU{"hat"}}))(t)
				if l.Reduction && len(l.Stores) == 0 && int(out.Prices[0].Amount) != want {
					t.Errorf("the hat costs %d, want %d", out.Prices[0].Amount, want)
				}
			})
		}
	}
}

// putSales are the ways to put a list and the price of a hat in it. They answer what was
// refused, and the evidence.
var putSales = map[string]func(t *testing.T, env *sdktest.Env, l pricing.List, hat retail.Money) (string, string, error){
	"prices last": func(_ *testing.T, env *sdktest.Env, l pricing.List, hat retail.Money) (string, string, error) {
		_, err := sdktest.Run(env, pricing.PutList, l)
		if err != nil {
			return refusal(err), "", err
		}
		out, err := sdktest.Run(env, pricing.PutEntries, pricing.PutEntriesIn{List: l.ID, Entries: []pricing.Entry{{SKU: "hat", Amount: hat}}})
		return refusal(err), out.Evidence, err
	},
	"list last": func(t *testing.T, env *sdktest.Env, l pricing.List, hat retail.Money) (string, string, error) {
		draft := l
		draft.Announced, draft.Percent, draft.Period = false, 0, retail.Period{From: 4_000_000_000_000}
		must(sdktest.Run(env, pricing.PutList, draft))(t)
		must(sdktest.Run(env, pricing.PutEntries, pricing.PutEntriesIn{List: l.ID, Entries: []pricing.Entry{{SKU: "hat", Amount: hat}}}))(t)
		out, err := sdktest.Run(env, pricing.PutList, l)
		return refusal(err), out.Evidence, err
	},
	"import": func(t *testing.T, env *sdktest.Env, l pricing.List, hat retail.Money) (string, string, error) {
		if _, err := sdktest.Run(env, pricing.PutList, l); err != nil {
			return refusal(err), "", err
		}
		b := must(sdktest.Run(env, pricing.BeginBulk, pricing.BulkIn{List: l.ID}))(t)
		must(sdktest.Run(env, pricing.PutBulk, pricing.BulkPart{Bulk: b.ID, Entries: []pricing.Entry{{SKU: "hat", Amount: hat}}}))(t)
		must(sdktest.Run(env, pricing.ApplyBulk, pricing.ApplyBulkIn{Bulk: b.ID}))(t)
		settle(t, env)
		if b = importOf(t, env, b.ID); b.Refused == "" {
			return "", b.Evidence, nil
		}
		if b.State != pricing.BulkCompared {
			t.Errorf("a refused import is %s", b.State)
		}
		_, err := sdktest.Run(env, pricing.ApplyBulk, pricing.ApplyBulkIn{Bulk: b.ID})
		return refusal(err), b.Evidence, err
	},
}

// What proves an announced list is kept store by store, in the same file whichever way
// its prices came.
func TestEvidenceOfLists(t *testing.T) {
	t.Parallel()
	for how, put := range putSales {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			env := lawful(t, pricing.Rules{})
			act(t, env, "03-02 10:00 price 50")
			act(t, env, "04-01 10:00 milan 10")
			env.At("2026-04-20 10:00 Europe/Rome")
			got, id, err := put(t, env, saleList(nil), 4000)
			if got != "" {
				t.Fatal(err)
			}
			var all []string
			for in := (pricing.EvidenceID{Evidence: id, Limit: 1}); ; {
				e := must(sdktest.Call(env, pricing.GetEvidence, in))(t)
				if e.List != "new" || e.Promotion != "" || e.Days != 30 {
					t.Fatalf("%+v", e)
				}
				for _, i := range e.Items {
					all = append(all, fmt.Sprintf("%s %s %d→%d %d", i.Store, i.SKU, *i.Lowest, i.Price, i.Percent))
				}
				if in.Cursor = e.Cursor; in.Cursor == "" {
					break
				}
			}
			want := "MI-01 hat 5000→3600 2800, MI-02 hat 5000→3600 2800, RM-01 hat 5000→4000 2000, WEB hat 5000→4000 2000"
			if s := strings.Join(all, ", "); s != want {
				t.Errorf("%s\nwant %s", s, want)
			}
		})
	}
}

// A list that works its prices out of another announces them, too.
func TestAnnouncedFormula(t *testing.T) {
	t.Parallel()
	for story, want := range map[string]string{"03-02 10:00 price 50": "", "04-01 10:00 price 50": "prior_price 1111"} {
		env := lawful(t, pricing.Rules{})
		act(t, env, "03-01 10:00 price 45")
		act(t, env, story)
		env.At("2026-04-20 10:00 Europe/Rome")
		out, err := sdktest.Run(env, pricing.PutList, saleList(func(l *pricing.List) { l.Parent, l.Formula = "base", &pricing.Formula{Percent: -2000} }))
		if got := refusal(err); got != want || (got == "") != (out.Evidence != "") {
			t.Errorf("%s: %q, evidence %q (%v)", story, got, out.Evidence, err)
		}
	}
}

// A price that is set already for later is announced when its list is.
func TestAnnouncedLater(t *testing.T) {
	t.Parallel()
	env := lawful(t, pricing.Rules{})
	act(t, env, "03-02 10:00 price 50")
	env.At("2026-04-20 10:00 Europe/Rome")
	l := saleList(func(l *pricing.List) { l.Announced = false })
	must(sdktest.Run(env, pricing.PutList, l))(t)
	must(sdktest.Run(env, pricing.PutEntries, pricing.PutEntriesIn{List: l.ID, Entries: []pricing.Entry{{SKU: "hat", Amount: 3000}}}))(t)
	must(sdktest.Run(env, pricing.PutEntries, pricing.PutEntriesIn{List: l.ID, From: env.Now() + 5*dayMillis, Entries: []pricing.Entry{{SKU: "hat", Amount: 4000}}}))(t)
	l.Announced = true
	if _, err := sdktest.Run(env, pricing.PutList, l); refusal(err) != "prior_price 0" {
		t.Fatal(err) // 40.00 after 30.00 is dearer
	}
	must(sdktest.Run(env, pricing.PutEntries, pricing.PutEntriesIn{List: l.ID, From: env.Now() + 5*dayMillis, Entries: []pricing.Entry{{SKU: "hat", Amount: 2500}}}))(t)
	must(sdktest.Run(env, pricing.PutList, l))(t)
	l.Name = "Another name"
	if out := must(sdktest.Run(env, pricing.PutList, l))(t); out.Evidence != "" {
		t.Error("a name makes evidence")
	}
}

// Dry runs, of an import of many and of a put of few, show of each price what it announces
// and what of it is true. A false one is refused together with all others.
func TestAnnouncedDiff(t *testing.T) {
	t.Parallel()
	env := lawful(t, pricing.Rules{})
	const goods = 300
	prices := make([]pricing.Entry, goods)
	for at := 0; at < goods; at += catalog.MaxBatch {
		products := make([]catalog.Product, min(catalog.MaxBatch, goods-at))
		for i := range products {
			id := fmt.Sprintf("cap%03d", at+i)
			products[i] = catalog.Product{ID: id, Name: id, VAT: []catalog.ProductVAT{{Class: "standard"}}, Variants: []catalog.Variant{{SKU: retail.SKU(id)}}}
			prices[at+i] = pricing.Entry{SKU: retail.SKU(id), Amount: 5000}
		}
		must(sdktest.Run(env, catalog.PutProducts, catalog.PutProductsIn{Products: products}))(t)
	}
	must(sdktest.Run(env, pricing.PutEntries, pricing.PutEntriesIn{List: "base", Entries: prices}))(t)
	env.At("2026-04-01 10:00 Europe/Rome")
	must(sdktest.Run(env, pricing.PutEntries, pricing.PutEntriesIn{List: "base", Entries: []pricing.Entry{{SKU: "cap007", Amount: 4500}}}))(t)
	env.At("2026-04-10 10:00 Europe/Rome")
	must(sdktest.Run(env, pricing.PutEntries, pricing.PutEntriesIn{List: "base", Entries: []pricing.Entry{{SKU: "cap007", Amount: 5000}}}))(t)
	must(sdktest.Run(env, pricing.PutList, saleList(nil)))(t)
	for i := range prices {
		prices[i].Amount = 4000
	}
	b := must(sdktest.Run(env, pricing.BeginBulk, pricing.BulkIn{List: "new"}))(t)
	must(sdktest.Run(env, pricing.PutBulk, pricing.BulkPart{Bulk: b.ID, Entries: prices}))(t)
	must(sdktest.Run(env, pricing.ApplyBulk, pricing.ApplyBulkIn{Bulk: b.ID, DryRun: true}))(t)
	settle(t, env)
	if b = importOf(t, env, b.ID); b.State != pricing.BulkCompared || b.Refused != "prior_price" || b.Untrue != 1 || b.Percent != 1111 {
		t.Fatalf("%+v", b)
	}
	claimed, untrue := 0, ""
	for in := (pricing.BulkChangesIn{Bulk: b.ID, Limit: pricing.MaxPage}); ; {
		out := must(sdktest.Call(env, pricing.BulkChanges, in))(t)
		for _, c := range out.Changes {
			if claimed++; c.Claim == nil || c.Claim.Announced != 2000 {
				t.Fatalf("%+v", c)
			}
			if c.Claim.Untrue {
				untrue += fmt.Sprintf("%s %d;", c.SKU, c.Claim.Percent)
			}
		}
		if in.Cursor = out.Cursor; in.Cursor == "" {
			break
		}
	}
	if claimed != goods || untrue != "cap007 1111;" {
		t.Errorf("%d claims, untrue: %s", claimed, untrue)
	}
	dry := must(sdktest.Run(env, pricing.PutEntries, pricing.PutEntriesIn{List: "new", DryRun: true, Entries: prices[5:9]}))(t)
	for _, c := range dry.Changes {
		if c.Claim == nil || c.Claim.Untrue != (c.SKU == "cap007") {
			t.Errorf("%+v", c)
		}
	}
	_, err := sdktest.Run(env, pricing.ApplyBulk, pricing.ApplyBulkIn{Bulk: b.ID})
	refuses(t, err, sdk.CodeFailedPrecondition, "prior_price", "")
	must(sdktest.Run(env, pricing.PutList, saleList(func(l *pricing.List) { l.Percent = 1111 })))(t) // which is true of all
	must(sdktest.Run(env, pricing.ApplyBulk, pricing.ApplyBulkIn{Bulk: b.ID, DryRun: true}))(t)
	settle(t, env)
	apply(t, env, b.ID)
	if b = importOf(t, env, b.ID); b.Evidence == "" || b.Untrue != 0 {
		t.Errorf("%+v", b)
	}
}
