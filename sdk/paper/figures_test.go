package paper_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/bottega-retail/bottega/sdk/paper"
)

func ExampleDecimal() {
	for _, cents := range []int64{0, 5, -123456, 100000000, math.MinInt64} {
		fmt.Println(paper.Decimal(cents, 2, "it"), paper.Decimal(cents, 2, "en"), paper.Decimal(cents, 0, "it"))
	}
	// Output:
	// 0,00 0.00 0
	// 0,05 0.05 5
	// -1.234,56 -1,234.56 -123.456
	// 1.000.000,00 1,000,000.00 100.000.000
	// -92.233.720.368.547.758,08 -92,233,720,368,547,758.08 -9.223.372.036.854.775.808
}

func ExampleQuantity() {
	fmt.Println(paper.Quantity(1500, "it"), paper.Quantity(2000, "it"), paper.Quantity(-350, "en"), paper.Quantity(1234567, "en"))
	// Output: 1,5 2 -0.35 1,234.567
}

func ExampleDate() {
	fmt.Println(paper.Date("2026-11-02", "it"), paper.Date("2026-11-02", "en"), paper.Date("tomorrow", "it"))
	// Output: 02/11/2026 2 Nov 2026 tomorrow
}

// A document is the same file in each format, under the type that it is sent as.
func TestWrite(t *testing.T) {
	t.Parallel()
	d := ticket()
	for _, c := range []struct {
		f               paper.Format
		kind, extension string
		content         []byte
	}{
		{"", "application/pdf", ".pdf", d.PDF(paper.Roll58)},
		{paper.FormatPDF, "application/pdf", ".pdf", d.PDF(paper.Roll58)},
		{paper.FormatESCPOS, "application/octet-stream", ".escpos", d.ESCPOS(paper.Roll58)},
		{paper.FormatText, "text/plain; charset=utf-8", ".txt", []byte(d.Plain(paper.Roll58))},
	} {
		w := d.Write(c.f, paper.Roll58)
		if w.Type != c.kind || w.Extension != c.extension || string(w.Content) != string(c.content) {
			t.Errorf("%q: %s %s", c.f, w.Type, w.Extension)
		}
	}
	if got, want := string(d.ESCPOS(paper.A4)), string(d.ESCPOS("")); got != want {
		t.Error("a printer of receipts has rolls only")
	}
}
