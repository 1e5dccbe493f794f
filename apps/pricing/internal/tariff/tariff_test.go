package tariff_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/apps/pricing/internal/tariff"
	"github.com/bottega-retail/bottega/sdk/retail"
	"pgregory.net/rapid"
)

func TestFormula(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		f           tariff.Formula
		price, want retail.Money
	}{
		"nothing":                           {tariff.Formula{}, 1234, 1234},
		"10 % cheaper":                      {tariff.Formula{Percent: -1000}, 1999, 1799},
		"half a cent goes up":               {tariff.Formula{Percent: -5000}, 1, 1},
		"dearer, and a surcharge":           {tariff.Formula{Percent: 500, Surcharge: 100}, 1000, 1150},
		"all off":                           {tariff.Formula{Percent: -10_000}, 1999, 0},
		"never below nothing":               {tariff.Formula{Surcharge: -500}, 300, 0},
		"to ,99: down":                      {tariff.Formula{Step: 100, Ending: 99}, 1240, 1199},
		"to ,99: up":                        {tariff.Formula{Step: 100, Ending: 99}, 1250, 1299},
		"to ,99: in the middle":             {tariff.Formula{Step: 100, Ending: 99}, 1249, 1299},
		"to ,99: on it":                     {tariff.Formula{Step: 100, Ending: 99}, 1299, 1299},
		"to ,99: below the lowest":          {tariff.Formula{Step: 100, Ending: 99}, 12, 99},
		"to ,90 or ,40":                     {tariff.Formula{Step: 50, Ending: 40}, 1266, 1290},
		"to 9 euros, up":                    {tariff.Formula{Step: 1000, Ending: 900, Round: tariff.Up}, 1901, 2900},
		"to 9 euros, up, on it":             {tariff.Formula{Step: 1000, Ending: 900, Round: tariff.Up}, 1900, 1900},
		"to 9 euros, down":                  {tariff.Formula{Step: 1000, Ending: 900, Round: tariff.Down}, 2899, 1900},
		"to 9 euros, down, below":           {tariff.Formula{Step: 1000, Ending: 900, Round: tariff.Down}, 899, 900},
		"to five cents":                     {tariff.Formula{Step: 5}, 1997, 1995},
		"percentage, surcharge, then round": {tariff.Formula{Percent: -2000, Surcharge: 150, Step: 100, Ending: 99}, 1999, 1799},
	}
	for name, test := range tests {
		if got, err := test.f.Of(test.price); err != nil || got != test.want {
			t.Errorf("%s: %d becomes %d, want %d (%v)", name, test.price, got, test.want, err)
		}
	}
}

// Whatever the formula: a price stands on a rung, none is nearer, and a dearer good
// stays no cheaper.
func TestRungs(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		step := retail.Money(rapid.Int64Range(1, 1000).Draw(t, "step"))
		f := tariff.Formula{
			Percent: retail.BasisPoints(rapid.Int64Range(-10_000, 20_000).Draw(t, "percent")), Surcharge: retail.Money(rapid.Int64Range(-500, 500).Draw(t, "surcharge")),
			Step: step, Ending: retail.Money(rapid.Int64Range(0, int64(step)-1).Draw(t, "ending")),
			Round: tariff.Round(rapid.IntRange(0, 2).Draw(t, "round")),
		}
		price := retail.Money(rapid.Int64Range(0, 100_000).Draw(t, "price"))
		plain, err := tariff.Formula{Percent: f.Percent, Surcharge: f.Surcharge}.Of(price)
		got, err2 := f.Of(price)
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		off := got - plain
		switch {
		case (got-f.Ending)%step != 0 || got < f.Ending:
			t.Fatalf("%d is no rung", got)
		case plain < f.Ending:
		case f.Round == tariff.Nearest && (2*off > step || -2*off >= step),
			f.Round == tariff.Up && (off < 0 || off >= step), f.Round == tariff.Down && (off > 0 || -off >= step):
			t.Fatalf("%d becomes %d with %+v", plain, got, f)
		}
		if dearer, _ := f.Of(price + 1); dearer < got {
			t.Fatalf("%d costs %d, one more %d", price, got, dearer)
		}
	})
}

// facts reads "region=DE|DK group=vip".
func facts(text string) (all []tariff.Fact) {
	for _, f := range strings.Fields(text) {
		name, values, _ := strings.Cut(f, "=")
		all = append(all, tariff.Fact{Name: name, Values: strings.Split(values, "|")})
	}
	return all
}

