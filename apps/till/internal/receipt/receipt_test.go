package receipt

import (
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/bottega-retail/bottega/sdk/retail"
)

func TestSettle(t *testing.T) {
	t.Parallel()
	cash := func(m retail.Money) Payment { return Payment{Cash: true, Amount: m} }
	card := func(m retail.Money) Payment { return Payment{Amount: m} }
	for _, tt := range []struct {
		name     string
		total    retail.Money
		payments []Payment
		want     Settled
		refusal  *Refusal
	}{
		{"19.91 in cash is 19.90", 1991, []Payment{cash(2000)}, Settled{Rounding: -1, Change: 10}, nil},
		{"19.92 in cash is 19.90", 1992, []Payment{cash(1990)}, Settled{Rounding: -2}, nil},
		{"19.93 in cash is 19.95", 1993, []Payment{cash(1995)}, Settled{Rounding: 2}, nil},
		{"19.96 in cash is 19.95", 1996, []Payment{cash(2000)}, Settled{Rounding: -1, Change: 5}, nil},
		{"19.97 in cash is 19.95", 1997, []Payment{cash(1000), cash(1000)}, Settled{Rounding: -2, Change: 5}, nil},
		{"19.98 in cash is 20.00", 1998, []Payment{cash(1999)}, Settled{}, &Refusal{Index: -1, Reason: Underpaid, Amount: 1}},
		{"0.02 in cash is nothing", 2, []Payment{cash(100)}, Settled{Rounding: -2, Change: 100}, nil},
		{"a card pays to the cent", 1991, []Payment{card(1991)}, Settled{}, nil},
		{"card and cash are not rounded", 1991, []Payment{cash(1000), card(1000)}, Settled{Change: 9}, nil},
		{"cash comes last, wherever it stands", 1000, []Payment{cash(500), card(1000)}, Settled{}, &Refusal{Index: 0, Reason: NothingDue}},
		{"no change from a card", 1000, []Payment{card(600), card(401)}, Settled{}, &Refusal{Index: 1, Reason: ExceedsDue, Amount: 400}},
		{"too little", 1000, []Payment{card(600), cash(399)}, Settled{}, &Refusal{Index: -1, Reason: Underpaid, Amount: 1}},
		{"nothing for nothing", 0, nil, Settled{}, nil},
		{"something for nothing", 0, []Payment{cash(5)}, Settled{}, &Refusal{Index: 0, Reason: NothingDue}},
		{"nothing for something", 5, nil, Settled{}, &Refusal{Index: -1, Reason: Underpaid, Amount: 5}},
		{"a negative tender", 5, []Payment{cash(10), card(-5)}, Settled{}, &Refusal{Index: 1, Reason: BadAmount}},
		{"a tender beyond all money", 5, []Payment{cash(1 << 60)}, Settled{}, &Refusal{Index: 0, Reason: BadAmount}},
	} {
		got, refusal := Settle(tt.total, 5, tt.payments)
		if got != tt.want || (refusal == nil) != (tt.refusal == nil) || refusal != nil && *refusal != *tt.refusal {
			t.Errorf("%s: %+v, %+v; want %+v, %+v", tt.name, got, refusal, tt.want, tt.refusal)
		}
	}
}

// Whatever is settled adds up, and change is only of cash.
func TestSettledAddsUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		total := retail.Money(rapid.Int64Range(0, 5_000).Draw(t, "total"))
		step := retail.Money(rapid.SampledFrom([]int64{0, 1, 5, 10}).Draw(t, "step"))
		payments := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Payment {
			return Payment{Cash: rapid.Bool().Draw(t, "cash"), Amount: retail.Money(rapid.Int64Range(1, 5_000).Draw(t, "amount"))}
		}), 0, 4).Draw(t, "payments")
		s, refusal := Settle(total, step, payments)
		if refusal != nil {
			return
		}
		var sum, cash retail.Money
		wholly := true
		for _, p := range payments {
			sum += p.Amount
			if p.Cash {
				cash += p.Amount
			} else {
				wholly = false
			}
		}
		if sum-s.Change != total+s.Rounding || s.Change < 0 || s.Change > cash {
			t.Fatalf("%d paid for %d: %+v", sum, total, s)
		}
		if s.Rounding != 0 && (!wholly || (total+s.Rounding)%step != 0 || 2*max(s.Rounding, -s.Rounding) > step) {
			t.Fatalf("rounded %d by %d", total, s.Rounding)
		}
	})
}

