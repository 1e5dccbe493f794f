package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
)

// stranger writes an app of its own vendor in a folder of its own, which
// provides the contract stock and is smaller than ours, puts it in the place of
// stock in the running shop, and sells with it. The till asks stock.sell and
// finds whoever provides it.
func stranger(m *machine) {
	m.t.Helper()
	m.dir = filepath.Join(m.home, "shop")
	m.run(block{text: "bottega new app shelves --module shelves.example/shelves\ncd shelves"})
	for name, text := range shelves {
		file := filepath.Join(m.dir, name)
		if text == "" {
			if err := os.Remove(file); err != nil {
				m.t.Fatal(err)
			}
			continue
		}
		m.save(file, []byte(text))
	}
	m.run(block{text: "bottega test --update"})
	if out := m.run(block{text: "bottega check"}); !strings.Contains(out, "stock.sell") {
		m.t.Errorf("check says nothing of stock.sell:\n%s", out)
	}

	before := m.sellable()
	if before == 0 {
		m.t.Error("our stock has nothing of P0001-M in MI-01")
	}
	out := m.run(block{text: "bottega install --replace stock --yes"})
	if !strings.Contains(out, "shelves 0.1.0 is enabled") {
		m.t.Errorf("the CLI says\n%s", out)
	}
	if n := m.sellable(); n != 0 {
		m.t.Errorf("the stranger's stock begins with %d", n)
	}
	m.must("stock.receive", object{"to": "MI-01", "document": "DDT-1", "lines": []object{{"sku": "P0001-M", "quantity": 10}}})
	m.sell(3)
	if n := m.sellable(); n != 7 {
		m.t.Errorf("10 less 3 are %d", n)
	}

	m.run(block{text: "bottega enable stock --replace shelves --yes"})
	if n := m.sellable(); n != before {
		m.t.Errorf("ours has %d, not %d as before", n, before)
	}
	m.sell(1)
	if n := m.sellable(); n != before-1 {
		m.t.Errorf("ours has %d after a sale, not %d", n, before-1)
	}
}

// must calls an operation as the owner of the demo.
func (m *machine) must(operation string, in object) []byte {
	m.t.Helper()
	out, err := m.ask(operation, in)
	if err != nil {
		m.t.Fatalf("%s: %v%s", operation, err, m.said())
	}
	return out
}

// sellable is what stock says, whoever that is.
func (m *machine) sellable() int {
	m.t.Helper()
	var levels struct{ Stores []struct{ Sellable int } }
	out := m.must("stock.look_up", object{"skus": []string{"P0001-M"}, "stores": []string{"MI-01"}})
	if err := json.Unmarshal(out, &levels); err != nil {
		m.t.Fatal(err)
	}
	n := 0
	for _, s := range levels.Stores {
		n += s.Sellable
	}
	return n
}

// sell closes a sale at the till.
func (m *machine) sell(quantity int) {
	m.t.Helper()
	m.must("till.close", object{
		"store": "MI-01", "till": "9", "cashier": "anna", "lines": []object{{"sku": "P0001-M", "quantity": quantity}},
		"tenders": []object{{"type": "cash", "amount": 100_000}},
	})
}

