package code

// Hash is what a text is known by where it is not kept: the first half of its SHA-256, in
// hexadecimal. Of a drawn code nobody finds the code that belongs to it; a short one can be
// found by trying, which [Keyed] prevents. Begin the text with what it is for, so that
// texts of two kinds are never known by the same.
func Hash(text string) string {
	sum := sha256([]byte(text))
	return half(&sum)
}

// Keyed is the first half of the HMAC-SHA-256 (RFC 2104) of a text, in hexadecimal: without
// the key nobody finds the text by trying. A key is 32 random bytes, best.
func Keyed(key []byte, text string) string {
	sum := hmac(key, text)
	return half(&sum)
}

// half is written out because encoding/hex would bring fmt into guests.
func half(sum *[32]byte) string {
	const digits = "0123456789abcdef"
	out := make([]byte, 0, len(sum))
	for _, b := range sum[:len(sum)/2] {
		out = append(out, digits[b>>4], digits[b&15])
	}
	return string(out)
}

// hmac is HMAC-SHA-256. A key longer than a block stands for its hash.
func hmac(key []byte, text string) [32]byte {
	var inner, outer [64]byte
	if len(key) > len(inner) {
		sum := sha256(key)
		key = sum[:]
	}
	copy(inner[:], key)
	copy(outer[:], key)
	for i := range inner {
		inner[i] ^= 0x36
		outer[i] ^= 0x5c
	}
	sum := sha256(append(inner[:], text...))
	return sha256(append(outer[:], sum[:]...))
}
