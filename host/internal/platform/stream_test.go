package platform

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/sdk/abi"
)

// streaming is a server whose only address is a stream that feed fills; what
// Serve answered is in ended.
func streaming(t *testing.T, s *Streams, feed func(context.Context, *Stream) error) (url string, ended chan error) {
	t.Helper()
	ended = make(chan error, 16)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ended <- s.Serve(w, r, "user:anna", feed)
	}))
	t.Cleanup(server.Close)
	return server.URL, ended
}

// follower reads a stream; the test closes what it forgets to close.
type follower struct {
	*bufio.Reader
	header http.Header
	leave  func() error
}

func follow(t *testing.T, url string) follower {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = res.Body.Close() })
	return follower{bufio.NewReader(res.Body), res.Header, res.Body.Close}
}

func TestStreamWritesMessages(t *testing.T) {
	t.Parallel()
	url, ended := streaming(t, &Streams{}, func(_ context.Context, to *Stream) error {
		if err := to.Send(Message{ID: "7", Event: "till.closed", Data: []byte("{\"a\":\r\n1}")}); err != nil {
			return err
		}
		if err := to.Send(Message{ID: "8\ndata: forged"}); err == nil {
			return errors.New("a line break in an id was sent")
		}
		return nil
	})
	r := follow(t, url)
	var body bytes.Buffer
	if _, err := body.ReadFrom(r); err != nil {
		t.Fatal(err)
	}
	want := ": begun\n\nid: 7\nevent: till.closed\ndata: {\"a\":\ndata: 1}\n\n"
	if body.String() != want || r.header.Get("Content-Type") != "text/event-stream" {
		t.Errorf("%q of type %s", body.String(), r.header.Get("Content-Type"))
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestStreamBeatsAndEndsWithItsReader(t *testing.T) {
	t.Parallel()
	url, ended := streaming(t, &Streams{Heartbeat: time.Millisecond}, func(ctx context.Context, _ *Stream) error {
		<-ctx.Done()
		return ctx.Err()
	})
	r := follow(t, url)
	for beats := 0; beats < 2; {
		line, err := r.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(line, ": alive") {
			beats++
		}
	}
	_ = r.leave()
	if err := <-ended; err != nil {
		t.Errorf("a reader that went away is an error: %v", err)
	}
}

// TestH30StreamsAreCapped: one principal holds a few streams, and a place is free
// again as soon as one ends.
func TestH30StreamsAreCapped(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	s := &Streams{PerPrincipal: 2}
	url, ended := streaming(t, s, func(ctx context.Context, _ *Stream) error {
		select {
		case <-release:
		case <-ctx.Done():
		}
		return nil
	})
	for range 2 {
		if _, err := follow(t, url).ReadString('\n'); err != nil {
			t.Fatal(err)
		}
	}
	refused := httptest.NewRecorder()
	err := s.Serve(refused, httptest.NewRequest(http.MethodGet, "/", nil), "user:anna", nil)
	if e := (*abi.Error)(nil); !errors.As(err, &e) || e.Reason != "streams" || refused.Body.Len() != 0 {
		t.Errorf("a third stream: %v", err)
	}
	none := func(context.Context, *Stream) error { return nil }
	if err := s.Serve(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil), "user:bob", none); err != nil {
		t.Errorf("another's stream: %v", err)
	}
	close(release)
	for range 2 {
		<-ended
	}
	if err := s.Serve(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil), "user:anna", none); err != nil {
		t.Errorf("after they ended: %v", err)
	}
}

// TestH30SlowReaderIsDropped: who never reads holds nothing for longer than the
// patience there is.
func TestH30SlowReaderIsDropped(t *testing.T) {
	t.Parallel()
	url, ended := streaming(t, &Streams{Patience: 20 * time.Millisecond}, func(ctx context.Context, to *Stream) error {
		for {
			if err := to.Send(Message{Data: bytes.Repeat([]byte("x"), 1<<20)}); err != nil {
				return err
			}
		}
	})
	follow(t, url) // and never reads
	if err := <-ended; err == nil {
		t.Error("the feed never failed")
	}
}
