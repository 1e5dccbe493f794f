package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"time"
)

// The demo retailer is made up from a fixed seed: nothing of it is anybody's
// data, and every name says so. It goes in through public operations only, each
// of which may be repeated, so a start that was interrupted goes on.

// demoSeed fixes goods, prices, stock and baskets; dates are around today.
const demoSeed = 20261121

// demoLast is written last: where it is, the demo is complete.
const demoLast = "WEB"

type object = map[string]any

// demoName is the retailer's.
const demoName = "Emporio Demo"

// fillDemo fills an empty tenant, and says what it does while it does it.
func fillDemo(ctx context.Context, c *client, out io.Writer) error {
	if err := c.patient(ctx, "catalog.store", "", object{"id": demoLast}, nil); err == nil {
		return nil
	}
	fmt.Fprintf(out, "  … filling the demo retailer with simulated data, once\n")
	d := newDemo(c)
	for _, step := range []struct {
		what string
		do   func(context.Context) (int, error)
	}{
		{"legal persons, VAT classes and terms", d.putBasics},
		{"stores and places", d.putStores},
		{"SKUs", d.putProducts},
		{"prices and price lists", d.putPrices},
		{"promotions and coupons", d.putPromotions},
		{"kinds of gift cards and vouchers", d.putVouchers},
		{"settings of tills", d.putTill},
		{"lines delivered to stores and warehouse", d.receiveStock},
		{"historic receipts", d.importReceipts},
		{"sales rung up just now", d.sell},
	} {
		begun := time.Now()
		n, err := step.do(ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", step.what, err)
		}
		fmt.Fprintf(out, "    simulated: %s %s  %s\n", grouped(n), step.what, time.Since(begun).Round(10*time.Millisecond))
	}
	return d.put(ctx, "catalog.put_store", object{"id": demoLast, "name": demoName + " web shop (simulated)", "entity": "emporio", "kind": "web", "zone": "Europe/Rome", "currency": "EUR"})
}

// countDemo asks the host what it holds, for people.
func countDemo(ctx context.Context, c *client) (string, error) {
	type stores struct {
		Stores []struct{ ID, Kind string }
		Cursor string
	}
	kinds := map[string]int{}
	receipts := 0
	type page struct {
		Receipts []struct{}
		Cursor   string
	}
	var ids []string
	err := pages(ctx, c, "catalog.stores", object{"limit": 200}, func(p *stores) string { return p.Cursor }, func(p *stores) {
		for _, s := range p.Stores {
			kinds[s.Kind]++
			ids = append(ids, s.ID)
		}
	})
	for _, id := range ids {
		err = errors.Join(err, pages(ctx, c, "till.receipts", object{"store": id, "limit": 200}, func(p *page) string { return p.Cursor }, func(p *page) {
			receipts += len(p.Receipts)
		}))
	}
	skus, more := countSKUs(ctx, c)
	return fmt.Sprintf("%d stores, %d warehouse, %d web shop, %s SKUs, %s receipts",
		kinds["store"], kinds["warehouse"], kinds["web"], grouped(skus), grouped(receipts)), errors.Join(err, more)
}

func countSKUs(ctx context.Context, c *client) (n int, err error) {
	type page struct {
		Products []struct {
			Kind     string
			Variants []struct{}
		}
		Cursor string
	}
	err = pages(ctx, c, "catalog.search", object{"limit": 200}, func(p *page) string { return p.Cursor }, func(p *page) {
		for _, product := range p.Products {
			if product.Kind != "gift_card" {
				n += len(product.Variants)
			}
		}
	})
	return n, err
}

// demo is the retailer in the making.
type demo struct {
	client   *client
	random   *rand.Rand
	day      time.Time // midnight UTC of today
	products []demoProduct
}

type demoProduct struct {
	id, name, category, line, brand, season, supplier, vat string
	price                                                  int64 // cents
	skus                                                   []demoSKU
}

