package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var (
	crashRounds = flag.Int("crash.rounds", 6, "how often the host is killed")
	crashSeed   = flag.Uint64("crash.seed", 1, "of the order of kills and of the baskets")
	crashPlant  = flag.String("crash.plant", "", "planted bug that must be found: ack-before-sync")
	crashTills  = flag.Int("crash.tills", 16, "tills that sell at once")
	crashDir    = flag.String("crash.dir", "", "where the host's folder and the journal stay; default: a temporary one")
)

// TestCrash kills the host under the load of many tills, again and again, and
// has `bottega verify` judge from the outside: what the tills were told must
// be there, once, and nothing else.
func TestCrash(t *testing.T) {
	b := binaries(t)
	dir := *crashDir
	if dir == "" {
		dir = t.TempDir()
	}
	c := newCrash(t, b, dir)
	c.prepare()
	ctx, stop := context.WithCancel(t.Context())
	var tills sync.WaitGroup
	for i := range *crashTills {
		tills.Go(func() { c.till(ctx, i) })
	}
	for i := range *crashRounds {
		c.round(i)
	}
	c.last(stop, &tills)
	t.Logf("seed %d, %d rounds, killed at %s; %d acknowledged, %d refused", *crashSeed, *crashRounds, c.tally(), c.acknowledged.Load(), c.refused.Load())
	if n := c.at["accepted"] + c.at["applying"]; n < *crashRounds/2 && *crashPlant == "" {
		t.Errorf("only %d of %d kills between accept and durable", n, *crashRounds)
	}
	if n := c.at["nested"]; n < *crashRounds/5 && *crashPlant == "" {
		t.Errorf("only %d of %d kills inside a nested call", n, *crashRounds)
	}
	c.judge()
}

// crash is one run: a host that dies and tills that go on.
type crash struct {
	t            *testing.T
	built        built
	dir          string // the host's
	journal      *os.File
	mu           sync.Mutex // of journal
	random       *rand.Rand // of the rounds
	base         atomic.Pointer[string]
	codes        []string // of gift cards
	acknowledged atomic.Int64
	refused      atomic.Int64   // sales whose card did not hold enough
	at           map[string]int // kills by point
}

func newCrash(t *testing.T, b built, dir string) *crash {
	t.Helper()
	journal, err := os.OpenFile(filepath.Join(dir, "journal.jsonl"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := journal.Close(); err != nil {
			t.Error(err)
		}
	})
	return &crash{
		t: t, built: b, dir: filepath.Join(dir, "host"), journal: journal,
		random: rand.New(rand.NewPCG(*crashSeed, 1)), at: map[string]int{},
	}
}

// prepare opens the shops; the host is whole while it does.
func (c *crash) prepare() {
	p := c.start("")
	stock(c.t, p)
	c.issueCards(p)
	c.base.Store(nil)
	p.stop()
}

func (c *crash) start(failpoints string) *process {
	c.t.Helper()
	p, err := c.begin(failpoints)
	if err != nil {
		c.t.Fatal(err)
	}
	return p
}

func (c *crash) begin(failpoints string) (*process, error) {
	p, err := start(c.built, c.dir, "BOTTEGA_FAILPOINTS="+failpoints, "BOTTEGA_PLANT="+*crashPlant)
	if err == nil {
		c.base.Store(&p.base)
	}
	return p, err
}

// early says at which point a host died before it could say that it is there.
func (c *crash) early(err error) (point string, died bool) {
	if err == nil {
		return "", false
	}
	_, line, died := strings.Cut(err.Error(), "failpoint ")
	point, _, _ = strings.Cut(line, "\n")
	return strings.TrimSpace(point), died
}

// round starts the host and lets it die: between accept and durable in more
// than half of the rounds, in a nested call in a quarter, else from outside.
func (c *crash) round(i int) {
	points := []string{"accepted=1/150", "applying=1/40", "applying=1/15", "applying=1/80", "accepted=1/60", "nested=1/400", "nested=1/150", "kill"}
	point := points[i%len(points)]
	arm := point
	if point == "kill" {
		arm = ""
	}
	p, err := c.begin(arm)
	if point, died := c.early(err); died {
		c.at[point]++ // a host writes as it starts, too
		return
	}
	if err != nil {
		c.t.Fatal(err)
	}
	after := 8 * time.Second
	if point == "kill" {
		after = time.Duration(100+c.random.IntN(600)) * time.Millisecond
	}
	select {
	case <-p.exited:
	case <-time.After(after):
		_ = p.cmd.Process.Kill() // it may have died this instant
		<-p.exited
	}
	c.base.Store(nil)
	c.count(p)
}

