package app_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/bottega-retail/bottega/apps/stock"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// book is what everything should be, kept beside stock: what lies where, who has
// reserved what, what is on its way, and what a sheet has counted.
type book struct {
	e      *sdktest.Env
	lies   world
	open   map[string]stock.Reservation
	orders []stock.TransferOrder
	moving map[string]retail.Quantity // in transit by "transfer sku"
	sheet  string
	found  map[retail.SKU]retail.Quantity // of the open sheet: counted less what lay there
	step   int
}

func (b *book) aside(place stock.PlaceID, sku retail.SKU) (q retail.Quantity) {
	for _, r := range b.open {
		for _, l := range r.Lines {
			if l.Place == place && l.SKU == sku {
				q += l.Quantity
			}
		}
	}
	return q
}

func (b *book) free(place stock.PlaceID, sku retail.SKU) retail.Quantity {
	return b.lies[fmt.Sprint(place, " ", sku)] - b.aside(place, sku)
}

var (
	cells  = []stock.PlaceID{"MI-01", "MI-01/back", "MI-02", "WH-01"}
	skus   = []retail.SKU{"a", "b"}
	amount = rapid.Custom(func(t *rapid.T) stock.Line {
		return stock.Line{SKU: rapid.SampledFrom(skus).Draw(t, "sku"), Quantity: retail.Quantity(rapid.Int64Range(1, 4).Draw(t, "quantity"))}
	})
)

// Whatever happens to goods, in any order and every command twice: each place holds
// what the book says, reserved is what the open reservations hold, in transit what was
// sent and neither arrived nor was lost nor came back, and all places sum to zero.
func TestAnyHistory(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		b := &book{e: retailer(t, sdktest.Twice), lies: world{}, open: map[string]stock.Reservation{}, moving: map[string]retail.Quantity{}}
		for b.step = range rapid.IntRange(1, 40).Draw(rt, "steps") {
			acts := []func(*rapid.T){b.receive, b.receive, b.sell, b.sell, b.takeBack, b.reserve, b.reserve, b.extend, b.cancel, b.wait, b.send, b.arrive, b.settle, b.move, b.count}
			acts[rapid.IntRange(0, len(acts)-1).Draw(rt, "act")](rt)
			b.agrees(rt)
		}
		sound(rt, b.e)
	})
}

// agrees compares all levels with the book.
func (b *book) agrees(t *rapid.T) {
	var travel = map[retail.SKU]retail.Quantity{}
	for key, q := range b.moving {
		_, sku, _ := strings.Cut(key, " ")
		travel[retail.SKU(sku)] += q
	}
	out := sdktest.Ask(t, b.e, stock.LookUp, stock.LookUpIn{SKUs: skus})
	for _, sku := range skus {
		for _, place := range append(slices.Clone(cells), "MI-01/look", stock.InTransit) {
			want := stock.PlaceLevel{SKU: sku, Place: place, OnHand: b.lies[fmt.Sprint(place, " ", sku)], Reserved: b.aside(place, sku)}
			switch place {
			case stock.InTransit:
				want.OnHand = travel[sku]
			case "MI-01/look":
			default:
				want.Available = max(0, b.free(place, sku))
			}
			var got stock.PlaceLevel
			if i := slices.IndexFunc(out.Places, func(l stock.PlaceLevel) bool { return l.Place == place && l.SKU == sku }); i >= 0 {
				got = out.Places[i]
			}
			if got.OnHand != want.OnHand || got.Reserved != want.Reserved || got.Available != want.Available {
				t.Fatalf("%s at %s: %+v, want %+v", sku, place, got, want)
			}
		}
	}
}

func (b *book) document() string { return fmt.Sprint("doc ", b.step) }

func (b *book) receive(t *rapid.T) {
	to, l := rapid.SampledFrom(cells).Draw(t, "to"), amount.Draw(t, "line")
	sdktest.Do(t, b.e, stock.Receive, stock.ReceiveIn{To: to, Document: b.document(), Lines: []stock.Line{l}})
	b.lies.move(stock.Supplier, to, []stock.Line{l})
}

// anyOpen is an open reservation, "" if there is none.
func (b *book) anyOpen(t *rapid.T) string {
	if len(b.open) == 0 {
		return ""
	}
	return rapid.SampledFrom(slices.Sorted(maps.Keys(b.open))).Draw(t, "reservation")
}

