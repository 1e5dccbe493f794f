package identity

import "testing"

// TestLimitedToStores: a limit to stores is one to what shows all stores as well.
func TestLimitedToStores(t *testing.T) {
	t.Parallel()
	limited := Principal{ID: "user:a", Rights: []string{All}, Stores: []string{"MI-01"}}
	whole := Principal{ID: "user:b", Rights: []string{All}}
	for _, c := range []struct {
		need    Need
		allowed bool // with the limit; without it always
	}{
		{Need{Right: "till.sell", Store: "MI-01"}, true},
		{Need{Right: "till.sell", Store: "RM-01"}, false},
		{Need{Right: "till.read"}, true},
		{Need{Right: "host.users"}, true},
		{Need{Right: "host.tokens"}, true},
		{Need{Right: "host.data"}, false},
		{Need{Right: "host.events"}, false},
		{Need{Right: "host.webhooks"}, false},
		{Need{Right: "host.apps"}, false},
		{Need{Right: "host.audit"}, false},
	} {
		if err := Authorize(limited, c.need); (err == nil) != c.allowed {
			t.Errorf("%+v with a limit: %v", c.need, err)
		}
		if err := Authorize(whole, c.need); err != nil {
			t.Errorf("%+v without: %v", c.need, err)
		}
	}
}
