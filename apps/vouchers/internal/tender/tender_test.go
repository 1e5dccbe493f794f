package tender

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/bottega-retail/bottega/sdk/retail"
)

// Tables that a retailer can read.
func TestPay(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("testdata/pay.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range strings.Split(string(file), "\n\n") {
		if title, body, ok := strings.Cut(block, "\ndue "); ok {
			title = title[strings.LastIndex(title, "\n")+1:]
			t.Run(title, func(t *testing.T) {
				given, want, _ := strings.Cut(body, "\n--\n")
				if got := played(strings.Split(given, "\n")); got != strings.TrimSpace(want) {
					t.Errorf("got\n%s\nwant\n%s", got, want)
				}
			})
		}
	}
}

func played(lines []string) string {
	due, order, _ := strings.Cut(lines[0], " ")
	var tenders []Tender
	for _, line := range lines[1:] {
		tenders = append(tenders, told(strings.Fields(line)))
	}
	parts, refused, remaining := Order(order).Pay(cents(due), tenders)
	var out []string
	for _, r := range refused {
		out = append(out, r.ID+" refused: "+r.Reason)
	}
	for _, p := range parts {
		out = append(out, fmt.Sprintf("%s pays %s, %s stays", p.ID, text(p.Amount), text(p.Left)))
	}
	return strings.Join(append(out, text(remaining)+" remain"), "\n")
}

// told is a tender as the table has it: name, balance, and what else is known.
func told(f []string) Tender {
	one := Tender{ID: f[0], Balance: cents(f[1])}
	for i := 2; i < len(f); i += 2 {
		word, value := f[i], ""
		if i+1 < len(f) {
			value = f[i+1]
		}
		n, _ := strconv.ParseInt(value, 10, 64)
		amount := cents(value)
		switch word {
		case "priority":
			one.Priority = &n
		case "at-most":
			one.Limit = &amount
		case "asked":
			one.Amount = &amount
		case "expires":
			one.Expires = retail.Instant(n)
		case "not":
			one.Refuse = value
		case "open":
			one.Open = true
		}
	}
	return one
}

func cents(s string) retail.Money {
	n, _ := strconv.ParseInt(strings.Replace(s, ".", "", 1), 10, 64)
	return retail.Money(n)
}

func text(m retail.Money) string { return strings.TrimSuffix(m.Format("EUR"), " EUR") }

// In whatever order: what tenders pay and what remains is the total; nobody pays more than
// is on it; and nothing remains while something could still pay.
func TestAddsUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		due := retail.Money(rapid.Int64Range(0, 200).Draw(t, "due"))
		tenders := make([]Tender, rapid.IntRange(0, 5).Draw(t, "tenders"))
		var could retail.Money
		for i := range tenders {
			tenders[i] = Tender{ID: strconv.Itoa(i), Balance: retail.Money(rapid.Int64Range(0, 90).Draw(t, "balance"))}
			if rapid.Bool().Draw(t, "first") {
				n := rapid.Int64Range(0, 2).Draw(t, "priority")
				tenders[i].Priority = &n
			}
			tenders[i].Expires = retail.Instant(rapid.Int64Range(0, 3).Draw(t, "expires"))
			could += tenders[i].Balance
		}
		order := rapid.SampledFrom([]Order{ByPriority, ByHighest, AsGiven, BySmallest, ByLargest, ByExpiry, Shared}).Draw(t, "order")
		parts, _, remaining := order.Pay(due, tenders)
		sum := remaining
		for _, p := range parts {
			i, _ := strconv.Atoi(p.ID)
			if sum += p.Amount; p.Amount <= 0 || p.Left < 0 || p.Amount+p.Left != tenders[i].Balance {
				t.Fatalf("%+v of %+v", p, tenders[i])
			}
		}
		if sum != due || remaining != max(due-could, 0) {
			t.Fatalf("%d paid and remaining of %d, %d could", sum, due, could)
		}
	})
}
