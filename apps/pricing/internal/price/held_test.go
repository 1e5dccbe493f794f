package price

import (
	"testing"

	"github.com/bottega-retail/bottega/sdk/retail"
)

// What is held comes off the lines that it is said of, at its rule's turn, on whatever
// lines equal units stand; of none more than it is worth.
func TestHeld(t *testing.T) {
	t.Parallel()
	lines := []Line{
		{SKU: "b", Quantity: 2, Unit: 1000, Per: 1}, {SKU: "a", Quantity: 1, Unit: 500, Per: 1}, {SKU: "b", Quantity: 1, Unit: 1000, Per: 1},
	}
	b, err := New(Policy{}, Place{}, lines, nil)
	if err != nil {
		t.Fatal(err)
	}
	held := Rule{ID: "held", Stacking: Stacking{Priority: 9}, Effects: []Effect{{Held: []retail.Money{200, 900, 100}}}}
	tenth := Rule{ID: "tenth", Effects: []Effect{{Percent: 1000}}}
	b.Promote([]Candidate{{Rule: &tenth}, {Rule: &held}})
	r := b.Result()
	if r.Total != 2430 || r.Applied[0].Promotion != "held" || r.Applied[0].Amount != 800 || r.Applied[1].Amount != 270 || r.Lines[1].Total != 0 {
		t.Errorf("%+v", r)
	}
}
