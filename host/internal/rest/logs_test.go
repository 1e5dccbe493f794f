package rest

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/bottega-retail/bottega/host/internal/platform"
)

func TestTailOfTheLog(t *testing.T) {
	t.Parallel()
	tail := NewTail(func() time.Time { return time.Unix(0, 0) })
	logger := hclog.NewInterceptLogger(&hclog.LoggerOptions{Output: io.Discard, Level: hclog.Trace})
	logger.RegisterSink(tail)
	logger.Named("kernel").Info("before", "took", 3*time.Second, "cause", errors.New("no reason"))
	logger.Debug("too small")
	streams := &platform.Streams{}
	s, _, _ := newRoom(t, func(c *Config) { c.Platform = []*platform.Operation{tail.Operation(streams)} })
	server := httptest.NewServer(s)
	t.Cleanup(server.Close) // after the bodies are closed
	follow := func(query, token string) (int, *bufio.Scanner) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/v1/host/logs"+query, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = res.Body.Close() })
		return res.StatusCode, bufio.NewScanner(res.Body)
	}
	logger.Warn("of an app", "app", "hello@0.1.0")
	logger.With("app", "hello").Warn("of it too")
	logger.Warn("of another", "app", "helloworld")
	if status, _ := follow("", "things"); status != http.StatusForbidden {
		t.Errorf("without the right: %d", status)
	}
	if status, _ := follow("?level=loud", "owner"); status != http.StatusBadRequest {
		t.Errorf("no level: %d", status)
	}
	for _, query := range []string{"?levels=info", "?level=info&level=warn", "?app=hello&limit=3"} {
		if status, _ := follow(query, "owner"); status != http.StatusBadRequest {
			t.Errorf("%s: %d", query, status)
		}
	}
	nextOf := func(lines *bufio.Scanner) string {
		for lines.Scan() {
			if text, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				return text
			}
		}
		t.Fatalf("the stream ended: %v", lines.Err())
		return ""
	}
	_, lines := follow("?level=info", "owner")
	next := func() string { return nextOf(lines) }
	_, hello := follow("?app=hello", "owner")
	for _, want := range []string{"of an app", "of it too"} {
		if got := nextOf(hello); !strings.Contains(got, `"message":"`+want+`"`) {
			t.Errorf("of one app: %s, want %s", got, want)
		}
	}
	if got := next(); got != `{"time":"1970-01-01T00:00:00Z","level":"info","module":"kernel","message":"before","took":"3s","cause":"no reason"}` {
		t.Errorf("kept: %s", got)
	}
	for range 3 {
		next() // the apps'
	}
	logger.Debug("too small")
	logger.Warn("after")
	logger.Warn("of it at last", "app", "hello@0.2.0")
	if got := nextOf(hello); !strings.Contains(got, "of it at last") {
		t.Errorf("of one app, live: %s", got)
	}
	if got := next(); !strings.Contains(got, `"message":"after"`) {
		t.Errorf("live: %s", got)
	}
}

// However much is logged while nobody reads, nothing waits and little is kept.
func TestTailIsBounded(t *testing.T) {
	t.Parallel()
	tail := NewTail(time.Now)
	_, next, leave := tail.watch()
	for range 1000 {
		tail.Accept("x", hclog.Info, "line")
	}
	if len(tail.kept) != keptLines || len(next) != waitingLines {
		t.Errorf("%d kept, %d wait", len(tail.kept), len(next))
	}
	if leave(); len(tail.watching) != 0 {
		t.Error("who left is still written to")
	}
}
