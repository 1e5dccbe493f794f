package app

import (
	"slices"
	"strconv"
	"strings"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/catalog/internal/assortment"
	"github.com/bottega-retail/bottega/sdk"
)

// attributesOf checks the attributes of a product or a variant, which stand at a
// pointer, and gives them their normal form: sorted by name, their values sorted and
// each once.
func attributesOf(all []catalog.Attribute, pointer string) ([]catalog.Attribute, error) {
	if len(all) == 0 {
		return nil, nil
	}
	if len(all) > catalog.MaxAttributes {
		return nil, badAttribute(pointer, "at most 30 attributes of a product or variant")
	}
	sorted := make([]catalog.Attribute, len(all))
	for i, a := range all {
		here := pointer + "/" + strconv.Itoa(i)
		values, ok := assortment.Set(a.Values)
		switch {
		case !assortment.Label(a.Name, 64):
			return nil, badAttribute(here+"/name", "an attribute's name has 1 to 64 characters")
		case a.Name == catalog.SizeAttribute || a.Name == catalog.ColourAttribute:
			return nil, badAttribute(here+"/name", "a variant has a field for its "+a.Name)
		case slices.ContainsFunc(all[:i], func(o catalog.Attribute) bool { return o.Name == a.Name }):
			return nil, badAttribute(here+"/name", "attribute "+a.Name+" stands twice; it may have several values")
		case !ok || len(values) == 0 || len(values) > catalog.MaxAttributeValues:
			return nil, badAttribute(here+"/values", "an attribute has 1 to 20 values of 1 to 64 characters")
		}
		sorted[i] = catalog.Attribute{Name: a.Name, Values: values}
	}
	slices.SortFunc(sorted, byName)
	return sorted, nil
}

func badAttribute(pointer, message string) error { return sdk.Invalid(pointer, "attributes", message) }

func byName(a, b catalog.Attribute) int { return strings.Compare(a.Name, b.Name) }

func sameAttributes(a, b []catalog.Attribute) bool {
	return slices.EqualFunc(a, b, func(x, y catalog.Attribute) bool { return x.Name == y.Name && slices.Equal(x.Values, y.Values) })
}

// attributesOfItem are those of a variant, and of its product what the variant does
// not have. Where only one of them has any it makes nothing: every sale asks.
func attributesOfItem(variant, product []catalog.Attribute) []catalog.Attribute {
	if len(variant) == 0 {
		return product
	}
	if len(product) == 0 {
		return variant
	}
	all := make([]catalog.Attribute, 0, len(variant)+len(product))
	for len(variant) > 0 && len(product) > 0 {
		switch order := byName(variant[0], product[0]); {
		case order > 0:
			all, product = append(all, product[0]), product[1:]
		case order == 0:
			product = product[1:]
		default:
			all, variant = append(all, variant[0]), variant[1:]
		}
	}
	return append(append(all, variant...), product...)
}
