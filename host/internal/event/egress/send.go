package egress

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/host/internal/registry"
	"github.com/bottega-retail/bottega/sdk/abi"
)

func refuse(code abi.Code, reason, message string) *abi.Error {
	return &abi.Error{Code: code, Reason: reason, Message: message}
}

// Send is a kernel.Sender: it sends a request of an app to a host that the app
// was granted, over TLS, on a connection of its own, and follows no redirect; the
// answer of one is the app's, without a Location that leads to another host. A
// key that makes the call repeatable (Info.Key of the effect) is the app's to
// put into the header that the other side wants. Errors are *abi.Error: denied
// (egress), invalid (http), too_large (http), unavailable (http), and
// failed_precondition (secret) if the secret is not set.
func (c *Client) Send(ctx context.Context, app *registry.App, r abi.HTTPRequest) (abi.HTTPResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	req, err := c.request(ctx, app, r)
	if err != nil {
		return abi.HTTPResponse{}, c.told(app, r.URL, err)
	}
	answer, err := c.exchange(req)
	if err != nil {
		return abi.HTTPResponse{}, c.told(app, req.URL.Host, err)
	}
	return answer, nil
}

// told reports a call that was denied. What it names is as long as a name can be.
func (c *Client) told(app *registry.App, at string, err error) error {
	var e *abi.Error
	if c.config.Denied == nil || !errors.As(err, &e) || e.Code != abi.Denied {
		return err
	}
	if u, bad := url.Parse(at); bad == nil && u.Host != "" {
		at = u.Host
	}
	c.config.Denied(app.ID, at[:min(len(at), 253)])
	return err
}

// request makes the request that is sent, or says why it is not.
func (c *Client) request(ctx context.Context, app *registry.App, r abi.HTTPRequest) (*http.Request, error) {
	u, grant, err := target(app, r.URL)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(methods, r.Method) {
		return nil, refuse(abi.Invalid, abi.ReasonHTTP, "The method is one of "+strings.Join(methods, ", ")+".")
	}
	if len(r.Body) > abi.MaxHTTP {
		return nil, refuse(abi.TooLarge, abi.ReasonHTTP, "The body is longer than 1 MiB.")
	}
	header, err := headers(r.Headers, grant)
	if err != nil {
		return nil, err
	}
	if err = c.attach(ctx, header, app, grant, r.Secret); err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, r.Method, u.String(), bytes.NewReader(r.Body))
	if err != nil {
		return nil, refuse(abi.Invalid, abi.ReasonHTTP, "The request is malformed.")
	}
	if req.Header = header; header.Get("User-Agent") == "" {
		header.Set("User-Agent", "Bottega ("+app.String()+")")
	}
	return req, nil
}

var methods = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}

const (
	maxURL  = 8 << 10
	tlsPort = "443"
)

// target reads a URL and finds the grant of its host. Everything that is no
// plain name of a granted host is refused alike: the address has one spelling.
func target(app *registry.App, text string) (*url.URL, *manifest.Grant, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil || len(text) > maxURL || u.Opaque != "" || u.User != nil || u.Fragment != "" || strings.HasSuffix(text, "#"):
		return nil, nil, refuse(abi.Invalid, abi.ReasonHTTP, "The URL is malformed, has a user or a fragment, or is longer than 8 KiB.")
	case u.Scheme != "https":
		return nil, nil, refuse(abi.Denied, abi.ReasonEgress, "Only https leaves the host.")
	case !plainName(u.Hostname()):
		return nil, nil, refuse(abi.Denied, abi.ReasonEgress, "The host of the URL is no plain name.")
	}
	name := strings.ToLower(u.Hostname())
	if port := u.Port(); port != "" && port != tlsPort {
		name += ":" + port
	}
	grant, ok := app.Grant("http:" + name)
	if !ok {
		return nil, nil, refuse(abi.Denied, abi.ReasonEgress, "The app was not granted "+name+".")
	}
	if !portAllowed(u.Port()) {
		return nil, nil, refuse(abi.Denied, abi.ReasonEgress, "Port "+u.Port()+" speaks no HTTPS.")
	}
	return u, grant, nil
}

// plainName says whether a host is written as a name of ASCII letters, digits,
// hyphens and dots: no address, no name in another script, no dot at the end.
func plainName(host string) bool {
	for i := range len(host) {
		if c := host[i] | 0x20; (c < 'a' || c > 'z') && (host[i] < '0' || host[i] > '9') && host[i] != '-' && host[i] != '.' {
			return false
		}
	}
	return host != "" && len(host) <= 253 && host[len(host)-1] != '.'
}

// portAllowed refuses the ports of other protocols: those below 1024 but 443.
func portAllowed(port string) bool {
	return port == "" || port == tlsPort || len(port) == 5 || len(port) == 4 && port >= "1024"
}

// owned are headers that the host or the connection sets.
var owned = []string{
	"Host", "Content-Length", "Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection",
	"Te", "Trailer", "Transfer-Encoding", "Upgrade", "Expect",
}

