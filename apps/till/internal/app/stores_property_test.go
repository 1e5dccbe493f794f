package app

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/bottega-retail/bottega/apps/stock"
	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// history is two stores at work, and what was made in them so far.
type history struct {
	t                 *testing.T
	env               *sdktest.Env
	baskets, receipts []string
	session           string
}

// told is the output of a call as JSON, "" if it was refused.
func told[T any](v T, err error) string {
	if err != nil {
		return ""
	}
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// step does one random thing, about any store, and answers what that told.
func (h *history) step(t *rapid.T) (what, out string) {
	store := rapid.SampledFrom([]retail.StoreID{"MI-01", "RM-01"}).Draw(t, "store")
	basket := rapid.SampledFrom(append(h.baskets, "none")).Draw(t, "basket")
	receipt := rapid.SampledFrom(append(h.receipts, "MI-01/3/99", "RM-01/3/99")).Draw(t, "receipt")
	named := rapid.SampledFrom([]retail.StoreID{"", "MI-01", "RM-01"}).Draw(t, "named")
	n := rapid.IntRange(0, 20).Draw(t, "what")
	switch n {
	case 0:
		b, err := sdktest.Run(h.env, till.Open, till.OpenIn{Store: store, Till: "3", Cashier: "x"})
		if err == nil {
			h.baskets = append(h.baskets, b.ID)
		}
		out = told(b, err)
	case 1:
		out = told(sdktest.Run(h.env, till.Add, till.AddIn{Basket: basket, SKU: "pen"}))
	case 2:
		out = told(sdktest.Run(h.env, till.SetLines, till.SetLinesIn{Basket: basket, Lines: []till.Line{goodsOf("pen", 2)}}))
	case 3:
		out = told(sdktest.Run(h.env, till.Discard, till.BasketID{Basket: basket}))
	case 4:
		out = h.wrote(sdktest.Run(h.env, till.Close, till.CloseIn{Basket: basket, Store: named, Tenders: []till.Payment{cash(10_000)}}))
	case 5:
		out = h.wrote(sdktest.Run(h.env, till.Close, saleIn(store)))
	case 6:
		out = h.wrote(sdktest.Run(h.env, till.Void, till.VoidIn{Receipt: receipt, Store: named, Cashier: "x"}))
	case 7:
		in := giveBackLines(receipt, units("1", 1))
		in.Store = store
		out = h.wrote(sdktest.Run(h.env, till.Return, in))
	case 8:
		out = told(sdktest.Call(h.env, till.GetReceipt, till.ReceiptID{Receipt: receipt}))
	case 9:
		out = told(sdktest.Call(h.env, till.Receipts, till.ReceiptsIn{Store: named, Limit: 2}))
	case 10:
		out = told(sdktest.Call(h.env, till.Receipts, till.ReceiptsIn{Customer: "C-1", Limit: 2}))
	case 11:
		out = told(sdktest.Call(h.env, till.Day, till.DayIn{Store: store, Day: "2026-11-21"}))
	case 12:
		out = h.wrote(sdktest.Run(h.env, till.ImportReceipts, till.ImportReceiptsIn{MoveStock: true, Documents: []till.Document{document("d"+basket, store)}}))
	default:
		out = h.newer(n, store, basket, receipt)
	}
	return fmt.Sprint(n, " ", store, " ", named, " ", basket, " ", receipt), out
}

// newer is step for sessions, suspended baskets, exchanges and day closes.
func (h *history) newer(n int, store retail.StoreID, basket, receipt string) string {
	switch n {
	case 13:
		s, err := sdktest.Run(h.env, till.OpenSession, till.OpenSessionIn{Store: store, Till: "3", Cashier: "x"})
		if err == nil {
			h.session = s.ID
		}
		return told(s, err)
	case 14:
		return told(sdktest.Run(h.env, till.CloseSession, till.CloseSessionIn{Session: h.session, Cashier: "x", Counted: []till.Counted{{Type: till.Cash}}}))
	case 15:
		return told(sdktest.Run(h.env, till.MoveCash, till.MoveCashIn{Session: h.session, Cashier: "x", Amount: 100, Reason: "coins"}))
	case 16:
		return told(sdktest.Run(h.env, till.Suspend, till.SuspendIn{Basket: basket})) + told(sdktest.Call(h.env, till.ListSuspended, till.SuspendedIn{Store: store}))
	case 17:
		return told(sdktest.Run(h.env, till.Resume, till.ResumeIn{Basket: basket, Till: "4", Cashier: "x"}))
	case 18:
		back := giveBackLines(receipt, units("1", 1))
		back.Store, back.Till = "", ""
		return told(sdktest.Run(h.env, till.Exchange, till.ExchangeIn{Return: back, Sale: saleIn(store)}))
	case 19:
		return told(sdktest.Run(h.env, till.CloseDay, till.CloseDayIn{Store: store, Cashier: "x"})) +
			told(sdktest.Call(h.env, till.GetDayClose, till.DayCloseID{ID: string(store) + "/3/Z1"}))
	}
	return told(sdktest.Call(h.env, till.GetSession, till.SessionID{Session: h.session})) +
		told(sdktest.Call(h.env, till.Interim, till.InterimIn{Store: store})) +
		told(sdktest.Call(h.env, till.Sessions, till.SessionsIn{Store: store}))
}

// wrote notes a document that was written.
func (h *history) wrote(v any, err error) string {
	if r, ok := v.(till.Receipt); ok && err == nil {
		h.receipts = append(h.receipts, r.ID)
	}
	return told(v, err)
}

// of is everything that belongs to a store, but for what may still come back.
func (h *history) of(store retail.StoreID) string {
	var b strings.Builder
	for _, id := range h.baskets {
		if basket := must(sdktest.Call(h.env, till.GetBasket, till.BasketID{Basket: id}))(h.t); basket.Store == store {
			fmt.Fprintln(&b, basket)
		}
	}
	fmt.Fprintln(&b, told(sdktest.Call(h.env, till.Receipts, till.ReceiptsIn{Store: store, Limit: till.MaxPage})))
	fmt.Fprintln(&b, told(sdktest.Call(h.env, till.Day, till.DayIn{Store: store, Day: "2026-11-21"})))
	fmt.Fprintln(&b, told(sdktest.Call(h.env, till.Interim, till.InterimIn{Store: store})))
	fmt.Fprintln(&b, told(sdktest.Call(h.env, till.Sessions, till.SessionsIn{Store: store})))
	fmt.Fprintln(&b, told(sdktest.Call(h.env, till.DayCloses, till.DayClosesIn{Store: store})))
	fmt.Fprintln(&b, told(sdktest.Call(h.env, till.ListSuspended, till.SuspendedIn{Store: store})))
	fmt.Fprintln(&b, told(sdktest.Call(h.env, stock.LookUp, stock.LookUpIn{SKUs: []retail.SKU{"pen"}, Stores: []retail.StoreID{store}})))
	return b.String()
}

// Whatever happens in two stores: nothing that eva, who may act for one, tries
// changes a basket, a document, a day or the stock of the other, and nothing that
// she is answered names it, but for the sale whose goods she takes back.
func TestLimitedInAnyHistory(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		h := &history{t: t, env: shop(t)}
		for range rapid.IntRange(1, 25).Draw(rt, "steps") {
			h.env.As("owner")
			if rapid.Bool().Draw(rt, "owner") {
				h.step(rt)
				continue
			}
			before := h.of("RM-01")
			h.env.AsPrincipal(eva)
			what, out := h.step(rt)
			h.env.As("owner")
			if after := h.of("RM-01"); after != before {
				rt.Fatalf("eva did %s: RM-01 was\n%s\nand is\n%s", what, before, after)
			}
			for _, cites := range []string{"original", "sale"} {
				out = strings.ReplaceAll(out, `"`+cites+`":"RM-01/`, "")
			}
			if strings.Contains(out, "RM-01") {
				rt.Fatalf("eva did %s and was told %s", what, out)
			}
		}
	})
}
