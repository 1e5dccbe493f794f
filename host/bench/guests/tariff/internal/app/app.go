// Package app answers the operations of tariff. It knows nothing but the SDK.
package app

import (
	"strings"

	"github.com/bottega-retail/bottega/host/bench/guests/tariff"
	"github.com/bottega-retail/bottega/sdk"
)

// New is the app.
func New() *sdk.App {
	return sdk.NewApp("tariff", rules, indexes,
		tariff.Fill.Handle(fill), tariff.Change.Handle(change), tariff.Best.Handle(best), tariff.Empty.Handle(empty))
}

var rules = sdk.Collection[rule]{Name: "rules", Key: []string{"id"}}

type rule struct {
	ID      int64  `json:"id"`
	Subject int64  `json:"subject"`
	Percent int64  `json:"percent"`
	From    int64  `json:"from"`
	Until   int64  `json:"until"`
	Text    string `json:"text"`
}

// indexes are the derived value.
var indexes = &sdk.Derived[index]{Name: "by_subject", Build: build, Apply: apply}

// index holds all rules, and those about a subject with the best first.
type index struct {
	byID      map[int64]*rule
	bySubject map[int64][]*rule
}

func build(v *sdk.View) (index, error) {
	x := index{map[int64]*rule{}, map[int64][]*rule{}}
	for r := range rules.Scan(v, sdk.Scan{}) {
		x.add(&r)
	}
	return x, nil
}

// apply brings the index up to one rule.
func apply(v *sdk.View, x index, c sdk.Change) (index, error) {
	id, _ := c.Key.IntAt(0)
	x.remove(id)
	if r, ok := rules.Get(v, c.Key); ok {
		x.add(&r)
	}
	return x, nil
}

// add puts a rule where it belongs: behind all that are better or as good and
// have a lower id, so that building anew comes to the same.
func (x index) add(r *rule) {
	all := append(x.bySubject[r.Subject], r)
	at := len(all) - 1
	for ; at > 0 && r.before(all[at-1]); at-- {
		all[at] = all[at-1]
	}
	all[at] = r
	x.byID[r.ID], x.bySubject[r.Subject] = r, all
}

func (r *rule) before(o *rule) bool {
	return r.Percent > o.Percent || r.Percent == o.Percent && r.ID < o.ID
}

func (x index) remove(id int64) {
	old := x.byID[id]
	if old == nil {
		return
	}
	delete(x.byID, id)
	all := x.bySubject[old.Subject]
	for i, r := range all {
		if r == old {
			x.bySubject[old.Subject] = append(all[:i], all[i+1:]...)
		}
	}
}

func fill(tx *sdk.Tx, in tariff.FillIn) (sdk.None, error) {
	text := strings.Repeat("x", int(in.Text))
	for id := in.First; id < in.First+in.Count; id++ {
		r := rule{ID: id, Subject: id / tariff.PerSubject, Percent: id % 50, Until: 1 << 50, Text: text}
		if err := rules.Put(tx, r); err != nil {
			return sdk.None{}, err
		}
	}
	return sdk.None{}, nil
}

func change(tx *sdk.Tx, in tariff.ChangeIn) (sdk.None, error) {
	key := sdk.KInt(in.ID)
	r, ok := rules.Get(tx, key)
	if !ok {
		return sdk.None{}, sdk.NotFound("rule", "There is no such rule.")
	}
	r.Percent = in.Percent
	if err := rules.Put(tx, r); err != nil {
		return sdk.None{}, err
	}
	if in.All {
		return sdk.None{}, sdk.Publish(tx)
	}
	return sdk.None{}, sdk.Publish(tx, rules.Changed(key))
}

func best(v *sdk.View, in tariff.Subjects) (tariff.Percents, error) {
	x := indexes.Get(v)
	now := int64(v.Now())
	out := tariff.Percents{Percents: make([]int64, len(in.Subjects))}
	for i, s := range in.Subjects {
		for _, r := range x.bySubject[s] {
			if r.From <= now && now < r.Until {
				out.Percents[i] = r.Percent
				break
			}
		}
	}
	return out, nil
}

func empty(*sdk.View, sdk.None) (sdk.None, error) { return sdk.None{}, nil }
