// Package bolt is a storage.Backend in one bbolt file. It knows bbolt, its file
// format and what survives a power cut; it must not know transactions of the
// sequencer, apps or tenants.
//
// The file holds three buckets: kv (sealed values), log (sealed entries under
// their position, big endian) and meta (one record: sequence, position, a
// digest over all of kv and log, and the number of the commit). bbolt has no checksum on its pages, so Open
// walks the whole file first: a damaged one is refused with storage.ErrCorrupt
// and cannot crash the process or answer wrongly. That walk is about as long as
// the one bbolt itself needs to find its free pages.
package bolt

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bottega-retail/bottega/host/internal/storage"
	"go.etcd.io/bbolt"
)

var (
	bucketKV   = []byte("kv")
	bucketLog  = []byte("log")
	bucketMeta = []byte("meta")
	keyState   = []byte("state")
)

// Options of a file. Zero values mean the default.
type Options struct {
	// MapSize is the address space reserved for the file, in bytes; 16 GiB by
	// default. It costs no memory. A file that outgrows it must be remapped,
	// and that waits for all readers.
	MapSize int
	// AllocSize is by how many bytes the file grows; 1 MiB by default.
	AllocSize int
	// MaxSize is the size in bytes at which the file counts as full; no limit
	// by default.
	MaxSize int
	// LockTimeout is how long Open waits for another process to let go of the
	// file; one second by default.
	LockTimeout time.Duration
	// AcceptOlder opens a file one of whose two meta pages is damaged, on the
	// commit of the other one. The newest acknowledged batch may be lost, so
	// only a person may decide it.
	AcceptOlder bool
}

const (
	defaultMapSize     = 16 << 30
	defaultAllocSize   = 1 << 20
	defaultLockTimeout = time.Second
	logFill            = 0.9 // of a page; the log is only appended to
)

func (o Options) withDefaults() Options {
	if o.MapSize == 0 {
		o.MapSize = defaultMapSize
	}
	if o.AllocSize == 0 {
		o.AllocSize = defaultAllocSize
	}
	if o.LockTimeout == 0 {
		o.LockTimeout = defaultLockTimeout
	}
	return o
}

// bbolt returns the options for bbolt. The free list is not written at each
// commit: it is found again at open, and writing it made commits slower and
// slower under a long reader.
func (o Options) bbolt() *bbolt.Options {
	return &bbolt.Options{
		Timeout:         o.LockTimeout,
		FreelistType:    bbolt.FreelistMapType,
		NoFreelistSync:  true,
		InitialMmapSize: o.MapSize,
		MaxSize:         o.MaxSize,
		NoStatistics:    true,
	}
}

// Backend is one open file. Safe for concurrent use, but for Apply, which only
// one goroutine may call.
type Backend struct {
	path string
	db   *bbolt.DB
	file *os.File // bbolt's own handle

	// begin serializes the start of bbolt transactions. If a damaged meta page
	// makes one panic, bbolt keeps its locks for ever; broken is set before
	// anybody else can wait for them.
	begin  sync.Mutex
	broken atomic.Pointer[error]

	mark mark // of the last good batch
}

var _ storage.Backend = (*Backend)(nil)

// Open opens the file at path and creates it if it is missing, its directory
// too. Errors: ErrInUse; storage.ErrCorrupt with what is damaged.
func Open(path string, o Options) (*Backend, error) {
	o = o.withDefaults()
	if err := prepare(path, o); err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	b := &Backend{path: path}
	if err := b.open(o); err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return b, nil
}

// open locks and walks the file before bbolt looks at it: bbolt searches its
// free pages in a goroutine of its own, where a panic cannot be caught.
func (b *Backend) open(o Options) error {
	options := o.bbolt()
	options.OpenFile = func(name string, flag int, perm os.FileMode) (*os.File, error) {
		// No O_CREATE: prepare made the file, and one that vanished since then
		// must not come back empty.
		f, err := os.OpenFile(name, flag&^os.O_CREATE, perm)
		if err != nil {
			return nil, err
		}
		if err := b.inspect(f, o); err != nil {
			return nil, errors.Join(err, f.Close())
		}
		b.file = f
		return f, nil
	}
	err := guard("open", func() (err error) {
		b.db, err = bbolt.Open(b.path, 0o600, options)
		return err
	})
	if err != nil {
		if b.file != nil {
			_ = b.file.Close() // bbolt may have closed it; what counts is that the lock is gone
		}
		return err
	}
	b.db.AllocSize = o.AllocSize
	return nil
}

// inspect locks a file, refuses one that others may read, and verifies it.
func (b *Backend) inspect(f *os.File, o Options) error {
	if err := lock(f, true, o.LockTimeout); err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if others := info.Mode().Perm() & 0o077; others != 0 {
		return fmt.Errorf("file mode %04o lets others in: chmod 600 it", info.Mode().Perm())
	}
	contents, err := verify(f, o.AcceptOlder)
	b.mark = contents.mark
	return err
}

// State implements storage.Backend.
func (b *Backend) State() (storage.State, error) {
	if err := b.broken.Load(); err != nil {
		return storage.State{}, *err
	}
	return b.mark.State, nil
}

// Size returns the length of the file in bytes.
func (b *Backend) Size() int64 {
	info, err := b.file.Stat()
	if err != nil {
		return 0
	}
	return info.Size()
}

// Close waits for open snapshots and closes the file.
func (b *Backend) Close() error {
	if b.broken.Load() != nil {
		// bbolt's locks may be held for ever. Closing the file gives up the
		// lock on it; the mapping is lost until the process ends.
		return b.file.Close()
	}
	if err := b.db.Close(); err != nil {
		return fmt.Errorf("close %s: %w", b.path, err)
	}
	return nil
}

// start begins a bbolt transaction.
func (b *Backend) start(writable bool) (tx *bbolt.Tx, err error) {
	b.begin.Lock()
	defer b.begin.Unlock()
	if err := b.broken.Load(); err != nil {
		return nil, *err
	}
	panicked := true
	err = guard("begin", func() (err error) {
		tx, err = b.db.Begin(writable)
		panicked = false
		return err
	})
	if panicked {
		b.broken.Store(&err)
	}
	return tx, err
}

// mark is the one record of the meta bucket, and says what the file holds.
type mark struct {
	storage.State
	digest uint64 // over all pairs of kv and log
	// generation is bbolt's number of the commit that wrote the mark. It must be
	// that of the meta page: every commit writes a new mark, so another one
	// comes from an old page.
	generation uint64
}

func (m mark) encode() []byte {
	v := make([]byte, 0, 32)
	for _, n := range []uint64{m.Sequence, m.Position, m.digest, m.generation} {
		v = binary.BigEndian.AppendUint64(v, n)
	}
	return storage.Seal(keyState, storage.Record{Value: v})
}

func decodeMark(sealed []byte) (m mark, err error) {
	r, err := storage.Open(keyState, sealed)
	if err != nil {
		return m, err
	}
	if len(r.Value) != 32 {
		return m, fmt.Errorf("%w: mark of %d bytes", storage.ErrCorrupt, len(r.Value))
	}
	for i, n := range []*uint64{&m.Sequence, &m.Position, &m.digest, &m.generation} {
		*n = binary.BigEndian.Uint64(r.Value[8*i:])
	}
	return m, nil
}
