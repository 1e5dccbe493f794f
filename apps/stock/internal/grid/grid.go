// Package grid orders sizes as people in a shop read them. It knows texts.
package grid

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// letters are the sizes of clothing that have no number, from small to large.
var letters = []string{"XXXS", "XXS", "XS", "S", "M", "L", "XL", "XXL", "XXXL", "XXXXL"}

// Sizes sorts sizes, each once: those of the retailer's list in its order, then letter
// sizes, then numbers by value, "42" before "42.5" and "42,5", then the rest as texts.
func Sizes(sizes, order []string) []string {
	all := slices.Clone(sizes)
	slices.SortFunc(all, func(a, b string) int {
		x, y := placeOf(a, order), placeOf(b, order)
		return cmp.Or(cmp.Compare(x.class, y.class), cmp.Compare(x.number, y.number), cmp.Compare(a, b))
	})
	return slices.Compact(all)
}

// place is where a size stands: by class, then by number.
type place struct {
	class  int
	number float64
}

func placeOf(size string, order []string) place {
	if i := slices.Index(order, size); i >= 0 {
		return place{0, float64(i)}
	}
	if i := slices.Index(letters, strings.ToUpper(size)); i >= 0 {
		return place{1, float64(i)}
	}
	if n, err := strconv.ParseFloat(strings.ReplaceAll(size, ",", "."), 64); err == nil {
		return place{2, n}
	}
	return place{3, 0}
}
