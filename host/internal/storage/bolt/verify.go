package bolt

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"os"
	"syscall"

	"github.com/bottega-retail/bottega/host/internal/storage"
	"go.etcd.io/bbolt"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// digestOf is one pair's share of the file's digest, which is the sum over all
// pairs of kv and log. The sum notices what no checksum of a single record can:
// a record that is missing, or an old page, sound in itself, in place of a new
// one.
func digestOf(key, value []byte) uint64 {
	k := crc32.Checksum(key, castagnoli)
	v := crc32.Update(k, castagnoli, value)
	return (uint64(k)<<32 | uint64(v)) * 0x9E3779B97F4A7C15
}

// contents is what a walk over a file found.
type contents struct {
	mark    // what the file says of itself
	keys    int
	entries int
}

// verify walks a locked file: pages, checksums of all records and entries, the
// digest. It writes nothing. Errors: storage.ErrCorrupt.
func verify(f *os.File, acceptOlder bool) (contents, error) {
	var c census
	err := mapped(f, func(data []byte) error { return c.take(data, acceptOlder) })
	if err == nil && len(c.bad) > 0 {
		err = c.bad[0]
	}
	if err == nil {
		err = c.compare()
	}
	return c.contents, err
}

// census counts a file's contents and collects damaged records.
type census struct {
	contents
	newest  uint64 // bbolt's number of the newest commit
	sum     uint64 // the digest of what is there
	last    uint64 // newest entry
	states  int
	bad     []error // damaged records and entries; at most maxBad
	damaged int     // how many there are
}

// maxBad bounds what a report lists.
const maxBad = 100

func (c *census) take(data []byte, acceptOlder bool) error {
	m, err := newestMeta(data, acceptOlder)
	if err != nil {
		return err
	}
	c.newest = m.generation
	w := walk{meta: m, data: data, leaf: c.leaf}
	return w.all()
}

// leaf takes one pair. A damaged one does not stop the walk.
func (c *census) leaf(bucket string, key, value []byte) error {
	switch bucket {
	case string(bucketKV):
		c.keys++
		c.sum += digestOf(key, value)
		_, err := storage.Open(key, value)
		c.note(err)
	case string(bucketLog):
		c.entries++
		c.sum += digestOf(key, value)
		c.note(c.entry(key, value))
	case string(bucketMeta):
		c.states++
		var err error
		c.mark, err = decodeMark(value)
		c.note(err)
	default:
		return fmt.Errorf("%w: unknown bucket %q", storage.ErrCorrupt, bucket)
	}
	return nil
}

func (c *census) entry(key, value []byte) error {
	if len(key) != 8 {
		return fmt.Errorf("%w: log position %q", storage.ErrCorrupt, key)
	}
	position := binary.BigEndian.Uint64(key)
	if c.last != 0 && position != c.last+1 {
		c.note(fmt.Errorf("%w: log positions from %d to %d are missing", storage.ErrCorrupt, c.last+1, position-1))
	}
	c.last = position
	_, err := storage.OpenEntry(position, value)
	return err
}

func (c *census) note(err error) {
	if err == nil {
		return
	}
	if c.damaged++; len(c.bad) < maxBad {
		c.bad = append(c.bad, err)
	}
}

// compare checks what was found against what the file says of itself.
func (c *census) compare() error {
	switch {
	case c.states != 1:
		return fmt.Errorf("%w: %d states", storage.ErrCorrupt, c.states)
	case c.generation != c.newest:
		return fmt.Errorf("%w: the root is of commit %d, the meta page of %d", storage.ErrCorrupt, c.generation, c.newest)
	case c.sum != c.digest:
		return fmt.Errorf("%w: records are missing or out of date: digest %016x, expected %016x", storage.ErrCorrupt, c.sum, c.digest)
	case c.entries > 0 && c.last != c.Position:
		return fmt.Errorf("%w: log ends at %d, expected %d", storage.ErrCorrupt, c.last, c.Position)
	}
	return nil
}

// mapped gives fn the file as memory. What the disk cannot read is ErrCorrupt.
func mapped(f *os.File, fn func(data []byte) error) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	size := info.Size()
	if size == 0 || size > math.MaxInt {
		return fmt.Errorf("%w: file of %d bytes", storage.ErrCorrupt, size)
	}
	data, err := syscall.Mmap(int(f.Fd()), 0, int(size), syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		return fmt.Errorf("map %d bytes: %w", size, err)
	}
	err = guard("walk", func() error { return fn(data) })
	return errors.Join(err, syscall.Munmap(data))
}

// Report is what Check found.
type Report struct {
	State   storage.State // newest sequence and log position
	Keys    int           // records and counters
	Entries int           // of the log
	Bytes   int64         // length of the file
	// Problems is empty if the file is sound, and else says what is damaged;
	// of damaged records it lists the first hundred.
	Problems []string
}

// Check looks at every page, record and log entry of a file that nobody has
// open, and writes nothing. Errors: ErrInUse, or that the file cannot be read;
// damage is no error but a problem in the report.
func Check(path string, o Options) (Report, error) {
	f, err := os.Open(path)
	if err != nil {
		return Report{}, fmt.Errorf("check: %w", err)
	}
	defer f.Close()
	if err := lock(f, false, o.withDefaults().LockTimeout); err != nil {
		return Report{}, fmt.Errorf("check %s: %w", path, err)
	}
	info, err := f.Stat()
	if err != nil {
		return Report{}, fmt.Errorf("check: %w", err)
	}
	var c census
	err = mapped(f, func(data []byte) error { return c.take(data, o.AcceptOlder) })
	r := Report{State: c.State, Keys: c.keys, Entries: c.entries, Bytes: info.Size()}
	r.Problems = c.problems(err)
	if err == nil {
		// Only now: bbolt's own check panics, beyond recovery, on pages that
		// the walk refuses.
		r.Problems = append(r.Problems, checkBolt(path)...)
	}
	return r, nil
}

// problems puts a census into words; broken is what ended its walk, or nil.
func (c *census) problems(broken error) []string {
	var out []string
	for _, err := range c.bad {
		out = append(out, err.Error())
	}
	if more := c.damaged - len(c.bad); more > 0 {
		out = append(out, fmt.Sprintf("and %d more damaged records", more))
	}
	if broken == nil {
		broken = c.compare()
	}
	if broken != nil {
		out = append(out, broken.Error())
	}
	return out
}

// checkBolt runs bbolt's own consistency check on a file that is locked.
func checkBolt(path string) []string {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true, FreelistType: bbolt.FreelistMapType})
	if err != nil {
		return []string{err.Error()}
	}
	var out []string
	err = db.View(func(tx *bbolt.Tx) error {
		for err := range tx.Check() {
			out = append(out, err.Error())
		}
		return nil
	})
	if err = errors.Join(err, db.Close()); err != nil {
		out = append(out, err.Error())
	}
	return out
}
