package telemetry

import (
	"bytes"
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestLogLinesAreJSONAwayFromATerminal(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := NewLogger(&out, "warn")
	log.Info("not worth it")
	log.Warn("worth it", "forged", "a\nb\x1b[31m")
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 1 {
		t.Fatalf("%d lines: %s", len(lines), out.String())
	}
	var line map[string]any
	if err := json.Unmarshal([]byte(lines[0]), &line); err != nil || line["forged"] != "a\nb\x1b[31m" || line["@level"] != "warn" {
		t.Errorf("got %v, %v", line, err)
	}
}

func TestAnUnknownLevelIsInfo(t *testing.T) {
	t.Parallel()
	if l := NewLogger(&bytes.Buffer{}, "loud"); !l.IsInfo() || l.IsDebug() {
		t.Error("level is not info")
	}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	m := NewMetrics()
	m.Operation(Operation{Name: "till.close", Code: "ok", Duration: 3 * time.Millisecond, Units: 90_000, Attempts: 2, Hops: 4})
	m.Operation(Operation{Name: "till.close", Code: "unavailable"})
	m.Fault("till@1.0.0", "trap")
	m.Request(200)
	depth := 7.0
	m.Watch(map[string]string{"tenant": "demo"},
		Gauge{Name: "storage_overlay_keys", Help: "Keys held in memory.", Read: func() float64 { return depth }},
		Gauge{Name: "storage_commits_total", Help: "Commits.", Total: true, Read: func() float64 { return 12 }})
	depth = 8
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	for _, want := range []string{
		`bottega_operation_seconds_bucket{code="ok",operation="till.close",le="0.004"} 1`,
		`bottega_operation_seconds_count{code="unavailable",operation="till.close"} 1`,
		`bottega_operation_units_sum{operation="till.close"} 90000`,
		`bottega_operation_attempts_count{operation="till.close"} 1`,
		`bottega_operation_hops_sum{operation="till.close"} 4`,
		`bottega_app_faults_total{app="till@1.0.0",kind="trap"} 1`,
		`bottega_http_requests_total{status="200"} 1`,
		`bottega_storage_overlay_keys{tenant="demo"} 8`,
		"# TYPE bottega_storage_commits_total counter\n" + `bottega_storage_commits_total{tenant="demo"} 12`,
		"go_goroutines",
	} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("no %q in\n%s", want, w.Body.String())
		}
	}
}
