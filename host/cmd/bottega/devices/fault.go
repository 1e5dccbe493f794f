package devices

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// trouble is what is wrong with a device while it does something.
type trouble string

// The troubles.
const (
	fine      trouble = ""
	declined  trouble = "declined"
	funds     trouble = "funds"
	refuse    trouble = "refuse"
	paper     trouble = "paper"       // until somebody puts some in
	cover     trouble = "cover"       // until somebody closes it
	offline   trouble = "offline"     // until somebody plugs it in
	silent    trouble = "lose_asking" // the request is lost
	forgetful trouble = "lose_answer" // the answer is lost
)

func (t trouble) refuses() bool { return t == declined || t == funds || t == refuse }

func (t trouble) jams() bool { return t == paper || t == cover }

// lasts says whether a trouble stays until it is mended.
func (t trouble) lasts() bool { return t == paper || t == cover || t == offline }

// Fault is what somebody has planned for a device.
type Fault struct {
	Device string  `json:"device"`           // its name; "" is every device
	Action string  `json:"action,omitempty"` // authorise, capture, reverse, refund, payments, documents, closes; "" is everything
	Fault  trouble `json:"fault"`
	Count  int     `json:"count,omitempty"` // how often; 0 is once, or until it is mended for paper, cover and offline
}

// magic are amounts that bring about a trouble by their last two digits, once for each key,
// as sandboxes of payment providers do.
var magic = map[string]map[int64]trouble{
	"authorise": {11: declined, 12: funds, 13: forgetful, 14: silent},
	"capture":   {15: forgetful, 16: silent},
	"refund":    {17: forgetful},
	"documents": {21: paper, 22: cover, 23: forgetful, 24: silent},
}

// trouble is what is wrong this time.
func (d *Devices) trouble(device, path string, amount int64) trouble {
	if i := slices.IndexFunc(d.faults, func(f Fault) bool {
		return (f.Device == "" || f.Device == device) && (f.Action == "" || strings.Contains(path, "/"+f.Action))
	}); i >= 0 {
		f := d.faults[i]
		if !f.Fault.lasts() || f.Count > 0 {
			if d.faults[i].Count--; d.faults[i].Count <= 0 {
				d.faults = slices.Delete(d.faults, i, i+1)
			}
		}
		if f.Fault == offline {
			return silent
		}
		return f.Fault
	}
	for action, amounts := range magic {
		t := amounts[max(amount, -amount)%100]
		if t == fine || !strings.Contains(path, "/"+action) || d.state.Seen[path] {
			continue
		}
		if t != declined && t != funds {
			d.state.Seen[path] = true
		}
		return t
	}
	return fine
}

func (d *Devices) plant(w http.ResponseWriter, r *http.Request) {
	var f Fault
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&f); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if !slices.Contains([]trouble{declined, funds, refuse, paper, cover, offline, silent, forgetful}, f.Fault) {
		http.Error(w, "a fault is declined, funds, refuse, paper, cover, offline, lose_asking or lose_answer", http.StatusBadRequest)
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.faults = append(d.faults, f)
	answer(w, d.faults)
}

// mend takes all faults back: paper is in, the cover closed, the plug in.
func (d *Devices) mend(w http.ResponseWriter, _ *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.faults = []Fault{}
	answer(w, d.faults)
}

func (d *Devices) showFaults(w http.ResponseWriter, _ *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	answer(w, d.faults)
}
