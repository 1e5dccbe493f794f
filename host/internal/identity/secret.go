package identity

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"strings"
)

// Kind says what a secret proves.
type Kind string

// The kinds of secret.
const (
	TokenKind   Kind = "live" // of an API token
	SessionKind Kind = "sess" // of a signed-in person
	InviteKind  Kind = "join" // of somebody who is to choose a password
)

// Secret is what a client shows to prove who it is: "btg_", its kind, a public id
// of 8 characters, and 32 random bytes with a checksum, so that scanners find one
// in source code and a mistyped one is refused before any lookup:
//
//	btg_live_k3v9…_4mq…
//
// It prints without the part that is secret; Reveal is the whole.
type Secret struct {
	Kind Kind
	ID   string
	key  [secretSize]byte
}

const (
	secretSize = 32
	idSize     = 5 // bytes; 8 characters
	sumSize    = 4
	brand      = "btg_"
)

// Lengths of the parts of a secret in text.
const (
	idText   = 8
	bodyText = 58
	secretAt = len(brand) + 4 + 1 + idText + 1
)

// letters has none that look alike, and no case that can be lost.
var letters = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// ErrSecret is all that is ever said about a text that is no secret.
var ErrSecret = errors.New("this is no secret of this host's")

// NewSecret draws a secret.
func NewSecret(kind Kind, random io.Reader) (Secret, error) {
	var b [idSize + secretSize]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return Secret{}, err
	}
	return Secret{Kind: kind, ID: letters.EncodeToString(b[:idSize]), key: [secretSize]byte(b[idSize:])}, nil
}

// Reveal is the secret as its owner is shown it, once.
func (s Secret) Reveal() string {
	body := binary.BigEndian.AppendUint32(s.key[:], s.sum())
	return s.head() + letters.EncodeToString(body)
}

// String hides what is secret.
func (s Secret) String() string { return s.head() + "…" }

// GoString hides what is secret.
func (s Secret) GoString() string { return s.String() }

func (s Secret) head() string { return brand + string(s.Kind) + "_" + s.ID + "_" }

// sum finds mistakes of typing and copying; it is no protection.
func (s Secret) sum() uint32 {
	return crc32.Update(crc32.ChecksumIEEE([]byte(s.head())), crc32.IEEETable, s.key[:])
}

// ParseSecret reads a secret of a kind. The error is ErrSecret.
func ParseSecret(kind Kind, text string) (Secret, error) {
	if len(text) != secretAt+bodyText || !strings.HasPrefix(text, brand+string(kind)+"_") || text[secretAt-1] != '_' {
		return Secret{}, ErrSecret
	}
	s := Secret{Kind: kind, ID: text[secretAt-1-idText : secretAt-1]}
	body, err := letters.DecodeString(text[secretAt:])
	if err != nil || len(body) != secretSize+sumSize || !plainID(s.ID) {
		return Secret{}, ErrSecret
	}
	s.key = [secretSize]byte(body)
	if s.Reveal() != text { // another sum, or bits behind the last byte
		return Secret{}, ErrSecret
	}
	return s, nil
}

func plainID(id string) bool {
	b, err := letters.DecodeString(id)
	return err == nil && len(b) == idSize
}

// Hash is what is stored of a secret: SHA-256 is enough for 256 random bits.
func (s Secret) Hash() []byte {
	h := sha256.Sum256(s.key[:])
	return h[:]
}

// Matches compares with a stored hash, in a time that tells nothing.
func (s Secret) Matches(hash []byte) bool {
	return subtle.ConstantTimeCompare(s.Hash(), hash) == 1
}
