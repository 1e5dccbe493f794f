package paper

import (
	"strconv"
	"strings"
)

// italian is the language that writes a comma between whole and part.
const italian = "it"

// Decimal writes a number that counts parts: 123456 with two digits is 1.234,56 in
// Italian ("it") and 1,234.56 in any other language.
func Decimal(value int64, digits int, language string) string {
	point, group := ".", ","
	if language == italian {
		point, group = ",", "."
	}
	text, sign := strconv.FormatInt(value, 10), ""
	if value < 0 {
		text, sign = text[1:], "-"
	}
	if missing := digits + 1 - len(text); missing > 0 {
		text = strings.Repeat("0", missing) + text
	}
	whole, part := text[:len(text)-digits], text[len(text)-digits:]
	for at := len(whole) - 3; at > 0; at -= 3 {
		whole = whole[:at] + group + whole[at:]
	}
	if digits > 0 {
		whole += point + part
	}
	return sign + whole
}

// Quantity writes a number that counts thousandths without zeros at its end: 1500 is 1,5
// in Italian.
func Quantity(thousandths int64, language string) string {
	text := Decimal(thousandths, 3, language)
	return strings.TrimRight(strings.TrimRight(text, "0"), ".,")
}

const months = "JanFebMarAprMayJunJulAugSepOctNovDec"

// Date writes a day, given as 2026-11-21: 21/11/2026 in Italian, and 21 Nov 2026 in any
// other language, where the other way round is another day. What is no day stays as it is.
func Date(day, language string) string {
	if len(day) != 10 || day[4] != '-' || day[7] != '-' {
		return day
	}
	month, err := strconv.Atoi(day[5:7])
	switch {
	case err != nil || month < 1 || month > 12:
		return day
	case language == italian:
		return day[8:] + "/" + day[5:7] + "/" + day[:4]
	}
	return strings.TrimPrefix(day[8:], "0") + " " + months[3*month-3:3*month] + " " + day[:4]
}
