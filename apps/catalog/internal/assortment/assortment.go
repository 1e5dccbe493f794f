// Package assortment holds the rules of what may be written on a product, a
// store and a legal person. It knows values and nothing of who keeps them.
package assortment

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/bottega-retail/bottega/sdk/retail"
)

// Label says whether s can stand on a screen and a receipt: 1 to most
// characters, none of them a control character, no blank at either end.
func Label(s string, most int) bool {
	if s == "" || s != strings.TrimSpace(s) || !utf8.ValidString(s) || utf8.RuneCountInString(s) > most {
		return false
	}
	return !strings.ContainsFunc(s, unicode.IsControl)
}

// StoreID says whether s can begin the number of a receipt: 1 to 32 letters,
// digits, points, hyphens and underscores.
func StoreID(s string) bool {
	return s != "" && len(s) <= 32 && plain(s)
}

// plain says whether s is letters, digits, points, hyphens and underscores.
func plain(s string) bool {
	for i := range len(s) {
		c := s[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (c < '0' || c > '9') && c != '-' && c != '.' && c != '_' {
			return false
		}
	}
	return true
}

// SearchKey is what a name is found under: in lower case, with single blanks,
// of at most 200 bytes, because keys are short.
func SearchKey(name string) string {
	key := strings.Join(strings.Fields(strings.ToLower(name)), " ")
	for len(key) > 200 {
		_, size := utf8.DecodeLastRuneInString(key)
		key = key[:len(key)-size]
	}
	return key
}

// Describe is what a receipt calls a variant: the product, its colour and size.
func Describe(name, colour, size string) string {
	for _, s := range [...]string{colour, size} {
		if s != "" {
			name += " " + s
		}
	}
	return name
}

// Set sorts values and leaves each once; ok is false if one is no label of at
// most 64 characters.
func Set(values []string) (sorted []string, ok bool) {
	for _, v := range values {
		if !Label(v, 64) {
			return nil, false
		}
	}
	sorted = slices.Clone(values)
	slices.Sort(sorted)
	return slices.Compact(sorted), true
}

// ErrSteps is a history that has no value at some instant, or two.
var ErrSteps = errors.New("the first step holds from the beginning, and each from an instant of its own")

// SortSteps orders a history whose steps each hold until the next. from tells
// when a step begins; the first must begin at 0, which is for ever before.
// Errors: ErrSteps.
func SortSteps[T any](steps []T, from func(*T) retail.Instant) ([]T, error) {
	sorted := slices.Clone(steps)
	slices.SortStableFunc(sorted, func(a, b T) int { return cmp.Compare(from(&a), from(&b)) })
	for i := range sorted {
		if at := from(&sorted[i]); at < 0 || (i == 0) != (at == 0) || i > 0 && at == from(&sorted[i-1]) {
			return nil, ErrSteps
		}
	}
	if len(sorted) == 0 {
		return nil, ErrSteps
	}
	return sorted, nil
}

// StepAt is the index of the step that holds at an instant, of a history that
// SortSteps has made.
func StepAt[T any](steps []T, from func(*T) retail.Instant, at retail.Instant) int {
	held := 0
	for i := range steps {
		if from(&steps[i]) <= at {
			held = i
		}
	}
	return held
}

// Country says whether s has the form of an ISO 3166-1 code.
func Country(s string) bool {
	return len(s) == 2 && s[0] >= 'A' && s[0] <= 'Z' && s[1] >= 'A' && s[1] <= 'Z'
}

// VATNumber says whether a VAT number can exist in a country. Italian ones have
// eleven digits, the last of which checks the others; of other countries only
// the form is looked at.
func VATNumber(country, number string) bool {
	if country != "IT" {
		return len(number) >= 2 && len(number) <= 15 && plain(number)
	}
	if len(number) != 11 || number == "00000000000" {
		return false
	}
	sum := 0
	for i := range 11 {
		d := int(number[i]) - '0'
		if d < 0 || d > 9 {
			return false
		}
		if i%2 == 1 {
			d = 2*d/10 + 2*d%10
		}
		sum += d
	}
	return sum%10 == 0
}
