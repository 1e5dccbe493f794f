package bolt

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/fnv"

	"github.com/bottega-retail/bottega/host/internal/storage"
)

// bbolt's file format, version 2, in the byte order of the machine; both
// supported ones are little endian. A page is
//
//	id 8, flags 2, count 2, overflow 4, then count elements of 16 bytes, then
//	their keys and values without a gap
//
// where an element is (pos 4, key size 4, child page 8) in a branch and
// (flags 4, pos 4, key size 4, value size 4) in a leaf, pos counting from the
// element. A bucket's value is (root page 8, sequence 8); root page 0 means that
// a leaf page follows inline.
const (
	pageHeader  = 16
	elementSize = 16
	metaSize    = 64
	maxDepth    = 64

	flagBranch = 0x01
	flagLeaf   = 0x02
	flagMeta   = 0x04
	flagBucket = 0x01 // of a leaf element

	boltMagic      = 0xED0CDAED
	boltVersion    = 2
	noFreelist     = ^uint64(0)
	minPage        = 1 << 10
	maxPage        = 1 << 16
	fallbackPage   = 4096 // where the second meta page is sought if the first is damaged
	bucketHeader   = 16
	firstDataPage  = 2
	metaRootOffset = 16
)

var little = binary.LittleEndian

// meta is what a valid meta page says.
type meta struct {
	pageSize   uint64
	root       uint64
	freelist   uint64
	high       uint64 // pages below it may be in use
	generation uint64 // bbolt's transaction id
}

// readMeta decodes the meta page that begins at data and checks its checksum.
func readMeta(data []byte) (meta, bool) {
	if len(data) < pageHeader+metaSize || little.Uint16(data[8:]) != flagMeta {
		return meta{}, false
	}
	b := data[pageHeader:][:metaSize]
	sum := fnv.New64a()
	sum.Write(b[:metaSize-8])
	m := meta{
		pageSize: uint64(little.Uint32(b[8:])), root: little.Uint64(b[metaRootOffset:]),
		freelist: little.Uint64(b[32:]), high: little.Uint64(b[40:]), generation: little.Uint64(b[48:]),
	}
	ok := little.Uint32(b) == boltMagic && little.Uint32(b[4:]) == boltVersion &&
		little.Uint64(b[metaSize-8:]) == sum.Sum64()
	return m, ok
}

// newestMeta chooses the meta page of the last commit. Both are always valid in
// a file that prepare made: a commit replaces the older one, in one sector, so a
// power cut leaves the old or the new. A damaged one may therefore be that of
// the newest commit, and passing over it in silence would lose acknowledged
// work.
func newestMeta(data []byte, acceptOlder bool) (meta, error) {
	m, ok := readMeta(data)
	at := uint64(fallbackPage)
	if ok {
		at = m.pageSize
	}
	var second meta
	var okSecond bool
	if at < uint64(len(data)) {
		second, okSecond = readMeta(data[at:])
	}
	if okSecond && (!ok || second.generation > m.generation) {
		m, second = second, m
	}
	switch {
	case !ok && !okSecond:
		return m, fmt.Errorf("%w: both meta pages are damaged", storage.ErrCorrupt)
	case (!ok || !okSecond) && !acceptOlder:
		return m, fmt.Errorf("%w: one of the two meta pages is damaged, the newest commits may be lost", storage.ErrCorrupt)
	case ok && okSecond && m.generation != second.generation+1:
		return m, fmt.Errorf("%w: meta pages of commits %d and %d", storage.ErrCorrupt, second.generation, m.generation)
	}
	return m, m.check(uint64(len(data)))
}

func (m meta) check(size uint64) error {
	switch {
	case m.pageSize < minPage || m.pageSize > maxPage || m.pageSize&(m.pageSize-1) != 0:
		return fmt.Errorf("%w: page size %d", storage.ErrCorrupt, m.pageSize)
	case m.freelist != noFreelist:
		return fmt.Errorf("%w: not a file of bottega: it keeps a free list", storage.ErrCorrupt)
	case m.high > size/m.pageSize:
		return fmt.Errorf("%w: file of %d bytes is cut off, it had %d pages", storage.ErrCorrupt, size, m.high)
	}
	return nil
}

// walk visits every reachable page once and checks all that bbolt relies on:
// ids, bounds, compactness, order of keys within their branch's bounds.
type walk struct {
	meta
	data []byte
	seen []uint64 // a bit per page
	// leaf is called for each key of a bucket. Key and value alias data.
	leaf func(bucket string, key, value []byte) error
}

// all walks the root bucket and the buckets in it.
func (w *walk) all() error {
	w.seen = make([]uint64, w.high/64+1)
	return w.tree(w.root, bounds{}, 0, w.bucket)
}

// bounds are the keys between which a subtree lies: low inclusive, high not. A
// nil one is none.
type bounds struct{ low, high []byte }

// element is a decoded element of a page.
type element struct {
	flags uint32 // of a leaf
	child uint64 // of a branch
	key   []byte
	value []byte // of a leaf
}

type visitor func(element) error

