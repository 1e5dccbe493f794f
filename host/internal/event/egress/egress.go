// Package egress makes the calls that leave the host: the requests of effect
// handlers and the deliveries of webhooks. It knows HTTP, names and addresses,
// and what an app was granted; it must not know transactions, events or how
// secrets are kept.
//
// What may be reached is decided twice: by name, before anything is sent, and by
// the address that the connection goes to, in the dialer itself, so that a name
// which leads somewhere else a moment later leads nowhere.
package egress

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"sync/atomic"
	"syscall"
	"time"

	"code.dny.dev/ssrf"
)

// What one call may take.
const (
	// MaxHeaderBytes bounds the header of an answer.
	MaxHeaderBytes = 64 << 10

	defaultTimeout = 20 * time.Second // of an app's call, all of it
	dialTimeout    = 5 * time.Second  // to one address
	addressesMost  = 4                // of one name, tried one after the other
)

// ErrInside is the error of a call that would reach an address of the host's own
// networks: loopback, private, link-local, reserved or multicast.
var ErrInside = errors.New("an address inside")

// Config is what a Client is made of. Nil or zero is the default of every field.
type Config struct {
	Tenant string // that Secret is asked for
	// Secret is the plain text of an app's secret setting, "" if it is not set.
	// Without it no call can name one.
	Secret func(ctx context.Context, tenant, app, setting string) (string, error)
	// Denied is told of every call that was refused: the app's id, and the host
	// that it named.
	Denied  func(app, host string)
	Timeout time.Duration // of an app's call with its answer; default 20 s

	// Resolve finds the addresses of a name. Default: the machine's resolver.
	Resolve func(ctx context.Context, host string) ([]netip.Addr, error)
	// Allow names addresses inside that may be reached all the same: for tests,
	// and for a developer's own machine. Default: none.
	Allow func(netip.AddrPort) bool
	// Near are names, host:port, that stand for an address instead of being resolved; Allow
	// decides about it as about any other. Default: none.
	Near map[string]netip.AddrPort
	// Plain lets Post go without TLS to what Allow names, and nowhere else.
	Plain bool
	// Roots are who may sign a server's certificate. Default: the machine's.
	Roots *x509.CertPool
}

// Client makes calls. Safe for concurrent use.
type Client struct {
	config Config
	guard  *ssrf.Guardian
	posts  *http.Transport // keeps connections between deliveries
	plain  *http.Transport // the same without TLS; nil where that is not allowed
}

// New makes a client.
func New(c Config) *Client {
	if c.Timeout == 0 {
		c.Timeout = defaultTimeout
	}
	if c.Resolve == nil {
		c.Resolve = func(ctx context.Context, host string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		}
	}
	client := &Client{config: c, guard: ssrf.New(ssrf.WithAnyPort())}
	client.posts = client.keeping(client.outside)
	if c.Plain {
		client.plain = client.keeping(client.allowed)
	}
	return client
}

// keeping is a way out that keeps connections for the next call: also as many to
// one host as there are webhooks that lead to it.
func (c *Client) keeping(permit permit) *http.Transport {
	way := c.transport(permit, nil)
	way.MaxIdleConns, way.MaxIdleConnsPerHost, way.IdleConnTimeout = 256, 64, 30*time.Second
	return way
}

// Close ends the connections that are kept open and not used.
func (c *Client) Close() {
	c.posts.CloseIdleConnections()
	if c.plain != nil {
		c.plain.CloseIdleConnections()
	}
}

// permit says whether an address may be connected to.
type permit func(netip.AddrPort) error

// transport is a way out without proxies, compression or HTTP/2, whose header
// compression could hide a large header in few bytes. read, if it is there,
// counts the bytes that came in.
func (c *Client) transport(permit permit, read *atomic.Int64) *http.Transport {
	only := new(http.Protocols)
	only.SetHTTP1(true)
	return &http.Transport{
		DialContext: func(ctx context.Context, _, address string) (net.Conn, error) {
			conn, err := c.dial(ctx, address, permit)
			if err == nil && read != nil {
				conn = counted{conn, read}
			}
			return conn, err
		},
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: c.config.Roots},
		TLSHandshakeTimeout:    10 * time.Second,
		DisableCompression:     true,
		MaxResponseHeaderBytes: MaxHeaderBytes,
		Protocols:              only,
	}
}

// counted counts what is read.
type counted struct {
	net.Conn
	n *atomic.Int64
}

func (c counted) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.n.Add(int64(n))
	return n, err
}

// dial connects to a name. One that leads inside with any of its addresses is
// refused: before the first packet, and again when each connection is made.
func (c *Client) dial(ctx context.Context, address string, permit permit) (net.Conn, error) {
	if near, ok := c.config.Near[address]; ok {
		address = near.String()
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	number, err := net.LookupPort("tcp", port)
	if err != nil {
		return nil, err
	}
	addrs, err := c.config.Resolve(ctx, host)
	if err != nil {
		return nil, err
	}
	var all []netip.AddrPort
	for _, a := range addrs {
		to := netip.AddrPortFrom(a.Unmap(), uint16(number))
		if err := permit(to); err != nil {
			return nil, err
		}
		all = append(all, to)
	}
	dialer := net.Dialer{Timeout: dialTimeout, Control: permit.control}
	err = fmt.Errorf("%s has no address", host)
	for _, to := range all[:min(len(all), addressesMost)] {
		var conn net.Conn
		if conn, err = dialer.DialContext(ctx, "tcp", to.String()); err == nil {
			return conn, nil
		}
	}
	return nil, err
}

// control checks the address that is connected to.
func (p permit) control(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrInside, err)
	}
	return p(to)
}

// allowed lets through what Config.Allow names.
func (c *Client) allowed(to netip.AddrPort) error {
	if c.config.Allow != nil && c.config.Allow(to) {
		return nil
	}
	return fmt.Errorf("%w: %s", ErrInside, to)
}

// outside lets through the internet, and what Config.Allow names.
func (c *Client) outside(to netip.AddrPort) error {
	if c.allowed(to) == nil {
		return nil
	}
	if err := c.guard.SafeAddr(to.Addr()); err != nil {
		return fmt.Errorf("%w: %w", ErrInside, err)
	}
	return nil
}
