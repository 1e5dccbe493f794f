// Package shop makes up a retailer from a fixed seed, the same for the host and
// for the server written by hand: stores with tills, goods, prices and
// promotions, and the baskets that are sold. Everything is simulated. It must
// not know who keeps it or how.
package shop

import (
	"fmt"
	"math/rand/v2"
)

// How large it is. One receipt has LinesPerSale lines of different SKUs.
const (
	Stores       = 4
	Products     = 1_000
	Brands       = 25
	Promotions   = 20 // live ones
	LinesPerSale = 3
	Stock        = 1_000_000 // of each SKU on each floor, so that nothing runs out
)

// VATRate is that of all goods, in basis points.
const VATRate = 2200

// Shop is the retailer.
type Shop struct {
	Stores     []string
	Products   []Product
	Promotions []Promotion
}

// Product is one product with one SKU.
type Product struct {
	SKU, Name, Brand, Category string
	Price                      int64 // cents
}

// Promotion takes Percent basis points off the goods of one brand. No brand
// has two, so the order in which they count does not matter.
type Promotion struct {
	ID, Brand string
	Percent   int64
}

// New makes the shop.
func New() *Shop {
	random := rand.New(rand.NewPCG(20261121, 1))
	s := &Shop{}
	for i := range Stores {
		s.Stores = append(s.Stores, fmt.Sprintf("S%d", i+1))
	}
	for i := range Products {
		brand := random.IntN(Brands)
		s.Products = append(s.Products, Product{
			SKU: fmt.Sprintf("SKU-%04d", i), Name: fmt.Sprintf("Simulated article %d", i),
			Brand: fmt.Sprintf("brand-%d", brand), Category: fmt.Sprintf("category-%d", i%8),
			Price: 199 + random.Int64N(20_000),
		})
	}
	for i := range Promotions {
		s.Promotions = append(s.Promotions, Promotion{ID: fmt.Sprintf("promo-%d", i), Brand: fmt.Sprintf("brand-%d", i), Percent: 500 + 100*int64(i)})
	}
	return s
}

// Sale is what a till sends to close a sale.
type Sale struct {
	Store   string   `json:"store"`
	Till    string   `json:"till"`
	Cashier string   `json:"cashier"`
	Lines   []Line   `json:"lines"`
	Tenders []Tender `json:"tenders"`
}

// Line is goods.
type Line struct {
	SKU      string `json:"sku"`
	Quantity int64  `json:"quantity"`
}

// Tender is money: cash, always enough, or what is on a gift card.
type Tender struct {
	Type      string `json:"type"`
	Amount    int64  `json:"amount"`
	Reference string `json:"reference,omitempty"` // code of a card
}

// GiftCard is the tender type of a card.
const GiftCard = "gift_card"

// What a till's gift card holds, and what each sale takes of it, in cents: less than the
// cheapest sale, so that there is change in cash.
const (
	OnCard   = 1_000_000_000
	CardPays = 100
)

// PaidByCard pays a part of a sale with a gift card.
func (s Sale) PaidByCard(code string) Sale {
	s.Tenders = append([]Tender{{Type: GiftCard, Amount: CardPays, Reference: code}}, s.Tenders...)
	return s
}

// Sale draws a sale of a till.
func (s *Shop) Sale(random *rand.Rand, store, till string) Sale {
	return Sale{Store: store, Till: till, Cashier: "bench", Lines: s.Lines(random, LinesPerSale), Tenders: []Tender{{Type: "cash", Amount: 1_000_000}}}
}

// Lines draws lines of different SKUs, one or two pieces each.
func (s *Shop) Lines(random *rand.Rand, n int) []Line {
	seen := map[int]bool{}
	var lines []Line
	for len(lines) < n {
		i := random.IntN(len(s.Products))
		if !seen[i] {
			seen[i] = true
			lines = append(lines, Line{SKU: s.Products[i].SKU, Quantity: 1 + random.Int64N(2)})
		}
	}
	return lines
}

// Units is how many pieces a sale sells.
func (s Sale) Units() (n int64) {
	for _, l := range s.Lines {
		n += l.Quantity
	}
	return n
}
