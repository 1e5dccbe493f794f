package app_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/apps/stock"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// forAda reserves "a:2" at MI-01.
func forAda(text string) stock.ReserveIn {
	return stock.ReserveIn{Store: "MI-01", Customer: "ada", Lines: lines(text)}
}

// shelf writes what a place has of a SKU: "5 on hand, 2 reserved, 3 available".
func shelf(t sdktest.Reporter, e *sdktest.Env, place stock.PlaceID, sku retail.SKU) string {
	t.Helper()
	for _, l := range sdktest.Ask(t, e, stock.LookUp, stock.LookUpIn{SKUs: []retail.SKU{sku}}).Places {
		if l.Place == place {
			return fmt.Sprintf("%d on hand, %d reserved, %d available", l.OnHand, l.Reserved, l.Available)
		}
	}
	return "0 on hand, 0 reserved, 0 available"
}

func wants(t sdktest.Reporter, got, want string) {
	t.Helper()
	if got != want {
		t.Fatalf("got %s\nwant %s", got, want)
	}
}

// A customer asks for two, comes back and buys one of them and something else.
func TestReservedThenSold(t *testing.T) {
	t.Parallel()
	e := setup(t)
	receive(t, e, "MI-01", "a:3 b:1")
	receive(t, e, "MI-01/back", "a:2")
	deposit := &stock.Deposit{Amount: 1000, Currency: "EUR", Reference: "MI-01/3/12"}
	in := forAda("a:4")
	in.Deposit = deposit
	r := run(t, e, stock.Reserve, in)
	wants(t, fmt.Sprint(r.State, r.Lines), "open[{a MI-01 3} {a MI-01/back 1}]")
	wants(t, shelf(t, e, "MI-01", "a"), "3 on hand, 3 reserved, 0 available")
	wants(t, shelf(t, e, "MI-01/back", "a"), "2 on hand, 1 reserved, 1 available")
	sale := run(t, e, stock.Sell, stock.SellIn{Store: "MI-01", Document: "R1", Lines: lines("a:2 a:2 b:1"), Reservations: []string{r.ID, r.ID, "nobody's"}})
	wants(t, fmt.Sprint(sale.Entries), "[{a MI-01 customer 3} {a MI-01/back customer 1} {b MI-01 customer 1}]")
	wants(t, shelf(t, e, "MI-01/back", "a"), "1 on hand, 0 reserved, 1 available")
	r = sdktest.Ask(t, e, stock.GetReservation, stock.GetReservationIn{ID: r.ID})
	wants(t, fmt.Sprint(r.State, " ", r.By, " ", *r.Deposit), "converted R1 {1000 EUR MI-01/3/12}")
	if err := e.Advance(100 * 24 * time.Hour); err != nil {
		t.Fatal(err)
	}
	wants(t, told(e), "made converted")
	if n := len(sdktest.Emitted(e, stock.DiscrepancyFound)); n != 0 {
		t.Errorf("%d discrepancies", n)
	}
	sound(t, e)
}

// told is what was told of reservations, in order.
func told(e *sdktest.Env) string {
	var all []string
	for _, x := range e.Events() {
		if name, ok := strings.CutPrefix(x.Name, "stock.reservation_"); ok {
			all = append(all, name)
		}
	}
	return strings.Join(all, " ")
}

// What is not bought of a reservation is given back, and the goods of another store
// are this store's.
func TestSoldOtherwise(t *testing.T) {
	t.Parallel()
	e := setup(t)
	receive(t, e, "MI-01", "a:3")
	receive(t, e, "MI-02", "a:3")
	r := run(t, e, stock.Reserve, forAda("a:3"))
	run(t, e, stock.Sell, stock.SellIn{Store: "MI-01", Document: "1", Lines: lines("a:1"), Reservations: []string{r.ID}})
	wants(t, shelf(t, e, "MI-01", "a"), "2 on hand, 0 reserved, 2 available")
	r = run(t, e, stock.Reserve, forAda("a:2"))
	run(t, e, stock.Sell, stock.SellIn{Store: "MI-02", Document: "2", Lines: lines("a:1"), Reservations: []string{r.ID}})
	wants(t, shelf(t, e, "MI-01", "a"), "2 on hand, 0 reserved, 2 available")
	wants(t, shelf(t, e, "MI-02", "a"), "2 on hand, 0 reserved, 2 available")
	sound(t, e)
}

