package card

import (
	"bufio"
	"os"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/bottega-retail/bottega/sdk/retail"
)

// Tables that a retailer can read: what happens to a card, one thing a line, and what is
// on it after. A refused thing ends in ! and its reason.
func TestTables(t *testing.T) {
	t.Parallel()
	file, err := os.Open("testdata/lives.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var w *world
	for s, n := bufio.NewScanner(file), 1; s.Scan(); n++ {
		line, _, _ := strings.Cut(s.Text(), "#")
		switch line = strings.TrimSpace(line); {
		case line == "":
		case strings.HasPrefix(line, "card"):
			w = newWorld(strings.Fields(line)[1:])
		default:
			did, want, _ := strings.Cut(line, "->")
			if got := w.do(strings.Fields(did)); got != strings.Join(strings.Fields(want), " ") {
				t.Errorf("line %d: %s\n got  %s\n want %s", n, did, got, strings.TrimSpace(want))
			}
		}
	}
}

// world is one card, one more, and a day.
type world struct {
	cards            map[string]*Account
	day              retail.Instant
	most             retail.Money
	reloadable       bool
	months, reopened retail.Instant // days that a card is valid, and after a refund
}

func newWorld(words []string) *world {
	w := &world{cards: map[string]*Account{"A": {State: Blank}, "B": {State: Blank}}, day: 1}
	for _, word := range words {
		name, value, _ := strings.Cut(word, "=")
		switch name {
		case "valid":
			w.months = retail.Instant(cents(value) / 100)
		case "reloadable":
			w.reloadable = true
		case "most":
			w.most = cents(value)
		case "reopens":
			w.reopened = retail.Instant(cents(value) / 100)
		}
	}
	return w
}

// cents reads 12.50, or 12 for twelve whole ones.
func cents(text string) retail.Money {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0
	}
	return retail.Money(f*100 + 0.5)
}

func (w *world) do(words []string) string {
	a := w.cards[words[0]]
	if words[0] == "day" {
		w.day = retail.Instant(cents(words[1]) / 100)
		return ""
	}
	by, document := retail.Money(0), ""
	for _, word := range words[2:] {
		if c := cents(word); c > 0 && word[0] != 'R' {
			by = c
		} else {
			document = word
		}
	}
	refusal := w.act(a, words[1], by, document)
	if refusal != nil {
		out := "! " + string(refusal.Reason)
		if refusal.Left > 0 {
			out += " " + text(refusal.Left)
		}
		return out
	}
	out := string(a.State) + " " + text(a.Balance)
	if a.Blocked {
		out = "blocked " + text(a.Balance)
	}
	return out
}

func (w *world) act(a *Account, what string, by retail.Money, document string) (r *Refusal) {
	expires := retail.Instant(0)
	if w.months > 0 {
		expires = w.day + w.months
	}
	switch what {
	case "activate":
		_, r = a.Activate(by, w.most, expires, document)
	case "top-up":
		_, r = a.TopUp(by, w.most, w.reloadable, a.Expires, w.day, document)
	case "pays":
		_, r = a.Redeem(by, w.day, document)
	case "gets-back":
		reopen := retail.Instant(0)
		if w.reopened > 0 {
			reopen = w.day + w.reopened
		}
		_, r = a.Refund(by, w.day, reopen)
	case "expires":
		a.Lapse(w.day)
	case "sale-undone":
		_, r = a.Unload(by, true, w.day)
	case "top-up-undone":
		_, r = a.Unload(by, false, w.day)
	case "allots":
		r = a.Allot(by, w.day)
	case "till-spent":
		_, r = a.Draw(by, a.Held, document)
	case "till-gives-up":
		a.Release(by)
	case "block":
		a.Blocked = true
	case "unblock":
		a.Blocked = false
	case "moves-to":
		_, r = a.MoveTo(w.cards[document], w.most, w.day)
	default:
		panic(what)
	}
	return r
}

func text(m retail.Money) string { return strings.TrimSuffix(m.Format("EUR"), " EUR") }

// Whatever happens in whatever order, both cards keep their promises, the entries of both
// sum to what is on them, and no cent is made or lost.
func TestNothingIsMadeOrLost(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		cards := []*Account{{State: Blank}, {State: Blank}}
		sums := make([]retail.Money, 2)
		var now retail.Instant = 1
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			i := rapid.IntRange(0, 1).Draw(t, "card")
			a, by := cards[i], retail.Money(rapid.Int64Range(-1, 60).Draw(t, "amount"))
			document := rapid.SampledFrom([]string{"", "R1", "R2", "R3"}).Draw(t, "document")
			before := *a
			var moved retail.Money
			var r *Refusal
			switch rapid.IntRange(0, 11).Draw(t, "what") {
			case 0:
				moved, r = a.Activate(by, 50, now+10, document)
			case 1:
				moved, r = a.TopUp(by, 50, true, now+10, now, document)
			case 2:
				moved, r = a.Redeem(by, now, document)
			case 3:
				moved, r = a.Refund(by, now, now+5)
			case 4:
				moved, _ = a.Lapse(now)
			case 5:
				moved, r = a.Unload(max(by, 1), true, now)
			case 6:
				moved, r = a.Unload(max(by, 1), false, now)
			case 7:
				if moved, r = a.MoveTo(cards[1-i], 50, now); r == nil {
					sums[1-i] += moved
					moved = -moved
				}
			case 9:
				r = a.Allot(by, now)
			case 10:
				moved, r = a.Draw(by, a.Held, document)
			case 11:
				moved = a.Release(min(max(by, 0), a.Held))
			case 8:
				a.Blocked = !a.Blocked
				now += retail.Instant(rapid.Int64Range(0, 8).Draw(t, "days"))
			}
			if r != nil && *a != before {
				t.Fatalf("refused with %s and changed: %+v, %+v", r.Reason, before, *a)
			}
			sums[i] += moved
			for n, c := range cards {
				if c.Fault() != "" || c.Balance != sums[n] {
					t.Fatalf("%s: %+v, its entries sum to %d", c.Fault(), *c, sums[n])
				}
			}
		}
	})
}

// However a single-purpose voucher is used up, in whatever parts and with whatever coming
// back, its VAT is that of the whole: once, to the cent.
func TestVATOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rate := retail.BasisPoints(rapid.SampledFrom([]int64{400, 500, 1000, 2200}).Draw(t, "rate"))
		var used, net, vat retail.Money
		for range rapid.IntRange(1, 20).Draw(t, "parts") {
			part := retail.Money(rapid.Int64Range(1, 5000).Draw(t, "part"))
			sign := retail.Money(1)
			if part <= used && rapid.Bool().Draw(t, "back") {
				used, sign = used-part, -1
			}
			s, err := VAT(used, part, rate)
			if err != nil || s.Net+s.VAT != part || s.VAT < 0 {
				t.Fatalf("%+v %v", s, err)
			}
			net, vat = net+sign*s.Net, vat+sign*s.VAT
			if sign > 0 {
				used += part
			}
		}
		wantNet, wantVAT, _ := retail.SplitGross(used, rate)
		if net != wantNet || vat != wantVAT {
			t.Fatalf("net %d and VAT %d of %d; want %d and %d", net, vat, used, wantNet, wantVAT)
		}
	})
}
