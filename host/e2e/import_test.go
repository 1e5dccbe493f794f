package e2e

import (
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io/fs"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// uciFile is the UCI Online Retail set, where it lies beside the repository.
const uciFile = root + "/../shared/data/uci-online-retail/transactions.csv.gz"

// uciRow is one line of the set.
type uciRow struct {
	cells []string // InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice, CustomerID, Country
}

var uciSet = sync.OnceValues(func() ([]uciRow, error) {
	f, err := os.Open(uciFile)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	rows, err := csv.NewReader(z).ReadAll()
	var all []uciRow
	for _, r := range rows {
		all = append(all, uciRow{r})
	}
	return all, err
})

// uci is the set with its header. The test is skipped, and says so, if the
// data is not there.
func uci(t *testing.T) []uciRow {
	t.Helper()
	all, err := uciSet()
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("the UCI Online Retail set is not at %s: its import is not tested", uciFile)
	}
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// slice is the documents of the first n rows, whole, and all adjustments.
func slice(all []uciRow, n int) []uciRow {
	first := map[string]bool{}
	for _, s := range all[1 : n+1] {
		first[s.cells[0]] = true
	}
	cut := all[:1:1]
	for _, s := range all[1:] {
		if first[s.cells[0]] || strings.HasPrefix(s.cells[0], "A") {
			cut = append(cut, s)
		}
	}
	return cut
}

func writeSlice(t *testing.T, path string, rows []uciRow) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := csv.NewWriter(f)
	for _, s := range rows {
		if err := w.Write(s.cells); err != nil {
			t.Fatal(err)
		}
	}
	if w.Flush(); w.Error() != nil {
		t.Fatal(w.Error())
	}
}

// truth is what a set holds, counted without any code of the importer.
type truth struct {
	rows, negative, negativeOdd, cancelledLines, noCustomer, free, twice int
	documents                                                            map[string]int // lines
	products                                                             map[string]bool
	exact                                                                *big.Rat
	minor                                                                int64
}

func count(rows []uciRow) truth {
	c := truth{documents: map[string]int{}, products: map[string]bool{}, exact: new(big.Rat)}
	seen := map[string]bool{}
	for _, s := range rows[1:] {
		number, quantity, price := s.cells[0], s.cells[3], s.cells[5]
		c.rows++
		c.documents[number]++
		c.products[s.cells[1]] = true
		add(&c.negative, quantity[0] == '-')
		add(&c.negativeOdd, quantity[0] == '-' && number[0] != 'C')
		add(&c.cancelledLines, number[0] == 'C')
		add(&c.noCustomer, s.cells[6] == "")
		q, _ := new(big.Rat).SetString(quantity)
		p, _ := new(big.Rat).SetString(price)
		amount := new(big.Rat).Mul(q, p)
		add(&c.free, amount.Sign() == 0)
		c.exact.Add(c.exact, amount)
		c.minor += roundAway(amount)
		line := strings.Join(s.cells, "\x00")
		add(&c.twice, seen[line])
		seen[line] = true
	}
	return c
}

func add(n *int, odd bool) {
	if odd {
		*n++
	}
}

// roundAway is an amount in minor units, rounded half away from zero.
func roundAway(amount *big.Rat) int64 {
	doubled := new(big.Rat).Mul(amount, big.NewRat(200, 1))
	n := new(big.Int).Abs(doubled.Num())
	n.Add(n, doubled.Denom()).Quo(n, new(big.Int).Lsh(doubled.Denom(), 1))
	return n.Int64() * int64(amount.Sign())
}

// TestImportUCI imports real receipts: a slice of the set by default, all of it
// with BOTTEGA_LONG=1. The books are those of the file, a second run adds
// nothing, and neither a killed importer nor a killed host loses or doubles a
// row.
func TestImportUCI(t *testing.T) {
	t.Parallel()
	all := uci(t)
	rows := slice(all, 40_000)
	if os.Getenv("BOTTEGA_LONG") != "" {
		rows = all
	}
	b := binaries(t)
	dir := t.TempDir()
	i := &importing{t: t, built: b, file: filepath.Join(dir, "sales.csv"), truth: count(rows)}
	writeSlice(t, i.file, rows)
	h, _ := serve(t, b, filepath.Join(dir, "host"), "--set", "*", "--address", "127.0.0.1:0")
	i.base = h.base

	i.dryRun()
	i.killImporter(4)
	i.finish(regexp.MustCompile(`receipts: \d+ of \d+ batches are done already|products: \d+ of \d+ batches are done already`))
	i.reconcile()
	i.again()
}

