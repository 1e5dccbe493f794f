package casefile_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/host/cmd/bottega/casefile"
)

// one is the only case of a text, put into a file.
func one(t *testing.T, text string) *casefile.Case {
	t.Helper()
	cases, err := casefile.Parse([]byte(`{"schema":"` + casefile.Schema + `","cases":[` + text + `]}`))
	if err != nil || len(cases) != 1 {
		t.Fatalf("%d cases, %v", len(cases), err)
	}
	return &cases[0]
}

// shirts is a cart of shirts, with semantics, promotions and expectations to fill in.
const shirts = `{"id":"x-1","kind":"cart","currency":"EUR","semantics":{SEMANTICS},"context":{"codes":["TEN"],"customer":"c","CONTEXT":1},
"cart":{"lines":[{"id":"a","sku":"s","quantity":3,"unit_price":1000,"tax_rate":22,"attributes":{"category":"shirts","fit":["slim","long"]}}]},
"promotions":[PROMOTION],"expected":{EXPECTED}}`

func shirtCase(t *testing.T, semantics, promotion, expected string) *casefile.Case {
	t.Helper()
	text := strings.NewReplacer("SEMANTICS", semantics, "PROMOTION", promotion, "EXPECTED", expected, `"CONTEXT"`, `"country"`).Replace(shirts)
	return one(t, text)
}

// Each option of a promotion stands where pricing.try wants it.
func TestQuestion(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, semantics, promotion, want string }{
		{"a percentage of goods", ``, `{"id":"P","type":"percentage","target":"line","value":10.5,"filter":[{"attribute":"category","op":"in","values":["shirts"]}]}`,
			`"goods":{"categories":["shirts"]},"except":{},"effects":[{"percent":1050}],"stacking":{"priority":1}`},
		{"goods left out", ``, `{"id":"P","type":"amount","target":"order","value":500,"filter":[{"attribute":"fit","op":"not_in","values":["slim"]}]}`,
			`"except":{"attributes":[{"name":"fit","values":["slim"]}]},"effects":[{"target":"order","amount":{"value":500}}]`},
		{"a code, a threshold and a limit", ``, `{"id":"P","type":"amount","target":"order","value":500,"trigger":"code","codes":[" TEN "],"usage_limit":5,
			"conditions":[{"attribute":"order_subtotal","op":"gt","values":[2000]},{"attribute":"nth_order","op":"eq","values":[1]}]}`,
			`"if":[{"amount":{"min":2001},"goods":{}},{"past_orders":{"min":0,"max":0}}],"codes":["TEN"]`},
		{"the cheapest free", `"get_selection":"cheapest_first"`, `{"id":"P","type":"buy_get","target":"line","max_quantity":2,"buy":{"min_quantity":2,"filter":[{"attribute":"sku","op":"eq","values":["s"]}]},
			"get":{"quantity":1,"effect":"percentage","value":100}}`,
			`"buy_get":{"buy_quantity":2,"buy":{"skus":["s"]},"get_quantity":1,"percent":10000,"max_get":2,"reward":"cheapest"}`},
		{"two actions on the first price", `"multi_action":"add_on_list_price"`, `{"id":"P","type":"multi","target":"line","actions":[{"type":"percentage","target":"line","value":20},{"type":"percentage","target":"shipping","value":100}]}`,
			`"effects":[{"percent":2000},{"target":"shipping","percent":10000}],"stacking":{"priority":1,"base":"start"}`},
		{"an attribute of the customer", ``, `{"id":"P","type":"percentage","target":"line","value":10,"conditions":[{"attribute":"country","op":"eq","values":["IT"]}]}`,
			`"for":{"customer_groups":["country=IT"]}`},
		{"a whole day", ``, `{"id":"P","type":"percentage","target":"line","value":10,"window":{"from":"2026-01-02","to":"2026-01-03"}}`,
			`"period":{"from":"2026-01-02T00:00:00Z","to":"2026-01-04T00:00:00Z"}`},
		{"what may give nothing", ``, `{"id":"P","type":"percentage","target":"line","value":10,"cap":{"amount":0,"scope":"order"}}`,
			`"limits":{"budget":1}`},
		{"rules", `"order":"submission","rounding":"price_half_up","tax_rounding":"unit"`, ``,
			`"rules":{"order":"submission","tie_break":"line","rounding":"half_down","tax_round":"unit","merge":"lines"}`},
	} {
		q, err := shirtCase(t, tt.semantics, tt.promotion, ``).Question()
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		got, err := json.Marshal(q)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(got), tt.want) {
			t.Errorf("%s: want %s in\n%s", tt.name, tt.want, got)
		}
	}
}

