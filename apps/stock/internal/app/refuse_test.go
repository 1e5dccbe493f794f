package app_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/apps/stock"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

func TestSellRefuses(t *testing.T) {
	t.Parallel()
	e := setup(t)
	var many []stock.Line
	for i := range stock.MaxLines + 1 {
		many = append(many, stock.Line{SKU: lines(fmt.Sprintf("a%d:1", i))[0].SKU, Quantity: 1})
	}
	run(t, e, stock.Sell, stock.SellIn{Store: "MI-01", Document: "most", Lines: many[1:]})
	for want, in := range map[string]stock.SellIn{
		"failed_precondition no_floor /store": {Store: "WH-01", Document: "1", Lines: lines("a:1")},
		"invalid document /document":          {Store: "MI-01", Lines: lines("a:1")},
		"invalid lines /lines":                {Store: "MI-01", Document: "1"},
		"invalid sku /lines/1/sku":            {Store: "MI-01", Document: "1", Lines: lines("a:1 :1")},
		"invalid quantity /lines/1/quantity":  {Store: "MI-01", Document: "1", Lines: lines("a:1 b:0")},
		"too_large lines":                     {Store: "MI-01", Document: "1", Lines: many},
	} {
		_, err := sdktest.Run(e, stock.Sell, in)
		sdktest.Refused(t, err, want)
	}
	if n := len(sdktest.Emitted(e, stock.Moved)); n != 1 {
		t.Errorf("%d movements", n)
	}
}

func TestTakeBackRefuses(t *testing.T) {
	t.Parallel()
	e := setup(t)
	one := []stock.ReturnLine{{SKU: "a", Quantity: 1}}
	look := []stock.ReturnLine{{SKU: "a", Quantity: 1, Quarantine: true}}
	for want, in := range map[string]stock.TakeBackIn{
		"invalid reason /reason":                   {Store: "MI-01", Document: "1", Lines: one, Reason: stock.Sale},
		"failed_precondition no_floor /store":      {Store: "WH-01", Document: "1", Lines: one},
		"failed_precondition no_quarantine /store": {Store: "MI-02", Document: "1", Lines: look},
		"invalid lines /lines":                     {Store: "MI-01", Document: "1"},
		"invalid document /document":               {Store: "MI-01", Document: strings.Repeat("1", 101), Lines: one},
	} {
		_, err := sdktest.Run(e, stock.TakeBack, in)
		sdktest.Refused(t, err, want)
	}
	// A return that is all to be looked at needs no floor.
	run(t, e, stock.PutPlace, stock.Place{ID: "WH-01/look", Name: "Resi", Kind: stock.Quarantine, Store: "WH-01"})
	m := run(t, e, stock.TakeBack, stock.TakeBackIn{Store: "WH-01", Document: "1", Lines: look})
	if m.Place != "WH-01/look" || m.Store != "WH-01" {
		t.Errorf("it is about %s of %s", m.Place, m.Store)
	}
}

