package casefile_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/host/cmd/bottega/casefile"
)

// asking answers each operation with a text, and keeps what was asked.
func asking(t *testing.T, asked *[]string, answers map[string]string) casefile.Ask {
	t.Helper()
	return func(operation string, question, answer any) error {
		body, err := json.Marshal(question)
		if err != nil {
			t.Fatal(err)
		}
		*asked = append(*asked, operation+" "+string(body))
		text, ok := answers[operation]
		if !ok {
			return &casefile.Refusal{Operation: operation, Text: "no"}
		}
		return json.Unmarshal([]byte(text), answer)
	}
}

// Each field of a case stands where its operation wants it, whatever peers call it.
func TestRunAsks(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, kind, semantics, input, want string }{
		{"a total and cards", "tender", `"order":"value_desc"`, `{"total":900,"already_paid":100,"tenders":[{"id":"a","type":"gift_card","balance":50,"priority":2,"expires_at":"2026-01-01T00:00:00Z"},
			{"id":"b","balance":70,"amount_authorized":20,"active":false},{"id":"c","type":"card"}],"entry_order":["c","b","a"]}`,
			`vouchers.try {"currency":"EUR","total":900,"paid":100,"order":"largest","tenders":[{"id":"c","type":"card","balance":0,"open":true},{"id":"b","type":"","balance":50,"ended":true},` +
				`{"id":"a","type":"gift_card","balance":50,"priority":2,"expires":"2026-01-01T00:00:00Z"}]}`},
		{"promotions before cards", "tender", ``, `{"items_total":1000,"promotions":[{"id":"P","type":"amount","target":"order","value":100,"trigger":"code","codes":["X"]}],"tenders":[]}`,
			`"codes":["X"],"currency":"EUR","lines":[{"id":"items","sku":"items","quantity":1,"unit_price":1000`},
		{"stock with rules", "stock", `"release_overrun":"clamp"`, `{"threshold":2,"levels":[{"location":"a","stocked":5,"allocated":1},{"warehouse":"b","count_on_hand":3,"safety_stock":0,"tracked":false,"backorderable":true}],
			"operations":[{"op":"allocate","quantity":1,"idempotency_key":"k"},{"op":"add_to_cart","location":"b","quantity":2,"allow_backorder":true}],"queries":["a",{"can_fulfil":4},{"locations":["a","b"],"type":"in_stock"}]}`,
			`stock.try {"rules":{"clamp":true},"levels":[{"location":"a","on_hand":5,"reserved":1,"threshold":2},{"location":"b","on_hand":3,"backorder":true,"untracked":true}],` +
				`"operations":[{"op":"reserve","quantity":1,"key":"k"},{"op":"add_to_cart","location":"b","quantity":2,"backorder":true}],` +
				`"queries":[{"locations":["a"]},{"quantity":4},{"locations":["a","b"],"quantity":1}]}`},
		{"parts of a unit", "stock", ``, `{"levels":[{"location":"a","on_hand":1.25}]}`, `"levels":[{"location":"a","on_hand":1250}]`},
		{"a return", "return", `"return_proration":"by_paid_value","last_return":"rounded_alone"`, `{"order":{"lines":[{"id":"a","quantity":3,"unit_price":100,"discount":30,"discountable":false}],"order_discount":10,"shipping":{"amount":50,"discount":20}},
			"before":[{"line":"a","amount":5}],"returned":[{"line":"a","quantity":2,"exchange":true},{"line":"shipping"}]}`,
			`till.try_return {"rules":{"proration":"exact","alone":true},"lines":[{"id":"a","quantity":3,"unit_price":100,"discount":30,"no_discount":true}],"order_discount":10,"shipping":30,"shipping_back":30,` +
				`"before":[{"line":"a","amount":5}],"returned":[{"line":"a","quantity":2,"exchange":true}]}`},
		{"frozen shares", "return", `"return_proration":"largest_remainder","rounding":"down"`, `{"order":{"lines":[{"id":"a","total":100}]},"returned":["a"]}`,
			`till.try_return {"rules":{},"lines":[{"id":"a","quantity":1,"total":100}],"returned":[{"line":"a","quantity":1}]}`},
	} {
		var asked []string
		text := fmt.Sprintf(`{"id":"x","kind":%q,"currency":"EUR","semantics":{%s},"input":%s,"expected":{}}`, tt.kind, tt.semantics, tt.input)
		if _, err := one(t, text).Run(asking(t, &asked, map[string]string{"pricing.try": `{"quote":{"total":900,"discount":100}}`, "vouchers.try": `{}`, "stock.try": `{}`, "till.try_return": `{}`})); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		if !strings.Contains(strings.Join(asked, "\n"), tt.want) {
			t.Errorf("%s: want %s in\n%s", tt.name, tt.want, strings.Join(asked, "\n"))
		}
	}
}

