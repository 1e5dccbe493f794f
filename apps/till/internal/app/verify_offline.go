package app

import (
	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/sdk"
)

// offlinePlace is where the part of Verify about documents that tills wrote cut off goes
// on: behind one of a day close.
type offlinePlace struct{ closing, id string }

// unnumbered checks documents that tills wrote cut off, by day close, and that the host
// knows what became of each. It says whether the page is full.
func (p *verification) unnumbered(after *offlinePlace) bool {
	scan := sdk.Scan{Index: "by_offline"}
	last := offlinePlace{}
	if after != nil {
		last = *after
		scan.From = sdk.K(last.closing).Text(last.id + "\x00")
	}
	for r := range receipts.Scan(p.v, scan) {
		if p.full(offlineMark + last.closing + " " + last.id) {
			return true
		}
		last = offlinePlace{closing: r.Offline.Closing, id: r.ID}
		if last.closing != closeID(r.Store, r.Till, r.Closing) {
			p.fault(r.ID, "closing", r.Closing, 0)
		}
		if rec, _ := offlines.Get(p.v, sdk.K(r.ID)); rec.State != till.OfflineTaken || rec.Receipt != r.ID {
			p.fault(r.ID, "offline", 1, 0)
		}
		p.check(&r)
	}
	return false
}
