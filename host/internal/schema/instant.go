package schema

import "time"

// The instants that RFC 3339 can write: years 1 to 9999, in milliseconds.
const (
	minInstant = -62135596800_000
	maxInstant = 253402300799_999
)

// parseInstant reads an RFC 3339 time in UTC: Z or +00:00, a fraction of up to
// nine digits of which three count. Another offset is refused: an instant has
// none, and civil rules carry a zone.
func parseInstant(b []byte) (ms int64, ok bool) {
	const shape = "0000-00-00T00:00:00"
	if len(b) < len(shape)+1 {
		return 0, false
	}
	for i := range len(shape) {
		if c := b[i]; shape[i] == '0' && c-'0' > 9 || shape[i] != '0' && c != shape[i] {
			return 0, false
		}
	}
	year, month, day := digits(b[0:4]), digits(b[5:7]), digits(b[8:10])
	hour, minute, second := digits(b[11:13]), digits(b[14:16]), digits(b[17:19])
	millis, rest, ok := fraction(b[len(shape):])
	if !ok || string(rest) != "Z" && string(rest) != "+00:00" {
		return 0, false
	}
	if year < 1 || hour > 23 || minute > 59 || second > 59 {
		return 0, false
	}
	t := time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC)
	if int(t.Month()) != month || t.Day() != day {
		return 0, false // 31 February
	}
	return t.UnixMilli() + int64(millis), true
}

func digits(b []byte) (v int) {
	for _, c := range b {
		v = v*10 + int(c-'0')
	}
	return v
}

// fraction reads an optional point with digits as milliseconds.
func fraction(b []byte) (millis int, rest []byte, ok bool) {
	if b[0] != '.' {
		return 0, b, true
	}
	n, scale := 1, 100
	for ; n < len(b) && b[n]-'0' <= 9; n++ {
		millis += int(b[n]-'0') * scale
		scale /= 10
	}
	return millis, b[n:], n > 1 && n <= 10
}

// appendInstant appends a quoted RFC 3339 time in UTC, with milliseconds if
// there are any.
func appendInstant(out []byte, ms int64) ([]byte, bool) {
	if ms < minInstant || ms > maxInstant {
		return out, false
	}
	layout := "2006-01-02T15:04:05Z"
	if ms%1000 != 0 {
		layout = "2006-01-02T15:04:05.000Z"
	}
	out = append(out, '"')
	out = time.UnixMilli(ms).UTC().AppendFormat(out, layout)
	return append(out, '"'), true
}

// zoneName says whether b has the shape of an IANA name. Whether the zone
// exists is for whoever uses it: the rules are not loaded here.
func zoneName(b []byte) bool {
	if len(b) == 0 || len(b) > 64 {
		return false
	}
	for i, c := range b {
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		inner := c == '/' || c == '_' || c == '-' || c == '+' || c-'0' <= 9
		if !letter && (!inner || i == 0) {
			return false
		}
	}
	return true
}
