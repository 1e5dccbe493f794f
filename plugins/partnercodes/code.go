package partnercodes

import (
	"crypto/ed25519"
	"strings"

	"github.com/bottega-retail/bottega/sdk/retail"
)

// code is what a code says: PARTNER.SERIAL.YYYYMMDD.SIGNATURE.
type code struct {
	partner   string
	last      retail.Date // day on which it counts
	signed    string      // all before the last dot
	signature []byte
}

const (
	// Of codes and of keys, by RFC 4648.
	urlAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	keyAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	serial      = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"
	maxSerial   = 20
	// der is how the public key of Ed25519 begins in a file (RFC 8410).
	der = "MCowBQYDK2VwAyEA"
)

// parse takes a code apart. Each code has one spelling: pricing counts uses by the
// text, and a second one would be a second use.
func parse(text string) (c code, ok bool) {
	parts := strings.Split(text, ".")
	if len(parts) != 4 || len(parts[1]) == 0 || len(parts[1]) > maxSerial || strings.Trim(parts[1], serial) != "" || len(parts[2]) != 8 {
		return c, false
	}
	day := parts[2]
	c.partner, c.last = parts[0], retail.Date(day[:4]+"-"+day[4:6]+"-"+day[6:])
	c.signed = text[:len(text)-len(parts[3])-1]
	c.signature, ok = unpack(parts[3], urlAlphabet)
	return c, ok && len(c.signature) == ed25519.SignatureSize && c.last.Valid() == nil
}

// publicKey reads the one line of the file of a public key.
func publicKey(text string) (ed25519.PublicKey, bool) {
	line, ok := strings.CutPrefix(strings.TrimSpace(text), der)
	if !ok {
		return nil, false
	}
	key, ok := unpack(strings.TrimSuffix(line, "="), keyAlphabet)
	return key, ok && len(key) == ed25519.PublicKeySize
}

// unpack reads base64 without padding. encoding/base64 would bring reflection into
// the module.
func unpack(text, alphabet string) ([]byte, bool) {
	out := make([]byte, 0, len(text)*3/4)
	held, bits := uint(0), 0
	for i := range len(text) {
		value := strings.IndexByte(alphabet, text[i])
		if value < 0 {
			return nil, false
		}
		held, bits = held<<6|uint(value), bits+6
		if bits >= 8 {
			bits -= 8
			out = append(out, byte(held>>bits))
			held &= 1<<bits - 1
		}
	}
	return out, held == 0 && bits < 6 // what is left over says nothing
}
