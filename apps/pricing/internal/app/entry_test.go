package app

import (
	"slices"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
	"pgregory.net/rapid"
)

// diary is what a careful clerk would write down of one list: for each SKU, in the
// order in which it was said, from when on which price holds (0 is none).
type diary map[retail.SKU][]note

type note struct {
	from   retail.Instant
	amount retail.Money
}

// set notes a price from an instant on. What was said for a later instant stays.
func (d diary) set(sku retail.SKU, from retail.Instant, amount retail.Money) {
	d[sku] = append(slices.DeleteFunc(d[sku], func(n note) bool { return n.from == from }), note{from, amount})
}

// at is the price of a SKU at an instant.
func (d diary) at(sku retail.SKU, at retail.Instant) (amount retail.Money) {
	from := retail.Instant(-1)
	for _, n := range d[sku] {
		if n.from <= at && n.from >= from {
			from, amount = n.from, n.amount
		}
	}
	return amount
}

// Whatever is set, ended, imported, dropped and scheduled in whatever order: as of any
// instant the list has the prices that a diary has.
func TestPricesOverTime(t *testing.T) {
	t.Parallel()
	skus := []retail.SKU{"a", "b", "c"}
	rapid.Check(t, func(rt *rapid.T) {
		env := sdktest.New(t, New())
		env.At("2026-01-01 09:00")
		must(sdktest.Run(env, pricing.PutList, pricing.List{ID: "l", Name: "L", Currency: "EUR"}))(t)
		book, instants := diary{}, []retail.Instant{env.Now()}
		for range rapid.IntRange(1, 40).Draw(rt, "steps") {
			if err := env.Advance(time.Duration(rapid.IntRange(1, 3).Draw(rt, "wait")) * time.Minute); err != nil {
				t.Fatal(err)
			}
			from := env.Now()
			if rapid.Bool().Draw(rt, "later") {
				from += retail.Instant(rapid.IntRange(1, 5).Draw(rt, "by")) * 60_000
			}
			instants = append(instants, env.Now(), from)
			sku := rapid.SampledFrom(skus).Draw(rt, "sku")
			amount := retail.Money(rapid.IntRange(1, 3).Draw(rt, "amount"))
			switch rapid.SampledFrom([]string{"set", "set", "end", "import", "replace", "drop"}).Draw(rt, "what") {
			case "set":
				must(sdktest.Run(env, pricing.PutEntries, pricing.PutEntriesIn{List: "l", From: from, Entries: []pricing.Entry{{SKU: sku, Amount: amount}}}))(t)
				book.set(sku, from, amount)
			case "end":
				must(sdktest.Run(env, pricing.PutEntries, pricing.PutEntriesIn{List: "l", From: from, Remove: []retail.SKU{sku}}))(t)
				if book.at(sku, from) != 0 {
					book.set(sku, from, 0)
				}
			case "import", "replace", "drop":
				bulkStepOf(t, rt, env, book, sku, from, amount, &instants)
			}
		}
		for _, at := range instants {
			checkDiary(t, env, book, skus, at, "")
			checkDiary(t, env, book, skus, at-1, "just before ")
		}
	})
}

// bulkStepOf imports one price, or gives the import up.
func bulkStepOf(t *testing.T, rt *rapid.T, env *sdktest.Env, book diary, sku retail.SKU, from retail.Instant, amount retail.Money, instants *[]retail.Instant) {
	replace := rapid.Bool().Draw(rt, "replace")
	b := must(sdktest.Run(env, pricing.BeginBulk, pricing.BulkIn{List: "l", From: from, Replace: replace}))(t)
	part := pricing.BulkPart{Bulk: b.ID, Entries: []pricing.Entry{{SKU: sku, Amount: amount}}}
	must(sdktest.Run(env, pricing.PutBulk, part))(t)
	if err := env.Advance(time.Minute); err != nil {
		t.Fatal(err)
	}
	if rapid.IntRange(0, 3).Draw(rt, "give up") == 0 {
		must(sdktest.Run(env, pricing.DropBulk, pricing.BulkID{Bulk: b.ID}))(t)
		settle(t, env)
		return
	}
	must(sdktest.Run(env, pricing.ApplyBulk, pricing.ApplyBulkIn{Bulk: b.ID}))(t)
	settle(t, env)
	at := max(from, env.Now())
	*instants = append(*instants, at)
	for other := range book {
		if replace && other != sku && book.at(other, at) != 0 {
			book.set(other, at, 0)
		}
	}
	book.set(sku, at, amount)
}

func settle(t *testing.T, env *sdktest.Env) {
	t.Helper()
	if err := env.Settle(); err != nil {
		t.Fatal(err)
	}
}

func checkDiary(t *testing.T, env *sdktest.Env, book diary, skus []retail.SKU, at retail.Instant, when string) {
	t.Helper()
	out := must(sdktest.Call(env, pricing.Entries, pricing.EntriesIn{List: "l", At: at}))(t)
	for _, sku := range skus {
		var got retail.Money
		for _, e := range out.Entries {
			if e.SKU == sku {
				got = e.Amount
			}
		}
		if want := book.at(sku, at); got != want {
			t.Fatalf("%s%d: %s costs %d, want %d; it is %v", when, at, sku, got, want, book[sku])
		}
	}
}
