package identity

import "strings"

// TaxCode is an Italian tax code without blanks, in capitals, and whether it can
// exist: 16 characters with the right check letter, or the 11 digits of a company
// or of a provisional code.
//
// When two people would have the same code, the tax office replaces digits of
// one of them by letters (omocodia). Both are valid and belong to different
// people, so a replaced letter stays in the normal form.
func TaxCode(s string) (string, bool) {
	s = strings.ToUpper(without(s, ""))
	if len(s) == 11 {
		return s, italianVAT(s)
	}
	if len(s) != 16 {
		return s, false
	}
	plain, ok := unreplaced(s)
	return s, ok && checkLetter(s[:15]) == s[15] && born(plain)
}

// replaced are the letters that stand for the digits 0 to 9, and digitAt where
// digits stand.
const replaced = "LMNPQRSTUV"

var digitAt = [...]int{6, 7, 9, 10, 12, 13, 14}

// unreplaced is a code with digits where digits were, and whether its characters
// are of the right kind.
func unreplaced(s string) (string, bool) {
	b := []byte(s)
	for _, i := range digitAt {
		if d := strings.IndexByte(replaced, b[i]); d >= 0 {
			b[i] = '0' + byte(d)
		}
		if !digit(rune(b[i])) {
			return "", false
		}
	}
	for _, i := range [...]int{0, 1, 2, 3, 4, 5, 8, 11, 15} {
		if !capital(rune(b[i])) {
			return "", false
		}
	}
	return string(b), true
}

// born says whether month and day of a code without replaced digits can be: 40
// is added to the day of a woman.
func born(s string) bool {
	month := strings.IndexByte("ABCDEHLMPRST", s[8])
	day := int(s[9]-'0')*10 + int(s[10]-'0')
	if day > 40 {
		day -= 40
	}
	days := [...]int{31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}
	return month >= 0 && day >= 1 && day <= days[month]
}

// odd is what characters in odd places count, 0 to 9 as A to J.
var odd = [26]int{1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23}

// checkLetter is the last character of a code, of the 15 before it. It is reckoned
// with the letters that replace digits.
func checkLetter(s string) byte {
	sum := 0
	for i := range len(s) {
		v := int(s[i] - 'A')
		if digit(rune(s[i])) {
			v = int(s[i] - '0')
		}
		if i%2 == 0 {
			v = odd[v]
		}
		sum += v
	}
	return 'A' + byte(sum%26)
}

// VATNumber is a VAT number with its country before it, and whether it can exist.
// Without a country it is Italian: eleven digits, the last of which checks the
// others. Of other countries only the form is looked at.
func VATNumber(s string) (string, bool) {
	s = strings.ToUpper(without(s, "-."))
	if allDigits(s) {
		s = "IT" + s
	}
	if len(s) < 4 || len(s) > 17 || !Country(s[:2]) {
		return s, false
	}
	if s[:2] == "IT" {
		return s, italianVAT(s[2:])
	}
	return s, strings.IndexFunc(s, func(r rune) bool { return !alphanumeric(r) }) < 0
}

func italianVAT(s string) bool {
	if len(s) != 11 || !allDigits(s) || s == "00000000000" {
		return false
	}
	sum := 0
	for i := range len(s) {
		d := int(s[i] - '0')
		if i%2 == 1 {
			d = 2*d/10 + 2*d%10
		}
		sum += d
	}
	return sum%10 == 0
}
