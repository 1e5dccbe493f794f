package code

import (
	"bytes"
	stdhmac "crypto/hmac"
	stdlib "crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Draw is tried with what a host's randomness looks like: a hash of a counter.
func random(seed uint64, n int) []byte {
	var out []byte
	for block := uint64(0); len(out) < n; block++ {
		sum := stdlib.Sum256(binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, seed), block))
		out = append(out, sum[:]...)
	}
	return out[:n]
}

func TestAlphabet(t *testing.T) {
	t.Parallel()
	if len(Alphabet) != 31 || strings.ContainsAny(Alphabet, "01OIL") || strings.ToUpper(Alphabet) != Alphabet {
		t.Errorf("%d signs: %s", len(Alphabet), Alphabet)
	}
	for i := range len(Alphabet) {
		if strings.Count(Alphabet, Alphabet[i:i+1]) != 1 {
			t.Errorf("%c stands twice", Alphabet[i])
		}
	}
}

func TestDrawIsRepeatable(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		random []byte
		want   string
		rest   int
	}{
		{"all zero", make([]byte, 15), "2222222222222222", 0},
		{"rising", []byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14}, "23456789ABCDEFGS", 0},
		{"the uneven end of a byte is passed over", append([]byte{248, 255}, make([]byte, 20)...), "2222222222222222", 5},
		{"too little", make([]byte, 14), "", 0},
	} {
		got, rest := Draw(tt.random)
		if got != tt.want || len(rest) != tt.rest {
			t.Errorf("%s: %q and %d bytes left; want %q and %d", tt.name, got, len(rest), tt.want, tt.rest)
		}
	}
}

// Every sign comes up as often as any other.
func TestDrawIsFair(t *testing.T) {
	t.Parallel()
	var count [256]int
	rest, n := random(1, 200_000), 0
	for {
		var drawn string
		if drawn, rest = Draw(rest); drawn == "" {
			break
		}
		for i := range Length - 1 {
			count[drawn[i]]++
		}
		n += Length - 1
	}
	want, chi := float64(n)/float64(len(Alphabet)), 0.0
	for i := range len(Alphabet) {
		d := float64(count[Alphabet[i]]) - want
		chi += d * d / want
	}
	if chi > 70 { // 30 degrees of freedom: one in 20,000 fair draws is beyond
		t.Errorf("χ² is %.1f over %d signs", chi, n)
	}
}

// No code is drawn twice: a million with BOTTEGA_LONG=1. Among a million of 74 bits
// two are the same once in 10^10.
func TestDrawnCodesDiffer(t *testing.T) {
	t.Parallel()
	want := 20_000
	if os.Getenv("BOTTEGA_LONG") != "" {
		want = 1_000_000
	}
	seen := make(map[string]bool, want)
	for rest := random(2, 20*want); len(seen) < want; {
		var drawn string
		if drawn, rest = Draw(rest); drawn == "" {
			t.Fatalf("the bytes ran out at %d", len(seen))
		}
		if !Drawn(drawn) || seen[drawn] {
			t.Fatalf("%s: drawn %v, seen %v", drawn, Drawn(drawn), seen[drawn])
		}
		seen[drawn] = true
	}
}

func drawn(t *rapid.T) string {
	got, _ := Draw(rapid.SliceOfN(rapid.ByteMax(byte(fair-1)), 15, 15).Draw(t, "random"))
	return got
}

// The check character finds every wrong sign and every two neighbours that changed
// places.
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

func TestFold(t *testing.T) {
	t.Parallel()
	const drawn = "23456789ABCDEFGS"
	for _, tt := range []struct {
		given string
		exact bool
		want  string
	}{
		{" Summer10\n", false, "SUMMER10"},
		{" Summer10 ", true, "Summer10"},
		{"natale-è-qui", false, "NATALE-È-QUI"},
		{Print(drawn), false, drawn},
		{"2345 6789 abcd efgs", true, drawn},
		{"2345-6789-ABCD-EFG4", false, "2345-6789-ABCD-EFG4"},
		{strings.Repeat("x", 129), false, strings.Repeat("x", 129)},
	} {
		if got := Fold(tt.given, tt.exact); got != tt.want {
			t.Errorf("Fold(%q, %v) is %q, want %q", tt.given, tt.exact, got, tt.want)
		}
	}
}

// However people write a drawn code, it stays the one it is.
func TestFoldKeepsDrawnCodes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		right := drawn(t)
		written := rapid.SampledFrom([]string{right, Print(right), strings.ToLower(Print(right)), " " + strings.ReplaceAll(Print(right), "-", " ") + "\t"}).Draw(t, "written")
		if got := Fold(written, rapid.Bool().Draw(t, "exact")); got != right || Fold(got, true) != right {
			t.Fatalf("%q became %q", written, got)
		}
	})
}

// The hash is the standard library's, at every length around the end of a block.
func TestSHA256(t *testing.T) {
	t.Parallel()
	for n := range 200 {
		text := random(uint64(n), n)
		if got, want := sha256(text), stdlib.Sum256(text); got != want {
			t.Fatalf("%d bytes: %x, want %x", n, got, want)
		}
	}
	if text := bytes.Repeat([]byte("a"), 1_000_000); sha256(text) != stdlib.Sum256(text) {
		t.Error("a million bytes")
	}
}

func TestHash(t *testing.T) {
	t.Parallel()
	sum := stdlib.Sum256([]byte("coupon\x00SUMMER10"))
	if got := Hash("coupon\x00SUMMER10"); got != hex.EncodeToString(sum[:16]) {
		t.Error(got)
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
func TestKeyed(t *testing.T) {
	t.Parallel()
	for _, length := range []int{0, 32, 64, 65, 200} {
		key := random(uint64(length), length)
		for n := range 200 {
			text := strings.Repeat("x", n)
			h := stdhmac.New(stdlib.New, key)
			h.Write([]byte(text))
			if got := Keyed(key, text); got != hex.EncodeToString(h.Sum(nil)[:16]) {
				t.Fatalf("a key of %d bytes, a text of %d: %s", length, n, got)
			}
		}
	}
}

func BenchmarkHash(b *testing.B) {
	for b.Loop() {
		Hash("23456789ABCDEFGS")
	}
}
