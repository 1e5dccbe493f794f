package devices

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestDevices plays testdata/*.txt: what a driver asks, and below each line what the devices
// answer. A line that begins with # begins with devices that have done nothing. -update writes it.
func TestDevices(t *testing.T) {
	t.Parallel()
	const path = "testdata/devices.txt"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	var c *bench
	for lines := bufio.NewScanner(strings.NewReader(string(text))); lines.Scan(); {
		l := lines.Text()
		switch {
		case strings.HasPrefix(l, "# "):
			c = open(t)
			fallthrough
		case l == "":
			fmt.Fprintln(&out, l)
		case strings.HasPrefix(l, "> "):
			fmt.Fprintf(&out, "%s\n  %s\n", l, c.ask(strings.Fields(l[2:])))
		}
	}
	if os.Getenv("BOTTEGA_UPDATE") != "" {
		if err := os.WriteFile(path, []byte(out.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if out.String() != string(text) {
		t.Errorf("%s happens otherwise:\n%s", path, out.String())
	}
}

// bench is devices that answer, and their file.
type bench struct {
	t      *testing.T
	path   string
	server *httptest.Server
}

func open(t *testing.T) *bench {
	b := &bench{t: t, path: filepath.Join(t.TempDir(), StateFile)}
	b.plugIn()
	t.Cleanup(func() { b.server.Close() })
	return b
}

func (b *bench) plugIn() {
	d, err := Open(b.path, func() time.Time { return time.UnixMilli(1_795_277_220_000) })
	if err != nil {
		b.t.Fatal(err)
	}
	b.server = httptest.NewServer(d)
}

// ask reads "authorise P1 39.90", "status P1", "refund R1 1.00 of P1", "print D1 3.33",
// "close Z1", "fault paper", "mend", "restart".
func (b *bench) ask(w []string) string {
	f, path, method := url.Values{}, "", http.MethodPost
	switch w[0] {
	case "restart":
		b.server.Close()
		b.plugIn()
		return "on again"
	case "fault":
		return b.send(http.MethodPost, "/faults", fmt.Sprintf(`{"fault":%q}`, w[1]))
	case "mend":
		return b.send(http.MethodDelete, "/faults", "")
	case "status":
		path, method = "/terminals/T1/payments/"+w[1], http.MethodGet
	case "print":
		path = "/printers/P1/documents/" + w[1]
		f.Set("total", cents(w[2]))
		f.Set("line_amount", cents(w[2]))
		f.Set("kind", "sale")
		for _, more := range w[3:] {
			name, value, _ := strings.Cut(more, "=")
			f.Set(name, value)
		}
	case "close":
		path = "/printers/P1/closes/" + w[1]
	default:
		path = "/terminals/T1/payments/" + w[1] + "/" + w[0]
		f.Set("amount", cents(w[2]))
		if len(w) > 4 {
			f.Set("original", w[4])
		}
	}
	return b.send(method, path, f.Encode())
}

func cents(text string) string { return strings.ReplaceAll(text, ".", "") }

func (b *bench) send(method, path, body string) string {
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.server.URL+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := b.server.Client().Do(req)
	if errors.Is(err, io.EOF) {
		return "no answer"
	}
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	said, _ := url.QueryUnescape(strings.Join(strings.Fields(string(text)), " "))
	return fmt.Sprint(res.StatusCode, " ", said)
}

// TestCertificate: it is made once, for the devices' name alone.
func TestCertificate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, err := Certificate(dir, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	again, err := Certificate(dir, time.Now())
	if err != nil || string(first.Certificate[0]) != string(again.Certificate[0]) {
		t.Errorf("made again: %v", err)
	}
	if err := first.Leaf.VerifyHostname(Host); err != nil {
		t.Error(err)
	}
	if err := first.Leaf.VerifyHostname("bottega.example"); err == nil {
		t.Error("it is good for others")
	}
}
