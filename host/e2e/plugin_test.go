package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/host/e2e/making"
	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/host/internal/sandbox/wasmtest"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// TestPlugin runs the first plugin as a retailer would, beside fillers of the
// same slot that are broken: its discount reaches the quote and the receipt,
// each of the others is skipped and named, and the till goes on selling.
func TestPlugin(t *testing.T) {
	t.Parallel()
	p := pluginTest{t: t, built: binaries(t), dir: t.TempDir()}
	p.modules = p.build()
	var receipt string
	p.with(`{"percent":3000,"hours":{"from":"14:00","to":"16:00"},"lines":["basic"]}`, func(h *process) {
		stock(t, h)
		h.must(t, "catalog.put_products", "lines", object{"create_terms": true, "products": []object{
			{"id": "SHIRT-M", "name": "Shirt", "line": "basic", "vat": []object{{"class": "standard"}}, "variants": []object{{"sku": "SHIRT-M"}}},
			{"id": "COAT", "name": "Coat", "line": "luxe", "vat": []object{{"class": "standard"}}, "variants": []object{{"sku": "COAT"}}},
		}})
		p.quotes(h)
	})
	// Without hours it is always quiet, so that a sale need not wait for two.
	p.with(`{"percent":3300,"lines":["basic"]}`, func(h *process) { receipt = p.sells(h) })
	p.with(`{"percent":3000,"hours":{"from":"2 pm","to":"4 pm"},"lines":["basic"]}`, func(h *process) {
		p.quotesWithWrongHours(h)
		p.keeps(h, receipt)
	})
	p.refusesSettings(`{"percent":9001,"lines":["basic"]}`)
}

// pluginTest is one tenant whose host is started again and again with other
// settings.
type pluginTest struct {
	t            *testing.T
	built        built
	modules, dir string
	asked        int // requests that change something
}

// priced is what a quote and a receipt have in common.
type priced struct {
	ID, Token             string
	List, Discount, Total int
	Applied               []applied
	NotApplied            []applied `json:"not_applied"`
	VAT                   []struct{ Gross int }
	Lines                 []struct {
		SKU                   string
		List, Discount, Total int
		Applied               []applied
		UnitShares            []struct{ Amount, Quantity int } `json:"unit_shares"`
	}
}

// applied is what a filler took off, or why it did not.
type applied struct {
	Filler, Reason string
	Amount         int
}

// skipped names the broken fillers as every quote must.
func skipped(more ...applied) []applied {
	for _, b := range brokenFillers() {
		more = append(more, applied{Filler: b.id, Reason: b.reason})
	}
	slices.SortFunc(more, func(a, b applied) int { return strings.Compare(a.Filler, b.Filler) })
	return more
}

// quotes asks around both ends of the hours, on a day on which 14:00 in Rome begins
// to be 13:00 UTC instead of 12:00. It lies ahead: a price holds from when it was put.
func (p *pluginTest) quotes(h *process) {
	p.t.Helper()
	for at, on := range map[string]bool{
		"2099-10-24T11:59:59.999Z": false, "2099-10-24T12:00:00Z": true,
		"2099-10-25T12:59:59.999Z": false, "2099-10-25T13:00:00Z": true, "2099-10-25T14:59:59.999Z": true, "2099-10-25T15:00:00Z": false,
	} {
		off, not := []applied{{"happyhour", "happy_hour", 3591}}, skipped()
		if !on {
			off, not = nil, skipped(applied{Filler: "happyhour", Reason: "outside_hours"})
		}
		q := p.priced(h, "pricing.quote", object{"store": "S1", "at": at, "lines": []object{
			{"sku": "SHIRT-M", "quantity": 1}, {"sku": "COAT", "quantity": 1}, {"sku": "SHIRT-M", "quantity": 2}, {"sku": "SOCKS", "quantity": 1},
		}})
		if !slices.Equal(q.Applied, off) || !slices.Equal(q.NotApplied, not) || q.List != 3*3990+19900+699 {
			p.t.Errorf("%s: applied %+v, not applied %+v of %d", at, q.Applied, q.NotApplied, q.List)
		}
	}
}