func (w *walk) tree(id uint64, within bounds, depth int, visit visitor) error {
	if depth > maxDepth {
		return w.bad(id, "deeper than %d pages", maxDepth)
	}
	p, err := w.page(id)
	if err != nil {
		return err
	}
	return w.node(id, p, within, depth, visit)
}

// node checks a page's elements and goes on into a branch's children.
func (w *walk) node(id uint64, p []byte, within bounds, depth int, visit visitor) error {
	flags := little.Uint16(p[8:])
	elements, err := w.elements(id, p, flags)
	if err != nil {
		return err
	}
	for i, el := range elements {
		if i > 0 && bytes.Compare(elements[i-1].key, el.key) >= 0 {
			return w.bad(id, "key %d out of order", i)
		}
	}
	if n := len(elements); n > 0 {
		if bytes.Compare(elements[0].key, within.low) < 0 || within.high != nil && bytes.Compare(elements[n-1].key, within.high) >= 0 {
			return w.bad(id, "keys outside their branch")
		}
	}
	if flags == flagLeaf {
		return visitAll(elements, visit)
	}
	return w.children(id, elements, within, depth, visit)
}

func visitAll(elements []element, visit visitor) error {
	for _, el := range elements {
		if err := visit(el); err != nil {
			return err
		}
	}
	return nil
}

func (w *walk) children(id uint64, elements []element, within bounds, depth int, visit visitor) error {
	if len(elements) == 0 {
		return w.bad(id, "empty branch")
	}
	for i, el := range elements {
		sub := bounds{el.key, within.high}
		if i+1 < len(elements) {
			sub.high = elements[i+1].key
		}
		if err := w.tree(el.child, sub, depth+1, visit); err != nil {
			return err
		}
	}
	return nil
}

// page returns a page with its overflow, and refuses to return it twice.
func (w *walk) page(id uint64) ([]byte, error) {
	if id < firstDataPage || id >= w.high {
		return nil, w.bad(id, "outside the file")
	}
	p := w.data[id*w.pageSize:]
	if got := little.Uint64(p); got != id {
		return nil, w.bad(id, "says it is page %d", got)
	}
	more := uint64(little.Uint32(p[12:]))
	if more >= w.high-id {
		return nil, w.bad(id, "longer than the file")
	}
	for i := id; i <= id+more; i++ {
		if w.seen[i/64]&(1<<(i%64)) != 0 {
			return nil, w.bad(i, "reached twice")
		}
		w.seen[i/64] |= 1 << (i % 64)
	}
	return p[:(more+1)*w.pageSize], nil
}

// elements decodes a page. Keys and values must follow each other without a
// gap, so that a wrong count or size cannot hide one.
func (w *walk) elements(id uint64, p []byte, flags uint16) ([]element, error) {
	if flags != flagLeaf && flags != flagBranch {
		return nil, w.bad(id, "unknown kind %#x", flags)
	}
	count := int(little.Uint16(p[10:]))
	next := uint64(pageHeader + elementSize*count)
	if next > uint64(len(p)) {
		return nil, w.bad(id, "%d elements do not fit", count)
	}
	out := make([]element, count)
	for i := range out {
		at := uint64(pageHeader + elementSize*i)
		el, pos, sizes := decodeElement(p[at:], flags)
		end := next + sizes[0] + sizes[1]
		if at+pos != next || end > uint64(len(p)) || sizes[0] == 0 {
			return nil, w.bad(id, "element %d misplaced", i)
		}
		el.key, el.value = p[next:next+sizes[0]:next+sizes[0]], p[next+sizes[0]:end:end]
		out[i], next = el, end
	}
	return out, nil
}

func decodeElement(b []byte, flags uint16) (el element, pos uint64, sizes [2]uint64) {
	if flags == flagBranch {
		el.child = little.Uint64(b[8:])
		return el, uint64(little.Uint32(b)), [2]uint64{uint64(little.Uint32(b[4:])), 0}
	}
	el.flags = little.Uint32(b)
	return el, uint64(little.Uint32(b[4:])), [2]uint64{uint64(little.Uint32(b[8:])), uint64(little.Uint32(b[12:]))}
}

// bucket walks one bucket of the root.
func (w *walk) bucket(el element) error {
	name := string(el.key)
	if el.flags != flagBucket || len(el.value) < bucketHeader {
		return fmt.Errorf("%w: bucket %q malformed", storage.ErrCorrupt, name)
	}
	visit := func(el element) error {
		if el.flags != 0 {
			return fmt.Errorf("%w: bucket inside bucket %q", storage.ErrCorrupt, name)
		}
		return w.leaf(name, el.key, el.value)
	}
	root := little.Uint64(el.value)
	if root != 0 {
		return w.tree(root, bounds{}, 1, visit)
	}
	inline := el.value[bucketHeader:]
	if len(inline) < pageHeader || little.Uint16(inline[8:]) != flagLeaf {
		return fmt.Errorf("%w: bucket %q malformed", storage.ErrCorrupt, name)
	}
	return w.node(0, inline, bounds{}, 1, visit)
}

func (w *walk) bad(page uint64, format string, args ...any) error {
	return fmt.Errorf("%w: page %d: %s", storage.ErrCorrupt, page, fmt.Sprintf(format, args...))
}
