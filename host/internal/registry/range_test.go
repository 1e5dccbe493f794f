package registry

import "testing"

func TestFits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		versions, version string
		want              bool
	}{
		{"", "0.1.0", true},
		{"", "0.1.0-dev.3", true},
		{"^0.1", "0.1.0", true},
		{"^0.1", "0.1.7", true},
		{"^0.1", "0.2.0", false},
		{"^0.1", "0.1.0-dev.3", true},
		{"^0.1", "0.1.4-dev.3", true},
		{"^0.1", "0.2.0-dev.3", false},
		{"^0.2", "0.1.9-dev.3", false},
		{"^1", "1.2.0-rc.1", true},
		{"^1", "2.0.0-rc.1", false},
		{"1.0 - 2.0", "1.5.0-rc.1", true},
		{">=1.0.0-beta.3", "1.0.0-beta.1", false},
		{">=1.0.0-beta.3", "1.0.0-beta.4", true},
	} {
		if got, err := Fits(c.versions, c.version); err != nil || got != c.want {
			t.Errorf("%s in %q: %v, %v", c.version, c.versions, got, err)
		}
	}
	for _, c := range [][2]string{{"newest", "1.0.0"}, {"^1", "one"}} {
		if got, err := Fits(c[0], c[1]); err == nil || got {
			t.Errorf("%s in %q: %v, %v", c[1], c[0], got, err)
		}
	}
}
