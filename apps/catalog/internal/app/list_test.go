package app_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

var none sdk.None

// pages asks until the cursor is empty and answers the ids, or fails if a page
// says nothing new.
func pages(t *testing.T, e *sdktest.Env, in catalog.SearchIn) []string {
	t.Helper()
	var ids []string
	for range 1000 {
		out := sdktest.Ask(t, e, catalog.Search, in)
		for _, p := range out.Products {
			ids = append(ids, p.ID)
		}
		if in.Cursor = out.Cursor; in.Cursor == "" {
			return ids
		}
	}
	t.Fatal("the pages do not end")
	return nil
}

func TestSearch(t *testing.T) {
	t.Parallel()
	e := setup(t)
	for i := range 25 {
		p := shirt(fmt.Sprintf("p%02d", i))
		p.Name = fmt.Sprintf("Maglia %c", 'Z'-i)
		p.Brand = []string{"alba", "bruma"}[i%2]
		if i%5 == 0 {
			p.Status = catalog.Archived
		}
		sdktest.Do(t, e, catalog.PutProduct, p)
	}
	for name, c := range map[string]struct {
		in    catalog.SearchIn
		count int
		first string
	}{
		"all":               {catalog.SearchIn{}, 25, "p00"},
		"brand":             {catalog.SearchIn{Brand: "bruma"}, 12, "p01"},
		"status":            {catalog.SearchIn{Status: catalog.Archived}, 5, "p00"},
		"brand and status":  {catalog.SearchIn{Brand: "alba", Status: catalog.Active}, 10, "p02"},
		"prefix":            {catalog.SearchIn{Prefix: "MAGLIA "}, 25, "p24"},
		"longer prefix":     {catalog.SearchIn{Prefix: "maglia z"}, 1, "p00"},
		"prefix and brand":  {catalog.SearchIn{Prefix: "maglia", Brand: "bruma"}, 12, "p23"},
		"no such prefix":    {catalog.SearchIn{Prefix: "pantaloni"}, 0, ""},
		"an unknown season": {catalog.SearchIn{Season: "SS99"}, 0, ""},
		"two that disagree": {catalog.SearchIn{Season: "SS99", Brand: "alba"}, 0, ""},
	} {
		want := pages(t, e, c.in)
		if len(want) != c.count || c.count > 0 && want[0] != c.first {
			t.Errorf("%s: %d products, the first %v; want %d, %s", name, len(want), want[:min(1, len(want))], c.count, c.first)
		}
		for _, size := range []int64{1, 7, 25} {
			c.in.Limit = size
			if got := pages(t, e, c.in); !slices.Equal(got, want) {
				t.Errorf("%s in pages of %d: %v, want %v", name, size, got, want)
			}
		}
	}
	_, err := sdktest.Call(e, catalog.Search, catalog.SearchIn{Prefix: "m", Cursor: "nowhere"})
	sdktest.Refused(t, err, "invalid cursor /cursor")
}

// A filter that matches little looks at a bounded number of records per page.
func TestSearchIsBounded(t *testing.T) {
	t.Parallel()
	e := setup(t)
	for i := range 6 {
		var list []catalog.Product
		for j := range catalog.MaxBatch {
			list = append(list, shirt(fmt.Sprintf("p%d%02d", i, j)))
		}
		sdktest.Do(t, e, catalog.PutProducts, catalog.PutProductsIn{Products: list})
	}
	sdktest.Do(t, e, catalog.Archive, catalog.ArchiveIn{ID: "p599"})
	in := catalog.SearchIn{Status: catalog.Archived}
	if out := sdktest.Ask(t, e, catalog.Search, in); len(out.Products) != 0 || out.Cursor == "" {
		t.Errorf("the first page has %d products, cursor %q", len(out.Products), out.Cursor)
	}
	if got := pages(t, e, in); !slices.Equal(got, []string{"p599"}) {
		t.Errorf("all pages have %v", got)
	}
}

