package paper

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"

	"github.com/bottega-retail/bottega/sdk/paper/papertest"
)

// receipt is a document with one of everything.
func receipt() *Document {
	d := &Document{Title: "MI-01/3/417 – perché", Language: "it"}
	d.Text(Bold|Tall|Centre, "Emporio Demo S.r.l.")
	d.Text(Centre, "Via Dante 1, 20121 Milano MI\nP.IVA 01234567890")
	d.Rule()
	d.Heading(Bold, Cell{Text: "Descrizione"}, Cell{Text: "IVA", Width: 4, Right: true}, Cell{Text: "Prezzo €", Width: 10, Right: true})
	d.Row(0, Cell{Text: "Camicia di lino dal collo alla coreana, così com’è"}, Cell{Text: "22%", Width: 4, Right: true}, Cell{Text: "59,80", Width: 10, Right: true})
	d.Row(0, Cell{Text: "Čaj “Łódź” … −20 %"}, Cell{Text: "10%", Width: 4, Right: true}, Cell{Text: "1.234.567,89", Width: 12, Right: true})
	d.Space()
	d.Pair(Bold|Tall, "TOTALE EURO", "59,80")
	d.Pair(0, "Un testo a sinistra che non sta su una riga sola accanto al prezzo", "12,00")
	d.Text(0, "Resi entro 30 giorni con questo scontrino e con la merce nuova, mai usata, nella sua confezione originale.")
	d.Barcode("MI-01.3.417.26")
	d.Barcode("8001505005479")
	d.QR("https://example.com/r/MI-01.3.417.26")
	d.Cut()
	d.Text(0, "Copia")
	return d
}

// golden compares a text with a file, and writes it with BOTTEGA_UPDATE=1.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if os.Getenv("BOTTEGA_UPDATE") != "" {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil || string(want) != got {
		t.Errorf("%s: %v, got\n%s", file, err, got)
	}
}

// What a printer of each width prints of the same document.
func TestPrinted(t *testing.T) {
	t.Parallel()
	for name, m := range map[string]Medium{"roll80.txt": Roll80, "roll58.txt": Roll58} {
		printed, err := papertest.Print(receipt().ESCPOS(m), m.Columns())
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, printed)
		}
		golden(t, name, printed)
	}
}

func TestPlain(t *testing.T) {
	t.Parallel()
	golden(t, "plain.txt", receipt().Plain(Roll80))
}

// What stands on the pages of a PDF, and where.
func TestPages(t *testing.T) {
	t.Parallel()
	for name, m := range map[string]Medium{"pdf80.txt": Roll80, "pdf58.txt": Roll58, "pdfA4.txt": A4} {
		golden(t, name, read(t, receipt().PDF(m)))
	}
}

func read(t testing.TB, pdf []byte) string {
	t.Helper()
	pages, err := papertest.Read(pdf)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(pages, "- - -\n")
}

// The same document is the same bytes, and another is not.
func TestSameBytes(t *testing.T) {
	t.Parallel()
	a, b := receipt(), receipt()
	for _, m := range []Medium{Roll80, Roll58, A4} {
		if !bytes.Equal(a.PDF(m), b.PDF(m)) || !bytes.Equal(a.ESCPOS(m), b.ESCPOS(m)) {
			t.Errorf("%s: two documents that are the same differ", m)
		}
	}
	b.Text(0, "more")
	if bytes.Equal(a.PDF(A4), b.PDF(A4)) {
		t.Error("two documents that differ are the same")
	}
}

// A long table goes on over pages, with its heading and a number on each.
func TestLongTable(t *testing.T) {
	t.Parallel()
	d := Document{Title: "DDT 12/2026"}
	d.Text(Bold, "Before")
	d.Heading(Bold, Cell{Text: "SKU", Width: 12}, Cell{Text: "What"})
	for i := range 200 {
		d.Row(0, Cell{Text: string(rune('A' + i%26)), Width: 12}, Cell{Text: "x"})
	}
	d.Rule()
	d.Text(0, "After")
	pages, err := papertest.Read(d.PDF(A4))
	if err != nil || len(pages) != 4 {
		t.Fatalf("%d pages, %v", len(pages), err)
	}
	rows := 0
	for i, p := range pages {
		if !strings.Contains(p, "SKU  What\n") || !strings.Contains(p, "DDT 12/2026  "+string(rune('1'+i))+"/4\n") {
			t.Errorf("page %d:\n%s", i+1, p)
		}
		rows += strings.Count(p, "  x\n")
	}
	if rows != 200 {
		t.Errorf("%d rows of 200", rows)
	}
}

// Nothing that is printed runs over the edge or is lost, whatever the width.
func TestNothingLost(t *testing.T) {
	t.Parallel()
	const text = "una parola lunghissimissimissimissimissimissimissima e poi altre"
	for _, m := range []Medium{Roll80, Roll58} {
		var d Document
		d.Text(0, text)
		d.Row(0, Cell{Text: text}, Cell{Text: "1", Width: 10, Right: true}, Cell{Text: text})
		d.Row(0, Cell{Text: text, Width: 40}, Cell{Text: text, Width: 40}) // no room: below each other
		all := strings.Join(strings.Fields(d.Plain(m)), "")
		for _, r := range "unaparolghismetlx" {
			want := 5 * strings.Count(text, string(r))
			if got := strings.Count(all, string(r)); got != want {
				t.Errorf("%d columns: %q %d times, not %d", m.Columns(), r, got, want)
			}
		}
	}
}

