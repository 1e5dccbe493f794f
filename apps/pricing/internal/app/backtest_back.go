package app

import (
	"slices"
	"strings"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/pricing/internal/backtest"
	"github.com/bottega-retail/bottega/apps/pricing/internal/price"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// returned is what came back of a receipt until now.
type returned struct {
	void     bool
	refunded retail.Money
	applied  []pricing.Applied // what promotions had taken off it, below zero
	goods    []goodsBack       // all goods of the receipt, in the order of its lines
}

// goodsBack is equal goods at one price: which of its lines they came back from nobody
// knows, nor does it matter.
type goodsBack struct {
	lines    []int // of the receipt
	line     price.Line
	quantity retail.Quantity // that was sold
	back     retail.Quantity // of it
}

// cameBack reads what came back of a receipt, once.
func (p *replay) cameBack(r sdk.Reader, k *receipt) *returned {
	if k.back != nil {
		return k.back
	}
	k.back = &returned{goods: equalGoods(k.lines)}
	for d := range sales.Scan(r, sdk.Scan{Index: "returns", Prefix: sdk.K(k.sale.Document)}) {
		k.back.void = k.back.void || strings.HasSuffix(d.Document, voidSuffix)
		k.back.refunded -= d.Sale.Total
		k.back.applied = append(k.back.applied, d.Sale.Applied...)
		for i := range d.Sale.Lines {
			k.back.take(&d.Sale.Lines[i])
		}
	}
	return k.back
}

func equalGoods(lines []price.Line) (all []goodsBack) {
	for i := range lines {
		l := &lines[i]
		at := slices.IndexFunc(all, func(g goodsBack) bool {
			return g.line.SKU == l.SKU && g.line.Unit == l.Unit && g.line.Per == l.Per
		})
		if at < 0 {
			at, all = len(all), append(all, goodsBack{line: *l})
		}
		all[at].lines, all[at].quantity = append(all[at].lines, i), all[at].quantity+l.Quantity
	}
	return all
}

// take takes a line of a return out of goods at its price, and what is left of it out
// of others of its SKU. More than was sold does not come back.
func (b *returned) take(l *pricing.SaleLine) {
	left := -l.Quantity
	for _, same := range []bool{true, false} {
		for i := range b.goods {
			g := &b.goods[i]
			if g.line.SKU != l.SKU || same && g.line.Unit != l.UnitPrice || left <= 0 {
				continue
			}
			n := min(left, g.quantity-g.back)
			g.back, left = g.back+n, left-n
		}
	}
}

// of is the part of an amount that belongs to what came back: by quantity, half a cent
// away from zero.
func (g *goodsBack) of(amount retail.Money) retail.Money {
	part, err := retail.MulDiv(int64(amount), int64(g.back), int64(g.quantity))
	if err != nil {
		return 0 // nothing was sold
	}
	return retail.Money(part)
}

// side is a result as sums want it, without what came back.
func (k *receipt) side(r *price.Result, funding func(string) []pricing.Funder) backtest.Side {
	s := backtest.Side{Discount: r.Discount}
	applied := slices.Clone(r.Applied)
	for i := range k.back.goods {
		if g := &k.back.goods[i]; g.back > 0 {
			s.Discount -= g.withdraw(r, applied)
		}
	}
	for _, a := range appliedOf(applied, funding) {
		part := backtest.Part{Promotion: a.Promotion, Amount: a.Amount}
		for _, f := range a.Funded {
			part.Funded = append(part.Funded, backtest.Share{Name: f.Supplier, Amount: f.Amount})
		}
		s.Parts = append(s.Parts, part)
	}
	return s
}

// withdraw takes out of what was taken off a receipt what was taken off goods that came
// back, and answers how much that is.
func (g *goodsBack) withdraw(r *price.Result, from []price.Applied) (sum retail.Money) {
	for i := range from {
		var amount retail.Money
		for _, line := range g.lines {
			for _, a := range r.Lines[line].Applied {
				if a.Promotion == from[i].Promotion && a.Version == from[i].Version && a.Code == from[i].Code {
					amount += a.Amount
				}
			}
		}
		part := g.of(amount)
		from[i].Amount, sum = from[i].Amount-part, sum+part
	}
	return sum
}

// margin is what is left of the goods that did not come back, without VAT and what
// they cost; not known if one of them has no cost.
func (p *replay) margin(k *receipt, r *price.Result) (retail.Money, bool) {
	m := margin{goods: p.past.goods}
	for i := range k.back.goods {
		g := &k.back.goods[i]
		var total retail.Money
		for _, line := range g.lines {
			total += r.Lines[line].Total
		}
		if !m.add(&g.line, g.quantity-g.back, total-g.of(total)) {
			return 0, false
		}
	}
	for i := range r.Added {
		if a := &r.Added[i]; !m.add(&a.Line, a.Line.Quantity, a.Total) {
			return 0, false
		}
	}
	return untaxed(m.rates, k.place.Net) - m.cost, true
}

// margin adds goods up.
type margin struct {
	goods map[retail.SKU]good
	rates []retail.VATShare
	cost  retail.Money
}

// add adds goods for a total; false if nobody knows what they cost.
func (m *margin) add(l *price.Line, quantity retail.Quantity, total retail.Money) bool {
	if l.Stored || quantity == 0 {
		return true
	}
	each := m.goods[l.SKU].cost
	if each == nil {
		return false
	}
	of, err := each.Times(quantity, l.Per)
	m.cost += of
	at := slices.IndexFunc(m.rates, func(s retail.VATShare) bool { return s.Rate == l.VAT })
	if at < 0 {
		at, m.rates = len(m.rates), append(m.rates, retail.VATShare{Rate: l.VAT})
	}
	m.rates[at].Gross += total
	return err == nil
}
