package platform

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/bottega-retail/bottega/sdk/abi"
)

// Streams opens event streams (text/event-stream) and bounds them. Nil or zero
// is the default of every field. Safe for concurrent use; it must not be copied.
type Streams struct {
	PerPrincipal int              // open at once for one principal; default 8
	Total        int              // open at once; default 1,024
	Heartbeat    time.Duration    // between signs of life; default 15 s
	Patience     time.Duration    // with a reader that takes nothing; default 10 s
	Now          func() time.Time // of deadlines; default time.Now

	mu    sync.Mutex
	open  map[string]int // by principal
	total int
}

// Message is one event of a stream. ID and Event have no line breaks.
type Message struct {
	ID    string // what a client sends as Last-Event-ID when it comes again; "" for none
	Event string // "" is "message"
	Data  []byte // any text, usually JSON
}

// Stream is an open event stream. Safe for concurrent use.
type Stream struct {
	w        http.ResponseWriter
	control  *http.ResponseController
	patience time.Duration
	now      func() time.Time
	mu       sync.Mutex
	buffer   bytes.Buffer
}

// Serve answers r with a stream that lives until feed returns. It begins the
// answer, beats while feed is silent, and cancels feed's context when the client
// goes away, takes nothing for Patience, or r's context ends. Before the stream
// has begun the error is an *abi.Error of reason "streams": too many are open.
// After, it is for the log alone: why feed ended, nil if it was told to.
func (s *Streams) Serve(w http.ResponseWriter, r *http.Request, principal string, feed func(ctx context.Context, to *Stream) error) error {
	if err := s.enter(principal); err != nil {
		return err
	}
	defer s.leave(principal)
	ctx, cancel := context.WithCancelCause(r.Context())
	defer cancel(nil)
	stream := &Stream{w: w, control: http.NewResponseController(w), patience: orDefault(s.Patience, 10*time.Second), now: s.Now}
	if stream.now == nil {
		stream.now = time.Now
	}
	if err := stream.begin(); err != nil {
		return nil // who asked is gone
	}
	beaten := make(chan struct{})
	go func() {
		defer close(beaten)
		stream.beat(ctx, cancel, orDefault(s.Heartbeat, 15*time.Second))
	}()
	err := feed(ctx, stream)
	cancel(err)
	<-beaten
	if err != nil && !errors.Is(err, context.Canceled) {
		return fmt.Errorf("stream: %w", err)
	}
	return nil
}

func orDefault(d, preset time.Duration) time.Duration {
	if d == 0 {
		return preset
	}
	return d
}

func (s *Streams) enter(principal string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	most, total := s.PerPrincipal, s.Total
	if most == 0 {
		most = 8
	}
	if total == 0 {
		total = 1024
	}
	if s.open[principal] >= most || s.total >= total {
		return &abi.Error{Code: abi.Exhausted, Reason: "streams", Message: fmt.Sprintf("At most %d streams are open at once; close one.", most)}
	}
	if s.open == nil {
		s.open = map[string]int{}
	}
	s.open[principal]++
	s.total++
	return nil
}

func (s *Streams) leave(principal string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.total--
	if s.open[principal]--; s.open[principal] == 0 {
		delete(s.open, principal)
	}
}

// begin sends the headers, so that the client knows at once. A stream outlives
// the time that a request has.
func (s *Stream) begin() error {
	if err := s.control.SetReadDeadline(time.Time{}); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	h := s.w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // a proxy that buffers would hold everything back
	s.w.WriteHeader(http.StatusOK)
	return s.comment("begun")
}

func (s *Stream) beat(ctx context.Context, cancel context.CancelCauseFunc, every time.Duration) {
	t := time.NewTicker(every)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			if err := s.comment("alive"); err != nil {
				cancel(err)
				return
			}
		}
	}
}

func (s *Stream) comment(text string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.buffer.WriteString(": " + text + "\n\n")
	return s.flush()
}

// Send sends one message. After an error there is nobody to send to.
func (s *Stream) Send(m Message) error {
	if strings.ContainsAny(m.ID+m.Event, "\r\n\x00") {
		return fmt.Errorf("message %q of %q: a line break", m.ID, m.Event)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if m.ID != "" {
		s.buffer.WriteString("id: " + m.ID + "\n")
	}
	if m.Event != "" {
		s.buffer.WriteString("event: " + m.Event + "\n")
	}
	for line := range bytes.SplitSeq(bytes.ReplaceAll(m.Data, []byte("\r"), nil), []byte("\n")) {
		s.buffer.WriteString("data: ")
		s.buffer.Write(line)
		s.buffer.WriteByte('\n')
	}
	s.buffer.WriteByte('\n')
	return s.flush()
}

// flush sends what is buffered. Whoever does not read lets the buffers of the
// connection run full, and the write ends at its deadline.
func (s *Stream) flush() error {
	defer s.buffer.Reset()
	if err := s.control.SetWriteDeadline(s.now().Add(s.patience)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	if _, err := s.w.Write(s.buffer.Bytes()); err != nil {
		return err
	}
	return s.control.Flush()
}
