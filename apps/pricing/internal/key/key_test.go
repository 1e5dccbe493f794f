package key

import "testing"

// What is there was written with these: they never change, and texts of different kinds
// are never known by the same.
func TestNeverChanges(t *testing.T) {
	t.Parallel()
	for want, got := range map[string]string{
		"05844fedcf6a1bb82115a79b73c76a0d": Coupon("SUMMER10"),
		"aad0d1f42f243402bd967204d4e24d76": Customer("SUMMER10"),
		"7c28ad7b4ec7e8ebe8261c222b2d0865": Basket("SUMMER10"),
	} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
