package devices

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"net/http"
	"slices"
	"strconv"
)

// Printer is a fiscal device: it numbers documents 1, 2, … in each day, and days (Z) for
// ever.
type Printer struct {
	Serial    string      `json:"serial"`
	Z         int64       `json:"z"`    // that was closed last
	Last      int64       `json:"last"` // number of the last document since
	Documents []*Document `json:"documents"`
	Closes    []*Document `json:"closes"`
}

// Document is what a device has printed under one key of a driver: a document of a day, or
// the close of one.
type Document struct {
	Key    string `json:"key"`
	Job    string `json:"job"` // as the till calls it
	Kind   string `json:"kind"`
	Z      int64  `json:"z"`
	Number int64  `json:"number,omitempty"`
	Total  int64  `json:"total"`
	At     int64  `json:"at"` // UTC milliseconds
	Digest string `json:"digest"`
	// Lottery says that a code came with it. The code itself goes to the revenue agency and
	// is not kept here either.
	Lottery bool `json:"lottery,omitempty"`
}

func (d *Devices) printer(id string) *Printer {
	p := d.state.Printers[id]
	if p == nil {
		p = &Printer{Serial: fmt.Sprintf("99SIM%06d", crc32.ChecksumIEEE([]byte(id))%1_000_000)}
		d.state.Printers[id] = p
	}
	return p
}

// print prints a document, or says under which number it has.
func (d *Devices) print(w http.ResponseWriter, r *http.Request) {
	total, err := strconv.ParseInt(r.FormValue("total"), 10, 64)
	if err != nil {
		http.Error(w, "a total is a number", http.StatusBadRequest)
		return
	}
	d.do(w, r, total, func(f trouble) reply {
		p := d.printer(r.PathValue("device"))
		doc := &Document{
			Key: r.PathValue("key"), Job: r.FormValue("job"), Kind: r.FormValue("kind"), Z: p.Z + 1, Number: p.Last + 1,
			Total: total, At: d.now().UnixMilli(), Digest: digest(r), Lottery: r.FormValue("lottery") != "",
		}
		return p.once(&p.Documents, doc, f, func() string {
			if refusal := p.refuses(r); refusal != "" {
				return refusal
			}
			p.Last++
			return ""
		})
	})
}

// closeDay closes the day, or says under which number it has.
func (d *Devices) closeDay(w http.ResponseWriter, r *http.Request) {
	d.do(w, r, 0, func(f trouble) reply {
		p := d.printer(r.PathValue("device"))
		doc := &Document{Key: r.PathValue("key"), Job: r.FormValue("job"), Kind: "close", Z: p.Z + 1, At: d.now().UnixMilli(), Digest: digest(r)}
		for _, printed := range p.Documents {
			if printed.Z == doc.Z {
				doc.Total += printed.Total
			}
		}
		return p.once(&p.Closes, doc, f, func() string {
			p.Z, p.Last = doc.Z, 0
			return ""
		})
	})
}

// once does something new under a key, and tells of what was done under it before.
func (p *Printer) once(in *[]*Document, doc *Document, f trouble, do func() string) reply {
	if i := slices.IndexFunc(*in, func(o *Document) bool { return o.Key == doc.Key }); i >= 0 {
		if (*in)[i].Digest != doc.Digest {
			return say(http.StatusConflict, "state", "stuck", "reason", "key_reused")
		}
		return p.told((*in)[i])
	}
	if f.jams() || f.refuses() {
		return say(http.StatusConflict, "state", "stuck", "reason", string(f))
	}
	if refusal := do(); refusal != "" {
		return say(http.StatusConflict, "state", "stuck", "reason", refusal)
	}
	*in = append(*in, doc)
	return p.told(doc)
}

func (p *Printer) told(doc *Document) reply {
	return say(http.StatusOK, "state", "printed", "serial", p.Serial,
		"z", strconv.FormatInt(doc.Z, 10), "number", strconv.FormatInt(doc.Number, 10), "at", strconv.FormatInt(doc.At, 10))
}

// refuses is why a document cannot be one, "" if it can: its lines come to its total, and
// what undoes a sale of this device cites one that it has printed.
func (p *Printer) refuses(r *http.Request) string {
	var sum int64
	for _, amount := range r.PostForm["line_amount"] {
		n, _ := strconv.ParseInt(amount, 10, 64)
		sum += n
	}
	if strconv.FormatInt(sum, 10) != r.FormValue("total") {
		return "total"
	}
	if r.FormValue("cites_serial") != p.Serial {
		return ""
	}
	cited := slices.ContainsFunc(p.Documents, func(o *Document) bool {
		return o.Kind == "sale" && strconv.FormatInt(o.Z, 10) == r.FormValue("cites_z") && strconv.FormatInt(o.Number, 10) == r.FormValue("cites_number")
	})
	if !cited {
		return "cites"
	}
	return ""
}

// digest is of all that came with a document, so that one key is one document.
func digest(r *http.Request) string {
	sum := sha256.Sum256([]byte(r.PostForm.Encode()))
	return hex.EncodeToString(sum[:8])
}

// Sum is what a device has printed in all.
func (p *Printer) Sum() (total int64) {
	for _, d := range p.Documents {
		total += d.Total
	}
	return total
}