func (b *book) sell(t *rapid.T) {
	l, in := amount.Draw(t, "line"), stock.SellIn{Store: "MI-01", Document: b.document()}
	in.Lines = []stock.Line{l}
	if id := b.anyOpen(t); id != "" && rapid.Bool().Draw(t, "cited") {
		in.Reservations = []string{id}
	}
	sdktest.Do(t, b.e, stock.Sell, in)
	for _, id := range in.Reservations {
		for _, x := range b.open[id].Lines {
			if q := min(x.Quantity, l.Quantity); x.SKU == l.SKU {
				b.lies.move(x.Place, stock.Customer, []stock.Line{{SKU: x.SKU, Quantity: q}})
				l.Quantity -= q
			}
		}
		delete(b.open, id)
	}
	b.lies.move("MI-01", stock.Customer, []stock.Line{l})
}

func (b *book) takeBack(t *rapid.T) {
	l, look := amount.Draw(t, "line"), rapid.Bool().Draw(t, "look")
	to := stock.PlaceID("MI-01")
	if look {
		to = "MI-01/look"
	}
	sdktest.Do(t, b.e, stock.TakeBack, stock.TakeBackIn{Store: "MI-01", Document: b.document(), Lines: []stock.ReturnLine{{SKU: l.SKU, Quantity: l.Quantity, Quarantine: look}}})
	b.lies.move(stock.Customer, to, []stock.Line{l})
}

func (b *book) reserve(t *rapid.T) {
	l := amount.Draw(t, "line")
	there := max(0, b.free("MI-01", l.SKU)) + max(0, b.free("MI-01/back", l.SKU))
	r, err := sdktest.Run(b.e, stock.Reserve, stock.ReserveIn{Store: "MI-01", Customer: "ada", Lines: []stock.Line{l}, Minutes: rapid.Int64Range(1, 90).Draw(t, "minutes")})
	switch {
	case l.Quantity > there:
		if sdk.ReasonOf(err) != "available" {
			t.Fatalf("%d of %d reserved: %v", l.Quantity, there, err)
		}
	case err != nil:
		t.Fatalf("%d of %d are not reserved: %v", l.Quantity, there, err)
	default:
		b.open[r.ID] = r
	}
}

func (b *book) extend(t *rapid.T) {
	if id := b.anyOpen(t); id != "" {
		b.open[id] = sdktest.Do(t, b.e, stock.Extend, stock.ExtendIn{ID: id, Minutes: rapid.Int64Range(5, 90).Draw(t, "minutes")})
	}
}

func (b *book) cancel(t *rapid.T) {
	if id := b.anyOpen(t); id != "" {
		sdktest.Do(t, b.e, stock.Cancel, stock.CancelIn{ID: id})
		delete(b.open, id)
	}
}

func (b *book) wait(t *rapid.T) {
	if err := b.e.Advance(time.Duration(rapid.IntRange(1, 60).Draw(t, "minutes")) * time.Minute); err != nil {
		t.Fatal(err)
	}
	b.expire()
}

// expire ends what is over.
func (b *book) expire() {
	for id, r := range b.open {
		if r.Until <= b.e.Now() {
			delete(b.open, id)
		}
	}
}

func (b *book) send(t *rapid.T) {
	l, from, to := amount.Draw(t, "line"), rapid.SampledFrom(cells).Draw(t, "from"), rapid.SampledFrom([]stock.PlaceID{"MI-01", "MI-01/back"}).Draw(t, "to")
	if from == to {
		return
	}
	o := sdktest.Do(t, b.e, stock.RequestTransfer, stock.RequestTransferIn{From: from, To: to, Lines: []stock.Line{l}})
	o, err := sdktest.Run(b.e, stock.Dispatch, stock.DispatchIn{ID: o.ID})
	if short := b.free(from, l.SKU) < l.Quantity; short != (sdk.ReasonOf(err) == "on_hand") || !short && err != nil {
		t.Fatalf("%v sent of %d: %v", l, b.free(from, l.SKU), err)
	} else if short {
		return
	}
	b.orders = append(b.orders, o)
	b.lies.move(from, "gone", []stock.Line{l})
	b.moving[o.ID+" "+string(l.SKU)] = l.Quantity
}

