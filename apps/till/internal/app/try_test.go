package app

import (
	"testing"

	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// What a return of an order refunds, as the peers' own cases have it (retail.md §5.5, §7).
func TestTryReturn(t *testing.T) {
	t.Parallel()
	env := shop(t)
	one := func(id string, price retail.Money) till.TryLine {
		return till.TryLine{ID: id, Quantity: 1, UnitPrice: price}
	}
	total, some, much := retail.Money(899), retail.Money(300), retail.Money(5001)
	tests := []struct {
		name string
		in   till.TryReturnIn
		want string
	}{
		{"150 + 60 less 20 %: the 150 come back as 120", till.TryReturnIn{
			Lines: []till.TryLine{one("a", 15000), one("b", 6000)}, OrderDiscount: 4200, Returned: []till.TryReturned{{Line: "a", Quantity: 1}},
		}, "120.00, 48.00 left"},
		{"3 × 100 less 10 %: two of them", till.TryReturnIn{
			Lines: []till.TryLine{{ID: "a", Quantity: 3, UnitPrice: 10000, Discount: 3000}}, Returned: []till.TryReturned{{Line: "a", Quantity: 2}},
		}, "180.00, 90.00 left"},
		{"50 + 10 less 10: the 50", till.TryReturnIn{
			Lines: []till.TryLine{one("a", 5000), one("b", 1000)}, OrderDiscount: 1000, Returned: []till.TryReturned{{Line: "a", Quantity: 1}},
		}, "41.67, 8.33 left"},
		{"three for 8.99: the third", till.TryReturnIn{
			Lines: []till.TryLine{{ID: "a", Quantity: 3, Total: &total}}, Before: []till.TryReturned{{Line: "a", Quantity: 2}}, Returned: []till.TryReturned{{Line: "a", Quantity: 1}},
		}, "2.99, 0.00 left"},
		{"an exchange refunds nothing", till.TryReturnIn{
			Lines: []till.TryLine{one("a", 5000), one("b", 1000)}, Returned: []till.TryReturned{{Line: "a", Quantity: 1, Exchange: true}},
		}, "0.00, 10.00 left"},
		{"delivery with the last of it", till.TryReturnIn{
			Lines: []till.TryLine{one("a", 5000)}, Shipping: 500, RefundShipping: true, Returned: []till.TryReturned{{Line: "a", Quantity: 1}},
		}, "55.00, 0.00 left"},
		{"not with a part of it", till.TryReturnIn{
			Lines: []till.TryLine{one("a", 5000), one("b", 1000)}, Shipping: 500, RefundShipping: true, Returned: []till.TryReturned{{Line: "a", Quantity: 1}},
		}, "50.00, 15.00 left"},
		{"delivery at once", till.TryReturnIn{
			Lines: []till.TryLine{one("a", 5000), one("b", 1000)}, Shipping: 500, ShippingBack: 500, Returned: []till.TryReturned{{Line: "a", Quantity: 1}},
		}, "55.00, 10.00 left"},
		{"a part of the price, then the goods", till.TryReturnIn{
			Lines: []till.TryLine{one("a", 5000)}, Before: []till.TryReturned{{Line: "a", Amount: &some}}, Returned: []till.TryReturned{{Line: "a", Quantity: 1}},
		}, "47.00, 0.00 left"},
		{"a part of the price, no goods", till.TryReturnIn{Lines: []till.TryLine{one("a", 5000)}, Returned: []till.TryReturned{{Line: "a", Amount: &some}}}, "3.00, 47.00 left"},
		{"for dearer goods", till.TryReturnIn{
			Lines: []till.TryLine{one("a", 5000)}, Returned: []till.TryReturned{{Line: "a", Quantity: 1, Exchange: true, For: &much}},
		}, "−0.01, 0.00 left"},
		{"more than the price", till.TryReturnIn{
			Lines: []till.TryLine{one("a", 5000)}, Returned: []till.TryReturned{{Line: "a", Amount: &much}},
		}, "refused: exhausted amount /returned/0/amount"},
		{"by the rules of others", till.TryReturnIn{
			Rules: till.TryRules{Proration: till.TryExact}, Lines: []till.TryLine{{ID: "a", Quantity: 3, UnitPrice: 1000, Discount: 2000, VATOnTop: 2000}},
			Returned: []till.TryReturned{{Line: "a", Quantity: 1}},
		}, "4.00, 8.00 left"},
		{"by rules that nobody knows", till.TryReturnIn{
			Rules: till.TryRules{Rounding: "by_dice"}, Lines: []till.TryLine{one("a", 5000)}, Returned: []till.TryReturned{{Line: "a", Quantity: 1}},
		}, "refused: invalid rules /rules/rounding"},
		{"twice", till.TryReturnIn{
			Lines: []till.TryLine{one("a", 5000)}, Returned: []till.TryReturned{{Line: "a", Quantity: 1}, {Line: "a", Quantity: 1}},
		}, "refused: exhausted returned /returned/1/quantity"},
		{"unknown", till.TryReturnIn{
			Lines: []till.TryLine{one("a", 5000)}, Returned: []till.TryReturned{{Line: "b", Quantity: 1}},
		}, "refused: not_found line /returned/0/line"},
		{"more off than it costs", till.TryReturnIn{
			Lines: []till.TryLine{one("a", 5000)}, OrderDiscount: 5001, Returned: []till.TryReturned{{Line: "a", Quantity: 1}},
		}, "refused: invalid order_discount /order_discount"},
	}
	for _, tt := range tests {
		out, err := sdktest.Call(env, till.TryReturn, tt.in)
		got := decimal(out.Refund) + ", " + decimal(out.Left) + " left"
		if err != nil {
			got = inWords(err)[:len(inWords(err))-1]
		}
		if got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}
