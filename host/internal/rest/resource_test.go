package rest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func answer(s *Server, sc scenario) (string, http.Header) {
	w := httptest.NewRecorder()
	s.ServeHTTP(w, sc.request())
	return w.Body.String(), w.Header()
}

func TestHealth(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		health   Health
		draining bool
		status   int
		want     string
	}{
		{"ready", Health{Storage: StorageOK, Position: 7}, false, 200, `{"status":"ready","storage":"ok","position":7}`},
		{"an app that only faults", Health{Storage: StorageOK, Degraded: []string{"till@1.0.0"}}, false, 200, `"degraded":["till@1.0.0"]`},
		{"full disk", Health{Storage: "storage_full"}, false, 503, `{"status":"degraded","storage":"storage_full","position":0}`},
		{"stopping", Health{Storage: StorageOK}, true, 503, `"status":"stopping"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, _ := newServer(t, Config{Operations: newFake(t), Health: func() Health { return c.health }})
			s.draining.Store(c.draining)
			w := httptest.NewRecorder()
			s.ServeHTTP(w, scenario{method: "GET", url: "/v1/host/health"}.request())
			if w.Code != c.status || !strings.Contains(w.Body.String(), c.want) {
				t.Errorf("%d %s, want %d %s", w.Code, w.Body, c.status, c.want)
			}
			w = httptest.NewRecorder()
			s.ServeHTTP(w, scenario{method: "GET", url: "/v1/host/health/live"}.request())
			if w.Code != 200 {
				t.Errorf("live: %d", w.Code)
			}
		})
	}
}

func TestOperationsAreListed(t *testing.T) {
	t.Parallel()
	s, _ := newServer(t, Config{Operations: newFake(t)})
	body, _ := answer(s, scenario{method: "GET", url: "/v1/host/operations"})
	var list struct {
		Apps []struct {
			App        string
			Types      map[string]any
			Operations []struct {
				Name, Kind, Path, Doc string
				Methods               []string
				Input                 map[string]any
			}
		}
	}
	if err := json.Unmarshal([]byte(body), &list); err != nil {
		t.Fatal(err)
	}
	if len(list.Apps) != 1 || list.Apps[0].App != "shop@1.0.0" || list.Apps[0].Types["Line"] == nil || len(list.Apps[0].Operations) != 4 {
		t.Fatalf("got %s", body)
	}
	sell, price := list.Apps[0].Operations[0], list.Apps[0].Operations[1]
	if sell.Path != "/v1/shop/sell" || sell.Kind != "command" || sell.Doc != "Sells." || len(sell.Methods) != 1 || sell.Input["type"] != "object" {
		t.Errorf("sell: %+v", sell)
	}
	if len(price.Methods) != 2 {
		t.Errorf("price is called with %v, want POST and GET", price.Methods)
	}
}

func TestMetricsAreServed(t *testing.T) {
	t.Parallel()
	s, _ := newServer(t, Config{Operations: newFake(t), Metrics: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("bottega_up 1"))
	})})
	if body, _ := answer(s, scenario{method: "GET", url: "/metrics"}); body != "bottega_up 1" {
		t.Errorf("got %s", body)
	}
}
