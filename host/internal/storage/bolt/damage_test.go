package bolt_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/bottega-retail/bottega/host/internal/storage"
	"github.com/bottega-retail/bottega/host/internal/storage/bolt"
)

// small keeps test files small, so that random damage hits something.
var small = bolt.Options{AllocSize: 32 << 10, LockTimeout: 1}

// sample is a file with a history: several commits, so that old pages lie about.
type sample struct {
	path  string
	model map[string][]byte
	state storage.State
	image []byte // the file
}

func newSample(t *testing.T, commits int) *sample {
	t.Helper()
	s := &sample{path: filepath.Join(t.TempDir(), "sample.bolt"), model: map[string][]byte{}}
	b := openAt(t, s.path, small)
	random := rand.New(rand.NewPCG(1, 1))
	for range commits {
		s.commit(t, b, random)
	}
	closed(t, b)
	s.image = readFile(t, s.path)
	return s
}

// commit applies one random batch.
func (s *sample) commit(t *testing.T, b *bolt.Backend, random *rand.Rand) {
	t.Helper()
	s.state.Sequence++
	s.state.Position++
	batch := storage.Batch{State: s.state, Entries: []storage.Entry{{
		Position: s.state.Position, Data: storage.SealEntry(s.state.Position, []byte("event")),
	}}}
	first := random.IntN(150)
	for n := first; n < first+20; n++ {
		key := fmt.Appendf(nil, "key-%03d", n)
		w := storage.Write{Key: key}
		if delete(s.model, string(key)); random.IntN(4) > 0 {
			w.Value = storage.Seal(key, storage.Record{Value: bytes.Repeat([]byte{byte(s.state.Sequence)}, random.IntN(300))})
			s.model[string(key)] = w.Value
		}
		batch.Writes = append(batch.Writes, w)
	}
	if err := b.Apply(batch); err != nil {
		t.Fatal(err)
	}
}

