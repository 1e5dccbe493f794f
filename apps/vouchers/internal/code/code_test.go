package code

import (
	stdhmac "crypto/hmac"
	stdlib "crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func drawn(t *rapid.T) string {
	got, _ := Draw(rapid.SliceOfN(rapid.ByteMax(byte(fair-1)), 15, 15).Draw(t, "random"))
	return got
}

// The check character finds every wrong sign and every two neighbours that changed places.
func TestCheckCharacter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		right := drawn(t)
		at := rapid.IntRange(0, Length-1).Draw(t, "at")
		for i := range len(Alphabet) {
			if wrong := right[:at] + Alphabet[i:i+1] + right[at+1:]; wrong != right && Drawn(wrong) {
				t.Fatalf("%s passes for %s", wrong, right)
			}
		}
		if at > 0 && right[at-1] != right[at] {
			if wrong := right[:at-1] + right[at:at+1] + right[at-1:at] + right[at+1:]; Drawn(wrong) {
				t.Fatalf("%s passes for %s", wrong, right)
			}
		}
	})
}

// However people write a drawn code, it stays the one it is.
func TestFold(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		right := drawn(t)
		written := rapid.SampledFrom([]string{right, Print(right), strings.ToLower(Print(right)), " " + strings.ReplaceAll(Print(right), "-", " ") + "\t"}).Draw(t, "written")
		if got := Fold(written); got != right || Fold(got) != right {
			t.Fatalf("%q became %q", written, got)
		}
	})
	if got := Fold(" gift-0042 "); got != "GIFT-0042" {
		t.Errorf("a code of others became %q", got)
	}
}

// What people see of a code is at most a quarter of it.
func TestMasked(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{
		"23456789ABCDEFGS": "*EFGS", "123456789012": "*012", "12345678": "*78", "1234": "*4", "123": "*", "ÈÈÈÈÈÈÈÈ": "*ÈÈ",
	} {
		if got := Masked(code); got != want {
			t.Errorf("%s is shown as %s, want %s", code, got, want)
		}
	}
}

// Every digit of a PIN comes up; bytes that would favour some are passed over.
func TestDigits(t *testing.T) {
	t.Parallel()
	if got := Digits([]byte{0, 11, 22, 255, 250, 249, 128, 7}, 6); got != "012987" {
		t.Error(got)
	}
	if got := Digits([]byte{0, 255, 254, 253, 252, 251}, 6); got != "" {
		t.Errorf("too little randomness made %s", got)
	}
}

// The HMAC is the standard library's, at every length around the end of a block.
func TestHMAC(t *testing.T) {
	t.Parallel()
	salt := []byte("0123456789abcdef0123456789abcdef")
	for n := range 200 {
		text := strings.Repeat("x", n)
		h := stdhmac.New(stdlib.New, salt)
		h.Write([]byte(text))
		if got := hmac(salt, text); !stdhmac.Equal(got[:], h.Sum(nil)) {
			t.Fatalf("%d bytes: %s", n, hex.EncodeToString(got[:]))
		}
	}
	if Key(salt, "A") == PIN(salt, "", "A") || Key(salt, "A") == Visitor(salt, "A") || len(Key(salt, "A")) != 32 {
		t.Error("texts of different kinds are known by the same")
	}
}
