package e2e

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/host/cmd/bottega/devices"
	"github.com/bottega-retail/bottega/host/e2e/making"
)

// counterTest is a shop with a card terminal and a fiscal device: the real binary, real
// modules, and the simulated devices in a process of their own, which outlives the host.
type counterTest struct {
	t       *testing.T
	built   built
	dir     string
	host    *process
	devices *exec.Cmd
	at      string           // address of the devices
	seen    uint64           // position of the last event that was looked at
	latest  map[string]known // by id of the payment, or of the document
	keys    int
}

// openCounter opens it. Effects are tried again at once.
func openCounter(t *testing.T) *counterTest {
	t.Helper()
	t.Setenv("BOTTEGA_RETRIES", "5ms,10ms,20ms,40ms")
	c := &counterTest{t: t, built: binaries(t), dir: t.TempDir(), latest: map[string]known{}}
	m, err := bench()
	if err != nil {
		t.Fatal(err)
	}
	plugins, err := m.Modules("devices", "--check", "./plugins/simterminal", "./plugins/simprinter")
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	err = errors.Join(making.Link(c.built.modules, folder, "catalog", "pricing", "stock", "till"), making.Link(plugins, folder, "simterminal", "simprinter"))
	if err != nil {
		t.Fatal(err)
	}
	c.built.modules = folder
	settings := filepath.Join(c.dir, "settings")
	filled := `{"devices":[{"terminal":"simterminal","fiscal":"simprinter","integrated":true}],"device_retry":0}`
	if err := errors.Join(os.Mkdir(settings, 0o700), os.WriteFile(filepath.Join(settings, "till.json"), []byte(filled), 0o600)); err != nil {
		t.Fatal(err)
	}
	c.plugIn()
	c.powerOn()
	stock(t, c.host)
	return c
}

// plugIn starts the devices.
func (c *counterTest) plugIn() {
	c.t.Helper()
	folder := filepath.Join(c.dir, "devices")
	cmd := exec.Command(c.built.binary, "devices", "--dir", folder, "--address", c.address())
	out, err := cmd.StdoutPipe()
	if err != nil {
		c.t.Fatal(err)
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	c.devices = cmd
	c.t.Cleanup(c.plugOut(cmd))
	lines := bufio.NewScanner(out)
	if !lines.Scan() || !strings.HasPrefix(lines.Text(), "simulated devices") {
		c.t.Fatalf("the devices did not start: %s", lines.Text())
	}
	go func() { _, _ = io.Copy(io.Discard, out) }() // what they say later is nobody's
	at, err := os.ReadFile(filepath.Join(folder, devices.AddressFile))
	if err != nil {
		c.t.Fatal(err)
	}
	c.at = string(at)
}

// address is where the devices were, so that a host finds them again.
func (c *counterTest) address() string {
	if c.at == "" {
		return "127.0.0.1:0"
	}
	return c.at
}

// plugOut takes the current from devices, once.
func (c *counterTest) plugOut(cmd *exec.Cmd) func() {
	return func() {
		if cmd.ProcessState == nil {
			_ = cmd.Process.Kill()
			_ = cmd.Wait() // a killed process ends with an error
		}
	}
}

func (c *counterTest) powerOn() {
	c.t.Helper()
	c.host, _ = serve(c.t, c.built, filepath.Join(c.dir, "host"), "--set", "*", "--address", "127.0.0.1:0",
		"--settings", filepath.Join(c.dir, "settings"), "--devices", filepath.Join(c.dir, "devices"))
}

// powerCut kills the host where it stands, and starts it again.
func (c *counterTest) powerCut() {
	c.t.Helper()
	if err := c.host.cmd.Process.Kill(); err != nil {
		c.t.Fatal(err)
	}
	<-c.host.exited
	c.powerOn()
}

// device asks the simulated devices.
func (c *counterTest) device(method, path, body string, into any) {
	c.t.Helper()
	insecure := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}} // our own, by its address
	req, err := http.NewRequestWithContext(c.t.Context(), method, "https://"+c.at+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	res, err := insecure.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		c.t.Fatalf("%s %s: %d %s %v", method, path, res.StatusCode, text, err)
	}
	if into == nil {
		return
	}
	if err := json.Unmarshal(text, into); err != nil {
		c.t.Fatal(err)
	}
}

