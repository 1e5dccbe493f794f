// Package key knows what codes, customers and baskets are known by in records and
// counters that do not keep them. Changing what it answers would lose what is there.
package key

import "github.com/bottega-retail/bottega/sdk/code"

// Coupon is what a code, in the form of [code.Fold], is known by.
func Coupon(folded string) string { return code.Hash("bottega coupon\x00" + folded) }

// Customer is what stands for a customer where an id may not stay behind: in the keys
// of counters, which erasing a person does not reach.
func Customer(id string) string { return code.Hash("bottega customer\x00" + id) }

// Basket tells texts apart that are too long to be kept.
func Basket(text string) string { return code.Hash("bottega basket\x00" + text) }
