// Package opening says when a shop is open: by its week and by single days that are
// otherwise, on the clock of its own zone. It knows no shop.
package opening

import (
	"cmp"
	"slices"

	"github.com/bottega-retail/bottega/sdk/retail"
)

// Weekly is a span of one weekday, 1 Monday to 7 Sunday.
type Weekly struct {
	Day   int64
	Hours retail.DayHours
}

// Single is a span of one day, which holds in place of its weekday's.
type Single struct {
	Date   retail.Date
	Closed bool
	Hours  retail.DayHours
}

// Hours are when a shop is open. Without any Weekly nothing is known.
type Hours struct {
	Zone    retail.Zone
	Weekly  []Weekly
	Singles []Single
}

// Status is how things stand at an instant.
type Status struct {
	Known bool
	Open  bool
	Until retail.Instant // at which an open shop closes; 0 if it does not within two weeks
	Next  retail.Instant // at which a closed one opens; 0 if it does not within two weeks
}

// ahead is how many days are looked at.
const ahead = 14

// At is the status at an instant. Errors: an unknown zone, or malformed hours.
func (h *Hours) At(now retail.Instant) (Status, error) {
	s := Status{Known: len(h.Weekly) > 0}
	if !s.Known {
		return s, nil
	}
	local, err := h.Zone.Local(now)
	if err != nil {
		return s, err
	}
	day, err := local.Date.AddDays(-1) // a night that began yesterday
	for range ahead + 1 {
		if err != nil {
			return s, err
		}
		spans, err := h.day(day)
		if err != nil {
			return s, err
		}
		for _, p := range spans {
			if done := s.see(now, p); done {
				return s, nil
			}
		}
		if day, err = day.AddDays(1); err != nil {
			return s, err
		}
	}
	if s.Open {
		s.Until = 0 // it is still open where we stopped looking
	}
	return s, nil
}

// see takes in the next span, and says whether nothing later can matter.
func (s *Status) see(now retail.Instant, p retail.Period) (done bool) {
	switch {
	case s.Open && p.From <= s.Until:
		s.Until = max(s.Until, p.To)
	case s.Open:
		return true
	case p.Contains(now):
		s.Open, s.Until = true, p.To
	case p.From > now:
		s.Next = p.From
		return true
	}
	return false
}

// day are the spans that begin on a day, in order.
func (h *Hours) day(d retail.Date) ([]retail.Period, error) {
	hours, single := []retail.DayHours(nil), false
	for _, x := range h.Singles {
		if x.Date == d {
			if single = true; !x.Closed {
				hours = append(hours, x.Hours)
			}
		}
	}
	weekday, err := d.Weekday()
	if err != nil {
		return nil, err
	}
	for _, x := range h.Weekly {
		if !single && x.Day == int64(weekday) {
			hours = append(hours, x.Hours)
		}
	}
	var spans []retail.Period
	for _, x := range hours {
		p, err := h.span(d, x)
		if err != nil {
			return nil, err
		}
		spans = append(spans, p)
	}
	slices.SortFunc(spans, func(a, b retail.Period) int { return cmp.Compare(a.From, b.From) })
	return spans, nil
}

// span is when hours of a day are: those over midnight end on the next one, and equal
// ones are the whole day.
func (h *Hours) span(d retail.Date, x retail.DayHours) (p retail.Period, err error) {
	last := d
	switch {
	case x.From == x.To:
		return h.Zone.Days(d, d)
	case x.To < x.From:
		if last, err = d.AddDays(1); err != nil {
			return p, err
		}
	}
	if p.From, err = h.Zone.Start(d, x.From); err != nil {
		return p, err
	}
	p.To, err = h.Zone.End(last, x.To)
	return p, err
}
