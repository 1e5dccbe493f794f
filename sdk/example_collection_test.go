package sdk_test

import (
	"fmt"

	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

type product struct {
	SKU   string   `json:"sku"`
	Brand string   `json:"brand"`
	Price int64    `json:"price"`
	GTINs []string `json:"gtins"`
}

// The host keeps the indexes; a list has an entry per element.
var products = sdk.Collection[product]{
	Name: "products",
	Key:  []string{"sku"},
	Indexes: []sdk.Index{
		{Name: "brand", Fields: []string{"brand", "price"}},
		{Name: "gtin", Fields: []string{"gtins"}, Unique: true},
	},
}

// shelf is an app with three products.
func shelf() *sdktest.Env {
	env := sdktest.New(nil, sdk.NewApp("shelf", products))
	_ = env.Update(func(tx *sdk.Tx) error {
		for _, p := range []product{
			{"scarf", "Alba", 2900, []string{"08001505005479"}},
			{"shirt", "Alba", 8990, []string{"08001505005486", "08001505005493"}},
			{"socks", "Bora", 990, nil},
		} {
			if err := products.Insert(tx, p); err != nil {
				return err
			}
		}
		return nil
	})
	return env
}

func ExampleCollection_Put() {
	env := shelf()
	err := env.Update(func(tx *sdk.Tx) error {
		p, _ := products.Get(tx, sdk.K("socks"))
		p.Price = 790
		return products.Put(tx, p)
	})
	_ = env.View(func(v *sdk.View) error {
		p, there := products.Get(v, sdk.K("socks"))
		fmt.Println(p.Price, there, err)
		return nil
	})
	// Output: 790 true <nil>
}

func ExampleCollection_Insert() {
	err := shelf().Update(func(tx *sdk.Tx) error { return products.Insert(tx, product{SKU: "socks"}) })
	fmt.Println(sdk.CodeOf(err), sdk.ReasonOf(err))
	err = shelf().Update(func(tx *sdk.Tx) error {
		return products.Insert(tx, product{SKU: "hat", GTINs: []string{"08001505005479"}})
	})
	fmt.Println(sdk.CodeOf(err), sdk.ReasonOf(err))
	// Output:
	// conflict exists
	// conflict unique
}

func ExampleCollection_Get() {
	_ = shelf().View(func(v *sdk.View) error {
		_, there := products.Get(v, sdk.K("hat"))
		fmt.Println(there)
		return nil
	})
	// Output: false
}

func ExampleCollection_Find() {
	_ = shelf().View(func(v *sdk.View) error {
		p, there := products.Find(v, "gtin", sdk.K("08001505005493"))
		fmt.Println(p.SKU, there)
		return nil
	})
	// Output: shirt true
}

func ExampleCollection_GetMany() {
	_ = shelf().View(func(v *sdk.View) error {
		found, there := products.GetMany(v, []sdk.Key{sdk.K("socks"), sdk.K("hat"), sdk.K("scarf")})
		fmt.Println(found[0].Price, found[2].Price, there)
		return nil
	})
	// Output: 990 2900 [true false true]
}

func ExampleCollection_Delete() {
	env := shelf()
	fmt.Println(env.Update(func(tx *sdk.Tx) error { return products.Delete(tx, sdk.K("scarf")) }))
	_ = env.View(func(v *sdk.View) error {
		_, there := products.Find(v, "gtin", sdk.K("08001505005479"))
		fmt.Println(there)
		return nil
	})
	// Output:
	// <nil>
	// false
}

func ExampleCollection_Scan() {
	_ = shelf().View(func(v *sdk.View) error {
		for p := range products.Scan(v, sdk.Scan{Index: "brand", Prefix: sdk.K("Alba"), Reverse: true}) {
			fmt.Println(p.SKU, p.Price)
		}
		cheap := sdk.Scan{Index: "brand", Prefix: sdk.K("Alba"), To: sdk.KInt(int64(5000))}
		for p := range products.Scan(v, cheap) {
			fmt.Println("below 50:", p.SKU)
		}
		return nil
	})
	// Output:
	// shirt 8990
	// scarf 2900
	// below 50: scarf
}
