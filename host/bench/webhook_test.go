package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// deliver posts to a receiver as a webhook does.
func deliver(r *receiver, path, id, signature string) {
	req := httptest.NewRequest(http.MethodPost, path, strings.NewReader("{}"))
	req.Header.Set(headerID, id)
	if signature != "" {
		req.Header.Set(headerSignature, signature)
	}
	r.ServeHTTP(httptest.NewRecorder(), req)
}

// TestReceiverCountsDeliveriesOnce counts by endpoint and id, so that one that
// comes twice does not stand for one that is missing.
func TestReceiverCountsDeliveriesOnce(t *testing.T) {
	t.Parallel()
	r := &receiver{}
	arrived := r.expect(3)
	for _, d := range [][2]string{{"/0", "a"}, {"/0", "a"}, {"/1", "a"}, {"/1", "a"}} {
		deliver(r, d[0], d[1], "v1,x")
	}
	if r.missing() != 1 {
		t.Errorf("%d are missing, not 1", r.missing())
	}
	deliver(r, "/0", "b", "v1,x")
	select {
	case <-arrived:
	default:
		t.Error("all have arrived and nobody says so")
	}
	if err := r.fault(); err != nil {
		t.Error(err)
	}
}

// TestReceiverWantsSignatures remembers a delivery without one.
func TestReceiverWantsSignatures(t *testing.T) {
	t.Parallel()
	r := &receiver{}
	r.expect(1)
	deliver(r, "/0", "a", "")
	if r.fault() == nil {
		t.Error("a delivery without a signature is well")
	}
}
