// Package delivery knows by which route a message goes, in which language, and
// what a route may answer. It knows values and nothing of customers, consents or
// who delivers.
package delivery

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Reasons of a message that was not tried, or was and failed.
const (
	NoRoute   = "no_route"
	NoAddress = "no_address"
	Broken    = "route_failed"
)

// Facts is what Choose asks. Each is asked only if those before it say yes, and
// for no route behind the one that is chosen.
type Facts struct {
	Filled  func(route string) bool
	Address func(route string) string // "" is none
	Refusal func(route string) string // why somebody may not be contacted; "" he may
}

// Choose is the first route that is there, has an address and may be used. If
// there is none, refusal is why not by the first that is there.
func Choose(order []string, f Facts) (route, address, refusal string) {
	first := NoRoute
	for _, r := range order {
		if !f.Filled(r) {
			continue
		}
		why := NoAddress
		if a := f.Address(r); a != "" {
			if why = f.Refusal(r); why == "" {
				return r, a, ""
			}
		}
		if first == NoRoute {
			first = why
		}
	}
	return "", "", first
}

// Language is the place of the language that fits best: the first of wanted that
// is there, as it stands or without its region, else the first of all. There is
// at least one.
func Language(there []string, wanted ...string) int {
	for _, w := range wanted {
		base, _, _ := strings.Cut(w, "-")
		for _, form := range [...]string{w, base} {
			if i := slices.Index(there, form); form != "" && i >= 0 {
				return i
			}
		}
	}
	return 0
}

// Outcome is what a route answered, as it may be kept: an unknown state is a
// failure, a reason is an id, a reference is short.
func Outcome(state, reference, reason string) (kept, keptReference, keptReason string) {
	if !Short(reference, 200) {
		reference = ""
	}
	switch state {
	case "queued", "sent":
		return state, reference, ""
	case "refused", "failed":
	default:
		return "failed", reference, Broken
	}
	if !ID(reason) {
		reason = Broken
	}
	return state, reference, reason
}

// ID says whether s can be an id: 1 to 64 letters, digits, points, hyphens and
// underscores.
func ID(s string) bool { return Key(s, 64) && !strings.ContainsAny(s, ":/") }

// Key says whether s is 1 to most letters, digits and . - _ : /: an e-mail
// address is none.
func Key(s string, most int) bool {
	if s == "" || len(s) > most {
		return false
	}
	return strings.IndexFunc(s, func(r rune) bool {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		return !letter && !strings.ContainsRune(".-_:/", r)
	}) < 0
}

// Short says whether s is a line of at most so many characters.
func Short(s string, most int) bool {
	return Long(s, most) && !strings.ContainsFunc(s, unicode.IsControl)
}

// Long says whether s is a text of at most so many characters.
func Long(s string, most int) bool {
	return utf8.ValidString(s) && utf8.RuneCountInString(s) <= most
}

// Tag says whether s is a language, written as it or de-AT.
func Tag(s string) bool {
	base, region, regional := strings.Cut(s, "-")
	lower := func(r rune) bool { return r >= 'a' && r <= 'z' }
	upper := func(r rune) bool { return r >= 'A' && r <= 'Z' }
	return every(base, 2, 3, lower) && (!regional || every(region, 2, 2, upper))
}

func every(s string, least, most int, is func(rune) bool) bool {
	return len(s) >= least && len(s) <= most && strings.IndexFunc(s, func(r rune) bool { return !is(r) }) < 0
}