func headers(all []abi.Header, grant *manifest.Grant) (http.Header, error) {
	if len(all) > abi.MaxHeaders {
		return nil, refuse(abi.TooLarge, abi.ReasonHTTP, "More than 64 header fields.")
	}
	h, size := http.Header{}, 0
	for _, f := range all {
		name := http.CanonicalHeaderKey(f.Name)
		switch {
		case !token(f.Name) || !text(f.Value):
			return nil, refuse(abi.Invalid, abi.ReasonHTTP, "A header field has a name or a value that HTTP does not know.")
		case slices.Contains(owned, name):
			return nil, refuse(abi.Invalid, abi.ReasonHTTP, "The header "+name+" is the host's to set.")
		case grant.Secret != nil && strings.EqualFold(name, grant.Secret.Header):
			return nil, refuse(abi.Invalid, abi.ReasonHTTP, "The header "+name+" carries the secret: name it, and the host sets it.")
		}
		if size += len(f.Name) + len(f.Value); size > MaxHeaderBytes {
			return nil, refuse(abi.TooLarge, abi.ReasonHTTP, "The header is longer than 64 KiB.")
		}
		h.Add(name, f.Value)
	}
	return h, nil
}

// token says whether s can be the name of a header field.
func token(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c <= ' ' || c > '~' || strings.IndexByte("\"(),/:;<=>?@[\\]{}", c) >= 0 {
			return false
		}
	}
	return s != ""
}

// text says whether s can be the value of a header field.
func text(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

// attach puts the secret that a request names into the header that the grant of
// this host says.
func (c *Client) attach(ctx context.Context, h http.Header, app *registry.App, grant *manifest.Grant, name string) error {
	if name == "" {
		return nil
	}
	if grant.Secret == nil || grant.Secret.Setting != name || c.config.Secret == nil {
		return refuse(abi.Denied, abi.ReasonEgress, "The secret is not bound to this host.")
	}
	value, err := c.config.Secret(ctx, c.config.Tenant, app.ID, name)
	if err != nil {
		return fmt.Errorf("secret %s of %s: %w", name, app.ID, err)
	}
	if value == "" || !text(value) {
		return refuse(abi.FailedPrecondition, "secret", "The setting "+name+" is not set, or fits no header.")
	}
	h.Set(grant.Secret.Header, grant.Secret.Prefix+value)
	return nil
}

// exchange sends a request over a connection that nothing else uses, and reads
// the whole answer.
func (c *Client) exchange(req *http.Request) (abi.HTTPResponse, error) {
	var read atomic.Int64
	way := c.transport(c.outside, &read)
	way.DisableKeepAlives = true
	res, err := way.RoundTrip(req)
	if err != nil {
		return abi.HTTPResponse{}, failure(err, read.Load())
	}
	defer func() { _ = res.Body.Close() }() // nothing more is wanted of it
	if res.StatusCode == http.StatusSwitchingProtocols {
		return abi.HTTPResponse{}, errNoAnswer()
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, abi.MaxHTTP+1))
	if len(body) > abi.MaxHTTP {
		return abi.HTTPResponse{}, refuse(abi.TooLarge, abi.ReasonHTTP, "The answer is longer than 1 MiB.")
	}
	if err != nil {
		return abi.HTTPResponse{}, errNoAnswer()
	}
	fields, err := answered(req.URL, res.Header)
	return abi.HTTPResponse{Status: res.StatusCode, Headers: fields, Body: body}, err
}

func errNoAnswer() error {
	return refuse(abi.Unavailable, abi.ReasonHTTP, "The host gave no answer.")
}

// failure says no more of an error than an app may know.
func failure(err error, read int64) error {
	if errors.Is(err, ErrInside) {
		return refuse(abi.Denied, abi.ReasonEgress, "The name leads to an address inside.")
	}
	if read > MaxHeaderBytes {
		return refuse(abi.TooLarge, abi.ReasonHTTP, "The header of the answer is longer than 64 KiB.")
	}
	return errNoAnswer()
}

// answered are the header fields of an answer, by name.
func answered(from *url.URL, h http.Header) ([]abi.Header, error) {
	var all []abi.Header
	for name, values := range h {
		if slices.Contains(owned, name) && name != "Content-Length" || name == "Location" && !same(from, values) {
			continue
		}
		for _, v := range values {
			all = append(all, abi.Header{Name: name, Value: v})
		}
	}
	if len(all) > abi.MaxHeaders {
		return nil, refuse(abi.TooLarge, abi.ReasonHTTP, "The answer has more than 64 header fields.")
	}
	slices.SortStableFunc(all, func(a, b abi.Header) int { return cmp.Compare(a.Name, b.Name) })
	return all, nil
}

// same says whether a redirect stays where it is.
func same(from *url.URL, locations []string) bool {
	for _, l := range locations {
		to, err := from.Parse(l)
		if err != nil || to.Scheme != from.Scheme || to.Host != from.Host || to.User != nil {
			return false
		}
	}
	return true
}
