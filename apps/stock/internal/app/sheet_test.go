package app_test

import (
	"fmt"
	"testing"

	"github.com/bottega-retail/bottega/apps/stock"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

func begin(t sdktest.Reporter, e *sdktest.Env, skus ...retail.SKU) stock.CountSheet {
	t.Helper()
	return run(t, e, stock.OpenCount, stock.OpenCountIn{Place: "MI-01", Name: "inventario", SKUs: skus})
}

func scanned(t sdktest.Reporter, e *sdktest.Env, id, text string) {
	t.Helper()
	run(t, e, stock.Scan, stock.ScanIn{ID: id, Lines: counts(text)})
}

// Two people count while the till sells: what is sold before and after a scan makes no
// difference.
func TestCountDuringTrade(t *testing.T) {
	t.Parallel()
	e := setup(t)
	receive(t, e, "MI-01", "a:10 b:5 c:4 d:2 f:9")
	s := begin(t, e, "a", "b", "c", "d")
	sale := func(document, text string) {
		t.Helper()
		run(t, e, stock.Sell, stock.SellIn{Store: "MI-01", Document: document, Lines: lines(text)})
	}
	e.As("anna")
	scanned(t, e, s.ID, "a:6 b:5")
	sale("1", "b:2 c:1") // after b was counted, before c was
	e.As("bruno")
	scanned(t, e, s.ID, "a:3 c:3 e:1")
	sale("2", "a:1 c:1")
	e.As("anna")
	run(t, e, stock.Scan, stock.ScanIn{ID: s.ID, Lines: counts("e:2"), Replace: true})
	wants(t, levels(t, e, "a"), "MI-01:9") // nothing has moved but sales
	_, err := sdktest.Run(e, stock.Count, stock.CountIn{Place: "MI-01", Document: "x", Lines: counts("a:1")})
	sdktest.Refused(t, err, "conflict counting /place")
	_, err = sdktest.Run(e, stock.OpenCount, stock.OpenCountIn{Place: "MI-01", Name: "x"})
	sdktest.Refused(t, err, "conflict counting /place")
	for range 2 {
		s = run(t, e, stock.CloseCount, stock.CloseCountIn{ID: s.ID, Missing: true})
		wants(t, fmt.Sprint(s.State, " ", s.Differences, len(s.Movements)), "closed 3 1")
	}
	wants(t, levels(t, e, "a"), "MI-01:8") // one of ten was not there
	wants(t, levels(t, e, "b"), "MI-01:3")
	wants(t, levels(t, e, "c"), "MI-01:2")
	wants(t, levels(t, e, "d"), "") // listed, and nobody found it
	wants(t, levels(t, e, "e"), "MI-01:2")
	wants(t, levels(t, e, "f"), "MI-01:9") // not listed
	var got string
	for _, l := range sdktest.Ask(t, e, stock.CountLines, stock.CountLinesIn{ID: s.ID}).Lines {
		got += fmt.Sprint(l.SKU, " ", l.Counted, "-", l.Expected, "=", l.Difference, l.Actors, l.Moved, "\n")
	}
	wants(t, got, "a 9-10=-1 [anna bruno] false\nb 5-5=0 [anna] false\nc 3-3=0 [bruno] false\nd 0-2=-2 [] false\ne 2-0=2 [anna bruno] false\n")
	if n := len(sdktest.Emitted(e, stock.CountClosed)); n != 1 {
		t.Errorf("told %d times", n)
	}
	sound(t, e)
}

// Where something moved between two scans of a SKU, the line asks to be counted again.
func TestMovedBetweenScans(t *testing.T) {
	t.Parallel()
	e := setup(t)
	receive(t, e, "MI-01", "a:10")
	s := begin(t, e)
	scanned(t, e, s.ID, "a:6")
	run(t, e, stock.Sell, stock.SellIn{Store: "MI-01", Document: "1", Lines: lines("a:1")})
	out := run(t, e, stock.Scan, stock.ScanIn{ID: s.ID, Lines: counts("a:4")})
	wants(t, fmt.Sprint(out.Lines[0].Moved, out.Lines[0].Difference), "true 1")
	out = run(t, e, stock.Scan, stock.ScanIn{ID: s.ID, Lines: counts("a:9"), Replace: true})
	wants(t, fmt.Sprint(out.Lines[0].Moved, out.Lines[0].Difference), "false 0")
}

func TestAbandonedCount(t *testing.T) {
	t.Parallel()
	e := setup(t)
	receive(t, e, "MI-01", "a:10")
	s := begin(t, e, "a", "b")
	scanned(t, e, s.ID, "a:1")
	movements := len(sdktest.Emitted(e, stock.Moved))
	for range 2 {
		run(t, e, stock.AbandonCount, stock.CountID{ID: s.ID})
	}
	_, err := sdktest.Run(e, stock.CloseCount, stock.CloseCountIn{ID: s.ID})
	sdktest.Refused(t, err, "failed_precondition closed /id")
	_, err = sdktest.Run(e, stock.Scan, stock.ScanIn{ID: s.ID, Lines: counts("a:1")})
	sdktest.Refused(t, err, "failed_precondition closed /id")
	wants(t, levels(t, e, "a"), "MI-01:10")
	if n := len(sdktest.Emitted(e, stock.Moved)); n != movements {
		t.Error("an abandoned count has moved goods")
	}
	begin(t, e)
	if n := len(sdktest.Ask(t, e, stock.Counts, stock.CountsIn{State: stock.CountOpen}).Counts); n != 1 {
		t.Errorf("%d open", n)
	}
}

// A long sheet is written in several movements, each difference once, while the till
// goes on.
func TestLongCount(t *testing.T) {
	t.Parallel()
	e := setup(t)
	s := begin(t, e)
	for page := range 3 {
		text := ""
		for i := range 120 {
			text += fmt.Sprintf("a%03d:%d ", page*120+i, i%3)
		}
		scanned(t, e, s.ID, text)
	}
	s = run(t, e, stock.CloseCount, stock.CloseCountIn{ID: s.ID})
	wants(t, string(s.State), "closing")
	run(t, e, stock.Sell, stock.SellIn{Store: "MI-01", Document: "1", Lines: lines("a359:1")})
	if err := e.Settle(); err != nil {
		t.Fatal(err)
	}
	s = sdktest.Ask(t, e, stock.Counts, stock.CountsIn{}).Counts[0]
	wants(t, fmt.Sprint(s.State, s.Differences, len(s.Movements)), "closed240 4")
	wants(t, levels(t, e, "a359"), "MI-01:1")
	wants(t, levels(t, e, "a001"), "MI-01:1")
	if n := len(sdktest.Emitted(e, stock.CountClosed)); n != 1 {
		t.Errorf("told %d times", n)
	}
	sound(t, e)
}
