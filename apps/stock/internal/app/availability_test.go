package app_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/catalog/catalogtest"
	"github.com/bottega-retail/bottega/apps/stock"
	"github.com/bottega-retail/bottega/apps/stock/internal/app"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

var week = []catalog.OpenHours{
	{Day: 1, Hours: retail.Hours("09:30", "19:30")}, {Day: 2, Hours: retail.Hours("09:30", "19:30")},
	{Day: 6, Hours: retail.Hours("10:00", "18:00")},
}

// retailer is four shops and a warehouse over the real catalog, held to the grants of the
// manifest; a shirt in three sizes and two colours. It is Monday, 11:00.
func retailer(t testing.TB, parts ...sdktest.Part) *sdktest.Env {
	t.Helper()
	paper, err := os.ReadFile("../../../../manifests/stock.json")
	if err != nil {
		t.Fatal(err)
	}
	e := sdktest.New(t, app.New(), append(parts, sdktest.With(catalogtest.New()), sdktest.Manifest(paper))...)
	e.At("2026-11-23 11:00 Europe/Rome")
	run(t, e, catalog.PutEntity, catalog.Entity{ID: "emporio", Name: "Emporio S.r.l.", Country: "IT", VATNumber: "00743110157", Address: &catalog.Address{Street: "Via Larga 1", CAP: "20122", City: "Milano", Province: "MI", Country: "IT"}})
	run(t, e, catalog.PutEntity, catalog.Entity{ID: "web", Name: "Emporio Web S.r.l.", Country: "IT"})
	run(t, e, catalog.PutVATClass, catalog.VATClass{ID: "standard", Name: "22", Rates: []catalog.VATRate{{Rate: 2200}}})
	for _, s := range []catalog.Store{
		{ID: "MI-01", Name: "Milano Duomo", Entity: "emporio", Hours: week, Position: &catalog.Position{Latitude: 45464200, Longitude: 9190000}, Address: &catalog.Address{Street: "Piazza Duomo 1", CAP: "20121", City: "Milano", Province: "MI", Country: "IT"}},
		{ID: "MI-02", Name: "Milano Navigli", Entity: "emporio", Position: &catalog.Position{Latitude: 45450000, Longitude: 9170000}, Address: &catalog.Address{City: "Milano"}},
		{ID: "BG-01", Name: "Bergamo", Entity: "emporio", Hours: []catalog.OpenHours{{Day: 1, Hours: retail.Hours("15:00", "19:00")}}, Position: &catalog.Position{Latitude: 45698300, Longitude: 9677300}},
		{ID: "RM-01", Name: "Roma", Entity: "web"},
		{ID: "WH-01", Name: "Deposito Piacenza", Entity: "emporio", Kind: catalog.Warehouse, Position: &catalog.Position{Latitude: 45050000, Longitude: 9700000}},
	} {
		s.Zone, s.Currency = "Europe/Rome", "EUR"
		run(t, e, catalog.PutStore, s)
		kind := stock.Floor
		if s.Kind == catalog.Warehouse {
			kind = stock.Warehouse
		}
		run(t, e, stock.PutPlace, stock.Place{ID: stock.PlaceID(s.ID), Name: s.Name, Kind: kind, Store: s.ID})
	}
	run(t, e, stock.PutPlace, stock.Place{ID: "MI-01/back", Name: "Retro", Kind: stock.Back, Store: "MI-01"})
	run(t, e, stock.PutPlace, stock.Place{ID: "MI-01/look", Name: "Da vedere", Kind: stock.Quarantine, Store: "MI-01"})
	run(t, e, catalog.PutProducts, catalog.PutProductsIn{CreateTerms: true, Products: []catalog.Product{
		{ID: "shirt", Name: "Camicia", Category: "shirts", VAT: []catalog.ProductVAT{{Class: "standard"}}, Variants: []catalog.Variant{
			{SKU: "a", Size: "M", Colour: "bianco"}, {SKU: "b", Size: "S", Colour: "bianco"}, {SKU: "c", Size: "XL", Colour: "bianco"},
			{SKU: "d", Size: "M", Colour: "azzurro"}, {SKU: "e", Size: "S", Colour: "azzurro", Status: catalog.Archived},
		}},
		{ID: "tie", Name: "Cravatta", VAT: []catalog.ProductVAT{{Class: "standard"}}, Variants: []catalog.Variant{{SKU: "f"}}},
	}})
	return e
}

