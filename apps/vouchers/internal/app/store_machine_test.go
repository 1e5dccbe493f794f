package app

import (
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/bottega-retail/bottega/apps/stock"
	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/apps/vouchers"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// Whatever happens in two stores over four apps, each command run twice and some of them
// while an app is out of order: goods lie where the model says, on every card is what it
// says, coupons are used and the budget is spent as it says. Then everything that was
// bought comes back, in any order, in any store: customers have nothing, money, VAT, uses
// and budget are as before, and no card is left that a till has sold. What tills sell
// while they are cut off is a step of its own, for whoever adds it: does.
func TestWhatIsBoughtAndReturnedLeavesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		r := openRetailer(t, rt)
		does := []func(*rapid.T){
			r.sell, r.sell, r.sell, r.giveBack, r.giveBack, r.void, r.exchange, r.spendOnline, r.refundOnline, r.block, r.lose,
			r.reserve, r.release, r.wait, r.receive, r.transfer, r.count, r.breakDown, func(*rapid.T) { r.env.Faults.Conflict(2) },
		}
		for range rapid.IntRange(1, 40).Draw(rt, "steps") {
			does[rapid.IntRange(0, len(does)-1).Draw(rt, "step")](rt)
			r.agrees(rt)
		}
		if r.everythingBack(rt) {
			r.nothingIsLeft(rt)
		}
		r.addsUp(rt)
	})
}

func (r *retailer) place(rt *rapid.T) place {
	return place{rapid.SampledFrom(shops).Draw(rt, "store"), rapid.SampledFrom([]string{"1", "2"}).Draw(rt, "till")}
}

func (r *retailer) card(rt *rapid.T) *plastic {
	return r.cards[rapid.IntRange(0, len(r.cards)-1).Draw(rt, "card")]
}

func quantity(rt *rapid.T) retail.Quantity {
	return retail.Quantity(rapid.Int64Range(1, 3).Draw(rt, "quantity"))
}

// purchase is a sale of some goods, perhaps with a coupon, and with a card as goods or as
// money, which says whether it is taken.
func (r *retailer) purchase(rt *rapid.T) (in till.CloseIn, taken bool) {
	at := r.place(rt)
	in = till.CloseIn{Store: at.store, Till: at.till, Cashier: "x"}
	for _, sku := range rapid.SliceOfNDistinct(rapid.SampledFrom(wares), 1, 2, rapid.ID[retail.SKU]).Draw(rt, "goods") {
		in.Lines = append(in.Lines, till.Line{SKU: sku, Quantity: quantity(rt)})
	}
	if rapid.Bool().Draw(rt, "with a coupon") {
		in.Codes = []string{rapid.SampledFrom(r.coupons).Draw(rt, "coupon")}
	}
	for _, id := range slices.Sorted(maps.Keys(r.aside)) {
		if r.aside[id].Store == at.store && rapid.Bool().Draw(rt, "collected") {
			in.Reservations = append(in.Reservations, id)
		}
	}
	taken = true
	buys := rapid.IntRange(0, 2).Draw(rt, "buys a card") == 0
	if p := r.card(rt); buys && p.tender == "gift_card" {
		in.Lines = append(in.Lines, till.Line{SKU: "gift-50", Quantity: 1, Code: p.code})
		taken = !p.over && !p.blocked && p.balance+5000 <= 50000
	} else {
		buys = false
	}
	due := retail.Money(1300) // the cheapest basket costs more
	if p := r.card(rt); rapid.Bool().Draw(rt, "by card of ours") {
		amount := retail.Money(rapid.Int64Range(1, int64(due)).Draw(rt, "on it"))
		in.Tenders, due = append(in.Tenders, with(p.tender, amount, p.code)), due-amount
		taken = taken && !buys && p.usable() && amount <= p.balance
	}
	if due > 0 && rapid.Bool().Draw(rt, "by card of a bank") {
		in.Tenders = append(in.Tenders, till.Payment{Type: till.Card, Amount: due, Reference: "auth"})
	}
	in.Tenders = append(in.Tenders, with(till.Cash, 100_000, ""))
	return in, taken
}

