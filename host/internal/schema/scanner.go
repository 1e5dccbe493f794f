package schema

import (
	"unicode/utf16"
	"unicode/utf8"
)

// scanner reads JSON tokens in one pass. What it answers aliases in or its
// scratch space and is good until the next string.
type scanner struct {
	fault
	in      []byte
	pos     int
	scratch []byte // of a string with escapes
}

// space skips white space and answers what comes, 0 at the end.
func (s *scanner) space() byte {
	for ; s.pos < len(s.in); s.pos++ {
		switch c := s.in[s.pos]; c {
		case ' ', '\t', '\n', '\r':
		default:
			return c
		}
	}
	return 0
}

// end demands that nothing follows.
func (s *scanner) end() bool {
	if s.space(); s.pos < len(s.in) {
		return s.fail(ReasonMalformed, "something follows the JSON value")
	}
	return true
}

// peek is the next byte, 0 at the end.
func (s *scanner) peek() byte {
	if s.pos < len(s.in) {
		return s.in[s.pos]
	}
	return 0
}

// open enters an object or array and says whether it has a member; after
// false, ask failed.
func (s *scanner) enter(closing byte) bool {
	s.pos++
	if s.space() == closing {
		s.pos++
		return false
	}
	return true
}

// more goes past the comma or the end after a member and says whether another
// member comes; after false, ask failed.
func (s *scanner) more(closing byte) bool {
	switch s.space() {
	case ',':
		s.pos++
		s.space()
		return true
	case closing:
		s.pos++
		return false
	}
	return s.fail(ReasonMalformed, "a comma or "+string(rune(closing))+" is expected")
}

// key reads the name of a member and its colon.
func (s *scanner) key() ([]byte, bool) {
	if s.peek() != '"' {
		return nil, s.fail(ReasonMalformed, "the name of a member is expected")
	}
	name, ok := s.str()
	if !ok {
		return nil, false
	}
	if s.space() != ':' {
		return nil, s.fail(ReasonMalformed, "a colon is expected")
	}
	s.pos++
	s.space()
	return name, true
}

// literal reads true, false or null if it is what comes.
func (s *scanner) literal(word string) bool {
	end := s.pos + len(word)
	if end > len(s.in) || string(s.in[s.pos:end]) != word {
		return false
	}
	s.pos = end
	return true
}

// number reads the token of an integer: no fraction, no exponent.
func (s *scanner) number(n *node) ([]byte, bool) {
	start := s.pos
	if s.peek() == '-' {
		s.pos++
	}
	digits := s.pos
	for s.pos < len(s.in) && s.in[s.pos]-'0' <= 9 {
		s.pos++
	}
	switch c := s.peek(); {
	case s.pos == digits, s.in[digits] == '0' && s.pos > digits+1:
		return nil, s.fail(ReasonMalformed, "a number is expected")
	case c == '.' || c == 'e' || c == 'E':
		s.fail(ReasonType, expected[n.kind]+" is expected, without decimals or exponent")
		return nil, false
	}
	return s.in[start:s.pos], true
}

// wrong reports that something else than n's type comes.
func (s *scanner) wrong(n *node) bool {
	switch c := s.peek(); {
	case c == '{', c == '[', c == '"', c == '-', c-'0' <= 9:
		return s.mismatch(n)
	case s.literal("true"), s.literal("false"), s.literal("null"):
		return s.mismatch(n)
	case c == 0 && s.pos == len(s.in):
		return s.fail(ReasonMalformed, "the JSON ends early")
	}
	return s.fail(ReasonMalformed, "a JSON value is expected")
}

// str reads a string; its opening quote is what comes.
func (s *scanner) str() ([]byte, bool) {
	s.pos++
	ascii := true
	for i := s.pos; i < len(s.in); i++ {
		switch c := s.in[i]; {
		case c == '"':
			raw := s.in[s.pos:i]
			s.pos = i + 1
			return raw, ascii || s.valid(raw)
		case c == '\\':
			return s.escaped(i)
		case c < ' ':
			return nil, s.fail(ReasonMalformed, "a control character stands in a string")
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
	return nil, s.fail(ReasonMalformed, "a string does not end")
}

func (s *scanner) valid(raw []byte) bool {
	if !utf8.Valid(raw) {
		return s.fail(ReasonMalformed, "a string is not valid UTF-8")
	}
	return true
}

// escaped reads the rest of a string whose first escape is at i.
func (s *scanner) escaped(i int) ([]byte, bool) {
	s.scratch = append(s.scratch[:0], s.in[s.pos:i]...)
	for s.pos = i; s.pos < len(s.in); {
		switch c := s.in[s.pos]; {
		case c == '"':
			s.pos++
			return s.scratch, s.valid(s.scratch)
		case c == '\\':
			if !s.escape() {
				return nil, false
			}
		case c < ' ':
			return nil, s.fail(ReasonMalformed, "a control character stands in a string")
		default:
			s.scratch = append(s.scratch, c)
			s.pos++
		}
	}
	return nil, s.fail(ReasonMalformed, "a string does not end")
}

// simple are the escapes of one character.
var simple = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

func (s *scanner) escape() bool {
	s.pos++
	c := s.peek()
	s.pos++
	if plain := simple[c]; plain != 0 {
		s.scratch = append(s.scratch, plain)
		return true
	}
	r, ok := rune(0), c == 'u'
	if ok {
		r, ok = s.hex()
	}
	if ok && utf16.IsSurrogate(r) {
		r, ok = s.pair(r)
	}
	if !ok {
		return s.fail(ReasonMalformed, "an escape in a string is not valid")
	}
	s.scratch = utf8.AppendRune(s.scratch, r)
	return true
}

// pair reads the second half of a surrogate pair.
func (s *scanner) pair(high rune) (rune, bool) {
	if !s.literal(`\u`) {
		return 0, false
	}
	low, ok := s.hex()
	r := utf16.DecodeRune(high, low)
	return r, ok && r != utf8.RuneError
}

func (s *scanner) hex() (rune, bool) {
	if len(s.in)-s.pos < 4 {
		return 0, false
	}
	var r rune
	for _, c := range s.in[s.pos : s.pos+4] {
		switch {
		case c-'0' <= 9:
			c -= '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	s.pos += 4
	return r, true
}