// Units that come back in any parts are worth the line, share for share, and
// their VAT is the sale's.
func TestUnitsAddUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Units {
			total := retail.Money(rapid.Int64Range(0, 3_000).Draw(t, "total"))
			return Units{
				Sold: retail.Quantity(rapid.Int64Range(1, 9).Draw(t, "sold")), Total: total, List: total + 100,
				Rate: rapid.SampledFrom([]retail.BasisPoints{0, 400, 1000, 2200}).Draw(t, "rate"),
			}
		}), 1, 5).Draw(t, "lines")
		var shares []retail.VATShare
		var total, worth, list retail.Money
		for _, l := range lines {
			shares = append(shares, retail.VATShare{Rate: l.Rate, Gross: l.Total})
			total += l.Total
		}
		want, err := retail.SplitVAT(shares)
		if err != nil {
			t.Fatal(err)
		}
		back := slices.Clone(want)
		for i := range back {
			back[i].Gross, back[i].Net, back[i].VAT = 0, 0, 0
		}
		for open := true; open; {
			open = false
			for i := range lines {
				l := &lines[i]
				l.From = l.To
				l.To += retail.Quantity(rapid.Int64Range(0, int64(l.Sold-l.From)).Draw(t, "units"))
				open = open || l.To < l.Sold
				worth, list = worth+l.Worth(), list+l.ListWorth()
				checkShares(t, *l)
			}
			for _, v := range VATBack(lines) {
				i := slices.IndexFunc(back, func(b retail.VATShare) bool { return b.Rate == v.Rate })
				back[i].Gross, back[i].Net, back[i].VAT = back[i].Gross+v.Gross, back[i].Net+v.Net, back[i].VAT+v.VAT
			}
		}
		if worth != total || list != total+100*retail.Money(len(lines)) || !slices.Equal(back, want) {
			t.Fatalf("worth %d of %d, list %d, VAT %+v of %+v", worth, total, list, back, want)
		}
	})
}

func checkShares(t *rapid.T, u Units) {
	var worth retail.Money
	var units retail.Quantity
	for _, s := range u.Shares() {
		worth, units = worth+s.Amount*retail.Money(s.Quantity), units+s.Quantity
	}
	if worth != u.Worth() || units != u.To-u.From {
		t.Fatalf("%+v: shares %+v", u, u.Shares())
	}
}

func TestCashBack(t *testing.T) {
	t.Parallel()
	// 3 × 3.33 paid 10.00 in cash: 3.35, 3.30 and 3.35 come back.
	var before retail.Money
	for i, want := range []retail.Money{335, 330, 335} {
		out := CashBack(retail.Money(i+1)*333, before, 1000, 5)
		if before += out; out != want {
			t.Errorf("refund %d pays %d, want %d", i, out, want)
		}
	}
	// A sale that a card paid to the cent cannot be refunded above it.
	if out := CashBack(1998, 0, 1998, 5); out != 1995 {
		t.Errorf("%d", out)
	}
	if out := CashBack(1998, 0, 1998, 1); out != 1998 {
		t.Errorf("%d", out)
	}
}

// No sequence of cash refunds pays out more than was paid, and that of all
// units pays out exactly that if the sale was rounded as cash is.
func TestCashBackNeverExceeds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		total := retail.Money(rapid.Int64Range(0, 3_000).Draw(t, "total"))
		rounded := rapid.Bool().Draw(t, "rounded")
		paid := total
		if rounded {
			paid = round(total, 5)
		}
		var worth, out retail.Money
		for worth < total {
			worth += retail.Money(rapid.Int64Range(1, int64(total-worth)).Draw(t, "worth"))
			pay := CashBack(worth, out, paid, 5)
			if out += pay; pay < 0 || out > paid || pay%5 != 0 {
				t.Fatalf("paid %d back, %d of %d", pay, out, paid)
			}
		}
		if rounded && out != paid {
			t.Fatalf("all units came back for %d of %d", out, paid)
		}
	})
}

func TestDecimal(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text     string
		quantity retail.Quantity
		digits   int
		want     retail.Money
	}{
		{"2.55", 6, 2, 1530},
		{"0.001", 5, 2, 1}, // half a cent, away from zero
		{"0.001", -5, 2, -1},
		{"0.001", 4, 2, 0},
		{"-11062.06", 1, 2, -1_106_206},
		{"8.5", 3, 2, 2550},
		{"7", 2, 2, 1400},
		{"0", -9600, 2, 0},
		{"2.08", 80995, 2, 16_846_960},
		{"1.005", 1, 2, 101},
		{"1.5", 1, 0, 2},
		{"00012.340", 1, 2, 1234},
	} {
		d, err := ParseDecimal(tt.text)
		if err != nil {
			t.Errorf("%s: %v", tt.text, err)
			continue
		}
		if got, err := d.Times(tt.quantity, tt.digits); err != nil || got != tt.want {
			t.Errorf("%d × %s is %d (%v), want %d", tt.quantity, tt.text, got, err, tt.want)
		}
	}
	for _, text := range []string{"", "-", ".", "1.", ".5", "1,5", "1e3", "+1", " 1", "--1", "1.2.3", "1234567890123456", "٣"} {
		if d, err := ParseDecimal(text); !errors.Is(err, ErrDecimal) {
			t.Errorf("%q is %+v", text, d)
		}
	}
	d, err := ParseDecimal("999999999999999")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := d.Times(1<<40, 2); !errors.Is(err, retail.ErrOverflow) {
		t.Errorf("overflow is %d, %v", got, err)
	}
}

func FuzzParseDecimal(f *testing.F) {
	for _, s := range []string{"2.55", "-0.001", "1e3", "", "9.99999999999999"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := ParseDecimal(text)
		if err != nil {
			return
		}
		if d.Scale < 0 || d.Scale > 15 || d.Digits > 999_999_999_999_999 || d.Digits < -999_999_999_999_999 {
			t.Fatalf("%q is %+v", text, d)
		}
	})
}
