package telemetry

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics are what a host counts and measures, in a registry of its own. Safe
// for concurrent use.
type Metrics struct {
	registry  *prometheus.Registry
	operation *prometheus.HistogramVec
	units     *prometheus.HistogramVec
	attempts  *prometheus.HistogramVec
	hops      *prometheus.HistogramVec
	faults    *prometheus.CounterVec
	requests  *prometheus.CounterVec
}

// NewMetrics registers the host's metrics and those of the Go process.
func NewMetrics() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		operation: histogram("operation_seconds", "Time of an operation over all attempts, until it was durable.",
			prometheus.ExponentialBuckets(0.000_25, 2, 15), "operation", "code"),
		units: histogram("operation_units", "Fuel of an operation over all attempts. Read the median: a guest's own garbage collection makes it vary.",
			prometheus.ExponentialBuckets(1_000, 4, 10), "operation"),
		attempts: histogram("operation_attempts", "Attempts until an operation ended; more than one is contention.",
			[]float64{1, 2, 3, 4, 6, 8, 16}, "operation"),
		hops: histogram("operation_hops", "Calls from app to app in an operation.",
			[]float64{0, 1, 2, 4, 8, 16, 32}, "operation"),
		faults:   counter("app_faults_total", "Guests that ended without an answer.", "app", "kind"),
		requests: counter("http_requests_total", "Requests that were answered.", "status"),
	}
	m.registry.MustRegister(m.operation, m.units, m.attempts, m.hops, m.faults, m.requests,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

const namespace = "bottega"

func histogram(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: namespace, Name: name, Help: help, Buckets: buckets}, labels)
}

func counter(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}, labels)
}

// Operation is what is measured of one operation.
type Operation struct {
	Name     string // of an operation that exists: each name is kept for ever
	Code     string // "ok" or the code of its error
	Duration time.Duration
	Units    int64
	Attempts int // 0 if it never began
	Hops     int
}

// Operation counts one operation.
func (m *Metrics) Operation(o Operation) {
	m.operation.WithLabelValues(o.Name, o.Code).Observe(o.Duration.Seconds())
	if o.Attempts == 0 {
		return
	}
	m.units.WithLabelValues(o.Name).Observe(float64(o.Units))
	m.attempts.WithLabelValues(o.Name).Observe(float64(o.Attempts))
	m.hops.WithLabelValues(o.Name).Observe(float64(o.Hops))
}

// Fault counts a guest that ended without an answer.
func (m *Metrics) Fault(app, kind string) { m.faults.WithLabelValues(app, kind).Inc() }

// Request counts one HTTP request by the status of its answer.
func (m *Metrics) Request(status int) { m.requests.WithLabelValues(strconv.Itoa(status)).Inc() }

// Gauge is a number that is read when the metrics are.
type Gauge struct {
	Name, Help string
	Total      bool // it only grows: its name ends in _total
	Read       func() float64
}

// Watch adds gauges about one part of the host, such as the storage of a
// tenant; labels may be nil. It panics if a name is taken with these labels.
func (m *Metrics) Watch(labels map[string]string, gauges ...Gauge) {
	for _, g := range gauges {
		if g.Total {
			m.registry.MustRegister(prometheus.NewCounterFunc(
				prometheus.CounterOpts{Namespace: namespace, Name: g.Name, Help: g.Help, ConstLabels: labels}, g.Read))
			continue
		}
		m.registry.MustRegister(prometheus.NewGaugeFunc(
			prometheus.GaugeOpts{Namespace: namespace, Name: g.Name, Help: g.Help, ConstLabels: labels}, g.Read))
	}
}

// Handler answers with all metrics in Prometheus' text format.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}