// What nobody knows is named, in the kinds whose fields are open, too.
func TestRunMissing(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ kind, semantics, input, want string }{
		{"tender", `"moon":"full"`, `{"total":1,"tenders":[]}`, "moon=full"},
		{"tender", ``, `{"total":1,"tenders":[{"id":"a","balance":1,"colour":"red"}]}`, "field=input.tenders.colour"},
		{"tender", ``, `{"tenders":[]}`, "field=input.total"},
		{"tender", ``, `{"total":1.5,"tenders":[]}`, "amount=1.5"},
		{"stock", ``, `{"levels":[],"operations":[{"op":"teleport","quantity":1}]}`, "op=teleport"},
		{"stock", ``, `{"levels":[],"queries":[{"type":"mood"}]}`, "query=mood"},
		{"stock", `"release_overrun":"maybe"`, `{"levels":[]}`, "release_overrun=maybe"},
		{"return", `"return_proration":"by_dice"`, `{"order":{"lines":[]},"returned":[]}`, "return_proration=by_dice"},
		{"return", ``, `{"order":{"lines":[],"gift":true},"returned":[]}`, "field=input.order.gift"},
		{"return", ``, `[]`, "shape of input"},
	} {
		var asked []string
		text := fmt.Sprintf(`{"id":"x","kind":%q,"currency":"EUR","semantics":{%s},"input":%s,"expected":{}}`, tt.kind, tt.semantics, tt.input)
		_, err := one(t, text).Run(asking(t, &asked, map[string]string{"vouchers.try": `{}`, "stock.try": `{}`, "till.try_return": `{}`}))
		var lacks *casefile.Missing
		if !errors.As(err, &lacks) || !strings.HasPrefix(lacks.Option, tt.want) {
			t.Errorf("%s: %v, want %s", tt.input, err, tt.want)
		}
	}
}

// Whatever shape is expected is compared, and what is derived is not.
func TestRunCompares(t *testing.T) {
	t.Parallel()
	answers := map[string]string{
		"vouchers.try":    `{"used":[{"id":"a","amount":50,"left":0}],"remaining":40,"refused":[{"id":"b","reason":"currency"}],"error":"insufficient"}`,
		"till.try_return": `{"refund":4167,"lines":[{"line":"a","refund":4167}],"left":833}`,
		"stock.try": `{"levels":[{"location":"a","on_hand":3,"reserved":1,"available":2}],"rejected":[1],"steps":[{"done":1,"level":{"on_hand":3,"reserved":1,"available":2},"cart":0},
			{"done":1,"error":"available","level":{"on_hand":3,"reserved":1,"available":2},"cart":1}],"answers":[{"available":-2,"on_hand":3,"reserved":1,"enough":false},{"available":2,"on_hand":3,"reserved":1,"open":true}],"cart_quantity":1,"error":"available"}`,
	}
	inputs := map[string]string{
		"tender": `{"total":90,"tenders":[{"id":"a","balance":50},{"id":"b","balance":50}]}`, "return": `{"order":{"lines":[{"id":"a","total":5000}]},"returned":["a"]}`,
		"stock": `{"levels":[{"location":"a","on_hand":3}],"operations":[{"op":"reserve","quantity":1},{"op":"add_to_cart","quantity":2}],"queries":[{"quantity":9},{}]}`,
	}
	for _, tt := range []struct{ kind, expected, want string }{
		{"tender", `"used":[{"id":"a","amount":50,"balance_after":0},{"id":"b","amount":0,"balance_after":50}],"remaining":40,"error":"currency_mismatch"`, ""},
		{"tender", `"used":[],"error":"unable_to_fund"`, ""}, // a peer that takes nothing then
		{"tender", `"used":[{"id":"b","amount":50}]`, "tender a: want not used, got 50; tender b amount: want 50, got 0"},
		{"tender", `"remaining":0,"total":80,"discount":5,"derived":["total"]`, "discount: want 5, got 0; remaining: want 0, got 40"},
		{"return", `"refund":4167,"exact":"41.666666"`, ""},
		{"return", `"refund":4166,"exact":false`, ""},
		{"return", `"refund":4166.67,"left":833`, ""},
		{"return", `"refund":4166`, "refund: want 4166, got 4167"},
		{"return", `"refund":4166,"derived":["refund"]`, ""},
		{"return", `"error":"too_late"`, "error: want too_late, got none"},
		{"stock", `"levels":[{"location":"a","on_hand":3,"available":2}],"rejected":[1],"cart_quantity":1,"error":"insufficient"`, ""},
		{"stock", `"rejected":[],"levels":{"a":{"reserved":1}}`, ""}, // some do not call refused what went into the cart in part
		{"stock", `"rejected":[0]`, "rejected: want [0], got [1]"},
		{"stock", `"levels":[{"location":"b","on_hand":3}]`, "level b: want there, got none"},
		{"stock", `"steps":[{"ok":true,"reserved":1},{"rejected":true,"cart_quantity":1,"error":"few"}]`, ""},
		{"stock", `"steps":[{"on_hand":4,"accepted":false}]`, "step 0 on_hand: want 4, got 3; step 0 accepted: want false, got true"},
		{"stock", `"answers":[false,"unlimited"]`, ""},
		{"stock", `"answers":[-2,{"available":2,"on_hand":3,"reserved":1}]`, ""},
		{"stock", `"answers":[0]`, ""}, // what is below zero is nothing to whom it is promised
		{"stock", `"answers":[true,1]`, "answer 0: want true, got false; answer 1: want 1, got 2"},
	} {
		var asked []string
		text := fmt.Sprintf(`{"id":"x","kind":%q,"currency":"EUR","input":%s,"expected":{%s}}`, tt.kind, inputs[tt.kind], tt.expected)
		got, err := one(t, text).Run(asking(t, &asked, answers))
		if err != nil || strings.Join(got, "; ") != tt.want {
			t.Errorf("%s %s: %q, %v, want %q", tt.kind, tt.expected, got, err, tt.want)
		}
	}
}

// That an operation refuses a case is a difference, but where a refusal is expected.
func TestRunRefused(t *testing.T) {
	t.Parallel()
	var asked []string
	for expected, want := range map[string]int{`{"refund":1}`: 1, `{"error":"not_on_order"}`: 0} {
		got, err := one(t, `{"id":"x","kind":"return","currency":"EUR","input":{"order":{"lines":[{"id":"a","total":5}]},"returned":["b"]},"expected":`+expected+`}`).Run(asking(t, &asked, nil))
		if err != nil || len(got) != want {
			t.Errorf("%s: %v, %v", expected, got, err)
		}
	}
}
