package egress

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// Answer is what a Post was answered, as much of it as was asked for.
type Answer struct {
	Status int
	Body   []byte
}

// drained is how much of an answer is read only to keep the connection.
const drained = 8 << 10

// Post posts a body to a URL of whoever configured it, and reads up to most bytes
// of the answer. It follows no redirect; ctx bounds how long it takes.
// Connections are kept for the next Post. Errors: ErrInside, the context's, and
// those of the network; any answer at all is none.
func (c *Client) Post(ctx context.Context, to string, header http.Header, body []byte, most int64) (Answer, error) {
	u, err := url.Parse(to)
	if err != nil {
		return Answer{}, fmt.Errorf("post: %w", err)
	}
	way := map[string]*http.Transport{"https": c.posts, "http": c.plain}[u.Scheme]
	if way == nil {
		return Answer{}, fmt.Errorf("post by %q: %w", u.Scheme, ErrInside)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return Answer{}, fmt.Errorf("post: %w", err)
	}
	req.Header = header
	res, err := way.RoundTrip(req)
	if err != nil {
		return Answer{}, fmt.Errorf("post: %w", err)
	}
	defer func() { _ = res.Body.Close() }() // nothing more is wanted of it
	answer := Answer{Status: res.StatusCode}
	if answer.Body, err = io.ReadAll(io.LimitReader(res.Body, most)); err != nil {
		return answer, fmt.Errorf("post: %w", err)
	}
	_, _ = io.CopyN(io.Discard, res.Body, drained) // else the connection ends: no harm
	return answer, nil
}
