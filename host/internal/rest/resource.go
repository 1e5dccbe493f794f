package rest

import (
	"encoding/json"
	"net/http"

	"github.com/labstack/echo/v4"
)

// StorageOK is the Storage of a Health without trouble.
const StorageOK = "ok"

// Health is how the host is.
type Health struct {
	Storage  string   `json:"storage"`            // StorageOK, or why it does not write
	Position uint64   `json:"position"`           // newest durable log position
	Degraded []string `json:"degraded,omitempty"` // apps that are not called because they only fault
}

// health answers readiness: 503 if the storage does not write or the host is
// stopping. An app that only faults takes nothing from the others, so it is
// listed and no more.
func (s *Server) health(c echo.Context) error {
	answer := struct {
		Status string `json:"status"`
		Health
	}{"ready", s.config.Health()}
	code := http.StatusOK
	if answer.Storage != StorageOK {
		answer.Status, code = "degraded", http.StatusServiceUnavailable
	}
	if s.draining.Load() {
		answer.Status, code = "stopping", http.StatusServiceUnavailable
	}
	return c.JSON(code, answer)
}

// live answers as long as the process does.
func (s *Server) live(c echo.Context) error {
	return c.JSONBlob(http.StatusOK, []byte(`{"status":"live"}`+"\n"))
}

// healthRight is who may read how the host is, in detail.
const healthRight = "host.health"

// metrics answers whatever collects them.
func (s *Server) metrics(c echo.Context) error {
	if err := s.known(c); err != nil {
		return err
	}
	if err := s.authorize(c, "host.metrics.get", healthRight); err != nil {
		return err
	}
	s.config.Metrics.ServeHTTP(c.Response(), c.Request())
	return nil
}

// admin answers the files of the admin, which are no secret.
func (s *Server) admin(c echo.Context) error {
	s.config.Admin.ServeHTTP(c.Response(), c.Request())
	return nil
}

// listedApp is one app in the list of operations. "#/types/…" in its schemas
// refers to its types.
type listedApp struct {
	App        string                     `json:"app"`
	Operations []listedOperation          `json:"operations"`
	Types      map[string]json.RawMessage `json:"types,omitempty"`
}

type listedOperation struct {
	Name    string          `json:"name"`
	Kind    string          `json:"kind"`
	Methods []string        `json:"methods"`
	Path    string          `json:"path"`
	Doc     string          `json:"doc,omitempty"`
	Input   json.RawMessage `json:"input,omitempty"`
	Output  json.RawMessage `json:"output,omitempty"`
}

// operations lists what can be called and how, by app.
func (s *Server) operations(c echo.Context) error {
	if err := s.known(c); err != nil {
		return err
	}
	apps := []listedApp{}
	for _, o := range s.config.Operations.Operations(s.config.Tenant) {
		if len(apps) == 0 || apps[len(apps)-1].App != o.App {
			apps = append(apps, listedApp{App: o.App, Types: o.Types})
		}
		last := &apps[len(apps)-1]
		last.Operations = append(last.Operations, o.listed())
	}
	return c.JSON(http.StatusOK, map[string][]listedApp{"apps": apps})
}

func (o *Operation) listed() listedOperation {
	l := listedOperation{
		Name: o.Info.Name, Kind: o.Info.Kind, Methods: []string{http.MethodPost}, Path: path(o.Info.Name),
		Doc: o.Info.Doc, Input: o.Info.Input, Output: o.Info.Output,
	}
	if !o.Command && o.Input.Flat() {
		l.Methods = append(l.Methods, http.MethodGet)
	}
	return l
}
