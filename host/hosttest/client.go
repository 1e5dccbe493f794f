package hosttest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Answer is what an operation answered.
type Answer struct {
	Body     []byte // JSON
	Request  string // id of the request, as it stands in the host's log
	Position uint64 // of a command: log position of its last event, or the newest before it
	Replayed bool   // answered from the record of an earlier request with the same key
}

// Problem is an answer that is no success. It is an error.
type Problem struct {
	Status     int             `json:"status"` // of HTTP
	Code       string          `json:"code"`
	Reason     string          `json:"reason"`
	Detail     string          `json:"detail"`
	Pointer    string          `json:"pointer"` // RFC 6901, into the input
	Fields     json.RawMessage `json:"fields"`
	App        string          `json:"app"` // id@version that raised it, "" for the host
	Request    string          `json:"request"`
	RetryAfter time.Duration   `json:"-"` // 0 if the host did not say
}

func (p *Problem) Error() string {
	return fmt.Sprintf("%d %s (%s): %s", p.Status, p.Code, p.Reason, p.Detail)
}

// Health is how a host says it is.
type Health struct {
	Status   string   `json:"status"`   // ready, degraded or stopping
	Storage  string   `json:"storage"`  // ok, or why it does not write
	Position uint64   `json:"position"` // newest durable log position
	Degraded []string `json:"degraded"` // apps that are not called because they only fault
}

// Call calls an operation with a value of its input's type and answers one of
// its output's type, both with the JSON names of the contract. The key makes a
// command repeatable and is "" for a query. The error is a *Problem if the host
// answered.
func Call[Out, In any](h *Host, operation, key string, in In) (Out, error) {
	var out Out
	body, err := json.Marshal(in)
	if err != nil {
		return out, err
	}
	a, err := h.Send(context.Background(), operation, key, body)
	if err != nil {
		return out, err
	}
	return out, json.Unmarshal(a.Body, &out)
}

// Send is Call with JSON.
func (h *Host) Send(ctx context.Context, operation, key string, body []byte) (*Answer, error) {
	url := h.URL + "/v1/" + strings.Replace(operation, ".", "/", 1)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	return h.client.do(req)
}

// Health asks the host how it is. A host that is not ready is no error.
func (h *Host) Health() (Health, error) {
	var health Health
	body, err := h.client.get(h.URL + "/v1/host/health")
	if err != nil {
		return health, err
	}
	return health, json.Unmarshal(body, &health)
}

// Metric reads a metric of the host by its name without labels, for example
// bottega_guest_instances: the sum of all its series.
func (h *Host) Metric(name string) (float64, error) {
	body, err := h.client.get(h.URL + "/metrics")
	if err != nil {
		return 0, err
	}
	sum, found := 0.0, false
	for lines := bufio.NewScanner(bytes.NewReader(body)); lines.Scan(); {
		series, value, _ := strings.Cut(lines.Text(), " ")
		if labelled, _, _ := strings.Cut(series, "{"); labelled != name {
			continue
		}
		if at := strings.LastIndex(lines.Text(), "} "); at >= 0 {
			value = lines.Text()[at+2:]
		}
		v, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return 0, fmt.Errorf("metric %s: %w", name, err)
		}
		sum, found = sum+v, true
	}
	if !found {
		return 0, fmt.Errorf("the host has no metric %s", name)
	}
	return sum, nil
}

// CloseIdleConnections closes the connections to the host that no request uses,
// for tests that count goroutines and files.
func (h *Host) CloseIdleConnections() { h.client.close() }

// sound asks a running host whether its storage is.
func (h *Host) sound() error {
	if h.stop == nil {
		return nil
	}
	health, err := h.Health()
	if err == nil && health.Storage != "ok" {
		err = fmt.Errorf("storage: %s", health.Storage)
	}
	return err
}

// client speaks to one host over connections of its own.
type client struct {
	http  *http.Client
	token string // of the owner, sent with every request
}

func newClient() *client {
	return &client{http: &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}}
}

func (c *client) close() { c.http.CloseIdleConnections() }

func (c *client) get(url string) ([]byte, error) {
	req, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	res, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	return io.ReadAll(res.Body)
}

func (c *client) do(req *http.Request) (*Answer, error) {
	req.Header.Set("Authorization", "Bearer "+c.token)
	res, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusOK {
		return nil, problem(res, body)
	}
	a := &Answer{Body: body, Request: res.Header.Get("X-Request-Id"), Replayed: res.Header.Get("Idempotent-Replayed") == "true"}
	if p := res.Header.Get("X-Log-Position"); p != "" {
		a.Position, err = strconv.ParseUint(p, 10, 64)
	}
	return a, err
}

func problem(res *http.Response, body []byte) error {
	p := &Problem{Status: res.StatusCode}
	if err := json.Unmarshal(body, p); err != nil {
		return errors.Join(fmt.Errorf("%s: no problem+json", res.Status), err)
	}
	if seconds, err := strconv.Atoi(res.Header.Get("Retry-After")); err == nil {
		p.RetryAfter = time.Duration(seconds) * time.Second
	}
	return p
}
