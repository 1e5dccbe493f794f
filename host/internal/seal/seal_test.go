package seal

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
)

func open(t *testing.T) *Keys {
	t.Helper()
	k, err := Open(filepath.Join(t.TempDir(), "key"), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func sealed(t *testing.T, k *Keys, purpose, about string, plain []byte) []byte {
	t.Helper()
	b, err := k.Seal(purpose, about, plain, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestSealAndUnseal(t *testing.T) {
	t.Parallel()
	k := open(t)
	for _, n := range []int{0, 1, 31, 32, 4096} {
		plain := make([]byte, n)
		_, _ = rand.Read(plain)
		b := sealed(t, k, "webhook", "shop/w1", plain)
		if len(b) != n+Overhead {
			t.Errorf("%d bytes are %d when sealed", n, len(b))
		}
		got, err := k.Unseal("webhook", "shop/w1", b)
		if err != nil || !bytes.Equal(got, plain) {
			t.Errorf("%d bytes came back as %x: %v", n, got, err)
		}
		if n >= 31 && bytes.Contains(b, plain) {
			t.Errorf("%d bytes stand in their own seal", n)
		}
	}
}

func TestSealNeverRepeats(t *testing.T) {
	t.Parallel()
	k := open(t)
	if bytes.Equal(sealed(t, k, "p", "a", []byte("x")), sealed(t, k, "p", "a", []byte("x"))) {
		t.Error("two seals of the same are the same")
	}
}

func TestUnsealRefuses(t *testing.T) {
	t.Parallel()
	k := open(t)
	b := sealed(t, k, "webhook", "shop/w1", []byte("whsec_canary"))
	changed := func(i int) []byte {
		c := bytes.Clone(b)
		c[i] ^= 1
		return c
	}
	for name, c := range map[string]struct {
		purpose, about string
		sealed         []byte
		keys           *Keys
		want           error
	}{
		"another purpose":    {"settings", "shop/w1", b, k, ErrSeal},
		"about another":      {"webhook", "shop/w2", b, k, ErrSeal},
		"the border moved":   {"webhooks", "hop/w1", b, k, ErrSeal},
		"the version":        {"webhook", "shop/w1", changed(0), k, ErrSeal},
		"the mark":           {"webhook", "shop/w1", changed(1), k, ErrKey},
		"the nonce":          {"webhook", "shop/w1", changed(headSize), k, ErrSeal},
		"the text":           {"webhook", "shop/w1", changed(headSize + nonceSize), k, ErrSeal},
		"the tag":            {"webhook", "shop/w1", changed(len(b) - 1), k, ErrSeal},
		"cut":                {"webhook", "shop/w1", b[:len(b)-1], k, ErrSeal},
		"cut to its head":    {"webhook", "shop/w1", b[:headSize], k, ErrSeal},
		"nothing":            {"webhook", "shop/w1", nil, k, ErrSeal},
		"one byte more":      {"webhook", "shop/w1", append(bytes.Clone(b), 0), k, ErrSeal},
		"another master key": {"webhook", "shop/w1", b, open(t), ErrKey},
	} {
		got, err := c.keys.Unseal(c.purpose, c.about, c.sealed)
		if !errors.Is(err, c.want) || got != nil {
			t.Errorf("%s: %q and %v, want %v", name, got, err, c.want)
		}
	}
}

// TestBound finds pairs that would be one string if they were only joined.
func TestBound(t *testing.T) {
	t.Parallel()
	if bytes.Equal(bound("ab", "c"), bound("a", "bc")) {
		t.Error("two pairs have one associated data")
	}
}

func TestMAC(t *testing.T) {
	t.Parallel()
	k := open(t)
	a := k.MAC("cursor", []byte("x"))
	if len(a) != 32 || !bytes.Equal(a, k.MAC("cursor", []byte("x"))) {
		t.Errorf("%x is no MAC", a)
	}
	for name, b := range map[string][]byte{
		"purpose": k.MAC("index", []byte("x")), "data": k.MAC("cursor", []byte("y")), "key": open(t).MAC("cursor", []byte("x")),
	} {
		if bytes.Equal(a, b) {
			t.Errorf("another %s has the same MAC", name)
		}
	}
}

func TestOpenKeepsItsKey(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "key")
	k, err := Open(path, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	b := sealed(t, k, "p", "a", []byte("x"))
	again, err := Open(path, iotest.ErrReader(errors.New("no randomness is needed")))
	if err != nil {
		t.Fatal(err)
	}
	if _, err = again.Unseal("p", "a", b); err != nil {
		t.Error(err)
	}
	i, err := os.Stat(path)
	if err != nil || i.Mode() != 0o600 || i.Size() != 32 {
		t.Errorf("the file is %v: %v", i, err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestOpenAtOnce: whoever comes first makes the key, all others have it too.
func TestOpenAtOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "key")
	macs := make([]string, 16)
	var group sync.WaitGroup
	for i := range macs {
		group.Go(func() {
			k, err := Open(path, rand.Reader)
			if err != nil {
				t.Error(err)
				return
			}
			macs[i] = string(k.MAC("p", nil))
		})
	}
	group.Wait()
	for _, m := range macs {
		if m != macs[0] {
			t.Fatal("two master keys")
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	good := bytes.Repeat([]byte{7}, keySize)
	for name, c := range map[string]struct {
		content []byte
		mode    os.FileMode
		want    string
	}{
		"the group may read":   {good, 0o640, "chmod 600"},
		"the world may read":   {good, 0o604, "chmod 600"},
		"the group may write":  {good, 0o620, "chmod 600"},
		"too short":            {good[:31], 0o600, "31 bytes"},
		"too long":             {append(good, 7), 0o600, "33 bytes"},
		"empty":                {nil, 0o600, "0 bytes"},
		"what a crash left":    {make([]byte, keySize), 0o600, "all zeros"},
		"only read by oneself": {good, 0o400, ""},
	} {
		path := filepath.Join(t.TempDir(), "key")
		if err := os.WriteFile(path, c.content, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, c.mode); err != nil {
			t.Fatal(err)
		}
		_, err := Open(path, rand.Reader)
		if ok := err == nil; ok != (c.want == "") || !ok && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
		if now, _ := os.ReadFile(path); !bytes.Equal(now, c.content) {
			t.Errorf("%s: the file was changed", name)
		}
	}
	dir := t.TempDir()
	if _, err := Open(dir, rand.Reader); err == nil || !strings.Contains(err.Error(), "no regular file") {
		t.Errorf("a directory: %v", err)
	}
	if _, err := Open(filepath.Join(dir, "no", "key"), rand.Reader); err == nil {
		t.Error("a directory that is not there was made")
	}
	if _, err := Open(filepath.Join(dir, "key"), bytes.NewReader(good[:31])); err == nil {
		t.Error("a key was made of too little randomness")
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestKeysDoNotPrint(t *testing.T) {
	t.Parallel()
	k := open(t)
	for _, s := range []string{fmt.Sprint(k), fmt.Sprintf("%+v", k), fmt.Sprintf("%#v", k)} {
		if s != "seal.Keys" {
			t.Errorf("printed as %s", s)
		}
	}
}

func FuzzUnseal(f *testing.F) {
	k := newKeys(bytes.Repeat([]byte{7}, keySize))
	good, err := k.Seal("p", "a", []byte("secret"), bytes.NewReader(make([]byte, nonceSize)))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(good[:Overhead])
	f.Add([]byte{version})
	f.Fuzz(func(t *testing.T, b []byte) {
		if plain, err := k.Unseal("p", "a", b); err == nil && !bytes.Equal(b, good) {
			t.Errorf("%x is %q, and nobody sealed it", b, plain)
		}
	})
}
