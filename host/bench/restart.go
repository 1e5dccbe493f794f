package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/bottega-retail/bottega/host/bench/internal/result"
	"github.com/bottega-retail/bottega/host/bench/internal/served"
)

const rowRestart = "restart"

// restartRows starts the real binary on the demo retailer's data, with all apps enabled
// and their modules in the cache, and waits for its first sale, which crosses four of
// them. Before each start the last host was killed.
var restartRows = experiment{name: "restart", rows: []string{rowRestart}, run: measureRestart}

// allApps are those that a retailer can have.
var allApps = append([]string{"customers", "message"}, cardApps...)

func measureRestart(ctx context.Context, b *bench) ([]result.Row, error) {
	dir := filepath.Join(b.work, "restart")
	if err := os.RemoveAll(filepath.Join(dir, "tenants")); err != nil {
		return nil, err
	}
	modules := filepath.Join(b.work, "all-apps")
	if err := onlyApps(b.built, modules, allApps...); err != nil {
		return nil, err
	}
	if err := b.fillDemo(ctx, dir, modules); err != nil {
		return nil, err
	}
	var samples []float64
	for i := range b.rounds(9) {
		took, err := b.restart(ctx, dir, modules, fmt.Sprintf("restart-%d", i))
		if err != nil {
			return nil, err
		}
		samples = append(samples, took.Seconds())
	}
	note := fmt.Sprintf("the real binary with %d apps, from exec to the answer of a till.close over HTTP; the host before it was killed", len(allApps))
	if info, err := os.Stat(filepath.Join(dir, "tenants", "demo", "data.db")); err == nil {
		note += fmt.Sprintf("; database of %d MiB", info.Size()>>20)
	}
	return []result.Row{{ID: rowRestart, Unit: "s", Samples: samples, Note: note}}, nil
}

// fillDemo lets the binary compile the modules and make the demo retailer.
func (b *bench) fillDemo(ctx context.Context, dir, modules string) error {
	p, err := b.serve(ctx, dir, modules, "--demo", "--set", "*")
	if err != nil {
		return err
	}
	return p.kill()
}

// restart starts the host and kills it when it has answered.
func (b *bench) restart(ctx context.Context, dir, modules, key string) (time.Duration, error) {
	began := time.Now()
	p, err := b.serve(ctx, dir, modules)
	if err != nil {
		return 0, err
	}
	sale := []byte(`{"store":"MI-01","till":"1","cashier":"bench","lines":[{"sku":"P0001-M","quantity":1}],"tenders":[{"type":"cash","amount":1000000}]}`)
	_, err = p.server.Call(ctx, http.DefaultClient, "till.close", key, sale)
	took := time.Since(began)
	http.DefaultClient.CloseIdleConnections()
	return took, errors.Join(err, p.kill())
}

// process is a host in a process of its own.
type process struct {
	cmd    *exec.Cmd
	server served.Server
}

// serve starts the binary and returns when it says where it listens.
func (b *bench) serve(ctx context.Context, dir, modules string, more ...string) (*process, error) {
	args := append([]string{"serve", "--dir", dir, "--modules", modules, "--address", "127.0.0.1:0"}, more...)
	p := &process{cmd: exec.CommandContext(ctx, b.binary, args...)}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	var stderr strings.Builder
	p.cmd.Stderr = &stderr
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(out)
	for p.server.Base == "" && lines.Scan() {
		if _, rest, ok := strings.Cut(lines.Text(), "health   "); ok {
			p.server.Base = strings.TrimSuffix(strings.TrimSpace(rest), "/v1/host/health")
		}
	}
	if p.server.Base == "" {
		return nil, fmt.Errorf("bottega serve did not start: %w\n%s", p.cmd.Wait(), stderr.String())
	}
	if p.server.Token, err = served.Token(dir); err != nil {
		return nil, errors.Join(err, p.kill())
	}
	return p, nil
}

// kill ends the host at once, as a power cut would.
func (p *process) kill() error {
	if err := p.cmd.Process.Kill(); err != nil {
		return err
	}
	_ = p.cmd.Wait() // it was killed
	return nil
}