// count asks the dead host's stderr where it died.
func (c *crash) count(p *process) {
	for _, line := range strings.Split(p.stderr.String(), "\n") {
		if point, ok := strings.CutPrefix(line, "failpoint "); ok {
			c.at[point]++
			return
		}
	}
	c.at["outside"]++
}

func (c *crash) tally() string { return fmt.Sprint(c.at) }

// last lets every till end what it began on a whole host.
func (c *crash) last(stop context.CancelFunc, tills *sync.WaitGroup) {
	p := c.start("")
	stop()
	tills.Wait()
	c.base.Store(nil)
	p.stop()
}

// till sells until it is told to stop, and then ends its last sale. A gift card pays a part
// of every other sale, if enough is on it; every tenth document takes something back, every
// fifth sells a gift card.
func (c *crash) till(ctx context.Context, number int) {
	random := rand.New(rand.NewPCG(*crashSeed, uint64(100+number)))
	store := fmt.Sprintf("S%d", 1+number%2)
	var sold []string
	for n := 0; ctx.Err() == nil; n++ {
		key := fmt.Sprintf("till-%d-%d-%d", *crashSeed, number, n)
		operation, body := "till.close", c.sale(random, store, number)
		switch {
		case n%10 == 9 && len(sold) > 0:
			operation = "till.return"
			body = object{"receipt": sold[0], "store": store, "till": fmt.Sprint(number), "cashier": "c", "reason": "size", "lines": []object{{"line": "1", "quantity": 1}}}
			sold = sold[1:]
		case n%5 == 3:
			body["lines"] = []object{{"sku": "GIFT", "quantity": 1}}
		case n%2 == 0:
			c.byCard(random, body)
		}
		if id := c.until(operation, key, body.json(c.t)); operation == "till.close" && id != "" && n%5 != 3 {
			sold = append(sold, id)
		}
	}
}

func (c *crash) sale(random *rand.Rand, store string, number int) object {
	first := random.IntN(len(goods))
	var lines []object
	for i := range 1 + random.IntN(3) {
		lines = append(lines, object{"sku": goods[(first+i)%len(goods)].sku, "quantity": 1 + random.IntN(3)})
	}
	return object{"store": store, "till": fmt.Sprint(number), "cashier": "c", "lines": lines, "tenders": []object{{"type": "cash", "amount": 1_000_000}}}
}

// until repeats a request with its key until it is answered, through as many
// deaths of the host as it takes, and writes the answer into the journal. It answers the
// document's id; of what a card does not hold enough for, "".
func (c *crash) until(operation, key string, body []byte) string {
	for {
		base := c.base.Load()
		if base == nil {
			time.Sleep(5 * time.Millisecond)
			continue
		}
		answer, err := post(context.Background(), *base, operation, key, body)
		if err == nil {
			return c.acknowledge(operation, key, body, answer)
		}
		if p, ok := errors.AsType[*problem](err); ok && p.Reason == "balance" {
			c.refused.Add(1)
			return ""
		}
		if !transient(err) {
			c.t.Errorf("%s %s: %v", operation, key, err)
			return ""
		}
		time.Sleep(2 * time.Millisecond)
	}
}

func (c *crash) acknowledge(operation, key string, body, answer []byte) string {
	line, err := json.Marshal(map[string]any{"operation": operation, "key": key, "body": json.RawMessage(body), "answer": json.RawMessage(answer)})
	if err != nil {
		c.t.Error(err)
		return ""
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, err := c.journal.Write(append(line, '\n')); err != nil {
		c.t.Error(err)
	}
	c.acknowledged.Add(1)
	var receipt struct{ ID string }
	if err := json.Unmarshal(answer, &receipt); err != nil {
		c.t.Error(err)
	}
	return receipt.ID
}

// judge has the binary recompute the verdict from the folder and the journal
// alone.
func (c *crash) judge() {
	cmd := exec.Command(c.built.binary, "verify", "--dir", c.dir, "--modules", c.built.modules, "--cache", c.built.cache, "--journal", c.journal.Name())
	out, err := cmd.CombinedOutput()
	c.t.Logf("bottega verify --journal: %s", out)
	if err != nil {
		c.t.Errorf("the verdict: %v", err)
		return
	}
	var verdict map[string]int
	if err := json.Unmarshal(out, &verdict); err != nil {
		c.t.Fatal(err)
	}
	c.cards(verdict)
}
