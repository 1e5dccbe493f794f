package app

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/apps/vouchers"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// outage is three tills of two stores that are cut off, what they wrote, and what must be
// the case when all of it has come.
type outage struct {
	t     *rapid.T
	tills []*lonely
	sales []*offSale
	all   []written
	pens  map[retail.StoreID]retail.Quantity // that customers have of a store
	off   retail.Money                       // of the budget, for shirts that were kept
	card  retail.Money                       // that the card paid
}

// lonely is one of them, with what is left of its slips.
type lonely struct {
	place2
	off, card retail.Money
	last      int64
}

type offSale struct {
	id       string
	by       *lonely
	tender   string
	units    retail.Quantity // of pens; 0 is a shirt
	returned retail.Quantity
	void     bool
}

// written is a document and who wrote it. Slips are those of the environment it is sent to.
type written struct {
	by     int
	d      till.OfflineDocument
	shirt  bool // by the slip of the promotion
	onCard int  // tender that a part of the card pays, -1 none
}

const cardValue, budgetValue = 2000, 2000

func newOutage(t *rapid.T) *outage {
	o := &outage{t: t, pens: map[retail.StoreID]retail.Quantity{}}
	for i, at := range []place2{{"MI-01", "1"}, {"MI-01", "2"}, {"RM-01", "1"}} {
		o.tills = append(o.tills, &lonely{
			place2: at, off: retail.Money(rapid.IntRange(1, 600).Draw(t, fmt.Sprint("off ", i))), card: retail.Money(rapid.IntRange(1, 600).Draw(t, fmt.Sprint("card ", i))),
		})
	}
	return o
}

func (o *outage) write(by int, kind till.Kind, total retail.Money) *written {
	l := o.tills[by]
	l.last++
	w := written{by: by, onCard: -1, d: till.OfflineDocument{
		Day: "2026-11-21", Sequence: l.last, UUID: fmt.Sprintf("%s-%s-%05d", l.store, l.till, l.last), Kind: kind, Cashier: "x", Total: total,
		Tenders: []till.Payment{cash(total)},
	}}
	o.all = append(o.all, w)
	return &o.all[len(o.all)-1]
}

func (o *outage) sell() {
	by := rapid.IntRange(0, 2).Draw(o.t, "till")
	l := o.tills[by]
	units := retail.Quantity(rapid.IntRange(1, 4).Draw(o.t, "units"))
	total := 333 * retail.Money(units)
	s := &offSale{by: l, units: units, tender: till.Cash}
	w := o.write(by, till.Sale, total)
	w.d.Lines = []till.OfflineLine{{SKU: "pen", Quantity: units, UnitPrice: 333, Total: total, Goods: &pricing.Goods{VATRate: 2200}}}
	if l.card >= total && rapid.Bool().Draw(o.t, "by card") {
		w.onCard, s.tender = 0, "gift_card"
		w.d.Tenders[0].Type = "gift_card"
		l.card, o.card = l.card-total, o.card+total
	}
	s.id = offlineID(l.store, l.till, w.d.Day, w.d.Sequence)
	o.sales = append(o.sales, s)
	o.pens[l.store] += units
}

func (o *outage) sellShirt() {
	by := rapid.IntRange(0, 2).Draw(o.t, "till")
	l := o.tills[by]
	if l.off < 299 {
		return
	}
	w := o.write(by, till.Sale, 2691)
	w.shirt = true
	w.d.Lines = []till.OfflineLine{{
		SKU: "shirt", Quantity: 1, UnitPrice: 2990, Discount: 299, Total: 2691, Goods: &pricing.Goods{VATRate: 2200},
		Applied: []pricing.Applied{{Promotion: "ten", Version: 1, Name: "Ten off", Amount: 299}},
	}}
	l.off, o.off = l.off-299, o.off+299
	o.sales = append(o.sales, &offSale{id: offlineID(l.store, l.till, w.d.Day, w.d.Sequence), by: l, tender: till.Cash})
}

func (o *outage) takeBack() {
	if len(o.sales) == 0 {
		return
	}
	s := rapid.SampledFrom(o.sales).Draw(o.t, "sale")
	if s.void || s.units == s.returned {
		return
	}
	by := rapid.IntRange(0, 2).Draw(o.t, "till")
	units := retail.Quantity(rapid.IntRange(1, int(s.units-s.returned)).Draw(o.t, "units"))
	worth := 333 * retail.Money(units)
	w := o.write(by, till.Refund, worth)
	w.d.Original, w.d.Lines = s.id, []till.OfflineLine{{Line: "1", From: s.returned, Quantity: units, Total: worth}}
	if w.d.Tenders[0].Type = s.tender; s.tender != till.Cash {
		o.card -= worth
	}
	s.returned += units
	o.pens[o.tills[by].store] -= units
}

