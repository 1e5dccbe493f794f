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
	"syscall"
	"time"

	"github.com/bottega-retail/bottega/host/bench/internal/served"
	"github.com/bottega-retail/bottega/host/bench/internal/shop"
	"github.com/bottega-retail/bottega/host/internal/storage/storagetest"
)

// Tills are the tills of one server.
type Tills struct {
	as   []served.Server // by store
	card []string        // code of each till's gift card; none pay with one
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

// GiveCards gives each till a gift card, which pays a part of each of its sales.
func (t *Tills) GiveCards(codes []string) { t.card = codes }

// Paid is a sale paid as till i has it paid.
func (t *Tills) Paid(sale shop.Sale, i int) shop.Sale {
	if len(t.card) == 0 {
		return sale
	}
	return sale.PaidByCard(t.card[i])
}

// Acknowledged is how many sales and units were answered with success.
func (t *Tills) Acknowledged() (sales, units int64) { return t.sales.Load(), t.units.Load() }

// Turn is what tills did in a time.
type Turn struct {
	storagetest.Result
	CPU time.Duration // of this process: server, tills and all
}

// Slice lets n tills sell for a time. The first error ends it.
func (t *Tills) Slice(ctx context.Context, n int, d time.Duration) (Turn, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	t.seed++
	began, before := time.Now(), used()
	var mu sync.Mutex
	var r Turn
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
	r.Elapsed, r.Done, r.CPU = time.Since(began), len(r.Latencies), used()-before
	slices.Sort(r.Latencies)
	return r, context.Cause(ctx)
}

// used is the processor time of this process so far, user's and system's.
func used() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // only for another who than SELF
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// PerSale is the processor time of one sale.
func (t Turn) PerSale() time.Duration { return t.CPU / time.Duration(max(t.Done, 1)) }

func (t *Tills) sell(ctx context.Context, i int, over func() bool) (latencies []time.Duration, err error) {
	random := rand.New(rand.NewPCG(t.seed, uint64(i)))
	store := t.shop.Stores[i%len(t.shop.Stores)]
	for !over() && ctx.Err() == nil {
		sale := t.Paid(t.shop.Sale(random, store, "T"+strconv.Itoa(i)), i)
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
