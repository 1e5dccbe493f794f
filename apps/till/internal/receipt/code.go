package receipt

import (
	"strconv"
	"strings"
)

// A code is what a receipt carries as a barcode: MI-01.3.417.26 is store, till, number
// and two check digits. Points, because scanners that act as keyboards type slashes
// wrongly in other layouts. Code 128 prints it.

// CodeOf is the code of the document with an id of ours, store/till/number.
func CodeOf(id string) string {
	body := strings.ReplaceAll(id, "/", ".")
	return body + "." + check(body)
}

// IDsOf are the ids that a code may stand for: one, unless a store or till has points in
// its name. There is none if the check digits are wrong.
func IDsOf(code string) (ids []string) {
	body, digits, ok := cutLast(code)
	if !ok || check(body) != digits {
		return nil
	}
	head, number, ok := cutLast(body)
	if !ok || !numbers(number) {
		return nil
	}
	for i, c := range head {
		if c == '.' && i > 0 && i < len(head)-1 {
			ids = append(ids, head[:i]+"/"+head[i+1:]+"/"+number)
		}
	}
	return ids
}

func cutLast(s string) (before, after string, ok bool) {
	i := strings.LastIndexByte(s, '.')
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

// check is two digits by which every wrong character and every two neighbours that were
// swapped are noticed: 97 is a prime above the span of what can be printed.
func check(body string) string {
	rest := 0
	for _, b := range []byte(body) {
		rest = (rest*256 + int(b)) % 97
	}
	text := strconv.Itoa(rest)
	return strings.Repeat("0", 2-len(text)) + text
}
