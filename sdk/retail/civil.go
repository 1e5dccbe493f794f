package retail

import "errors"

// ErrCivil is a date or a time of day that does not exist or is written in
// another way.
var ErrCivil = errors.New("dates are written YYYY-MM-DD, times of day HH:MM or HH:MM:SS")

// Date is a civil day without a zone, YYYY-MM-DD, of the years 1 to 9999. As
// texts, dates sort in time.
type Date string

// LocalTime is a time of day without a zone, HH:MM or HH:MM:SS; 24:00 is the
// end of the day.
type LocalTime string

const day = 24 * 60 * 60 * 1000 // milliseconds of a day without clock changes

// civil is a date in numbers.
type civil struct{ year, month, day int }

func (d Date) parse() (civil, error) {
	if len(d) != 10 || d[4] != '-' || d[7] != '-' {
		return civil{}, ErrCivil
	}
	y, okY := number(string(d[:4]))
	m, okM := number(string(d[5:7]))
	n, okD := number(string(d[8:]))
	if !okY || !okM || !okD || y < 1 || m < 1 || m > 12 || n < 1 || n > monthDays(y, m) {
		return civil{}, ErrCivil
	}
	return civil{y, m, n}, nil
}

// number reads digits only.
func number(s string) (n int, ok bool) {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, s != ""
}

func monthDays(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// text writes a date; the year must have at most four digits.
func (c civil) text() Date {
	b := []byte("0000-00-00")
	put := func(end, v int) {
		for ; v > 0; end-- {
			b[end] = byte('0' + v%10)
			v /= 10
		}
	}
	put(3, c.year)
	put(6, c.month)
	put(9, c.day)
	return Date(b)
}

// days counts from 1970-01-01. A year begins in March, so that the leap day is
// its last.
func (c civil) days() int64 {
	y, m := int64(c.year), int64(c.month)
	if m <= 2 {
		y--
	}
	era := y / 400
	yearOfEra := y - era*400
	dayOfYear := (153*((m+9)%12)+2)/5 + int64(c.day) - 1
	dayOfEra := yearOfEra*365 + yearOfEra/4 - yearOfEra/100 + dayOfYear
	return era*146_097 + dayOfEra - 719_468
}

// civilOf is the opposite of days.
func civilOf(days int64) civil {
	days += 719_468
	era := days / 146_097
	dayOfEra := days - era*146_097
	yearOfEra := (dayOfEra - dayOfEra/1460 + dayOfEra/36_524 - dayOfEra/146_096) / 365
	dayOfYear := dayOfEra - (365*yearOfEra + yearOfEra/4 - yearOfEra/100)
	month := (5*dayOfYear + 2) / 153
	c := civil{year: int(yearOfEra + era*400), month: int(month + 3), day: int(dayOfYear - (153*month+2)/5 + 1)}
	if c.month > 12 {
		c.month, c.year = c.month-12, c.year+1
	}
	return c
}

// Valid is ErrCivil for what is no date.
func (d Date) Valid() error {
	_, err := d.parse()
	return err
}

// AddDays is the date n days later, or earlier. Errors: ErrCivil, also beyond
// the years 1 to 9999.
func (d Date) AddDays(n int) (Date, error) {
	c, err := d.parse()
	if err != nil {
		return "", err
	}
	return dateOf(c.days() + int64(n))
}

func dateOf(days int64) (Date, error) {
	c := civilOf(days)
	if c.year < 1 || c.year > 9999 {
		return "", ErrCivil
	}
	return c.text(), nil
}

// AddMonths is the same day n months later, or earlier, or the last day of that
// month if it is shorter: six months from 31 August is 28 February.
// Errors: ErrCivil, also beyond the years 1 to 9999.
func (d Date) AddMonths(n int) (Date, error) {
	c, err := d.parse()
	if err != nil {
		return "", err
	}
	months := c.year*12 + c.month - 1 + n
	c.year, c.month = months/12, months%12+1
	if c.year < 1 || c.year > 9999 || months < 0 {
		return "", ErrCivil
	}
	c.day = min(c.day, monthDays(c.year, c.month))
	return c.text(), nil
}

// Weekday is 1 for Monday to 7 for Sunday. Errors: ErrCivil.
func (d Date) Weekday() (int, error) {
	c, err := d.parse()
	if err != nil {
		return 0, err
	}
	return weekday(c.days()), nil
}

// weekday of a day counted from 1970-01-01, a Thursday.
func weekday(days int64) int { return int(((days+3)%7+7)%7) + 1 }

// millis is the time of day in milliseconds.
func (t LocalTime) millis() (int64, error) {
	if len(t) != 5 && len(t) != 8 || t[2] != ':' || len(t) == 8 && t[5] != ':' {
		return 0, ErrCivil
	}
	h, okH := number(string(t[:2]))
	m, okM := number(string(t[3:5]))
	s, okS := 0, true
	if len(t) == 8 {
		s, okS = number(string(t[6:]))
	}
	if !okH || !okM || !okS || m > 59 || s > 59 || h > 24 || h == 24 && m+s > 0 {
		return 0, ErrCivil
	}
	return int64(h*3600+m*60+s) * 1000, nil
}

// Valid is ErrCivil for what is no time of day.
func (t LocalTime) Valid() error {
	_, err := t.millis()
	return err
}
