package app

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// machine is two stores with two tills each, and what they must add up to.
type machine struct {
	t       *rapid.T
	env     *sdktest.Env
	byRule  bool // refunds go by the means that were paid with
	sales   []till.Receipt
	all     int64
	money   map[string]retail.Money                   // by tender, over everything
	running map[place2]*sum                           // since the last day close
	drawers map[place2]*drawer                        // open sessions
	closes  map[place2]int64                          // day closes
	stock   map[retail.StoreID]map[retail.SKU]int64   // on hand
	gone    map[string]map[string]retail.Quantity     // of a sale, by line: with the customer
	waiting map[retail.StoreID][]string               // suspended baskets
	parts   map[string]map[retail.SKU]retail.Quantity // of a basket
}

type place2 struct {
	store retail.StoreID
	till  string
}

type sum struct {
	total, cash retail.Money
	count       int64
}

type drawer struct {
	id   string
	cash retail.Money
}

var goodsSold = []retail.SKU{"pen", "honey", "shirt"}

func newMachine(t *testing.T, rt *rapid.T) *machine {
	m := &machine{
		t: rt, env: shop(t, sdktest.Stub(wallet()...)), byRule: rapid.Bool().Draw(rt, "by rule"),
		money: map[string]retail.Money{}, running: map[place2]*sum{}, drawers: map[place2]*drawer{}, closes: map[place2]int64{},
		stock: map[retail.StoreID]map[retail.SKU]int64{"MI-01": {}, "RM-01": {}},
		gone:  map[string]map[string]retail.Quantity{}, waiting: map[retail.StoreID][]string{}, parts: map[string]map[retail.SKU]retail.Quantity{},
	}
	for _, s := range []retail.StoreID{"MI-01", "RM-01"} {
		for _, id := range []string{"1", "2"} {
			m.running[place2{s, id}] = &sum{}
		}
	}
	return m
}

func (m *machine) place() place2 {
	return place2{
		rapid.SampledFrom([]retail.StoreID{"MI-01", "RM-01"}).Draw(m.t, "store"), rapid.SampledFrom([]string{"1", "2"}).Draw(m.t, "till"),
	}
}

// wrote enters a document into the model.
func (m *machine) wrote(r *till.Receipt) {
	m.all++
	at := place2{r.Store, r.Till}
	s := m.running[at]
	s.total, s.count = s.total+r.Total, s.count+1
	for _, t := range r.Tenders {
		amount := t.Amount
		if t.Type == till.Cash {
			amount -= r.Change * retail.Money(boolean(t.Amount > 0))
			s.cash += amount
			if d := m.drawers[at]; d != nil {
				d.cash += amount
			}
		}
		m.money[t.Type] += amount
	}
	for _, l := range r.Lines {
		m.stock[r.Store][l.SKU] -= int64(l.Quantity)
	}
	if r.Kind == till.Sale {
		m.sales, m.gone[r.ID] = append(m.sales, *r), map[string]retail.Quantity{}
		for _, l := range r.Lines {
			m.gone[r.ID][l.ID] = l.Quantity
		}
		return
	}
	for _, l := range r.Lines {
		m.gone[r.Original][l.ID] += l.Quantity
	}
}

