package account

import (
	"context"
	"io"
	"sync/atomic"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// How many passwords are hashed at once, 64 MiB each, and how many may wait.
const (
	hashing = 4
	queuing = 64
)

// hashers hash and verify passwords, a few at a time: however many people sign
// in, the memory is bounded.
type hashers struct {
	with    identity.Hashing
	random  io.Reader
	dummy   string // for names that do not exist
	places  chan struct{}
	waiting atomic.Int32
	started func() // of each hash, for tests; nil for none
}

func newHashers(with identity.Hashing, random io.Reader) (*hashers, error) {
	dummy, err := with.Dummy(random)
	return &hashers{with: with, random: random, dummy: dummy, places: make(chan struct{}, hashing)}, err
}

// enter waits for a place. Errors: unavailable (overloaded), the context's.
func (h *hashers) enter(ctx context.Context) (leave func(), err error) {
	if h.waiting.Add(1) > hashing+queuing {
		h.waiting.Add(-1)
		return nil, failure(abi.Unavailable, "overloaded", "Too many people sign in at this moment.")
	}
	select {
	case h.places <- struct{}{}:
	case <-ctx.Done():
		h.waiting.Add(-1)
		return nil, failure(abi.Deadline, "canceled", "The caller did not wait.")
	}
	if h.started != nil {
		h.started()
	}
	return func() {
		<-h.places
		h.waiting.Add(-1)
	}, nil
}

func (h *hashers) hash(ctx context.Context, password string) (string, error) {
	leave, err := h.enter(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	return h.with.Hash(password, h.random)
}

// verify compares with a stored hash; with "" it does the same work in vain.
func (h *hashers) verify(ctx context.Context, stored, password string) (bool, error) {
	leave, err := h.enter(ctx)
	if err != nil {
		return false, err
	}
	defer leave()
	if stored == "" {
		_, err = identity.Verify(h.dummy, password)
		return false, err
	}
	return identity.Verify(stored, password)
}
