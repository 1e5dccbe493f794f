package rest

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/host/internal/kernel"
)

// counted counts the bytes that the server reads.
type counted struct {
	net.Listener
	read atomic.Int64
}

type countedConn struct {
	net.Conn
	read *atomic.Int64
}

func (l *counted) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	return countedConn{c, &l.read}, err
}

func (c countedConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.read.Add(int64(n))
	return n, err
}

// serve runs a server on a free port until the test ends, with its limits as
// they are but for what change changes.
func serve(t *testing.T, change func(*http.Server)) (*counted, *atomic.Int64) {
	t.Helper()
	var runs atomic.Int64
	f := newFake(t)
	f.run = func(context.Context, kernel.Call) (kernel.Result, error) {
		runs.Add(1)
		return sold, nil
	}
	s, err := New(Config{Tenant: "demo", Operations: f})
	if err != nil {
		t.Fatal(err)
	}
	l := &counted{Listener: listen(t)}
	server := s.server()
	if change != nil {
		change(server)
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close(); <-done })
	return l, &runs
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func dial(t *testing.T, l net.Listener) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.SetDeadline(time.Now().Add(20 * time.Second)); err != nil { // the test's own patience
		t.Fatal(err)
	}
	return c
}

// head begins a sale on a connection of its own.
const head = "POST /v1/shop/sell HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nIdempotency-Key: k\r\n"

// readStatus reads the status of one answer and says whether the connection was
// closed behind it.
func readStatus(t *testing.T, c net.Conn) (status int, closed bool) {
	t.Helper()
	r, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatalf("no answer: %v", err)
	}
	defer r.Body.Close()
	_, _ = io.Copy(io.Discard, r.Body)
	return r.StatusCode, r.Close
}

// endless sends chunks until it is stopped or has sent limit bytes.
func endless(c net.Conn, limit int) {
	chunk := []byte("10000\r\n" + strings.Repeat(" ", 0x10000) + "\r\n")
	for sent := 0; sent < limit; sent += len(chunk) {
		if _, err := c.Write(chunk); err != nil {
			return
		}
	}
}

func TestH01EndlessBody(t *testing.T) {
	t.Parallel()
	l, runs := serve(t, nil)
	c := dial(t, l)
	if _, err := io.WriteString(c, head+"Transfer-Encoding: chunked\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	go endless(c, 64<<20)
	if status, closed := readStatus(t, c); status != http.StatusRequestEntityTooLarge || !closed {
		t.Errorf("%d, closed %v; want 413 and closed", status, closed)
	}
	if read := l.read.Load(); read > maxBody+64<<10 {
		t.Errorf("%d bytes read, want at most the limit and 64 KiB", read)
	}
	if runs.Load() != 0 {
		t.Error("the kernel ran")
	}
}

func TestH01DeclaredBody(t *testing.T) {
	t.Parallel()
	l, _ := serve(t, nil)
	c := dial(t, l)
	if _, err := io.WriteString(c, head+"Content-Length: 1048577\r\n\r\n{"); err != nil {
		t.Fatal(err)
	}
	if status, closed := readStatus(t, c); status != http.StatusRequestEntityTooLarge || !closed {
		t.Errorf("%d, closed %v; want 413 and closed", status, closed)
	}
	if read := l.read.Load(); read > 64<<10 {
		t.Errorf("%d bytes read of a body that is refused by its length", read)
	}
}

func TestH01LargestBody(t *testing.T) {
	t.Parallel()
	l, runs := serve(t, nil)
	c := dial(t, l)
	body := `{"paid":1` + strings.Repeat(" ", maxBody-len(`{"paid":1}`)) + `}`
	if _, err := io.WriteString(c, head+"Content-Length: 1048576\r\n\r\n"+body); err != nil {
		t.Fatal(err)
	}
	if status, closed := readStatus(t, c); status != http.StatusOK || closed || runs.Load() != 1 {
		t.Errorf("%d, closed %v, %d runs", status, closed, runs.Load())
	}
}

func TestH02Headers(t *testing.T) {
	t.Parallel()
	for name, fields := range map[string]string{
		"2 MiB in one field": "X: " + strings.Repeat("x", 2<<20) + "\r\n",
		"10,000 fields":      strings.Repeat("a:b\r\n", 10_000),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, runs := serve(t, nil)
			c := dial(t, l)
			go func() { _, _ = io.WriteString(c, head+fields+"Content-Length: 2\r\n\r\n{}") }()
			if status, closed := readStatus(t, c); status != http.StatusRequestHeaderFieldsTooLarge || !closed || runs.Load() != 0 {
				t.Errorf("%d, closed %v, %d runs; want 431 and closed", status, closed, runs.Load())
			}
		})
	}
}