// shelves is what the stranger changes of what `bottega new` made; "" is a file
// that he takes away.
var shelves = map[string]string{
	"shelves.go":                           "",
	"internal/app/testdata/TestItems.json": "",
	"internal/app/app.go": `// Package app keeps how much lies on the shelves of a store. It provides the
// contract stock as simply as it goes: a counter per place, no ledger, no rules.
package app

import (
	"github.com/bottega-retail/bottega/apps/stock"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// New is the app.
func New() *sdk.App {
	return sdk.NewApp("shelves",
		onShelf, movements, places,
		stock.Sell.Handle(sell),
		stock.TakeBack.Handle(takeBack),
		stock.Receive.Handle(receive),
		stock.LookUp.Handle(lookUp),
		stock.Move.Handle(transfer),
		stock.Count.Handle(count),
		stock.Movements.Handle(list),
		stock.Verify.Handle(verify),
		stock.PutPlace.Handle(putPlace),
		stock.Places.Handle(listPlaces),
	)
}

// onShelf is how much of a SKU a place has. The place of a store has its name.
var onShelf = sdk.Counter{Name: "on_shelf"}

// movements are why: one per document and reason.
var movements = sdk.Collection[stock.Movement]{Name: "movements", Key: []string{"document", "reason"}}

// places are other places than the stores' own.
var places = sdk.Collection[stock.Place]{Name: "places", Key: []string{"id"}}

func key(place stock.PlaceID, sku retail.SKU) sdk.Key { return sdk.K(place).Text(string(sku)) }

func sell(tx *sdk.Tx, in stock.SellIn) (stock.Movement, error) {
	return move(tx, stock.Sale, stock.PlaceID(in.Store), stock.Customer, in.Document, in.Lines)
}

func takeBack(tx *sdk.Tx, in stock.TakeBackIn) (stock.Movement, error) {
	lines := make([]stock.Line, len(in.Lines))
	for i, l := range in.Lines {
		lines[i] = stock.Line{SKU: l.SKU, Quantity: l.Quantity}
	}
	return move(tx, stock.Return, stock.Customer, stock.PlaceID(in.Store), in.Document, lines)
}

func receive(tx *sdk.Tx, in stock.ReceiveIn) (stock.Movement, error) {
	return move(tx, stock.Receipt, stock.Supplier, in.To, in.Document, in.Lines)
}

func transfer(tx *sdk.Tx, in stock.MoveIn) (stock.Movement, error) {
	return move(tx, in.Reason, in.From, in.To, in.Document, in.Lines)
}

// move counts, and writes down why. Nobody is refused: shelves are counted often.
func move(tx *sdk.Tx, why stock.Reason, from, to stock.PlaceID, document string, lines []stock.Line) (stock.Movement, error) {
	m := stock.Movement{ID: tx.NewID(), Document: document, Reason: why, Place: from, Entries: []stock.Entry{}, At: tx.Now(), Recorded: tx.Now()}
	for _, l := range lines {
		if err := onShelf.Add(tx, key(from, l.SKU), -int64(l.Quantity), sdk.NoMin, sdk.NoMax); err != nil {
			return m, err
		}
		if err := onShelf.Add(tx, key(to, l.SKU), int64(l.Quantity), sdk.NoMin, sdk.NoMax); err != nil {
			return m, err
		}
		m.Entries = append(m.Entries, stock.Entry{SKU: l.SKU, From: from, To: to, Quantity: l.Quantity})
	}
	if err := movements.Insert(tx, m); err != nil {
		return m, err
	}
	return m, stock.Moved.Emit(tx, m)
}

func count(tx *sdk.Tx, in stock.CountIn) (stock.CountOut, error) {
	var lines []stock.Line
	for _, l := range in.Lines {
		if found := l.Actual - retail.Quantity(onShelf.Get(tx, key(in.Place, l.SKU))); found != 0 {
			lines = append(lines, stock.Line{SKU: l.SKU, Quantity: found})
		}
	}
	m, err := move(tx, stock.Counted, stock.Adjustment, in.Place, in.Document, lines)
	return stock.CountOut{Movement: m}, err
}

func list(v *sdk.View, in stock.MovementsIn) (stock.MovementsOut, error) {
	out := stock.MovementsOut{Movements: []stock.Movement{}}
	for m := range movements.Scan(v, sdk.Scan{Prefix: sdk.K(in.Document), Limit: stock.MaxPage}) {
		out.Movements = append(out.Movements, m)
	}
	return out, nil
}

// verify has nothing to compare: there is no ledger but the counters.
func verify(*sdk.View, stock.VerifyIn) (stock.VerifyOut, error) {
	return stock.VerifyOut{Faults: []stock.Fault{}}, nil
}

func putPlace(tx *sdk.Tx, in stock.Place) (stock.Place, error) { return in, places.Put(tx, in) }

func listPlaces(v *sdk.View, _ stock.PlacesIn) (stock.PlacesOut, error) {
	out := stock.PlacesOut{Places: []stock.Place{}}
	for p := range places.Scan(v, sdk.Scan{}) {
		out.Places = append(out.Places, p)
	}
	return out, nil
}

func lookUp(v *sdk.View, in stock.LookUpIn) (stock.LookUpOut, error) {
	out := stock.LookUpOut{Stores: []stock.StoreLevel{}, Places: []stock.PlaceLevel{}}
	for _, sku := range in.SKUs {
		for _, store := range in.Stores {
			n := onShelf.Get(v, key(stock.PlaceID(store), sku))
			out.Stores = append(out.Stores, stock.StoreLevel{SKU: sku, Store: store, Sellable: retail.Quantity(n)})
		}
	}
	return out, nil
}
`,
	"internal/app/app_test.go": `package app_test

import (
	"testing"

	"shelves.example/shelves/internal/app"

	"github.com/bottega-retail/bottega/apps/stock"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

func TestShelf(t *testing.T) {
	t.Parallel()
	env := sdktest.New(t, app.New())
	lines := []stock.Line{{SKU: "shirt", Quantity: 2}}
	if _, err := sdktest.Run(env, stock.Receive, stock.ReceiveIn{To: "S1", Document: "D1", Lines: lines}); err != nil {
		t.Fatal(err)
	}
	for _, receipt := range []string{"R1", "R2"} {
		if _, err := sdktest.Run(env, stock.Sell, stock.SellIn{Store: "S1", Document: receipt, Lines: lines}); err != nil {
			t.Fatal(err)
		}
	}
	out, err := sdktest.Call(env, stock.LookUp, stock.LookUpIn{SKUs: []retail.SKU{"shirt"}, Stores: []retail.StoreID{"S1"}})
	if err != nil {
		t.Fatal(err)
	}
	sdktest.Golden(t, out)
}
`,
	"shelves.json": `{
  "id": "shelves",
  "version": "0.1.0",
  "kind": "app",
  "name": {"it": "Scaffali", "en": "Shelves"},
  "summary": {"it": "Quanto c'è sugli scaffali, e basta.", "en": "How much is on the shelves, and no more."},
  "vendor": "Qualcun Altro S.r.l.",
  "category": "store",
  "permissions": [
    {"name": "stock.view", "title": {"it": "Vedere", "en": "See"}, "operations": ["stock.look_up", "stock.movements", "stock.places", "stock.verify"]},
    {"name": "stock.manage", "title": {"it": "Muovere", "en": "Move"}, "operations": ["stock.count", "stock.move", "stock.put_place", "stock.receive", "stock.sell", "stock.take_back"]}
  ]
}
`,
}
