package retail_test

import (
	"fmt"

	"github.com/bottega-retail/bottega/sdk/retail"
)

func ExampleMulDiv() {
	fmt.Println(retail.MulDiv(1050, 8500, 10_000)) // 15 % off 10.50 leaves 8.925
	fmt.Println(retail.MulDiv(1, 1, 0))
	// Output:
	// 893 <nil>
	// 0 amount out of range
}

func ExampleMoney_Percent() {
	discount, err := retail.Money(8990).Percent(2000)
	fmt.Println(discount, err)
	// Output: 1798 <nil>
}

func ExampleMoney_Times() {
	price, err := retail.Money(1990).Times(437, retail.Gram.Per()) // 437 g at 19.90 a kilo
	fmt.Println(price, err)
	// Output: 870 <nil>
}

func ExampleMoney_Plus() {
	fmt.Println(retail.Money(1240).Plus(-240))
	// Output: 1000 <nil>
}

func ExampleSum() {
	fmt.Println(retail.Sum([]retail.Money{1240, 500, -240}))
	// Output: 1500 <nil>
}

func ExampleMoney_RoundTo() {
	cash, err := retail.Money(1993).RoundTo(5)
	fmt.Println(cash, err)
	// Output: 1995 <nil>
}

func ExampleMoney_Format() {
	fmt.Println(retail.Money(1240).Format("EUR"), retail.Money(500).Format("JPY"))
	// Output: 12.40 EUR 500 JPY
}

func ExampleCurrency_Digits() {
	fmt.Println(retail.Currency("KWD").Digits())
	fmt.Println(retail.Currency("LIT").Digits())
	// Output:
	// 3 true
	// 2 false
}

func ExampleUnit_Per() {
	fmt.Println(retail.Piece.Per(), retail.Gram.Per())
	// Output: 1 1000
}

func ExampleAllocate() {
	fmt.Println(retail.Allocate(1000, []int64{1000, 1000, 1000}))
	fmt.Println(retail.Allocate(500, []int64{1999, 1, 450}))
	fmt.Println(retail.Allocate(500, []int64{0, 0}) == nil)
	// Output:
	// [334 333 333]
	// [408 0 92]
	// true
}

func ExamplePortion() {
	// Three units cost 8.99; the first comes back, then the other two.
	fmt.Println(retail.Portion(899, 3, 0, 1), retail.Portion(899, 3, 1, 3))
	// Output: 300 599
}

func ExampleUnitShares() {
	fmt.Println(retail.UnitShares(899, 3))
	// Output: [300 300 299]
}

func ExampleSplitGross() {
	net, vat, err := retail.SplitGross(999, 2200)
	fmt.Println(net, vat, err)
	// Output: 819 180 <nil>
}

func ExampleSplitVAT() {
	fmt.Println(retail.SplitVAT([]retail.VATShare{{Rate: 2200, Gross: 999}, {Rate: 400, Gross: 104}, {Rate: 2200, Gross: 1}}))
	// Output: [{400 104 100 4} {2200 1000 820 180}] <nil>
}

func ExampleParseGTIN() {
	fmt.Println(retail.ParseGTIN("8001505005479"))
	_, err := retail.ParseGTIN("8,0015E+12")
	fmt.Println(err)
	// Output:
	// 08001505005479 <nil>
	// a spreadsheet has turned the barcode into a rounded number: export the column as text
}

func ExampleGTIN_InStore() {
	fmt.Println(retail.GTIN("02123456005677").InStore(), retail.GTIN("08001505005479").InStore())
	// Output: true false
}

func ExampleGTIN_SplitLabel() {
	fmt.Println(retail.GTIN("02123456005677").SplitLabel())
	// Output: 02123456000009 567 true
}

func ExampleDate_AddMonths() {
	fmt.Println(retail.Date("2026-08-31").AddMonths(6))
	// Output: 2027-02-28 <nil>
}

func ExampleDate_AddDays() {
	fmt.Println(retail.Date("2026-02-28").AddDays(1))
	// Output: 2026-03-01 <nil>
}

func ExampleDate_Weekday() {
	fmt.Println(retail.Date("2026-03-29").Weekday())
	// Output: 7 <nil>
}

func ExampleDate_Valid() {
	fmt.Println(retail.Date("2026-02-30").Valid() == nil, retail.LocalTime("24:00").Valid() == nil)
	// Output: false true
}

func ExampleZone_Local() {
	l, err := retail.Zone("Europe/Rome").Local(1_774_745_999_000)
	fmt.Println(l.Date, l.Time(), l.Weekday, l.Offset, err)
	// Output: 2026-03-29 01:59:59 7 3600 <nil>
}

func ExampleZone_Start() {
	rome := retail.Zone("Europe/Rome")
	start, _ := rome.Start("2026-10-25", "02:30") // the clock shows it twice
	end, _ := rome.End("2026-10-25", "02:30")
	fmt.Println(end-start == 60*60*1000)
	// Output: true
}

// An end date that a person types lasts to the next local midnight; this day
// has 23 hours.
func ExampleZone_Days() {
	p, err := retail.Zone("Europe/Rome").Days("2026-03-29", "2026-03-29")
	fmt.Println((p.To-p.From)/(60*60*1000), p.Contains(p.To), err)
	// Output: 23 false <nil>
}

func ExampleZone_AddDays() {
	rome := retail.Zone("Europe/Rome")
	now, _ := rome.Start("2026-04-10", "18:00")
	back, err := rome.AddDays(now, -30)
	fmt.Println((now-back)/(60*60*1000), err) // not 720
	// Output: 719 <nil>
}

func ExamplePeriod_Overlaps() {
	fmt.Println(retail.Period{To: 5}.Overlaps(retail.Period{From: 5}), retail.Period{To: 6}.Overlaps(retail.Period{From: 5}))
	// Output: false true
}

func ExampleDayHours_Contains() {
	quiet, rome := retail.Hours("14:00", "16:00"), retail.Zone("Europe/Rome")
	at, _ := rome.Start("2026-03-29", "15:00")
	fmt.Println(quiet.Contains(at, rome), quiet.Contains(at, "America/New_York"))
	// Output: true false
}