// sells sells three shirts for 80.20, which they cannot share without a cent
// left over, and answers the receipt.
func (p *pluginTest) sells(h *process) string {
	p.t.Helper()
	r := p.priced(h, "till.close", object{
		"store": "S1", "till": "1", "cashier": "c", "tenders": []object{{"type": "card", "amount": 3*3990 - 3950 + 699}},
		"lines": []object{{"sku": "SHIRT-M", "quantity": 3}, {"sku": "SOCKS", "quantity": 1}},
	})
	p.keeps(h, r.ID)
	return r.ID
}

// keeps checks a document as it was written.
func (p *pluginTest) keeps(h *process, receipt string) {
	p.t.Helper()
	r := p.priced(h, "till.receipt", object{"receipt": receipt})
	off := []applied{{"happyhour", "happy_hour", 3950}} // 33 % of 119.70 is 39.501
	if !slices.Equal(r.Applied, off) || !slices.Equal(r.Lines[0].Applied, off) || len(r.Lines[1].Applied) > 0 || !slices.Equal(r.NotApplied, skipped()) {
		p.t.Errorf("the receipt keeps %+v, and not %+v", r.Applied, r.NotApplied)
	}
}

// quotesWithWrongHours expects a plugin that does not understand its settings
// to be skipped like a broken one.
func (p *pluginTest) quotesWithWrongHours(h *process) {
	p.t.Helper()
	q := p.priced(h, "pricing.quote", object{"store": "S1", "lines": []object{{"sku": "SHIRT-M", "quantity": 1}}})
	if not := skipped(applied{Filler: "happyhour", Reason: "filler_failed"}); q.Total != 3990 || !slices.Equal(q.NotApplied, not) {
		p.t.Errorf("%d, not applied %+v", q.Total, q.NotApplied)
	}
}

// priced calls an operation and adds its answer up, to the cent.
func (p *pluginTest) priced(h *process, operation string, in object) (out priced) {
	p.t.Helper()
	p.asked++
	answer := h.must(p.t, operation, fmt.Sprintf("%s-%d", p.t.Name(), p.asked), in)
	if err := json.Unmarshal(answer, &out); err != nil {
		p.t.Fatal(err)
	}
	var total, discount, gross int
	for _, l := range out.Lines {
		shares, off := 0, 0
		for _, s := range l.UnitShares {
			shares += s.Amount * s.Quantity
		}
		for _, a := range l.Applied {
			off += a.Amount
		}
		if shares != l.Total || off != l.Discount || l.List-l.Discount != l.Total {
			p.t.Errorf("%s: the line %+v does not add up", operation, l)
		}
		total, discount = total+l.Total, discount+l.Discount
	}
	for _, v := range out.VAT {
		gross += v.Gross
	}
	if len(out.Lines) == 0 || total != out.Total || discount != out.Discount || gross != total || out.List-out.Discount != out.Total {
		p.t.Errorf("%s does not add up: %s", operation, answer)
	}
	return out
}

// build puts the apps, the plugins and the broken fillers into one folder.
func (p *pluginTest) build() string {
	p.t.Helper()
	out := p.t.TempDir()
	files, err := filepath.Glob(filepath.Join(p.built.modules, "*.wasm"))
	if err != nil || len(files) == 0 {
		p.t.Fatalf("%d modules, %v", len(files), err)
	}
	for _, file := range files {
		if err := making.Link(p.built.modules, out, strings.TrimSuffix(filepath.Base(file), ".wasm")); err != nil {
			p.t.Fatal(err)
		}
	}
	for _, b := range brokenFillers() {
		paper, err := json.Marshal(asBuilt(b.manifest(), b.bytes()))
		if err != nil {
			p.t.Fatal(err)
		}
		p.write(filepath.Join(out, b.id+".json"), paper)
		p.write(filepath.Join(out, b.id+".wasm"), b.bytes())
	}
	return out
}