// Sixty-four ask for the last piece.
func TestTheLastPiece(t *testing.T) {
	t.Parallel()
	e := setup(t)
	receive(t, e, "MI-01", "a:1")
	won := 0
	for i := range 64 {
		_, err := sdktest.Run(e, stock.Reserve, stock.ReserveIn{Store: "MI-01", Name: fmt.Sprint("customer ", i), Lines: lines("a:1")})
		if err == nil {
			won++
			continue
		}
		sdktest.Refused(t, err, "exhausted available /lines/0/quantity")
	}
	if won != 1 {
		t.Errorf("%d have reserved one piece", won)
	}
}

// The till sells what was put aside: the sale goes through, and the reservation made
// last is named.
func TestSoldFromUnderThem(t *testing.T) {
	t.Parallel()
	e := setup(t)
	receive(t, e, "MI-01", "a:3")
	first, second := run(t, e, stock.Reserve, forAda("a:1")), run(t, e, stock.Reserve, forAda("a:1"))
	sale := run(t, e, stock.Sell, stock.SellIn{Store: "MI-01", Document: "1", Lines: lines("a:2")})
	want := stock.Discrepancy{
		Movement: sale.ID, Document: "1", Place: "MI-01", Store: "MI-01", Lines: lines("a:2"), Reservations: []string{second.ID}, At: e.Now(),
	}
	wants(t, fmt.Sprint(sdktest.Emitted(e, stock.DiscrepancyFound)), fmt.Sprint([]stock.Discrepancy{want}))
	broken := func() (ids []string) {
		for _, r := range sdktest.Ask(t, e, stock.Reservations, stock.ReservationsIn{SKU: "a"}).Reservations {
			if r.Broken {
				ids = append(ids, r.ID)
			}
		}
		return ids
	}
	wants(t, fmt.Sprint(broken()), fmt.Sprint([]string{second.ID}))
	run(t, e, stock.Move, stock.MoveIn{From: "MI-01", To: stock.Adjustment, Reason: stock.Loss, Document: "2", Lines: lines("a:1")})
	wants(t, fmt.Sprint(broken()), fmt.Sprint([]string{second.ID, first.ID}))
	wants(t, shelf(t, e, "MI-01", "a"), "0 on hand, 2 reserved, 0 available")
	receive(t, e, "MI-01", "a:1")
	wants(t, fmt.Sprint(broken()), fmt.Sprint([]string{second.ID}))
	_, err := sdktest.Run(e, stock.Move, stock.MoveIn{From: "MI-01", To: "MI-02", Reason: stock.Transfer, Document: "3", Lines: lines("a:1")})
	sdktest.Refused(t, err, "exhausted on_hand /lines/0/quantity")
	run(t, e, stock.Count, stock.CountIn{Place: "MI-01", Document: "4", Lines: counts("a:0")})
	wants(t, fmt.Sprint(broken()), fmt.Sprint([]string{second.ID, first.ID}))
	if n := len(sdktest.Emitted(e, stock.DiscrepancyFound)); n != 3 {
		t.Errorf("%d discrepancies, want those of the sale, the loss and the count", n)
	}
	sound(t, e)
}

// An end is a civil day in the store's zone, an instant, or minutes; it comes once.
func TestExpiry(t *testing.T) {
	t.Parallel()
	e := setup(t)
	receive(t, e, "MI-01", "a:9")
	e.At("2026-10-23 18:00 Europe/Rome") // the clocks go back on Sunday the 25th
	until := func(r stock.Reservation) string {
		return time.UnixMilli(int64(r.Until)).UTC().Format("2006-01-02 15:04:05")
	}
	byDefault := run(t, e, stock.Reserve, forAda("a:1"))
	wants(t, until(byDefault), "2026-10-25 23:00:00") // two days on, midnight of winter time
	in := forAda("a:2")
	in.Day = "2026-10-24"
	day := run(t, e, stock.Reserve, in)
	wants(t, until(day), "2026-10-24 22:00:00")
	in = forAda("a:3")
	in.Minutes = 30
	soon := run(t, e, stock.Reserve, in)
	step := func(d time.Duration, want string) {
		t.Helper()
		if err := e.Advance(d); err != nil {
			t.Fatal(err)
		}
		wants(t, shelf(t, e, "MI-01", "a"), want)
	}
	step(29*time.Minute, "9 on hand, 6 reserved, 3 available")
	step(time.Minute, "9 on hand, 3 reserved, 6 available")
	_, err := sdktest.Run(e, stock.Extend, stock.ExtendIn{ID: soon.ID, Minutes: 5})
	sdktest.Refused(t, err, "failed_precondition closed /id")
	if n := len(sdktest.Emitted(e, stock.ReservationExpired)); n != 1 {
		t.Errorf("%d expired", n)
	}
	longer := run(t, e, stock.Extend, stock.ExtendIn{ID: day.ID, Day: "2026-10-30"})
	wants(t, until(longer), "2026-10-30 23:00:00")
	step(3*24*time.Hour, "9 on hand, 2 reserved, 7 available")
	run(t, e, stock.Sell, stock.SellIn{Store: "MI-01", Document: "1", Lines: lines("a:1"), Reservations: []string{byDefault.ID}}) // too late: from the floor
	step(7*24*time.Hour, "8 on hand, 0 reserved, 8 available")
	wants(t, told(e), "made made made expired extended expired expired")
	sound(t, e)
}

