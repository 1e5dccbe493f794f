package app

import (
	"fmt"
	"testing"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// Puts are idempotent: the same again writes nothing and tells nobody.
func TestEntries(t *testing.T) {
	t.Parallel()
	env := shop(t, sdktest.Twice)
	in := pricing.PutEntriesIn{List: "base", Entries: []pricing.Entry{{SKU: "coat", Amount: 20000}, {SKU: "new", Amount: 1}}, Remove: []retail.SKU{"ham", "never"}}
	for _, want := range [][3]int64{{1, 1, 1}, {0, 0, 2}} {
		out := must(sdktest.Run(env, pricing.PutEntries, in))(t)
		if got := [3]int64{out.Changed, out.Removed, out.Unchanged}; got != want || out.Changes != nil {
			t.Errorf("%+v, want %v", out, want)
		}
	}
	told := sdktest.Emitted(env, pricing.PricesChanged)
	if last := told[len(told)-1]; len(told) != 2 || len(last.Entries) != 1 || last.Entries[0].SKU != "new" || last.Removed[0] != "ham" || last.Currency != "EUR" {
		t.Errorf("%+v", told)
	}
	var skus string
	for in := (pricing.EntriesIn{List: "base", Limit: 2}); ; {
		out := must(sdktest.Call(env, pricing.Entries, in))(t)
		for _, e := range out.Entries {
			skus += string(e.SKU) + " "
		}
		if in.Cursor = out.Cursor; in.Cursor == "" {
			break
		}
	}
	if skus != "coat gift new shirt " {
		t.Error(skus)
	}
}

func TestRefusedEntries(t *testing.T) {
	t.Parallel()
	env := shop(t)
	for name, tt := range map[string]struct {
		in              pricing.PutEntriesIn
		code            sdk.Code
		reason, pointer string
	}{
		"no such list":   {pricing.PutEntriesIn{List: "none"}, sdk.CodeNotFound, "list", ""},
		"no SKU":         {pricing.PutEntriesIn{List: "base", Entries: []pricing.Entry{{}}}, sdk.CodeInvalid, "sku", "/entries/0/sku"},
		"a SKU twice":    {pricing.PutEntriesIn{List: "base", Entries: []pricing.Entry{{SKU: "a"}, {SKU: "a"}}}, sdk.CodeInvalid, "sku", "/entries/1/sku"},
		"set and remove": {pricing.PutEntriesIn{List: "base", Entries: []pricing.Entry{{SKU: "a"}}, Remove: []retail.SKU{"a"}}, sdk.CodeInvalid, "sku", "/remove/0"},
		"below nothing":  {pricing.PutEntriesIn{List: "base", Entries: []pricing.Entry{{SKU: "a", Amount: -1}}}, sdk.CodeInvalid, "amount", "/entries/0/amount"},
		"break at one":   {pricing.PutEntriesIn{List: "base", Entries: []pricing.Entry{{SKU: "a", Breaks: []pricing.Break{{MinQuantity: 1}}}}}, sdk.CodeInvalid, "breaks", "/entries/0/breaks"},
		"falling breaks": {pricing.PutEntriesIn{List: "base", Entries: []pricing.Entry{{SKU: "a", Breaks: []pricing.Break{{MinQuantity: 3}, {MinQuantity: 3}}}}}, sdk.CodeInvalid, "breaks", "/entries/0/breaks"},
		"too many":       {pricing.PutEntriesIn{List: "base", Entries: make([]pricing.Entry, pricing.MaxEntries), Remove: []retail.SKU{"a"}}, sdk.CodeTooLarge, "entries", ""},
	} {
		_, err := sdktest.Run(env, pricing.PutEntries, tt.in)
		t.Run(name, func(t *testing.T) { refuses(t, err, tt.code, tt.reason, tt.pointer) })
	}
}

func TestPutList(t *testing.T) {
	t.Parallel()
	env := shop(t)
	good := pricing.List{ID: "l", Name: "L", Currency: "EUR", Stores: []retail.StoreID{"MI-01"}}
	first := must(sdktest.Run(env, pricing.PutList, good))(t)
	env.At("2026-11-22 12:00")
	if again := must(sdktest.Run(env, pricing.PutList, good))(t); again.Changed != first.Changed {
		t.Errorf("the same list changed at %d", again.Changed)
	}
	for name, tt := range map[string]struct {
		change          func(*pricing.List)
		reason, pointer string
	}{
		"no id":        {func(l *pricing.List) { l.ID = "" }, "id", "/id"},
		"no currency":  {func(l *pricing.List) { l.Currency = "" }, "currency", "/currency"},
		"empty period": {func(l *pricing.List) { l.Period = retail.Period{From: 2, To: 1} }, "period", "/period"},
	} {
		l := good
		tt.change(&l)
		_, err := sdktest.Run(env, pricing.PutList, l)
		t.Run(name, func(t *testing.T) { refuses(t, err, sdk.CodeInvalid, tt.reason, tt.pointer) })
	}
}

// Lists and promotions come page after page, by id, and only what was asked for.
func TestPages(t *testing.T) {
	t.Parallel()
	env := shop(t)
	for i := range 5 {
		p := pricing.Promotion{ID: fmt.Sprintf("p%d", i), Name: "P", Effects: percentOff(1)}
		if i%2 == 0 {
			goLive(t, env, p)
		} else {
			must(sdktest.Run(env, pricing.PutPromotion, p))(t)
		}
		must(sdktest.Run(env, pricing.PutList, pricing.List{ID: fmt.Sprintf("l%d", i), Name: "L", Currency: "EUR"}))(t)
	}
	must(sdktest.Run(env, pricing.PutPromotion, pricing.Promotion{ID: "p2", Name: "P", Effects: percentOff(2)}))(t)
	var ids string
	for in := (pricing.PromotionsIn{State: pricing.Live, Limit: 2}); ; {
		out := must(sdktest.Call(env, pricing.Promotions, in))(t)
		for _, p := range out.Promotions {
			ids += fmt.Sprint(p.ID, " v", p.Version, " ")
		}
		if in.Cursor = out.Cursor; in.Cursor == "" {
			break
		}
	}
	for in := (pricing.ListsIn{Limit: 4}); ; {
		out := must(sdktest.Call(env, pricing.Lists, in))(t)
		for _, l := range out.Lists {
			ids += l.ID + " "
		}
		if in.Cursor = out.Cursor; in.Cursor == "" {
			break
		}
	}
	if ids != "p0 v1 p2 v1 p4 v1 base l0 l1 l2 l3 l4 " {
		t.Error(ids)
	}
	if l := must(sdktest.Call(env, pricing.GetList, pricing.ListID{ID: "l3"}))(t); l.ID != "l3" || l.Currency != "EUR" {
		t.Errorf("%+v", l)
	}
	_, err := sdktest.Call(env, pricing.Lists, pricing.ListsIn{Limit: pricing.MaxPage + 1})
	refuses(t, err, sdk.CodeInvalid, "limit", "/limit")
}