func (p *pluginTest) write(file string, b []byte) {
	p.t.Helper()
	if err := os.WriteFile(file, b, 0o600); err != nil {
		p.t.Fatal(err)
	}
}

// with runs a host with settings of happyhour while do does something.
func (p *pluginTest) with(settings string, do func(*process)) {
	p.t.Helper()
	h, err := p.start()
	if err != nil {
		p.t.Fatal(err)
	}
	defer h.stop()
	if status, answer := p.fill(h, "happyhour", settings); status != http.StatusAccepted {
		p.t.Fatalf("settings: %d %s", status, answer)
	}
	do(h)
}

// refusesSettings expects settings that their schema does not allow to be
// refused, with the field.
func (p *pluginTest) refusesSettings(settings string) {
	p.t.Helper()
	h, err := p.start()
	if err != nil {
		p.t.Fatal(err)
	}
	defer h.stop()
	if status, answer := p.fill(h, "happyhour", settings); status != http.StatusBadRequest || !strings.Contains(answer, "/percent") {
		p.t.Errorf("settings %s: %d %s", settings, status, answer)
	}
}

// fill writes settings as a retailer does, and waits until they hold.
func (p *pluginTest) fill(h *process, app, settings string) (int, string) {
	p.t.Helper()
	page := h.base + "/v1/host/apps/" + app + "/settings"
	_, _, header := p.ask(http.MethodGet, page, "", nil)
	status, answer, _ := p.ask(http.MethodPut, page, `{"values":`+settings+`}`, http.Header{"If-Match": {header.Get("ETag")}})
	var job struct {
		ID, State string
		Revision  int
	}
	if status != http.StatusAccepted {
		return status, answer
	}
	for err := json.Unmarshal([]byte(answer), &job); job.State != "done"; err = json.Unmarshal([]byte(answer), &job) {
		if err != nil || job.State == "failed" {
			p.t.Fatalf("the settings' job: %s, %v", answer, err)
		}
		_, answer, _ = p.ask(http.MethodGet, fmt.Sprintf("%s/v1/host/jobs/%s?wait=10&since=%d", h.base, job.ID, job.Revision), "", nil)
	}
	return status, answer
}

func (p *pluginTest) ask(method, url, body string, header http.Header) (int, string, http.Header) {
	p.t.Helper()
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	for name, values := range header {
		req.Header[name] = values
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Idempotency-Key", fmt.Sprintf("plugin-%d", p.asked))
		p.asked++
	}
	res, err := web.Do(asOwner(req))
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return res.StatusCode, string(answer), res.Header
}

// start is the package's start with the modules of this test.
func (p *pluginTest) start() (*process, error) {
	h := &process{stderr: &bytes.Buffer{}, exited: make(chan struct{})}
	h.cmd = exec.Command(p.built.binary, "serve", "--dir", p.dir, "--modules", p.modules, "--cache", p.built.cache, "--set", "*", "--address", "127.0.0.1:0")
	h.cmd.Stderr = h.stderr
	out, err := h.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := h.cmd.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(out)
	for h.base == "" && lines.Scan() {
		_, rest, _ := strings.Cut(lines.Text(), "health   ")
		h.base = strings.TrimSuffix(rest, "/v1/host/health")
	}
	go func() {
		_, _ = io.Copy(io.Discard, out)
		_ = h.cmd.Wait() // a host that does not start ends with an error
		close(h.exited)
	}()
	if h.base == "" {
		<-h.exited
		return nil, errors.New(h.stderr.String())
	}
	return h, owns(h.base, p.dir)
}

// brokenFiller is a plugin that no SDK made. Whatever it is asked it runs the
// same code.
type brokenFiller struct {
	id, reason string // that the quote gives
	answer     string // bytes at answerAt
	code       []byte // function 0 is the host's settings
}

