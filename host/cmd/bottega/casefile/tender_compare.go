package casefile

import (
	"fmt"
	"slices"
)

// wantPaid is what a case of kind tender expects.
type wantPaid struct {
	d                                  *diffs
	used                               []wantUsed
	listed                             bool
	remaining, total, discount, paying *int64
	failure                            string
}

type wantUsed struct {
	id            string
	amount, after *int64
}

// wanted reads what is expected.
func (c *Case) wanted(err *error) *wantPaid {
	o := objectOf("expected", c.Expected, "", err)
	w := &wantPaid{
		d: &diffs{derived: o.texts("derived")}, remaining: o.money("remaining", "due", "amount_due"), total: o.money("total"),
		discount: o.money("discount", "discount_total"), paying: o.money("paid", "used_total", "paid_by_tenders"), failure: o.text("error", "refused"),
	}
	_, w.listed = o.fields["used"]
	for _, u := range o.objects("id", "used") {
		w.used = append(w.used, wantUsed{u.text("id"), u.money("amount", "used"), u.money("balance_after", "balance", "left")})
		u.done("type", "currency")
	}
	if w.failure == "false" || w.failure == "none" {
		w.failure = ""
	}
	o.done("applied", "rejected")
	return w
}

// compare says where the answer differs. Where nothing may remain and something does, it
// is as well that nothing was taken.
func (w *wantPaid) compare(q *Tenders, a *Paid, discount int64) []string {
	failure := a.Error
	for _, r := range a.Refused {
		if r.Reason != "balance" || w.failure != "" {
			failure = r.Reason
		}
	}
	if w.failure != "" {
		w.d.refusedAs(w.failure, failure)
	}
	untouched := w.failure != "" && a.Error != "" && !slices.ContainsFunc(w.used, func(u wantUsed) bool { return u.amount != nil && *u.amount > 0 })
	w.d.number("total", w.total, q.Total, "total")
	w.d.number("discount", w.discount, discount, "discount")
	if untouched {
		return w.d.all
	}
	w.d.number("remaining", w.remaining, a.Remaining, "remaining")
	var sum int64
	for _, u := range a.Used {
		sum += u.Amount
		if w.listed && !slices.ContainsFunc(w.used, func(want wantUsed) bool { return want.id == u.ID }) {
			w.d.want("tender "+u.ID, "not used", fmt.Sprint(u.Amount), "used", u.ID)
		}
	}
	w.d.number("paid", w.paying, sum, "paid")
	for _, want := range w.used {
		amount, after := a.of(q, want.id)
		w.d.number("tender "+want.id+" amount", want.amount, amount, "used", want.id, "amount")
		w.d.number("tender "+want.id+" balance after", want.after, after, "used", want.id, "balance_after")
	}
	return w.d.all
}

// of is what a tender pays and what is left on it.
func (a *Paid) of(q *Tenders, id string) (amount, after int64) {
	for _, t := range q.Tenders {
		if t.ID == id {
			after = t.Balance
		}
	}
	for _, u := range a.Used {
		if u.ID == id {
			return u.Amount, u.Left
		}
	}
	return 0, after
}
