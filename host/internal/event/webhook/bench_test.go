package webhook

import (
	"context"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/bottega-retail/bottega/host/internal/event/egress"
)

// BenchmarkDeliver is the time of one delivery among 1,000 events to 1 and to 10
// webhooks: from the commit of the events until all have arrived over TLS at a
// server of this process. Run it with -benchtime 1x or more.
func BenchmarkDeliver(b *testing.B) {
	const events = 1000
	for _, hooks := range []int{1, 10} {
		b.Run(fmt.Sprintf("webhooks=%d", hooks), func(b *testing.B) {
			var left atomic.Int64
			done := make(chan struct{}, 1)
			server := httptest.NewTLSServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				if left.Add(-1) == 0 {
					done <- struct{}{}
				}
			}))
			defer server.Close()
			roots := x509.NewCertPool()
			roots.AddCert(server.Certificate())
			client := egress.New(egress.Config{Roots: roots, Allow: func(a netip.AddrPort) bool { return a.Addr().IsLoopback() }})
			defer client.Close()
			f := setup(b, client, func(c *Config) { c.Insecure = true })
			for range hooks {
				f.create(NewWebhook{URL: server.URL})
			}
			ctx, cancel := context.WithCancel(context.Background())
			over := make(chan struct{})
			go func() { _ = f.Run(ctx); close(over) }()
			types := slices.Repeat([]string{"till.closed"}, 100)
			for b.Loop() {
				left.Store(events * int64(hooks))
				for range events / len(types) {
					f.emit(types...)
				}
				<-done
			}
			b.ReportMetric(float64(b.N*events*hooks)/b.Elapsed().Seconds(), "deliveries/s")
			cancel()
			<-over
		})
	}
}