// offers writes what Nearby answers, a line per store.
func offers(t sdktest.Reporter, e *sdktest.Env, in stock.NearbyIn) string {
	t.Helper()
	var b strings.Builder
	clock := func(at retail.Instant) string {
		zone, err := time.LoadLocation("Europe/Rome")
		if err != nil {
			t.Fatalf("%v", err)
		}
		return time.UnixMilli(int64(at)).In(zone).Format("Mon 15:04")
	}
	for _, s := range sdktest.Ask(t, e, stock.Nearby, in).Stores {
		fmt.Fprint(&b, s.Store)
		for _, l := range s.Lines {
			fmt.Fprintf(&b, " %s:%d/%d", l.SKU, l.Available, l.Wanted)
		}
		if s.Metres != nil {
			fmt.Fprintf(&b, ", %d km", (*s.Metres+500)/1000)
		}
		if p := s.Promise; p != nil {
			fmt.Fprint(&b, ", ", p.Kind)
			if p.From != 0 {
				fmt.Fprint(&b, " ", clock(p.From))
			}
			if p.Day != "" {
				fmt.Fprint(&b, " ", p.Day, " by ", p.Rule)
			}
			if s.Opening.Open {
				fmt.Fprint(&b, ", open until ", clock(s.Opening.Until))
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

// The own store first, then who has everything, the nearest before the rest.
func TestNearby(t *testing.T) {
	t.Parallel()
	e := retailer(t, sdktest.Twice)
	for place, text := range map[stock.PlaceID]string{
		"MI-01": "a:1", "MI-01/back": "b:1", "MI-02": "a:1", "BG-01": "a:5 b:2", "RM-01": "a:1 b:1", "WH-01": "a:9 b:9",
	} {
		receive(t, e, place, text)
	}
	ask := func(text string) stock.NearbyIn { return stock.NearbyIn{Store: "MI-01", Lines: lines(text)} }
	e.At("2026-11-23 11:00 Europe/Rome")
	wants(t, offers(t, e, ask("a:2 b:1")), `MI-01 a:1/2 b:1/1, 0 km
BG-01 a:5/2 b:2/1, 46 km, collect Mon 15:00
WH-01 a:9/2 b:9/1, 61 km, send 2026-11-25 by warehouse
MI-02 a:1/2 b:0/1, 2 km
RM-01 a:1/2 b:1/1
`)
	wants(t, offers(t, e, ask("a:1 b:1")), `MI-01 a:1/1 b:1/1, 0 km, now Mon 11:00, open until Mon 19:30
BG-01 a:5/1 b:2/1, 46 km, collect Mon 15:00
WH-01 a:9/1 b:9/1, 61 km, send 2026-11-25 by warehouse
RM-01 a:1/1 b:1/1, collect
MI-02 a:1/1 b:0/1, 2 km
`)
	in := ask("b:1")
	in.Within, in.Limit = 50, 2
	in.Position = &catalog.Position{Latitude: 45698300, Longitude: 9677300} // in Bergamo
	wants(t, offers(t, e, in), `MI-01 b:1/1, 46 km, now Mon 11:00, open until Mon 19:30
BG-01 b:2/1, 0 km, collect Mon 15:00
`)
	e.AsPrincipal(eva) // her shop must know what others have
	if n := len(sdktest.Ask(t, e, stock.Nearby, ask("a:1")).Stores); n != 5 {
		t.Errorf("eva is told of %d stores", n)
	}
	_, err := sdktest.Call(e, stock.Nearby, stock.NearbyIn{Store: "MI-02", Lines: lines("a:1")})
	sdktest.Refused(t, err, "denied store")
}

// What is reserved, not sellable or kept for safety is promised to nobody.
func TestAvailable(t *testing.T) {
	t.Parallel()
	e := retailer(t, sdktest.Twice)
	receive(t, e, "MI-01", "a:5 d:5 f:5")
	receive(t, e, "MI-01/back", "a:5")
	receive(t, e, "MI-01/look", "a:5")
	receive(t, e, "MI-02", "a:5 d:5 f:5")
	for _, s := range []stock.Safety{
		{Quantity: 1}, {Store: "MI-02", Quantity: 2}, {Category: "shirts", Quantity: 3}, {SKU: "d", Quantity: 4}, {SKU: "d", Store: "MI-02", Quantity: 9},
	} {
		run(t, e, stock.PutSafety, s)
	}
	run(t, e, stock.Reserve, forAda("a:1"))
	var got []string
	for _, l := range sdktest.Ask(t, e, stock.LookUp, stock.LookUpIn{SKUs: []retail.SKU{"a", "d", "f", "nonsense"}}).Places {
		got = append(got, fmt.Sprintf("%s %s %d-%d-%d=%d", l.SKU, l.Place, l.OnHand, l.Reserved, l.Safety, l.Available))
	}
	wants(t, strings.Join(got, "\n"), `a MI-01 5-1-3=1
a MI-01/back 5-0-0=5
a MI-01/look 5-0-0=0
a MI-02 5-0-3=2
d MI-01 5-0-4=1
d MI-02 5-0-9=0
f MI-01 5-0-1=4
f MI-02 5-0-2=3`)
	_, err := sdktest.Run(e, stock.Reserve, stock.ReserveIn{Store: "MI-02", Name: "x", Lines: lines("d:1")})
	sdktest.Refused(t, err, "exhausted available /lines/0/quantity")
	run(t, e, stock.Reserve, stock.ReserveIn{Store: "MI-02", Name: "x", Lines: lines("d:1"), Safety: true})
	r := run(t, e, stock.Reserve, forAda("a:6")) // one of the floor, five of the back room
	wants(t, fmt.Sprint(r.Lines), "[{a MI-01 1} {a MI-01/back 5}]")
	run(t, e, stock.Sell, stock.SellIn{Store: "MI-01", Document: "1", Lines: lines("d:5")}) // a till sells the safety stock
	run(t, e, stock.PutSafety, stock.Safety{SKU: "d", Store: "MI-02", Remove: true})
	if n := len(sdktest.Ask(t, e, stock.Safeties, stock.SafetiesIn{}).Safeties); n != 4 {
		t.Errorf("%d safety stocks", n)
	}
	if n := len(sdktest.Ask(t, e, stock.Safeties, stock.SafetiesIn{SKU: "d"}).Safeties); n != 1 {
		t.Errorf("%d safety stocks of d", n)
	}
	sound(t, e)
	e.AsPrincipal(eva)
	_, err = sdktest.Run(e, stock.PutSafety, stock.Safety{Quantity: 5})
	sdktest.Refused(t, err, "denied store /store")
}

func TestGrid(t *testing.T) {
	t.Parallel()
	e := retailer(t)
	receive(t, e, "MI-01", "a:2 c:1")
	receive(t, e, "MI-01/back", "a:1")
	receive(t, e, "MI-02", "d:4")
	receive(t, e, "WH-01", "a:10")
	run(t, e, stock.Reserve, forAda("a:1"))
	g := sdktest.Ask(t, e, stock.Grid, stock.GridIn{Store: "MI-01", SKU: "b", Elsewhere: true})
	wants(t, fmt.Sprint(g.Name, g.Sizes, g.Colours), "Camicia[S M XL] [azzurro bianco]")
	wants(t, fmt.Sprint(g.Cells), "[{d M azzurro 0 0 4} {b S bianco 0 0 0} {a M bianco 3 2 10} {c XL bianco 1 1 0}]")
	own := sdktest.Ask(t, e, stock.Grid, stock.GridIn{Store: "MI-01", Product: "shirt"})
	wants(t, fmt.Sprint(own.Cells[2]), "{a M bianco 3 2 0}")
	_, err := sdktest.Call(e, stock.Grid, stock.GridIn{Store: "MI-01", Product: "nothing"})
	sdktest.Refused(t, err, "not_found product /id")
	_, err = sdktest.Call(e, stock.Grid, stock.GridIn{Store: "MI-01"})
	sdktest.Refused(t, err, "invalid filter")
}

func TestSource(t *testing.T) {
	t.Parallel()
	rules := app.Settings{ReservationDays: 2, LongestReservationDays: 60, Sourcing: []app.Rule{
		{Use: "own_store"}, {Use: "same_city", Kilometres: 10, Keep: 1, Days: 1}, {Use: "warehouse", Days: 3}, {Use: "exclude", Store: "RM-01"}, {Use: "any", Days: 7},
	}}
	e := retailer(t, sdktest.Settings(rules))
	receive(t, e, "MI-01", "a:1")
	receive(t, e, "MI-02", "a:3")
	receive(t, e, "WH-01", "a:3")
	receive(t, e, "RM-01", "a:99 b:9")
	receive(t, e, "BG-01", "a:1")
	for text, want := range map[string]string{
		"a:1":     "{[{MI-01 a 1 own_store 2026-11-23}] [] 2026-11-23}",
		"a:3":     "{[{MI-01 a 1 own_store 2026-11-23} {MI-02 a 2 same_city 2026-11-24}] [] 2026-11-24}",
		"a:7":     "{[{MI-01 a 1 own_store 2026-11-23} {MI-02 a 2 same_city 2026-11-24} {WH-01 a 3 warehouse 2026-11-26} {BG-01 a 1 any 2026-11-30}] [] 2026-11-30}",
		"a:8 b:1": "{[{MI-01 a 1 own_store 2026-11-23} {MI-02 a 2 same_city 2026-11-24} {WH-01 a 3 warehouse 2026-11-26} {BG-01 a 1 any 2026-11-30}] [{a 1} {b 1}] }",
	} {
		wants(t, fmt.Sprint(sdktest.Ask(t, e, stock.Source, stock.SourceIn{Store: "MI-01", Lines: lines(text)})), want)
	}
	_, err := sdktest.Call(e, stock.Source, stock.SourceIn{Store: "XX-01", Lines: lines("a:1")})
	sdktest.Refused(t, err, "not_found store /store")
}

// A rule of goods holds whatever letter their name begins with.
func TestSafetyOfNamesWithAccents(t *testing.T) {
	t.Parallel()
	e := retailer(t)
	run(t, e, catalog.PutProducts, catalog.PutProductsIn{CreateTerms: true, Products: []catalog.Product{
		{ID: "scarf", Name: "Écharpe", Category: "écharpes", VAT: []catalog.ProductVAT{{Class: "standard"}}, Variants: []catalog.Variant{{SKU: "g"}, {SKU: "écru"}}},
	}})
	run(t, e, stock.Receive, stock.ReceiveIn{To: "MI-02", Document: "1", Lines: lines("g:5 écru:5")})
	run(t, e, stock.PutSafety, stock.Safety{Category: "écharpes", Quantity: 1})
	run(t, e, stock.PutSafety, stock.Safety{SKU: "écru", Quantity: 2})
	var got []retail.Quantity
	for _, l := range sdktest.Ask(t, e, stock.LookUp, stock.LookUpIn{SKUs: []retail.SKU{"g", "écru"}}).Places {
		got = append(got, l.Available)
	}
	if !slices.Equal(got, []retail.Quantity{4, 3}) {
		t.Errorf("available are %v, want 4 of the category less one, and 3 of the SKU less two", got)
	}
}

// A product of 24 sizes and colours in a network of 200 shops is one answer: 4,800 cells
// were too many when each was a call.
func TestGridOverANetwork(t *testing.T) {
	t.Parallel()
	e := retailer(t)
	const shops = 200
	for i := range shops {
		id := retail.StoreID(fmt.Sprintf("X%03d", i))
		run(t, e, catalog.PutStore, catalog.Store{ID: id, Name: string(id), Entity: "emporio", Zone: "Europe/Rome", Currency: "EUR"})
		run(t, e, stock.PutPlace, stock.Place{ID: stock.PlaceID(id), Name: "Negozio", Kind: stock.Floor, Store: id})
	}
	coat := catalog.Product{ID: "coat", Name: "Cappotto", VAT: []catalog.ProductVAT{{Class: "standard"}}}
	for i := range 24 {
		coat.Variants = append(coat.Variants, catalog.Variant{SKU: retail.SKU(fmt.Sprintf("coat-%02d", i)), Size: fmt.Sprint(38 + 2*(i%6)), Colour: fmt.Sprint("colore ", i/6)})
	}
	run(t, e, catalog.PutProducts, catalog.PutProductsIn{Products: []catalog.Product{coat}})
	run(t, e, stock.Receive, stock.ReceiveIn{To: "MI-01", Document: "1", Lines: lines("coat-07:2")})
	run(t, e, stock.Receive, stock.ReceiveIn{To: "X000", Document: "2", Lines: lines("coat-07:3")})
	run(t, e, stock.Receive, stock.ReceiveIn{To: "X199", Document: "3", Lines: lines("coat-07:4 coat-23:1")})
	var got []string
	for _, c := range sdktest.Ask(t, e, stock.Grid, stock.GridIn{Store: "MI-01", Product: "coat", Elsewhere: true}).Cells {
		if c.OnHand+c.Elsewhere > 0 {
			got = append(got, fmt.Sprintf("%s %d+%d", c.SKU, c.OnHand, c.Elsewhere))
		}
	}
	if want := "coat-07 2+7, coat-23 0+1"; strings.Join(got, ", ") != want {
		t.Errorf("the grid has %s, want %s", strings.Join(got, ", "), want)
	}
}
