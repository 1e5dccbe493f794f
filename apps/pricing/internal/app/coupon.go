package app

import (
	"cmp"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/pricing/internal/key"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/code"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// batches holds the batches of coupons as the retailer put them. What is counted of
// them is in counters, or drawing codes would be in the way of selling.
var batches = sdk.Collection[pricing.Batch]{Name: "batches", Key: []string{"id"}}

// coupons holds the codes of all batches, by what stands for them.
var coupons = sdk.Collection[coupon]{Name: "coupons", Key: []string{"key"}, Subject: "customer"}

// coupon is a code that was drawn or imported.
type coupon struct {
	Key      string            `json:"key"` // code.Key of it
	Batch    string            `json:"batch"`
	Customer retail.CustomerID `json:"customer,omitempty"` // that it belongs to
	Made     retail.Instant    `json:"made"`
}

// What is counted of coupons. Adding does not conflict: of a batch that everybody
// uses, many sales are closed at once.
var (
	couponsMade     = sdk.Counter{Name: "coupons_made"}     // by batch
	couponsImported = sdk.Counter{Name: "coupons_imported"} // of these
	couponsRedeemed = sdk.Counter{Name: "coupons_redeemed"} // uses, by batch
	couponUses      = sdk.Counter{Name: "coupon_uses"}      // by key of the code
)

// maxUses keeps uses countable.
const maxUses = 1_000_000_000

func putBatch(tx *sdk.Tx, in pricing.Batch) (pricing.Batch, error) {
	if err := named(in.ID, in.Name); err != nil {
		return in, err
	}
	switch {
	case in.Kind != "" && in.Kind != pricing.Single && in.Kind != pricing.Personal:
		return in, sdk.Invalid("/kind", "kind", "A batch is single or personal.")
	case in.Uses < 0 || in.Uses > maxUses:
		return in, sdk.Invalid("/uses", "uses", "A code has 1 to 1,000,000,000 uses.")
	case in.Period.To != 0 && in.Period.To <= in.Period.From:
		return in, sdk.Invalid("/period", "period", "A period ends after it begins.")
	}
	old, there := batches.Get(tx, sdk.K(in.ID))
	if there && kindOf(&old) != kindOf(&in) {
		return in, sdk.Invalid("/kind", "kind", "The kind of a batch stays: its codes were made for it.")
	}
	in.Changed, in.Drawn, in.Imported, in.Redeemed = tx.Now(), 0, 0, 0
	return in, batches.Put(tx, in)
}

func kindOf(b *pricing.Batch) pricing.BatchKind { return cmp.Or(b.Kind, pricing.Single) }

// usesOf is how often each code of a batch may be used.
func usesOf(b *pricing.Batch) int64 { return cmp.Or(b.Uses, 1) }

func listBatches(v *sdk.View, in pricing.BatchesIn) (out pricing.BatchesOut, err error) {
	limit, err := pageOf(in.Limit)
	if err != nil {
		return out, err
	}
	for b := range batches.Scan(v, sdk.Scan{From: after(in.Cursor), Limit: limit + 1}) {
		if len(out.Batches) == limit {
			out.Cursor = out.Batches[limit-1].ID
			break
		}
		key := sdk.K(b.ID)
		b.Drawn, b.Imported, b.Redeemed = couponsMade.Get(v, key), couponsImported.Get(v, key), couponsRedeemed.Get(v, key)
		out.Batches = append(out.Batches, b)
	}
	return out, nil
}

func draw(tx *sdk.Tx, in pricing.DrawIn) (out pricing.DrawOut, err error) {
	b, ok := batches.Get(tx, sdk.K(in.Batch))
	if !ok {
		return out, noBatch()
	}
	count := int(in.Count)
	if count == 0 {
		count = len(in.Customers)
	}
	switch {
	case (in.Count != 0) == (len(in.Customers) > 0) || in.Count < 0:
		return out, sdk.Invalid("/count", "count", "Codes are drawn either by number or for customers.")
	case in.Count > pricing.MaxDraw || len(in.Customers) > pricing.MaxDraw:
		return out, tooMany()
	case (kindOf(&b) == pricing.Personal) != (len(in.Customers) > 0):
		return out, sdk.Invalid("/customers", "customers", "Personal codes are drawn for customers, others by number.")
	}
	for i, c := range in.Customers {
		if c == "" {
			return out, sdk.Invalid(pointer("/customers", i), "customers", "A customer has an id.")
		}
	}
	if out.Codes, err = drawInto(tx, b.ID, in.Customers, count); err != nil {
		return pricing.DrawOut{}, err
	}
	return out, couponsMade.Add(tx, sdk.K(b.ID), int64(count), sdk.NoMin, sdk.NoMax)
}

// drawInto makes new codes of the host's randomness and keeps their hashes.
func drawInto(tx *sdk.Tx, batch string, customers []retail.CustomerID, count int) ([]string, error) {
	codes := make([]string, 0, count)
	var random []byte
	for len(codes) < count {
		var drawn string
		if drawn, random = code.Draw(random); drawn == "" {
			random = tx.Random(min(4096, 20*(count-len(codes))))
			continue
		}
		c := coupon{Key: key.Coupon(drawn), Batch: batch, Made: tx.Now()}
		if len(customers) > 0 {
			c.Customer = customers[len(codes)]
		}
		if err := coupons.Insert(tx, c); sdk.ReasonOf(err) == "exists" {
			continue // somebody imported it, or the dice fell twice the same
		} else if err != nil {
			return nil, err
		}
		codes = append(codes, code.Print(drawn))
	}
	return codes, nil
}

func importCodes(tx *sdk.Tx, in pricing.ImportIn) (out pricing.ImportOut, err error) {
	b, ok := batches.Get(tx, sdk.K(in.Batch))
	if !ok {
		return out, noBatch()
	}
	if len(in.Codes) == 0 {
		return out, sdk.Invalid("/codes", "count", "There are no codes.")
	}
	if len(in.Codes) > pricing.MaxDraw {
		return out, tooMany()
	}
	exact := settings.Get(tx).CodeCase == pricing.CaseExact
	for i, c := range in.Codes {
		folded := code.Fold(c.Code, exact)
		switch {
		case len(folded) < code.MinLength || len(folded) > code.MaxLength:
			return out, sdk.Invalid(pointer("/codes", i)+"/code", "code", "A code has 4 to 128 characters.")
		case (kindOf(&b) == pricing.Personal) != (c.Customer != ""):
			return out, sdk.Invalid(pointer("/codes", i)+"/customer", "customers", "Personal codes belong to customers, others to nobody.")
		}
		added, err := takeOver(tx, &out, coupon{Key: key.Coupon(folded), Batch: b.ID, Customer: c.Customer, Made: tx.Now()})
		if err != nil {
			return out, err
		}
		if added && len(folded) < code.Guessable {
			out.Weak++
		}
	}
	if err = couponsMade.Add(tx, sdk.K(b.ID), out.Added, sdk.NoMin, sdk.NoMax); err != nil {
		return out, err
	}
	return out, couponsImported.Add(tx, sdk.K(b.ID), out.Added, sdk.NoMin, sdk.NoMax)
}

// takeOver keeps a code that others have made, unless it is there.
func takeOver(tx *sdk.Tx, out *pricing.ImportOut, c coupon) (added bool, err error) {
	err = coupons.Insert(tx, c)
	if sdk.ReasonOf(err) != "exists" {
		out.Added++
		return true, err
	}
	if old, _ := coupons.Get(tx, sdk.K(c.Key)); old.Batch == c.Batch {
		out.Present++
	} else {
		out.Taken++
	}
	return false, nil
}

func noBatch() error {
	e := sdk.NotFound("batch", "There is no such batch.")
	e.Pointer = "/batch"
	return e
}

func tooMany() error { return sdk.Fail(sdk.CodeTooLarge, "count", "At most 500 codes at once.") }
