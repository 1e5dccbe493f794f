package app

import (
	"slices"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/apps/till/internal/receipt"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// appliedBack is what promotions took off units of a line, as a line of what undoes
// them has it. It is what was taken off all units that are back by then, less what was
// taken off those that were back before: so it sums to the discount of these units,
// and over all returns to what the sale keeps.
func appliedBack(all []pricing.Applied, u receipt.Units) (back []pricing.Applied) {
	before, after := appliedUpTo(all, u, u.From), appliedUpTo(all, u, u.To)
	for i, a := range all {
		a.Amount = before[i].Amount - after[i].Amount
		a.Funded = slices.Clone(after[i].Funded)
		for n := range a.Funded {
			a.Funded[n].Amount = before[i].Funded[n].Amount - after[i].Funded[n].Amount
		}
		if a.Amount != 0 {
			back = append(back, a)
		}
	}
	return back
}

// appliedUpTo is what promotions took off the first units of a line.
func appliedUpTo(all []pricing.Applied, u receipt.Units, units retail.Quantity) []pricing.Applied {
	u.From, u.To = 0, units
	weights := make([]int64, len(all))
	for i := range all {
		weights[i] = int64(all[i].Amount)
	}
	shares := retail.Allocate(u.ListWorth()-u.Worth(), weights)
	out := slices.Clone(all)
	for i := range out {
		whole := out[i].Amount
		out[i].Amount, out[i].Funded = 0, slices.Clone(out[i].Funded)
		if shares != nil {
			out[i].Amount = shares[i]
		}
		for n := range out[i].Funded {
			f := &out[i].Funded[n]
			f.Amount = fundedPart(f.Amount, out[i].Amount, whole)
		}
	}
	return out
}

// appliedTo adds up what promotions took off lines of what undoes a sale, each once,
// under the name that the sale keeps.
func appliedTo(lines []till.ReceiptLine, sale *till.Receipt) (all []pricing.Applied) {
	for i := range lines {
		for _, a := range lines[i].Applied {
			at := slices.IndexFunc(all, func(o pricing.Applied) bool { return same(&o, &a) })
			if at < 0 {
				a.Funded = slices.Clone(a.Funded)
				all = append(all, a)
				continue
			}
			all[at].Amount += a.Amount
			all[at].Funded = fundedTo(all[at].Funded, a.Funded)
		}
	}
	nameAs(all, sale.Applied)
	return all
}

// fundedBack is what suppliers need not pay of what a return takes back of a discount:
// of all that is back by then, less what they did not pay before. The document of the
// sale is rounded as a whole, and so are those that undo it: in the end they owe nothing.
func fundedBack(a *pricing.Applied, sale *till.Receipt, done *undo) (back []pricing.Funded) {
	of := slices.IndexFunc(sale.Applied, func(o pricing.Applied) bool { return same(&o, a) })
	if of < 0 {
		return a.Funded
	}
	whole := &sale.Applied[of]
	before := takenBack(a, sale, done)
	for _, f := range whole.Funded {
		amount := fundedPart(f.Amount, before, whole.Amount) - fundedPart(f.Amount, before-a.Amount, whole.Amount)
		back = append(back, pricing.Funded{Supplier: f.Supplier, Amount: amount}) // of nothing too: who pays for this discount
	}
	return back
}

// takenBack is what earlier returns have taken back of a discount.
func takenBack(a *pricing.Applied, sale *till.Receipt, done *undo) (sum retail.Money) {
	for i := range sale.Lines {
		l := &sale.Lines[i]
		back := done.returned(l.ID)
		for _, o := range appliedUpTo(l.Applied, unitsOf(l, 0, back), back) {
			if same(&o, a) {
				sum += o.Amount
			}
		}
	}
	for _, h := range done.Held {
		if h.Promotion == a.Promotion && h.Version == a.Version {
			sum += h.Amount
		}
	}
	return sum
}

// fundedPart is what a supplier pays of a part of a discount.
func fundedPart(paid, part, whole retail.Money) retail.Money {
	amount, err := retail.MulDiv(int64(paid), int64(part), int64(whole))
	if err != nil {
		return 0 // a promotion that took nothing off has nobody who pays
	}
	return retail.Money(amount)
}

// same says whether two discounts are of one origin.
func same(a, b *pricing.Applied) bool {
	return a.Promotion == b.Promotion && a.Version == b.Version && a.Filler == b.Filler && a.Reason == b.Reason && a.Code == b.Code
}

// nameAs gives promotions the names that a sale keeps of them.
func nameAs(all, kept []pricing.Applied) {
	for i := range all {
		for _, k := range kept {
			if k.Promotion == all[i].Promotion && k.Version == all[i].Version && k.Promotion != "" {
				all[i].Name = k.Name
			}
		}
	}
}

func fundedTo(all, more []pricing.Funded) []pricing.Funded {
	for _, f := range more {
		if at := slices.IndexFunc(all, func(o pricing.Funded) bool { return o.Supplier == f.Supplier }); at >= 0 {
			all[at].Amount += f.Amount
		} else {
			all = append(all, f)
		}
	}
	return all
}

// past is a document as pricing keeps it for back-tests and reports.
func past(r *till.Receipt) pricing.Sale {
	s := pricing.Sale{
		Document: r.ID, Returns: r.Original, At: r.At, Store: r.Store, Channel: r.Channel, Customer: r.Customer,
		Total: r.Total, Applied: r.Applied,
	}
	for i := range r.Lines {
		l := &r.Lines[i]
		s.Lines = append(s.Lines, pricing.SaleLine{
			SKU: l.SKU, Quantity: l.Quantity, UnitPrice: l.UnitPrice, Per: l.Per, Manual: l.OverrideReason != "", Total: l.Total,
		})
	}
	return s
}

// record tells pricing of a return: budgets get back what was taken off its goods
// and, with the last of them, promotions and coupons their uses.
func record(tx *sdk.Tx, r *till.Receipt, last bool) error {
	s := past(r)
	s.Last = last
	_, err := pricing.RecordSales.Call(tx, pricing.RecordIn{Sales: []pricing.Sale{s}})
	return err
}

// release gives back what a sale that is void has used. Of one that was closed before
// pricing held anything there is nothing.
func release(tx *sdk.Tx, sale *till.Receipt) error {
	_, err := pricing.Release.Call(tx, pricing.HoldID{ID: sale.ID})
	if sdk.CodeOf(err) == sdk.CodeNotFound {
		return nil
	}
	return err
}

// What one call of pricing takes of imported documents; the lines keep it within the
// megabyte of an input.
const (
	maxRecorded      = 100
	maxRecordedLines = 5_000
)

// recordAll tells pricing of documents that were imported.
func recordAll(tx *sdk.Tx, all []pricing.Sale) error {
	for len(all) > 0 {
		n, lines := 0, 0
		for n < len(all) && n < maxRecorded && (n == 0 || lines+len(all[n].Lines) <= maxRecordedLines) {
			lines += len(all[n].Lines)
			n++
		}
		if _, err := pricing.RecordSales.Call(tx, pricing.RecordIn{Sales: all[:n]}); err != nil {
			return err
		}
		all = all[n:]
	}
	return nil
}
