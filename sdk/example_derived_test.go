package sdk_test

import (
	"fmt"

	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

type putProducts struct {
	Products []product `json:"products"`
}

type ofBrand struct {
	Brand string `json:"brand"`
}

type number struct {
	N int64 `json:"n"`
}

var (
	stockUp  = sdk.Command[putProducts, number]{Name: "shelf.stock_up"}
	howMany  = sdk.Query[ofBrand, number]{Name: "shelf.how_many"}
	byBrands = &sdk.Derived[brandIndex]{Name: "by_brand", Build: buildIndex, Apply: applyIndex}
)

// brandIndex knows the brand of every product, and how many a brand has.
type brandIndex struct {
	of    map[string]string
	count map[string]int64
}

func (x brandIndex) set(sku, brand string) {
	if old := x.of[sku]; old != "" {
		if x.count[old]--; x.count[old] == 0 {
			delete(x.count, old)
		}
	}
	delete(x.of, sku)
	if brand != "" {
		x.of[sku] = brand
		x.count[brand]++
	}
}

func buildIndex(v *sdk.View) (brandIndex, error) {
	x := brandIndex{map[string]string{}, map[string]int64{}}
	for p := range products.Scan(v, sdk.Scan{}) {
		x.set(p.SKU, p.Brand)
	}
	return x, nil
}

// applyIndex brings the index up to one product; sdktest checks that it comes to
// what buildIndex would come to.
func applyIndex(v *sdk.View, x brandIndex, c sdk.Change) (brandIndex, error) {
	sku, _ := c.Key.TextAt(0)
	p, _ := products.Get(v, c.Key) // none if it was deleted
	x.set(sku, p.Brand)
	return x, nil
}

func ExampleDerived() {
	env := sdktest.New(nil, sdk.NewApp("shelf", products, byBrands,
		stockUp.Handle(func(tx *sdk.Tx, in putProducts) (number, error) {
			var changes []sdk.Change
			for _, p := range in.Products {
				if err := products.Put(tx, p); err != nil {
					return number{}, err
				}
				changes = append(changes, products.Changed(sdk.K(p.SKU)))
			}
			return number{int64(len(changes))}, sdk.Publish(tx, changes...)
		}),
		howMany.Handle(func(v *sdk.View, in ofBrand) (number, error) {
			return number{byBrands.Get(v).count[in.Brand]}, nil
		}),
	))
	_, _ = sdktest.Run(env, stockUp, putProducts{[]product{{SKU: "shirt", Brand: "Alba"}, {SKU: "scarf", Brand: "Alba"}}})
	fmt.Println(sdktest.Call(env, howMany, ofBrand{"Alba"}))
	_, _ = sdktest.Run(env, stockUp, putProducts{[]product{{SKU: "scarf", Brand: "Zeta"}}})
	fmt.Println(sdktest.Call(env, howMany, ofBrand{"Alba"}))
	// Output:
	// {2} <nil>
	// {1} <nil>
}
