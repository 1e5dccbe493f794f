package identity

import "strings"

// Phone is a telephone number in E.164, and whether it is one. A number without
// a country, neither + nor 00 before it, is taken for one of the country whose
// calling code is home.
//
// An Italian landline keeps its 0 behind +39, and so does one of San Marino; in
// other countries the 0 before an area is dropped.
func Phone(s, home string) (string, bool) {
	s = strings.TrimSpace(s)
	rest, international := strings.CutPrefix(s, "+")
	if !international {
		rest, international = strings.CutPrefix(s, "00")
	}
	trunk := strings.Contains(rest, "(0)")
	number := without(rest, "-./()")
	if !allDigits(number) || home == "" && !international {
		return "", false
	}
	if !international {
		number = home + national(number, home)
	} else if trunk {
		number = dropTrunk(rest)
	}
	return "+" + number, plausible(number)
}

// national is a number as it follows its country's calling code.
func national(number, country string) string {
	if keepsZero(country) {
		return number
	}
	return strings.TrimPrefix(number, "0")
}

// dropTrunk reads what is written as 44 (0)20…: the 0 counts where it is part of
// the number.
func dropTrunk(rest string) string {
	country, number, _ := strings.Cut(rest, "(0)")
	country, number = without(country, "-./()"), without(number, "-./()")
	if keepsZero(country) {
		return country + "0" + number
	}
	return country + number
}

func keepsZero(country string) bool { return country == "39" || country == "378" }

// plausible says whether a number with its country can exist: of Italian ones
// also how they begin, since one that begins with 2 or 6 is a landline of Milan
// or Rome that has lost its 0.
func plausible(number string) bool {
	if len(number) < 8 || len(number) > 15 || number[0] == '0' {
		return false
	}
	italian, ok := strings.CutPrefix(number, "39")
	if !ok {
		return true
	}
	switch italian[0] {
	case '0':
		return len(italian) >= 6 && len(italian) <= 11
	case '3':
		return len(italian) == 9 || len(italian) == 10
	case '4', '5', '7', '8':
		return len(italian) >= 6 && len(italian) <= 10
	}
	return false
}
