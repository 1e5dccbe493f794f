package bolt

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"github.com/bottega-retail/bottega/host/internal/storage"
	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// Apply implements storage.Backend.
func (b *Backend) Apply(batch storage.Batch) error {
	tx, err := b.start(true)
	if err != nil {
		return fmt.Errorf("apply %d: %w", batch.Sequence, err)
	}
	m := mark{State: batch.State, digest: b.mark.digest, generation: uint64(tx.ID())}
	committing := false
	err = guard("apply", func() error {
		if err := write(tx, batch, &m); err != nil {
			return err
		}
		committing = true
		return tx.Commit()
	})
	if err != nil {
		return fmt.Errorf("apply %d: %w", batch.Sequence, b.failed(tx, committing, err))
	}
	b.mark = m
	return nil
}

// write puts a batch into a transaction and keeps the mark's digest in step.
func write(tx *bbolt.Tx, batch storage.Batch, m *mark) error {
	kv := tx.Bucket(bucketKV)
	for _, w := range batch.Writes {
		if err := change(kv, w, &m.digest); err != nil {
			return err
		}
	}
	log := tx.Bucket(bucketLog)
	log.FillPercent = logFill
	for _, e := range batch.Entries {
		key := positionKey(e.Position)
		m.digest += digestOf(key, e.Data)
		if err := log.Put(key, e.Data); err != nil {
			return err
		}
	}
	return tx.Bucket(bucketMeta).Put(keyState, m.encode())
}

func change(kv *bbolt.Bucket, w storage.Write, digest *uint64) error {
	old := kv.Get(w.Key)
	if old != nil {
		*digest -= digestOf(w.Key, old)
	}
	switch {
	case w.Value != nil:
		*digest += digestOf(w.Key, w.Value)
		return kv.Put(w.Key, w.Value)
	case old != nil:
		return kv.Delete(w.Key)
	}
	return nil
}

// failed ends a transaction that could not commit and says what that means.
//
// bbolt 1.5 writes new pages to free places only, then syncs, then writes one
// meta page, then syncs. A full disk shows itself in four ways:
//   - MaxSize is reached while pages are allocated: nothing was written;
//   - writing a data page returns ENOSPC: no meta page was written, the pages
//     written belong to nobody, and bbolt rebuilds its free list;
//   - writing the meta page returns ENOSPC (copy-on-write file systems): the
//     error looks the same;
//   - a sync, or growing the file, returns it: the error is no write error, and
//     what reached the disk is unknown.
//
// The last is never ErrFull. The first three are, if the file as it is now
// still shows the state before: then the new meta page is not in place, and
// bbolt will write that page anew at the next commit.
func (b *Backend) failed(tx *bbolt.Tx, committing bool, cause error) error {
	if errors.Is(cause, storage.ErrCorrupt) || !committing {
		// Roll back without bbolt's rescan of the file, which could meet the
		// damage in a goroutine where it cannot be caught.
		if err := guard("roll back", tx.Rollback); err != nil && !errors.Is(err, berrors.ErrTxClosed) {
			b.broken.Store(&cause)
		}
	}
	if isFull(cause) && b.unchanged() {
		return fmt.Errorf("%w: %w", storage.ErrFull, cause)
	}
	return cause
}

func isFull(err error) bool {
	if errors.Is(err, berrors.ErrMaxSizeReached) {
		return true
	}
	var path *fs.PathError
	return errors.As(err, &path) && path.Op == "write" &&
		(errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT))
}

// unchanged says whether the file shows the state of the last good batch.
func (b *Backend) unchanged() bool {
	tx, err := b.start(false)
	if err != nil {
		return false
	}
	same := false
	err = guard("read state", func() error {
		m, err := decodeMark(tx.Bucket(bucketMeta).Get(keyState))
		same = err == nil && m == b.mark
		return nil
	})
	return same && errors.Join(err, guard("end read", tx.Rollback)) == nil
}