func TestTerms(t *testing.T) {
	t.Parallel()
	e := setup(t)
	for _, c := range []struct {
		term catalog.Term
		want string
	}{
		{catalog.Term{Kind: "colour", ID: "x", Name: "x"}, "invalid kind /kind"},
		{catalog.Term{Kind: catalog.Line, Name: "x"}, "invalid id /id"},
		{catalog.Term{Kind: catalog.Line, ID: "x"}, "invalid name /name"},
	} {
		_, err := sdktest.Run(e, catalog.PutTerm, c.term)
		sdktest.Refused(t, err, c.want)
	}
	_, err := sdktest.Call(e, catalog.Terms, catalog.TermsIn{Kind: "colour"})
	sdktest.Refused(t, err, "invalid kind /kind")
	page := sdktest.Ask(t, e, catalog.Terms, catalog.TermsIn{Kind: catalog.Brand, Limit: 1})
	next := sdktest.Ask(t, e, catalog.Terms, catalog.TermsIn{Kind: catalog.Brand, Limit: 1, Cursor: page.Cursor})
	if page.Terms[0].ID != "alba" || next.Terms[0].ID != "bruma" || next.Cursor != "" {
		t.Errorf("pages %+v, %+v", page, next)
	}
}

func TestVATClasses(t *testing.T) {
	t.Parallel()
	e := setup(t)
	for _, c := range []struct {
		class catalog.VATClass
		want  string
	}{
		{catalog.VATClass{Name: "x", Rates: []catalog.VATRate{{}}}, "invalid id /id"},
		{catalog.VATClass{ID: "x", Rates: []catalog.VATRate{{}}}, "invalid name /name"},
		{catalog.VATClass{ID: "x", Name: "x"}, "invalid vat_steps /rates"},
		{catalog.VATClass{ID: "x", Name: "x", Rates: []catalog.VATRate{{From: 1}}}, "invalid vat_steps /rates"},
		{catalog.VATClass{ID: "x", Name: "x", Rates: []catalog.VATRate{{}, {From: 1, Rate: 10_001}}}, "invalid rate /rates/1/rate"},
	} {
		_, err := sdktest.Run(e, catalog.PutVATClass, c.class)
		sdktest.Refused(t, err, c.want)
	}
	if got := sdktest.Ask(t, e, catalog.VATClasses, none).Classes; len(got) != 2 || got[0].ID != "food" || len(got[0].Rates) != 2 {
		t.Errorf("classes are %+v", got)
	}
}

