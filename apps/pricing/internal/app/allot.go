package app

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/pricing/internal/key"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/code"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// allotments holds the parts of promotions that tills hold. What is left of one is in
// counters as used already: it changes in one transaction with them.
var allotments = sdk.Collection[allotment]{
	Name: "allotments", Key: []string{"id"},
	Indexes: []sdk.Index{
		{Name: "by_promotion", Fields: []string{"promotion", "id"}},
		{Name: "by_till", Fields: []string{"store", "till", "id"}},
	},
}

// allotment is one of them.
type allotment struct {
	ID        string            `json:"id"`
	Promotion string            `json:"promotion"`
	Store     retail.StoreID    `json:"store"`
	Till      string            `json:"till"`
	Is        pricing.Allotment `json:"is"`
	Limits    pricing.Limits    `json:"limits"`             // of the version that ran: by these the counters have moved
	Uses      int64             `json:"uses,omitempty"`     // that the coupon has in all
	Keep      bool              `json:"keep,omitempty"`     // of the coupon's batch: see use
	Customer  retail.CustomerID `json:"customer,omitempty"` // that the coupon belongs to
}

// allotmentEnd gives back what no till has told of in time.
var allotmentEnd = sdk.Timer[endingAllotment]{Name: "allotment_end"}

// endingAllotment names one.
type endingAllotment struct {
	ID string `json:"id"`
}

// The longest time that an allotment is used and told of, and the usual ones.
const (
	allotMinutes = 24 * 60
	graceMinutes = 3 * allotMinutes
	maxAllotment = 30 * allotMinutes
)

func allot(tx *sdk.Tx, in pricing.AllotIn) (out pricing.AllotOut, err error) {
	switch {
	case in.Store == "" || in.Till == "" || len(in.Till) > 32 || strings.Contains(in.Till, "/"):
		return out, sdk.Invalid("/till", "till", "A part of a promotion is for one till of a store.")
	case in.Minutes < 0 || in.Minutes > maxAllotment:
		return out, sdk.Invalid("/minutes", "minutes", "A till uses an allotment for at most 30 days.")
	case in.Grace < 0 || in.Grace > maxAllotment:
		return out, sdk.Invalid("/grace", "grace", "A till tells of an allotment within at most 30 days.")
	case len(in.Parts) == 0 || len(in.Parts) > pricing.MaxAllotted:
		return out, sdk.Invalid("/parts", "parts", "At least one part is allotted, and at most 50.")
	}
	for i := range in.Parts {
		a, err := allotPart(tx, &in, &in.Parts[i])
		if err != nil {
			return pricing.AllotOut{}, inPart(err, pointer("/parts", i))
		}
		out.Parts = append(out.Parts, pricing.Allotted{Allotment: a.Is, Slip: a.slip(tx)})
	}
	return out, nil
}

func inPart(err error, at string) error {
	var e *sdk.Error
	if !errors.As(err, &e) {
		return err
	}
	own := *e
	own.Pointer = at + e.Pointer
	return &own
}

// allotPart takes one part off the counters.
func allotPart(tx *sdk.Tx, in *pricing.AllotIn, part *pricing.AllotPart) (*allotment, error) {
	p, err := allottable(tx, part.Promotion)
	if err != nil {
		return nil, err
	}
	a := allotment{
		ID: tx.NewID(), Promotion: p.ID, Store: in.Store, Till: in.Till, Limits: p.Limits,
		Is: pricing.Allotment{
			Promotion: p.ID, Version: p.Version, Store: in.Store, Till: in.Till, Uses: part.Uses, UsesLeft: part.Uses,
			Amount: part.Amount, AmountLeft: part.Amount, Made: tx.Now(),
		},
	}
	a.Is.ID = a.ID
	a.Is.Until = a.Is.Made + retail.Instant(cmp.Or(in.Minutes, allotMinutes))*aMinute
	a.Is.Ends = a.Is.Until + retail.Instant(cmp.Or(in.Grace, graceMinutes))*aMinute
	if part.Code != "" || len(p.Batches) > 0 && len(p.Codes) == 0 {
		if err := a.ofCoupon(tx, &p, part.Code); err != nil {
			return nil, err
		}
	}
	if err := a.enough(); err != nil {
		return nil, err
	}
	if err := a.takeOff(tx); err != nil {
		return nil, err
	}
	if err := allotmentEnd.Schedule(tx, a.ID, a.Is.Ends, endingAllotment{ID: a.ID}); err != nil {
		return nil, err
	}
	return &a, allotments.Insert(tx, a)
}