// A client that never finishes its headers, and one that is idle, lose their
// connection.
func TestH02H03SlowAndIdleAreClosed(t *testing.T) {
	t.Parallel()
	defaults := (&Server{config: Config{}.withDefaults()}).server()
	if defaults.ReadHeaderTimeout != 5*time.Second || defaults.IdleTimeout > time.Minute || defaults.ReadTimeout == 0 || defaults.WriteTimeout == 0 {
		t.Errorf("timeouts %+v", defaults)
	}
	impatient, _ := serve(t, func(s *http.Server) { s.ReadHeaderTimeout = 20 * time.Millisecond })
	slow := dial(t, impatient)
	if _, err := io.WriteString(slow, "POST /v1/shop/sell HT"); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(slow); err != nil {
		t.Errorf("the slow one is not closed: %v", err)
	}
	l, _ := serve(t, func(s *http.Server) { s.IdleTimeout = 20 * time.Millisecond })
	idle := dial(t, l)
	if _, err := io.WriteString(idle, head+"Content-Length: 2\r\n\r\n{}"); err != nil {
		t.Fatal(err)
	}
	if status, _ := readStatus(t, idle); status != http.StatusOK {
		t.Errorf("status %d", status)
	}
	if _, err := io.ReadAll(idle); err != nil {
		t.Errorf("the idle one is not closed: %v", err)
	}
}

func TestH03IdleConnectionsHoldNobodyUp(t *testing.T) {
	t.Parallel()
	l, _ := serve(t, nil)
	for range 400 {
		dial(t, l)
	}
	c := dial(t, l)
	if _, err := io.WriteString(c, head+"Content-Length: 2\r\n\r\n{}"); err != nil {
		t.Fatal(err)
	}
	if status, _ := readStatus(t, c); status != http.StatusOK {
		t.Errorf("status %d", status)
	}
}

// What net/http refuses by itself; nothing reaches the kernel.
func TestH04H05MalformedRequests(t *testing.T) {
	t.Parallel()
	for name, request := range map[string]string{
		"two lengths":             head + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} ",
		"negative length":         head + "Content-Length: -2\r\n\r\n{}",
		"length with a plus":      head + "Content-Length: +2\r\n\r\n{}",
		"two transfer encodings":  head + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"unknown encoding":        head + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
		"space before the colon":  head + "Content-Length : 2\r\n\r\n{}",
		"NUL in a field":          head + "X: a\x00b\r\nContent-Length: 2\r\n\r\n{}",
		"no Host":                 "POST /v1/shop/sell HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}",
		"two Hosts":               head + "Host: evil.example\r\nContent-Length: 2\r\n\r\n{}",
		"chunk that is no number": head + "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
		"HTTP/2 with prior knowledge": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" +
			"\x00\x00\x00\x04\x00\x00\x00\x00\x00",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, runs := serve(t, nil)
			c := dial(t, l)
			if _, err := io.WriteString(c, request); err != nil {
				t.Fatal(err)
			}
			if status, _ := readStatus(t, c); status/100 != 4 && status/100 != 5 || runs.Load() != 0 {
				t.Errorf("%d, %d runs", status, runs.Load())
			}
		})
	}
}

// A body that is cut off must not run as if it were whole.
func TestCutBody(t *testing.T) {
	t.Parallel()
	l, runs := serve(t, nil)
	c := dial(t, l)
	if _, err := io.WriteString(c, head+"Content-Length: 40\r\n\r\n{\"paid\":1}"); err != nil {
		t.Fatal(err)
	}
	if err := c.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if status, _ := readStatus(t, c); status != http.StatusBadRequest || runs.Load() != 0 {
		t.Errorf("%d, %d runs", status, runs.Load())
	}
}

