package campaign

import (
	"fmt"
	"math/rand/v2"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/host/bench/internal/shop"
)

// Rule is one predicate in three languages: of the pricing app, of expr-lang/expr and
// of zen. All three say the same of a Facts.
type Rule struct {
	Promotion pricing.Promotion
	Expr, Zen string
	Applies   bool // to the basket that the set was made for
}

// Facts are what the peers' predicates read.
type Facts struct {
	Amount   int64  `json:"amount"`   // of all lines by list, cents
	Quantity int64  `json:"quantity"` // of all lines
	Lines    []Line `json:"lines"`
}

// Line is one line of Facts.
type Line struct {
	Brand    string `json:"brand"`
	Price    int64  `json:"price"`
	Quantity int64  `json:"quantity"`
}

// FactsOf is the basket as the peers see it.
func FactsOf(s *shop.Shop, in pricing.QuoteIn) Facts {
	var f Facts
	for _, l := range in.Lines {
		p, n := product(s, l.SKU), int64(l.Quantity)
		f.Lines = append(f.Lines, Line{p.Brand, p.Price, n})
		f.Amount += p.Price * n
		f.Quantity += n
	}
	return f
}

// ByBasket are n rules that ask for the basket as a whole: it must cost between two
// amounts and have between two numbers of pieces. Each holds for one of the two, so
// that both must be looked at, and five for both.
func ByBasket(f Facts, n int) []Rule {
	random := rand.New(rand.NewPCG(11, 11))
	var rules []Rule
	for i := range n {
		applies := i%(n/Applied) == 0
		low, high := f.Amount-1-random.Int64N(f.Amount), f.Amount+1+random.Int64N(f.Amount)
		least, most := max(0, f.Quantity-1-random.Int64N(f.Quantity)), f.Quantity+1+random.Int64N(f.Quantity)
		if !applies && i%2 == 0 {
			low, high = f.Amount+1+random.Int64N(1000), f.Amount+5000+random.Int64N(10_000)
		} else if !applies {
			least, most = f.Quantity+1+random.Int64N(10), f.Quantity+20+random.Int64N(100)
		}
		p := percent(fmt.Sprintf("B-%04d", i), 100, pricing.Selection{})
		p.If = []pricing.Condition{
			{Amount: &pricing.Range{Min: &low, Max: &high}, Base: pricing.ByList},
			{Quantity: &pricing.Range{Min: &least, Max: &most}},
		}
		rules = append(rules, Rule{p,
			fmt.Sprintf("Amount >= %d && Amount <= %d && Quantity >= %d && Quantity <= %d", low, high, least, most),
			fmt.Sprintf("amount >= %d and amount <= %d and quantity >= %d and quantity <= %d", low, high, least, most), applies})
	}
	return rules
}

// ByGoods are n rules that ask for a number of pieces between two prices of all
// brands but one: each line must be looked at. Five hold.
func ByGoods(f Facts, n int) []Rule {
	random := rand.New(rand.NewPCG(13, 13))
	var rules []Rule
	for i := range n {
		applies := i%(n/Applied) == 0
		low := 100 + random.Int64N(5000)
		high := low + 8000 + random.Int64N(10_000)
		if applies { // to something
			low, high = 100+random.Int64N(50), 18_000+random.Int64N(5000)
		}
		brand := f.Lines[i%len(f.Lines)].Brand
		least := f.between(low, high, brand)
		if !applies {
			least += 1 + random.Int64N(5)
		}
		p := percent(fmt.Sprintf("G-%04d", i), 100, pricing.Selection{Price: &pricing.Range{Min: &low, Max: &high}})
		p.Except = pricing.Selection{Brands: []string{brand}}
		p.If = []pricing.Condition{{Quantity: &pricing.Range{Min: &least}}}
		rules = append(rules, Rule{p,
			fmt.Sprintf("sum(filter(Lines, .Price >= %d && .Price <= %d && .Brand != %q), .Quantity) >= %d", low, high, brand, least),
			fmt.Sprintf("sum(map(filter(lines, #.price >= %d and #.price <= %d and #.brand != '%s'), #.quantity)) >= %d", low, high, brand, least), applies})
	}
	return rules
}

// between is how many pieces cost from low to high and are not of a brand; at least 1.
func (f Facts) between(low, high int64, brand string) int64 {
	var n int64
	for _, l := range f.Lines {
		if l.Price >= low && l.Price <= high && l.Brand != brand {
			n += l.Quantity
		}
	}
	return max(n, 1)
}

// Applying are the ids of the promotions that apply.
func Applying(rules []Rule) (ids []string) {
	for _, r := range rules {
		if r.Applies {
			ids = append(ids, r.Promotion.ID)
		}
	}
	return ids
}
