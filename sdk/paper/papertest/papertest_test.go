package papertest

import (
	"strings"
	"testing"
)

// What a printer would not understand, or print over its edge, is refused.
func TestPrintRefuses(t *testing.T) {
	t.Parallel()
	for data, want := range map[string]string{
		"a":                                   "does not end",
		"\x00":                                "control character",
		"\x80\n":                              "code page 0",
		"\x1b":                                ErrEnd.Error(),
		"\x1bx0":                              "ESC",
		"\x1dx0":                              "GS",
		"\x1d!\x11":                           "of size",
		"12345678901\n":                       "longer than the paper",
		"\x1dk\x49\x03{Bé":                    "means nothing",
		"\x1dk\x49\x0112":                     "means nothing",
		"\x1dk\x43\x0d123":                    ErrEnd.Error(),
		"\x1dk\x43\x0312a\n":                  "no EAN-13",
		"a\x1dk\x49\x03{BA\n":                 "line of its own",
		"\x1dw\x04\x1dk\x49\x03{BA\n":         "wider than the paper",
		"\x1d(k\x03\x001\x63\x00":             "function 99",
		"\x1d(k\x03\x00":                      ErrEnd.Error(),
		"\x1b@\x1bt\x13\x1bM\x01\xd5 12,00\n": "font 1",
	} {
		if out, err := Print([]byte(data), 10); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want something of %q; printed\n%s", data, err, want, out)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	for data, want := range map[string]string{
		"":                                  "no PDF",
		"%PDF-1.4\n":                        "no PDF",
		"%PDF-1.4\n\nstartxref\n3\n%%EOF\n": "where the table is",
		"%PDF-1.4\nxref\n0 2\n\nstartxref\n9\n%%EOF\n":                    "object 1 is not where",
		"%PDF-1.4\nxref\n0 1\n0000000000 65535 f \nstartxref\n9\n%%EOF\n": "is not among the pages",
	} {
		if _, err := Read([]byte(data)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want something of %q", data, err, want)
		}
	}
}

// Whatever comes, the printer and the reader say so and stand.
func FuzzRead(f *testing.F) {
	f.Add([]byte("\x1b@\x1bt\x13A\x1d!\x01\n\x1dk\x49\x04{B{{\n\x1d(k\x03\x001Q0\n\x1dVB\x00"))
	f.Add([]byte("%PDF-1.4\n1 0 obj\n<</Length 3>>stream\nf\nendstream\nendobj\nxref\n0 2\n0000000000 65535 f \n0000000009 00000 n \ntrailer\nstartxref\n61\n%%EOF\n"))
	f.Fuzz(func(_ *testing.T, data []byte) {
		_, _ = Print(data, 12)
		_, _ = Read(data)
	})
}
