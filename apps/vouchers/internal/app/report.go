package app

import (
	"github.com/bottega-retail/bottega/apps/vouchers"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// sides are what entries mean for what is owed, in the order of a row.
var sides = []string{"issued", "cancelled", "redeemed", "refunded", "expired"}

// sideOf is the side of an entry and its amount there, above zero; "" of what moves within
// a kind.
func sideOf(e *vouchers.Entry) (side string, amount retail.Money) {
	switch e.Type {
	case vouchers.EntryActivate, vouchers.EntryTopUp:
		return "issued", e.Amount
	case vouchers.EntryCancel:
		return "cancelled", -e.Amount
	case vouchers.EntryRedeem:
		return "redeemed", -e.Amount
	case vouchers.EntryRefund:
		return "refunded", e.Amount
	case vouchers.EntryExpire:
		return "expired", -e.Amount
	}
	return "", 0
}

// zone is that of the days and months in which entries are added up; no civil day of
// anybody's is meant by it.
const zone retail.Zone = "UTC"

// dayOf is the day of an instant, and its month the first seven characters.
func dayOf(at retail.Instant) (retail.Date, error) {
	local, err := zone.Local(at)
	return local.Date, err
}

// count adds an entry to its month and its day.
func count(tx *sdk.Tx, e *vouchers.Entry) error {
	side, amount := sideOf(e)
	if side == "" {
		return nil
	}
	day, err := dayOf(e.At)
	if err != nil {
		return err
	}
	key := sdk.K(e.Kind).Text(side)
	if err := movements.Add(tx, key.Text(string(day[:7])), int64(amount), sdk.NoMin, sdk.NoMax); err != nil {
		return err
	}
	return movements.Add(tx, key.Text(string(day)), int64(amount), sdk.NoMin, sdk.NoMax)
}

func report(v *sdk.View, in vouchers.ReportIn) (out vouchers.ReportOut, err error) {
	limit, err := pageOf(min(in.Limit, vouchers.MaxRows), vouchers.MaxRows, vouchers.MaxRows)
	if err != nil {
		return out, err
	}
	if out.At = in.At; out.At == 0 {
		out.At = v.Now()
	}
	if out.At > v.Now() || out.At < 0 {
		return out, sdk.Invalid("/at", "at", "Nobody knows what will be owed.")
	}
	for k := range kinds.Scan(v, sdk.Scan{From: after(in.Cursor), Limit: limit + 1}) {
		if len(out.Rows) == limit {
			out.Cursor = out.Rows[limit-1].Kind
			break
		}
		row, err := rowOf(v, &k, out.At)
		if err != nil {
			return vouchers.ReportOut{}, err
		}
		out.Rows = append(out.Rows, row)
	}
	return out, nil
}

// rowOf adds a kind up: whole months, then the days of the last month, then the entries of
// the last day one by one.
func rowOf(v *sdk.View, k *vouchers.Kind, at retail.Instant) (row vouchers.ReportRow, err error) {
	row = vouchers.ReportRow{Kind: k.ID, Name: k.Name, Type: k.Type, Entity: k.Entity, Currency: k.Currency, VAT: k.VAT, Rate: k.Rate}
	spans, dayStart, err := spansTo(k.Created, at)
	if err != nil {
		return row, err
	}
	sums := make([]retail.Money, len(sides))
	for i, side := range sides {
		for _, span := range spans {
			sums[i] += retail.Money(movements.Get(v, sdk.K(k.ID).Text(side).Text(span)))
		}
	}
	for e := range entries.Scan(v, sdk.Scan{Index: "by_time", Prefix: sdk.K(k.ID), From: sdk.KInt(dayStart), To: sdk.KInt(at + 1)}) {
		for i, side := range sides {
			if got, amount := sideOf(&e); got == side {
				sums[i] += amount
			}
		}
	}
	row.Issued, row.Cancelled, row.Redeemed, row.Refunded, row.Expired = sums[0], sums[1], sums[2], sums[3], sums[4]
	row.Outstanding = row.Issued - row.Cancelled - row.Redeemed + row.Refunded - row.Expired
	return row, nil
}

// spansTo are the months from an instant to another, but the last one, and the days of that,
// but the last one, and when that begins.
func spansTo(from, at retail.Instant) (spans []string, dayStart retail.Instant, err error) {
	first, err := dayOf(from)
	if err != nil {
		return nil, 0, err
	}
	last, err := dayOf(at)
	if err != nil {
		return nil, 0, err
	}
	for m := first[:7] + "-01"; m[:7] < last[:7]; {
		spans = append(spans, string(m[:7]))
		if m, err = m.AddMonths(1); err != nil {
			return nil, 0, err
		}
	}
	for d := last[:7] + "-01"; d < last; {
		spans = append(spans, string(d))
		if d, err = d.AddDays(1); err != nil {
			return nil, 0, err
		}
	}
	dayStart, err = zone.Start(last, "00:00")
	return spans, dayStart, err
}
