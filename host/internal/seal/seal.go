// Package seal keeps secrets at rest: it seals them under keys that it derives
// from one master key in a file. It knows bytes, files and ciphers; it must not
// know whose secrets they are, nor where they are stored.
package seal

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"golang.org/x/crypto/chacha20poly1305"
)

// Errors of Unseal. Neither tells anything of the secret.
var (
	// ErrKey: sealed under another master key than the one in the file.
	ErrKey = errors.New("sealed under another master key")
	// ErrSeal: changed since it was sealed, cut, or sealed for another purpose or
	// about something else.
	ErrSeal = errors.New("seal broken")
)

// A sealed secret is a version byte, four bytes that tell the master key, a
// nonce of 24 bytes and the ciphertext with its tag of 16.
const (
	version   = 1
	keySize   = 32
	markSize  = 4
	headSize  = 1 + markSize
	nonceSize = chacha20poly1305.NonceSizeX
)

// Overhead is by how many bytes a sealed secret is longer than the plain one.
const Overhead = headSize + nonceSize + chacha20poly1305.Overhead

// Keys are a master key and all that are derived from it. Safe for concurrent
// use; it prints as nothing.
type Keys struct {
	master []byte
	mark   [markSize]byte // of the master key, so that a lost file is told from damage
}

func newKeys(master []byte) *Keys {
	k := &Keys{master: master}
	copy(k.mark[:], k.derive("mark", ""))
	return k
}

// String hides the keys from logs.
func (k *Keys) String() string { return "seal.Keys" }

// GoString hides the keys from logs.
func (k *Keys) GoString() string { return "seal.Keys" }

// Seal encrypts plain for a purpose ("webhook", "settings") and binds it to what
// it is about ("tenant/app/name"): Unseal must say the same again. Neither needs
// to be secret. Each seal has a random nonce of 192 bits, so that one purpose
// may seal as much as it likes.
func (k *Keys) Seal(purpose, about string, plain []byte, random io.Reader) ([]byte, error) {
	out := make([]byte, headSize+nonceSize, Overhead+len(plain))
	out[0] = version
	copy(out[1:], k.mark[:])
	nonce := out[headSize:]
	if _, err := io.ReadFull(random, nonce); err != nil {
		return nil, fmt.Errorf("nonce of a seal for %s: %w", purpose, err)
	}
	return k.aead(purpose).Seal(out, nonce, plain, bound(purpose, about)), nil
}

// Unseal gives back what Seal was given for the same purpose and about the same
// thing. Errors: ErrKey, ErrSeal.
func (k *Keys) Unseal(purpose, about string, sealed []byte) ([]byte, error) {
	if len(sealed) < Overhead || sealed[0] != version {
		return nil, fmt.Errorf("%s: %w", purpose, ErrSeal)
	}
	if [markSize]byte(sealed[1:headSize]) != k.mark {
		return nil, fmt.Errorf("%s: %w", purpose, ErrKey)
	}
	nonce, text := sealed[headSize:headSize+nonceSize], sealed[headSize+nonceSize:]
	plain, err := k.aead(purpose).Open(nil, nonce, text, bound(purpose, about))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", purpose, ErrSeal)
	}
	return plain, nil
}

// MAC is the HMAC-SHA-256 of data under a key of its own for a purpose: for
// signed cursors, and for keys of an index that must not tell what they are of.
func (k *Keys) MAC(purpose string, data []byte) []byte {
	h := hmac.New(sha256.New, k.derive("mac", purpose))
	h.Write(data)
	return h.Sum(nil)
}

// derive is the key for one use and purpose: none of them tells any other.
func (k *Keys) derive(use, purpose string) []byte {
	key, err := hkdf.Key(sha256.New, k.master, nil, "bottega "+use+" 1\x00"+purpose, keySize)
	if err != nil {
		panic("seal: " + err.Error()) // only for lengths that 32 is not
	}
	return key
}

func (k *Keys) aead(purpose string) cipher.AEAD {
	a, err := chacha20poly1305.NewX(k.derive("seal", purpose))
	if err != nil {
		panic("seal: " + err.Error()) // only for lengths that 32 is not
	}
	return a
}

// bound is the associated data: lengths first, so that no two pairs look alike.
func bound(purpose, about string) []byte {
	b := binary.AppendUvarint(nil, uint64(len(purpose)))
	return append(append(b, purpose...), about...)
}
