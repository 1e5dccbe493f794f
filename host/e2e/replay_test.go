package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/host/hosttest"
)

// TestReplayUCI sells real receipts through four tills, day by day on the days on which they
// were written, takes back what was cancelled, and closes each day: the Z of every day, the
// import of the same documents and the file agree to the cent, and stock has lost what was
// sold. A slice of the set by default, all of it with BOTTEGA_LONG=1.
func TestReplayUCI(t *testing.T) {
	t.Parallel()
	rows := uci(t)
	if os.Getenv("BOTTEGA_LONG") == "" {
		rows = everyEighth(rows, untilSlice)
	}
	plan := planned(rows)
	ahead := &atomic.Int64{}
	c := &counter{t: t, plan: plan, ahead: ahead}
	c.at(plan.days[0].day, -24*time.Hour)
	c.host = booted(t, ahead, "catalog", "pricing", "stock", "till")
	c.imported(rows)
	c.stocked()
	for _, d := range plan.days {
		c.day(d)
	}
	c.gone()
	c.verified()
	plan.told(t)
}

// untilSlice is the first day that is not in the slice.
const untilSlice = "2010-12-11"

// counter is a shop that sells what a set says.
type counter struct {
	t     *testing.T
	plan  *replay
	ahead *atomic.Int64
	host  *hosttest.Host
	token time.Time // when the token of the host's owner was made
}

// tokenLives is how long it does: when nobody is left who may do everything, a host makes
// one more as it starts.
const tokenLives = 90 * 24 * time.Hour

// tills is how many sell at once.
const tills = 4

// at sets the clock to a time of a day, which is never before the time that it was.
// Whenever the owner's token is over, the host starts again.
func (c *counter) at(day string, into time.Duration) {
	c.t.Helper()
	start, err := time.Parse(time.DateOnly, day)
	if err != nil {
		c.t.Fatal(err)
	}
	now := start.Add(into)
	c.ahead.Store(int64(time.Until(now)))
	if c.host == nil || now.Sub(c.token) >= tokenLives {
		c.token = now
		if c.host != nil {
			if err := c.host.Restart(c.t.Context()); err != nil {
				c.t.Fatal(err)
			}
		}
	}
}

// ask calls an operation that must succeed. The key is that of a command.
func (c *counter) ask(operation, key string, in, out any) {
	c.t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		c.t.Fatal(err)
	}
	answer, err := c.host.Send(context.WithoutCancel(c.t.Context()), operation, key, body)
	if err == nil && out != nil {
		err = json.Unmarshal(answer.Body, out)
	}
	if err != nil {
		c.t.Errorf("%s %s: %v", operation, key, err)
	}
}

// imported imports goods and documents, as a retailer who changes over does.
func (c *counter) imported(rows []uciRow) {
	c.t.Helper()
	file := filepath.Join(c.t.TempDir(), "sales.csv")
	writeSlice(c.t, file, rows)
	cmd := exec.Command(binaries(c.t).binary, "import", "--host", c.host.URL, "--token", c.host.Token, "--profile", "uci-online-retail", file)
	if out, err := cmd.CombinedOutput(); err != nil {
		c.t.Fatalf("import: %v\n%s", err, out)
	}
}

// stocked opens the shop with as much as will be sold of everything.
func (c *counter) stocked() {
	c.t.Helper()
	c.ask("catalog.put_store", "shop", object{"id": "SHOP", "name": "Shop", "entity": "uci", "kind": "store", "zone": "Europe/London", "currency": "GBP"}, nil)
	c.ask("stock.put_place", "floor", object{"id": "SHOP-floor", "name": "Floor", "kind": "floor", "store": "SHOP"}, nil)
	total := map[string]int64{}
	for _, d := range c.plan.days {
		for _, s := range d.sales {
			for _, l := range s.lines {
				total[l.sku] += l.quantity
			}
		}
	}
	c.plan.pool = nil // it has done its work
	for n, skus := range slices.Collect(slices.Chunk(slices.Sorted(maps.Keys(total)), 200)) {
		var lines []object
		for _, sku := range skus {
			lines = append(lines, object{"sku": sku, "quantity": total[sku]})
		}
		c.ask("stock.receive", fmt.Sprint("receive", n), object{"to": "SHOP-floor", "document": "DDT 1", "lines": lines}, nil)
		for _, sku := range skus {
			c.plan.units[sku] = total[sku] - c.plan.units[sku] // what must be left
		}
	}
}

