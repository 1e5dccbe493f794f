package app

import (
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/apps/vouchers"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// modelled is what the model knows of a card.
type modelled struct {
	id, code  string
	active    bool // it was activated and is not over for good
	ended     bool
	blocked   bool
	balance   retail.Money
	expires   retail.Instant
	loadedBy  string
	spentBy   string
	paid      map[string]retail.Money // by sale, what it paid and was not given back
	successor *modelled
	loads     map[string]retail.Money // by sale, what that put on it
	first     string                  // sale that activated it
}

// usable says whether it may be spent.
func (m *modelled) usable(now retail.Instant) bool {
	return m.active && !m.ended && !m.blocked && (m.expires == 0 || now < m.expires)
}

// history is a retailer with some cards, and what must be on them.
type history struct {
	env   *sdktest.Env
	cards []*modelled
	next  int
	owed  retail.Money
	sales []sale
}

// sale is one that a card paid a part of.
type sale struct {
	id, kept string
	card     *modelled
}

// Whatever is sold, spent, refunded, undone, blocked, expires, moves or runs twice, in
// whatever order: what is on every card is what the model says, a till takes exactly what
// may be taken, ledgers sum up, and what is owed is what is on the cards. When everything
// has come back, nothing is missing but what expired.
func TestHistories(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		h := &history{env: desk(t)}
		for range 3 {
			c := blank(t, h.env, "gift")
			h.cards = append(h.cards, &modelled{id: c.Card, code: c.Code, paid: map[string]retail.Money{}, loads: map[string]retail.Money{}})
		}
		rt.Repeat(map[string]func(*rapid.T){
			"sell a card": h.sell, "pay": h.pay, "give back": h.giveBack, "undo the sale of a card": h.unsell, "block": h.block,
			"move": h.move, "wait": h.wait, "conflict": func(*rapid.T) { h.env.Faults.Conflict(2) },
			"": func(rt *rapid.T) { h.check(rt) },
		})
		h.giveAllBack(rt)
		h.check(rt)
		sound(rt, h.env)
	})
}

func (h *history) some(rt *rapid.T) *modelled {
	return h.cards[rapid.IntRange(0, len(h.cards)-1).Draw(rt, "card")]
}

func (h *history) document() string {
	h.next++
	return "MI-01/3/" + strconv.Itoa(h.next)
}

func amountOf(rt *rapid.T) retail.Money {
	return retail.Money(rapid.Int64Range(1, 6000).Draw(rt, "amount"))
}

func (h *history) sell(rt *rapid.T) {
	m, by, document := h.some(rt), amountOf(rt), h.document()
	_, err := sdktest.One(h.env, till.StoredValue, "gift_card", till.StoredIn{
		Receipt: document, Store: "MI-01", Entity: "IT01", Currency: "EUR",
		Lines: []till.StoredLine{{Line: "1", Quantity: 1, Amount: by, Code: m.code}},
	})
	blankNow := !m.active && !m.ended && !m.blocked
	want := blankNow || m.usable(h.env.Now()) && m.balance+by <= 50000
	if (err == nil) != want {
		rt.Fatalf("sold %d onto %+v: %v", by, m, err)
	}
	if err != nil {
		return
	}
	if blankNow {
		m.active, m.first = true, document
		m.expires = on(rt, h.env, m.id).Expires
	}
	m.balance, m.loadedBy, m.loads[document], h.owed = m.balance+by, document, by, h.owed+by
}

func (h *history) pay(rt *rapid.T) {
	m, by, document := h.some(rt), amountOf(rt), h.document()
	if rapid.Bool().Draw(rt, "all of it") && m.balance > 0 {
		by = m.balance
	}
	if rapid.IntRange(0, 9).Draw(rt, "with the receipt that loaded it") == 0 && m.loadedBy != "" {
		document = m.loadedBy
	}
	out, err := sdktest.One(h.env, till.Tender, "gift_card", pay(m.code, by, document))
	if want := m.usable(h.env.Now()) && by <= m.balance && document != m.loadedBy; (err == nil) != want {
		rt.Fatalf("paid %d of %+v: %v", by, m, err)
	}
	if err != nil {
		return
	}
	m.balance, m.spentBy, m.paid[document], h.owed = m.balance-by, document, m.paid[document]+by, h.owed-by
	h.sales = append(h.sales, sale{document, out.Reference, m})
}

// heir is the card that gets what comes back to a card.
func (m *modelled) heir() *modelled {
	for m.successor != nil {
		m = m.successor
	}
	return m
}

func (h *history) giveBack(rt *rapid.T) {
	if len(h.sales) == 0 {
		return
	}
	s := h.sales[rapid.IntRange(0, len(h.sales)-1).Draw(rt, "sale")]
	by := amountOf(rt)
	if left := s.card.paid[s.id]; rapid.Bool().Draw(rt, "around what is left") {
		by = max(left+retail.Money(rapid.Int64Range(-1, 1).Draw(rt, "beside it")), 1)
	}
	h.back(rt, s, by)
}