// TestImportOutlivesHost kills the host in the middle of an import and starts
// it again at the same address: the import waits and goes on by itself.
func TestImportOutlivesHost(t *testing.T) {
	t.Parallel()
	rows := slice(uci(t), 12_000)
	b := binaries(t)
	dir := t.TempDir()
	i := &importing{t: t, built: b, file: filepath.Join(dir, "sales.csv"), truth: count(rows)}
	writeSlice(t, i.file, rows)
	folder := filepath.Join(dir, "host")
	h, _ := serve(t, b, folder, "--set", "*", "--address", "127.0.0.1:0")
	i.base = h.base
	run := i.start()
	i.wait(run, 3)
	if err := h.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-h.exited
	serve(t, b, folder, "--address", strings.TrimPrefix(i.base, "http://"))
	if err := run.Wait(); err != nil {
		t.Fatalf("the import did not outlive its host: %v\n%s", err, run.Stderr)
	}
	i.reconcile()
	i.again()
}

// importing is a file on its way into a host.
type importing struct {
	t     *testing.T
	built built
	file  string
	base  string
	truth truth
}

func (i *importing) command(args ...string) *exec.Cmd {
	return exec.Command(i.built.binary, append([]string{"import", "--host", i.base, "--token", ownerOf(i.base), "--profile", "uci-online-retail", i.file}, args...)...)
}

func (i *importing) run(args ...string) string {
	i.t.Helper()
	cmd := i.command(args...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		i.t.Fatalf("import %v: %v\n%s%s", args, err, out, &stderr)
	}
	return string(out)
}

// position is where the host's log ends.
func (i *importing) position() (health struct{ Position uint64 }) {
	i.t.Helper()
	res, err := web.Get(i.base + "/v1/host/health")
	if err != nil {
		i.t.Fatal(err)
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(&health); err != nil {
		i.t.Fatal(err)
	}
	return health
}

func (i *importing) says(out string, wants ...string) {
	i.t.Helper()
	for _, want := range wants {
		if !strings.Contains(out, want) {
			i.t.Errorf("no %q in\n%s", want, out)
		}
	}
}

// dryRun reads everything, on a host that has nothing yet, and writes nothing.
func (i *importing) dryRun() {
	before := i.position()
	out := i.run("--dry-run")
	n := grouped(i.truth.rows)
	i.says(out, "receipts: "+n+" rows read = "+n+" would be taken + 0 known already + 0 rejected",
		"not on the host yet, the import makes it first: store UCI")
	if after := i.position(); after != before {
		i.t.Errorf("the dry run moved the log from %d to %d", before.Position, after.Position)
	}
}

// start begins an import that the test means to disturb.
func (i *importing) start() *exec.Cmd {
	i.t.Helper()
	cmd := i.command()
	cmd.Stderr = &strings.Builder{}
	if err := cmd.Start(); err != nil {
		i.t.Fatal(err)
	}
	return cmd
}

// wait returns when a running import has so many batches of receipts done.
func (i *importing) wait(cmd *exec.Cmd, batches int) {
	i.t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); time.Sleep(2 * time.Millisecond) {
		var state struct{ Steps []struct{ Batches int } }
		text, err := os.ReadFile(i.file + ".import.json")
		if err == nil && json.Unmarshal(text, &state) == nil && len(state.Steps) == 2 && state.Steps[1].Batches >= batches {
			return
		}
	}
	_ = cmd.Process.Kill() // the test has failed
	i.t.Fatalf("the import does not come to %d batches: %s", batches, cmd.Stderr)
}

func (i *importing) killImporter(batches int) {
	i.t.Helper()
	cmd := i.start()
	i.wait(cmd, batches)
	if err := cmd.Process.Kill(); err != nil {
		i.t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		i.t.Fatal("the import ended before it was killed: the case tests nothing")
	}
}