// day is a day at four tills: sessions, sales, returns, what no till can write, counting of
// drawers, day close, and what it all comes to.
func (c *counter) day(d *replayDay) {
	c.t.Helper()
	c.at(d.day, 8*time.Hour)
	sessions := make([]string, tills)
	c.each(func(n int) {
		var s struct{ ID string }
		c.ask("till.open_session", d.day+name(n), object{"store": "SHOP", "till": name(n), "cashier": "ada", "float": 0}, &s)
		sessions[n] = s.ID
	})
	drawers := make([]int64, tills)
	c.each(func(n int) {
		for i := n; i < len(d.sales); i += tills {
			c.sell(d.sales[i], name(n), i)
			if d.sales[i].tender == "cash" {
				drawers[n] += d.sales[i].total()
			}
		}
	})
	c.each(func(n int) {
		for i := n; i < len(d.backs); i += tills {
			c.back(d.backs[i], name(n), i)
		}
	})
	for i := range d.rest {
		c.leave(&d.rest[i])
	}
	c.each(func(n int) { c.drawer(d, sessions[n], name(n), drawers[n]) })
	c.closed(d)
}

func name(n int) string { return fmt.Sprint("T", n+1) }

// each does something at every till at once.
func (c *counter) each(do func(n int)) {
	var all sync.WaitGroup
	for n := range tills {
		all.Go(func() { do(n) })
	}
	all.Wait()
	if c.t.Failed() {
		c.t.FailNow()
	}
}

func (c *counter) sell(s *replaySale, till string, i int) {
	total := s.total()
	var lines []object
	for _, l := range s.lines {
		lines = append(lines, object{"sku": l.sku, "quantity": l.quantity, "price_override": l.price, "override_reason": "as it was"})
	}
	in := object{"store": "SHOP", "till": till, "cashier": "ada", "lines": lines, "tenders": []object{}, "expected_total": total}
	if total > 0 {
		in["tenders"] = []object{{"type": s.tender, "amount": total}}
	}
	var out struct{ ID string }
	c.ask("till.close", fmt.Sprint(s.number, "-", i), in, &out)
	s.id = out.ID
}

func (c *counter) back(b *replayBack, till string, i int) {
	var lines []object
	for _, n := range slices.Sorted(maps.Keys(b.lines)) {
		lines = append(lines, object{"line": fmt.Sprint(n + 1), "quantity": b.lines[n]})
	}
	var out struct{ Total int64 }
	c.ask("till.return", fmt.Sprint(b.number, "-", i), object{
		"receipt": b.sale.id, "store": "SHOP", "till": till, "cashier": "ada", "reason": "cancelled", "lines": lines,
	}, &out)
	if out.Total != -b.amount {
		c.t.Errorf("%s gives %d back of %s, the file %d", b.number, -out.Total, b.sale.number, b.amount)
	}
}

// leave imports what no till can write, as the import does.
func (c *counter) leave(r *restDocument) {
	at, err := time.Parse(time.DateTime, r.at)
	if err != nil {
		c.t.Fatal(err)
	}
	var lines []object
	for _, row := range r.lines {
		lines = append(lines, object{"sku": row.cells[1], "quantity": json.Number(row.cells[3]), "unit_price": row.cells[5], "amount": amountOf(row)})
	}
	c.ask("till.import_receipt", "rest-"+r.number, object{"document": object{
		"external": "rest:" + r.number, "number": r.number, "store": "SHOP", "till": "legacy", "at": at.Format(time.RFC3339), "lines": lines,
	}}, nil)
}