func (r *retailer) sell(rt *rapid.T) {
	in, taken := r.purchase(rt)
	d, err := sdktest.Run(r.env, till.Close, in)
	if taken != (err == nil) {
		rt.Fatalf("%+v: %v", in, err)
	}
	if err == nil {
		r.sold(rt, &in, &d)
	}
}

func (r *retailer) sold(rt *rapid.T, in *till.CloseIn, d *till.Receipt) {
	r.wrote(rt, d)
	for _, id := range in.Reservations {
		delete(r.aside, id)
	}
}

// breakDown sells while one of the apps is out of order: nothing is sold, anywhere.
func (r *retailer) breakDown(rt *rapid.T) {
	in, _ := r.purchase(rt)
	in.Tenders = append(in.Tenders, with("gift_card", 1, r.cards[0].code))
	out := rapid.SampledFrom([]string{"pricing.hold", "stock.sell", "till.tender", "catalog.products"}).Draw(rt, "out of order")
	r.env.Faults.Fail(out, sdk.Fail(sdk.CodeUnavailable, "", "out of order"))
	if _, err := sdktest.Run(r.env, till.Close, in); err == nil {
		rt.Fatalf("%+v was sold without %s", in, out)
	}
	r.env.Faults.Heal(out)
}

// some are units of a sale that may come back.
func (r *retailer) some(rt *rapid.T, cards bool) (in till.ReturnIn, of *bill) {
	if len(r.bills) == 0 {
		return in, nil
	}
	of = r.bills[rapid.IntRange(0, len(r.bills)-1).Draw(rt, "sale")]
	at := r.place(rt)
	in = till.ReturnIn{Receipt: of.ID, Store: at.store, Till: at.till, Cashier: "x", Reason: "size"}
	for _, l := range of.Lines {
		n := retail.Quantity(rapid.IntRange(0, int(of.left[l.ID])).Draw(rt, "units back"))
		if n > 0 && (cards || l.Stored == "") {
			in.Lines = append(in.Lines, till.ReturnLine{Line: l.ID, Quantity: n})
		}
	}
	if !r.byRule {
		in.Tender = rapid.SampledFrom([]string{"", till.Cash, till.ReturnVoucher}).Draw(rt, "refunded as")
	}
	if len(in.Lines) == 0 {
		of = nil
	}
	return in, of
}

// waits says whether an error only says that something of a card must come back first.
func waits(err error) bool {
	return slices.Contains([]string{"spent", "topped_up"}, sdk.ReasonOf(err))
}

// refusable fails unless a document was written, or could not be since a card that it
// sold is in use.
func (r *retailer) refusable(rt *rapid.T, of *bill, err error, reasons ...string) bool {
	sells := slices.ContainsFunc(of.Lines, func(l till.ReceiptLine) bool { return l.Stored != "" })
	excused := slices.Contains(reasons, sdk.ReasonOf(err)) || sells && waits(err)
	if err != nil && !excused {
		rt.Fatalf("%s: %v", of.ID, err)
	}
	return err == nil
}

func (r *retailer) giveBack(rt *rapid.T) {
	if in, of := r.some(rt, true); of != nil {
		if d, err := sdktest.Run(r.env, till.Return, in); r.refusable(rt, of, err) {
			r.wrote(rt, &d)
		}
	}
}

func (r *retailer) void(rt *rapid.T) {
	if len(r.bills) == 0 {
		return
	}
	of := r.bills[rapid.IntRange(0, len(r.bills)-1).Draw(rt, "sale")]
	d, err := sdktest.Run(r.env, till.Void, till.VoidIn{Receipt: of.ID, Cashier: "x", Reason: "wrong"})
	if of.undone && err == nil {
		rt.Fatalf("%s was undone twice", of.ID)
	}
	if of.undone || r.refusable(rt, of, err) {
		if err == nil {
			r.wrote(rt, &d)
		}
	}
}