func TestCancel(t *testing.T) {
	t.Parallel()
	e := setup(t)
	receive(t, e, "MI-01", "a:2")
	in := forAda("a:2")
	in.Document = "ORD 7"
	r := run(t, e, stock.Reserve, in)
	for range 2 {
		wants(t, string(run(t, e, stock.Cancel, stock.CancelIn{ID: r.ID, Reason: "ci ha ripensato"}).State), "cancelled")
	}
	wants(t, shelf(t, e, "MI-01", "a"), "2 on hand, 0 reserved, 2 available")
	wants(t, told(e), "made cancelled")
	r = run(t, e, stock.Reserve, forAda("a:1"))
	run(t, e, stock.Sell, stock.SellIn{Store: "MI-01", Document: "1", Lines: lines("a:1"), Reservations: []string{r.ID}})
	_, err := sdktest.Run(e, stock.Cancel, stock.CancelIn{ID: r.ID})
	sdktest.Refused(t, err, "failed_precondition closed /id")
	_, err = sdktest.Run(e, stock.Reserve, in)
	sdktest.Refused(t, err, "conflict document /document")
	found := sdktest.Ask(t, e, stock.GetReservation, stock.GetReservationIn{Document: "ORD 7"})
	wants(t, found.By, "ci ha ripensato")
}

func TestReserveRefuses(t *testing.T) {
	t.Parallel()
	e := setup(t)
	receive(t, e, "MI-01", "a:2")
	receive(t, e, "MI-02", "a:9")
	receive(t, e, "truck", "a:9")
	with := func(change func(*stock.ReserveIn)) stock.ReserveIn {
		in := forAda("a:1")
		change(&in)
		return in
	}
	for want, in := range map[string]stock.ReserveIn{
		"exhausted available /lines/0/quantity":   forAda("a:1 a:2"),
		"not_found sku /lines/0/sku":              forAda("z:1"),
		"invalid not_goods /lines/0/sku":          forAda("card:1"),
		"invalid lines /lines":                    with(func(in *stock.ReserveIn) { in.Lines = nil }),
		"invalid customer /customer":              with(func(in *stock.ReserveIn) { in.Customer = "" }),
		"invalid document /document":              with(func(in *stock.ReserveIn) { in.Document = strings.Repeat("x", 101) }),
		"invalid text":                            with(func(in *stock.ReserveIn) { in.Note = strings.Repeat("x", 501) }),
		"invalid until /until":                    with(func(in *stock.ReserveIn) { in.Until = 1 }),
		"invalid until /day":                      with(func(in *stock.ReserveIn) { in.Day = "2026-02-30" }),
		"invalid until /minutes":                  with(func(in *stock.ReserveIn) { in.Minutes = 60 * 24 * 365 }),
		"invalid deposit /deposit":                with(func(in *stock.ReserveIn) { in.Deposit = &stock.Deposit{Amount: 1, Currency: "EUR"} }),
		"not_found store /store":                  with(func(in *stock.ReserveIn) { in.Store = "RM-01" }),
		"failed_precondition no_place /store":     with(func(in *stock.ReserveIn) { in.Store = "MI-03" }),
		"not_found place /place":                  with(func(in *stock.ReserveIn) { in.Place = "nowhere" }),
		"denied store /place":                     with(func(in *stock.ReserveIn) { in.Place = "MI-02" }),
		"failed_precondition not_sellable /place": with(func(in *stock.ReserveIn) { in.Place = "MI-01/look" }),
	} {
		_, err := sdktest.Run(e, stock.Reserve, in)
		sdktest.Refused(t, err, want)
	}
	both := with(func(in *stock.ReserveIn) { in.Minutes, in.Day = 5, "2030-01-01" })
	_, err := sdktest.Run(e, stock.Reserve, both)
	sdktest.Refused(t, err, "invalid until /until")
	wants(t, shelf(t, e, "MI-01", "a"), "2 on hand, 0 reserved, 2 available")
	_, err = sdktest.Run(e, stock.Extend, stock.ExtendIn{ID: "nothing", Minutes: 1})
	sdktest.Refused(t, err, "not_found reservation /id")
	r := run(t, e, stock.Reserve, forAda("a:1"))
	_, err = sdktest.Run(e, stock.Extend, stock.ExtendIn{ID: r.ID})
	sdktest.Refused(t, err, "invalid until /until")
}

