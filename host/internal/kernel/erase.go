package kernel

import (
	"github.com/bottega-retail/bottega/host/internal/registry"
	"github.com/bottega-retail/bottega/host/internal/storage"
)

// EraseIndex removes up to limit entries of one index of an app, declared or
// not, and answers how many; 0 means that it is empty. Records stay.
func (t *Tx) EraseIndex(app string, at registry.IndexName, limit int) (int, error) {
	prefix := indexKey(app, at.Collection, at.Index, nil)
	pairs, err := t.op.txn.Scan(storage.Range{Start: prefix, End: following(prefix), Limit: limit})
	if err != nil {
		return 0, err
	}
	for _, p := range pairs {
		if err := t.op.txn.Delete(p.Key); err != nil {
			return 0, err
		}
	}
	return len(pairs), nil
}
