package identity

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// table reads a text table: cells between bars, without comments and blank
// lines.
func table(t *testing.T, name string) [][]string {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var rows [][]string
	for s := bufio.NewScanner(f); s.Scan(); {
		if line := s.Text(); line != "" && line[0] != '#' {
			rows = append(rows, strings.Split(line, " | "))
		}
	}
	if len(rows) == 0 {
		t.Fatalf("%s is empty", name)
	}
	return rows
}

func normal(t *testing.T, kind, value string) (string, bool) {
	t.Helper()
	switch kind {
	case "email":
		return Email(value)
	case "phone":
		return Phone(value, "39")
	case "card":
		return Card(value)
	case "tax_code":
		return TaxCode(value)
	case "vat_number":
		return VATNumber(value)
	}
	t.Fatalf("no type %s", kind)
	return "", false
}

// A normal form is the normal form of itself.
func TestValues(t *testing.T) {
	t.Parallel()
	for _, row := range table(t, "values.txt") {
		got, ok := normal(t, row[0], row[1])
		want := strings.TrimSuffix(strings.TrimSpace(row[2]), " |")
		if ok != (want != "!") || ok && got != want {
			t.Errorf("%s %q: got %q, %v, want %q", row[0], row[1], got, ok, want)
		}
		if again, still := normal(t, row[0], got); ok && (!still || again != got) {
			t.Errorf("%s %q: once more it is %q, %v", row[0], got, again, still)
		}
	}
}

// With a country that drops the 0, or without one.
func TestPhonesOfOtherHomes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ written, home, want string }{
		{"020 7946 0018", "44", "+442079460018"},
		{"0549 882345", "378", "+3780549882345"},
		{"+390286463555", "44", "+390286463555"},
		{"02 86463555", "", ""},
		{"+39 02 86463555", "", "+390286463555"},
	} {
		if got, ok := Phone(c.written, c.home); ok != (c.want != "") || ok && got != c.want {
			t.Errorf("%s at home in %s: %q, %v", c.written, c.home, got, ok)
		}
	}
}

// Every omocode of a code is valid with a check letter of its own, and is
// another person's: no two of the 128 have the same normal form.
func TestOmocodia(t *testing.T) {
	t.Parallel()
	const base = "RSSMRA80A01H501"
	seen := map[string]bool{}
	for set := range 1 << len(digitAt) {
		b := []byte(base)
		for n, i := range digitAt {
			if set>>n&1 == 1 {
				b[i] = replaced[b[i]-'0']
			}
		}
		code, ok := TaxCode(string(b) + string(checkLetter(string(b))))
		if !ok || seen[code] {
			t.Fatalf("%s: valid %v, seen %v", code, ok, seen[code])
		}
		seen[code] = true
		if plain, _ := unreplaced(code); plain[:15] != base {
			t.Fatalf("%s reads %s", code, plain)
		}
		if wrong := string(b) + string('A'+(checkLetter(string(b))-'A'+1)%26); valid(wrong) {
			t.Fatalf("%s is taken", wrong)
		}
	}
}

func valid(code string) bool {
	_, ok := TaxCode(code)
	return ok
}

// Whatever is typed, what is taken has a normal form that stands, and no
// function fails.
func TestAnything(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		s := rapid.OneOf(rapid.String(), rapid.StringMatching(`[+]?[0-9() .-]{0,18}`), rapid.StringMatching(`[A-Z0-9]{11,17}`),
			rapid.StringMatching(`[a-z.@-]{1,20}`)).Draw(rt, "typed")
		for _, kind := range []string{"email", "phone", "card", "tax_code", "vat_number"} {
			got, ok := normal(t, kind, s)
			if again, still := normal(t, kind, got); ok && (!still || again != got) {
				rt.Fatalf("%s %q is %q, and that is %q, %v", kind, s, got, again, still)
			}
		}
	})
}

func TestForms(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{"it": true, "de-AT": true, "gsw": true, "": false, "IT": false, "it-": false, "it-it": false, "italiano": false} {
		if Language(s) != want {
			t.Errorf("Language(%q) is not %v", s, want)
		}
	}
	for s, want := range map[string]bool{"C-88": true, "a.b_c": true, "": false, "a b": false, "anna@example.it": false, "è": false, strings.Repeat("a", 65): false} {
		if ID(s) != want {
			t.Errorf("ID(%q) is not %v", s, want)
		}
	}
	if !Label("Anna Maria", 10) || Label("Anna Maria", 9) || Label(" Anna", 9) || Label("An\x00na", 9) {
		t.Error("labels have no control characters, no blanks around and an end")
	}
}
