package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/bottega-retail/bottega/host/bench/internal/result"
	"github.com/bottega-retail/bottega/host/bench/internal/served"
)

// The rows of webhooks.
const (
	rowWebhook1  = "webhook.1"
	rowWebhook10 = "webhook.10"
)

// webhookRows lets a real host send its events to a server in this process, and
// beside it a bare client the same bodies, one after the other to each endpoint.
var webhookRows = experiment{name: "webhooks", rows: []string{rowWebhook1, rowWebhook10}, run: measureWebhooks}

const (
	webhookEvents = 2_000
	webhookMany   = 10
	webhookTurns  = 3
	// webhookLimit is when deliveries count as lost.
	webhookLimit = time.Minute
)

func measureWebhooks(ctx context.Context, b *bench) (rows []result.Row, err error) {
	h, err := openHooks(ctx, b)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, h.close()) }()
	events := webhookEvents
	if b.quick {
		events = webhookEvents / 10
	}
	for _, m := range []struct {
		row       string
		endpoints int
	}{{rowWebhook1, 1}, {rowWebhook10, webhookMany}} {
		if err := h.point(ctx, m.endpoints); err != nil {
			return rows, err
		}
		var sent, bare []float64
		for range b.rounds(webhookTurns) {
			for _, side := range []struct {
				work    func(context.Context, int) error
				samples *[]float64
			}{{h.told, &sent}, {h.posted, &bare}} {
				speed, err := h.speed(ctx, events, side.work)
				if err != nil {
					return rows, err
				}
				*side.samples = append(*side.samples, speed)
			}
		}
		row := against(m.row, "deliveries/s", sent, "the same POSTs by a bare http.Client, one loop for each endpoint", bare)
		row.Note = fmt.Sprintf("%d events to %d endpoints, signed, from the first command to the last arrival", events, m.endpoints)
		rows = append(rows, row)
	}
	return rows, nil
}

// hooks is a host with webhooks, and where they lead.
type hooks struct {
	host      served.Server
	web       *http.Client
	receiver  *receiver
	endpoints int
	commands  int
}

func openHooks(ctx context.Context, b *bench) (*hooks, error) {
	if err := b.build(ctx); err != nil {
		return nil, err
	}
	modules := filepath.Join(b.work, "webhook-apps")
	if err := onlyApps(b.guests, modules, "probe"); err != nil {
		return nil, err
	}
	dir := filepath.Join(b.work, "webhook-host")
	if err := os.RemoveAll(filepath.Join(dir, "tenants")); err != nil {
		return nil, err
	}
	h := &hooks{web: &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: webhookMany}}}
	var err error
	if h.receiver, err = receive(); err != nil {
		return nil, err
	}
	if h.host, err = served.Host(ctx, dir, modules, true); err != nil {
		return nil, errors.Join(err, h.receiver.close())
	}
	return h, nil
}

func (h *hooks) close() error {
	h.web.CloseIdleConnections()
	return errors.Join(h.host.Close(), h.receiver.close())
}

// point makes webhooks until there are so many.
func (h *hooks) point(ctx context.Context, endpoints int) error {
	for ; h.endpoints < endpoints; h.endpoints++ {
		in, err := json.Marshal(map[string]any{"url": fmt.Sprintf("%s/%d", h.receiver.base, h.endpoints), "types": []string{"probe.moved"}})
		if err != nil {
			return err
		}
		if _, err := h.host.Post(ctx, h.web, "/v1/host/webhooks", "", in); err != nil {
			return err
		}
	}
	return nil
}

// speed is deliveries per second until all events have arrived at all endpoints.
func (h *hooks) speed(ctx context.Context, events int, work func(context.Context, int) error) (float64, error) {
	all := events * h.endpoints
	arrived := h.receiver.expect(all)
	began := time.Now()
	if err := work(ctx, events); err != nil {
		return 0, err
	}
	select {
	case <-arrived:
	case <-ctx.Done():
		return 0, ctx.Err()
	case <-time.After(webhookLimit):
		return 0, fmt.Errorf("%d deliveries have not arrived in %v, of %d", h.receiver.missing(), webhookLimit, all)
	}
	return float64(all) / time.Since(began).Seconds(), h.receiver.fault()
}

// told lets the host have events.
func (h *hooks) told(ctx context.Context, events int) error {
	for range events / tellAtOnce {
		h.commands++
		in := fmt.Appendf(nil, `{"first":%d,"count":%d,"pad":%d}`, h.commands*tellAtOnce, tellAtOnce, tellPad)
		if _, err := h.host.Call(ctx, h.web, "probe.tell", fmt.Sprintf("webhook-%d", h.commands), in); err != nil {
			return err
		}
	}
	return nil
}

// posted sends what the host sent last, by hand.
func (h *hooks) posted(ctx context.Context, events int) error {
	header, body := h.receiver.sample()
	errs := make(chan error, h.endpoints)
	for i := range h.endpoints {
		go func() { errs <- h.post(ctx, fmt.Sprintf("%s/%d", h.receiver.base, i), header, body, events) }()
	}
	var err error
	for range h.endpoints {
		err = errors.Join(err, <-errs)
	}
	return err
}

func (h *hooks) post(ctx context.Context, url string, header http.Header, body []byte, times int) error {
	for i := range times {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
		if err != nil {
			return err
		}
		req.Header = header.Clone()
		req.Header.Set(headerID, fmt.Sprintf("by-hand-%d", i))
		res, err := h.web.Do(req)
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, res.Body)
		if err = errors.Join(err, res.Body.Close()); err != nil {
			return err
		}
	}
	return nil
}

// The headers of Standard Webhooks, in canonical form.
const (
	headerID        = "Webhook-Id"
	headerSignature = "Webhook-Signature"
)

// receiver is a server that counts what arrives.
type receiver struct {
	base   string
	server *http.Server
	ended  chan error

	mu      sync.Mutex
	seen    map[string]bool // path and id
	left    int
	arrived chan struct{}
	header  http.Header // of the last delivery
	body    []byte
	err     error
}

func receive() (*receiver, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &receiver{base: "http://" + l.Addr().String(), ended: make(chan error, 1)}
	r.server = &http.Server{Handler: r, ReadHeaderTimeout: 5 * time.Second}
	go func() { r.ended <- r.server.Serve(l) }()
	return r, nil
}

func (r *receiver) close() error {
	err := r.server.Close()
	<-r.ended // http.ErrServerClosed
	return err
}

// expect begins to count; what it answers is closed when so many have arrived.
func (r *receiver) expect(n int) <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen, r.left, r.arrived = make(map[string]bool, n), n, make(chan struct{})
	return r.arrived
}

func (r *receiver) missing() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.left
}

// fault is what was wrong with any delivery.
func (r *receiver) fault() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

// sample is the last delivery, to be sent again.
func (r *receiver) sample() (http.Header, []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.header, r.body
}

// ServeHTTP implements http.Handler. One that comes twice counts once.
func (r *receiver) ServeHTTP(_ http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	r.mu.Lock()
	defer r.mu.Unlock()
	if err == nil && req.Header.Get(headerSignature) == "" {
		err = errors.New("a delivery came without a signature")
	}
	if err != nil {
		r.err = err
	}
	r.header, r.body = req.Header, body
	key := req.URL.Path + "\x00" + req.Header.Get(headerID)
	if r.seen[key] {
		return
	}
	r.seen[key] = true
	if r.left--; r.left == 0 {
		close(r.arrived)
	}
}