func TestFold(t *testing.T) {
	t.Parallel()
	if len(extended) != 0x80 {
		t.Fatalf("the letters of Latin Extended-A are %d", len(extended))
	}
	for text, want := range map[string]string{
		"perché è così, più à la carte": "perché è così, più à la carte",
		"perche\u0301 cos\u0131\u0300":  "perché così",
		"Žluťoučký kůň, Łódź, Işık":     "Zlutoucký kun, Lódz, Isik",
		"“10 €” – 20 £…":                `"10 €" - 20 £...`,
		"a\u00a0b\tc\u200bd\u00ade":     "a b cde",
		"\x1b@\x00\x07\x1dV\u009bA\r\n": "@VA\n",
		"東京 Ω":                          "?? ?",
		"Œuvre ½ × ß":                   "OEuvre ½ × ß",
		"a\u0323":                       "a",
		"\u0301x":                       "x",
	} {
		if got := fold(text); got != want {
			t.Errorf("%q: %q, not %q", text, got, want)
		}
	}
}

// The code page is the one that everybody else knows, and so is WinAnsi.
func TestCodePages(t *testing.T) {
	t.Parallel()
	for r := rune(' '); r <= '€'; r++ {
		if !printable(r) {
			continue
		}
		if want, ok := charmap.CodePage858.EncodeRune(r); byte858(r) != want || !ok {
			t.Errorf("%q is %#02x in page 858, not %#02x", r, byte858(r), want)
		}
		if want, ok := charmap.Windows1252.EncodeRune(r); winAnsi(r) != want || !ok {
			t.Errorf("%q is %#02x in WinAnsi, not %#02x", r, winAnsi(r), want)
		}
		if widthsRegular[winAnsi(r)] == 0 || widthsBold[winAnsi(r)] == 0 {
			t.Errorf("%q has no width", r)
		}
	}
}

// Whatever a text says, a printer understands what it is sent, and so does a reader.
func FuzzDocument(f *testing.F) {
	f.Add("Camicia", "59,80", "MI-01.3.417.26", uint8(3))
	f.Add("\x1b@\x1dVA\x00", "\x1d(k", "{B{C123456", uint8(7))
	f.Add("a\nb\n\n", "€€€€", "8001505005479", uint8(0))
	f.Fuzz(func(t *testing.T, left, right, code string, style uint8) {
		var d Document
		d.Title = left
		d.Text(Style(style), left)
		d.Pair(Style(style), left, right)
		d.Heading(Bold, Cell{Text: left, Width: int(style % 30)}, Cell{Text: right}, Cell{Text: code, Width: Fit, Right: true})
		d.Barcode(code)
		d.QR(right)
		d.Cut()
		for _, m := range []Medium{Roll80, Roll58} {
			if printed, err := papertest.Print(d.ESCPOS(m), m.Columns()); err != nil {
				t.Fatalf("%v\n%s", err, printed)
			}
		}
		for _, m := range []Medium{Roll58, A4} {
			if _, err := papertest.Read(d.PDF(m)); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// Symbols of every length are what a printer and a reader make of them.
func TestCode128(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text  string
		width int // modules
	}{
		{"MI-01.3.417.26", 11*16 + 13},
		{"12", 11*3 + 13}, // digits by twos
		{"123456", 11*5 + 13},
		{"12345", 11*6 + 13}, // four of them
		{"A123456", 11*7 + 13},
		{"A1234567", 11*8 + 13}, // the first of seven stays out
		{"A1234B", 11*8 + 13},   // four in the middle are not worth it
		{"{B}", 11*5 + 13},
	} {
		s := code128(c.text)
		if s.modules() != c.width {
			t.Errorf("%s: %d modules, not %d", c.text, s.modules(), c.width)
		}
		if got := unbar(t, s.bars); got != c.text {
			t.Errorf("%s is read as %q", c.text, got)
		}
	}
	for _, text := range []string{"", "è", "a\nb"} {
		if code128(text) != nil {
			t.Errorf("%q has a bar code", text)
		}
	}
}

// unbar reads bars as a scanner does.
func unbar(t *testing.T, bars []byte) (text string) {
	t.Helper()
	var values []int
	for len(bars) > 7 {
		w := ""
		for _, b := range bars[:6] {
			w += string(rune('0' + b))
		}
		values, bars = append(values, slices.Index(widths128[:], w)), bars[6:]
	}
	sum, last := values[0], len(values)-1
	for i, v := range values[:last] {
		sum += i * v
	}
	if sum%103 != values[last] || !bytes.Equal(bars, []byte{2, 3, 3, 1, 1, 1, 2}) {
		t.Errorf("check digit %d, stop %v", values[last], bars)
	}
	c := values[0] == startC
	for _, v := range values[1:last] {
		switch {
		case v == switchC && !c || v == switchB && c:
			c = !c
		case c:
			text += string(rune('0'+v/10)) + string(rune('0'+v%10))
		default:
			text += string(rune(v + ' '))
		}
	}
	return text
}

// What does not fit as bars is a square, and what is too long for that is text alone.
func TestScannable(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		m    Medium
		code string
		want symbolKind
		none bool
	}{
		{m: Roll58, code: "MI-01.3.417.26", want: symbol128},
		{m: Roll58, code: "G.MI-01.3.417.26.471100", want: symbolQR},
		{m: Roll80, code: "G.MI-01.3.417.26.471100", want: symbol128},
		{m: Roll80, code: "8001505005479", want: symbolEAN},
		{m: Roll80, code: "8001505005478", want: symbol128}, // a wrong check digit is no EAN
		{m: Roll80, code: "perché", want: symbolQR},
		{m: Roll80, code: strings.Repeat("x", 213), want: symbolQR},
		{m: Roll80, code: strings.Repeat("x", 214), none: true},
		{m: Roll80, code: "", none: true},
	} {
		s := scannable(c.m, c.code)
		if (s == nil) != c.none || s != nil && s.kind != c.want {
			t.Errorf("%q on %d columns: %+v", c.code, c.m.Columns(), s)
		}
	}
}
