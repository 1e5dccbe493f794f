package app

import (
	"fmt"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// many is how many prices the large import has.
func many() int {
	if os.Getenv("BOTTEGA_LONG") != "" {
		return 1_000_000
	}
	return 20_000
}

// An import of many prices: nobody sees one of them before all are there, and then
// all at one instant; its dry run says what will change.
func TestLargeImport(t *testing.T) {
	t.Parallel()
	env, n := sdktest.New(t, New()), many()
	env.At("2026-01-01 09:00")
	must(sdktest.Run(env, pricing.PutList, pricing.List{ID: "l", Name: "L", Currency: "EUR"}))(t)
	begun := time.Now()
	first := importAll(t, env, pricing.BulkIn{List: "l", Replace: true}, n, 1000)
	sees(t, env, n, 0)
	must(sdktest.Run(env, pricing.ApplyBulk, pricing.ApplyBulkIn{Bulk: first.ID, DryRun: true}))(t)
	settle(t, env)
	if b := importOf(t, env, first.ID); b.State != pricing.BulkCompared || b.Changed != int64(n) || b.Done != int64(n) || b.Entries != int64(n) {
		t.Fatalf("%+v", b)
	}
	sees(t, env, n, 0)
	apply(t, env, first.ID)
	sees(t, env, n, 1000)
	told := 0
	for _, e := range sdktest.Emitted(env, pricing.PricesChanged) {
		told += len(e.Entries)
	}
	if told != n {
		t.Errorf("%d prices were told of, want %d", told, n)
	}

	rest := importAll(t, env, pricing.BulkIn{List: "l", Replace: true}, n/2, 1000)
	must(sdktest.Run(env, pricing.ApplyBulk, pricing.ApplyBulkIn{Bulk: rest.ID, DryRun: true}))(t)
	settle(t, env)
	if b := importOf(t, env, rest.ID); b.Changed != 0 || b.Unchanged != int64(n/2) || b.Removed != int64(n-n/2) {
		t.Fatalf("%+v", b)
	}
	sees(t, env, n, 1000)
	apply(t, env, rest.ID)
	sees(t, env, n/2, 1000)

	dearer := must(sdktest.Run(env, pricing.BeginBulk, pricing.BulkIn{List: "l", Change: &pricing.Formula{Percent: 1000, Step: 100, Ending: 99}}))(t)
	apply(t, env, dearer.ID)
	sees(t, env, n/2, 1099)
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	t.Logf("%d prices imported, looked at, applied, half of them ended, the others raised: %v, heap of the whole test %d MB", n, time.Since(begun).Round(time.Millisecond), m.HeapSys>>20)
}

func importAll(t *testing.T, env *sdktest.Env, in pricing.BulkIn, n int, amount retail.Money) pricing.Bulk {
	t.Helper()
	b := must(sdktest.Run(env, pricing.BeginBulk, in))(t)
	for at := 0; at < n; at += pricing.MaxEntries {
		part := pricing.BulkPart{Bulk: b.ID, Part: int64(at / pricing.MaxEntries)}
		for i := at; i < min(n, at+pricing.MaxEntries); i++ {
			part.Entries = append(part.Entries, pricing.Entry{SKU: skuOf(i), Amount: amount})
		}
		b = must(sdktest.Run(env, pricing.PutBulk, part))(t)
	}
	return b
}

func skuOf(i int) retail.SKU { return retail.SKU(fmt.Sprintf("%07d", i)) }

func apply(t *testing.T, env *sdktest.Env, id string) {
	t.Helper()
	must(sdktest.Run(env, pricing.ApplyBulk, pricing.ApplyBulkIn{Bulk: id}))(t)
	settle(t, env)
	if b := importOf(t, env, id); b.State != pricing.BulkApplied {
		t.Fatalf("%+v", b)
	}
}

func importOf(t *testing.T, env *sdktest.Env, id string) pricing.Bulk {
	t.Helper()
	return must(sdktest.Call(env, pricing.GetBulk, pricing.BulkID{Bulk: id}))(t)
}

// sees fails unless the list has so many prices, the first and the last of them as
// said; 0 is that there are none.
func sees(t *testing.T, env *sdktest.Env, n int, amount retail.Money) {
	t.Helper()
	for _, i := range []int{0, n / 3, n - 1, n} {
		in := pricing.EntriesIn{List: "l", Limit: 1}
		if i > 0 {
			in.Cursor = string(skuOf(i - 1))
		}
		out := must(sdktest.Call(env, pricing.Entries, in))(t)
		there := len(out.Entries) == 1 && out.Entries[0].SKU == skuOf(i)
		if want := amount > 0 && i < n; there != want || there && out.Entries[0].Amount != amount {
			t.Fatalf("price %d is %+v, want %d for the first %d", i, out.Entries, amount, n)
		}
	}
}

// Parts may be sent again, other than before; pages show what changes, by whom it is
// looked at and what else is set meanwhile.
func TestImport(t *testing.T) {
	t.Parallel()
	env := shop(t)
	in := pricing.BulkIn{List: "base", From: env.Now() + 3_600_000}
	b := must(sdktest.Run(env, pricing.BeginBulk, in))(t)
	send := func(part int64, entries ...pricing.Entry) pricing.Bulk {
		return must(sdktest.Run(env, pricing.PutBulk, pricing.BulkPart{Bulk: b.ID, Part: part, Entries: entries}))(t)
	}
	send(7, pricing.Entry{SKU: "coat", Amount: 1}, pricing.Entry{SKU: "hat", Amount: 900})
	send(0, pricing.Entry{SKU: "shirt", Amount: 3100})
	if got := send(7, pricing.Entry{SKU: "coat", Amount: 20000}, pricing.Entry{SKU: "ham", Amount: 2990}); got.Entries != 3 || got.Parts != 2 {
		t.Fatalf("%+v", got)
	}
	_, err := sdktest.Call(env, pricing.BulkChanges, pricing.BulkChangesIn{Bulk: b.ID})
	refuses(t, err, sdk.CodeFailedPrecondition, "bulk", "")
	must(sdktest.Run(env, pricing.ApplyBulk, pricing.ApplyBulkIn{Bulk: b.ID, DryRun: true}))(t)
	settle(t, env)
	var got string
	for page := (pricing.BulkChangesIn{Bulk: b.ID, Limit: 1}); ; {
		out := must(sdktest.Call(env, pricing.BulkChanges, page))(t)
		for _, c := range out.Changes {
			got += fmt.Sprintf("%s %d→%d ", c.SKU, c.Old.Amount, c.New.Amount)
		}
		if page.Cursor = out.Cursor; page.Cursor == "" {
			break
		}
	}
	if want := "shirt 3000→3100 ham 2890→2990 "; got != want {
		t.Errorf("the dry run shows %q, want %q", got, want)
	}
	must(sdktest.Run(env, pricing.ApplyBulk, pricing.ApplyBulkIn{Bulk: b.ID}))(t)
	settle(t, env)
	must(sdktest.Run(env, pricing.PutEntries, pricing.PutEntriesIn{List: "base", Entries: []pricing.Entry{{SKU: "shirt", Amount: 2000}}}))(t)
	skus := []retail.SKU{"shirt", "coat", "ham"}
	for at, want := range map[retail.Instant]string{
		in.From - 1: "2000@base 20000@base 2890@base", in.From: "3100@base 20000@base 2990@base",
	} {
		if got := amounts(t, env, pricing.PriceIn{At: at, SKUs: skus}); got != want {
			t.Errorf("at %d: %s, want %s", at, got, want)
		}
	}
	_, err = sdktest.Run(env, pricing.PutBulk, pricing.BulkPart{Bulk: b.ID})
	refuses(t, err, sdk.CodeFailedPrecondition, "bulk", "")
}

func TestImportsThatCannotBe(t *testing.T) {
	t.Parallel()
	env := shop(t)
	change := must(sdktest.Run(env, pricing.BeginBulk, pricing.BulkIn{List: "base", Change: &pricing.Formula{Percent: -500}}))(t)
	begin := func(in pricing.BulkIn) error {
		_, err := sdktest.Run(env, pricing.BeginBulk, in)
		return err
	}
	put := func(in pricing.BulkPart) error {
		_, err := sdktest.Run(env, pricing.PutBulk, in)
		return err
	}
	refuses(t, begin(pricing.BulkIn{List: "nowhere"}), sdk.CodeNotFound, "list", "")
	refuses(t, begin(pricing.BulkIn{List: "base", From: env.Now() - 1}), sdk.CodeInvalid, "from", "/from")
	refuses(t, begin(pricing.BulkIn{List: "base", Change: &pricing.Formula{Step: -1}}), sdk.CodeInvalid, "formula", "/change/ending")
	refuses(t, put(pricing.BulkPart{Bulk: "nobody"}), sdk.CodeNotFound, "bulk", "")
	refuses(t, put(pricing.BulkPart{Bulk: change.ID}), sdk.CodeFailedPrecondition, "bulk", "")
	refuses(t, put(pricing.BulkPart{Bulk: change.ID, Entries: []pricing.Entry{{SKU: "a", Amount: -1}}}), sdk.CodeInvalid, "amount", "/entries/0/amount")
	for range pricing.MaxOpen - 1 {
		if err := begin(pricing.BulkIn{List: "base"}); err != nil {
			t.Fatal(err)
		}
	}
	refuses(t, begin(pricing.BulkIn{List: "base"}), sdk.CodeExhausted, "imports", "")
	must(sdktest.Run(env, pricing.DropBulk, pricing.BulkID{Bulk: change.ID}))(t)
	settle(t, env)
	if err := begin(pricing.BulkIn{List: "base"}); err != nil {
		t.Errorf("after one was dropped: %v", err)
	}
}

// Whoever asks again while the job runs, or after it was cancelled, takes over: nothing
// counts twice.
func TestImportTakenUpAgain(t *testing.T) {
	t.Parallel()
	env := shop(t, sdktest.Twice)
	b := importAll(t, env, pricing.BulkIn{List: "base", Replace: true}, 1_200, 700)
	for _, in := range []pricing.ApplyBulkIn{{Bulk: b.ID}, {Bulk: b.ID, DryRun: true}, {Bulk: b.ID}} {
		must(sdktest.Run(env, pricing.ApplyBulk, in))(t)
	}
	settle(t, env)
	if got := importOf(t, env, b.ID); got.State != pricing.BulkApplied || got.Changed != 1_200 || got.Removed != 4 || got.Done != 1_204 {
		t.Errorf("%+v", got)
	}
	told := map[retail.SKU]int{}
	for _, e := range sdktest.Emitted(env, pricing.PricesChanged)[1:] {
		for _, entry := range e.Entries {
			told[entry.SKU]++
		}
		for _, sku := range e.Removed {
			told[sku]++
		}
	}
	for sku, n := range told {
		if n != 1 {
			t.Errorf("%s was told of %d times", sku, n)
		}
	}
	if len(told) != 1_204 {
		t.Errorf("%d prices were told of", len(told))
	}
	for _, again := range []error{
		second(sdktest.Run(env, pricing.ApplyBulk, pricing.ApplyBulkIn{Bulk: b.ID})),
		second(sdktest.Run(env, pricing.DropBulk, pricing.BulkID{Bulk: b.ID})),
	} {
		refuses(t, again, sdk.CodeFailedPrecondition, "bulk", "")
	}
}

func second[T any](_ T, err error) error { return err }

// After many imports the list no longer names the first ones, and every instant still
// has its price.
func TestManyImports(t *testing.T) {
	t.Parallel()
	env := shop(t)
	var instants []retail.Instant
	const n = 3 * keepEpochs
	for i := range n {
		b := must(sdktest.Run(env, pricing.BeginBulk, pricing.BulkIn{List: "base"}))(t)
		part := pricing.BulkPart{Bulk: b.ID, Entries: []pricing.Entry{{SKU: "shirt", Amount: retail.Money(100 + i)}}}
		if i == 0 {
			part.Entries = append(part.Entries, pricing.Entry{SKU: "coat", Amount: 1})
		}
		must(sdktest.Run(env, pricing.PutBulk, part))(t)
		if err := env.Advance(time.Minute); err != nil { // it counts when it is applied, not when it was begun
			t.Fatal(err)
		}
		apply(t, env, b.ID)
		instants = append(instants, env.Now())
	}
	for i, at := range instants {
		want := fmt.Sprintf("%d@base 1@base", 100+i)
		if got := amounts(t, env, pricing.PriceIn{At: at, SKUs: []retail.SKU{"shirt", "coat"}}); got != want {
			t.Errorf("after import %d: %s, want %s", i, got, want)
		}
	}
	if got := amounts(t, env, pricing.PriceIn{At: instants[0] - 1, SKUs: []retail.SKU{"shirt", "coat"}}); got != "3000@base 20000@base" {
		t.Errorf("before the first import: %s", got)
	}
	if err := env.View(func(v *sdk.View) error {
		if l, _ := lists.Get(v, sdk.K("base")); len(l.Epochs) != keepEpochs || l.Imports != n {
			t.Errorf("the list names %d imports of %d", len(l.Epochs), l.Imports)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// Who is limited to stores imports into lists of these only.
func TestImportElsewhere(t *testing.T) {
	t.Parallel()
	env := shop(t)
	list(t, env, pricing.List{ID: "web", Name: "Web", Currency: "EUR", Stores: []retail.StoreID{"WEB"}})
	b := must(sdktest.Run(env, pricing.BeginBulk, pricing.BulkIn{List: "web"}))(t)
	env.AsPrincipal(sdktest.Principal{ID: "anna", Stores: []string{"MI-01"}})
	for _, err := range []error{
		second(sdktest.Run(env, pricing.BeginBulk, pricing.BulkIn{List: "base"})),
		second(sdktest.Run(env, pricing.PutBulk, pricing.BulkPart{Bulk: b.ID})),
		second(sdktest.Run(env, pricing.ApplyBulk, pricing.ApplyBulkIn{Bulk: b.ID})),
		second(sdktest.Run(env, pricing.DropBulk, pricing.BulkID{Bulk: b.ID})),
	} {
		refuses(t, err, sdk.CodeDenied, "store", "/list")
	}
	for _, err := range []error{
		second(sdktest.Call(env, pricing.GetBulk, pricing.BulkID{Bulk: b.ID})),
		second(sdktest.Call(env, pricing.BulkChanges, pricing.BulkChangesIn{Bulk: b.ID})),
	} {
		refuses(t, err, sdk.CodeNotFound, "bulk", "")
	}
}