// answerAt lies behind the buffer in the memory of a brokenFiller.
const answerAt = 40 << 10

// brokenFillers fail in different ways.
func brokenFillers() []brokenFiller {
	say := func(id, reason, answer string) brokenFiller {
		n := len(answer)
		return brokenFiller{id: id, reason: reason, answer: answer, code: wasmtest.Seq(
			wasmtest.I32Const(0), wasmtest.I32Const(answerAt), wasmtest.I32Const(int32(n)), wasmtest.MemoryCopy(), wasmtest.I64Const(int64(n)))}
	}
	return []brokenFiller{
		{id: "burner", reason: "filler_failed", code: wasmtest.Seq(wasmtest.Spin(), wasmtest.I64Const(0))},
		{id: "asker", reason: "filler_failed", code: wasmtest.Seq(wasmtest.Loop(wasmtest.Void,
			wasmtest.Repeat(4, wasmtest.I32Const(0)), wasmtest.Call(0), wasmtest.Drop(), wasmtest.Br(0)), wasmtest.I64Const(0))},
		{id: "trapper", reason: "filler_failed", code: wasmtest.Unreachable()},
		say("babbler", "filler_failed", "\xc1 is no MessagePack"),
		// {"offs":[{"line":99,"percent":1000,"reason":"x"}]}: there is no such line
		say("stranger", "filler_refused", "\x81\xa4offs\x91\x83\xa4line\x63\xa7percent\xcd\x03\xe8\xa6reason\xa1x"),
		// {"skipped":"xxx…"}: an excuse of 20,000 characters
		say("talker", "filler_refused", "\x81\xa7skipped\xda\x4e\x20"+strings.Repeat("x", 20_000)),
	}
}

func (b *brokenFiller) manifest() *manifest.Manifest {
	text := manifest.Text{IT: "Rotto", EN: "Broken"}
	return &manifest.Manifest{
		ID: b.id, Version: "1.0.0", Kind: manifest.Plugin, Name: text, Summary: text, Vendor: "test", Category: "test",
		Provides: &manifest.Provides{
			Fills:    []manifest.Fill{{Slot: "pricing.discount"}},
			Settings: json.RawMessage(`{"type":"object","properties":{},"additionalProperties":false}`),
		},
	}
}

// bytes assembles the module: a buffer of 32 KiB, in which the descriptor lies
// until the first input comes.
func (b *brokenFiller) bytes() []byte {
	described := (&abi.Descriptor{Version: abi.Version, App: b.id, Settings: true, Entries: []abi.Entry{{Kind: abi.EntryQueryFill, Name: "pricing.discount"}}}).Append(nil)
	i32, i64 := wasmtest.I32, wasmtest.I64
	return wasmtest.Module{
		Imports:  []wasmtest.Import{{Module: abi.Module, Name: abi.FuncSettings.String(), Sig: wasmtest.Sig{Params: []wasmtest.Type{i32, i32, i32, i32}, Results: []wasmtest.Type{i64}}}},
		Memories: []wasmtest.Limits{wasmtest.Min(1)},
		Datas:    []wasmtest.Data{{Bytes: described}, {Offset: wasmtest.I32Const(answerAt), Bytes: []byte(b.answer)}},
		Exports:  []wasmtest.Export{{Name: abi.ExportMemory, Kind: wasmtest.KindMemory}},
		Funcs: []wasmtest.Func{
			{Export: abi.ExportCall, Sig: wasmtest.Sig{Params: []wasmtest.Type{i32, i32}, Results: []wasmtest.Type{i64}}, Code: b.code},
			{Export: abi.ExportBuffer, Sig: wasmtest.Sig{Params: []wasmtest.Type{i32}, Results: []wasmtest.Type{i64}}, Code: wasmtest.I64Const(32 << 10)},
			{Export: abi.ExportDescribe, Sig: wasmtest.Sig{Results: []wasmtest.Type{i64}}, Code: wasmtest.I64Const(int64(len(described)))},
		},
	}.Bytes()
}
