package retail

import (
	"errors"
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

func TestParseGTIN(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]GTIN{
		"8001505005479":   "08001505005479",
		" 4006381333931 ": "04006381333931", //nolint:gocritic // the blanks around it are what is tested
		"5901234123457":   "05901234123457",
		"9780201379624":   "09780201379624",
		"036000291452":    "00036000291452", // UPC-12, its zero kept
		"96385074":        "00000096385074", // EAN-8
		"10012345678902":  "10012345678902", // a case
		"0000000000000":   "00000000000000",
		"8001505005478":   "!check",
		"8001505005749":   "!check", // neighbours swapped
		"800150500547":    "!check",
		"80015050054":     "!digits",
		"":                "!digits",
		"800150500547X":   "!digits",
		"８００１５０５００５４７９": "!digits",
		"8,0015E+12":       "!spreadsheet",
		"8.00150500547e12": "!spreadsheet",
		"8E+12":            "!spreadsheet",
		"E12":              "!digits",
	} {
		got, err := ParseGTIN(in)
		wrong := map[GTIN]error{"!check": ErrGTINCheck, "!digits": ErrGTINDigits, "!spreadsheet": ErrGTINSpreadsheet}[want]
		if wrong != nil && !errors.Is(err, wrong) || wrong == nil && (err != nil || got != want) {
			t.Errorf("%q = %q, %v; want %s", in, got, err, want)
		}
	}
}

func TestGTINCatchesEveryWrongDigit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		head := fmt.Sprintf("%013d", rapid.Int64Range(0, 9_999_999_999_999).Draw(t, "head"))
		code := []byte(head + string(checkDigit(head)))
		if _, err := ParseGTIN(string(code)); err != nil {
			t.Fatal(err)
		}
		at := rapid.IntRange(0, 13).Draw(t, "at")
		code[at] = '0' + (code[at]-'0'+byte(rapid.IntRange(1, 9).Draw(t, "by")))%10
		if _, err := ParseGTIN(string(code)); !errors.Is(err, ErrGTINCheck) {
			t.Fatalf("%s was taken: %v", code, err)
		}
	})
}

func FuzzParseGTIN(f *testing.F) {
	f.Add("8001505005479")
	f.Add("8,0015E+12")
	f.Fuzz(func(t *testing.T, s string) {
		g, err := ParseGTIN(s)
		if err != nil {
			return
		}
		if again, err := ParseGTIN(string(g)); err != nil || again != g {
			t.Fatalf("%q became %q and then %q, %v", s, g, again, err)
		}
	})
}

// A label with a price: item 123456, 5.67.
func TestSplitLabel(t *testing.T) {
	t.Parallel()
	label := GTIN("0212345600567")
	label += GTIN(checkDigit(string(label)))
	base, price, ok := label.SplitLabel()
	if !ok || price != 567 || base[:13] != "0212345600000" {
		t.Fatalf("%s is %s at %d, %v", label, base, price, ok)
	}
	if g, err := ParseGTIN(string(base[1:])); err != nil || g != base {
		t.Errorf("the base %s is no barcode: %v", base, err)
	}
	if _, _, ok := base.SplitLabel(); ok {
		t.Error("a base has a price")
	}
	if _, _, ok := GTIN("08001505005479").SplitLabel(); ok {
		t.Error("a maker's code has a price")
	}
	if GTIN("00000020123451").InStore() || !label.InStore() {
		t.Error("only codes of 13 digits beginning with 2 are in-store labels")
	}
}
