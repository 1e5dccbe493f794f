package receipt

import (
	"errors"
	"slices"
	"strconv"
	"strings"
)

// Ledger is sums by name, in the order of names, none of them zero: what a day close
// says, laid flat, so that two can be compared and one can be carried from page to page.
type Ledger []Entry

// Entry is one sum.
type Entry struct {
	Name  string
	Value int64
}

// Add adds to a sum.
func (l *Ledger) Add(name string, value int64) {
	i, there := slices.BinarySearchFunc(*l, name, func(e Entry, name string) int { return strings.Compare(e.Name, name) })
	switch {
	case value == 0:
	case !there:
		*l = slices.Insert(*l, i, Entry{Name: name, Value: value})
	case (*l)[i].Value == -value:
		*l = slices.Delete(*l, i, i+1)
	default:
		(*l)[i].Value += value
	}
}

// Difference is a sum that two ledgers have differently.
type Difference struct {
	Name      string
	Want, Got int64
}

// Differences are the sums that l has other than want.
func (l Ledger) Differences(want Ledger) (all []Difference) {
	rest := slices.Clone(l)
	for _, e := range want {
		rest.Add(e.Name, -e.Value)
	}
	for _, e := range rest { // what l has more
		d := Difference{Name: e.Name, Want: want.value(e.Name)}
		d.Got = d.Want + e.Value
		all = append(all, d)
	}
	return all
}

func (l Ledger) value(name string) int64 {
	i, there := slices.BinarySearchFunc(l, name, func(e Entry, name string) int { return strings.Compare(e.Name, name) })
	if !there {
		return 0
	}
	return l[i].Value
}

// ErrLedger is a text that is not one of Ledger.String.
var ErrLedger = errors.New("not a ledger")

// String writes the ledger so that ParseLedger reads it: length:name=value, one behind
// the other.
func (l Ledger) String() string {
	var b strings.Builder
	for _, e := range l {
		b.WriteString(strconv.Itoa(len(e.Name)) + ":" + e.Name + "=" + strconv.FormatInt(e.Value, 10) + ";")
	}
	return b.String()
}

// ParseLedger reads what String wrote. Errors: ErrLedger.
func ParseLedger(text string) (l Ledger, err error) {
	for text != "" {
		size, rest, _ := strings.Cut(text, ":")
		n, bad := strconv.Atoi(size)
		if bad != nil || n < 0 || n > len(rest) {
			return nil, ErrLedger
		}
		value, next, ended := strings.Cut(rest[n:], ";")
		value, signed := strings.CutPrefix(value, "=")
		v, bad := strconv.ParseInt(value, 10, 64)
		if !ended || !signed || bad != nil {
			return nil, ErrLedger
		}
		l.Add(rest[:n], v)
		text = next
	}
	return l, nil
}
