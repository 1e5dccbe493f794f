package app

import (
	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/pricing/internal/price"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// recompute prices goods that are kept as the promotions of their sale would have.
func recompute(v *sdk.View, in pricing.RecomputeIn) (out pricing.RecomputeOut, err error) {
	if err = checkRecompute(&in); err != nil {
		return out, err
	}
	rules := settings.Get(v)
	p := rework{in: &in, policy: policyOf(&rules)}
	if p.policy.Order != price.ByPriority {
		p.policy.Order = price.BySubmission // as they worked at the sale
	}
	p.load(v)
	if err = p.prove(); err != nil {
		return out, err
	}
	if out.Promotions, err = p.kept(-1); err != nil || !in.Each {
		return out, err
	}
	for i := range in.Lines {
		if in.Lines[i].Kept == 0 {
			continue
		}
		every := pricing.RecomputedEvery{Line: in.Lines[i].ID}
		if every.Promotions, err = p.kept(i); err != nil {
			return out, err
		}
		out.Each = append(out.Each, every)
	}
	return out, nil
}

func checkRecompute(in *pricing.RecomputeIn) error {
	switch {
	case len(in.Lines) == 0:
		return sdk.Invalid("/lines", "lines", "A document has at least one line.")
	case len(in.Lines) > 2*pricing.MaxLines:
		return sdk.Fail(sdk.CodeTooLarge, "lines", "A document has at most 800 lines.")
	}
	for i := range in.Lines {
		l, at := &in.Lines[i], pointer("/lines", i)
		switch {
		case l.Quantity <= 0 || l.Quantity > maxQuantity || l.Kept < 0 || l.Kept > l.Quantity || l.Per <= 0:
			return sdk.Invalid(at+"/kept", "lines", "Of a line with units at most all are kept.")
		case len(l.Stays) != len(l.Applied):
			return sdk.Invalid(at+"/stays", "lines", "What stays is said of each promotion that was applied.")
		}
	}
	return nil
}

// rework is a document of a sale that is priced again.
type rework struct {
	in     *pricing.RecomputeIn
	policy price.Policy
	all    []reworked      // per Applied
	costs  []*retail.Money // per line; nil unless a rule asks for them
}

// reworked is one of the promotions of the document.
type reworked struct {
	*pricing.Applied
	rule   price.Rule              // of its version; empty if that is not known
	named  bool                    // its policy is recompute
	again  bool                    // it is worked out again
	reason pricing.RecomputeReason // why it is not although it should
}

// load finds the versions of the document's promotions.
func (p *rework) load(r sdk.Reader) {
	floors := false
	p.all = make([]reworked, len(p.in.Applied))
	for n := range p.all {
		a := &p.in.Applied[n]
		is := reworked{Applied: a, named: a.Refund == pricing.Recompute}
		old, there := version{}, false
		if a.Promotion != "" {
			old, there = versions.Get(r, sdk.K(a.Promotion).Int(a.Version))
		}
		switch {
		case there:
			is.rule = ruleOf(&old.Promotion)
			is.again = is.named
		case is.named:
			is.reason = pricing.RecomputeGone
		}
		floors = floors || is.again && is.rule.Floor != nil
		p.all[n] = is
	}
	if floors {
		skus := make([]retail.SKU, len(p.in.Lines))
		for i := range skus {
			skus[i] = p.in.Lines[i].SKU
		}
		p.costs = costs(r, skus)
	}
}

// prove works promotions out for all goods of the document. One that does not come to
// what the document says is not worked out again: nothing is withheld that rests on
// another calculation than the one that the customer was told.
func (p *rework) prove() error {
	for more := true; more; {
		got, err := p.run(whole)
		if err != nil {
			return err
		}
		more = false
		for n := range p.all {
			if a := &p.all[n]; a.again && got[n] != a.Amount {
				a.again, a.reason, more = false, pricing.RecomputeDiffers, true
			}
		}
	}
	return nil
}

// kept is what promotions give for the goods that are kept without those of one line,
// below zero for none.
func (p *rework) kept(without int) ([]pricing.Recomputed, error) {
	part := func(i int) (retail.Quantity, []retail.Money) {
		l := &p.in.Lines[i]
		if i == without {
			return 0, nil
		}
		return l.Kept, l.Stays
	}
	got, err := p.run(part)
	if err != nil {
		return nil, err
	}
	shares := p.shares(part)
	var out []pricing.Recomputed
	for n := range p.all {
		a := &p.all[n]
		if !a.named {
			continue
		}
		is := pricing.Recomputed{Promotion: a.Promotion, Version: a.Version, Share: shares[n], Earned: got[n], Reason: a.reason}
		if !a.again {
			is.Earned = is.Share
		}
		out = append(out, is)
	}
	return out, nil
}

// part is how many units of a line are priced, and what each of the line's Applied took
// off these. A nil func is all of them.
type part func(line int) (retail.Quantity, []retail.Money)

// whole is the whole document.
var whole part

// of is a part of one line.
func (p *rework) of(which part, i int) (retail.Quantity, []retail.Money) {
	if which != nil {
		return which(i)
	}
	l := &p.in.Lines[i]
	all := make([]retail.Money, len(l.Applied))
	for k := range all {
		all[k] = l.Applied[k].Amount
	}
	return l.Quantity, all
}

// shares is what each promotion took off a part of the goods, by the document.
func (p *rework) shares(which part) []retail.Money {
	sums := make([]retail.Money, len(p.all))
	for i := range p.in.Lines {
		units, stays := p.of(which, i)
		for k := 0; units > 0 && k < len(stays); k++ {
			if n := p.find(&p.in.Lines[i].Applied[k]); n >= 0 {
				sums[n] += stays[k]
			}
		}
	}
	return sums
}

// find is the place of what a line's discount is a part of, below zero if the document
// does not name it.
func (p *rework) find(a *pricing.Applied) int {
	for n := range p.all {
		o := p.all[n].Applied
		if o.Promotion == a.Promotion && o.Version == a.Version && o.Filler == a.Filler && o.Reason == a.Reason && o.Code == a.Code {
			return n
		}
	}
	return -1
}

// run prices a part of the goods and says what each promotion takes off.
func (p *rework) run(which part) ([]retail.Money, error) {
	got := make([]retail.Money, len(p.all))
	goods := p.goods(which)
	if len(goods.lines) == 0 {
		return got, nil
	}
	engine, err := price.New(p.policy, price.Place{}, goods.lines, nil)
	if err != nil {
		return nil, tooMuch(err)
	}
	engine.Shelf(goods.shelf)
	engine.Promote(p.candidates(goods.held))
	result := engine.Result()
	for n := range p.all {
		a := &p.all[n]
		if !a.again {
			continue
		}
		for _, o := range result.Applied {
			if o.Promotion == a.Promotion {
				got[n] += o.Amount
			}
		}
		for i := range result.Added {
			if g := &result.Added[i]; g.Promotion == a.Promotion {
				got[n] -= notThere(g, goods.gifts[gift{n, g.SKU}])
			}
		}
	}
	return got, nil
}

// notThere is what a promotion takes off goods that it would add, of those that the
// customer does not have: who brings a gift back is not given another.
func notThere(g *price.Given, there retail.Quantity) retail.Money {
	return retail.Portion(g.Discount, g.Quantity, min(there, g.Quantity), g.Quantity)
}

// stored says whether no promotion speaks of goods.
func stored(l *pricing.RecomputeLine) bool { return l.Goods.Kind == catalog.GiftCard }
