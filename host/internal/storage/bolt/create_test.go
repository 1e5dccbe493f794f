package bolt_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/host/internal/storage"
	"github.com/bottega-retail/bottega/host/internal/storage/bolt"
)

func TestCreate(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "a", "b")
	path := filepath.Join(dir, "data.bolt")
	b := openAt(t, path, small)
	defer closed(t, b)
	for name, want := range map[string]os.FileMode{dir: 0o700, filepath.Dir(dir): 0o700, path: 0o600} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: mode %v, %v, want %v", name, info.Mode(), err, want)
		}
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("directory holds %v, %v", entries, err)
	}
	if _, err := bolt.Open(path, small); !errors.Is(err, bolt.ErrInUse) {
		t.Errorf("second open: %v", err)
	}
	if _, err := bolt.Check(path, small); !errors.Is(err, bolt.ErrInUse) {
		t.Errorf("check of an open file: %v", err)
	}
}

func TestModeIsChecked(t *testing.T) {
	t.Parallel()
	s := newSample(t, 1)
	if err := os.Chmod(s.path, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := bolt.Open(s.path, small); err == nil || !strings.Contains(err.Error(), "chmod") {
		t.Errorf("a file that others can read: %v", err)
	}
}

// TestUnfinishedCreation: whatever a power cut leaves of a file being created,
// the next start makes a good one.
func TestUnfinishedCreation(t *testing.T) {
	t.Parallel()
	s := newSample(t, 0)
	random := rand.New(rand.NewPCG(3, 3))
	for n := range 40 {
		path := filepath.Join(t.TempDir(), "data.bolt")
		torn := tear(random, nil, s.image)
		if err := os.WriteFile(path+".new", torn[:random.IntN(len(torn)+1)], 0o600); err != nil {
			t.Fatal(err)
		}
		b, err := bolt.Open(path, small)
		if err != nil {
			t.Fatalf("start %d: %v", n, err)
		}
		if err := s.compare(b); err != nil {
			t.Errorf("start %d: %v", n, err)
		}
		closed(t, b)
		if _, err := os.Stat(path + ".new"); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("start %d left the unfinished file: %v", n, err)
		}
	}
}

const sector = 512

// tear returns before with a random subset of the sectors in which after
// differs: what a power cut leaves of writes that were not yet synced. The file
// has after's length.
func tear(random *rand.Rand, before, after []byte) []byte {
	image := make([]byte, len(after))
	copy(image, before)
	for from := 0; from < len(after); from += sector {
		to := min(from+sector, len(after))
		if random.IntN(2) == 0 {
			copy(image[from:to], after[from:to])
		}
	}
	return image
}

// TestPowerCut takes pictures of the file before and after a commit. bbolt syncs
// its pages before it writes the meta page, so a power cut leaves any part of
// the pages with the old meta page, or all of them with the old or the new one.
func TestPowerCut(t *testing.T) {
	t.Parallel()
	s := newSample(t, 8)
	random := rand.New(rand.NewPCG(4, 4))
	commits, images := 15, 12
	if os.Getenv("BOTTEGA_LONG") != "" {
		commits, images = 100, 100
	}
	controls := 0
	for range commits {
		before := *s
		before.model = maps.Clone(s.model)
		s.restore(t)
		b := openAt(t, s.path, small)
		s.commit(t, b, random)
		closed(t, b)
		s.image = readFile(t, s.path)
		for range images {
			pages := tear(random, before.image, s.image)
			copy(pages[:2*4096], before.image)
			if before.opens(t, "pages torn, old meta page", pages) {
				t.Error("refused after a power cut before the first sync")
			}
			lying := tear(random, before.image, s.image)
			copy(lying[:2*4096], s.image)
			if !bytes.Equal(lying, s.image) && s.opens(t, "a disk that ignores syncs", lying) {
				controls++
			}
		}
		if s.opens(t, "new meta page", s.image) {
			t.Error("refused after the last sync")
		}
	}
	if controls < commits*images/2 {
		t.Errorf("of %d files from a disk that ignores syncs %d were refused: the pictures show nothing", commits*images, controls)
	}
}

func (s *sample) restore(t *testing.T) {
	t.Helper()
	if err := os.WriteFile(s.path, s.image, 0o600); err != nil {
		t.Fatal(err)
	}
}

// createUnderTrace tells the test binary to create a file and do nothing else.
const createUnderTrace = "BOTTEGA_CREATE_UNDER_TRACE"