// Reservations are found by customer, store, SKU and state, a page at a time.
func TestListReservations(t *testing.T) {
	t.Parallel()
	e := setup(t)
	receive(t, e, "MI-01", "a:9 b:9")
	receive(t, e, "MI-02", "a:9")
	var ids []string
	for _, in := range []stock.ReserveIn{
		{Store: "MI-01", Customer: "ada", Lines: lines("a:1")},
		{Store: "MI-01", Customer: "bruno", Lines: lines("a:1 b:1")},
		{Store: "MI-02", Customer: "ada", Lines: lines("a:1")},
		{Store: "MI-01", Name: "signora col cane", Lines: lines("b:1")},
	} {
		ids = append(ids, run(t, e, stock.Reserve, in).ID)
	}
	run(t, e, stock.Cancel, stock.CancelIn{ID: ids[0]})
	for _, tt := range []struct {
		in   stock.ReservationsIn
		want []int
	}{
		{stock.ReservationsIn{}, []int{3, 2, 1, 0}},
		{stock.ReservationsIn{Customer: "ada"}, []int{2, 0}},
		{stock.ReservationsIn{Customer: "ada", Store: "MI-01"}, []int{0}},
		{stock.ReservationsIn{Store: "MI-01"}, []int{3, 1, 0}},
		{stock.ReservationsIn{Store: "MI-01", State: stock.Open}, []int{3, 1}},
		{stock.ReservationsIn{State: stock.Cancelled}, []int{0}},
		{stock.ReservationsIn{SKU: "b"}, []int{3, 1}},
		{stock.ReservationsIn{SKU: "b", Customer: "ada"}, nil},
	} {
		for _, limit := range []int64{1, 2, 50} {
			var got []int
			in := tt.in
			for in.Limit = limit; ; {
				out := sdktest.Ask(t, e, stock.Reservations, in)
				for _, r := range out.Reservations {
					got = append(got, slices.Index(ids, r.ID))
				}
				if in.Cursor = out.Cursor; in.Cursor == "" {
					break
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("%+v by %d: %v, want %v", tt.in, limit, got, tt.want)
			}
		}
	}
}

// Whoever is limited to stores sees and changes the reservations of these.
func TestReservationsAreOfAStore(t *testing.T) {
	t.Parallel()
	e := limited(t, sdktest.Twice)
	receive(t, e, "MI-02", "a:9")
	receive(t, e, "MI-01", "a:9")
	theirs := run(t, e, stock.Reserve, stock.ReserveIn{Store: "MI-02", Customer: "ada", Lines: lines("a:1")})
	e.AsPrincipal(eva)
	_, reserve := sdktest.Run(e, stock.Reserve, stock.ReserveIn{Store: "MI-02", Customer: "ada", Lines: lines("a:1")})
	_, extend := sdktest.Run(e, stock.Extend, stock.ExtendIn{ID: theirs.ID, Minutes: 5})
	_, cancel := sdktest.Run(e, stock.Cancel, stock.CancelIn{ID: theirs.ID})
	_, get := sdktest.Call(e, stock.GetReservation, stock.GetReservationIn{ID: theirs.ID})
	_, list := sdktest.Call(e, stock.Reservations, stock.ReservationsIn{Store: "MI-02"})
	sdktest.Refused(t, reserve, "denied store")
	sdktest.Refused(t, extend, "denied store /id")
	sdktest.Refused(t, cancel, "denied store /id")
	sdktest.Refused(t, get, "denied store /id")
	sdktest.Refused(t, list, "denied store")
	mine := run(t, e, stock.Reserve, forAda("a:1"))
	all := sdktest.Ask(t, e, stock.Reservations, stock.ReservationsIn{Customer: "ada"}).Reservations
	if len(all) != 1 || all[0].ID != mine.ID {
		t.Errorf("eva sees %+v", all)
	}
	run(t, e, stock.Sell, stock.SellIn{Store: "MI-01", Document: "1", Lines: lines("a:1"), Reservations: []string{theirs.ID}})
	e.As("owner")
	wants(t, shelf(t, e, "MI-02", "a"), "9 on hand, 1 reserved, 8 available")
}