type demoSKU struct {
	sku, size, colour, gtin string
	price                   int64
	name, vat               string
}

var (
	demoBrands    = []string{"alba", "brera", "cantuccio", "dolomia", "elba", "faro", "ginestra", "lago", "murano", "nebbia"}
	demoLines     = []string{"basic", "city", "luxe", "sport", "home"}
	demoSeasons   = []string{"fw26", "ss26", "continuative"}
	demoSuppliers = []string{"alba-srl", "filati-nord", "tessuti-prato", "import-sud"}
	demoStores    = []struct{ id, city, province, postcode string }{
		{"MI-01", "Milano", "MI", "20121"}, {"MI-02", "Milano", "MI", "20144"}, {"TO-01", "Torino", "TO", "10121"},
		{"BO-01", "Bologna", "BO", "40121"}, {"RM-01", "Roma", "RM", "00187"}, {"NA-01", "Napoli", "NA", "80132"},
	}
	// demoKinds are what the shop sells: category, name, cents from and to, VAT.
	demoKinds = []struct {
		category, name string
		from, to       int64
		vat            string
	}{
		{"shirts", "Camicia", 2990, 8990, "standard"}, {"knitwear", "Maglione", 3990, 14990, "standard"},
		{"trousers", "Pantalone", 3990, 11990, "standard"}, {"dresses", "Abito", 4990, 19990, "standard"},
		{"outerwear", "Cappotto", 9990, 39990, "standard"}, {"underwear", "Intimo", 690, 2990, "standard"},
		{"accessories", "Sciarpa", 1290, 5990, "standard"}, {"groceries", "Pasta artigianale", 290, 890, "super-reduced"},
	}
	demoSizes   = []string{"XS", "S", "M", "L", "XL", "XXL", "3XL"}
	demoColours = []string{"nero", "blu", "bianco", "rosso", "verde", "sabbia"}
)

// demoRates are the VAT rates of demoKinds, in basis points.
var demoRates = map[string]int{"standard": 2200, "super-reduced": 400}

const demoProducts = 600

func newDemo(c *client) *demo {
	d := &demo{client: c, random: rand.New(rand.NewPCG(demoSeed, 0)), day: time.Now().UTC().Truncate(24 * time.Hour)}
	for i := range demoProducts {
		d.products = append(d.products, d.product(i))
	}
	return d
}

func (d *demo) product(i int) demoProduct {
	kind := demoKinds[d.random.IntN(len(demoKinds))]
	p := demoProduct{
		id: fmt.Sprintf("P%04d", i), category: kind.category, vat: kind.vat,
		brand: pick(d.random, demoBrands), line: pick(d.random, demoLines), season: pick(d.random, demoSeasons), supplier: pick(d.random, demoSuppliers),
		price: (kind.from+d.random.Int64N(kind.to-kind.from))/100*100 + 90,
	}
	p.name = fmt.Sprintf("%s %s %d", kind.name, p.brand, i)
	colour := pick(d.random, demoColours)
	for n, size := range demoSizes {
		number := i*len(demoSizes) + n
		p.skus = append(p.skus, demoSKU{
			sku: fmt.Sprintf("%s-%s", p.id, size), size: size, colour: colour,
			gtin: withCheckDigit(fmt.Sprintf("800%09d", number)), price: p.price, name: p.name, vat: p.vat,
		})
	}
	return p
}

func pick(r *rand.Rand, from []string) string { return from[r.IntN(len(from))] }

// withCheckDigit completes a GTIN-13: weights 3 and 1 from the right, GS1
// General Specifications 7.9.
func withCheckDigit(digits string) string {
	sum := 0
	for i := range len(digits) {
		weight := 3
		if (len(digits)-i)%2 == 0 {
			weight = 1
		}
		sum += weight * int(digits[i]-'0')
	}
	return digits + string(rune('0'+(10-sum%10)%10))
}

