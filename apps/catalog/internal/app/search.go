package app

import (
	"strings"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/catalog/internal/assortment"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// mostScanned bounds the records that one page of a filtered list looks at.
const mostScanned = 500

func search(v *sdk.View, in catalog.SearchIn) (catalog.SearchOut, error) {
	scan, filters, err := searchScan(v, &in)
	if err != nil {
		return catalog.SearchOut{}, err
	}
	size := pageSize(in.Limit)
	scan.Limit = size + 1
	if filters {
		scan.Limit = mostScanned
	}
	var page []ProductRecord
	var cursor string
	seen := 0
	for p := range products.Scan(v, scan) {
		seen++
		if len(page) == size || filters && seen == mostScanned {
			cursor = p.ID
			break
		}
		if matches(&in, &p) {
			page = append(page, p)
		}
	}
	return catalog.SearchOut{Products: withVariants(v, page), Cursor: cursor}, nil
}

// searchScan chooses the order to read in: that of the first field that is
// given, the one that most likely selects few products before the others.
// filters says whether what it reads must be looked at again. A cursor is the
// id of the first product of the next page.
func searchScan(r sdk.Reader, in *catalog.SearchIn) (s sdk.Scan, filters bool, err error) {
	if in.Cursor != "" {
		s.From = sdk.K(in.Cursor)
	}
	given := 0
	for _, x := range [...]struct{ index, value string }{
		{"status", string(in.Status)}, {"category", in.Category}, {"season", in.Season},
		{"brand", in.Brand}, {"supplier", in.Supplier}, {"line", in.Line},
	} {
		if x.value == "" {
			continue
		}
		given++
		if x.index != "status" {
			s.Index, s.Prefix = x.index, sdk.K(x.value)
		}
	}
	prefix := assortment.SearchKey(in.Prefix)
	if prefix == "" {
		return s, given > 1 || in.Status != "", nil
	}
	s = sdk.Scan{Index: "name", From: sdk.K(prefix), To: sdk.K(prefix + "\xff")}
	if in.Cursor != "" {
		next, ok := products.Get(r, productKey(in.Cursor))
		if !ok {
			return s, false, sdk.Invalid("/cursor", "cursor", "the cursor is none of this list")
		}
		s.From = sdk.K(next.SearchKey).Text(next.ID)
	}
	return s, given > 0, nil
}

func matches(in *catalog.SearchIn, p *ProductRecord) bool {
	for _, x := range [...]struct{ want, is string }{
		{in.Brand, p.Brand}, {in.Line, p.Line}, {in.Season, p.Season}, {in.Supplier, p.Supplier},
		{in.Category, p.Category}, {string(in.Status), string(p.Status)},
	} {
		if x.want != "" && x.want != x.is {
			return false
		}
	}
	return strings.HasPrefix(p.SearchKey, assortment.SearchKey(in.Prefix))
}

// withVariants completes products, reading as many variants at once as one
// call may.
func withVariants(r sdk.Reader, page []ProductRecord) []catalog.Product {
	var skus []retail.SKU
	for i := range page {
		skus = append(skus, page[i].SKUs...)
	}
	list := make([]VariantRecord, 0, len(skus))
	for at := 0; at < len(skus); at += mostVariants {
		part, _ := variants.GetMany(r, keys(skus[at:min(at+mostVariants, len(skus))]))
		list = append(list, part...)
	}
	out := make([]catalog.Product, len(page))
	for i := range page {
		n := len(page[i].SKUs)
		out[i], list = wire(&page[i], list[:n]), list[n:]
	}
	return out
}
