package rest

import (
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/bottega-retail/bottega/sdk/abi"
)

// Limits are how much one principal may ask for, and one address where nobody is
// known. Every field has its own default, far above what people and tills do.
// Without Credentials there are none.
type Limits struct {
	Query    Rate // by principal; default 5,000 a second, 10,000 at once
	Command  Rate // by principal; default 2,000 a second, 10,000 at once
	Open     Rate // by address, of what anybody may call, logging in too; default 5 a second, 30 at once
	Stranger Rate // by address, of bad credentials; default 5 a second, 100 at once
}

// Rate is a number of requests per second and how many may come at once. A
// negative PerSecond is no limit.
type Rate struct {
	PerSecond float64
	Burst     int
}

// class is what a limit counts.
type class int

const (
	classQuery class = iota
	classCommand
	classOpen
	classStranger
)

// maxBuckets bounds the memory of limits: twice as many principals and
// addresses are remembered at most, and who is forgotten begins anew.
const maxBuckets = 1 << 14

// The headers of draft-ietf-httpapi-ratelimit-headers, in canonical form.
const (
	headerRatePolicy = "Ratelimit-Policy"
	headerRate       = "Ratelimit"
)

type bucketKey struct {
	who   string
	class class
}

// limiter counts. The buckets are kept in two generations, so that forgetting
// those that are not used any more costs nothing.
type limiter struct {
	now     func() time.Time
	classes [classStranger + 1]struct {
		Rate
		name   string // in quotes, as the headers have it
		policy []string
	}
	mu         sync.Mutex
	young, old map[bucketKey]*rate.Limiter
}

func newLimiter(l Limits, now func() time.Time) *limiter {
	m := &limiter{now: now, young: map[bucketKey]*rate.Limiter{}}
	for i, c := range []struct {
		name   string
		given  Rate
		preset Rate
	}{
		{"query", l.Query, Rate{5000, 10000}}, {"command", l.Command, Rate{2000, 10000}},
		{"open", l.Open, Rate{5, 30}}, {"stranger", l.Stranger, Rate{5, 100}},
	} {
		r := c.given
		if r.PerSecond == 0 {
			r = c.preset
		}
		r.Burst = max(r.Burst, 1)
		k := &m.classes[i]
		k.Rate, k.name = r, `"`+c.name+`"`
		window := max(1, int(math.Ceil(float64(r.Burst)/r.PerSecond)))
		k.policy = []string{k.name + ";q=" + strconv.Itoa(r.Burst) + ";w=" + strconv.Itoa(window)}
	}
	return m
}

// take counts one request of who, and says in h how many are left. The error is
// an *abi.Error.
func (m *limiter) take(h http.Header, who string, of class) error {
	c := &m.classes[of]
	if c.PerSecond < 0 {
		return nil
	}
	b, now := m.bucket(bucketKey{who, of}), m.now()
	ok := b.AllowN(now, 1)
	left := b.TokensAt(now)
	h[headerRatePolicy] = c.policy
	h[headerRate] = []string{c.name + ";r=" + strconv.Itoa(max(0, int(left)))}
	if ok {
		return nil
	}
	e := refuse(abi.Exhausted, reasonRate, "Too many requests; slow down.")
	wait := int64(math.Ceil((1 - left) / c.PerSecond))
	e.Fields = []abi.Field{{Name: fieldRetry, IsInt: true, Int: max(1, wait)}}
	return e
}

func (m *limiter) bucket(k bucketKey) *rate.Limiter {
	m.mu.Lock()
	defer m.mu.Unlock()
	if b, ok := m.young[k]; ok {
		return b
	}
	b, ok := m.old[k]
	if !ok {
		c := &m.classes[k.class]
		b = rate.NewLimiter(rate.Limit(c.PerSecond), c.Burst)
	}
	if len(m.young) >= maxBuckets {
		m.young, m.old = map[bucketKey]*rate.Limiter{}, m.young
	}
	m.young[k] = b
	return b
}

// limit counts a request of who is known by now; nobody by the address.
func (s *Server) limit(x *exchange, h http.Header, of class) error {
	if s.config.Credentials == nil {
		return nil
	}
	if of == classOpen || of == classStranger {
		return s.limiter.take(h, network(x.from), of)
	}
	return s.limiter.take(h, x.principal.ID, of)
}
