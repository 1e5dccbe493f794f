package e2e

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// TestTerminalAndFiscalDevice: each break at a counter ends right. A shirt costs 39.90.
func TestTerminalAndFiscalDevice(t *testing.T) {
	c := openCounter(t)
	const till = "S1-1"

	// As it should be: authorised, sold, captured, printed; the number stands beside the receipt.
	p := c.authorise(3990)
	c.becomes(p, "authorised", "")
	sale := c.sells("SHIRT-M", 3990, p)
	c.becomes(p, "captured", "")
	c.becomesFiscal(sale, 1, 1)

	// The power is cut after the terminal has authorised and before anybody hears of it: when
	// it is back the payment is there, charged once, and pays for the shirt.
	c.fault(till, "payments", "lose_answer")
	c.fault(till, "payments", "lose_answer")
	p = c.authorise(3990)
	c.powerCut()
	c.becomes(p, "authorised", "")
	sale = c.sells("SHIRT-L", 3990, p)
	c.becomes(p, "captured", "")
	c.becomesFiscal(sale, 1, 2)
	c.mend()

	// Sixteen tabs sell by the same authorisation: one does.
	p = c.authorise(3990)
	c.becomes(p, "authorised", "")
	sale = c.oneOf(16, c.sale("SHIRT-M", 3990, p))
	c.becomes(p, "captured", "")
	c.becomesFiscal(sale, 1, 3)

	// The terminal refuses: nothing is sold by it.
	c.fault(till, "payments", "declined")
	p = c.authorise(3990)
	c.becomes(p, "refused", "declined")
	mustRefuse(t, c.host, "till.close", "no", c.sale("SHIRT-M", 3990, p), "payment_state")
	mustRefuse(t, c.host, "till.close", "none", c.sale("SHIRT-M", 3990, ""), "no_payment")

	// The printer has no paper: the sale stands, the screen lists it, and with paper it is printed.
	p = c.authorise(3990)
	c.becomes(p, "authorised", "")
	c.fault(till, "documents", "paper")
	sale = c.sells("SHIRT-M", 3990, p)
	c.becomes(sale, "stuck", "paper")
	if jobs := string(c.host.must(t, "till.fiscal_jobs", "", object{"store": "S1"})); !strings.Contains(jobs, sale) || !strings.Contains(jobs, `"paper"`) {
		t.Errorf("not listed: %s", jobs)
	}
	c.mend()
	c.host.must(t, "till.print_again", "again", object{"document": sale})
	c.becomesFiscal(sale, 1, 4)

	// Capture and print are done, and the line is dead before anybody hears of it: neither
	// happens twice.
	p = c.authorise(3990)
	c.becomes(p, "authorised", "")
	for range 3 {
		c.fault(till, "capture", "lose_answer")
		c.fault(till, "documents", "lose_answer")
	}
	sale = c.sells("SHIRT-M", 3990, p)
	c.becomes(p, "taken", "offline")
	c.becomes(sale, "stuck", "offline")
	c.host.must(t, "till.ask_again", "ask", object{"payment": p})
	c.becomes(p, "captured", "")
	c.host.must(t, "till.print_again", "print", object{"document": sale})
	c.becomesFiscal(sale, 1, 5)

	// The devices are switched off and on: they go on where they were. The customer brings the
	// shirt back, and is refunded by the terminal; the return cites what was printed.
	c.plugOut(c.devices)()
	c.plugIn()
	var back known
	read(t, c.host.must(t, "till.return", "back", object{
		"receipt": sale, "store": "S1", "till": "1", "cashier": "c", "reason": "size", "lines": []object{{"line": "1", "quantity": 1}},
	}), &back)
	c.becomesFiscal(back.ID, 1, 6)

	// The day is closed: the device closes its own.
	c.host.must(t, "till.close_day", "z", object{"store": "S1", "cashier": "c"})
	c.becomesFiscal("S1/1/Z1", 1, 0)
	c.until("the refund", func(k known) bool { return k.State == "refunded" })
	c.reconcile()
}

// mustRefuse calls an operation that must be refused for a reason.
func mustRefuse(t *testing.T, p *process, operation, key string, in object, reason string) {
	t.Helper()
	_, err := post(t.Context(), p.base, operation, key, in.json(t))
	if refusal, ok := errors.AsType[*problem](err); !ok || refusal.Reason != reason {
		t.Errorf("%s: %v, want %s", operation, err, reason)
	}
}

// becomesFiscal waits for the number of a document.
func (c *counterTest) becomesFiscal(document string, z, number int64) {
	c.t.Helper()
	k := c.becomes(document, "fiscalised", "")
	if k.Fiscal == nil || k.Fiscal.Z != z || k.Fiscal.Number != number {
		c.t.Errorf("%s is fiscalised as %+v, want %d-%d", document, k.Fiscal, z, number)
	}
	if strings.Contains(document, "/Z") {
		return
	}
	var shown known
	read(c.t, c.host.must(c.t, "till.receipt", "", object{"receipt": document}), &shown)
	if shown.Fiscal == nil || *shown.Fiscal != *k.Fiscal {
		c.t.Errorf("%s shows %+v, want %+v", document, shown.Fiscal, k.Fiscal)
	}
}

