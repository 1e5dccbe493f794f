package app

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/stock"
	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/apps/vouchers"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// plastic is what the model knows of a card: a gift card, or a return voucher.
type plastic struct {
	id, code, tender string
	balance          retail.Money
	active, over     bool
	blocked          bool
	first            string                  // sale that activated it
	loads            map[string]retail.Money // by "sale line": what that put on it
	heir             *plastic                // that replaced it
}

func (p *plastic) last() *plastic {
	for p.heir != nil {
		p = p.heir
	}
	return p
}

// usable says whether the card buys something.
func (p *plastic) usable() bool { return p.active && !p.over && !p.blocked }

// bill is a sale, and what of it is still with the customer.
type bill struct {
	till.Receipt
	left   map[string]retail.Quantity // by line
	undone bool                       // something came back, or it is void
}

// place is a till.
type place struct {
	store retail.StoreID
	till  string
}

// retailer is two stores with two tills each over the real apps, and beside them what
// goods, money, cards, coupons and the budget must come to.
type retailer struct {
	env      *sdktest.Env
	byRule   bool // refunds go by the means that were paid with
	next     int
	bills    []*bill
	cards    []*plastic
	web      []webUse
	coupons  []string
	spent    retail.Money // of the budget
	money    map[string]retail.Money
	total    retail.Money
	rounding retail.Money
	vat      map[retail.BasisPoints][2]retail.Money // gross and VAT
	lies     map[retail.StoreID]map[retail.SKU]retail.Quantity
	outside  map[retail.SKU]retail.Quantity // with customers
	aside    map[string]stock.Reservation
	written  int64
}

// webUse is what a card paid without a till.
type webUse struct {
	card     *plastic
	document string
	amount   retail.Money
}

var (
	shops    = []retail.StoreID{"MI-01", "RM-01"}
	wares    = []retail.SKU{"shirt", "novel"}
	theFloor = map[retail.StoreID]stock.PlaceID{"MI-01": "MI-01-floor", "RM-01": "RM-01-floor"}
)

const theBudget = 3000

func openRetailer(t *testing.T, rt *rapid.T) *retailer {
	env := counter(t)
	must(sdktest.Run(env, catalog.PutStore, catalog.Store{ID: "RM-01", Name: "Roma", Entity: "IT01", Zone: "Europe/Rome", Currency: "EUR"}))(t)
	must(sdktest.Run(env, stock.PutPlace, stock.Place{ID: "RM-01-floor", Name: "Floor", Kind: stock.Floor, Store: "RM-01"}))(t)
	must(sdktest.Run(env, pricing.PutBatch, pricing.Batch{ID: "spring", Name: "Spring"}))(t)
	must(sdktest.Run(env, pricing.PutPromotion, pricing.Promotion{
		ID: "ten", Name: "−10 %", Batches: []string{"spring"}, Goods: pricing.Selection{SKUs: wares},
		Effects: []pricing.Effect{{Percent: 1000}}, Limits: pricing.Limits{Budget: theBudget},
	}))(t)
	must(sdktest.Run(env, pricing.Publish, pricing.PublishIn{ID: "ten", Accept: []string{"overlap", "collision", "unreachable", "below_floor", "unfunded", "no_cost"}}))(t)
	r := &retailer{
		env: env, byRule: rapid.Bool().Draw(rt, "by rule"), money: map[string]retail.Money{}, vat: map[retail.BasisPoints][2]retail.Money{},
		lies: map[retail.StoreID]map[retail.SKU]retail.Quantity{"MI-01": {}, "RM-01": {}}, outside: map[retail.SKU]retail.Quantity{}, aside: map[string]stock.Reservation{},
		coupons: must(sdktest.Run(env, pricing.Draw, pricing.DrawIn{Batch: "spring", Count: 4}))(t).Codes,
	}
	for range 2 {
		c := blank(t, env, "gift")
		r.cards = append(r.cards, &plastic{id: c.Card, code: c.Code, tender: "gift_card", loads: map[string]retail.Money{}})
	}
	c := must(sdktest.Run(env, vouchers.Issue, vouchers.IssueIn{Kind: "gift", Amount: 4000, Document: "invoice 1"}))(t).Cards[0]
	r.cards = append(r.cards, &plastic{id: c.Card, code: c.Code, tender: "gift_card", active: true, balance: 4000, loads: map[string]retail.Money{}})
	return r
}

func (r *retailer) document() string {
	r.next++
	return fmt.Sprint("doc ", r.next)
}

// wrote enters a document into the model, whatever kind it is.
func (r *retailer) wrote(t fatal, d *till.Receipt) {
	r.written++
	r.total, r.rounding = r.total+d.Total, r.rounding+d.Rounding
	for _, v := range d.VAT {
		sum := r.vat[v.Rate]
		r.vat[v.Rate] = [2]retail.Money{sum[0] + v.Gross, sum[1] + v.VAT}
	}
	for _, a := range d.Applied {
		r.spent += a.Amount
	}
	for _, paid := range d.Tenders {
		r.tendered(t, d, &paid)
	}
	of := r.billOf(d)
	for _, l := range d.Lines {
		of.left[l.ID] += l.Quantity // below zero of what comes back
		if slices.Contains(wares, l.SKU) {
			r.lies[d.Store][l.SKU], r.outside[l.SKU] = r.lies[d.Store][l.SKU]-l.Quantity, r.outside[l.SKU]+l.Quantity
			continue
		}
		r.loaded(t, d, of, l.ID)
	}
}

