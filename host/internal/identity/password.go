package identity

import (
	_ "embed"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Bounds of a password.
const (
	MinPassword = 8   // characters
	MaxPassword = 256 // bytes
)

// Weak says why a password is not taken. It does not name the password.
type Weak struct {
	Reason  string // password_short, password_long, password_text, password_common, password_context
	Message string
}

func (w *Weak) Error() string { return w.Message }

// Policy knows which passwords are not taken. There are no rules of composition:
// they make passwords worse.
type Policy struct {
	common map[string]bool
	words  map[string]bool // shorter than a password may be
}

//go:embed common.txt
var common string

// NewPolicy reads the list of common passwords that is part of the program.
func NewPolicy() *Policy {
	p := &Policy{common: map[string]bool{}, words: map[string]bool{}}
	for line := range strings.Lines(common) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case strings.HasPrefix(line, "#"):
		case len(line) < MinPassword:
			p.words[line] = true
		default:
			p.common[line] = true
		}
	}
	return p
}

// Normal is a password in the one form that is hashed: keyboards send the same
// letter as one character or as two.
func Normal(password string) string { return norm.NFKC.String(password) }

// Check refuses a password that is too short or too long, that is common, or
// that says little more than a word of its context: the person's name, the
// house's. The error is a *Weak.
func (p *Policy) Check(password string, context ...string) error {
	switch n := utf8.RuneCountInString(Normal(password)); {
	case len(password) > MaxPassword:
		return &Weak{"password_long", "A password has at most 256 bytes."}
	case !utf8.ValidString(password) || strings.ContainsFunc(password, unicode.IsControl):
		return &Weak{"password_text", "A password is text without control characters."}
	case n < MinPassword:
		return &Weak{"password_short", "A password has at least 8 characters; 15 are better."}
	}
	folded := strings.ToLower(Normal(password))
	switch {
	case p.widespread(folded):
		return &Weak{"password_common", "Too many people have this password, or one like it."}
	case contextual(folded, context):
		return &Weak{"password_context", "This password is little more than a name that others know."}
	}
	return nil
}

// decoration is how many digits and signs around a common word make no password
// of it: a date and an exclamation mark.
const decoration = 7

func (p *Policy) widespread(folded string) bool {
	if p.common[folded] || repeated(folded) {
		return true
	}
	core := strings.TrimFunc(folded, func(r rune) bool { return !unicode.IsLetter(r) })
	if utf8.RuneCountInString(folded)-utf8.RuneCountInString(core) > decoration {
		return false
	}
	return p.common[core] || p.words[core]
}

// repeated says whether there are fewer than three different characters.
func repeated(s string) bool {
	seen := map[rune]bool{}
	for _, r := range s {
		seen[r] = true
	}
	return len(seen) < 3
}

// contextual says whether too little is left of a password without the words of
// its context.
func contextual(folded string, context []string) bool {
	rest := folded
	for _, text := range context {
		words := strings.FieldsFunc(strings.ToLower(Normal(text)), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		for _, w := range words {
			if utf8.RuneCountInString(w) >= 3 {
				rest = strings.ReplaceAll(rest, w, "")
			}
		}
	}
	return rest != folded && utf8.RuneCountInString(rest) < MinPassword
}