// drawer counts a drawer, which has what was paid in cash.
func (c *counter) drawer(d *replayDay, session, till string, cash int64) {
	var s struct {
		Tenders []struct {
			Type                 string
			Expected, Difference int64
		}
	}
	c.ask("till.close_session", d.day+till+"end", object{"session": session, "cashier": "ada", "counted": []object{{"type": "cash", "amount": cash}}}, &s)
	for _, tender := range s.Tenders {
		if tender.Difference != 0 {
			c.t.Errorf("%s %s: %s is short of %d", d.day, till, tender.Type, tender.Difference)
		}
	}
}

// dayTotals is what a day comes to in an answer of the till.
type dayTotals struct {
	Totals []struct {
		Kinds []struct {
			Kind         string
			Count, Total int64
		}
		Total   int64
		Tenders []struct {
			Type   string
			Amount int64
		}
	}
}

// of is count and sum of a kind of documents.
func (t *dayTotals) of(kind string) (count, total int64) {
	for _, of := range t.Totals {
		for _, k := range of.Kinds {
			if k.Kind == kind {
				count, total = count+k.Count, total+k.Total
			}
		}
	}
	return count, total
}

// paid is what was paid with a tender.
func (t *dayTotals) paid(tender string) (sum int64) {
	for _, of := range t.Totals {
		for _, paid := range of.Tenders {
			if paid.Type == tender {
				sum += paid.Amount
			}
		}
	}
	return sum
}

func (t *dayTotals) total() (sum int64) {
	for _, of := range t.Totals {
		sum += of.Total
	}
	return sum
}

// closed closes the day and compares: the Z, the books of the shop, the import and the file.
func (c *counter) closed(d *replayDay) {
	var z, shop, imported dayTotals
	if len(d.sales)+len(d.backs) > 0 {
		c.ask("till.close_day", d.day+"Z", object{"store": "SHOP", "cashier": "ada"}, &z)
	}
	c.ask("till.day", "", object{"store": "SHOP", "day": d.day}, &shop)
	c.ask("till.day", "", object{"store": "UCI", "day": d.day}, &imported)
	sales, sold := z.of("sale")
	returns, back := z.of("return")
	s := d.sheet
	for _, w := range []struct {
		what      string
		want, got int64
	}{
		{"sales", s.sales, sales},
		{"sold", s.sold, sold},
		{"returns", s.returns, returns},
		{"came back", -s.back, back},
		{"Z", s.sold - s.back, z.total()},
		{"cash", s.cash, z.paid("cash")},
		{"card", s.card, z.paid("card")},
		{"Z and what was imported beside it", s.all, z.total() + s.rest},
		{"books of the shop", s.all, shop.total()},
		{"books of the import", s.all, imported.total()},
	} {
		if w.want != w.got {
			c.t.Errorf("%s %s: the file has %d, the host %d", d.day, w.what, w.want, w.got)
		}
	}
}

// gone compares what is left on the floor with what was there and was sold.
func (c *counter) gone() {
	c.t.Helper()
	for _, skus := range slices.Collect(slices.Chunk(slices.Sorted(maps.Keys(c.plan.units)), 100)) {
		var out struct {
			Places []struct {
				SKU    string
				OnHand int64 `json:"on_hand"`
			}
		}
		c.ask("stock.look_up", "", object{"skus": skus, "stores": []string{"SHOP"}}, &out)
		left := map[string]int64{}
		for _, p := range out.Places {
			left[p.SKU] += p.OnHand
		}
		for _, sku := range skus {
			if left[sku] != c.plan.units[sku] {
				c.t.Errorf("%s: %d are left, want %d", sku, left[sku], c.plan.units[sku])
			}
		}
	}
}

// verified has till and stock add everything up again.
func (c *counter) verified() {
	c.t.Helper()
	for _, operation := range []string{"till.verify", "stock.verify"} {
		in := object{"limit": 200}
		for {
			var out struct {
				Faults []object
				Cursor string
			}
			c.ask(operation, "", in, &out)
			for _, fault := range out.Faults {
				c.t.Errorf("%s: %v", operation, fault)
			}
			if out.Cursor == "" || strings.TrimSpace(out.Cursor) == "" {
				break
			}
			in["cursor"] = out.Cursor
		}
	}
}