func (o *outage) void() {
	if len(o.sales) == 0 {
		return
	}
	s := rapid.SampledFrom(o.sales).Draw(o.t, "sale")
	if s.void || s.returned > 0 {
		return
	}
	total := 333 * retail.Money(s.units)
	if s.units == 0 {
		total, o.off = 2691, o.off-299
	}
	w := o.write(slices.Index(o.tills, s.by), till.Annul, total)
	w.d.Original = s.id
	s.void = true
	o.pens[s.by.store] -= s.units
	if s.tender != till.Cash {
		o.card -= total
	}
}

// telling is a shop to which the tills tell what they wrote.
type telling struct {
	env   *sdktest.Env
	o     *outage
	slips []pricing.Allotted
	parts []vouchers.AllotOut
	card  string
	sent  map[int]bool
}

func (o *outage) shop(t *testing.T) *telling {
	env := cutOff(t)
	gift := must(sdktest.Run(env, vouchers.Issue, vouchers.IssueIn{Kind: "gift", Amount: cardValue, Document: "I"}))(t).Cards[0]
	w := &telling{env: env, o: o, card: gift.Card, sent: map[int]bool{}}
	for _, l := range o.tills {
		slip := must(sdktest.Run(env, pricing.Allot, pricing.AllotIn{Store: l.store, Till: l.till, Parts: []pricing.AllotPart{{Promotion: "ten", Amount: 600}}}))(t)
		w.slips = append(w.slips, slip.Parts[0])
		w.parts = append(w.parts, must(sdktest.Run(env, vouchers.Allot, vouchers.AllotIn{Code: gift.Code, Store: l.store, Till: l.till, Amount: 600}))(t))
	}
	return w
}

// document is one as the till sends it here.
func (w *telling) document(i int) till.OfflineDocument {
	d := w.o.all[i].d
	d.At, d.Tenders = w.env.Now(), slices.Clone(d.Tenders)
	if w.o.all[i].shirt {
		d.Slips = []string{w.slips[w.o.all[i].by].Slip}
	}
	if n := w.o.all[i].onCard; n >= 0 {
		d.Tenders[n].Reference = w.parts[w.o.all[i].by].Slip
	}
	return d
}

func (w *telling) send(by int, all ...till.OfflineDocument) ([]till.Synced, error) {
	l := w.o.tills[by]
	out, err := sdktest.Run(w.env, till.Sync, till.SyncIn{Store: l.store, Till: l.till, Sent: w.env.Now(), Documents: all})
	return out.Results, err
}

// tell sends everything: in the order it was written, one by one; or in any order, in
// batches, some of them twice, while other operations are in the way and calls break.
func (w *telling) tell(t *rapid.T, orderly bool) {
	order := make([]int, len(w.o.all))
	for i := range order {
		order[i] = i
	}
	if !orderly {
		order = rapid.Permutation(order).Draw(t, "order")
		order = append(order, rapid.SliceOfN(rapid.SampledFrom(order), 0, 5).Draw(t, "again")...)
	}
	for len(order) > 0 {
		by, n := w.o.all[order[0]].by, 1
		for !orderly && n < len(order) && w.o.all[order[n]].by == by {
			n++
		}
		var batch []till.OfflineDocument
		for _, i := range order[:n] {
			batch = append(batch, w.document(i))
		}
		order = order[n:]
		if !orderly {
			w.disturb(t, by, batch)
		}
		if _, err := w.send(by, batch...); err != nil {
			t.Fatal(err)
		}
	}
}

func (w *telling) disturb(t *rapid.T, by int, batch []till.OfflineDocument) {
	switch rapid.IntRange(0, 3).Draw(t, "disturbed") {
	case 0:
		w.env.Faults.Conflict(2)
	case 1: // the host falls in the middle of it, and the till tries again
		w.env.Faults.Fail("stock.sell", sdk.Fail(sdk.CodeUnavailable, "", "down"))
		_, _ = w.send(by, batch...)
		w.env.Faults.Heal("stock.sell")
	}
}