func (r *retailer) exchange(rt *rapid.T) {
	in, of := r.some(rt, false)
	if of == nil {
		return
	}
	sale := till.CloseIn{Store: in.Store, Till: in.Till, Cashier: "x", Lines: []till.Line{{SKU: rapid.SampledFrom(wares).Draw(rt, "for"), Quantity: quantity(rt)}}}
	if rapid.Bool().Draw(rt, "and cash") {
		sale.Tenders = []till.Payment{with(till.Cash, 100_000, "")}
	}
	out, err := sdktest.Run(r.env, till.Exchange, till.ExchangeIn{Return: in, Sale: sale})
	if r.refusable(rt, of, err, "underpaid", "nothing_due") {
		r.wrote(rt, &out.Return)
		r.wrote(rt, &out.Sale)
	}
}

func (r *retailer) spendOnline(rt *rapid.T) {
	p, amount, document := r.card(rt), amountOf(rt), r.document()
	_, err := sdktest.Run(r.env, vouchers.Redeem, vouchers.RedeemIn{Code: p.code, Amount: amount, Currency: "EUR", Document: document})
	if want := p.usable() && amount <= p.balance; want != (err == nil) {
		rt.Fatalf("%d of %+v: %v", amount, p, err)
	}
	if err == nil {
		p.balance -= amount
		r.web = append(r.web, webUse{p, document, amount})
	}
}

// refundOnline gives the first back that was not yet.
func (r *retailer) refundOnline(rt *rapid.T) {
	if len(r.web) == 0 {
		return
	}
	w := r.web[0]
	r.web = r.web[1:]
	in := vouchers.RefundIn{Card: w.card.id, Amount: w.amount, Document: r.document(), Original: w.document}
	if _, err := sdktest.Run(r.env, vouchers.Refund, in); err != nil {
		rt.Fatal(err)
	}
	w.card.last().balance += w.amount
	in.Document, in.Amount = r.document(), 1
	if _, err := sdktest.Run(r.env, vouchers.Refund, in); sdk.ReasonOf(err) != "refunded" {
		rt.Fatalf("given back twice: %v", err)
	}
}

func (r *retailer) block(rt *rapid.T) {
	p := r.card(rt)
	operation := vouchers.Block
	if p.blocked {
		operation = vouchers.Unblock
	}
	_, err := sdktest.Run(r.env, operation, vouchers.BlockIn{Card: p.id, Reason: "lost"})
	if (err == nil) == p.over {
		rt.Fatalf("%+v: %v", p, err)
	}
	if err == nil {
		p.blocked = !p.blocked
	}
}

// lose replaces a card that no till has sold: everything goes to a new one.
func (r *retailer) lose(rt *rapid.T) {
	p := r.card(rt)
	if !p.active || p.over || p.tender != "gift_card" || len(p.loads) > 0 || p.first != "" {
		return
	}
	c := blank(rt, r.env, "gift")
	out, err := sdktest.Run(r.env, vouchers.Transfer, vouchers.TransferIn{Card: p.id, To: c.Card, Reason: "lost"})
	if err != nil || out.Amount != p.balance {
		rt.Fatalf("%+v, %v, should be %d", out, err, p.balance)
	}
	p.heir = &plastic{id: c.Card, code: c.Code, tender: p.tender, active: true, balance: p.balance, loads: map[string]retail.Money{}}
	p.over, p.balance, p.blocked = true, 0, false
	r.cards = append(r.cards, p.heir)
}

func (r *retailer) reserve(rt *rapid.T) {
	shop, sku, q := rapid.SampledFrom(shops).Draw(rt, "store"), rapid.SampledFrom(wares).Draw(rt, "sku"), quantity(rt)
	in := stock.ReserveIn{Store: shop, Customer: "ada", Lines: []stock.Line{{SKU: sku, Quantity: q}}, Minutes: rapid.Int64Range(1, 90).Draw(rt, "minutes")}
	a, err := sdktest.Run(r.env, stock.Reserve, in)
	if there := r.lies[shop][sku] - r.reserved(shop, sku); (err == nil) != (q <= there) {
		rt.Fatalf("%d of %d: %v", q, there, err)
	}
	if err == nil {
		r.aside[a.ID] = a
	}
}

