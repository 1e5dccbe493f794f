package codectest

import (
	"bytes"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"

	"github.com/bottega-retail/bottega/sdk/internal/codec"
)

// transcripts is the folder that the test writes what it saw to. The same
// values are drawn each time, so two codecs that agree write the same files.
var transcripts = os.Getenv("BOTTEGA_TRANSCRIPTS")

const samples = 40

func TestLocal(t *testing.T)   { run(t, "local", rapid.Make[Local]()) }
func TestForeign(t *testing.T) { run(t, "foreign", rapid.Make[Foreign]()) }

// TestBytes only encodes: msgp's own generator decodes otherwise.
func TestBytes(t *testing.T) {
	t.Parallel()
	var encoded bytes.Buffer
	for seed := range samples {
		v := rapid.Make[Local]().Example(seed)
		fmt.Fprintf(&encoded, "%d %x\n", seed, encode(t, &v))
	}
	if transcripts != "" {
		write(t, "bytes", encoded.Bytes())
	}
}

// run encodes values, decodes what it encoded over the value before, and
// decodes damaged bytes.
func run[T any](t *testing.T, name string, values *rapid.Generator[T]) {
	t.Parallel()
	var seen bytes.Buffer
	var before T
	for seed := range samples {
		v := values.Example(seed)
		b := encode(t, &v)
		fmt.Fprintf(&seen, "%d %x\n", seed, b)

		var fresh T
		if err := codec.Parse(b, &fresh); err != nil {
			t.Fatalf("%s %d: %v", name, seed, err)
		}
		if again := encode(t, &fresh); !bytes.Equal(again, b) {
			t.Fatalf("%s %d:\n%x came back as\n%x", name, seed, b, again)
		}
		over, old := before, encode(t, &before)
		if err := codec.Parse(b, &over); err != nil {
			t.Fatalf("%s %d: %v", name, seed, err)
		}
		if !bytes.Equal(encode(t, &before), old) {
			t.Fatalf("%s %d: decoding over a copy changed the original", name, seed)
		}
		fmt.Fprintf(&seen, "%d %x\n", seed, encode(t, &over))
		damaged[T](t, &seen, b, rand.New(rand.NewSource(int64(seed))))
		before = v
	}
	if transcripts != "" {
		write(t, name, seen.Bytes())
	}
}

// damaged decodes bytes with a few mistakes in them.
func damaged[T any](t *testing.T, out *bytes.Buffer, b []byte, r *rand.Rand) {
	t.Helper()
	for range 20 {
		c := bytes.Clone(b[:len(b)-r.Intn(2)*r.Intn(len(b))])
		for range r.Intn(3) {
			if len(c) > 0 {
				c[r.Intn(len(c))] = byte(r.Intn(256))
			}
		}
		var v T
		if err := codec.Parse(c, &v); err != nil {
			fmt.Fprintln(out, "refused")
			continue
		}
		fmt.Fprintf(out, "%x\n", encode(t, &v))
	}
}

// encode uses the codec that msgp's own generator has made, if it has.
func encode[T any](t *testing.T, v *T) []byte {
	t.Helper()
	encode := codec.Append
	if m, ok := any(v).(interface{ MarshalMsg([]byte) ([]byte, error) }); ok {
		encode = func(b []byte, _ any) ([]byte, error) { return m.MarshalMsg(b) }
	}
	b, err := encode(nil, v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func write(t *testing.T, name string, b []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(transcripts, name), b, 0o600); err != nil {
		t.Fatal(err)
	}
}
