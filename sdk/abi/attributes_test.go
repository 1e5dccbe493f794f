package abi

import "testing"

// Expiry and subject are optional: a record without the fields, as guests leave
// empty ones out, is one that never expires and is about nobody.
func TestAbsentAttributes(t *testing.T) {
	t.Parallel()
	c := Collection{Name: "c", Key: []string{"id"}, Expires: "expires", Subject: "customer"}
	k, err := c.Keys([]byte{0x81, 0xa2, 'i', 'd', 0xa1, 'x'})
	if err != nil || k.Expires != 0 || k.Subject != "" {
		t.Fatalf("%+v, %v", k, err)
	}
	k, err = c.Keys([]byte{0x83, 0xa2, 'i', 'd', 0xa1, 'x', 0xa7, 'e', 'x', 'p', 'i', 'r', 'e', 's', 0x07, 0xa8, 'c', 'u', 's', 't', 'o', 'm', 'e', 'r', 0xa2, 'C', '1'})
	if err != nil || k.Expires != 7 || k.Subject != "C1" {
		t.Fatalf("%+v, %v", k, err)
	}
}
