// Package tills drives a server as tills do: over HTTP, each with a connection
// of its own, the next sale as soon as the last is answered. It must not know
// which server it is.
package tills

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bottega-retail/bottega/host/bench/internal/served"
	"github.com/bottega-retail/bottega/host/bench/internal/shop"
	"github.com/bottega-retail/bottega/host/internal/storage/storagetest"
)

// Tills are the tills of one server.
type Tills struct {
	as   []served.Server // by store
	shop *shop.Shop
	web  *http.Client
	seed uint64
	sent atomic.Int64 // requests, so that keys are unique

	sales, units atomic.Int64 // acknowledged
}

// New makes the tills of a server. Those of the first store are the first who
// speaks to it, those of the next the next, and round again; there must be one.
func New(as []served.Server, s *shop.Shop, most int) *Tills {
	return &Tills{as: as, shop: s, web: &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: most}}}
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
	at := slices.Index(t.shop.Stores, sale.Store)
	receipt, err := t.post(ctx, t.as[at%len(t.as)], "till.close", sale)
	if err == nil {
		t.sales.Add(1)
		t.units.Add(sale.Units())
	}
	return receipt, err
}

// Post calls contract.operation under a key of its own.
func (t *Tills) Post(ctx context.Context, operation string, in any) ([]byte, error) {
	return t.post(ctx, t.as[0], operation, in)
}

func (t *Tills) post(ctx context.Context, as served.Server, operation string, in any) ([]byte, error) {
	body, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	return as.Call(ctx, t.web, operation, "bench-"+strconv.FormatInt(t.sent.Add(1), 10), body)
}
