package rest

import (
	"crypto/hmac"
	"encoding/base64"
	"encoding/json"
	"net/url"

	"github.com/bottega-retail/bottega/sdk/abi"
)

// scope is what a cursor is good for: one list of one tenant with one filter.
type scope struct {
	key    func(data []byte) []byte
	list   string // tenant and operation
	filter url.Values
}

func (s *Server) scope(r *route) scope {
	return scope{key: s.config.CursorKey, list: s.config.Tenant + "\x00" + r.Name, filter: url.Values{}}
}

const (
	macSize   = 16   // bytes of the code that a cursor begins with
	maxCursor = 2048 // characters
)

// mac binds a cursor to its scope.
func (s scope) mac(cursor string) []byte {
	return s.key([]byte(s.list + "\x00" + s.filter.Encode() + "\x00" + cursor))[:macSize]
}

// open is the cursor behind one that a client sent, which must be of this list.
func (s scope) open(values []string) ([]string, error) {
	if len(values) == 1 && len(values[0]) <= maxCursor {
		if values[0] == "" {
			return values, nil
		}
		b, err := base64.RawURLEncoding.DecodeString(values[0])
		if err == nil && len(b) > macSize && hmac.Equal(b[:macSize], s.mac(string(b[macSize:]))) {
			return []string{string(b[macSize:])}, nil
		}
	}
	e := refuse(abi.Invalid, reasonCursor, "This is no cursor of this list with this filter; begin without.")
	e.Pointer = "/" + fieldAfter
	return nil, e
}

// seal replaces the cursor in an answer.
func (s scope) seal(out []byte) ([]byte, error) {
	var answer map[string]json.RawMessage
	var next string
	if err := json.Unmarshal(out, &answer); err != nil {
		return nil, err
	}
	if raw, ok := answer[fieldNext]; !ok || json.Unmarshal(raw, &next) != nil || next == "" {
		return out, nil
	}
	b := append(s.mac(next), next...)
	raw, err := json.Marshal(base64.RawURLEncoding.EncodeToString(b))
	if err != nil {
		return nil, err
	}
	answer[fieldNext] = raw
	return json.Marshal(answer)
}
