package receipt

import (
	"strings"

	"github.com/bottega-retail/bottega/sdk/retail"
)

// Lottery is whether a document may take part in the receipt lottery (L. 232/2016, art. 1
// c. 540 ff.): a euro or more, paid wholly by electronic means, without a tax code.
type Lottery struct {
	Total      retail.Money
	Electronic bool
	TaxCode    bool
}

// Why a document may not; "" is that it may.
const (
	LotteryAmount  = "lottery_amount"
	LotteryTender  = "lottery_tender"
	LotteryTaxCode = "lottery_tax_code"
)

// Refused says why the document may not take part, "" if it may.
func (l Lottery) Refused() string {
	switch {
	case l.TaxCode:
		return LotteryTaxCode
	case l.Total < 100:
		return LotteryAmount
	case !l.Electronic:
		return LotteryTender
	}
	return ""
}

// LotteryCode says whether a text is a code of the lottery: eight letters and digits.
func LotteryCode(s string) bool {
	return len(s) == 8 && alphanumeric(s)
}

func alphanumeric(s string) bool {
	return strings.IndexFunc(s, func(c rune) bool { return (c < 'A' || c > 'Z') && (c < '0' || c > '9') }) < 0
}

// TaxCode says whether a text is an Italian tax code: a codice fiscale of 16 characters
// or a VAT number of 11 digits, with the right check character.
func TaxCode(s string) bool {
	if !alphanumeric(s) {
		return false
	}
	switch len(s) {
	case 11:
		return vatNumber(s)
	case 16:
		return fiscalCode(s)
	}
	return false
}

// odds is what a digit, or the letter of its place, counts in an odd place of a codice
// fiscale (D.M. 23 December 1976).
var odds = [26]int{1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23}

func fiscalCode(s string) bool {
	sum := 0
	for i := range 15 {
		place := int(s[i] - 'A')
		if s[i] <= '9' {
			place = int(s[i] - '0')
		}
		if i%2 == 0 {
			place = odds[place]
		}
		sum += place
	}
	return s[15] == byte('A'+sum%26)
}

func vatNumber(s string) bool {
	sum := 0
	for i := range 11 {
		if s[i] > '9' {
			return false
		}
		digit := int(s[i] - '0')
		if i%2 == 1 {
			if digit *= 2; digit > 9 {
				digit -= 9
			}
		}
		sum += digit
	}
	return sum%10 == 0
}