func TestFind(t *testing.T) {
	t.Parallel()
	base := []tariff.Price{
		{Amount: 1000, Currency: "PLN", Min: 1, Max: 10},
		{Amount: 400, Currency: "PLN", Min: 1, Max: 5, Facts: facts("company=medusa")},
		{Amount: 300, Currency: "PLN", Min: 1, Max: 4, Facts: facts("region=PL")},
		{Amount: 250, Currency: "PLN", Min: 4, Max: 10, Facts: facts("region=PL")},
		{Amount: 100, Currency: "EUR", Min: 1, Max: 3, Facts: facts("region=PL company=medusa group=test")},
	}
	plain := tariff.List{ID: "plain", Prices: []tariff.Price{{Amount: 116}}}
	ruled := tariff.List{ID: "ruled", Facts: facts("group=vip|other region=DE|DK"), Prices: []tariff.Price{{Amount: 232, Currency: "PLN"}}}
	override := ruled
	override.ID, override.Override = "override", true
	first := tariff.List{ID: "first", Priority: 1, Prices: []tariff.Price{{Amount: 500}}}
	timed := tariff.List{ID: "timed", Period: retail.Period{From: 100, To: 200}, Prices: []tariff.Price{{Amount: 1}}}
	inner := tariff.List{ID: "inner", Facts: facts("region=DE|PL"), Prices: []tariff.Price{{Amount: 232}, {Amount: 111, Facts: facts("region=DE")}}}
	steps := tariff.List{ID: "steps", Steps: []tariff.Step{{Formula: tariff.Formula{Percent: -1000}}, {Min: 5, Formula: tariff.Formula{Surcharge: -200}}}}
	vip := "group=vip region=DE company=medusa"
	tests := map[string]struct {
		currency retail.Currency
		quantity retail.Quantity
		at       retail.Instant
		facts    string
		choice   tariff.Choice
		lists    []tariff.List
		want     string // amount, original, list
	}{
		"nothing is known":                      {"PLN", 1, 0, "", 0, nil, "1000 1000 "},
		"the region is":                         {"PLN", 1, 0, "region=PL", 0, nil, "300 300 "},
		"five of them":                          {"PLN", 5, 0, "region=PL", 0, nil, "250 250 "},
		"four: the price for more counts":       {"PLN", 4, 0, "region=PL", 0, nil, "250 250 "},
		"eleven: none":                          {"PLN", 11, 0, "region=PL", 0, nil, "- - "},
		"no such currency":                      {"USD", 1, 0, "region=PL", 0, nil, "- - "},
		"more facts that match":                 {"EUR", 1, 0, "region=PL company=medusa group=test", 0, nil, "100 100 "},
		"a fact that nobody asks for":           {"PLN", 1, 0, "region=PL city=Berlin", 0, nil, "300 300 "},
		"a list":                                {"PLN", 1, 0, vip, 0, []tariff.List{ruled}, "232 400 ruled"},
		"specific, although another is cheaper": {"PLN", 1, 0, vip, tariff.BySpecifics, []tariff.List{plain, ruled}, "232 400 ruled"},
		"the lowest":                            {"PLN", 1, 0, vip, tariff.ByPrice, []tariff.List{ruled, plain}, "116 400 plain"},
		"by priority":                           {"PLN", 1, 0, vip, tariff.ByPriority, []tariff.List{ruled, plain, first}, "500 400 first"},
		"equal priority: by id":                 {"PLN", 1, 0, vip, tariff.ByPriority, []tariff.List{ruled, plain}, "116 400 plain"},
		"override":                              {"PLN", 1, 0, vip, 0, []tariff.List{override}, "232 232 override"},
		"one of two facts fails":                {"PLN", 1, 0, "group=vip region=PL", 0, []tariff.List{ruled}, "300 300 "},
		"no base price: no original":            {"USD", 1, 0, "", 0, []tariff.List{plain}, "116 - plain"},
		"within the list the price with facts":  {"PLN", 1, 0, vip, 0, []tariff.List{inner}, "111 400 inner"},
		"not begun":                             {"PLN", 1, 99, "", 0, []tariff.List{timed}, "1000 1000 "},
		"begun":                                 {"PLN", 1, 100, "", 0, []tariff.List{timed}, "1 1000 timed"},
		"over":                                  {"PLN", 1, 200, "", 0, []tariff.List{timed}, "1000 1000 "},
		"formula":                               {"PLN", 1, 0, "", 0, []tariff.List{steps}, "900 1000 steps"},
		"formula for five":                      {"PLN", 5, 0, "", 0, []tariff.List{steps}, "800 1000 steps"},
		"formula of no price":                   {"USD", 1, 0, "", 0, []tariff.List{steps}, "- - "},
	}
	for name, test := range tests {
		ask := tariff.Ask{Currency: test.currency, Quantity: test.quantity, At: test.at, Facts: facts(test.facts), Choice: test.choice}
		a, err := tariff.Find(ask, base, test.lists)
		if got := amount(a.Amount) + " " + amount(a.Original) + " " + a.List; err != nil || got != test.want {
			t.Errorf("%s: %q, want %q (%v)", name, got, test.want, err)
		}
	}
}

func amount(m *retail.Money) string {
	if m == nil {
		return "-"
	}
	return strconv.FormatInt(int64(*m), 10)
}
