package grid

import (
	"strings"
	"testing"
)

func TestSizes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ sizes, order, want string }{
		{"L S M XL S", "", "S M L XL"},
		{"42 38 42,5 44 40", "", "38 40 42 42,5 44"},
		{"unica M 40", "", "M 40 unica"},
		{"IT42 IT38 L", "IT38 IT40 IT42", "IT38 IT42 L"},
		{"M L S", "L", "L S M"},
		{"", "S", ""},
	} {
		if got := strings.Join(Sizes(strings.Fields(tt.sizes), strings.Fields(tt.order)), " "); got != tt.want {
			t.Errorf("%s by %q: %s, want %s", tt.sizes, tt.order, got, tt.want)
		}
	}
}
