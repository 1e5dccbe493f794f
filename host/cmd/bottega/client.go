package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// client calls a running host over REST, as any integrator would.
type client struct {
	base  string
	token string // or, behind sessionMark, the secret of a session; "" sends none
	http  *http.Client
}

// sessionMark tells the secret of a session from a token.
const sessionMark = "session:"

// hostFlag is how verbs name the host that they talk to.
type hostFlag struct {
	Host  string `name:"url" aliases:"host" help:"Address of the running host." default:"http://127.0.0.1:8080" env:"BOTTEGA_URL,BOTTEGA_HOST"`
	Token string `help:"API token. Default: that of \u0060bottega login\u0060; on this machine, that of the owner of a demo in .bottega/demo here or above." env:"BOTTEGA_TOKEN" placeholder:"TOKEN"`
}

func (f hostFlag) client() *client {
	base := strings.TrimRight(f.Host, "/")
	token := f.Token
	if token == "" {
		token = knownToken(base)
	}
	return &client{base: base, token: token, http: &http.Client{Timeout: 30 * time.Second}}
}

// problem is an RFC 9457 answer.
type problem struct {
	Title   string         `json:"title"`
	Status  int            `json:"status"`
	Code    string         `json:"code"`
	Reason  string         `json:"reason"`
	Detail  string         `json:"detail"`
	Pointer string         `json:"pointer"`
	Fields  map[string]any `json:"fields"`
	Request string         `json:"request"`

	after time.Duration // that the host asks to wait, 0 if it does not
}

// Error puts first what a person can act on.
func (p *problem) Error() string {
	text := p.Code
	if p.Reason != "" {
		text += " (" + p.Reason + ")"
	}
	if p.Detail != "" {
		text += ": " + p.Detail
	}
	if p.Pointer != "" {
		text += " at " + p.Pointer
	}
	if p.Request != "" {
		text += " [" + p.Request + "]"
	}
	return text
}

// retryable says whether the same request may succeed later.
func (p *problem) retryable() bool {
	return p.Reason == "rate_limited" || p.Code == "unavailable" || p.Code == "deadline" || p.Reason == "contention" || p.Reason == "idempotency_in_progress" || p.Reason == "outcome_unknown"
}

// call runs an operation, contract.operation, with a JSON body. A key makes it
// repeatable; queries need none. The error is a *problem if the host answered.
func (c *client) call(ctx context.Context, operation, key string, body []byte) ([]byte, error) {
	answer, _, err := c.callFull(ctx, operation, key, body)
	return answer, err
}

// callFull is call with the answer's headers.
func (c *client) callFull(ctx context.Context, operation, key string, body []byte) ([]byte, http.Header, error) {
	contract, name, ok := strings.Cut(operation, ".")
	if !ok {
		return nil, nil, fmt.Errorf("%q is no operation: write contract.operation, for example catalog.product", operation)
	}
	req, err := c.request(ctx, http.MethodPost, "/v1/"+contract+"/"+name, body)
	if err != nil {
		return nil, nil, err
	}
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	return c.do(req)
}

// get reads a platform resource.
func (c *client) get(ctx context.Context, path string) ([]byte, error) {
	req, err := c.request(ctx, http.MethodGet, path, nil)
	if err != nil {
		return nil, err
	}
	body, _, err := c.do(req)
	return body, err
}

// request makes a request with a body of JSON, if any.
func (c *client) request(ctx context.Context, method, path string, body []byte) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if session, ok := strings.CutPrefix(c.token, sessionMark); ok {
		req.Header.Set("Cookie", "__Host-bottega="+session)
	} else if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	return req, nil
}

func (c *client) do(req *http.Request) ([]byte, http.Header, error) {
	res, err := c.http.Do(req)
	if err != nil {
		return nil, nil, fmt.Errorf("no host answers at %s: %w", c.base, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 16<<20))
	if err != nil {
		return nil, nil, err
	}
	if res.StatusCode < 300 {
		return body, res.Header, nil
	}
	p := &problem{after: retryAfter(res.Header)}
	if json.Unmarshal(body, p) != nil || p.Code == "" {
		return nil, nil, fmt.Errorf("%s answered %s: %.200s", req.URL.Path, res.Status, body)
	}
	return nil, nil, p
}

// retryAfter is how long a host asks to wait, 0 if it does not.
func retryAfter(h http.Header) time.Duration {
	seconds, err := strconv.Atoi(h.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return 0
	}
	return time.Duration(seconds) * time.Second
}

// How long a call is repeated: the sum of the pauses between.
const (
	patience       = 10 * time.Second // somebody waits for the answer
	importPatience = 2 * time.Minute  // an import outlives a restart of the host
)

// patient repeats a call while the host is busy or away, with growing pauses or the
// one that it asks for.
// Only for calls that may be repeated: queries, and commands with a key.
func (c *client) patient(ctx context.Context, operation, key string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	answer, err := c.repeat(ctx, operation, key, body, patience)
	if err != nil || out == nil {
		return err
	}
	return json.Unmarshal(answer.body, out)
}

// answer is what the host said to a call that succeeded.
type answer struct {
	body     []byte
	replayed bool // it had answered the same request before
}

// repeat is patient with bytes, and with a patience of its own.
func (c *client) repeat(ctx context.Context, operation, key string, body []byte, patience time.Duration) (answer, error) {
	for pause, waited := 50*time.Millisecond, time.Duration(0); ; pause = min(2*pause, 2*time.Second) {
		out, header, err := c.callFull(ctx, operation, key, body)
		if err == nil {
			return answer{out, header.Get("Idempotent-Replayed") == "true"}, nil
		}
		wait := pause
		if p := (*problem)(nil); errors.As(err, &p) {
			if !p.retryable() {
				return answer{}, err
			}
			wait = max(wait, p.after)
		}
		if waited >= patience {
			return answer{}, err
		}
		select {
		case <-ctx.Done():
			return answer{}, ctx.Err()
		case <-time.After(wait):
			waited += wait
		}
	}
}

// contentKey is an idempotency key for a command that may be repeated with the
// same content and never means another thing by it.
func contentKey(operation string, in any) string {
	body, err := json.Marshal(in) // maps of plain values: sorted, and no error
	if err != nil {
		panic(err)
	}
	sum := sha256.Sum256(append([]byte(operation+"\n"), body...))
	return operation + "-" + hex.EncodeToString(sum[:12])
}

// sameJSON compares two texts but for the white space at their ends.
func sameJSON(a, b []byte) bool { return bytes.Equal(bytes.TrimSpace(a), bytes.TrimSpace(b)) }
