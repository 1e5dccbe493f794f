package app

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// bank is what a terminal and its acquirer did, whatever the till has heard of it.
type bank struct {
	states map[string]string // by payment
	of     map[string]till.TerminalIn
}

// do does an action as a terminal does, and answers.
func (b *bank) do(in till.TerminalIn) till.TerminalOutcome {
	b.of[in.Payment] = in
	moves := map[string]string{
		"authorise ": "authorised", "capture authorised": "captured", "reverse ": "reversed", "reverse authorised": "reversed", "refund ": "refunded",
	}
	same := map[string]bool{"authorise authorised": true, "authorise captured": true, "capture captured": true, "reverse reversed": true, "refund refunded": true}
	at := string(in.Action) + " " + b.states[in.Payment]
	switch {
	case in.Action == till.DoStatus && (b.states[in.Payment] == "authorised" || b.states[in.Payment] == "captured"):
		return till.OutcomeDone
	case moves[at] != "" && (in.Action != till.DoRefund || b.states[in.Original] == "captured"):
		b.states[in.Payment] = moves[at]
		return till.OutcomeDone
	case same[at]:
		return till.OutcomeDone
	}
	return till.OutcomeRefused
}

// net is what was captured less what was refunded.
func (b *bank) net() (sum retail.Money) {
	for id, state := range b.states {
		switch state {
		case "captured":
			sum += b.of[id].Amount
		case "refunded":
			sum -= b.of[id].Amount
		}
	}
	return sum
}

// counterHistory is a till whose devices fail at random.
type counterHistory struct {
	t      *testing.T
	r      *rand.Rand
	env    *sdktest.Env
	desk   desk
	bank   bank
	paper  map[string]till.FiscalReference // what the device has printed, by job
	keys   int
	sales  []till.Receipt
	faulty bool
}

// TestDevicesFailAtRandom: whatever devices refuse, lose or do twice, what the terminal took
// is what documents say, but for what is listed open; every document is printed at most
// once, and once faults end, exactly once.
func TestDevicesFailAtRandom(t *testing.T) {
	t.Parallel()
	for seed := range uint64(12) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			h := &counterHistory{
				t: t, r: rand.New(rand.NewPCG(seed, 7)), bank: bank{map[string]string{}, map[string]till.TerminalIn{}},
				paper: map[string]till.FiscalReference{}, faulty: true,
			}
			rules := Settings{CashRounding: 5, HoldMinutes: 15, DeviceRetry: 5, Devices: []DeviceRule{{Terminal: "stub", Fiscal: "stub"}}}
			h.env = shop(t, sdktest.Settings(rules), sdktest.Stub(h.desk.drivers()...))
			for range 60 {
				h.step()
				h.balanced()
			}
			h.mend()
		})
	}
}

// step lets somebody do something, or a device.
func (h *counterHistory) step() {
	switch n := h.r.IntN(12); {
	case n < 3:
		h.keys++
		_, err := sdktest.Run(h.env, till.Authorise, till.AuthoriseIn{Store: "MI-01", Till: "3", Key: fmt.Sprint(h.keys), Amount: 333, Currency: "EUR"})
		h.fine(err)
	case n < 6:
		h.answer()
	case n == 6:
		h.print()
	case n == 7:
		h.sell()
	case n == 8:
		h.undo()
	case n == 9:
		for _, p := range h.open() {
			_, _ = sdktest.Run(h.env, till.AskAgain, till.PaymentID{Payment: p.ID}) // where there is nothing to ask it is refused
		}
	case n == 10:
		_, _ = sdktest.Run(h.env, till.CloseDay, till.CloseDayIn{Store: "MI-01", Cashier: "bea"}) // nothing may have been written
	default:
		h.fine(h.env.Advance(time.Duration(h.r.IntN(8)) * time.Minute))
	}
}

func (h *counterHistory) fine(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *counterHistory) open() []till.CardPayment {
	return must(sdktest.Call(h.env, till.Payments, till.PaymentsIn{Store: "MI-01"}))(h.t).Payments
}

// answer has the terminal do one of the actions that it is asked for, in any order, or not,
// and tells the till, or says that nobody knows. Sometimes it tells twice.
func (h *counterHistory) answer() {
	if len(h.desk.asked) == 0 {
		return
	}
	i := h.r.IntN(len(h.desk.asked))
	in := h.desk.asked[i]
	h.desk.asked = slices.Delete(h.desk.asked, i, i+1)
	report := till.PaymentReport{Payment: in.Payment, Action: in.Action, Outcome: till.OutcomeUnknown, Reason: "offline"}
	fault := h.r.IntN(8)
	if !h.faulty {
		fault = 7
	}
	switch fault {
	case 0: // the request is lost
	case 1:
		h.bank.do(in) // the answer is lost
	case 2:
		if in.Action == till.DoAuthorise && h.bank.states[in.Payment] == "" {
			h.bank.states[in.Payment] = "refused"
		}
		report.Outcome = h.bank.do(in)
	default:
		report.Outcome = h.bank.do(in)
	}
	for range 1 + h.r.IntN(2) {
		_, err := sdktest.Run(h.env, tellPayment, report)
		h.fine(err)
	}
}