// put runs a command that says all of itself: its key is its content's.
func (d *demo) put(ctx context.Context, operation string, in object) error {
	return d.client.patient(ctx, operation, contentKey(operation, in), in, nil)
}

// each puts a list of objects one by one.
func (d *demo) each(ctx context.Context, operation string, items []object) (int, error) {
	for _, in := range items {
		if err := d.put(ctx, operation, in); err != nil {
			return 0, err
		}
	}
	return len(items), nil
}

func (d *demo) putBasics(ctx context.Context) (int, error) {
	if err := d.put(ctx, "catalog.put_entity", object{"id": "emporio", "name": "Emporio Demo S.r.l. (simulated)", "vat_number": "12345678903", "country": "IT"}); err != nil {
		return 0, err
	}
	classes := []object{}
	for _, c := range []struct {
		id, name string
		rate     int
	}{{"standard", "IVA 22 %", 2200}, {"reduced", "IVA 10 %", 1000}, {"five", "IVA 5 %", 500}, {"super-reduced", "IVA 4 %", 400}} {
		classes = append(classes, object{"id": c.id, "name": c.name, "rates": []object{{"rate": c.rate}}})
	}
	if _, err := d.each(ctx, "catalog.put_vat_class", classes); err != nil {
		return 0, err
	}
	terms := []object{}
	add := func(kind string, ids []string) {
		for _, id := range ids {
			terms = append(terms, object{"kind": kind, "id": id, "name": id + " (simulated)"})
		}
	}
	add("brand", demoBrands)
	add("line", demoLines)
	add("season", demoSeasons)
	add("supplier", demoSuppliers)
	for _, k := range demoKinds {
		add("category", []string{k.category})
	}
	n, err := d.each(ctx, "catalog.put_term", terms)
	return n + len(classes) + 1, err
}

func (d *demo) putStores(ctx context.Context) (int, error) {
	var stores, places []object
	for _, s := range demoStores {
		stores = append(stores, object{
			"id": s.id, "name": demoName + " " + s.city + " (simulated)", "entity": "emporio", "kind": "store", "zone": "Europe/Rome", "currency": "EUR",
			"address": object{"street": "Via Esempio 1", "cap": s.postcode, "city": s.city, "province": s.province, "country": "IT"},
		})
		places = append(places,
			object{"id": s.id + "-floor", "name": "Floor", "kind": "floor", "store": s.id},
			object{"id": s.id + "-quarantine", "name": "Quarantine", "kind": "quarantine", "store": s.id})
	}
	stores = append(stores, object{"id": "WH-01", "name": demoName + " warehouse (simulated)", "entity": "emporio", "kind": "warehouse", "zone": "Europe/Rome", "currency": "EUR"})
	places = append(places, object{"id": "WH-01-shelves", "name": "Shelves", "kind": "warehouse", "store": "WH-01"})
	if _, err := d.each(ctx, "catalog.put_store", stores); err != nil {
		return 0, err
	}
	n, err := d.each(ctx, "stock.put_place", places)
	return n + len(stores), err
}

func (d *demo) putProducts(ctx context.Context) (int, error) {
	const batch = 25
	skus := 0
	for from := 0; from < len(d.products); from += batch {
		var products []object
		for _, p := range d.products[from:min(from+batch, len(d.products))] {
			variants := []object{}
			for _, s := range p.skus {
				variants = append(variants, object{"sku": s.sku, "size": s.size, "colour": s.colour, "barcodes": []object{{"gtin": s.gtin}}})
			}
			skus += len(variants)
			products = append(products, object{
				"id": p.id, "name": p.name, "brand": p.brand, "line": p.line, "season": p.season, "supplier": p.supplier,
				"category": p.category, "vat": []object{{"class": p.vat}}, "variants": variants,
			})
		}
		if err := d.put(ctx, "catalog.put_products", object{"products": products}); err != nil {
			return 0, err
		}
	}
	return skus, nil
}