func (r *retailer) release(rt *rapid.T) {
	if ids := slices.Sorted(maps.Keys(r.aside)); len(ids) > 0 {
		id := rapid.SampledFrom(ids).Draw(rt, "reservation")
		sdktest.Do(rt, r.env, stock.Cancel, stock.CancelIn{ID: id})
		delete(r.aside, id)
	}
}

// wait lets reservations expire.
func (r *retailer) wait(rt *rapid.T) {
	if err := r.env.Advance(time.Duration(rapid.IntRange(1, 60).Draw(rt, "minutes")) * time.Minute); err != nil {
		rt.Fatal(err)
	}
	maps.DeleteFunc(r.aside, func(_ string, a stock.Reservation) bool { return a.Until <= r.env.Now() })
}

func (r *retailer) receive(rt *rapid.T) {
	shop, sku, q := rapid.SampledFrom(shops).Draw(rt, "store"), rapid.SampledFrom(wares).Draw(rt, "sku"), quantity(rt)
	sdktest.Do(rt, r.env, stock.Receive, stock.ReceiveIn{To: theFloor[shop], Document: r.document(), Lines: []stock.Line{{SKU: sku, Quantity: q}}})
	r.lies[shop][sku] += q
}

// transfer sends goods to the other store, where some may not arrive: these are lost, or
// never left.
func (r *retailer) transfer(rt *rapid.T) {
	i, sku, q := rapid.IntRange(0, 1).Draw(rt, "from"), rapid.SampledFrom(wares).Draw(rt, "sku"), quantity(rt)
	from, to := shops[i], shops[1-i]
	order := sdktest.Do(rt, r.env, stock.RequestTransfer, stock.RequestTransferIn{From: theFloor[from], To: theFloor[to], Lines: []stock.Line{{SKU: sku, Quantity: q}}})
	_, err := sdktest.Run(r.env, stock.Dispatch, stock.DispatchIn{ID: order.ID})
	if there := r.lies[from][sku] - r.reserved(from, sku); (err == nil) != (q <= there) {
		rt.Fatalf("sent %d of %d: %v", q, there, err)
	}
	if err != nil {
		return
	}
	came := retail.Quantity(rapid.IntRange(0, int(q)).Draw(rt, "arrived"))
	in := stock.ReceiveTransferIn{ID: order.ID, Document: r.document(), Last: true}
	if came > 0 {
		in.Lines = []stock.ReceivedLine{{SKU: sku, Quantity: came}}
	}
	sdktest.Do(rt, r.env, stock.ReceiveTransfer, in)
	r.lies[from][sku], r.lies[to][sku] = r.lies[from][sku]-q, r.lies[to][sku]+came
	if came == q {
		return
	}
	what := rapid.SampledFrom([]stock.Outcome{stock.OutcomeLost, stock.OutcomeReturned}).Draw(rt, "outcome")
	sdktest.Do(rt, r.env, stock.ResolveTransfer, stock.ResolveTransferIn{ID: order.ID, Document: r.document(), Lines: []stock.ResolvedLine{{SKU: sku, Quantity: q - came, Outcome: what}}})
	if what == stock.OutcomeReturned {
		r.lies[from][sku] += q - came
	}
}

func (r *retailer) count(rt *rapid.T) {
	shop, sku, q := rapid.SampledFrom(shops).Draw(rt, "store"), rapid.SampledFrom(wares).Draw(rt, "sku"), quantity(rt)
	sdktest.Do(rt, r.env, stock.Count, stock.CountIn{Place: theFloor[shop], Document: r.document(), Lines: []stock.Counting{{SKU: sku, Actual: q}}})
	r.lies[shop][sku] = q
}
