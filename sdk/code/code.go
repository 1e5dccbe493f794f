// Package code makes codes that people type and nobody guesses: of coupons, gift cards,
// vouchers, collections in a shop. It knows how one is drawn from random bytes, how
// people may write it, what they may see of it, and what it is known by where codes are
// not kept. It brings no randomness of its own: that is [sdk.Tx.Random]'s. One package,
// so that a till tells the codes of all apps from barcodes in one way.
package code

import "strings"

// Alphabet is what drawn codes are made of: digits and capitals without 0, O, 1, I
// and L, which people take for each other. That it has 31 signs, a prime number, is
// why one check character finds what people get wrong.
const Alphabet = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"

// Length is the number of signs of a drawn code: 15 random ones, 74 bits, and the
// check character.
const Length = 16

// The length in bytes that a code of others may have.
const (
	MinLength = 4
	MaxLength = 128 // a signature of Ed25519 and what it is of fit
)

// Guessable is the length in bytes below which a code of others can be found by
// trying.
const Guessable = 12

// fair is how many values of a byte are shared out evenly over the alphabet; others
// are passed over, or some signs would come up more often.
const fair = 256 / len(Alphabet) * len(Alphabet)

// Draw makes a code of the random bytes and answers those it left. There is none, and
// nothing left, if they did not suffice: of 20 that happens once in 20,000 times, of 32
// never.
func Draw(random []byte) (drawn string, rest []byte) {
	var signs [Length]byte
	sum, n := 0, 0
	for i, b := range random {
		if int(b) >= fair {
			continue
		}
		value := int(b) % len(Alphabet)
		signs[n], sum, n = Alphabet[value], sum+weight(n)*value, n+1
		if n == Length-1 {
			signs[n] = Alphabet[check(sum)]
			return string(signs[:]), random[i+1:]
		}
	}
	return "", nil
}

// weight is what the sign at a place counts in the sum, which a right code makes
// divisible by 31. They differ from place to place, so that two signs that changed
// places are found, too.
func weight(place int) int { return place + 1 }

// check is the value of the last sign for the sum of those before it: 16 has the
// inverse 2 modulo 31.
func check(sum int) int { return (len(Alphabet) - sum%len(Alphabet)) * 2 % len(Alphabet) }

// Drawn says whether a code is one that Draw can have made, in the form of Fold.
func Drawn(folded string) bool {
	if len(folded) != Length {
		return false
	}
	sum := 0
	for i := range len(folded) {
		value := strings.IndexByte(Alphabet, folded[i])
		if value < 0 {
			return false
		}
		sum += weight(i) * value
	}
	return sum%len(Alphabet) == 0
}

// Print is a drawn code in groups of four, as people read it best.
func Print(drawn string) string {
	return drawn[:4] + "-" + drawn[4:8] + "-" + drawn[8:12] + "-" + drawn[12:]
}

// Fold is the form in which codes are compared: without blanks around it and, unless
// exact, in capitals. A drawn code has no case and may be written with hyphens and
// blanks whatever exact says.
func Fold(given string, exact bool) string {
	given = strings.TrimSpace(given)
	if len(given) > MaxLength {
		return given // there is none so long, and nothing to make of it
	}
	if compact := strings.ToUpper(separators.Replace(given)); Drawn(compact) {
		return compact
	}
	if exact {
		return given
	}
	return strings.ToUpper(given)
}

// separators are what people write between groups.
var separators = strings.NewReplacer("-", "", " ", "")

// Masked is what people may see of a code: the last characters, at most four and at most a
// quarter, or what is left of a short one would soon be tried.
func Masked(folded string) string {
	signs := []rune(folded)
	return "*" + string(signs[len(signs)-min(4, len(signs)/4):])
}

// Digits makes a number of n digits of random bytes, each of which is as likely as any
// other, and answers "" if the bytes did not suffice: of 4n once in more than 10^6 times.
func Digits(random []byte, n int) string {
	out := make([]byte, 0, n)
	for _, b := range random {
		if b < 250 && len(out) < n {
			out = append(out, '0'+b%10)
		}
	}
	if len(out) < n {
		return ""
	}
	return string(out)
}