func (h *history) back(rt *rapid.T, s sale, by retail.Money) {
	_, err := sdktest.One(h.env, till.Tender, "gift_card", payBack(s.kept, by, h.document(), s.id))
	to := s.card.heir()
	if want := by <= s.card.paid[s.id] && !to.ended; (err == nil) != want {
		rt.Fatalf("gave %d of %d back to %+v: %v", by, s.card.paid[s.id], to, err)
	}
	if err != nil {
		return
	}
	s.card.paid[s.id] -= by
	to.balance, h.owed = to.balance+by, h.owed+by
	to.expires = on(rt, h.env, to.id).Expires // opened again if it had expired
	if to.expires != 0 && to.expires <= h.env.Now() {
		rt.Fatalf("given back to what is over: %+v", to)
	}
}

// unsell undoes a sale that put something on a card.
func (h *history) unsell(rt *rapid.T) {
	m := h.some(rt)
	var documents []string
	for n := range h.next {
		if id := "MI-01/3/" + strconv.Itoa(n+1); m.loads[id] > 0 {
			documents = append(documents, id)
		}
	}
	if len(documents) == 0 {
		return
	}
	document := rapid.SampledFrom(documents).Draw(rt, "sale")
	out, err := sdktest.Run(h.env, vouchers.Cancel, vouchers.CancelIn{Card: m.id, Original: document, Document: h.document()})
	if err != nil {
		if m.usable(h.env.Now()) && m.first != document && m.balance >= m.loads[document] {
			rt.Fatalf("a top-up of %d stays on %+v: %v", m.loads[document], m, err)
		}
		return
	}
	if out.Amount != -m.loads[document] || m.balance < -out.Amount {
		rt.Fatalf("took %d off %+v", out.Amount, m)
	}
	m.balance, h.owed, m.loads[document] = m.balance+out.Amount, h.owed+out.Amount, 0
	m.ended = m.ended || document == m.first
}

func (h *history) block(rt *rapid.T) {
	m := h.some(rt)
	operation := vouchers.Block
	if m.blocked {
		operation = vouchers.Unblock
	}
	if _, err := sdktest.Run(h.env, operation, vouchers.BlockIn{Card: m.id, Reason: "found"}); (err == nil) != !m.ended {
		rt.Fatalf("block %+v: %v", m, err)
	} else if err == nil {
		m.blocked = !m.blocked
	}
}

func (h *history) move(rt *rapid.T) {
	from, to := h.some(rt), h.some(rt)
	out, err := sdktest.Run(h.env, vouchers.Transfer, vouchers.TransferIn{Card: from.id, To: to.id, Reason: "lost"})
	if err != nil {
		return
	}
	if from == to || !from.active || from.ended || to.blocked || to.ended || out.Amount != from.balance {
		rt.Fatalf("moved %+v to %+v: %+v", from, to, out)
	}
	to.active, to.balance, to.expires = true, to.balance+from.balance, out.Expires
	to.loadedBy = from.loadedBy
	from.ended, from.balance, from.successor = true, 0, to
}

// wait lets cards expire: what is on them then is gone.
func (h *history) wait(rt *rapid.T) {
	days := rapid.SampledFrom([]int{1, 30, 200, 400}).Draw(rt, "days")
	if err := h.env.Advance(time.Duration(days) * 24 * time.Hour); err != nil {
		rt.Fatal(err)
	}
	for _, m := range h.cards {
		if m.expires != 0 && m.expires <= h.env.Now() {
			h.owed, m.balance = h.owed-m.balance, 0
		}
	}
}

// giveAllBack returns everything that any card paid, in an order of chance.
func (h *history) giveAllBack(rt *rapid.T) {
	for _, i := range rapid.Permutation(indexes(len(h.sales))).Draw(rt, "order") {
		if s := h.sales[i]; s.card.paid[s.id] > 0 && !(s.card.heir().ended) {
			h.back(rt, s, s.card.paid[s.id])
		}
	}
}

func indexes(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// check compares cards with the model, and what is owed with both.
func (h *history) check(rt *rapid.T) {
	var sum retail.Money
	for _, m := range h.cards {
		got, err := sdktest.Call(h.env, vouchers.GetCard, vouchers.CardID{Card: m.id})
		if err != nil || got.Balance != m.balance || got.Balance < 0 || got.Balance > got.Loaded {
			rt.Fatalf("on the card %+v, in the model %+v: %v", got, m, err)
		}
		if (got.State == vouchers.StateActive) != m.usable(h.env.Now()) {
			rt.Fatalf("the card is %s, in the model %+v", got.State, m)
		}
		sum += got.Balance
	}
	out, err := sdktest.Call(h.env, vouchers.Report, vouchers.ReportIn{})
	if err != nil {
		rt.Fatal(err)
	}
	for _, row := range out.Rows {
		if row.Kind == "gift" && (row.Outstanding != sum || sum != h.owed) {
			rt.Fatalf("%d is owed, %d on cards, %d in the model", row.Outstanding, sum, h.owed)
		}
	}
}