func (c *counterTest) fault(device, action, fault string) {
	c.t.Helper()
	c.device("POST", "/faults", string(object{"device": device, "action": action, "fault": fault}.json(c.t)), nil)
}

func (c *counterTest) mend() { c.device("DELETE", "/faults", "", nil) }

func (c *counterTest) state() (s devices.State) {
	c.device("GET", "/state", "", &s)
	return s
}

// known is what an event tells of a payment or a document.
type known struct {
	ID, Document, State, Trouble, Action string
	Fiscal                               *struct {
		Serial    string
		Z, Number int64
	}
}

// name is that of the payment, or of the document.
func (k *known) name() string {
	if k.ID != "" {
		return k.ID
	}
	return k.Document
}

// until waits until something that is known is what is waited for: of all that there is, or
// of what comes.
func (c *counterTest) until(what string, is func(known) bool) known {
	c.t.Helper()
	for _, k := range c.latest {
		if is(k) {
			return k
		}
	}
	return c.read(what, is)
}

// read reads the log of events on.
func (c *counterTest) read(what string, is func(known) bool) known {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), time.Minute)
	defer cancel()
	url := fmt.Sprintf("%s/v1/host/events/stream?types=till.payment_changed,till.fiscal_changed&after=%d", c.host.base, c.seen)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(asOwner(req))
	if err != nil {
		c.t.Fatalf("%s: %v", what, err)
	}
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 1<<20)
	var told []string
	for lines.Scan() {
		data, ok := bytes.CutPrefix(lines.Bytes(), []byte("data:"))
		if !ok {
			continue
		}
		var e struct {
			Position uint64
			Data     known
		}
		if err := json.Unmarshal(data, &e); err != nil {
			c.t.Fatalf("%v: %s", err, data)
		}
		c.seen = e.Position
		told = append(told, string(data))
		c.latest[e.Data.name()] = e.Data
		if is(e.Data) {
			return e.Data
		}
	}
	c.t.Fatalf("waited for %s, and was told %s\n%s", what, strings.Join(told, "\n"), c.host.stderr)
	return known{}
}

// becomes waits until a payment, or a document, is in a state, with a trouble or without.
func (c *counterTest) becomes(id, state, trouble string) known {
	c.t.Helper()
	return c.until(id+" "+state+" "+trouble, func(k known) bool {
		return k.name() == id && k.State == state && k.Trouble == trouble
	})
}

// authorise asks the terminal of till 1 for an amount.
func (c *counterTest) authorise(amount int) (payment string) {
	c.t.Helper()
	c.keys++
	var p known
	in := object{"store": "S1", "till": "1", "key": fmt.Sprint("k", c.keys), "amount": amount, "currency": "EUR"}
	read(c.t, c.host.must(c.t, "till.authorise", fmt.Sprint("a", c.keys), in), &p)
	return p.ID
}

// sells sells one shirt, or what else costs the amount, by a payment.
func (c *counterTest) sale(sku string, amount int, payment string) object {
	return object{
		"store": "S1", "till": "1", "cashier": "c", "lines": []object{{"sku": sku, "quantity": 1}},
		"tenders": []object{{"type": "card", "amount": amount, "payment": payment}},
	}
}

func (c *counterTest) sells(sku string, amount int, payment string) (document string) {
	c.t.Helper()
	c.keys++
	var r known
	read(c.t, c.host.must(c.t, "till.close", fmt.Sprint("s", c.keys), c.sale(sku, amount, payment)), &r)
	return r.ID
}