func TestCheckLoopback(t *testing.T) {
	t.Parallel()
	for address, ok := range map[string]bool{
		"127.0.0.1:8080": true, "127.8.9.1:0": true, "localhost:8080": true, "[::1]:8080": true, "[::ffff:127.0.0.1]:80": true,
		":8080": false, "0.0.0.0:8080": false, "[::]:8080": false, "192.168.1.5:8080": false, "bottega.example:80": false,
		"localhost.evil.example:80": false, "127.0.0.1": false, "": false,
	} {
		err := CheckLoopback(address)
		if (err == nil) != ok {
			t.Errorf("%q: %v", address, err)
		}
		if err != nil && !strings.Contains(err.Error(), "listen on") {
			t.Errorf("%q: %v does not say what was refused", address, err)
		}
	}
}

// open is a listener that says it is open to everybody.
type open struct{ net.Listener }

func (open) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4zero, Port: 80} }

func TestServeRefusesAnOpenListener(t *testing.T) {
	t.Parallel()
	s, _ := newServer(t, Config{Operations: newFake(t)})
	l := listen(t)
	if err := s.Serve(t.Context(), open{l}); err == nil || !strings.Contains(err.Error(), "speaks no TLS yet") {
		t.Errorf("got %v", err)
	}
	if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Error("the listener stays open")
	}
}

// blocked is a kernel that says when it runs and answers when it may.
type blocked struct{ running, release chan struct{} }

func (b blocked) run(context.Context, kernel.Call) (kernel.Result, error) {
	close(b.running)
	<-b.release
	return sold, nil
}

// sell posts one sale and sends what came back.
func sell(l net.Listener) <-chan string {
	answers := make(chan string, 1)
	go func() {
		r, err := http.NewRequest(http.MethodPost, "http://"+l.Addr().String()+"/v1/shop/sell", strings.NewReader(`{}`))
		if err != nil {
			answers <- err.Error()
			return
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", "k")
		res, err := new(http.Client).Do(r)
		if err != nil {
			answers <- "error: " + err.Error()
			return
		}
		defer res.Body.Close()
		answers <- res.Status
	}()
	return answers
}

// stopping is a server that was told to stop in the middle of a sale.
type stopping struct {
	*Server
	sale     blocked
	log      *bytes.Buffer
	served   chan error    // what Serve answered
	answered <-chan string // what the sale got
}

func stopAmidSale(t *testing.T, c Config) stopping {
	t.Helper()
	s := stopping{sale: blocked{make(chan struct{}), make(chan struct{})}, served: make(chan error, 1)}
	f := newFake(t)
	f.run = s.sale.run
	c.Operations = f
	s.Server, s.log = newServer(t, c)
	l := listen(t)
	ctx, stop := context.WithCancel(t.Context())
	go func() { s.served <- s.Serve(ctx, l) }()
	s.answered = sell(l)
	<-s.sale.running
	stop()
	return s
}

func TestServeDrains(t *testing.T) {
	t.Parallel()
	s := stopAmidSale(t, Config{Notice: time.Millisecond})
	for !s.draining.Load() {
		runtime.Gosched()
	}
	if body, header := answer(s.Server, scenario{}); !strings.Contains(body, `"reason":"stopping"`) || header.Get("Retry-After") == "" || header.Get("Connection") != "close" {
		t.Errorf("new work while draining: %s", body)
	}
	close(s.sale.release)
	if got := <-s.answered; got != "200 OK" {
		t.Errorf("the running sale got %s", got)
	}
	if err := <-s.served; err != nil {
		t.Errorf("serve: %v", err)
	}
	if !bytes.Contains(s.log.Bytes(), []byte("NO LOGIN YET")) {
		t.Errorf("nothing loud in %s", s.log)
	}
}

func TestServeGivesUpOnWhatDoesNotFinish(t *testing.T) {
	t.Parallel()
	s := stopAmidSale(t, Config{Drain: time.Millisecond})
	if err := <-s.served; err == nil || !strings.Contains(err.Error(), "still ran") {
		t.Errorf("serve: %v", err)
	}
	if got := <-s.answered; !strings.HasPrefix(got, "error") {
		t.Errorf("the sale got %s", got)
	}
	close(s.sale.release)
}