func TestReceiveMoveAndCountRefuse(t *testing.T) {
	t.Parallel()
	e := setup(t)
	closed := stock.Place{ID: "old", Name: "Vecchio", Kind: stock.Back, Store: "MI-01"}
	run(t, e, stock.PutPlace, closed)
	receive(t, e, "old", "a:3")
	closed.Closed = true
	run(t, e, stock.PutPlace, closed)

	for want, in := range map[string]stock.ReceiveIn{
		"not_found place /to":                  {To: "nowhere", Document: "1", Lines: lines("a:1")},
		"failed_precondition place_closed /to": {To: "old", Document: "1", Lines: lines("a:1")},
		"not_found sku /lines/1/sku":           {To: "MI-01", Document: "1", Lines: lines("f:1 zzz:1 a:1")},
		"invalid not_goods /lines/0/sku":       {To: "MI-01", Document: "1", Lines: lines("card:1")},
		"invalid document /document":           {To: "MI-01", Lines: lines("a:1")},
		"invalid lines /lines":                 {To: "MI-01", Document: "1"},
	} {
		_, err := sdktest.Run(e, stock.Receive, in)
		sdktest.Refused(t, err, want)
	}
	for want, in := range map[string]stock.MoveIn{
		"invalid same_place /to":               {From: "MI-01", To: "MI-01", Reason: stock.Transfer, Document: "1", Lines: lines("a:1")},
		"invalid reason /reason":               {From: "MI-01", To: "customer", Reason: stock.Transfer, Document: "1", Lines: lines("a:1")},
		"not_found place /to":                  {From: "MI-01", To: "nowhere", Reason: stock.Transfer, Document: "1", Lines: lines("a:1")},
		"not_found place /from":                {From: "nowhere", To: "adjustment", Reason: stock.Loss, Document: "1", Lines: lines("a:1")},
		"failed_precondition place_closed /to": {From: "MI-01", To: "old", Reason: stock.Transfer, Document: "1", Lines: lines("a:1")},
		"not_found sku /lines/0/sku":           {From: "MI-01", To: "MI-02", Reason: stock.Transfer, Document: "1", Lines: lines("zzz:1")},
	} {
		_, err := sdktest.Run(e, stock.Move, in)
		sdktest.Refused(t, err, want)
	}
	for want, in := range map[string]stock.CountIn{
		"not_found place /place":           {Place: "supplier", Document: "1", Lines: counts("a:1")},
		"invalid quantity /lines/0/actual": {Place: "MI-01", Document: "1", Lines: counts("a:-1")},
		"invalid lines /lines/1/sku":       {Place: "MI-01", Document: "1", Lines: counts("a:1 a:1")},
		"invalid sku /lines/0/sku":         {Place: "MI-01", Document: "1", Lines: counts(":1")},
		"invalid lines /lines":             {Place: "MI-01", Document: "1"},
		"not_found sku /lines/1/sku":       {Place: "MI-01", Document: "1", Lines: counts("b:1 zzz:1")},
		"invalid document /document":       {Place: "MI-01", Lines: counts("b:1")},
		"too_large lines":                  {Place: "MI-01", Document: "1", Lines: manyCounts()},
	} {
		_, err := sdktest.Run(e, stock.Count, in)
		sdktest.Refused(t, err, want)
	}
	// What lies at a closed place can leave it.
	run(t, e, stock.Move, stock.MoveIn{From: "old", To: "MI-01", Reason: stock.Transfer, Document: "1", Lines: lines("a:3")})
	sound(t, e)
}

func manyCounts() (list []stock.Counting) {
	for i := range stock.MaxLines + 1 {
		list = append(list, stock.Counting{SKU: lines(fmt.Sprintf("a%d:1", i))[0].SKU, Actual: 1})
	}
	return list
}

func TestPlaces(t *testing.T) {
	t.Parallel()
	e := setup(t)
	for want, p := range map[string]stock.Place{
		"invalid id /id":            {Name: "x", Kind: stock.Back, Store: "MI-01"},
		"invalid name /name":        {ID: "x", Kind: stock.Back, Store: "MI-01"},
		"invalid kind /kind":        {ID: "x", Name: "x", Kind: stock.Virtual, Store: "MI-01"},
		"invalid store /store":      {ID: "x", Name: "x", Kind: stock.Back},
		"not_found store /store":    {ID: "x", Name: "x", Kind: stock.Back, Store: "RM-01"},
		"conflict place /id":        {ID: "customer", Name: "x", Kind: stock.Back, Store: "MI-01"},
		"conflict floor /kind":      {ID: "x", Name: "x", Kind: stock.Floor, Store: "MI-01"},
		"conflict quarantine /kind": {ID: "x", Name: "x", Kind: stock.Quarantine, Store: "MI-01"},
	} {
		_, err := sdktest.Run(e, stock.PutPlace, p)
		sdktest.Refused(t, err, want)
	}
	_, err := sdktest.Run(e, stock.PutPlace, stock.Place{ID: "MI-01", Name: "x", Kind: stock.Floor, Store: "MI-02"})
	sdktest.Refused(t, err, "conflict place /id")

	// A shop moves its floor: the old place closes, the new one sells.
	old := network[0]
	old.Closed = true
	run(t, e, stock.PutPlace, old)
	_, err = sdktest.Run(e, stock.Sell, stock.SellIn{Store: "MI-01", Document: "1", Lines: lines("a:1")})
	sdktest.Refused(t, err, "failed_precondition no_floor /store")
	run(t, e, stock.PutPlace, stock.Place{ID: "MI-01/2", Name: "Milano 1, piano 2", Kind: stock.Floor, Store: "MI-01"})
	if m := run(t, e, stock.Sell, stock.SellIn{Store: "MI-01", Document: "1", Lines: lines("a:1")}); m.Place != "MI-01/2" {
		t.Errorf("sold from %s", m.Place)
	}
	if got := sdktest.Ask(t, e, stock.Places, stock.PlacesIn{}).Places; len(got) != len(network)+1 {
		t.Errorf("%d places", len(got))
	}
	if got := sdktest.Ask(t, e, stock.Places, stock.PlacesIn{Store: "MI-02"}).Places; len(got) != 1 || got[0] != network[3] {
		t.Errorf("MI-02 has %v", got)
	}
}