// allottable is the version of a promotion that runs and has not ended.
func allottable(tx *sdk.Tx, id string) (pricing.Promotion, error) {
	h, there := promotions.Get(tx, sdk.K(id))
	if !there {
		e := sdk.NotFound("promotion", "There is no such promotion.")
		e.Pointer = "/promotion"
		return pricing.Promotion{}, e
	}
	p, err := versionOf(tx, pricing.GetPromotionIn{ID: id, Version: h.Running})
	if err == nil && (h.running() != pricing.Live || p.Period.To != 0 && p.Period.To <= tx.Now()) {
		e := sdk.FailedPrecondition("not_live", "This promotion is paused, over or was never published.")
		e.Pointer = "/promotion"
		return p, e
	}
	return p, err
}

// ofCoupon makes the uses those of a code of one of the promotion's batches.
func (a *allotment) ofCoupon(tx *sdk.Tx, p *pricing.Promotion, given string) error {
	stands := key.Coupon(code.Fold(given, settings.Get(tx).CodeCase == pricing.CaseExact))
	c, there := coupons.Get(tx, sdk.K(stands))
	b, known := batches.Get(tx, sdk.K(c.Batch))
	if !there || !known || !b.Period.Contains(tx.Now()) || !slices.Contains(p.Batches, c.Batch) {
		e := sdk.NotFound("code", "No coupon of this promotion has this code now.")
		e.Pointer = "/code"
		return e
	}
	a.Is.Coupon, a.Is.Batch, a.Uses, a.Keep, a.Customer = stands, b.ID, usesOf(&b), b.KeepOnVoid, c.Customer
	return nil
}

// enough checks that something is asked for of every limit there is.
func (a *allotment) enough() error {
	uses := a.Limits.Uses > 0 || a.Is.Coupon != ""
	money := a.Limits.Budget > 0 || a.Limits.BudgetPerStore > 0
	switch {
	case a.Is.Uses < 0 || a.Is.Uses > maxUses || (uses || !money) && a.Is.Uses == 0:
		return sdk.Invalid("/uses", "uses", "Say how many uses the till gets.")
	case a.Is.Amount < 0 || a.Is.Amount > maxAllotted || money && a.Is.Amount == 0:
		return sdk.Invalid("/amount", "amount", "Say how much of the budget the till gets.")
	}
	return nil
}

// maxAllotted keeps budgets countable.
const maxAllotted = 1 << 53

// counters are what the allotment has moved: uses of the promotion and its coupon, and
// money.
func (a *allotment) counters(uses int64, amount retail.Money) (all []move) {
	if uses > 0 {
		all = append(all, move{usesCounter, sdk.K(a.Promotion), uses, most(a.Limits.Uses)})
		if a.Is.Coupon != "" {
			all = append(all, move{couponUses, sdk.K(a.Is.Coupon), uses, a.Uses})
		}
	}
	u := use{Limits: a.Limits, Use: pricing.HeldUse{Promotion: a.Promotion, Store: a.Store}}
	return append(all, u.spends(amount)...)
}

// takeOff moves the counters, or says what is left where that does not go.
func (a *allotment) takeOff(tx *sdk.Tx) error {
	for _, m := range a.counters(a.Is.Uses, a.Is.Amount) {
		err := m.counter.Add(tx, m.key, m.by, sdk.NoMin, m.most)
		if sdk.ReasonOf(err) != "bound" {
			if err != nil {
				return err
			}
			continue
		}
		e := sdk.Fail(sdk.CodeExhausted, "budget", "The budget does not have that much left.")
		e.Pointer = "/amount"
		if m.counter == usesCounter || m.counter == couponUses {
			e.Reason, e.Message, e.Pointer = "usage_limit", "There are not so many uses left.", "/uses"
		}
		e.Fields = []sdk.Field{sdk.Int("left", max(0, m.most-m.counter.Get(tx, m.key)))}
		return e
	}
	return a.marked(tx)
}

// marked tells of budgets that have passed a mark.
func (a *allotment) marked(tx *sdk.Tx) error {
	if err := passed(tx, spentCounter, sdk.K(a.Promotion), pricing.BudgetMark{Promotion: a.Promotion, Budget: a.Limits.Budget}); err != nil {
		return err
	}
	return passed(tx, storeSpentCounter, byStore(a.Promotion, a.Store), pricing.BudgetMark{
		Promotion: a.Promotion, Store: a.Store, Budget: a.Limits.BudgetPerStore,
	})
}

