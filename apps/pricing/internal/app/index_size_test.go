package app

import (
	"testing"
	"unsafe"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/pricing/internal/index"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// TestEntryIsSmall: a hundred thousand promotions are in every instance's memory, so
// that what few of them say must not take room in each. 256 is a size class of Go's
// allocator, the next is 288.
func TestEntryIsSmall(t *testing.T) {
	t.Parallel()
	if size := unsafe.Sizeof(index.Entry[terms]{}); size > 256 {
		t.Errorf("an entry of the index takes %d bytes, 256 are its share", size)
	}
}

// TestTermsOf: what a promotion says of itself is there, and nothing is missing where
// it says nothing.
func TestTermsOf(t *testing.T) {
	t.Parallel()
	plain := termsOf(&pricing.Promotion{ID: "P", Name: "Plain", Version: 3})
	if plain.ID != "P" || plain.Name != "Plain" || plain.Version != 3 || plain.Limits != (pricing.Limits{}) || len(plain.Codes) > 0 {
		t.Errorf("%+v", plain)
	}
	for name, p := range map[string]pricing.Promotion{
		"customers": {For: pricing.Audience{Customers: []retail.CustomerID{"anna"}}},
		"codes":     {Codes: []string{"SUMMER"}},
		"batches":   {Batches: []string{"b"}},
		"limits":    {Limits: pricing.Limits{Uses: 1}},
		"funding":   {Funding: []pricing.Funder{{Supplier: "acme", Share: 5000}}},
	} {
		got := termsOf(&p)
		if len(got.Customers) != len(p.For.Customers) || len(got.Codes) != len(p.Codes) || len(got.Batches) != len(p.Batches) ||
			got.Limits != p.Limits || len(got.Funding) != len(p.Funding) {
			t.Errorf("%s: %+v", name, *got.special)
		}
	}
	if termsOf(&pricing.Promotion{}).Limits != (pricing.Limits{}) {
		t.Error("what one says, others have")
	}
}
