package app

import (
	"slices"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/catalog/internal/assortment"
	"github.com/bottega-retail/bottega/sdk"
)

func putTerm(tx *sdk.Tx, in catalog.Term) (catalog.Term, error) {
	if err := validTermKind(in.Kind); err != nil {
		return in, err
	}
	if !assortment.Label(in.ID, 64) {
		return in, sdk.Invalid("/id", "id", "a term's id has 1 to 64 characters")
	}
	if !assortment.Label(in.Name, 200) {
		return in, sdk.Invalid("/name", "name", "a term's name has 1 to 200 characters")
	}
	if old, ok := terms.Get(tx, termKey(in.Kind, in.ID)); ok && old == in {
		return in, nil
	}
	if err := terms.Put(tx, in); err != nil {
		return in, err
	}
	return in, catalog.TermChanged.Emit(tx, in)
}

func validTermKind(k catalog.TermKind) error {
	switch k {
	case catalog.Brand, catalog.Line, catalog.Season, catalog.Supplier, catalog.Category:
		return nil
	}
	return sdk.Invalid("/kind", "kind", "kinds are brand, line, season, supplier and category")
}

func listTerms(v *sdk.View, in catalog.TermsIn) (catalog.TermsOut, error) {
	var out catalog.TermsOut
	if err := validTermKind(in.Kind); err != nil {
		return out, err
	}
	size := pageSize(in.Limit)
	scan := sdk.Scan{Prefix: sdk.K(in.Kind), Limit: size + 1}
	if in.Cursor != "" {
		scan.From = sdk.K(in.Cursor)
	}
	for t := range terms.Scan(v, scan) {
		if len(out.Terms) == size {
			out.Cursor = t.ID
			break
		}
		out.Terms = append(out.Terms, t)
	}
	return out, nil
}

func putVATClass(tx *sdk.Tx, in catalog.VATClass) (catalog.VATClass, error) {
	if !assortment.Label(string(in.ID), 64) {
		return in, sdk.Invalid("/id", "id", "a VAT class's id has 1 to 64 characters")
	}
	if !assortment.Label(in.Name, 200) {
		return in, sdk.Invalid("/name", "name", "a VAT class's name has 1 to 200 characters")
	}
	for i, r := range in.Rates {
		if r.Rate < 0 || r.Rate > 10_000 {
			return in, sdk.Invalid(at("rates", i, "rate"), "rate", "a rate is 0 to 10,000 basis points")
		}
	}
	sorted, err := assortment.SortSteps(in.Rates, fromOfRate)
	if err != nil {
		return in, sdk.Invalid("/rates", "vat_steps", err.Error())
	}
	in.Rates = sorted
	if old, ok := classes.Get(tx, sdk.K(in.ID)); ok && old.Name == in.Name && slices.Equal(old.Rates, in.Rates) {
		return in, nil
	}
	if err := classes.Put(tx, in); err != nil {
		return in, err
	}
	return in, catalog.VATClassChanged.Emit(tx, in)
}

func vatClasses(v *sdk.View, _ sdk.None) (catalog.VATClassesOut, error) {
	return catalog.VATClassesOut{Classes: slices.Collect(classes.Scan(v, sdk.Scan{}))}, nil
}
