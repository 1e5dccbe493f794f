package identity

import (
	"crypto/rand"
	"errors"
	"strings"
	"testing"
)

// cheap is for tests alone.
var cheap = Hashing{Memory: 64, Time: 1, Threads: 1}

func TestPolicy(t *testing.T) {
	t.Parallel()
	p := NewPolicy()
	if len(p.common) < 3000 {
		t.Errorf("only %d common passwords are known", len(p.common))
	}
	rows := append(table(t, "passwords.txt"), [][]string{
		{strings.Repeat("lunga frase ", 20), "ok"},
		{strings.Repeat("lunga frase ", 22), "password_long"},
		{"a tab\tin between", "password_text"},
		{"not \xff UTF-8 at all", "password_text"},
	}...)
	for _, row := range rows {
		got := "ok"
		var weak *Weak
		if err := p.Check(row[0], "anna.rossi", "Anna Rossi", "Emporio Demo"); errors.As(err, &weak) {
			got = weak.Reason
		}
		if got != row[1] {
			t.Errorf("%q: %s, want %s", row[0], got, row[1])
		}
	}
}

func TestHash(t *testing.T) {
	t.Parallel()
	stored, err := cheap.Hash("perché no?", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(stored, "$argon2id$v=19$m=64,t=1,p=1$") || strings.Contains(stored, "perch") {
		t.Errorf("stored as %s", stored)
	}
	again, _ := cheap.Hash("perché no?", rand.Reader)
	if again == stored {
		t.Error("no salt")
	}
	for password, want := range map[string]bool{"perché no?": true, "perche\u0301 no?": true, "perche no?": false, "": false, "perché no? ": false} {
		if ok, err := Verify(stored, password); ok != want || err != nil {
			t.Errorf("%q: %v, %v", password, ok, err)
		}
	}
	dummy, err := cheap.Dummy(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := Verify(dummy, "perché no?"); ok || err != nil {
		t.Errorf("the dummy: %v, %v", ok, err)
	}
	if len(dummy) != len(stored) || cheap.Outdated(dummy) {
		t.Errorf("the dummy %s is not like %s", dummy, stored)
	}
}

func TestHashOutdated(t *testing.T) {
	t.Parallel()
	stored, _ := cheap.Hash("x", rand.Reader)
	for name, c := range map[string]struct {
		now  Hashing
		want bool
	}{
		"the same":     {cheap, false},
		"more memory":  {Hashing{Memory: 128, Time: 1, Threads: 1}, true},
		"more passes":  {Hashing{Memory: 64, Time: 2, Threads: 1}, true},
		"the defaults": {Hashing{}, true},
	} {
		if got := c.now.Outdated(stored); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if !cheap.Outdated("") || (Hashing{}).Outdated("$argon2id$v=19$m=65536,t=3,p=1$"+strings.Repeat("A", 22)+"$"+strings.Repeat("A", 43)) {
		t.Error("nothing is not outdated, or the default is")
	}
}

// TestHashKnown is a vector of the reference implementation (argon2 of the
// command line, -id -t 2 -k 65536 -p 1 -l 32, password "password", salt
// "somesalt").
func TestHashKnown(t *testing.T) {
	t.Parallel()
	const known = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	if ok, err := Verify(known, "password"); !ok || err != nil {
		t.Errorf("%v, %v", ok, err)
	}
}

func TestHashMalformed(t *testing.T) {
	t.Parallel()
	good, _ := cheap.Hash("x", rand.Reader)
	for _, bad := range []string{
		"", "x", "$", "$$$$$", good + "$", good[:len(good)-1], good + "=", " " + good, strings.Replace(good, "argon2id", "argon2i", 1),
		strings.Replace(good, "v=19", "v=16", 1), strings.Replace(good, "m=64", "m=064", 1), strings.Replace(good, "m=64", "m=7", 1),
		strings.Replace(good, "t=1", "t=0", 1), strings.Replace(good, "p=1", "p=0", 1), strings.Replace(good, "m=64", "m=4294967295", 1),
		strings.Replace(good, "t=1", "t=4000000000", 1), strings.Replace(good, "p=1", "p=256", 1), strings.Repeat("A", 1000),
	} {
		if ok, err := Verify(bad, "x"); ok || !errors.Is(err, ErrHash) {
			t.Errorf("%q: %v, %v", bad, ok, err)
		}
	}
}

func FuzzParseHash(f *testing.F) {
	good, _ := cheap.Dummy(rand.Reader)
	f.Add(good)
	f.Add("$argon2id$v=19$m=64,t=1,p=1$$")
	f.Fuzz(func(t *testing.T, s string) {
		h, salt, sum, err := parseHash(s)
		if err == nil && (h.text(salt, sum) != s || h.Memory > maxHashMemory || h.Time > maxHashTime) {
			t.Errorf("%q is taken", s)
		}
	})
}