// slipMark begins slips. What is signed never changes of an allotment.
const slipMark = "p1."

func (a *allotment) slip(s sdk.Scope) string {
	return slipMark + a.ID + "." + hex(sdk.Sign(s, a.signable()))
}

func (a *allotment) signable() []byte {
	return []byte("pricing allotment 1\n" + a.ID + "\n" + a.Promotion + "\n" + string(a.Store) + "\n" + a.Till)
}

// slipped is the allotment of a slip; false if it is none of ours.
func slipped(tx *sdk.Tx, given string) (allotment, bool) {
	rest, ok := strings.CutPrefix(given, slipMark)
	if !ok {
		return allotment{}, false
	}
	id, signature, _ := strings.Cut(rest, ".")
	mac, ok := parseHex(signature)
	a, there := allotments.Get(tx, sdk.K(id))
	return a, ok && there && sdk.Signed(tx, a.signable(), mac)
}

// give gives back what is left, and ends the allotment.
func (a *allotment) give(tx *sdk.Tx) error {
	if a.Is.Closed != 0 {
		return nil
	}
	if err := moveBack(tx, a.counters(a.Is.UsesLeft, a.Is.AmountLeft)); err != nil {
		return err
	}
	a.Is.Closed = tx.Now()
	return allotments.Put(tx, *a)
}

// endAllotment gives back what was not told in time.
func endAllotment(tx *sdk.Tx, in endingAllotment) error {
	a, there := allotments.Get(tx, sdk.K(in.ID))
	if !there {
		return nil
	}
	return a.give(tx)
}

func settleAllotment(tx *sdk.Tx, in pricing.SettleIn) (pricing.Allotment, error) {
	a, there := allotments.Get(tx, sdk.K(in.Allotment))
	switch {
	case !there:
		e := sdk.NotFound("allotment", "There is no such allotment.")
		e.Pointer = "/allotment"
		return a.Is, e
	case !reachOf(tx).sees([]retail.StoreID{a.Store}):
		return pricing.Allotment{}, otherStore("/allotment")
	}
	if err := a.give(tx); err != nil {
		return a.Is, err
	}
	return a.Is, allotmentEnd.Cancel(tx, a.ID)
}

func listAllotments(v *sdk.View, in pricing.AllotmentsIn) (out pricing.AllotmentsOut, err error) {
	limit, err := pageOf(in.Limit)
	if err != nil {
		return out, err
	}
	if (in.Promotion == "") == (in.Store == "") || in.Till != "" && in.Store == "" {
		return out, sdk.Invalid("/promotion", "promotion", "Allotments are listed by promotion, or by store.")
	}
	scan := sdk.Scan{Index: "by_promotion", Prefix: sdk.K(in.Promotion), Reverse: true, Limit: limit + 1}
	if in.Store != "" {
		scan.Index, scan.Prefix = "by_till", sdk.K(in.Store)
	}
	if in.Till != "" {
		scan.Prefix = sdk.K(in.Store).Text(in.Till)
	}
	if scan.To, err = allotmentsBefore(&in); err != nil {
		return out, err
	}
	reach, seen, last := reachOf(v), 0, ""
	for a := range allotments.Scan(v, scan) {
		if seen == limit {
			out.Cursor = last
			break
		}
		if seen, last = seen+1, a.Till+"/"+a.ID; !reach.sees([]retail.StoreID{a.Store}) || in.Open && a.Is.Closed != 0 {
			continue
		}
		out.Allotments = append(out.Allotments, a.Is)
	}
	return out, nil
}

// allotmentsBefore is where a page begins: a cursor is till/id.
func allotmentsBefore(in *pricing.AllotmentsIn) (sdk.Key, error) {
	if in.Cursor == "" {
		return nil, nil
	}
	id := in.Cursor[strings.LastIndexByte(in.Cursor, '/')+1:]
	switch {
	case len(in.Cursor) > maxCursor || len(id) == len(in.Cursor) || id == "":
		return nil, sdk.Invalid("/cursor", "cursor", "No answer has ended with this cursor.")
	case in.Store != "" && in.Till == "":
		return sdk.K(in.Cursor[:len(in.Cursor)-len(id)-1]).Text(id), nil
	}
	return sdk.K(id), nil
}
