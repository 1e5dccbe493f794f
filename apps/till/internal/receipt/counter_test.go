package receipt

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/bottega-retail/bottega/sdk/retail"
)

// Cash is rounded to the nearest five cents, half up: the vectors of the law's readers.
func TestCashVectors(t *testing.T) {
	t.Parallel()
	for total, want := range map[retail.Money]retail.Money{1991: 1990, 1992: 1990, 1993: 1995, 1996: 1995, 1997: 1995, 1998: 2000} {
		s, refusal := Settle(total, 5, []Payment{{Cash: true, Amount: want}})
		if refusal != nil || total+s.Rounding != want || s.Change != 0 {
			t.Errorf("%d: %+v %+v", total, s, refusal)
		}
		if out := CashBack(total, 0, want, 5); out != want {
			t.Errorf("%d refunds %d", total, out)
		}
	}
}

// What can be placed is what brute force can place, cent by cent.
func TestExceedsIsFlow(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		parts := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Part {
			return Part{Amount: retail.Money(rapid.IntRange(0, 4).Draw(t, "amount")), Kinds: uint(rapid.IntRange(0, 7).Draw(t, "kinds"))}
		}), 1, 4).Draw(rt, "parts")
		tenders := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Limited {
			return Limited{Kind: rapid.IntRange(0, 2).Draw(t, "kind"), Amount: retail.Money(rapid.IntRange(1, 5).Draw(t, "amount"))}
		}), 1, 4).Draw(rt, "tenders")
		at, most := Exceeds(tenders, parts)
		want, best := -1, retail.Money(0)
		for i := range tenders {
			if !places(tenders[:i+1], parts) {
				want = i
				break
			}
		}
		if at != want {
			rt.Fatalf("%+v over %+v: %d, want %d", tenders, parts, at, want)
		}
		if at < 0 {
			return
		}
		for cut := slices.Clone(tenders[:at+1]); best < tenders[at].Amount; best++ {
			if cut[at].Amount = best + 1; !places(cut, parts) {
				break
			}
		}
		if most != best {
			rt.Fatalf("%+v over %+v: %d at most, want %d", tenders, parts, most, best)
		}
	})
}

// places tries every way to place tenders on parts.
func places(tenders []Limited, parts []Part) bool {
	tenders = slices.DeleteFunc(slices.Clone(tenders), func(l Limited) bool { return l.Amount == 0 })
	if len(tenders) == 0 {
		return true
	}
	first := tenders[0]
	for i, p := range parts {
		if n := min(first.Amount, p.Amount); n > 0 && p.Kinds&(1<<first.Kind) != 0 {
			rest, less := slices.Clone(tenders), slices.Clone(parts)
			rest[0].Amount--
			less[i].Amount--
			if places(rest, less) {
				return true
			}
		}
	}
	return false
}

// A refund is placed as far as the means go, cash last, none beyond what it paid.
func TestSpread(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		means := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Means {
			return Means{Cash: rapid.Bool().Draw(t, "cash"), Left: retail.Money(rapid.IntRange(0, 50).Draw(t, "left"))}
		}), 0, 4).Draw(rt, "means")
		amount := retail.Money(rapid.IntRange(0, 120).Draw(rt, "amount"))
		parts, over := Spread(amount, means)
		var placed, left retail.Money
		used, cash := map[int]retail.Money{}, false
		for _, m := range means {
			left += m.Left
		}
		for _, p := range parts {
			placed, used[p.Index] = placed+p.Amount, used[p.Index]+p.Amount
			if cash = cash || means[p.Index].Cash; cash && !means[p.Index].Cash || p.Amount <= 0 || used[p.Index] > means[p.Index].Left {
				rt.Fatalf("%+v of %+v", parts, means)
			}
		}
		if placed+over != amount || placed != min(amount, left) {
			rt.Fatalf("placed %d and %d over of %d in %d", placed, over, amount, left)
		}
	})
}

// A code finds its document, and one wrong character or two swapped neighbours find none.
func TestCode(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		id := rapid.StringMatching(`[A-Z0-9-]{1,8}(\.[A-Z0-9]{1,3})?/[a-z0-9]{1,4}/[1-9][0-9]{0,6}`).Draw(rt, "id")
		code := CodeOf(id)
		if !slices.Contains(IDsOf(code), id) {
			rt.Fatalf("%s: %v", code, IDsOf(code))
		}
		at := rapid.IntRange(0, len(code)-1).Draw(rt, "at")
		wrong := []byte(code)
		if wrong[at] = byte(rapid.IntRange(33, 126).Draw(rt, "wrong")); string(wrong) != code && slices.Contains(IDsOf(string(wrong)), id) {
			rt.Fatalf("%s passes for %s", wrong, code)
		}
		if ids := IDsOf(string(wrong)); string(wrong) != code && at < len(code)-3 && len(ids) > 0 {
			rt.Fatalf("%s is %v", wrong, ids)
		}
		if at < len(code)-4 {
			swapped := []byte(code)
			swapped[at], swapped[at+1] = swapped[at+1], swapped[at]
			if string(swapped) != code && len(IDsOf(string(swapped))) > 0 {
				rt.Fatalf("%s passes for %s", swapped, code)
			}
		}
	})
}

func TestTaxCodes(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]bool{
		"RSSMRA85T10A562S": true, "RSSMRA85T10A562T": false, "RSSMRA85T10A56NH": true, "rssmra85t10a562s": false,
		"12345678903": true, "12345678901": false, "00000000000": true, "": false, "RSSMRA85T10A562": false,
	} {
		if got := TaxCode(code); got != want {
			t.Errorf("%s: %v", code, got)
		}
	}
}

// A ledger is the same after it was carried as text, whatever its names are.
func TestLedger(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		var a, b Ledger
		names := rapid.SampledFrom([]string{"", "EUR/total", "EUR/department/4:=;", "à"})
		for range rapid.IntRange(0, 8).Draw(rt, "adds") {
			name, v := names.Draw(rt, "name"), rapid.Int64Range(-3, 3).Draw(rt, "value")
			a.Add(name, v)
			if rapid.Bool().Draw(rt, "both") {
				b.Add(name, v)
			}
		}
		back, err := ParseLedger(a.String())
		if err != nil || !slices.Equal(back, a) {
			rt.Fatalf("%q: %v %v", a, back, err)
		}
		for _, d := range a.Differences(b) {
			if d.Want == d.Got || d.Want != b.value(d.Name) || d.Got != a.value(d.Name) {
				rt.Fatalf("%+v", d)
			}
		}
		if len(a.Differences(a)) != 0 || (len(a.Differences(b)) == 0) != slices.Equal(a, b) {
			rt.Fatalf("%v and %v", a, b)
		}
	})
	for _, bad := range []string{"1", "9:a=1;", "1:a1;", "1:a=x;", "-1:a=1;", "1:a=1", strings.Repeat("9", 30)} {
		if _, err := ParseLedger(bad); err == nil {
			t.Errorf("%q is a ledger", bad)
		}
	}
}
