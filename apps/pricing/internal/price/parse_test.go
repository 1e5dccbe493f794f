package price

import (
	"strconv"
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/sdk/retail"
)

// tableCase is one case as it was written.
type tableCase struct {
	policy     Policy
	place      Place
	lines      []Line
	shelf      []Line
	shipping   []Shipping
	candidates []Candidate
	offs       []Off
}

func parseCase(t *testing.T, text string) *tableCase {
	t.Helper()
	c := &tableCase{place: Place{Store: "MI-01", Channel: "store"}}
	c.at(t, "2026-11-21 17:05")
	for _, row := range strings.Split(text, "\n") {
		f := strings.Fields(row)
		if len(f) == 0 {
			continue
		}
		switch f[0] {
		case "at":
			c.parsePlace(t, f[1:])
		case "rules":
			c.parsePolicy(t, f[1:])
		case "sell":
			c.lines = append(c.lines, parseLine(t, f[1:]))
		case "shelf":
			c.shelf = append(c.shelf, parseLine(t, f[1:]))
		case "ship":
			c.shipping = append(c.shipping, Shipping{Method: f[1], Amount: money(t, f[2]), VAT: 2200})
		case "rule":
			c.candidates = append(c.candidates, parseRule(t, f[1:]))
		case "plugin":
			c.offs = append(c.offs, parseOff(t, f[1:]))
		}
	}
	return c
}

// at sets the clock to a civil time of Rome: 2026-11-21 17:05.
func (c *tableCase) at(t *testing.T, text string) {
	date, clock, _ := strings.Cut(text, " ")
	at, err := rome.Start(retail.Date(date), retail.LocalTime(clock))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	local, err := rome.Local(at)
	if err != nil {
		t.Fatal(err)
	}
	c.place.At, c.place.Clock = at, &local
}

func (c *tableCase) parsePlace(t *testing.T, f []string) {
	for k, v := range options(t, f) {
		switch k {
		case "store":
			c.place.Store = retail.StoreID(v)
		case "channel":
			c.place.Channel = retail.Channel(v)
		case "customer":
			c.place.Customer = retail.CustomerID(v)
		case "groups":
			c.place.Groups = strings.Split(v, ",")
		case "tier":
			c.place.Tier = v
		case "orders":
			n := number(t, v)
			c.place.PastOrders = &n
		case "net":
			c.place.Net = true
		case "hand":
			c.place.Hand = money(t, v)
		case "time":
			c.at(t, strings.ReplaceAll(v, "_", " "))
		default:
			t.Fatalf("at: unknown %q", k)
		}
	}
}

func (c *tableCase) parsePolicy(t *testing.T, f []string) {
	p := &c.policy
	for k, v := range options(t, f) {
		switch k {
		case "order":
			p.Order = choice[Order](t, v, "priority", "submission", "value", "nominal")
		case "together":
			p.Together = true
		case "any_exclusive":
			p.AnyExclusive = true
		case "conditions":
			p.ConditionBase = choice[Measure](t, v, "before_this", "list", "after_all_line")
		case "lanes":
			p.LaneMode = choice[Mode](t, v, "all", "best", "best_per_line")
		case "share":
			p.Proration = choice[Proration](t, v, "largest_remainder", "half_up_last", "round_each_first", "floor_first")
		case "tie":
			p.Tie = choice[Tie](t, v, "sku", "first", "last")
		case "round":
			p.Rounding = choice[Rounding](t, v, "half_up", "half_even", "half_down", "down", "up")
		case "level":
			p.RoundAt = choice[Level](t, v, "usual", "line", "unit", "order")
		case "tax":
			p.TaxAt = choice[TaxLevel](t, v, "rate", "line", "unit")
		case "amounts":
			p.AmountVAT = choice[VAT](t, v, "as_priced", "gross", "net")
		case "units":
			p.UnitBase = choice[UnitBase](t, v, "picked", "list", "list_less")
		case "apart":
			p.KeepLines = true
		case "lose":
			p.Lose = true
		case "search":
			p.Search = int(number(t, v))
		default:
			t.Fatalf("rules: unknown %q", k)
		}
	}
}

// choice is the place of a word among some.
func choice[T ~int](t *testing.T, word string, of ...string) (at T) {
	for i, w := range of {
		if w == word {
			return T(i)
		}
	}
	t.Fatalf("%q is none of %q", word, of)
	return at
}

// parseLine reads: SKU QUANTITY[g] x PRICE option=value …
func parseLine(t *testing.T, f []string) Line {
	l := Line{SKU: retail.SKU(f[0]), Per: 1, VAT: 2200, Unit: money(t, f[3])}
	count := strings.TrimSuffix(f[1], "g")
	if count != f[1] {
		l.Per = 1000
	}
	l.Quantity = retail.Quantity(number(t, count))
	for k, v := range options(t, f[4:]) {
		switch k {
		case "product":
			l.Goods.Product = v
		case "brand":
			l.Goods.Brand = v
		case "line":
			l.Goods.Line = v
		case "season":
			l.Goods.Season = v
		case "supplier":
			l.Goods.Supplier = v
		case "category":
			l.Goods.Category = v
		case "tags":
			l.Goods.Tags = strings.Split(v, ",")
		case "colour":
			l.Goods.Attributes = []Attribute{{Name: "colour", Values: []string{v}}}
		case "vat":
			l.VAT = retail.BasisPoints(number(t, v) * 100)
		case "floor":
			l.Floor = money(t, v)
		case "cost":
			cost := money(t, v)
			l.Cost = &cost
		case "manual":
			l.Manual = true
		case "stored":
			l.Stored = true
		default:
			t.Fatalf("line: unknown %q", k)
		}
	}
	return l
}

func parseOff(t *testing.T, f []string) Off {
	o := Off{Group: int(number(t, f[0])), Reason: "happy_hour"}
	if p, is := strings.CutSuffix(f[1], "%"); is {
		o.Percent = percent(t, p)
	} else {
		o.Amount = money(t, f[1])
	}
	return o
}

const rome retail.Zone = "Europe/Rome"

func options(t *testing.T, f []string) map[string]string {
	all := map[string]string{}
	for _, o := range f {
		k, v, _ := strings.Cut(o, "=")
		if _, twice := all[k]; twice {
			t.Fatalf("%s twice", k)
		}
		all[k] = v
	}
	return all
}

func typed[S ~string](list []string) []S {
	out := make([]S, len(list))
	for i, v := range list {
		out[i] = S(v)
	}
	return out
}

func number(t *testing.T, text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func quantity(t *testing.T, text string) retail.Quantity { return retail.Quantity(number(t, text)) }

func percent(t *testing.T, text string) retail.BasisPoints {
	return retail.BasisPoints(money(t, strings.TrimSuffix(text, "%")))
}

// money reads 12.50 or 12.
func money(t *testing.T, text string) retail.Money {
	whole, cents, _ := strings.Cut(text, ".")
	return retail.Money(number(t, whole)*100 + number(t, (cents + "00")[:2]))
}
