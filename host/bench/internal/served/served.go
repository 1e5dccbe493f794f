// Package served is a server that a benchmark speaks to over HTTP: where it
// listens, and the token that it wants. It can start a real host. It must not
// know what is measured.
package served

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/bottega-retail/bottega/host"
)

// Server is a server in this process or in another.
type Server struct {
	Base  string // http://address
	Token string // of who may do everything, "" if none is wanted
	Close func() error
}

// Host starts a real host in an empty folder, from its embedding API, and
// enables all modules of another folder. One for development lets webhooks lead
// to this machine.
func Host(ctx context.Context, dir, modules string, development bool) (Server, error) {
	h, err := host.New(ctx, host.Config{
		Dir: dir, Modules: modules, Preset: host.AllModules, Address: "127.0.0.1:0", Development: development,
	})
	if err != nil {
		return Server{}, err
	}
	token, err := Token(dir)
	if err != nil {
		return Server{}, errors.Join(err, h.Close())
	}
	running, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- h.Run(running) }()
	return Server{Base: "http://" + h.Address(), Token: token, Close: func() error {
		stop()
		return errors.Join(<-ended, h.Close())
	}}, nil
}

// Token reads the token of the owner of the host in a folder.
func Token(dir string) (string, error) {
	text, err := os.ReadFile(filepath.Join(dir, host.OwnerToken))
	return strings.TrimSpace(string(text)), err
}

// As is the same server to somebody who has a token of their own there, which
// may do everything.
func (s Server) As(ctx context.Context, title string) (Server, error) {
	var made struct {
		Secret string `json:"secret"`
	}
	in, err := json.Marshal(map[string]any{"title": title, "rights": []string{"*"}})
	if err != nil {
		return s, err
	}
	answer, err := s.Post(ctx, http.DefaultClient, "/v1/host/tokens", "", in)
	if err == nil {
		err = json.Unmarshal(answer, &made)
	}
	s.Token = made.Secret
	return s, err
}

// Call calls contract.operation under a key, which is "" for a query.
func (s Server) Call(ctx context.Context, web *http.Client, operation, key string, body []byte) ([]byte, error) {
	return s.Post(ctx, web, "/v1/"+strings.Replace(operation, ".", "/", 1), key, body)
}

// Post posts JSON to a path under an idempotency key, if it is not "", and
// answers the body. An answer that is no success is an error.
func (s Server) Post(ctx context.Context, web *http.Client, path, key string, body []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.Base+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	return s.do(web, req)
}

// Get answers what stands at a path.
func (s Server) Get(ctx context.Context, web *http.Client, path string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.Base+path, nil)
	if err != nil {
		return nil, err
	}
	return s.do(web, req)
}

func (s Server) do(web *http.Client, req *http.Request) ([]byte, error) {
	if s.Token != "" {
		req.Header.Set("Authorization", "Bearer "+s.Token)
	}
	res, err := web.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode/100 != 2 {
		err = fmt.Errorf("%s %s: %s: %s", req.Method, req.URL.Path, res.Status, answer)
	}
	return answer, err
}