func openAt(t *testing.T, path string, o bolt.Options) *bolt.Backend {
	t.Helper()
	b, err := bolt.Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func closed(t *testing.T, b *bolt.Backend) {
	t.Helper()
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// compare reads everything through an open backend.
func (s *sample) compare(b *bolt.Backend) error {
	snap, err := b.Snapshot()
	if err != nil {
		return err
	}
	defer snap.Close()
	n := 0
	var wrong error
	err = snap.Ascend(nil, nil, func(k, v []byte) bool {
		if n++; !bytes.Equal(v, s.model[string(k)]) {
			wrong = fmt.Errorf("key %q has a wrong value", k)
		}
		return wrong == nil
	})
	if err == nil && wrong == nil && n != len(s.model) {
		wrong = fmt.Errorf("%d keys, want %d", n, len(s.model))
	}
	for k, want := range s.model {
		if got, err := snap.Get([]byte(k)); err == nil && !bytes.Equal(got, want) {
			wrong = fmt.Errorf("get %q is wrong", k)
		}
	}
	if st, err := b.State(); err == nil && st != s.state {
		wrong = fmt.Errorf("state %+v, want %+v", st, s.state)
	}
	return errors.Join(err, wrong)
}

// opens writes an image and opens it: it must hold the sample, or be refused.
func (s *sample) opens(t *testing.T, what string, image []byte) (refused bool) {
	t.Helper()
	if err := os.WriteFile(s.path, image, 0o600); err != nil {
		t.Fatal(err)
	}
	b, err := bolt.Open(s.path, small)
	if err != nil {
		if !errors.Is(err, storage.ErrCorrupt) {
			t.Errorf("%s: %v, want ErrCorrupt", what, err)
		}
		return true
	}
	defer b.Close()
	if err := s.compare(b); err != nil {
		t.Errorf("%s: opened, and %v", what, err)
	}
	return false
}

// TestBitRot: a file with flipped bits answers rightly or is refused.
func TestBitRot(t *testing.T) {
	t.Parallel()
	s := newSample(t, 25)
	files := 400
	if os.Getenv("BOTTEGA_LONG") != "" {
		files = 20_000
	}
	random := rand.New(rand.NewPCG(2, 2))
	refused := 0
	for n := range files {
		image := bytes.Clone(s.image)
		for range 1 + random.IntN(16) {
			bit := random.IntN(8 * len(image))
			image[bit/8] ^= 1 << (bit % 8)
		}
		if s.opens(t, fmt.Sprint("file ", n), image) {
			refused++
			s.checkFinds(t, n)
		}
	}
	if refused < files/10 {
		t.Errorf("only %d of %d damaged files were refused: the damage missed", refused, files)
	}
}

func (s *sample) checkFinds(t *testing.T, n int) {
	t.Helper()
	r, err := bolt.Check(s.path, small)
	if err != nil || len(r.Problems) == 0 {
		t.Errorf("file %d was refused, and Check finds nothing: %v", n, err)
	}
}

// TestEveryHeaderBit flips each bit of the headers and elements of all pages in
// turn: this is what bbolt has no checksum for.
func TestEveryHeaderBit(t *testing.T) {
	t.Parallel()
	s := newSample(t, 12)
	const page, header = 4096, 48
	step := 7
	if os.Getenv("BOTTEGA_LONG") != "" {
		step = 1
	}
	for from := 0; from < len(s.image); from += page {
		for bit := 0; bit < 8*header; bit += step {
			image := bytes.Clone(s.image)
			image[from+bit/8] ^= 1 << (bit % 8)
			s.opens(t, fmt.Sprintf("page %d bit %d", from/page, bit), image)
		}
	}
}

func TestTruncated(t *testing.T) {
	t.Parallel()
	s := newSample(t, 10)
	for size := 0; size < len(s.image); size += 2048 {
		s.opens(t, fmt.Sprint("cut at ", size), s.image[:size])
	}
	if !s.opens(t, "empty", nil) || !s.opens(t, "half", s.image[:len(s.image)/4]) {
		t.Error("a cut file was opened")
	}
}

// TestStalePage: an old version of a page is sound in itself. Only the digest
// can tell that it is old.
func TestStalePage(t *testing.T) {
	t.Parallel()
	s := newSample(t, 20)
	const page = 4096
	refused := 0
	for to := 2 * page; to+page <= len(s.image); to += page {
		for from := 2 * page; from+page <= len(s.image); from += page {
			image := bytes.Clone(s.image)
			copy(image[to+8:to+page], s.image[from+8:from+page]) // all but the id
			if s.opens(t, fmt.Sprintf("page %d in place of %d", from/page, to/page), image) {
				refused++
			}
		}
	}
	if refused == 0 {
		t.Error("nothing was refused")
	}
}

// TestTruncatedWhileOpen: the mapping faults, and that is an error, not the end
// of the process.
func TestTruncatedWhileOpen(t *testing.T) {
	t.Parallel()
	s := newSample(t, 25)
	b := openAt(t, s.path, small)
	if err := os.Truncate(s.path, 3*4096); err != nil {
		t.Fatal(err)
	}
	if err := s.compare(b); !errors.Is(err, storage.ErrCorrupt) {
		t.Errorf("read from a file that was cut: %v", err)
	}
	err := b.Apply(storage.Batch{Writes: []storage.Write{{Key: []byte("key-001"), Value: storage.Seal([]byte("key-001"), storage.Record{})}}})
	if err == nil || errors.Is(err, storage.ErrFull) {
		t.Errorf("write to a file that was cut: %v", err)
	}
	_ = b.Close() // must return; what it says does not matter
}

// TestOlderMeta: the newest commit is not given up in silence.
func TestOlderMeta(t *testing.T) {
	t.Parallel()
	s := newSample(t, 10)
	image := bytes.Clone(s.image)
	newest := int(s.state.Sequence+1) % 2 // bbolt's ids: 2 and 3 at creation, then one per batch
	image[newest*4096+20] ^= 1
	if !s.opens(t, "one meta page damaged", image) {
		t.Error("not refused")
	}
	o := small
	o.AcceptOlder = true
	b := openAt(t, s.path, o)
	defer b.Close()
	if st, err := b.State(); err != nil || st.Sequence != s.state.Sequence-1 {
		t.Errorf("the older commit is %+v, %v", st, err)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	s := newSample(t, 10)
	r, err := bolt.Check(s.path, small)
	if err != nil || len(r.Problems) > 0 || r.State != s.state || r.Keys != len(s.model) || r.Entries != 10 || r.Bytes != int64(len(s.image)) {
		t.Errorf("a sound file: %+v, %v", r, err)
	}
	if !bytes.Equal(readFile(t, s.path), s.image) {
		t.Error("Check changed the file")
	}
	image := bytes.ReplaceAll(s.image, []byte("event"), []byte("tnevE"))
	if err := os.WriteFile(s.path, image, 0o600); err != nil {
		t.Fatal(err)
	}
	if r, err := bolt.Check(s.path, small); err != nil || len(r.Problems) < 10 || r.Entries != 10 {
		t.Errorf("ten damaged entries: %+v, %v", r, err)
	}
	if _, err := bolt.Check(s.path+".missing", small); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
}
