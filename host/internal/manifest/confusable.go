package manifest

import (
	"strings"
	"unicode"
)

// Confusable says whether two ids that differ are easily taken for each other:
// they look the same in some type face, or long ones differ in one place and are
// not two of a series.
func Confusable(a, b string) bool {
	if a == b {
		return false
	}
	return skeleton(a) == skeleton(b) || min(len(a), len(b)) >= 5 && near(a, b) && !series(a, b)
}

// ConfusableVendor says whether two names of vendors differ and look the same.
func ConfusableVendor(a, b string) bool { return a != b && skeleton(a) == skeleton(b) }

// lookalikes are letters and pairs that are read as others. Those of other
// scripts are the ones that look like Latin letters.
var lookalikes = strings.NewReplacer(
	"rn", "m", "vv", "w", "cl", "d", "0", "o", "1", "l", "5", "s", "8", "b", "i", "l", "-", "", "_", "", ".", "",
	"а", "a", "в", "b", "е", "e", "к", "k", "м", "m", "н", "h", "о", "o", "р", "p", "с", "c", "т", "t", "у", "y", "х", "x", "і", "l", "ѕ", "s", "ј", "j", "ԁ", "d", "ɡ", "g",
	"α", "a", "β", "b", "ε", "e", "ι", "l", "κ", "k", "ν", "v", "ο", "o", "ρ", "p", "τ", "t", "υ", "u", "χ", "x",
	"ı", "l", "ł", "l", "ß", "b", "à", "a", "á", "a", "è", "e", "é", "e", "ì", "l", "í", "l", "ò", "o", "ó", "o", "ù", "u", "ú", "u",
)

// skeleton is what is left of a name when what looks alike is the same.
func skeleton(s string) string {
	var clean strings.Builder
	for _, r := range strings.ToLower(s) {
		if unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Mn, r) {
			continue // also what is not seen at all
		}
		clean.WriteRune(r)
	}
	return lookalikes.Replace(clean.String())
}

// series says whether two ids differ in their number or in the single character
// behind their last hyphen, like stock2 and stock3, tree-b and tree-c: there people
// look for what tells them apart, and nobody mistypes it for the same word.
func series(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if i == len(a) || a[i+1:] != b[i+1:] {
		return false
	}
	digits := '0' <= a[i] && a[i] <= '9' && '0' <= b[i] && b[i] <= '9'
	return digits || i == len(a)-1 && i > 0 && a[i-1] == '-'
}

// near says whether one letter more, less, other or swapped makes a of b.
func near(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	switch {
	case len(b)-len(a) > 1:
		return false
	case len(b) > len(a):
		return a[i:] == b[i+1:]
	case a[i+1:] == b[i+1:]:
		return true
	}
	return i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}
