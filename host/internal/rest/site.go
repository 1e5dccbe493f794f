package rest

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/bottega-retail/bottega/sdk/abi"
)

const headerFetchSite = "Sec-Fetch-Site"

// site is what a server knows of its own place: the names it answers to, which
// other sites may call it, and whose word it takes for where a request is from.
type site struct {
	host    string // of the base address, without port, lower case; "" for none
	secure  bool   // the base address is https
	origins []string
	proxies []netip.Prefix
	cross   *http.CrossOriginProtection
}

func newSite(c Config) (*site, error) {
	s := &site{origins: c.Origins, proxies: c.Proxies, cross: http.NewCrossOriginProtection()}
	for _, o := range c.Origins {
		if u, err := url.Parse(o); err != nil || u.Host == "" || u.Scheme+"://"+u.Host != o || strings.Contains(o, "*") {
			return nil, fmt.Errorf("rest: origin %q: a scheme and a host, e.g. https://app.example", o)
		}
	}
	if c.Base == "" {
		return s, nil
	}
	u, err := url.Parse(c.Base)
	if err != nil || u.Host == "" || u.Scheme+"://"+u.Host != c.Base {
		return nil, fmt.Errorf("rest: base address %q: a scheme and a host, e.g. https://shop.example", c.Base)
	}
	s.host, s.secure = strings.ToLower(u.Hostname()), u.Scheme == "https"
	return s, nil
}

// check refuses what should not be here: another name than ours, which a
// stranger's DNS may point at this machine, and calls that a browser makes for
// another site. A token is sent by nobody but who has it, so a request with one
// may come from anywhere; a cookie is sent by browsers unasked.
func (s *site) check(r *http.Request, sent secrets) error {
	if !s.named(r.Host) {
		return refuse(abi.Denied, reasonHost, "The Host header does not name this machine.")
	}
	if sent.bearer != "" && sent.session == "" {
		return nil
	}
	if s.cross.Check(r) != nil {
		return errCrossSite()
	}
	return nil
}

func errCrossSite() error {
	return refuse(abi.Denied, reasonCrossSite, "Another site may not call this one from a browser.")
}

// own says whether a request with a session comes from this site's own pages or
// from a person. Reading counts too: a stream or a list is not for other sites.
// The files of the admin need no session, so links from elsewhere lead there.
func (s *site) own(r *http.Request) bool {
	switch r.Header.Get(headerFetchSite) {
	case "same-origin", "none":
		return true
	case "":
		origin, err := url.Parse(r.Header.Get(echo.HeaderOrigin))
		return err == nil && (origin.Host == r.Host || r.Header.Get(echo.HeaderOrigin) == "")
	}
	return false
}

// named says whether a Host header names this machine by a name that no
// stranger's DNS can give it, or by its base address.
func (s *site) named(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if strings.EqualFold(host, "localhost") || s.host != "" && strings.EqualFold(host, s.host) {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}

// client is where a request is from: the nearest address that is no proxy of
// ours. Zero if it is not known.
func (s *site) client(r *http.Request) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	from := peer.Addr().Unmap()
	if err != nil || len(s.proxies) == 0 || !s.trusted(from) {
		return from
	}
	hops := strings.Split(strings.Join(r.Header.Values(echo.HeaderXForwardedFor), ","), ",")
	for _, hop := range slices.Backward(hops) {
		addr, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil {
			return from // what stands before is anybody's word
		}
		if from = addr.Unmap(); !s.trusted(from) {
			return from
		}
	}
	return from
}

func (s *site) trusted(a netip.Addr) bool {
	return slices.ContainsFunc(s.proxies, func(p netip.Prefix) bool { return p.Contains(a) })
}

// The answers to a browser that asks on behalf of another origin.
const (
	corsMethods = "GET, HEAD, POST, PUT, PATCH, DELETE"
	corsHeaders = "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match"
	corsExposed = "ETag, Idempotent-Replayed, RateLimit, RateLimit-Policy, Retry-After, X-Log-Position, X-Request-Id"
)

// share lets an allowed origin read the answer. It reports whether the request
// only asked for permission. Credentials of the browser are never allowed.
func (s *site) share(r *http.Request, h http.Header) (preflight bool) {
	if len(s.origins) == 0 {
		return false
	}
	h.Add(echo.HeaderVary, echo.HeaderOrigin)
	origin := r.Header.Get(echo.HeaderOrigin)
	if !slices.Contains(s.origins, origin) {
		return false
	}
	h.Set(echo.HeaderAccessControlAllowOrigin, origin)
	h.Set(echo.HeaderAccessControlExposeHeaders, corsExposed)
	if r.Method != http.MethodOptions || r.Header.Get(echo.HeaderAccessControlRequestMethod) == "" {
		return false
	}
	h.Set(echo.HeaderAccessControlAllowMethods, corsMethods)
	h.Set(echo.HeaderAccessControlAllowHeaders, corsHeaders)
	h.Set(echo.HeaderAccessControlMaxAge, "600")
	return true
}

// network is an address as limits count it: one household of IPv6 is one.
func network(a netip.Addr) string {
	if a.Is6() {
		p, err := a.Prefix(64)
		if err == nil {
			return p.Addr().String()
		}
	}
	return a.String()
}
