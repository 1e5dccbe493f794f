package host

import (
	"errors"

	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/rest"
	"github.com/bottega-retail/bottega/host/internal/storage"
	"github.com/bottega-retail/bottega/host/internal/telemetry"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// observe counts an operation's end. After a poisoned storage nothing but
// opening it again tells the truth, so the host stops.
func (h *Host) observe(c kernel.Call, r kernel.Result, err error) {
	code := abi.OK
	if e, ok := errors.AsType[*kernel.Error](err); ok {
		code = e.Public.Code
		if errors.Is(err, storage.ErrPoisoned) {
			h.fail(err)
		}
	}
	if r.Usage.Attempts == 0 {
		return // it never began; its name may be anything
	}
	h.metrics.Operation(telemetry.Operation{
		Name: c.Operation, Code: code.String(), Duration: r.Usage.Duration,
		Units: r.Usage.Units, Attempts: r.Usage.Attempts, Hops: r.Usage.Hops,
	})
}

// health is what GET /v1/host/health says.
func (h *Host) health() rest.Health {
	s := h.engine.Status()
	health := rest.Health{Storage: rest.StorageOK, Position: s.Position, Degraded: h.kernel.Degraded()}
	if s.Err != nil {
		health.Storage = s.Err.Error()
	}
	return health
}

// watch adds the gauges of storage and sandbox to the metrics.
func (h *Host) watch() {
	status := func(read func(storage.Status) float64) func() float64 {
		return func() float64 { return read(h.engine.Status()) }
	}
	h.metrics.Watch(map[string]string{"tenant": h.config.Tenant},
		telemetry.Gauge{Name: "storage_bytes", Help: "Size on disk.", Read: status(func(s storage.Status) float64 { return float64(s.Bytes) })},
		telemetry.Gauge{Name: "storage_overlay_keys", Help: "Keys accepted and not yet durable.", Read: status(func(s storage.Status) float64 { return float64(s.Overlay) })},
		telemetry.Gauge{Name: "storage_log_position", Help: "Newest durable log position.", Read: status(func(s storage.Status) float64 { return float64(s.Position) })},
		telemetry.Gauge{Name: "storage_commits_total", Help: "Durable commits.", Total: true, Read: status(func(s storage.Status) float64 { return float64(s.Durable) })},
		telemetry.Gauge{Name: "storage_conflicts_total", Help: "Commits refused.", Total: true, Read: status(func(s storage.Status) float64 { return float64(s.Conflicts) })},
	)
	h.metrics.Watch(nil,
		telemetry.Gauge{Name: "guest_instances", Help: "Instances alive.", Read: func() float64 { return float64(h.sandbox.Stats().Instances) }},
		telemetry.Gauge{Name: "guest_memory_bytes", Help: "Linear memory of all instances.", Read: func() float64 { return float64(h.sandbox.Stats().Memory) }},
		telemetry.Gauge{Name: "guest_instances_started_total", Help: "Instances ever made.", Total: true, Read: func() float64 { return float64(h.sandbox.Stats().Started) }},
	)
}
