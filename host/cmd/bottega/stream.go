package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// message is one of a stream of server-sent events.
type message struct {
	ID, Event, Data string
}

// stream reads a stream until it ends; each is told every message. The error is
// io.EOF if the host ended it.
func (c *client) stream(ctx context.Context, path, last string, each func(message) error) error {
	req, err := c.request(ctx, http.MethodGet, path, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Accept", "text/event-stream")
	if last != "" {
		req.Header.Set("Last-Event-ID", last)
	}
	res, err := (&http.Client{}).Do(req) // without a timeout: it is to stay open
	if err != nil {
		return fmt.Errorf("no host answers at %s: %w", c.base, err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		body, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
		if err != nil {
			return err
		}
		p := &problem{}
		if json.Unmarshal(body, p) != nil || p.Code == "" {
			return fmt.Errorf("%s answered %s: %.200s", path, res.Status, body)
		}
		return c.advise(p)
	}
	return messages(res.Body, each)
}

// messages takes a stream apart. It ends with io.EOF.
func messages(r io.Reader, each func(message) error) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 64<<10), 1<<20)
	var m message
	var data []string
	for lines.Scan() {
		line := lines.Text()
		if line == "" {
			if m.Data = strings.Join(data, "\n"); m.Data != "" {
				if err := each(m); err != nil {
					return err
				}
			}
			m, data = message{}, nil
			continue
		}
		name, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch name {
		case "id":
			m.ID = value
		case "event":
			m.Event = value
		case "data":
			data = append(data, value)
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	return io.EOF
}

// tail is stream over restarts of the host: after an interruption it goes on
// behind the last message. It ends with the context, or with a refusal.
func (c *client) tail(ctx context.Context, path string, each func(message) error) error {
	last := ""
	for {
		err := c.stream(ctx, path, last, func(m message) error {
			if m.ID != "" {
				last = m.ID
			}
			return each(m)
		})
		var p *problem
		if ctx.Err() != nil {
			return nil
		}
		if errors.As(err, &p) && !p.retryable() {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(time.Second):
		}
	}
}
