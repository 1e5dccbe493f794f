// Package key knows what codes, PINs and visitors are known by in records that do not keep
// them, each under a salt. Changing what it answers would lose every card.
package key

import "github.com/bottega-retail/bottega/sdk/code"

// Code is what a code, in the form of [code.Fold], is known by. Without the salt nobody
// finds even a short one of others by trying.
func Code(salt []byte, folded string) string { return keyed(salt, "code", folded) }

// PIN is what a PIN of a card is known by.
func PIN(salt []byte, card, pin string) string { return keyed(salt, "pin "+card, pin) }

// Visitor is what stands for whoever asks.
func Visitor(salt []byte, visitor string) string { return keyed(salt, "visitor", visitor) }

// keyed is one kind of texts.
func keyed(salt []byte, kind, text string) string {
	return code.Keyed(salt, "bottega voucher "+kind+"\x00"+text)
}
