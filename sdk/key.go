package sdk

import "github.com/bottega-retail/bottega/sdk/abi"

// Key is a key of a collection, an index or a counter: the values of its
// fields, in order, encoded so that keys sort as their values do.
//
//	sdk.K(store).Text(till).Int(417)
type Key []byte

// K begins a key with a text.
func K[S ~string](s S) Key { return Key(nil).Text(string(s)) }

// KInt begins a key with an integer.
func KInt[I ~int64 | ~int](i I) Key { return Key(nil).Int(int64(i)) }

// Text continues a key with a text.
func (k Key) Text(s string) Key { return abi.AppendKeyText(k.longer(2+len(s)), s) }

// Int continues a key with an integer.
func (k Key) Int(i int64) Key { return abi.AppendKeyInt(k.longer(9), i) }

// Bool continues a key with a truth value.
func (k Key) Bool(b bool) Key { return abi.AppendKeyBool(k.longer(1), b) }

// longer is a copy with room for so many bytes more: two keys may continue one.
func (k Key) longer(n int) Key { return append(make(Key, 0, len(k)+n), k...) }

// TextAt is the n-th field of the key, from 0; false if that is no text.
func (k Key) TextAt(n int) (string, bool) { return abi.KeyText(k, n) }

// IntAt is the n-th field of the key, from 0; false if that is no integer.
func (k Key) IntAt(n int) (int64, bool) { return abi.KeyInt(k, n) }
