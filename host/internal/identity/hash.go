package identity

import (
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/crypto/argon2"
)

// Hashing is how much work it is to try a password, by argon2id (RFC 9106). Zero
// is the default of every field. Each hash needs Memory while it runs: limit how
// many do.
type Hashing struct {
	Memory  uint32 // KiB; default 65,536
	Time    uint32 // passes; default 3
	Threads uint8  // default 1
}

// The defaults: 64 MiB three times, about 150 ms of one core.
const (
	hashMemory = 64 << 10
	hashTime   = 3
	saltSize   = 16
	hashSize   = 32
)

// Bounds of what is read: a stored hash must not be able to stop the host.
const (
	maxHashMemory = 1 << 20 // KiB
	maxHashTime   = 64
	maxHashText   = 256
)

// ErrHash says that a stored hash of a password is not in the form that Hash writes.
var ErrHash = errors.New("malformed hash of a password")

func (h Hashing) filled() Hashing {
	if h.Memory == 0 {
		h.Memory = hashMemory
	}
	if h.Time == 0 {
		h.Time = hashTime
	}
	if h.Threads == 0 {
		h.Threads = 1
	}
	return h
}

// Hash is what is stored of a password, in the PHC form
// $argon2id$v=19$m=65536,t=3,p=1$salt$hash.
func (h Hashing) Hash(password string, random io.Reader) (string, error) {
	salt := make([]byte, saltSize)
	if _, err := io.ReadFull(random, salt); err != nil {
		return "", fmt.Errorf("salt of a password: %w", err)
	}
	h = h.filled()
	return h.text(salt, h.sum(password, salt, hashSize)), nil
}

// Dummy is a hash that no password has and that is as much work to verify as any
// other: for names that do not exist.
func (h Hashing) Dummy(random io.Reader) (string, error) {
	b := make([]byte, saltSize+hashSize)
	if _, err := io.ReadFull(random, b); err != nil {
		return "", fmt.Errorf("dummy of a password: %w", err)
	}
	return h.filled().text(b[:saltSize], b[saltSize:]), nil
}

// Verify says whether a stored hash is that of a password. Its time depends on
// the hash's parameters alone. Errors: ErrHash.
func Verify(stored, password string) (bool, error) {
	h, salt, want, err := parseHash(stored)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(h.sum(password, salt, uint32(len(want))), want) == 1, nil
}

// Outdated says whether a stored hash was made with other parameters than h, so
// that it is made anew when its password is next known.
func (h Hashing) Outdated(stored string) bool {
	was, salt, sum, err := parseHash(stored)
	return err != nil || was != h.filled() || len(salt) != saltSize || len(sum) != hashSize
}

func (h Hashing) sum(password string, salt []byte, size uint32) []byte {
	return argon2.IDKey([]byte(Normal(password)), salt, h.Time, h.Memory, h.Threads, size)
}

func (h Hashing) text(salt, sum []byte) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.Memory, h.Time, h.Threads, b64.EncodeToString(salt), b64.EncodeToString(sum))
}

// parseHash reads exactly what text writes.
func parseHash(stored string) (h Hashing, salt, sum []byte, err error) {
	parts := strings.Split(stored, "$")
	if len(stored) > maxHashText || len(parts) != 6 {
		return h, nil, nil, ErrHash
	}
	if _, err = fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &h.Memory, &h.Time, &h.Threads); err != nil {
		return h, nil, nil, ErrHash
	}
	salt, _ = base64.RawStdEncoding.Strict().DecodeString(parts[4]) // what does not decode is not written back alike
	sum, _ = base64.RawStdEncoding.Strict().DecodeString(parts[5])
	small := h.Time < 1 || h.Threads < 1 || h.Memory < 8*uint32(h.Threads) || len(salt) < 8 || len(sum) < 16
	if small || h.Time > maxHashTime || h.Memory > maxHashMemory || h.text(salt, sum) != stored {
		return h, nil, nil, ErrHash
	}
	return h, salt, sum, nil
}
