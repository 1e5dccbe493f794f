package app

import (
	"fmt"
	"testing"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// Each put of a promotion is a version; quotes name the one that worked.
func TestVersions(t *testing.T) {
	t.Parallel()
	env := shop(t, sdktest.Twice)
	live(t, env, pricing.Promotion{ID: "p", Percent: 1000, Version: 77})
	if p := live(t, env, pricing.Promotion{ID: "p", Percent: 2000}); p.Version != 2 {
		t.Errorf("%+v", p)
	}
	out := must(sdktest.Call(env, pricing.Quote, cart(of("shirt", 1))))(t)
	if a := out.Applied; len(a) != 1 || a[0] != (pricing.Applied{Promotion: "p", Version: 2, Amount: 600}) {
		t.Errorf("%+v", a)
	}
	first := must(sdktest.Call(env, pricing.GetPromotion, pricing.GetPromotionIn{ID: "p", Version: 1}))(t)
	newest := must(sdktest.Call(env, pricing.GetPromotion, pricing.GetPromotionIn{ID: "p"}))(t)
	if first.Percent != 1000 || newest.Version != 2 {
		t.Errorf("%+v, %+v", first, newest)
	}
	_, err := sdktest.Call(env, pricing.GetPromotion, pricing.GetPromotionIn{ID: "p", Version: 3})
	refuses(t, err, sdk.CodeNotFound, "promotion", "")
	if n := len(sdktest.Emitted(env, pricing.PromotionChanged)); n != 2 {
		t.Errorf("%d events", n)
	}
}

// Drafts and paused promotions take no part; what is over takes none either.
func TestStates(t *testing.T) {
	t.Parallel()
	env := shop(t)
	total := func() retail.Money {
		return must(sdktest.Call(env, pricing.Quote, cart(of("shirt", 1))))(t).Total
	}
	must(sdktest.Run(env, pricing.PutPromotion, pricing.Promotion{ID: "p", Name: "P", Percent: 1000}))(t)
	_, err := sdktest.Run(env, pricing.Pause, pricing.PromotionID{ID: "p"})
	refuses(t, err, sdk.CodeFailedPrecondition, "draft", "")
	if n := total(); n != 3000 {
		t.Errorf("a draft made it %d", n)
	}
	days := must(retail.Zone("Europe/Rome").Days("2026-10-25", "2026-11-21"))(t)
	live(t, env, pricing.Promotion{ID: "p", Percent: 1000, Period: days})
	if n := total(); n != 2700 {
		t.Errorf("live made it %d", n)
	}
	for range 2 {
		must(sdktest.Run(env, pricing.Pause, pricing.PromotionID{ID: "p"}))(t)
	}
	if n := total(); n != 3000 {
		t.Errorf("paused made it %d", n)
	}
	p := must(sdktest.Run(env, pricing.Resume, pricing.PromotionID{ID: "p"}))(t)
	if n := total(); n != 2700 || p.Version != 2 {
		t.Errorf("resumed made it %d, version %d", n, p.Version)
	}
	if n := len(sdktest.Emitted(env, pricing.PromotionChanged)); n != 4 {
		t.Errorf("%d events, want 4: pausing twice is pausing once", n)
	}
	env.At("2026-11-22 00:00 Europe/Rome")
	if n := total(); n != 3000 {
		t.Errorf("over made it %d", n)
	}
	env.At("2026-10-25 00:00 Europe/Rome")
	if n := total(); n != 2700 {
		t.Errorf("the first instant made it %d", n)
	}
	_, err = sdktest.Run(env, pricing.Resume, pricing.PromotionID{ID: "none"})
	refuses(t, err, sdk.CodeNotFound, "promotion", "")
}

func TestRefusedPromotions(t *testing.T) {
	t.Parallel()
	env := shop(t)
	for name, tt := range map[string]struct {
		change          func(*pricing.Promotion)
		code            sdk.Code
		reason, pointer string
	}{
		"no id":            {func(p *pricing.Promotion) { p.ID = "" }, sdk.CodeInvalid, "id", "/id"},
		"no name":          {func(p *pricing.Promotion) { p.Name = "" }, sdk.CodeInvalid, "name", "/name"},
		"no such state":    {func(p *pricing.Promotion) { p.State = "on" }, sdk.CodeInvalid, "state", "/state"},
		"empty period":     {func(p *pricing.Promotion) { p.Period = retail.Period{From: 2, To: 2} }, sdk.CodeInvalid, "period", "/period"},
		"no effect":        {func(p *pricing.Promotion) { p.Percent = 0 }, sdk.CodeInvalid, "effect", ""},
		"two effects":      {func(p *pricing.Promotion) { p.Amount = 1 }, sdk.CodeInvalid, "effect", ""},
		"above 100 %":      {func(p *pricing.Promotion) { p.Percent = 10_001 }, sdk.CodeInvalid, "effect", "/percent"},
		"below nothing":    {func(p *pricing.Promotion) { p.Percent, p.Amount = 0, -1 }, sdk.CodeInvalid, "effect", "/amount"},
		"percent across":   {func(p *pricing.Promotion) { p.Allocation = pricing.Across }, sdk.CodeInvalid, "allocation", "/allocation"},
		"odd allocation":   {func(p *pricing.Promotion) { p.Percent, p.Amount, p.Allocation = 0, 1, "each" }, sdk.CodeInvalid, "allocation", "/allocation"},
		"negative minimum": {func(p *pricing.Promotion) { p.MinQuantity = -1 }, sdk.CodeInvalid, "minimum", ""},
		"too many values":  {func(p *pricing.Promotion) { p.SKUs = make([]retail.SKU, pricing.MaxValues+1) }, sdk.CodeTooLarge, "values", ""},
	} {
		p := pricing.Promotion{ID: "p", Name: "P", Percent: 1000}
		tt.change(&p)
		_, err := sdktest.Run(env, pricing.PutPromotion, p)
		t.Run(name, func(t *testing.T) { refuses(t, err, tt.code, tt.reason, tt.pointer) })
	}
}

// Puts are idempotent: the same again writes nothing and tells nobody.
func TestEntries(t *testing.T) {
	t.Parallel()
	env := shop(t, sdktest.Twice)
	in := pricing.PutEntriesIn{List: "base", Entries: []pricing.Entry{{SKU: "coat", Amount: 20000}, {SKU: "new", Amount: 1}}, Remove: []retail.SKU{"ham", "never"}}
	for _, want := range []pricing.PutEntriesOut{{Changed: 1, Removed: 1}, {}} {
		if out := must(sdktest.Run(env, pricing.PutEntries, in))(t); out != want {
			t.Errorf("%+v, want %+v", out, want)
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
		"net":          {func(l *pricing.List) { l.Net = true }, "net_prices", "/net"},
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
		p := pricing.Promotion{ID: fmt.Sprintf("p%d", i), Name: "P", Percent: 1}
		if i%2 == 0 {
			p.State = pricing.Live
		}
		must(sdktest.Run(env, pricing.PutPromotion, p))(t)
		must(sdktest.Run(env, pricing.PutList, pricing.List{ID: fmt.Sprintf("l%d", i), Name: "L", Currency: "EUR"}))(t)
	}
	var ids string
	for in := (pricing.PromotionsIn{State: pricing.Live, Limit: 2}); ; {
		out := must(sdktest.Call(env, pricing.Promotions, in))(t)
		for _, p := range out.Promotions {
			ids += p.ID + " "
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
	if ids != "p0 p2 p4 base l0 l1 l2 l3 l4 " {
		t.Error(ids)
	}
	_, err := sdktest.Call(env, pricing.Lists, pricing.ListsIn{Limit: pricing.MaxPage + 1})
	refuses(t, err, sdk.CodeInvalid, "limit", "/limit")
}
