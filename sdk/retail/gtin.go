package retail

import (
	"errors"
	"strings"
)

// What can be wrong with a barcode.
var (
	ErrGTINDigits      = errors.New("a barcode has 8, 12, 13 or 14 digits")
	ErrGTINCheck       = errors.New("the check digit of the barcode is wrong")
	ErrGTINSpreadsheet = errors.New("a spreadsheet has turned the barcode into a rounded number: export the column as text")
)

// ParseGTIN reads a barcode of 8, 12, 13 or 14 digits, outer blanks apart, and
// fills it up to 14 with zeros on the left. It is a text: leading zeros count.
// Errors: ErrGTINDigits, ErrGTINCheck, ErrGTINSpreadsheet (8,0015E+12).
func ParseGTIN(s string) (GTIN, error) {
	s = strings.TrimSpace(s)
	if !digitsOnly(s) {
		if rounded(s) {
			return "", ErrGTINSpreadsheet
		}
		return "", ErrGTINDigits
	}
	switch len(s) {
	case 8, 12, 13, 14:
	default:
		return "", ErrGTINDigits
	}
	s = "000000"[:14-len(s)] + s
	if checkDigit(s[:13]) != s[13] {
		return "", ErrGTINCheck
	}
	return GTIN(s), nil
}

func digitsOnly(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// rounded says whether s is a number in scientific notation.
func rounded(s string) bool {
	head, exponent, ok := strings.Cut(strings.ToUpper(s), "E")
	digits := strings.NewReplacer(",", "", ".", "").Replace(head)
	return ok && digitsOnly(digits) && digitsOnly(strings.TrimPrefix(exponent, "+"))
}

// checkDigit is the digit that follows 13 digits. It catches every single
// wrong digit and most, not all, swaps of neighbours.
func checkDigit(s string) byte {
	sum := 0
	for i := range 13 {
		weight := 3 - 2*(i&1)
		sum += weight * int(s[i]-'0')
	}
	return byte('0' + (10-sum%10)%10)
}

// InStore says whether g is a code of the retailer's own, of 13 digits
// beginning with 2, that means nothing outside its shops.
func (g GTIN) InStore() bool { return len(g) == 14 && g[:2] == "02" }

// SplitLabel takes apart the label of goods sold by weight: the digit 2, six
// digits of the item, five of the price, a check digit. Base is the label with
// price 00000, which is what an item is registered under; the price is in minor
// units. ok is false for any other code, and for a base itself.
func (g GTIN) SplitLabel() (base GTIN, price Money, ok bool) {
	if !g.InStore() {
		return "", 0, false
	}
	for _, c := range g[8:13] {
		price = price*10 + Money(c-'0')
	}
	if price == 0 {
		return "", 0, false
	}
	head := string(g[:8]) + "00000"
	return GTIN(head + string(checkDigit(head))), price, true
}
