// Package devices simulates what stands on a counter and is outside of any transaction: card
// terminals that hold, capture, let go and refund money, and fiscal devices (registratori
// telematici) that number documents and close days. They do so over HTTPS, keep what they
// did in a file, and fail as real ones do: they refuse, jam, go silent before or after they
// have done what they were asked. It knows forms and numbers; it must not know the host.
//
// Requests and answers are forms (application/x-www-form-urlencoded), flat as such devices
// are; what people and tests read and set, /state and /faults, is JSON.
package devices

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Host is the name by which drivers reach the devices.
const Host = "devices.bottega.example"

// Devices are all of a shop. Safe for concurrent use: a device does one thing at a time, and
// so do all of these together.
type Devices struct {
	path string
	now  func() time.Time
	mux  *http.ServeMux

	mu     sync.Mutex
	state  State
	faults []Fault
}

// State is what devices remember, by their names.
type State struct {
	Terminals map[string]*Terminal `json:"terminals"`
	Printers  map[string]*Printer  `json:"printers"`
	Seen      map[string]bool      `json:"seen,omitempty"` // keys whose magic amount has had its trouble
}

// Open reads what devices did before from a file, which need not be there yet. Now is their
// clock.
func Open(path string, now func() time.Time) (*Devices, error) {
	d := &Devices{path: path, now: now, mux: http.NewServeMux()}
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, &d.state)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	if d.state.Terminals == nil {
		d.state.Terminals = map[string]*Terminal{}
	}
	if d.state.Printers == nil {
		d.state.Printers = map[string]*Printer{}
	}
	if d.state.Seen == nil {
		d.state.Seen = map[string]bool{}
	}
	d.mux.HandleFunc("GET /terminals/{device}/payments/{payment}", d.status)
	d.mux.HandleFunc("POST /terminals/{device}/payments/{payment}/{action}", d.act)
	d.mux.HandleFunc("POST /printers/{device}/documents/{key}", d.print)
	d.mux.HandleFunc("POST /printers/{device}/closes/{key}", d.closeDay)
	d.mux.HandleFunc("GET /state", d.show)
	d.mux.HandleFunc("GET /faults", d.showFaults)
	d.mux.HandleFunc("POST /faults", d.plant)
	d.mux.HandleFunc("DELETE /faults", d.mend)
	return d, nil
}

// ServeHTTP implements http.Handler.
func (d *Devices) ServeHTTP(w http.ResponseWriter, r *http.Request) { d.mux.ServeHTTP(w, r) }

// save writes the state so that a power cut leaves the old one or the new one.
func (d *Devices) save() error {
	text, err := json.MarshalIndent(&d.state, "", " ")
	if err != nil {
		return err
	}
	next := d.path + ".next"
	file, err := os.OpenFile(next, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Rename(next, filepath.Clean(d.path))
}

// reply is what a device answers.
type reply struct {
	status int
	form   url.Values
}

func say(status int, pairs ...string) reply {
	r := reply{status, url.Values{}}
	for i := 0; i < len(pairs); i += 2 {
		r.form.Set(pairs[i], pairs[i+1])
	}
	return r
}

// do runs a request of a driver: fault first, then the device, then the file, then the
// answer, which may be lost.
func (d *Devices) do(w http.ResponseWriter, r *http.Request, amount int64, fn func(f trouble) reply) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f := d.trouble(r.PathValue("device"), r.URL.Path, amount)
	if f == silent {
		panic(http.ErrAbortHandler) // the connection breaks: nothing was done
	}
	out := fn(f)
	if err := d.save(); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	if f == forgetful {
		panic(http.ErrAbortHandler) // it was done, and nobody hears of it
	}
	w.Header().Set("Content-Type", "application/x-www-form-urlencoded")
	w.WriteHeader(out.status)
	_, _ = w.Write([]byte(out.form.Encode()))
}

func (d *Devices) show(w http.ResponseWriter, _ *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	answer(w, &d.state)
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	_ = e.Encode(v)
}