// finish goes on where the import was killed; the report is of the whole.
func (i *importing) finish(resumed *regexp.Regexp) {
	i.t.Helper()
	out := i.run()
	if !resumed.MatchString(out) {
		i.t.Errorf("it did not go on where it was:\n%s", out)
	}
	n, c := grouped(i.truth.rows), i.truth
	i.says(out, "products: "+n+" rows read = "+n+" taken + 0 known already + 0 rejected",
		"receipts: "+n+" rows read = "+n+" taken + 0 known already + 0 rejected",
		grouped(len(c.products))+" products: "+grouped(len(c.products))+" created",
		grouped(len(c.documents))+" documents: "+grouped(len(c.documents))+" created",
		grouped(c.negative)+" lines have a quantity below zero",
		grouped(c.negativeOdd)+"   of them in documents that are not marked",
		grouped(c.cancelledLines)+" lines in cancellations", "  3 lines in adjustments of bad debt",
		grouped(c.noCustomer)+" lines have no customer", grouped(c.free)+" lines are worth nothing",
		grouped(c.twice)+" lines are exact duplicates of an earlier one, kept")
	if os.Getenv("BOTTEGA_LONG") != "" {
		i.says(out, uciOddities...)
	}
}

// uciOddities are the counts of the README of the set.
var uciOddities = []string{
	"3,836 cancellation", "3 adjustment", "25,900 documents", "4,070 products", "4,372 customers", "38 different values in the column Country",
	"9,288 lines in cancellations", "10,624 lines have a quantity below zero", "1,336   of them in documents that are not marked",
	"  2 lines have a price below zero", "135,080 lines have no customer", `406,829 lines have a customer written with ".0"`,
	"2,515 lines are worth nothing", "1,454 lines have an empty description", "113,452 descriptions have outer spaces", " 32 descriptions have characters outside ASCII",
	"  4 prices are finer than a cent", "2,995 lines have a code that is not five digits and letters", "34 lines sell gift vouchers",
	"112 codes stand in upper and lower case", "1,977 lines have a code with a lower-case letter", "1,324 codes have more than one name",
	"5,268 lines are exact duplicates", "3,836 documents take goods back and do not name what they undo",
	"from 2010-12-01T08:26:00Z to 2011-12-09T12:50:00Z", "9,747,747.934 exactly",
}

// grouped writes a count as the report does.
func grouped(n int) string {
	s := big.NewInt(int64(n)).String()
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// reconcile compares the host's own books with the file, by document.
func (i *importing) reconcile() {
	i.t.Helper()
	type page struct {
		Receipts []struct {
			ID, Kind string
			Lines    int
			Total    int64
		}
		Cursor string
	}
	documents, total, lines := map[string]int{}, int64(0), 0
	in := object{"store": "UCI", "limit": 200}
	for {
		out, err := post(i.t.Context(), i.base, "till.receipts", "", in.json(i.t))
		if err != nil {
			i.t.Fatal(err)
		}
		var p page
		if err := json.Unmarshal(out, &p); err != nil {
			i.t.Fatal(err)
		}
		for _, r := range p.Receipts {
			documents[strings.TrimPrefix(r.ID, "import/uci:")] += r.Lines
			total, lines = total+r.Total, lines+r.Lines
		}
		if p.Cursor == "" {
			break
		}
		in["cursor"] = p.Cursor
	}
	if len(documents) != len(i.truth.documents) || lines != i.truth.rows || total != i.truth.minor {
		i.t.Errorf("the host has %d documents, %d lines, %d minor units; the file %d, %d, %d",
			len(documents), lines, total, len(i.truth.documents), i.truth.rows, i.truth.minor)
	}
	for number, want := range i.truth.documents {
		if documents[number] != want {
			i.t.Errorf("document %s has %d lines, the file %d", number, documents[number], want)
		}
	}
}

// again imports the same file once more: everything is known.
func (i *importing) again() {
	i.t.Helper()
	before := i.position()
	out := i.run()
	n := grouped(i.truth.rows)
	i.says(out, "products: "+n+" rows read = 0 taken + "+n+" known already + 0 rejected",
		"receipts: "+n+" rows read = 0 taken + "+n+" known already + 0 rejected")
	if after := i.position(); after != before {
		i.t.Errorf("the second run moved the log from %d to %d", before.Position, after.Position)
	}
	i.reconcile()
	if _, err := os.Stat(i.file + ".rejected.csv"); !errors.Is(err, fs.ErrNotExist) {
		i.t.Errorf("there is a file of rejected rows: %v", err)
	}
}
