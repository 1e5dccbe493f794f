package storage

// Resign gives an envelope the checksum that fits it, so that a fuzzer gets past
// it. Too short ones are returned as they are.
func Resign(key, sealed []byte) []byte {
	if len(sealed) < headerSize {
		return sealed
	}
	return sign(key, sealed)
}