// at is an instant in days and minutes from this midnight, UTC.
func (d *demo) at(days, minutes int) string {
	return d.day.AddDate(0, 0, days).Add(time.Duration(minutes) * time.Minute).Format(time.RFC3339)
}

// demoEverywhere are the first products, which every store has: examples sell
// them.
const demoEverywhere = 10

// receiveStock delivers every product to half of the stores, and all of them to
// the warehouse.
func (d *demo) receiveStock(ctx context.Context) (int, error) {
	n := 0
	places := []string{"WH-01-shelves"}
	for _, s := range demoStores {
		places = append(places, s.id+"-floor")
	}
	for i, place := range places {
		var lines []object
		part := 0
		for j, p := range d.products {
			if i == 0 || j < demoEverywhere || d.random.IntN(2) == 0 {
				for _, s := range p.skus {
					lines = append(lines, object{"sku": s.sku, "quantity": 1 + d.random.IntN(12)})
				}
			}
			if len(lines) < 200 && j < len(d.products)-1 || len(lines) == 0 {
				continue
			}
			part++
			if err := d.put(ctx, "stock.receive", object{"to": place, "document": fmt.Sprintf("DDT-DEMO-%d/%d", i, part), "lines": lines}); err != nil {
				return n, err
			}
			n += len(lines)
			lines = nil
		}
	}
	return n, nil
}

// importReceipts makes up the last thirty days, as another system had them.
func (d *demo) importReceipts(ctx context.Context) (int, error) {
	const days, perDay, batch = 30, 600, 100
	n := 0
	for day := -days; day < 0; day++ {
		for from := 0; from < perDay; from += batch {
			var documents []object
			for i := range batch {
				documents = append(documents, d.historic(day, from+i))
			}
			if err := d.put(ctx, "till.import_receipts", object{"documents": documents}); err != nil {
				return n, err
			}
			n += len(documents)
		}
	}
	return n, nil
}

// historic is one receipt of another system: list prices, paid by card.
func (d *demo) historic(day, i int) object {
	store := demoStores[d.random.IntN(len(demoStores))]
	var lines []object
	for range 1 + d.random.IntN(4) {
		s := d.sku()
		quantity := int64(1 + d.random.IntN(2))
		lines = append(lines, object{
			"sku": s.sku, "description": s.name, "quantity": quantity, "amount": s.price * quantity, "vat_rate": demoRates[s.vat],
			"unit_price": fmt.Sprintf("%d.%02d", s.price/100, s.price%100),
		})
	}
	number := fmt.Sprintf("%s-%d", d.day.AddDate(0, 0, day).Format("20060102"), i)
	return object{
		"external": "demo:" + number, "number": number, "store": store.id, "till": "old",
		"at": d.at(day, 9*60+d.random.IntN(10*60)), "lines": lines,
	}
}

func (d *demo) sku() demoSKU {
	p := d.products[d.random.IntN(len(d.products))]
	return p.skus[d.random.IntN(len(p.skus))]
}

// sell rings up a few sales with today's prices and promotions.
func (d *demo) sell(ctx context.Context) (int, error) {
	const sales = 24
	for i := range sales {
		store := demoStores[i%len(demoStores)]
		var lines []object
		for range 1 + d.random.IntN(4) {
			lines = append(lines, object{"sku": d.sku().sku, "quantity": 1 + d.random.IntN(2)})
		}
		key := fmt.Sprintf("demo-sale-%d", i)
		in := object{"store": store.id, "till": "1", "cashier": "demo", "lines": lines}
		var quote struct {
			Total int64 `json:"total"`
		}
		if err := d.client.patient(ctx, "pricing.quote", "", object{"store": store.id, "lines": lines}, &quote); err != nil {
			return i, err
		}
		in["tenders"] = []object{{"type": "card", "amount": quote.Total, "terminal": "T1"}}
		if err := d.client.patient(ctx, "till.close", key, in, nil); err != nil {
			return i, err
		}
	}
	return sales, nil
}
