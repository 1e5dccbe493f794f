package event

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// TestOperations: every operation names a right and a path, and its input has the
// fields that people are told of.
func TestOperations(t *testing.T) {
	t.Parallel()
	fields := map[string]string{
		"host.events.list": "after limit types", "host.subscriptions.list": "after app limit",
		"host.parked.list": "after app key limit state", "host.parked.get": "after id limit",
		"host.parked.replay": "all app id key", "host.parked.discard": "all app head id key reason",
		"host.work.list": "after app limit state", "host.work.get": "id", "host.work.cancel": "id", "host.work.retry": "id",
	}
	all := New(Config{}).Operations()
	if len(all) != len(fields) {
		t.Errorf("%d operations", len(all))
	}
	for _, o := range all {
		var schema struct {
			Properties map[string]json.RawMessage `json:"properties"`
		}
		b, err := json.Marshal(o.Input)
		if err == nil {
			err = json.Unmarshal(b, &schema)
		}
		var names []string
		for name := range schema.Properties {
			names = append(names, name)
		}
		slices.Sort(names)
		if got := strings.Join(names, " "); err != nil || got != fields[o.Name] || o.Right == "" || o.Summary == "" || !strings.HasPrefix(o.Path, "/") {
			t.Errorf("%s (%s) takes %q, %v", o.Name, o.Right, got, err)
		}
	}
}
