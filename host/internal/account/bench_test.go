package account

import (
	"testing"

	"github.com/bottega-retail/bottega/host/internal/identity"
)

// BenchmarkSession is what every request of a signed-in person costs first.
func BenchmarkSession(b *testing.B) {
	f := setup(b)
	_, s := f.hire("anna", []string{"MI-01"}, "cashier")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := f.Session(b.Context(), s.Session); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkToken is what every request of a program costs first.
func BenchmarkToken(b *testing.B) {
	f := setup(b)
	made := must[MadeToken](f, identity.Local(), "host.tokens.create", NewToken{Title: "x", Rights: []string{"till.*"}})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := f.Token(b.Context(), made.Secret, home); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkPassword is what a login costs, with the parameters of the house.
func BenchmarkPassword(b *testing.B) {
	f := setup(b, func(c *Config) { c.Hashing = identity.Hashing{} })
	for b.Loop() {
		if _, err := f.hashers.verify(b.Context(), "", password); err != nil {
			b.Fatal(err)
		}
	}
}