// TestTerminalAndFiscalDevice: each break at a counter ends right. A shirt costs 39.90.
func TestTerminalAndFiscalDevice(t *testing.T) {
	c := openCounter(t)
	const till = "S1-1"

	// As it should be: authorised, sold, captured, printed; the number stands beside the receipt.
	p := c.authorise(3990)
	c.becomes(p, "authorised", "")
	sale := c.sells("SHIRT-M", 3990, p)
	c.becomes(p, "captured", "")
	c.becomesFiscal(sale, 1, 1)

	// The power is cut after the terminal has authorised and before anybody hears of it: when
	// it is back the payment is there, charged once, and pays for the shirt.
	c.fault(till, "payments", "lose_answer")
	c.fault(till, "payments", "lose_answer")
	p = c.authorise(3990)
	c.powerCut()
	c.becomes(p, "authorised", "")
	sale = c.sells("SHIRT-L", 3990, p)
	c.becomes(p, "captured", "")
	c.becomesFiscal(sale, 1, 2)
	c.mend()

	// The terminal refuses: nothing is sold by it.
	c.fault(till, "payments", "declined")
	p = c.authorise(3990)
	c.becomes(p, "refused", "declined")
	mustRefuse(t, c.host, "till.close", "no", c.sale("SHIRT-M", 3990, p), "payment_state")
	mustRefuse(t, c.host, "till.close", "none", c.sale("SHIRT-M", 3990, ""), "no_payment")

	// The printer has no paper: the sale stands, the screen lists it, and with paper it is printed.
	p = c.authorise(3990)
	c.becomes(p, "authorised", "")
	c.fault(till, "documents", "paper")
	sale = c.sells("SHIRT-M", 3990, p)
	c.becomes(sale, "stuck", "paper")
	if jobs := string(c.host.must(t, "till.fiscal_jobs", "", object{"store": "S1"})); !strings.Contains(jobs, sale) || !strings.Contains(jobs, `"paper"`) {
		t.Errorf("not listed: %s", jobs)
	}
	c.mend()
	c.host.must(t, "till.print_again", "again", object{"document": sale})
	c.becomesFiscal(sale, 1, 3)

	// Capture and print are done, and the line is dead before anybody hears of it: neither
	// happens twice.
	p = c.authorise(3990)
	c.becomes(p, "authorised", "")
	for range 3 {
		c.fault(till, "capture", "lose_answer")
		c.fault(till, "documents", "lose_answer")
	}
	sale = c.sells("SHIRT-M", 3990, p)
	c.becomes(p, "taken", "offline")
	c.becomes(sale, "stuck", "offline")
	c.host.must(t, "till.ask_again", "ask", object{"payment": p})
	c.becomes(p, "captured", "")
	c.host.must(t, "till.print_again", "print", object{"document": sale})
	c.becomesFiscal(sale, 1, 4)

	// The devices are switched off and on: they go on where they were. The customer brings the
	// shirt back, and is refunded by the terminal; the return cites what was printed.
	c.plugOut(c.devices)()
	c.plugIn()
	var back known
	read(t, c.host.must(t, "till.return", "back", object{
		"receipt": sale, "store": "S1", "till": "1", "cashier": "c", "reason": "size", "lines": []object{{"line": "1", "quantity": 1}},
	}), &back)
	c.becomesFiscal(back.ID, 1, 5)

	// The day is closed: the device closes its own.
	c.host.must(t, "till.close_day", "z", object{"store": "S1", "cashier": "c"})
	c.becomesFiscal("S1/1/Z1", 1, 0)
	c.until("the refund", func(k known) bool { return k.State == "refunded" })
	c.reconcile()
}

// mustRefuse calls an operation that must be refused for a reason.
func mustRefuse(t *testing.T, p *process, operation, key string, in object, reason string) {
	t.Helper()
	_, err := post(t.Context(), p.base, operation, key, in.json(t))
	if refusal, ok := errors.AsType[*problem](err); !ok || refusal.Reason != reason {
		t.Errorf("%s: %v, want %s", operation, err, reason)
	}
}

// becomesFiscal waits for the number of a document.
func (c *counterTest) becomesFiscal(document string, z, number int64) {
	c.t.Helper()
	k := c.becomes(document, "fiscalised", "")
	if k.Fiscal == nil || k.Fiscal.Z != z || k.Fiscal.Number != number {
		c.t.Errorf("%s is fiscalised as %+v, want %d-%d", document, k.Fiscal, z, number)
	}
	if strings.Contains(document, "/Z") {
		return
	}
	var shown known
	read(c.t, c.host.must(c.t, "till.receipt", "", object{"receipt": document}), &shown)
	if shown.Fiscal == nil || *shown.Fiscal != *k.Fiscal {
		c.t.Errorf("%s shows %+v, want %+v", document, shown.Fiscal, k.Fiscal)
	}
}

