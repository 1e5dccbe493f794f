package app

import (
	"cmp"
	"slices"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/stock"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// safeties are what is not promised. The scope is what goods it is about, so that those
// of a SKU are read by one short scan.
var safeties = sdk.Collection[SafetyRecord]{Name: "safeties", Key: []string{"scope", "store"}}

// SafetyRecord is a safety stock under its key.
type SafetyRecord struct {
	Scope  string       `json:"scope"` // sku/ID, category/ID or *
	Store  string       `json:"store"` // id or *
	Safety stock.Safety `json:"safety"`
}

const (
	everything = "*"
	ofSKU      = "sku/"
	ofCategory = "category/"
)

func putSafety(tx *sdk.Tx, in stock.Safety) (stock.Safety, error) {
	switch {
	case in.Store == "" && len(reachOf(tx)) > 0:
		return in, otherStore("/store")
	case in.SKU != "" && in.Category != "" || len(in.SKU) > 256 || len(in.Category) > 64:
		return in, sdk.Invalid("/sku", "sku", "name a SKU, a category or neither")
	case in.Quantity < 0 || in.Quantity > 1_000_000_000:
		return in, sdk.Invalid("/quantity", "quantity", "a safety stock is zero or more")
	}
	scope := everything
	switch {
	case in.SKU != "":
		scope = ofSKU + string(in.SKU)
	case in.Category != "":
		scope = ofCategory + in.Category
	}
	store := cmp.Or(string(in.Store), everything)
	if in.Remove {
		return in, safeties.Delete(tx, sdk.K(scope).Text(store))
	}
	return in, safeties.Put(tx, SafetyRecord{Scope: scope, Store: store, Safety: in})
}

func listSafeties(v *sdk.View, in stock.SafetiesIn) (stock.SafetiesOut, error) {
	var out stock.SafetiesOut
	size, reach := pageSize(in.Limit), reachOf(v)
	scan := sdk.Scan{Limit: mostScanned + 1}
	if in.SKU != "" {
		scan.Prefix = sdk.K(ofSKU + string(in.SKU))
	} else if scope, store, ok := cutCursor(in.Cursor); ok {
		scan.From = sdk.K(scope).Text(store)
	}
	seen := 0
	for r := range safeties.Scan(v, scan) {
		if len(out.Safeties) == size || seen == mostScanned {
			out.Cursor = r.Scope + "\t" + r.Store
			break
		}
		seen++
		if (in.Store == "" || r.Safety.Store == in.Store) && reach.has(r.Safety.Store) {
			out.Safeties = append(out.Safeties, r.Safety)
		}
	}
	return out, nil
}

func cutCursor(cursor string) (scope, store string, ok bool) {
	for i := range cursor {
		if cursor[i] == '\t' {
			return cursor[:i], cursor[i+1:], true
		}
	}
	return "", "", false
}

// safety tells how much of a SKU is not promised at a place. It reads the rules of a SKU
// once.
type safety struct {
	reader     sdk.Reader
	usual      retail.Quantity
	general    []SafetyRecord
	bySKU      bool // some SKU has a rule of its own
	skus       map[retail.SKU][]SafetyRecord
	categories map[retail.SKU]string
	grouped    map[string][]SafetyRecord
}

// safetyOf prepares to tell it of some SKUs.
func safetyOf(r sdk.Reader, skus []retail.SKU) (*safety, error) {
	s := &safety{
		reader: r, usual: retail.Quantity(settings.Get(r).SafetyStock),
		general: slices.Collect(safeties.Scan(r, sdk.Scan{Prefix: sdk.K(everything)})),
		skus:    map[retail.SKU][]SafetyRecord{}, categories: map[retail.SKU]string{}, grouped: map[string][]SafetyRecord{},
	}
	s.bySKU = anyOf(r, ofSKU)
	if anyOf(r, ofCategory) {
		return s, s.classify(skus)
	}
	return s, nil
}

// anyOf says whether there is a rule whose scope begins so, with a slash at the end.
func anyOf(r sdk.Reader, scope string) bool {
	end := scope[:len(scope)-1] + string(scope[len(scope)-1]+1)
	for range safeties.Scan(r, sdk.Scan{From: sdk.K(scope), To: sdk.K(end), Limit: 1}) {
		return true
	}
	return false
}

// classify asks the catalog for the categories of SKUs. What it does not know has none.
func (s *safety) classify(skus []retail.SKU) error {
	left := slices.Clone(skus)
	slices.Sort(left)
	left = slices.Compact(left)
	for len(left) > 0 {
		known, err := catalog.Products.Call(s.reader, catalog.ProductsIn{SKUs: left})
		if err == nil {
			for _, item := range known.Items {
				s.categories[item.SKU] = item.Category
			}
			return nil
		}
		strange, ok := unknownSKU(err)
		if !ok || !slices.Contains(left, strange) {
			return err
		}
		left = slices.DeleteFunc(left, func(sku retail.SKU) bool { return sku == strange })
	}
	return nil
}

// at is the safety stock of a SKU at a place.
func (s *safety) at(p *stock.Place, sku retail.SKU) retail.Quantity {
	if p.Kind != stock.Floor && p.Kind != stock.Warehouse {
		return 0
	}
	own, there := s.skus[sku]
	if s.bySKU && !there {
		own = slices.Collect(safeties.Scan(s.reader, sdk.Scan{Prefix: sdk.K(ofSKU + string(sku))}))
		s.skus[sku] = own
	}
	for _, rules := range [...][]SafetyRecord{own, s.ofCategory(s.categories[sku]), s.general} {
		for _, store := range [...]string{string(p.Store), everything} {
			i := slices.IndexFunc(rules, func(r SafetyRecord) bool { return r.Store == store })
			if i >= 0 {
				return rules[i].Safety.Quantity
			}
		}
	}
	return s.usual
}

func (s *safety) ofCategory(category string) []SafetyRecord {
	if category == "" {
		return nil
	}
	rules, there := s.grouped[category]
	if !there {
		rules = slices.Collect(safeties.Scan(s.reader, sdk.Scan{Prefix: sdk.K(ofCategory + category)}))
		s.grouped[category] = rules
	}
	return rules
}
