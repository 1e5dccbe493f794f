package schema

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"
)

// cart is saleSchema for encoding/json.
type cart struct {
	Store   string     `json:"store"`
	Channel string     `json:"channel,omitempty"`
	At      time.Time  `json:"at"`
	Lines   []cartLine `json:"lines"`
}

type cartLine struct {
	SKU        string  `json:"sku"`
	Quantity   int64   `json:"quantity"`
	Price      int64   `json:"price"`
	UnitShares []int64 `json:"unit_shares,omitempty"`
	Gift       bool    `json:"gift,omitempty"`
}

func twentyLines() cart {
	c := cart{Store: "MI-01", Channel: "store", At: time.Date(2026, 11, 21, 17, 5, 0, 0, time.UTC)}
	for i := range 20 {
		c.Lines = append(c.Lines, cartLine{SKU: fmt.Sprintf("80015%03d", i), Quantity: 3, Price: 8990, UnitShares: []int64{2398, 2397, 2397}, Gift: i%5 == 0})
	}
	return c
}

// Both sides run in turns in the same loop; "×" is how many times faster this
// package is than encoding/json.
func BenchmarkCart20(b *testing.B) {
	s := compile(b, saleSchema, saleTypes)
	body, err := json.Marshal(twentyLines())
	if err != nil {
		b.Fatal(err)
	}
	wire, err := s.ToWire(body)
	if err != nil {
		b.Fatal(err)
	}
	run := func(name string, ours, std func() error) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			var own, other time.Duration
			for b.Loop() {
				start := time.Now()
				err1 := ours()
				middle := time.Now()
				err2 := std()
				own, other = own+middle.Sub(start), other+time.Since(middle)
				if err1 != nil || err2 != nil {
					b.Fatal(err1, err2)
				}
			}
			b.ReportMetric(float64(own.Nanoseconds())/float64(b.N), "ns-schema")
			b.ReportMetric(float64(other.Nanoseconds())/float64(b.N), "ns-encoding/json")
			b.ReportMetric(float64(other)/float64(own), "×")
		})
	}
	run("ToWire",
		func() error { _, err := s.ToWire(body); return err },
		func() error { var c cart; return json.Unmarshal(body, &c) })
	c := twentyLines()
	run("ToJSON",
		func() error { _, err := s.ToJSON(wire); return err },
		func() error { _, err := json.Marshal(&c); return err })
}
