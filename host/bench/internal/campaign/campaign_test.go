package campaign

import (
	"slices"
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/host/bench/internal/peer"
	"github.com/bottega-retail/bottega/host/bench/internal/shop"
)

// TestKindsAreAllOfThem: the shares come to a hundred, every mark stands in its
// promotion, and the marks of further ones are as long and their own.
func TestKindsAreAllOfThem(t *testing.T) {
	t.Parallel()
	shares, seen := 0, map[string]bool{}
	for _, k := range Kinds() {
		shares += k.Share
		if k.Promotion.ID != k.Mark || k.Marked(0) != k.Mark {
			t.Errorf("%s is marked %s and begins with %s", k.Promotion.ID, k.Mark, k.Marked(0))
		}
		for _, n := range []int{0, 1, 45_000, 9_999_999} {
			if m := k.Marked(n); len(m) != len(k.Mark) || seen[m] {
				t.Errorf("the mark %s is seen before, or longer than %s", m, k.Mark)
			} else {
				seen[m] = true
			}
		}
	}
	if shares != 100 {
		t.Errorf("shares of %d in 100", shares)
	}
}

// TestMatchingNameWhatIsInTheBasket: the five are different and speak of goods that
// are there.
func TestMatchingNameWhatIsInTheBasket(t *testing.T) {
	t.Parallel()
	s := shop.New()
	all := Matching(s)
	if len(all) != Applied || len(Basket(s, 0).Lines) != Lines {
		t.Fatalf("%d promotions for %d lines", len(all), len(Basket(s, 0).Lines))
	}
	if slices.Equal(Basket(s, 0).Lines, Basket(s, 1).Lines) {
		t.Error("two baskets have the same lines")
	}
}

// TestHardRulesHoldForFive: what a set says of itself is what expr finds, and zen's
// text asks for the same numbers.
func TestHardRulesHoldForFive(t *testing.T) {
	t.Parallel()
	s := shop.New()
	facts := FactsOf(s, Basket(s, 0))
	for name, rules := range map[string][]Rule{"basket": ByBasket(facts, 1000), "goods": ByGoods(facts, 1000)} {
		var all []peer.Predicate
		for _, r := range rules {
			all = append(all, peer.Predicate{ID: r.Promotion.ID, When: r.Expr})
			if digits(r.Expr) != digits(r.Zen) {
				t.Errorf("%s %s: %s is not %s", name, r.Promotion.ID, r.Expr, r.Zen)
			}
		}
		e, err := peer.OpenExpr[Facts](all)
		if err != nil {
			t.Fatal(err)
		}
		hits, err := e.Evaluate(&facts)
		if want := Applying(rules); err != nil || !slices.Equal(hits, want) || len(want) != Applied {
			t.Errorf("%s: expr finds %v, want %v (%v)", name, hits, want, err)
		}
	}
}

// digits are the numbers in a text.
func digits(text string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
}
