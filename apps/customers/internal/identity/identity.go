// Package identity knows the normal form of what people are recognised by:
// e-mail addresses, telephone numbers, cards, tax codes and VAT numbers. It
// knows values and nothing of whose they are.
package identity

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Label says whether s can stand on a screen: 1 to most characters, none of them
// a control character, no blank at either end.
func Label(s string, most int) bool {
	if s == "" || s != strings.TrimSpace(s) || !utf8.ValidString(s) || utf8.RuneCountInString(s) > most {
		return false
	}
	return !strings.ContainsFunc(s, unicode.IsControl)
}

// ID says whether s can be an id: 1 to 64 letters, digits, points, hyphens and
// underscores. Such a text holds no e-mail address.
func ID(s string) bool {
	return s != "" && len(s) <= 64 && strings.IndexFunc(s, func(r rune) bool {
		return !alphanumeric(r) && r != '.' && r != '-' && r != '_'
	}) < 0
}

// Country says whether s has the form of an ISO 3166-1 code.
func Country(s string) bool {
	return len(s) == 2 && capital(rune(s[0])) && capital(rune(s[1]))
}

// Language says whether s is written as it or de-AT.
func Language(s string) bool {
	base, region, regional := strings.Cut(s, "-")
	if len(base) != 2 && len(base) != 3 || strings.IndexFunc(base, func(r rune) bool { return r < 'a' || r > 'z' }) >= 0 {
		return false
	}
	return !regional || Country(region)
}

func digit(r rune) bool { return r >= '0' && r <= '9' }

func capital(r rune) bool { return r >= 'A' && r <= 'Z' }

func alphanumeric(r rune) bool { return digit(r) || capital(r) || r >= 'a' && r <= 'z' }

func allDigits(s string) bool {
	return s != "" && strings.IndexFunc(s, func(r rune) bool { return !digit(r) }) < 0
}

// without removes the signs that people write numbers with.
func without(s, signs string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || strings.ContainsRune(signs, r) {
			return -1
		}
		return r
	}, s)
}

// Email is an e-mail address in lower case, and whether it is one. Points and
// what follows a plus stay: they may be another person's.
func Email(s string) (string, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	at := strings.LastIndexByte(s, '@')
	if at < 1 || at > 64 || len(s) > 254 || !utf8.ValidString(s) {
		return "", false
	}
	return s, local(s[:at]) && domain(s[at+1:])
}

func local(s string) bool {
	if s[0] == '.' || s[len(s)-1] == '.' || strings.Contains(s, "..") {
		return false
	}
	return strings.IndexFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune(`@()<>[]:;,"\`, r)
	}) < 0
}

func domain(s string) bool {
	labels := strings.Split(s, ".")
	for _, l := range labels {
		bad := strings.IndexFunc(l, func(r rune) bool { return r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		if l == "" || len(l) > 63 || bad >= 0 || l[0] == '-' || l[len(l)-1] == '-' {
			return false
		}
	}
	return len(labels) > 1 && !allDigits(labels[len(labels)-1])
}

// Card is the number of a retailer's card without blanks and hyphens, in
// capitals, and whether it is one: 4 to 32 letters and digits. Leading zeros
// count.
func Card(s string) (string, bool) {
	s = strings.ToUpper(without(s, "-"))
	return s, len(s) >= 4 && len(s) <= 32 && strings.IndexFunc(s, func(r rune) bool { return !alphanumeric(r) }) < 0
}
