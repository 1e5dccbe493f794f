package sdk

import "github.com/tinylib/msgp/msgp"

// None's codec is written by hand: the build generates code for apps, not for
// the SDK.

// MarshalMsg appends an empty map.
func (None) MarshalMsg(b []byte) ([]byte, error) { return msgp.AppendMapHeader(b, 0), nil }

// UnmarshalMsg skips one value, whatever it is: a newer caller may send more.
func (*None) UnmarshalMsg(b []byte) ([]byte, error) { return msgp.Skip(b) }
