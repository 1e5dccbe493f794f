package app

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// tillsOf is one till of a store, or all, as they are now.
func tillsOf(r sdk.Reader, store retail.StoreID, id string) (all []tillState) {
	if id != "" {
		return []tillState{stateOf(r, store, id)}
	}
	for s := range series.Scan(r, sdk.Scan{Prefix: sdk.K(store)}) {
		all = append(all, s)
	}
	return all
}

// first is the number of the first document since the last day close.
func (s *tillState) first() int64 { return s.Last - s.Count + 1 }

func interim(v *sdk.View, in till.InterimIn) (till.InterimOut, error) {
	out := till.InterimOut{Store: in.Store}
	if in.Store == "" {
		return out, sdk.Invalid("/store", "store", "Tills are those of a store.")
	}
	for _, s := range tillsOf(v, in.Store, in.Till) {
		if s.Count+s.Offline > 0 {
			out.Tills = append(out.Tills, till.DayTill{Till: s.Till, First: s.first(), Last: s.Last, Count: s.Count, Offline: s.Offline})
			addTotals(&out.Totals, s.Running)
		}
	}
	return out, nil
}

// closeDay closes every till that it names, or nothing. What a till has written is in its
// state already: closing reads no document, however many there are.
func closeDay(tx *sdk.Tx, in till.CloseDayIn) (till.CloseDayOut, error) {
	out := till.CloseDayOut{}
	if err := identity(in.Store, cmp.Or(in.Till, "all"), in.Cashier); err != nil {
		return out, err
	}
	store, err := catalog.GetStore.Call(tx, catalog.GetStoreIn{ID: in.Store})
	if err != nil {
		return out, moved(err, "/id", "/store")
	}
	for _, s := range tillsOf(tx, in.Store, in.Till) {
		if s.Session != "" {
			return out, &sdk.Error{
				Code: sdk.CodeFailedPrecondition, Reason: "session_open", Pointer: "/till",
				Message: "Close the session of till " + s.Till + " first: count its drawer.",
				Fields:  []sdk.Field{sdk.Text("till", s.Till), sdk.Text("session", s.Session)},
			}
		}
		if s.Count+s.Offline == 0 {
			continue
		}
		c, err := closeTill(tx, s, &store, in.Cashier)
		if err != nil {
			return out, err
		}
		out.Closes = append(out.Closes, c)
		addTotals(&out.Totals, c.Totals)
	}
	if len(out.Closes) == 0 {
		return out, sdk.FailedPrecondition("nothing", "Nothing was written since the last day close.")
	}
	return out, nil
}

// closeTill writes the day close of a till, and begins its next day.
func closeTill(tx *sdk.Tx, s tillState, store *catalog.Store, by string) (till.DayClose, error) {
	today, err := store.Zone.Local(tx.Now())
	if err != nil {
		return till.DayClose{}, sdk.FailedPrecondition("zone", "The zone of the store is unknown.")
	}
	c := till.DayClose{
		ID: closeID(s.Store, s.Till, s.Closing+1), Store: s.Store, Till: s.Till, Number: s.Closing + 1,
		Day: today.Date, Zone: store.Zone, At: tx.Now(), By: by,
		First: s.first(), Last: s.Last, Count: s.Count, Offline: s.Offline, Totals: s.Running,
	}
	s.Closing, s.Count, s.Offline, s.Running = c.Number, 0, 0, nil
	if err := series.Put(tx, s); err != nil {
		return c, err
	}
	if err := closes.Insert(tx, c); err != nil {
		return c, err
	}
	if err := till.DayClosed.Emit(tx, c); err != nil {
		return c, err
	}
	set := settings.Get(tx)
	return c, fiscaliseClose(tx, &set, &c)
}

func closeID(store retail.StoreID, id string, number int64) string {
	return string(store) + "/" + id + "/Z" + strconv.FormatInt(number, 10)
}