// state is everything there is, but for when and in which order it came.
func (w *telling) state(t *testing.T) string {
	var all []any
	if err := w.env.View(func(v *sdk.View) error {
		for r := range receipts.Scan(v, sdk.Scan{}) {
			all = append(all, r)
		}
		for r := range offlines.Scan(v, sdk.Scan{}) {
			all = append(all, r)
		}
		for u := range undos.Scan(v, sdk.Scan{}) {
			all = append(all, u)
		}
		for s := range series.Scan(v, sdk.Scan{}) {
			all = append(all, s)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for _, store := range []retail.StoreID{"MI-01", "RM-01"} {
		all = append(all, onHand(t, w.env, store, "pen"), onHand(t, w.env, store, "shirt"))
	}
	b := must(sdktest.Call(w.env, pricing.Budget, pricing.BudgetIn{ID: "ten"}))(t)
	c := must(sdktest.Call(w.env, vouchers.GetCard, vouchers.CardID{Card: w.card}))(t)
	out, err := json.MarshalIndent(append(all, b.Spent, b.Uses, c.Balance, c.Allotted), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// adds compares what there is with what the tills did.
func (w *telling) adds(t *rapid.T, test *testing.T) {
	o := w.o
	for store, gone := range o.pens {
		if n := onHand(test, w.env, store, "pen"); n != -gone {
			t.Fatalf("%d pens on hand in %s, customers have %d", n, store, gone)
		}
	}
	for i := range o.tills {
		must(sdktest.Run(w.env, pricing.Settle, pricing.SettleIn{Allotment: w.slips[i].Allotment.ID}))(test)
		must(sdktest.Run(w.env, vouchers.Settle, vouchers.SettleIn{Allotment: w.parts[i].Allotment.ID, Close: true}))(test)
	}
	b := must(sdktest.Call(w.env, pricing.Budget, pricing.BudgetIn{ID: "ten"}))(test)
	if b.Spent != o.off || b.Spent > budgetValue {
		t.Fatalf("%d of the budget is spent, shirts that were kept had %d off", b.Spent, o.off)
	}
	c := must(sdktest.Call(w.env, vouchers.GetCard, vouchers.CardID{Card: w.card}))(test)
	if c.Balance != cardValue-o.card || c.Balance < 0 {
		t.Fatalf("%d is on the card, which paid %d", c.Balance, o.card)
	}
}

// Whatever tills did while they were cut off, in whatever order, batches and repetitions it
// comes: the state is the same in the end, to the last byte. What a till sends differently
// under a number that it used is in quarantine, and nothing else is; no slip is overspent.
func TestAnyOrderOfWhatTillsWrote(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		o := newOutage(rt)
		does := []func(){o.sell, o.sell, o.sellShirt, o.takeBack, o.takeBack, o.void}
		o.sell()
		for range rapid.IntRange(0, 14).Draw(rt, "steps") {
			does[rapid.IntRange(0, len(does)-1).Draw(rt, "step")]()
		}
		straight, shuffled := o.shop(t), o.shop(t)
		straight.tell(rt, true)
		shuffled.tell(rt, false)
		if a, b := straight.state(t), shuffled.state(t); a != b {
			rt.Fatalf("in order:\n%s\nshuffled:\n%s", a, b)
		}
		changed := shuffled.change(rt)
		shuffled.adds(rt, t)
		n := 0
		if err := shuffled.env.View(func(v *sdk.View) error {
			for rec := range offlines.Scan(v, sdk.Scan{}) {
				if n++; (rec.State == till.OfflineQuarantined) != slices.Contains(changed, rec.ID) || rec.State == till.OfflineWaiting {
					rt.Fatalf("%s is %s (%s): %s", rec.ID, rec.State, rec.Reason, rec.Why)
				}
			}
			return nil
		}); err != nil {
			rt.Fatal(err)
		}
		if n != len(o.all)+len(changed) {
			rt.Fatalf("%d records of %d documents and %d others", n, len(o.all), len(changed))
		}
		sound(t, shuffled.env, int64(len(o.all)))
	})
}

// change sends some documents with another body, and says which records that makes.
func (w *telling) change(t *rapid.T) (ids []string) {
	for i := range w.o.all {
		if rapid.IntRange(0, 3).Draw(t, "changed") > 0 {
			continue
		}
		d := w.document(i)
		d.Cashier = "someone else"
		for range rapid.IntRange(1, 2).Draw(t, "times") {
			out, err := w.send(w.o.all[i].by, d)
			if err != nil || out[0].State != till.OfflineQuarantined || out[0].Reason != "differs" {
				t.Fatalf("another body: %+v %v", out, err)
			}
			if !slices.Contains(ids, out[0].ID) {
				ids = append(ids, out[0].ID)
			}
		}
	}
	return ids
}
