package webhook

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// The kinds of signature: with a secret that both sides know, or with a key of
// which the receiver knows the public half.
const (
	kindHMAC    = "v1"
	kindEd25519 = "v1a"
)

// The headers of Standard Webhooks.
const (
	headerID        = "Webhook-Id"
	headerTimestamp = "Webhook-Timestamp"
	headerSignature = "Webhook-Signature"
)

const (
	secretBytes   = 32 // of either kind; the standard asks for 24 to 64
	secretPrefix  = "whsec_"
	publicPrefix  = "whpk_"
	sealPurpose   = "webhook"
	rotationTakes = 24 * time.Hour // in which both secrets sign
)

// newKey makes the secret half of a key.
func newKey(random io.Reader) ([]byte, error) {
	key := make([]byte, secretBytes)
	_, err := io.ReadFull(random, key)
	return key, err
}

// shown is what a receiver needs to check signatures: the secret itself, or the
// public half of the key.
func shown(kind string, key []byte) (secret, public string) {
	if kind == kindEd25519 {
		half := ed25519.NewKeyFromSeed(key).Public().(ed25519.PublicKey)
		return "", publicPrefix + base64.StdEncoding.EncodeToString(half)
	}
	return secretPrefix + base64.StdEncoding.EncodeToString(key), ""
}

// signer signs the deliveries of one webhook.
type signer struct {
	kind     string
	key      []byte
	old      []byte // nil unless there was another key
	oldUntil time.Time
}

// signature is the value of the header: one signature, or two while a key is
// changed.
func (s *signer) signature(id string, at time.Time, payload []byte) string {
	signed := append([]byte(id+"."+strconv.FormatInt(at.Unix(), 10)+"."), payload...)
	all := []string{s.one(s.key, signed)}
	if s.old != nil && at.Before(s.oldUntil) {
		all = append(all, s.one(s.old, signed))
	}
	return strings.Join(all, " ")
}

func (s *signer) one(key, signed []byte) string {
	var sum []byte
	if s.kind == kindEd25519 {
		sum = ed25519.Sign(ed25519.NewKeyFromSeed(key), signed)
	} else {
		mac := hmac.New(sha256.New, key)
		_, _ = mac.Write(signed) // a hash does not fail
		sum = mac.Sum(nil)
	}
	return s.kind + "," + base64.StdEncoding.EncodeToString(sum)
}

// about binds a sealed secret to its webhook.
func (r *Room) about(id string) string { return r.config.Tenant + "\x00" + id }

// signer opens the secrets of a webhook.
func (r *Room) signer(id string, h *hook) (*signer, error) {
	s := &signer{kind: h.Kind, oldUntil: time.UnixMilli(h.OldUntil)}
	var err error
	if s.key, err = r.config.Seal.Unseal(sealPurpose, r.about(id), h.Secret); err != nil {
		return nil, fmt.Errorf("secret of webhook %s: %w", id, err)
	}
	if h.Old == nil {
		return s, nil
	}
	if s.old, err = r.config.Seal.Unseal(sealPurpose, r.about(id), h.Old); err != nil {
		return nil, fmt.Errorf("old secret of webhook %s: %w", id, err)
	}
	return s, nil
}
