package identity

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"
)

func secret(t *testing.T, kind Kind) Secret {
	t.Helper()
	s, err := NewSecret(kind, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSecret(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^btg_(live|sess|join)_[a-z2-7]{8}_[a-z2-7]{58}$`)
	for _, kind := range []Kind{TokenKind, SessionKind, InviteKind} {
		s := secret(t, kind)
		text := s.Reveal()
		if !form.MatchString(text) {
			t.Errorf("%s has no form that a scanner knows", text)
		}
		back, err := ParseSecret(kind, text)
		if err != nil || back != s || !back.Matches(s.Hash()) {
			t.Errorf("%s came back as %v: %v", text, back, err)
		}
		if secret(t, kind).Matches(s.Hash()) {
			t.Error("another secret matches")
		}
		if bytes.Contains(s.Hash(), s.key[:4]) || s.Matches(nil) {
			t.Error("the hash is none")
		}
	}
}

func TestSecretIsNotPrinted(t *testing.T) {
	t.Parallel()
	s := secret(t, TokenKind)
	for _, got := range []string{fmt.Sprint(s), fmt.Sprintf("%+v", s), fmt.Sprintf("%#v", s), fmt.Sprint(&s), fmt.Sprint([]Secret{s})} {
		if strings.Contains(got, s.Reveal()[secretAt:secretAt+8]) || strings.Contains(got, fmt.Sprintf("%d", s.key[:4])) {
			t.Errorf("printed as %s", got)
		}
	}
}

// TestSecretRefusesTypos changes every character to every other: not one is
// looked up.
func TestSecretRefusesTypos(t *testing.T) {
	t.Parallel()
	text := secret(t, TokenKind).Reveal()
	for i := range text {
		for _, c := range []byte("abcxyz234567_018=. \nA") {
			if b := []byte(text); b[i] != c {
				b[i] = c
				if _, err := ParseSecret(TokenKind, string(b)); !errors.Is(err, ErrSecret) {
					t.Fatalf("%s is taken: %v", b, err)
				}
			}
		}
	}
	for _, other := range []string{"", "btg_live_", text[1:], text + "a", text[:len(text)-1], strings.ToUpper(text), text + text, secret(t, SessionKind).Reveal()} {
		if _, err := ParseSecret(TokenKind, other); !errors.Is(err, ErrSecret) {
			t.Errorf("%q is taken: %v", other, err)
		}
	}
}

func TestSecretNeedsRandomness(t *testing.T) {
	t.Parallel()
	if _, err := NewSecret(TokenKind, iotest.ErrReader(errors.New("none"))); err == nil {
		t.Error("a secret was made of nothing")
	}
}

func FuzzParseSecret(f *testing.F) {
	s, err := NewSecret(TokenKind, bytes.NewReader(make([]byte, 64)))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(s.Reveal())
	f.Add(s.String())
	f.Add("btg_live_")
	f.Fuzz(func(t *testing.T, text string) {
		if s, err := ParseSecret(TokenKind, text); err == nil && s.Reveal() != text {
			t.Errorf("%q and %q are one secret", text, s.Reveal())
		}
	})
}