// billOf is the sale that a document is, or undoes.
func (r *retailer) billOf(d *till.Receipt) *bill {
	if d.Kind == till.Sale {
		r.bills = append(r.bills, &bill{Receipt: *d, left: map[string]retail.Quantity{}})
		return r.bills[len(r.bills)-1]
	}
	of := r.bills[slices.IndexFunc(r.bills, func(b *bill) bool { return b.ID == d.Original })]
	of.undone = true
	return of
}

// tendered enters one tender: money, and the card that it was taken from or given to.
func (r *retailer) tendered(t fatal, d *till.Receipt, paid *till.Taken) {
	amount := paid.Amount
	if paid.Type == till.Cash && amount > 0 {
		amount -= d.Change
	}
	r.money[paid.Type] += amount
	if paid.Type != "gift_card" && paid.Type != till.ReturnVoucher {
		return
	}
	id := referred(paid.Reference)
	at := slices.IndexFunc(r.cards, func(p *plastic) bool { return p.id == id })
	if at < 0 {
		i := slices.IndexFunc(d.Printed, func(p till.Printed) bool { return p.Code != "" && p.Type == paid.Type })
		if i < 0 || amount > 0 {
			t.Fatalf("%s names the card %q, which nobody has, and prints %+v", d.ID, paid.Reference, d.Printed)
		}
		at, r.cards = len(r.cards), append(r.cards, &plastic{id: id, code: d.Printed[i].Code, tender: paid.Type, active: true, loads: map[string]retail.Money{}})
	}
	r.cards[at].last().balance -= amount
}

// loaded enters what a line of stored value put on its card, or took off it.
func (r *retailer) loaded(t fatal, d *till.Receipt, of *bill, line string) {
	i := slices.IndexFunc(of.Lines, func(l till.ReceiptLine) bool { return l.ID == line })
	id := referred(of.Lines[i].Stored)
	at := slices.IndexFunc(r.cards, func(p *plastic) bool { return p.id == id })
	if at < 0 {
		t.Fatalf("line %s of %s is %q, no card of ours", line, of.ID, of.Lines[i].Stored)
	}
	p, key := r.cards[at], of.ID+" "+line
	if d.Kind == till.Sale {
		if p.loads[key] = of.Lines[i].Total; !p.active {
			p.active, p.first = true, key
		}
		p.balance += of.Lines[i].Total
		return
	}
	p.balance -= p.loads[key]
	delete(p.loads, key)
	p.over = p.over || p.first == key
}

// agrees compares everything that is kept with the model.
func (r *retailer) agrees(t fatal) {
	levels := must(sdktest.Call(r.env, stock.LookUp, stock.LookUpIn{SKUs: wares}))(t)
	for _, shop := range shops {
		for _, sku := range wares {
			want := stock.StoreLevel{SKU: sku, Store: shop, Sellable: r.lies[shop][sku], Reserved: r.reserved(shop, sku)}
			want.Available = max(0, want.Sellable-want.Reserved)
			got := stock.StoreLevel{SKU: sku, Store: shop}
			if i := slices.IndexFunc(levels.Stores, func(l stock.StoreLevel) bool { return l.SKU == sku && l.Store == shop }); i >= 0 {
				got = levels.Stores[i]
			}
			if got != want {
				t.Fatalf("stock has %+v, should be %+v", got, want)
			}
		}
	}
	owed := map[string]retail.Money{} // by kind
	for _, p := range r.cards {
		if got := on(t, r.env, p.id); got.Balance != p.balance || got.Balance < 0 {
			t.Fatalf("on the card %+v, in the model %+v", got, p)
		}
		owed[map[string]string{"gift_card": "gift", till.ReturnVoucher: "return"}[p.tender]] += p.balance
	}
	for _, row := range must(sdktest.Call(r.env, vouchers.Report, vouchers.ReportIn{}))(t).Rows {
		if row.Outstanding != owed[row.Kind] {
			t.Fatalf("%s: %d is owed, on cards is %d", row.Kind, row.Outstanding, owed[row.Kind])
		}
	}
	budget := must(sdktest.Call(r.env, pricing.Budget, pricing.BudgetIn{ID: "ten"}))(t)
	if uses := r.uses(); budget.Spent != r.spent || budget.Uses != uses || budget.Spent < 0 || budget.Spent > theBudget {
		t.Fatalf("%d uses that cost %d, should be %d and %d", budget.Uses, budget.Spent, uses, r.spent)
	}
}

func (r *retailer) reserved(shop retail.StoreID, sku retail.SKU) (q retail.Quantity) {
	for _, a := range r.aside {
		for _, l := range a.Lines {
			if a.Store == shop && l.SKU == sku {
				q += l.Quantity
			}
		}
	}
	return q
}

// uses counts sales that a coupon made cheaper and of whose goods some are still out.
func (r *retailer) uses() (n int64) {
	for _, b := range r.bills {
		if len(b.Applied) > 0 && b.out() {
			n++
		}
	}
	return n
}

// out says whether anything of the sale is with the customer.
func (b *bill) out() bool {
	for _, q := range b.left {
		if q > 0 {
			return true
		}
	}
	return false
}