func (b *book) arrive(t *rapid.T) {
	if len(b.orders) == 0 {
		return
	}
	o, l := rapid.SampledFrom(b.orders).Draw(t, "order"), amount.Draw(t, "line")
	damaged := retail.Quantity(rapid.Int64Range(0, int64(l.Quantity)).Draw(t, "damaged"))
	in := stock.ReceiveTransferIn{ID: o.ID, Document: b.document(), Last: rapid.Bool().Draw(t, "last"), Lines: []stock.ReceivedLine{{SKU: l.SKU, Quantity: l.Quantity - damaged, Damaged: damaged}}}
	_, err := sdktest.Run(b.e, stock.ReceiveTransfer, in)
	if sdk.ReasonOf(err) == "state" {
		if b.travels(o.ID) {
			t.Fatalf("refused although something is on its way: %v", err)
		}
		return
	}
	sdktest.Do(t, b.e, stock.ReceiveTransfer, in) // told twice
	key := o.ID + " " + string(l.SKU)
	b.moving[key] -= min(b.moving[key], l.Quantity)
	b.lies.move("gone", o.To, []stock.Line{{SKU: l.SKU, Quantity: l.Quantity - damaged}})
	b.lies.move("gone", "MI-01/look", []stock.Line{{SKU: l.SKU, Quantity: damaged}})
}

func (b *book) travels(id string) bool {
	return slices.ContainsFunc(skus, func(sku retail.SKU) bool { return b.moving[id+" "+string(sku)] > 0 })
}

func (b *book) settle(t *rapid.T) {
	if len(b.orders) == 0 {
		return
	}
	o, l := rapid.SampledFrom(b.orders).Draw(t, "order"), amount.Draw(t, "line")
	outcome := rapid.SampledFrom([]stock.Outcome{stock.OutcomeLost, stock.OutcomeReturned}).Draw(t, "outcome")
	in := stock.ResolveTransferIn{ID: o.ID, Document: b.document(), Lines: []stock.ResolvedLine{{SKU: l.SKU, Quantity: l.Quantity, Outcome: outcome}}}
	_, err := sdktest.Run(b.e, stock.ResolveTransfer, in)
	key := o.ID + " " + string(l.SKU)
	if many := l.Quantity > b.moving[key]; many != (sdk.ReasonOf(err) == "in_transit") || !many && err != nil {
		t.Fatalf("%v of %d are %s: %v", l, b.moving[key], outcome, err)
	} else if many {
		return
	}
	b.moving[key] -= l.Quantity
	if outcome == stock.OutcomeReturned {
		b.lies.move("gone", o.From, []stock.Line{l})
	}
}

func (b *book) move(t *rapid.T) {
	l, from, loss := amount.Draw(t, "line"), rapid.SampledFrom(cells).Draw(t, "from"), rapid.Bool().Draw(t, "loss")
	in := stock.MoveIn{From: from, To: "MI-01/look", Reason: stock.Transfer, Document: b.document(), Lines: []stock.Line{l}}
	has := b.free(from, l.SKU)
	if loss { // it is gone, whoever waits for it
		in.To, in.Reason, has = stock.Adjustment, stock.Loss, b.lies[fmt.Sprint(from, " ", l.SKU)]
	}
	_, err := sdktest.Run(b.e, stock.Move, in)
	if short := has < l.Quantity; short != (sdk.ReasonOf(err) == "on_hand") || !short && err != nil {
		t.Fatalf("%+v of %d: %v", in, has, err)
	} else if !short {
		b.lies.move(in.From, in.To, in.Lines)
	}
}

// count opens a sheet of MI-01, or scans into the open one, or ends it.
func (b *book) count(t *rapid.T) {
	if b.sheet == "" {
		b.sheet = sdktest.Do(t, b.e, stock.OpenCount, stock.OpenCountIn{Place: "MI-01", Name: b.document()}).ID
		b.found = map[retail.SKU]retail.Quantity{}
	}
	switch l := amount.Draw(t, "line"); rapid.IntRange(0, 3).Draw(t, "count") {
	case 0:
		sdktest.Do(t, b.e, stock.CloseCount, stock.CloseCountIn{ID: b.sheet})
		for sku, q := range b.found {
			b.lies.move(stock.Adjustment, "MI-01", []stock.Line{{SKU: sku, Quantity: q}})
		}
		b.sheet = ""
	case 1:
		sdktest.Do(t, b.e, stock.AbandonCount, stock.CountID{ID: b.sheet})
		b.sheet = ""
	default:
		sdktest.Do(t, b.e, stock.Scan, stock.ScanIn{ID: b.sheet, Lines: []stock.Counting{{SKU: l.SKU, Actual: l.Quantity}}, Replace: true})
		b.found[l.SKU] = l.Quantity - b.lies["MI-01 "+string(l.SKU)]
	}
}
