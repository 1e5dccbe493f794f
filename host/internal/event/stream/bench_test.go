package stream

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/bottega-retail/bottega/host/internal/identity"
)

// BenchmarkFanOut is the time of 1,000 events to 1 and to 100 readers over HTTP:
// from the first commit until the last reader has the last event.
func BenchmarkFanOut(b *testing.B) {
	const events = 1000
	for _, readers := range []int{1, 100} {
		b.Run(fmt.Sprintf("readers=%d", readers), func(b *testing.B) {
			f := setup(b, nil)
			var begun sync.WaitGroup
			begun.Add(readers)
			arrived := make(chan struct{}, readers)
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_ = f.Operations()[0].Raw(w, r, identity.Principal{ID: r.URL.Path}, "req")
			}))
			for i := range readers {
				go func() {
					res, err := http.Get(fmt.Sprintf("%s/%d", server.URL, i))
					begun.Done()
					if err != nil {
						b.Error(err)
						return
					}
					defer func() { _ = res.Body.Close() }()
					count(res.Body, events, arrived)
				}()
			}
			begun.Wait()
			types := make([]string, 100)
			for i := range types {
				types[i] = "till.closed"
			}
			for b.Loop() {
				for range events / len(types) {
					f.emit(types...)
				}
				for range readers {
					<-arrived
				}
			}
			b.ReportMetric(float64(b.N*events*readers)/b.Elapsed().Seconds(), "messages/s")
			server.CloseClientConnections()
			server.Close()
		})
	}
}

// count tells of every n-th message.
func count(r io.Reader, n int, arrived chan<- struct{}) {
	buffer, seen := make([]byte, 1<<16), 0
	for {
		k, err := r.Read(buffer)
		for range bytes.Count(buffer[:k], []byte("id: ")) {
			if seen++; seen%n == 0 {
				arrived <- struct{}{}
			}
		}
		if err != nil {
			return
		}
	}
}