// TestCreationOrder watches the system calls of a first start: the new file is
// synced after its last write and before its rename, the directory after.
func TestCreationOrder(t *testing.T) {
	if path := os.Getenv(createUnderTrace); path != "" {
		closed(t, openAt(t, path, small))
		return
	}
	t.Parallel()
	dir := t.TempDir()
	path, trace := filepath.Join(dir, "data.bolt"), filepath.Join(dir, "trace")
	cmd := exec.Command("strace", "-f", "-y", "-o", trace, "-e", "trace=write,pwrite64,ftruncate,fsync,fdatasync,rename,renameat,renameat2",
		os.Args[0], "-test.run=^TestCreationOrder$")
	cmd.Env = append(os.Environ(), createUnderTrace+"="+path)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Skipf("strace cannot trace here: %v: %s", err, out)
	}
	synced, renamed, made := false, false, false
	for line := range strings.Lines(string(readFile(t, trace))) {
		switch {
		case strings.Contains(line, "sync(") && strings.Contains(line, path+".new>"):
			synced = true
		case strings.Contains(line, "sync(") && strings.Contains(line, dir+">"):
			made = renamed
		case strings.Contains(line, path+".new>"):
			synced = false
		case strings.Contains(line, "rename") && strings.Contains(line, path+".new"):
			if renamed = true; !synced {
				t.Error("renamed before it was synced")
			}
		}
	}
	if !renamed || !made {
		t.Errorf("renamed: %v, directory synced after it: %v", renamed, made)
	}
}

// fill writes values until the disk is full, and returns the last batch that
// was accepted.
func fill(t *testing.T, b storage.Backend) (last uint64) {
	t.Helper()
	for n := uint64(1); n < 10_000; n++ {
		err := b.Apply(bulk(n))
		if errors.Is(err, storage.ErrFull) {
			return n - 1
		}
		if err != nil {
			t.Fatalf("batch %d: %v", n, err)
		}
	}
	t.Fatal("the disk never gets full")
	return 0
}

func bulk(n uint64) storage.Batch {
	key := fmt.Appendf(nil, "bulk-%05d", n)
	value := storage.Seal(key, storage.Record{Value: make([]byte, 30_000)})
	return storage.Batch{State: storage.State{Sequence: n}, Writes: []storage.Write{{Key: key, Value: value}}}
}

// TestFull: nothing acknowledged is lost, reads and deletes go on, and so do
// writes once there is room.
func TestFull(t *testing.T) {
	t.Parallel()
	t.Run("at its limit", func(t *testing.T) {
		t.Parallel()
		o := small
		o.MaxSize = 4 << 20
		testFull(t, filepath.Join(t.TempDir(), "data.bolt"), o)
	})
	t.Run("no space left", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", dir).CombinedOutput(); err != nil {
			t.Skipf("cannot mount a small disk here: %v: %s", err, out)
		}
		t.Cleanup(func() {
			if out, err := exec.Command("umount", dir).CombinedOutput(); err != nil {
				t.Errorf("unmount: %v: %s", err, out)
			}
		})
		testFull(t, filepath.Join(dir, "data.bolt"), small)
	})
}

func testFull(t *testing.T, path string, o bolt.Options) {
	b := openAt(t, path, o)
	last := fill(t, b)
	if last < 50 {
		t.Fatalf("full after %d batches", last)
	}
	wantBulk(t, b, 1, last)
	gone := storage.Batch{State: storage.State{Sequence: last}}
	for n := uint64(1); n <= 20; n++ {
		gone.Writes = append(gone.Writes, storage.Write{Key: bulk(n).Writes[0].Key})
	}
	if err := b.Apply(gone); err != nil {
		t.Fatalf("delete on a full disk: %v", err)
	}
	for n := last + 1; n <= last+5; n++ {
		if err := b.Apply(bulk(n)); err != nil {
			t.Fatalf("write after a delete: %v", err)
		}
	}
	closed(t, b)
	b = openAt(t, path, o)
	defer closed(t, b)
	wantBulk(t, b, 21, last+5)
	if st, err := b.State(); err != nil || st.Sequence != last+5 {
		t.Errorf("state %+v, %v", st, err)
	}
}

// wantBulk reads that batches from first to last are there and no others.
func wantBulk(t *testing.T, b storage.Backend, first, last uint64) {
	t.Helper()
	s, err := b.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	n := first
	err = s.Ascend(nil, nil, func(k, v []byte) bool {
		want := bulk(n).Writes[0]
		if !bytes.Equal(k, want.Key) || !bytes.Equal(v, want.Value) {
			t.Errorf("found %q, want %q", k, want.Key)
		}
		n++
		return n <= last+1
	})
	if err != nil || n != last+1 {
		t.Errorf("found up to %d, want %d: %v", n-1, last, err)
	}
}
