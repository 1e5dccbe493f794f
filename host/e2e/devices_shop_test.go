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
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
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

// oneOf has as many tabs as there are sell the same at once, and answers the one sale.
func (c *counterTest) oneOf(tabs int, in object) (document string) {
	c.t.Helper()
	body := in.json(c.t)
	var all sync.WaitGroup
	won := make(chan known, tabs)
	for tab := range tabs {
		all.Go(func() {
			out, err := post(c.t.Context(), c.host.base, "till.close", fmt.Sprint("tab", tab), body)
			refusal, ok := errors.AsType[*problem](err)
			var r known
			switch {
			case err == nil && json.Unmarshal(out, &r) == nil:
				won <- r
			case !ok || refusal.Reason != "payment_state":
				c.t.Errorf("tab %d: %v", tab, err)
			}
		})
	}
	all.Wait()
	if len(won) != 1 {
		c.t.Fatalf("%d tabs have sold by one authorisation", len(won))
	}
	return (<-won).ID
}
