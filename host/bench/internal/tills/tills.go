// Package tills drives a server as tills do: over HTTP, each with a connection
// of its own, the next sale as soon as the last is answered. It must not know
// which server it is.
package tills

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bottega-retail/bottega/host/bench/internal/shop"
	"github.com/bottega-retail/bottega/host/internal/storage/storagetest"
)

// Tills are the tills of one server.
type Tills struct {
	base string
	shop *shop.Shop
	web  *http.Client
	seed uint64
	sent atomic.Int64 // requests, so that keys are unique

	sales, units atomic.Int64 // acknowledged
}

// New makes the tills of a server.
func New(base string, s *shop.Shop, most int) *Tills {
	return &Tills{base: base, shop: s, web: &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: most}}}
}

// Acknowledged is how many sales and units were answered with success.
func (t *Tills) Acknowledged() (sales, units int64) { return t.sales.Load(), t.units.Load() }

// Slice lets n tills sell for a time. The first error ends it.
func (t *Tills) Slice(ctx context.Context, n int, d time.Duration) (storagetest.Result, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	t.seed++
	began := time.Now()
	var mu sync.Mutex
	var r storagetest.Result
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			own, err := t.sell(ctx, i, func() bool { return time.Since(began) > d })
			if err != nil {
				cancel(err)
			}
			mu.Lock()
			defer mu.Unlock()
			r.Latencies = append(r.Latencies, own...)
		})
	}
	wg.Wait()
	r.Elapsed, r.Done = time.Since(began), len(r.Latencies)
	slices.Sort(r.Latencies)
	return r, context.Cause(ctx)
}

func (t *Tills) sell(ctx context.Context, i int, over func() bool) (latencies []time.Duration, err error) {
	random := rand.New(rand.NewPCG(t.seed, uint64(i)))
	store := t.shop.Stores[i%len(t.shop.Stores)]
	for !over() && ctx.Err() == nil {
		sale := t.shop.Sale(random, store, "T"+strconv.Itoa(i))
		began := time.Now()
		if _, err := t.Close(ctx, sale); err != nil {
			return latencies, err
		}
		latencies = append(latencies, time.Since(began))
	}
	return latencies, nil
}

// Close sells and answers the receipt.
func (t *Tills) Close(ctx context.Context, sale shop.Sale) ([]byte, error) {
	receipt, err := t.Post(ctx, "till.close", sale)
	if err == nil {
		t.sales.Add(1)
		t.units.Add(sale.Units())
	}
	return receipt, err
}

// Post calls contract.operation under a key of its own.
func (t *Tills) Post(ctx context.Context, operation string, in any) ([]byte, error) {
	body, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	return Post(ctx, t.web, t.base, operation, "bench-"+strconv.FormatInt(t.sent.Add(1), 10), body)
}

// Post calls contract.operation of a server.
func Post(ctx context.Context, web *http.Client, base, operation, key string, body []byte) ([]byte, error) {
	path := []byte("/v1/" + operation)
	path[bytes.IndexByte(path, '.')] = '/'
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+string(path), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", key)
	res, err := web.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s: %s", operation, res.Status, answer)
	}
	return answer, err
}