// addTotals adds totals of every currency.
func addTotals(to *[]till.DayTotal, more []till.DayTotal) {
	for i := range more {
		m := &more[i]
		t := totalOf(to, m.Currency)
		t.Discount, t.Total, t.Rounding = t.Discount+m.Discount, t.Total+m.Total, t.Rounding+m.Rounding
		for _, k := range m.Kinds {
			kind := at(&t.Kinds, func(o till.DayKind) int { return cmp.Compare(o.Kind, k.Kind) }, till.DayKind{Kind: k.Kind})
			kind.Count, kind.Total = kind.Count+k.Count, kind.Total+k.Total
		}
		for _, e := range m.Tenders {
			addTender(t, e.Type, e.Amount)
		}
		for _, d := range m.Departments {
			addDepartment(t, d.Department, d.Total)
		}
		for _, s := range m.VAT {
			addVAT(&t.VAT, s)
		}
		for _, s := range m.VATPaid {
			addVAT(&t.VATPaid, s)
		}
	}
}

func getDayClose(v *sdk.View, in till.DayCloseID) (till.DayClose, error) {
	reach := reachOf(v)
	if store := storeOf(in.ID); store != "" && !reach.has(store) {
		return till.DayClose{}, otherStore("/id")
	}
	c, ok := closes.Get(v, sdk.K(in.ID))
	if !ok {
		return c, sdk.NotFound("day_close", "There is no such day close.")
	}
	return c, nil
}

func listDayCloses(v *sdk.View, in till.DayClosesIn) (out till.DayClosesOut, err error) {
	limit, err := pageOf(in.Limit)
	if err != nil {
		return out, err
	}
	switch {
	case in.Store == "":
		return out, sdk.Invalid("/store", "store", "Day closes are listed by store.")
	case in.Day != "" && in.Day.Valid() != nil:
		return out, sdk.Invalid("/day", "day", "A day is written YYYY-MM-DD.")
	}
	scan := sdk.Scan{Index: "by_day", Prefix: sdk.K(in.Store), Reverse: true, Limit: limit + 1}
	day, rest, _ := strings.Cut(in.Cursor, "/")
	text, id, _ := strings.Cut(rest, "/")
	instant, bad := strconv.ParseInt(text, 10, 64)
	if in.Cursor != "" {
		if bad != nil || id == "" {
			return out, sdk.Invalid("/cursor", "cursor", "This is no cursor of this list.")
		}
		scan.To = sdk.K(day).Int(instant).Text(id)
	}
	if in.Day != "" {
		if scan.Prefix = sdk.K(in.Store).Text(string(in.Day)); in.Cursor != "" {
			scan.To = sdk.KInt(instant).Text(id)
		}
	}
	for c := range closes.Scan(v, scan) {
		if len(out.Closes) == limit {
			end := &out.Closes[limit-1]
			out.Cursor = position(end.Day, end.At, end.ID)
			break
		}
		out.Closes = append(out.Closes, c)
	}
	return out, nil
}

// entries lays totals flat, as package receipt compares them: EUR/tender/cash.
func entries(totals []till.DayTotal, add func(name string, value int64)) {
	for i := range totals {
		t := &totals[i]
		at := string(t.Currency) + "/"
		add(at+"discount", int64(t.Discount))
		add(at+"total", int64(t.Total))
		add(at+"rounding", int64(t.Rounding))
		for _, k := range t.Kinds {
			add(at+"count/"+string(k.Kind), k.Count)
			add(at+"kind/"+string(k.Kind), int64(k.Total))
		}
		for _, e := range t.Tenders {
			add(at+"tender/"+e.Type, int64(e.Amount))
		}
		for _, d := range t.Departments {
			add(at+"department/"+d.Department, int64(d.Total))
		}
		rates := func(name string, shares []retail.VATShare) {
			for _, s := range shares {
				rate := at + name + "/" + strconv.FormatInt(int64(s.Rate), 10) + "/"
				add(rate+"gross", int64(s.Gross))
				add(rate+"net", int64(s.Net))
				add(rate+"vat", int64(s.VAT))
			}
		}
		rates("vat", t.VAT)
		rates("vat_paid", t.VATPaid)
	}
}