// print has the fiscal device do a job, once under its id, or jam, or lose the answer.
func (h *counterHistory) print() {
	if len(h.desk.printing) == 0 {
		return
	}
	in := h.desk.printing[0]
	h.desk.printing = h.desk.printing[1:]
	fault := h.r.IntN(4)
	report := till.FiscalReport{Job: in.Job, Stuck: "paper"}
	if fault > 0 || !h.faulty {
		f, there := h.paper[in.Job]
		if !there {
			f = till.FiscalReference{Serial: "99SIM", Z: h.desk.z + 1, At: h.env.Now()}
			if h.desk.number++; in.Kind == till.FiscalClose {
				h.desk.z, h.desk.number = h.desk.z+1, 0
			}
			f.Number = h.desk.number
			h.paper[in.Job] = f
		}
		report = till.FiscalReport{Job: in.Job, Fiscal: &f}
	}
	if fault == 1 && h.faulty {
		report = till.FiscalReport{Job: in.Job, Stuck: "offline"} // printed, and nobody heard of it
	}
	_, err := sdktest.Run(h.env, tellFiscal, report)
	h.fine(err)
}

// sell tries to sell a pen by each payment that is open, and somebody gives one up.
func (h *counterHistory) sell() {
	for _, p := range h.open() {
		if h.r.IntN(8) == 0 {
			_, _ = sdktest.Run(h.env, till.Reverse, till.PaymentID{Payment: p.ID}) // a sale may have it
		}
		r, err := sdktest.Run(h.env, till.Close, sale([]till.Line{goodsOf("pen", 1)}, till.Payment{Type: till.Card, Amount: p.Amount, Payment: p.ID}))
		if err == nil {
			h.sales = append(h.sales, r)
		}
		if err == nil && p.State != till.PaymentAuthorised {
			h.t.Fatalf("a payment that is %s pays for a pen", p.State)
		}
	}
}

// undo voids a sale, or returns it.
func (h *counterHistory) undo() {
	if len(h.sales) == 0 {
		return
	}
	i := h.r.IntN(len(h.sales))
	r := h.sales[i]
	h.sales = slices.Delete(h.sales, i, i+1)
	var err error
	if h.r.IntN(2) == 0 {
		_, err = sdktest.Run(h.env, till.Void, till.VoidIn{Receipt: r.ID, Cashier: "ada", Reason: "wrong"})
	} else {
		_, err = sdktest.Run(h.env, till.Return, till.ReturnIn{Receipt: r.ID, Store: "MI-01", Till: "3", Cashier: "ada", Reason: "size", Lines: []till.ReturnLine{{Line: "1", Quantity: 1}}})
	}
	h.fine(err)
}

// documents adds up what the till's documents say of cards, and lists them.
func (h *counterHistory) documents() (sum retail.Money, all []till.Receipt) {
	h.fine(h.env.View(func(v *sdk.View) error {
		for r := range receipts.Scan(v, sdk.Scan{}) {
			all = append(all, r)
			for _, t := range r.Tenders {
				if t.Payment != "" && t.Type == till.Card {
					sum += t.Amount
				}
			}
		}
		return nil
	}))
	return sum, all
}

// balanced: what the bank has is what documents say, but for what is listed open; and
// nothing is held that nobody knows of.
func (h *counterHistory) balanced() {
	h.t.Helper()
	said, _ := h.documents()
	known := map[string]bool{}
	for _, p := range h.open() {
		known[p.ID] = true
		done := h.bank.states[p.ID] == "captured" || h.bank.states[p.ID] == "refunded"
		switch {
		case p.State == till.PaymentTaken && !done:
			said -= p.Amount
		case p.State == till.PaymentRefunding && !done:
			said += p.Amount
		}
	}
	if said != h.bank.net() {
		h.t.Fatalf("documents less what is open come to %s, the terminal has %s", said.Format("EUR"), h.bank.net().Format("EUR"))
	}
	for id, state := range h.bank.states {
		if state == "authorised" && !known[id] {
			h.t.Fatalf("%s is held and nobody knows", id)
		}
	}
}

// mend ends all faults, and lets time go by.
func (h *counterHistory) mend() {
	h.faulty = false
	for range 30 {
		for len(h.desk.asked)+len(h.desk.printing) > 0 {
			h.answer()
			h.print()
		}
		h.fine(h.env.Advance(5 * time.Minute))
	}
	h.balanced()
	if open := h.open(); len(open) > 0 {
		h.t.Fatalf("open at the end: %+v", open)
	}
	if left := must(sdktest.Call(h.env, till.FiscalJobs, till.FiscalJobsIn{Store: "MI-01"}))(h.t); len(left.Jobs) > 0 {
		h.t.Fatalf("not fiscalised at the end: %+v", left.Jobs)
	}
	_, all := h.documents()
	numbers := map[string]string{}
	for _, r := range all {
		shown := must(sdktest.Call(h.env, till.GetReceipt, till.ReceiptID{Receipt: r.ID}))(h.t)
		printed, ok := h.paper[r.ID]
		if !ok || shown.Fiscal == nil || *shown.Fiscal != printed {
			h.t.Fatalf("%s was printed as %+v and is told as %+v", r.ID, printed, shown.Fiscal)
		}
		number := fmt.Sprint(printed.Z, "-", printed.Number)
		if other := numbers[number]; other != "" {
			h.t.Fatalf("%s and %s are both %s", other, r.ID, number)
		}
		numbers[number] = r.ID
	}
}
