package app

import (
	"cmp"
	"slices"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/stock"
	"github.com/bottega-retail/bottega/apps/stock/internal/grid"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

func sizeGrid(v *sdk.View, in stock.GridIn) (stock.GridOut, error) {
	var out stock.GridOut
	if (in.Product == "") == (in.SKU == "") {
		return out, sdk.Invalid("", "filter", "give a product or a SKU")
	}
	p, err := catalog.GetProduct.Call(v, catalog.GetProductIn{ID: in.Product, SKU: in.SKU})
	if err != nil {
		return out, err
	}
	out.Product, out.Name = p.ID, p.Name
	p.Variants = slices.DeleteFunc(p.Variants, func(x catalog.Variant) bool { return x.Status == catalog.Archived })
	var sizes []string
	skus := make([]retail.SKU, len(p.Variants))
	for i, x := range p.Variants {
		skus[i] = x.SKU
		sizes = append(sizes, x.Size)
		out.Colours = append(out.Colours, x.Colour)
	}
	out.Sizes = grid.Sizes(sizes, settings.Get(v).Sizes)
	slices.Sort(out.Colours)
	out.Colours = slices.Compact(out.Colours)
	own, err := levelsOf(v, skus, selling(placesOf(v, in.Store)), stock.MaxAdded)
	if err != nil {
		return out, err
	}
	others, err := elsewhere(v, &in, own)
	if err != nil {
		return out, err
	}
	for i, x := range p.Variants {
		c := stock.GridCell{SKU: x.SKU, Size: x.Size, Colour: x.Colour}
		for _, l := range own.places(i) {
			c.OnHand += l.OnHand
			c.Available += l.Available
		}
		for j := range others.list {
			c.Elsewhere += max(0, others.available(i, j))
		}
		out.Cells = append(out.Cells, c)
	}
	slices.SortFunc(out.Cells, func(a, b stock.GridCell) int {
		return cmp.Or(
			cmp.Compare(slices.Index(out.Colours, a.Colour), slices.Index(out.Colours, b.Colour)),
			cmp.Compare(slices.Index(out.Sizes, a.Size), slices.Index(out.Sizes, b.Size)), cmp.Compare(a.SKU, b.SKU),
		)
	})
	return out, nil
}

// elsewhere are the levels of the same SKUs in other stores, of none if nobody asked for
// them.
func elsewhere(r sdk.Reader, in *stock.GridIn, own *levels) (*levels, error) {
	if !in.Elsewhere {
		return &levels{}, nil
	}
	others := slices.DeleteFunc(slices.Collect(everyPlace(r)), func(p stock.Place) bool { return p.Store == in.Store })
	return freeOf(r, own.skus, selling(others), stock.MaxAdded, own.safety)
}

// selling are the places from which goods may be promised.
func selling(list []stock.Place) []stock.Place {
	return slices.DeleteFunc(list, func(p stock.Place) bool { return p.Closed || !p.Kind.Sellable() })
}