// reconcile: what the terminal has taken is what documents say of cards, nothing is held or
// open, and the device has printed every document once, with its total.
func (c *counterTest) reconcile() {
	c.t.Helper()
	for operation, list := range map[string]string{"till.payments": `{"payments":[]}`, "till.fiscal_jobs": `{"jobs":[]}`} {
		if open := strings.TrimSpace(string(c.host.must(c.t, operation, "", object{"store": "S1"}))); open != list {
			c.t.Errorf("%s: %s", operation, open)
		}
	}
	var page struct{ Receipts []struct{ ID string } }
	read(c.t, c.host.must(c.t, "till.receipts", "", object{"store": "S1", "limit": 200}), &page)
	var cards int64
	totals := map[string]int64{}
	for _, r := range page.Receipts {
		var doc struct {
			Total   int64
			Tenders []struct {
				Type   string
				Amount int64
			}
		}
		read(c.t, c.host.must(c.t, "till.receipt", "", object{"receipt": r.ID}), &doc)
		totals[r.ID] = doc.Total
		for _, t := range doc.Tenders {
			if t.Type == "card" {
				cards += t.Amount
			}
		}
	}
	s := c.state()
	terminal, printer := s.Terminals["S1-1"], s.Printers["S1-1"]
	if terminal.Captured() != cards || terminal.Held() != 0 {
		c.t.Errorf("the terminal has taken %d and holds %d; documents say %d", terminal.Captured(), terminal.Held(), cards)
	}
	for _, d := range printer.Documents {
		total, ok := totals[d.Job]
		if !ok || total != d.Total {
			c.t.Errorf("%s was printed with %d, twice or not as it is (%d)", d.Job, d.Total, total)
		}
		delete(totals, d.Job)
	}
	if len(totals) > 0 {
		c.t.Errorf("never printed: %v", totals)
	}
}

// TestDevicesAndPowerFailAtRandom sells at a counter where requests and answers are lost,
// the paper runs out, the terminal refuses and the power is cut. When all that ends, money
// and paper are what the documents say, each once.
func TestDevicesAndPowerFailAtRandom(t *testing.T) {
	c := openCounter(t)
	r := rand.New(rand.NewPCG(5, 1))
	faults := []string{"lose_answer", "lose_asking", "declined", "paper", "lose_answer", "lose_asking"}
	var sold []string
	for round := range 16 {
		if r.IntN(2) == 0 {
			c.fault("", "", faults[r.IntN(len(faults))])
		}
		p := c.authorise(3990)
		if round == 4 {
			c.powerCut()
		}
		k := c.until("an answer", func(k known) bool { return k.ID == p && k.State != "asked" })
		if k.State == "unknown" {
			c.mend()
			c.host.must(t, "till.ask_again", fmt.Sprint("q", round), object{"payment": p})
			k = c.until("another answer", func(k known) bool { return k.ID == p && k.State != "unknown" })
		}
		if k.State != "authorised" {
			continue
		}
		sold = append(sold, c.sells([]string{"SHIRT-M", "SHIRT-L"}[round%2], 3990, p))
		if round == 11 {
			c.powerCut()
		}
		if n := len(sold); r.IntN(4) == 0 {
			c.host.must(t, "till.void", fmt.Sprint("v", round), object{"receipt": sold[n-1], "cashier": "c", "reason": "wrong"})
			sold = sold[:n-1]
		}
	}
	c.mend()
	c.settle()
	c.reconcile()
}

// settle asks the devices again for everything that is in trouble, until nothing is open.
func (c *counterTest) settle() {
	c.t.Helper()
	for {
		var open struct {
			Payments, Jobs []known
		}
		read(c.t, c.host.must(c.t, "till.payments", "", object{"store": "S1"}), &open)
		read(c.t, c.host.must(c.t, "till.fiscal_jobs", "", object{"store": "S1"}), &open)
		if len(open.Payments)+len(open.Jobs) == 0 {
			return
		}
		for _, p := range open.Payments {
			if p.Trouble != "" {
				c.keys++
				c.host.must(c.t, "till.ask_again", fmt.Sprint("x", c.keys), object{"payment": p.ID})
			}
		}
		for _, j := range open.Jobs {
			if j.Trouble != "" {
				c.keys++
				c.host.must(c.t, "till.print_again", fmt.Sprint("x", c.keys), object{"document": j.Document})
			}
		}
		c.read("more news", func(known) bool { return true })
	}
}