// What we have no option for is named, and never guessed.
func TestMissing(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, semantics, promotion, want string }{
		{"a key", `"moon":"full"`, ``, "moon=full"},
		{"a value", `"rounding":"by_dice"`, ``, "rounding=by_dice"},
		{"a type", ``, `{"id":"P","type":"lottery"}`, "type=lottery"},
		{"a field", ``, `{"id":"P","type":"percentage","value":10,"colour":"red"}`, "field=promotions.colour"},
		{"a shape", ``, `{"id":"P","type":["percentage"]}`, "field=shape"},
		{"a condition", ``, `{"id":"P","type":"percentage","value":10,"conditions":[{"attribute":"country","op":"like","values":["I"]}]}`, "condition=country like"},
		{"less than a basis point", ``, `{"id":"P","type":"percentage","value":33.3333}`, "percent=33.3333"},
	} {
		_, err := shirtCase(t, tt.semantics, tt.promotion, ``).Question()
		var lacks *casefile.Missing
		if !errors.As(err, &lacks) || !strings.HasPrefix(lacks.Option, tt.want) {
			t.Errorf("%s: %v, want %s", tt.name, err, tt.want)
		}
	}
}

// What a peer asserts is compared, and what we derived from it is not.
func TestCompare(t *testing.T) {
	t.Parallel()
	var answer casefile.Answer
	if err := json.Unmarshal([]byte(`{"quote":{"list":3000,"discount":300,"total":2700,"lines":[{"id":"a","list":3000,"discount":300,"total":2700,"applied":[{"promotion":"P","amount":300}]}],
		"applied":[{"promotion":"P","amount":300}],"not_applied":[{"promotion":"Q","reason":"customer_unknown"}],"vat":[{"gross":2700,"net":2213,"vat":487}]}}`), &answer); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, expected, want string }{
		{"the same", `"lines":[{"id":"a","gross":3000,"discount":300,"total":2700,"by_promotion":{"P":300}}],"total":2700,"applied":["P"],"tax_totals":{"net":2213}`, ""},
		{"another total", `"total":2600`, "total: want 2600, got 2700"},
		{"a derived total", `"total":2600,"derived":["total"]`, ""},
		{"another line", `"lines":[{"id":"a","discount":200}]`, "line a discount: want 200, got 300"},
		{"derived lines", `"lines":[{"id":"a","discount":200}],"derived":["lines"]`, ""},
		{"a line of nothing", `"lines":[{"id":"z","total":0}]`, ""},
		{"another promotion", `"applied":["R"]`, "applied: want [R], got [P]"},
		{"a reason that means the same", `"not_applied":[{"id":"Q","reason":"condition_group"}]`, ""},
		{"another reason", `"not_applied":[{"id":"Q","reason":"budget_exceeded"}]`, "Q: want not applied (budget_exceeded), got not applied (customer_unknown)"},
		{"one that applied", `"not_applied":[{"id":"P","reason":"condition"}]`, "P: want not applied (condition), got applied"},
		{"a code that counted", `"rejected_codes":[{"code":"TEN","reason":"expired"}]`, "code TEN: want rejected (expired), got not rejected"},
		{"VAT", `"tax_totals":{"tax":500}`, "VAT tax: want 500, got 487"},
	} {
		got, err := shirtCase(t, ``, ``, tt.expected).Compare(&answer)
		if err != nil || strings.Join(got, "; ") != tt.want {
			t.Errorf("%s: %q, %v, want %q", tt.name, got, err, tt.want)
		}
	}
}

// Every option that the format names has a meaning here, but those of other apps.
func TestMeanings(t *testing.T) {
	t.Parallel()
	have := casefile.Meanings()
	for _, name := range []string{
		"stacking=sequential_on_remaining", "stacking=line_then_order", "stacking=catalog_then_voucher", "stacking=lanes_sequential_best_within_lane",
		"stacking=best_within_lane", "stacking=best_in_group", "stacking=best_catalog_rule", "stacking=best_single_order_rule", "stacking=one_percent_global_discount_best",
		"order=submission", "order=value_desc", "order=priority_desc", "exclusive=any_eligible_exclusive_wins", "exclusive=highest_priority_exclusive",
		"conditions_evaluated_on=running_total", "conditions_evaluated_on=undiscounted_subtotal", "condition_scope=order", "condition_scope=line",
		"proration=largest_remainder", "proration=half_up_last_takes_rest", "proration=round_each_then_leftover_to_first", "proration=floor_then_leftover_to_first",
		"rounding_level=unit", "rounding_level=line_total", "units=each_unit_consumed_once", "units=buy_units_not_discounted",
	} {
		if !slices.Contains(have, name) {
			t.Errorf("nobody knows %s", name)
		}
	}
}
