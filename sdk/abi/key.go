package abi

// Keys are sequences of parts whose bytes sort as their values do: first by
// part, then by length of the sequence. A part starts with its tag.
//
//	absent  01
//	text    02 bytes, 00 escaped as 00 FF, then 00
//	integer 03 eight bytes big endian, sign bit flipped
//	false   04
//	true    05
//
// The encoding is fixed for good: it is on disk.
const (
	tagAbsent = 0x01
	tagText   = 0x02
	tagInt    = 0x03
	tagFalse  = 0x04
	tagTrue   = 0x05
)

// AppendKeyText appends a text part.
func AppendKeyText[S ~string | ~[]byte](b []byte, s S) []byte {
	b = append(b, tagText)
	from := 0
	for i := range len(s) {
		if s[i] == 0 {
			b = append(append(b, s[from:i+1]...), 0xff)
			from = i + 1
		}
	}
	return append(append(b, s[from:]...), 0)
}

// AppendKeyInt appends an integer part.
func AppendKeyInt(b []byte, v int64) []byte {
	u := uint64(v) ^ 1<<63
	return append(b, tagInt, byte(u>>56), byte(u>>48), byte(u>>40), byte(u>>32), byte(u>>24), byte(u>>16), byte(u>>8), byte(u))
}

// AppendKeyBool appends a truth value.
func AppendKeyBool(b []byte, v bool) []byte {
	if v {
		return append(b, tagTrue)
	}
	return append(b, tagFalse)
}

// KeyLen is the length of the first n parts of key, or -1 if key is malformed
// or has fewer.
func KeyLen(key []byte, n int) int {
	at := 0
	for range n {
		size := partLen(key[at:])
		if size < 0 {
			return -1
		}
		at += size
	}
	return at
}

// ValidKey says whether key is a whole number of parts, at least one, within
// MaxKey.
func ValidKey(key []byte) bool { return len(key) > 0 && len(key) <= MaxKey && ValidPrefix(key) }

// ValidPrefix is ValidKey without a least length: an empty prefix is all keys.
func ValidPrefix(key []byte) bool {
	for len(key) > 0 {
		n := partLen(key)
		if n < 0 {
			return false
		}
		key = key[n:]
	}
	return true
}

func partLen(b []byte) int {
	if len(b) == 0 {
		return -1
	}
	switch b[0] {
	case tagAbsent, tagFalse, tagTrue:
		return 1
	case tagInt:
		if len(b) < 9 {
			return -1
		}
		return 9
	case tagText:
		return textLen(b)
	}
	return -1
}

func textLen(b []byte) int {
	for i := 1; i < len(b); i++ {
		if b[i] != 0 {
			continue
		}
		if i+1 < len(b) && b[i+1] == 0xff {
			i++
			continue
		}
		return i + 1
	}
	return -1
}

// PrefixEnd is the first key after all byte strings that begin with prefix, nil
// if there is none. It knows no parts: of the texts "a" and "a\x00b" the second
// begins with the bytes of the first but for the terminator's escape. Ranges of
// parts are Scan.Bounds.
func PrefixEnd(prefix []byte) []byte {
	end := append([]byte(nil), prefix...)
	for i := len(end) - 1; i >= 0; i-- {
		if end[i] != 0xff {
			end[i]++
			return end[:i+1]
		}
	}
	return nil
}

// KeyText is the n-th part of key, from 0, if that is a text.
func KeyText(key []byte, n int) (string, bool) {
	at := KeyLen(key, n)
	if at < 0 || at == len(key) || key[at] != tagText {
		return "", false
	}
	size := textLen(key[at:])
	if size < 0 {
		return "", false
	}
	text := make([]byte, 0, size)
	for i := at + 1; i < at+size-1; i++ {
		if text = append(text, key[i]); key[i] == 0 {
			i++ // the escape
		}
	}
	return string(text), true
}

// KeyInt is the n-th part of key, from 0, if that is an integer.
func KeyInt(key []byte, n int) (int64, bool) {
	at := KeyLen(key, n)
	if at < 0 || len(key)-at < 9 || key[at] != tagInt {
		return 0, false
	}
	var v uint64
	for _, c := range key[at+1 : at+9] {
		v = v<<8 | uint64(c)
	}
	return int64(v ^ 1<<63), true
}