func boolean(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (m *machine) lines() (lines []till.Line, total retail.Money) {
	for _, sku := range rapid.SliceOfNDistinct(rapid.SampledFrom(goodsSold), 1, 3, rapid.ID[retail.SKU]).Draw(m.t, "goods") {
		n := rapid.IntRange(1, 4).Draw(m.t, "units")
		lines = append(lines, goodsOf(sku, retail.Quantity(n)))
		total += map[retail.SKU]retail.Money{"pen": 333, "honey": 599, "shirt": 2990}[sku] * retail.Money(n)
	}
	return lines, total
}

// pay is tenders that settle a total: some by card and by gift cards, the rest in cash.
func (m *machine) pay(total retail.Money) (tenders []till.Payment) {
	for i, kind := range []string{till.Card, "gift_card", "gift_card"} {
		if part := retail.Money(rapid.IntRange(0, 3).Draw(m.t, kind)) * total / 3; part > 0 {
			tenders, total = append(tenders, till.Payment{Type: kind, Amount: part, Reference: fmt.Sprint("K", i)}), total-part
		}
	}
	if total > 0 {
		tenders = append(tenders, cash(total+5+retail.Money(rapid.IntRange(0, 500).Draw(m.t, "change"))))
	}
	return tenders
}

func (m *machine) sell() {
	at := m.place()
	lines, total := m.lines()
	r, err := sdktest.Run(m.env, till.Close, till.CloseIn{Store: at.store, Till: at.till, Cashier: "x", Lines: lines, Tenders: m.pay(total)})
	if err != nil {
		m.t.Fatal(err)
	}
	m.wrote(&r)
}

// back is units of a sale that may come back, at some till.
func (m *machine) back(all bool) (in till.ReturnIn, ok bool) {
	if len(m.sales) == 0 {
		return in, false
	}
	sale := m.sales[rapid.IntRange(0, len(m.sales)-1).Draw(m.t, "sale")]
	at := m.place()
	in = till.ReturnIn{Receipt: sale.ID, Store: at.store, Till: at.till, Cashier: "x", Reason: "size"}
	for _, l := range sale.Lines {
		n := m.gone[sale.ID][l.ID]
		if !all && n > 0 {
			n = retail.Quantity(rapid.IntRange(0, int(n)).Draw(m.t, "units back"))
		}
		if n > 0 {
			in.Lines = append(in.Lines, units(l.ID, n))
		}
	}
	if !m.byRule {
		in.Tender = rapid.SampledFrom([]string{"", till.Cash, till.Card, till.ReturnVoucher}).Draw(m.t, "as")
	}
	return in, len(in.Lines) > 0
}

func (m *machine) giveBack() {
	in, ok := m.back(false)
	if !ok {
		return
	}
	r, err := sdktest.Run(m.env, till.Return, in)
	if m.mayRefuse(err, "drawer_short", "tender") {
		m.wrote(&r)
	}
}

// mayRefuse says whether nothing was refused, and fails if it was for another reason.
func (m *machine) mayRefuse(err error, reasons ...string) bool {
	if err != nil && !slices.Contains(reasons, sdk.ReasonOf(err)) {
		m.t.Fatal(err)
	}
	return err == nil
}

func (m *machine) trade() {
	in, ok := m.back(false)
	if !ok {
		return
	}
	lines, total := m.lines()
	sale := till.CloseIn{Store: in.Store, Till: in.Till, Cashier: "x", Lines: lines}
	if rapid.Bool().Draw(m.t, "more") {
		sale.Tenders = []till.Payment{cash(total + 5)}
	}
	out, err := sdktest.Run(m.env, till.Exchange, till.ExchangeIn{Return: in, Sale: sale})
	if m.mayRefuse(err, "drawer_short", "tender", "underpaid", "nothing_due") {
		m.wrote(&out.Return)
		m.wrote(&out.Sale)
	}
}

func (m *machine) void() {
	if len(m.sales) == 0 {
		return
	}
	sale := m.sales[rapid.IntRange(0, len(m.sales)-1).Draw(m.t, "sale")]
	r, err := sdktest.Run(m.env, till.Void, till.VoidIn{Receipt: sale.ID, Cashier: "x"})
	if m.mayRefuse(err, "returned", "voided", "drawer_short") {
		m.wrote(&r)
	}
}

func (m *machine) drawer() {
	at := m.place()
	d := m.drawers[at]
	if d == nil {
		s, err := sdktest.Run(m.env, till.OpenSession, till.OpenSessionIn{Store: at.store, Till: at.till, Cashier: "x", Float: 5000})
		if m.mayRefuse(err) {
			m.drawers[at] = &drawer{id: s.ID, cash: 5000}
		}
		return
	}
	if rapid.Bool().Draw(m.t, "move") {
		amount := retail.Money(rapid.IntRange(-3000, 3000).Filter(func(n int) bool { return n != 0 }).Draw(m.t, "amount"))
		_, err := sdktest.Run(m.env, till.MoveCash, till.MoveCashIn{Session: d.id, Cashier: "x", Amount: amount, Reason: "coins"})
		if short := -amount > d.cash; short != (err != nil) {
			m.t.Fatalf("%d out of %d: %v", -amount, d.cash, err)
		}
		if err == nil {
			d.cash += amount
		}
		return
	}
	m.count(at)
}

func (m *machine) count(at place2) {
	d := m.drawers[at]
	s, err := sdktest.Run(m.env, till.CloseSession, till.CloseSessionIn{Session: d.id, Cashier: "x", Counted: []till.Counted{{Type: till.Cash, Amount: max(d.cash, 0)}}})
	m.mayRefuse(err)
	for _, c := range s.Tenders {
		if c.Type == till.Cash && c.Expected != d.cash {
			m.t.Fatalf("drawer of %v: %d, should be %d", at, c.Expected, d.cash)
		}
	}
	delete(m.drawers, at)
}

func (m *machine) closeDay() {
	at := m.place()
	out, err := sdktest.Run(m.env, till.CloseDay, till.CloseDayIn{Store: at.store, Till: at.till, Cashier: "x"})
	s := m.running[at]
	switch {
	case m.drawers[at] != nil:
		m.refused(err, "session_open")
	case s.count == 0:
		m.refused(err, "nothing")
	default:
		m.mayRefuse(err)
		m.closes[at]++
		z := out.Closes[0]
		var money retail.Money
		for _, t := range z.Totals[0].Tenders {
			if t.Type == till.Cash {
				money = t.Amount
			}
		}
		if z.Number != m.closes[at] || z.Count != s.count || z.Totals[0].Total != s.total || money != s.cash {
			m.t.Fatalf("%+v, should be %+v", z, s)
		}
		*s = sum{}
	}
}

func (m *machine) refused(err error, reason string) {
	if sdk.ReasonOf(err) != reason {
		m.t.Fatalf("%v, should be %s", err, reason)
	}
}

// basket is opened and put aside at one till, and taken up and sold at another.
func (m *machine) basket() {
	at := m.place()
	if ids := m.waiting[at.store]; len(ids) > 0 && rapid.Bool().Draw(m.t, "take up") {
		m.waiting[at.store] = ids[1:]
		b, err := sdktest.Run(m.env, till.Resume, till.ResumeIn{Basket: ids[0], Till: at.till, Cashier: "y"})
		m.mayRefuse(err)
		q, err := sdktest.Call(m.env, till.Quote, till.BasketID{Basket: b.ID})
		m.mayRefuse(err)
		r, err := sdktest.Run(m.env, till.Close, till.CloseIn{Basket: b.ID, Tenders: m.pay(q.Total)})
		m.mayRefuse(err)
		m.wrote(&r)
		return
	}
	b, err := sdktest.Run(m.env, till.Open, till.OpenIn{Store: at.store, Till: at.till, Cashier: "x"})
	m.mayRefuse(err)
	lines, _ := m.lines()
	_, err = sdktest.Run(m.env, till.SetLines, till.SetLinesIn{Basket: b.ID, Lines: lines})
	m.mayRefuse(err)
	_, err = sdktest.Run(m.env, till.Suspend, till.SuspendIn{Basket: b.ID})
	m.mayRefuse(err)
	m.waiting[at.store] = append(m.waiting[at.store], b.ID)
}

// everythingBack returns what customers still have, and closes what is open.
func (m *machine) everythingBack() {
	for at := range m.drawers {
		m.count(at)
	}
	for i := 0; i < len(m.sales); i++ {
		sale := &m.sales[i]
		in := till.ReturnIn{Receipt: sale.ID, Store: "MI-01", Till: "1", Cashier: "x", Reason: "all"}
		for _, l := range sale.Lines {
			if n := m.gone[sale.ID][l.ID]; n > 0 {
				in.Lines = append(in.Lines, units(l.ID, n))
			}
		}
		if len(in.Lines) > 0 {
			r, err := sdktest.Run(m.env, till.Return, in)
			m.mayRefuse(err)
			m.wrote(&r)
		}
	}
}

// Whatever happens at four tills: drawers, day closes and documents say the same as the
// model, stock too, and Verify finds nothing. When everything is back by the means it was
// paid with, nothing is left of any tender, to the cent.
func TestAnyHistoryAddsUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		m := newMachine(t, rt)
		does := []func(){m.sell, m.sell, m.giveBack, m.giveBack, m.trade, m.void, m.drawer, m.closeDay, m.basket}
		for range rapid.IntRange(1, 25).Draw(rt, "steps") {
			does[rapid.IntRange(0, len(does)-1).Draw(rt, "step")]()
		}
		m.everythingBack()
		if m.money[till.Traded] != 0 {
			rt.Fatalf("exchanges come to %d", m.money[till.Traded])
		}
		for kind, left := range m.money {
			if m.byRule && left != 0 {
				rt.Fatalf("%d of %s is left of %v", left, kind, m.money)
			}
		}
		for _, sku := range goodsSold {
			for store, held := range m.stock {
				if n := onHand(t, m.env, store, sku); int64(n) != held[sku] {
					rt.Fatalf("%d %s in %s, should be %d", n, sku, store, held[sku])
				}
			}
			if m.stock["MI-01"][sku]+m.stock["RM-01"][sku] != 0 {
				rt.Fatalf("%s: %v", sku, m.stock)
			}
		}
		sound(t, m.env, m.all)
	})
}
