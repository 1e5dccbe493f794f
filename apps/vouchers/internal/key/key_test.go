package key

import "testing"

// What is there was written with these: they never change, and texts of different kinds
// are never known by the same.
func TestNeverChanges(t *testing.T) {
	t.Parallel()
	salt := []byte("0123456789abcdef0123456789abcdef")
	seen := map[string]bool{}
	for want, got := range map[string]string{
		"2d27de2493e33aa9bc70f7be92fb8417": Code(salt, "23456789ABCDEFGS"),
		"de388ee1a7877ef826d970b957f5311c": PIN(salt, "01J", "123456"),
		"a2757196ee783d91b4ce8a4ff529c022": Visitor(salt, "203.0.113.7"),
	} {
		if got != want || seen[got] {
			t.Errorf("%s, want %s", got, want)
		}
		seen[got] = true
	}
}