func TestStores(t *testing.T) {
	t.Parallel()
	e := setup(t)
	for want, change := range map[string]func(*catalog.Store){
		"invalid id /id":                   func(s *catalog.Store) { s.ID = "MI/01" },
		"invalid name /name":               func(s *catalog.Store) { s.Name = "" },
		"invalid kind /kind":               func(s *catalog.Store) { s.Kind = "kiosk" },
		"invalid zone /zone":               func(s *catalog.Store) { s.Zone = "Europe/Roma" },
		"invalid currency /currency":       func(s *catalog.Store) { s.Currency = "LIT" },
		"invalid channel /channel":         func(s *catalog.Store) { s.Channel = " " },
		"invalid hours /hours/1":           func(s *catalog.Store) { s.Hours[1].Day = 8 },
		"invalid address /address":         func(s *catalog.Store) { s.Address.CAP = strings.Repeat("1", 201) },
		"invalid country /address/country": func(s *catalog.Store) { s.Address.Country = "Italia" },
		"invalid status /status":           func(s *catalog.Store) { s.Status = "gone" },
		"not_found entity /entity":         func(s *catalog.Store) { s.Entity = "nobody" },
	} {
		s := milan()
		change(&s)
		_, err := sdktest.Run(e, catalog.PutStore, s)
		sdktest.Refused(t, err, want)
	}
	sdktest.Do(t, e, catalog.PutEntity, catalog.Entity{ID: "web", Name: "Emporio Web S.r.l.", Country: "IT", VATNumber: "07643520567"})
	web := milan()
	web.ID, web.Kind, web.Entity = "web", catalog.Web, "web"
	sdktest.Do(t, e, catalog.PutStore, web)
	for i := range 5 {
		s := milan()
		s.ID = retail.StoreID(fmt.Sprintf("RM-%02d", i))
		sdktest.Do(t, e, catalog.PutStore, s)
	}
	if got := sdktest.Ask(t, e, catalog.GetStore, catalog.GetStoreIn{ID: "web"}); got.Channel != "web" || got.Status != catalog.Active {
		t.Errorf("the web shop is %+v", got)
	}
	_, err := sdktest.Call(e, catalog.GetStore, catalog.GetStoreIn{ID: "NA-01"})
	sdktest.Refused(t, err, "not_found store /id")
	for want, in := range map[string]catalog.StoresIn{
		"MI-01 RM-00 RM-01 RM-02 RM-03 RM-04 web": {Limit: 3},
		"web":                                 {Kind: catalog.Web, Limit: 1},
		"MI-01 RM-00 RM-01 RM-02 RM-03 RM-04": {Entity: "emporio", Limit: 1},
	} {
		var ids []string
		for {
			out := sdktest.Ask(t, e, catalog.Stores, in)
			for _, s := range out.Stores {
				ids = append(ids, string(s.ID))
			}
			if in.Cursor = out.Cursor; in.Cursor == "" {
				break
			}
		}
		if got := strings.Join(ids, " "); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// Whoever is limited to stores is listed these, and no cursor names another.
func TestLimitedStores(t *testing.T) {
	t.Parallel()
	e := setup(t)
	for _, id := range []retail.StoreID{"AA", "BB", "CC", "DD"} {
		s := milan()
		s.ID = id
		sdktest.Do(t, e, catalog.PutStore, s)
	}
	e.AsPrincipal(sdktest.Principal{ID: "user:eva", Stores: []string{"BB", "DD"}})
	var said []string
	for in := (catalog.StoresIn{Limit: 1}); ; {
		out := sdktest.Ask(t, e, catalog.Stores, in)
		for _, s := range out.Stores {
			said = append(said, string(s.ID))
		}
		if in.Cursor = out.Cursor; in.Cursor == "" {
			break
		}
		said = append(said, "then "+in.Cursor)
	}
	if got := strings.Join(said, ", "); got != "BB, then DD, DD" {
		t.Errorf("listed %s", got)
	}
}

func TestEntities(t *testing.T) {
	t.Parallel()
	e := setup(t)
	good := catalog.Entity{ID: "other", Name: "Altra S.r.l.", Country: "IT", VATNumber: "07643520567"}
	for want, change := range map[string]func(*catalog.Entity){
		"invalid id /id":                   func(x *catalog.Entity) { x.ID = "" },
		"invalid name /name":               func(x *catalog.Entity) { x.Name = "" },
		"invalid country /country":         func(x *catalog.Entity) { x.Country = "it" },
		"invalid vat_number /vat_number":   func(x *catalog.Entity) { x.VATNumber = "07643520568" },
		"invalid tax_code /tax_code":       func(x *catalog.Entity) { x.TaxCode = " " },
		"conflict vat_number /vat_number":  func(x *catalog.Entity) { x.VATNumber = "00743110157" },
		"invalid country /address/country": func(x *catalog.Entity) { x.Address = &catalog.Address{Country: "x"} },
	} {
		x := good
		change(&x)
		_, err := sdktest.Run(e, catalog.PutEntity, x)
		sdktest.Refused(t, err, want)
	}
	sdktest.Do(t, e, catalog.PutEntity, good)
	if got := sdktest.Ask(t, e, catalog.GetEntity, catalog.GetEntityIn{ID: "other"}); got != good {
		t.Errorf("got %+v", got)
	}
	_, err := sdktest.Call(e, catalog.GetEntity, catalog.GetEntityIn{ID: "nobody"})
	sdktest.Refused(t, err, "not_found entity /id")
	if got := sdktest.Ask(t, e, catalog.Entities, none).Entities; len(got) != 2 {
		t.Errorf("%d entities", len(got))
	}
}