// reconcile: what the terminal has taken is what documents say of cards, nothing is held or
// open, and the device has printed every document once, with its total.
func (c *counterTest) reconcile() {
	c.t.Helper()
	for operation, list := range map[string]string{"till.payments": `{"payments":[]}`, "till.fiscal_jobs": `{"jobs":[]}`} {
		if open := strings.TrimSpace(string(c.host.must(c.t, operation, "", object{"store": "S1"}))); open != list {
			c.t.Errorf("%s: %s", operation, open)
		}
	}
	var page struct{ Receipts []struct{ ID string } }
	read(c.t, c.host.must(c.t, "till.receipts", "", object{"store": "S1", "limit": 200}), &page)
	var cards int64
	totals := map[string]int64{}
	for _, r := range page.Receipts {
		var doc struct {
			Total   int64
			Tenders []struct {
				Type   string
				Amount int64
			}
		}
		read(c.t, c.host.must(c.t, "till.receipt", "", object{"receipt": r.ID}), &doc)
		totals[r.ID] = doc.Total
		for _, t := range doc.Tenders {
			if t.Type == "card" {
				cards += t.Amount
			}
		}
	}
	s := c.state()
	terminal, printer := s.Terminals["S1-1"], s.Printers["S1-1"]
	if terminal.Captured() != cards || terminal.Held() != 0 {
		c.t.Errorf("the terminal has taken %d and holds %d; documents say %d", terminal.Captured(), terminal.Held(), cards)
	}
	for _, d := range printer.Documents {
		total, ok := totals[d.Job]
		if !ok || total != d.Total {
			c.t.Errorf("%s was printed with %d, twice or not as it is (%d)", d.Job, d.Total, total)
		}
		delete(totals, d.Job)
	}
	if len(totals) > 0 {
		c.t.Errorf("never printed: %v", totals)
	}
}

// TestDevicesAndPowerFailAtRandom sells at a counter where requests and answers are lost,
// the paper runs out, the terminal refuses and the power is cut. When all that ends, money
// and paper are what the documents say, each once.
func TestDevicesAndPowerFailAtRandom(t *testing.T) {
	c := openCounter(t)
	r := rand.New(rand.NewPCG(5, 1))
	faults := []string{"lose_answer", "lose_asking", "declined", "paper", "lose_answer", "lose_asking"}
	var sold []string
	for round := range 16 {
		if r.IntN(2) == 0 {
			c.fault("", "", faults[r.IntN(len(faults))])
		}
		p := c.authorise(3990)
		if round == 4 {
			c.powerCut()
		}
		k := c.until("an answer", func(k known) bool { return k.ID == p && k.State != "asked" })
		if k.State == "unknown" {
			c.mend()
			c.host.must(t, "till.ask_again", fmt.Sprint("q", round), object{"payment": p})
			k = c.until("another answer", func(k known) bool { return k.ID == p && k.State != "unknown" })
		}
		if k.State != "authorised" {
			continue
		}
		sold = append(sold, c.sells([]string{"SHIRT-M", "SHIRT-L"}[round%2], 3990, p))
		if round == 11 {
			c.powerCut()
		}
		if n := len(sold); r.IntN(4) == 0 {
			c.host.must(t, "till.void", fmt.Sprint("v", round), object{"receipt": sold[n-1], "cashier": "c", "reason": "wrong"})
			sold = sold[:n-1]
		}
	}
	c.mend()
	c.settle()
	c.reconcile()
}

// settle asks the devices again for everything that is in trouble, until nothing is open.
func (c *counterTest) settle() {
	c.t.Helper()
	for {
		var open struct {
			Payments, Jobs []known
		}
		read(c.t, c.host.must(c.t, "till.payments", "", object{"store": "S1"}), &open)
		read(c.t, c.host.must(c.t, "till.fiscal_jobs", "", object{"store": "S1"}), &open)
		if len(open.Payments)+len(open.Jobs) == 0 {
			return
		}
		for _, p := range open.Payments {
			if p.Trouble != "" {
				c.keys++
				c.host.must(c.t, "till.ask_again", fmt.Sprint("x", c.keys), object{"payment": p.ID})
			}
		}
		for _, j := range open.Jobs {
			if j.Trouble != "" {
				c.keys++
				c.host.must(c.t, "till.print_again", fmt.Sprint("x", c.keys), object{"document": j.Document})
			}
		}
		c.read("more news", func(known) bool { return true })
	}
}
