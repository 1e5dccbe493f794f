package main

import "testing"

// TestMemorySize: an amount of memory has a unit, and there is no guessing.
func TestMemorySize(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]memorySize{
		"512MiB": 512 << 20, "4GiB": 4 << 30, "4 GiB": 4 << 30, "1TiB": 1 << 40,
		"": 0, "4": 0, "4GB": 0, "4G": 0, "GiB": 0, "0GiB": 0, "-1GiB": 0, "1.5GiB": 0, "9000000000TiB": 0,
	} {
		var got memorySize
		err := got.UnmarshalText([]byte(text))
		if got != want || (err == nil) != (want != 0) {
			t.Errorf("%q: %d, %v; want %d", text, got, err, want)
		}
	}
}
