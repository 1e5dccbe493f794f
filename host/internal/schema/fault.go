package schema

import (
	"slices"
	"strconv"
	"strings"

	"github.com/bottega-retail/bottega/sdk/abi"
)

// fault is the first offence found. Its path grows while the calls return, so
// that a value without offence pays nothing for it.
type fault struct {
	reason  string
	message string
	path    []string // innermost first
}

func (f *fault) failed() bool { return f.reason != "" }

func (f *fault) fail(reason, message string) bool {
	f.reason, f.message = reason, message
	return false
}

// at adds the name of the property that the offence is in.
func (f *fault) at(name string) bool {
	f.path = append(f.path, name)
	return false
}

// atIndex adds the number of the element that the offence is in.
func (f *fault) atIndex(i int) bool { return f.at(strconv.Itoa(i)) }

var escapePointer = strings.NewReplacer("~", "~0", "/", "~1")

func (f *fault) error(code abi.Code) *abi.Error {
	var pointer strings.Builder
	for _, token := range slices.Backward(f.path) {
		pointer.WriteByte('/')
		pointer.WriteString(escapePointer.Replace(token))
	}
	return &abi.Error{Code: code, Reason: f.reason, Message: f.message, Pointer: pointer.String()}
}

// The limits of what an error repeats to the person who sent it.
const (
	maxToken  = 128 // bytes of an unknown name; a longer one is not repeated
	maxListed = 20  // names or values listed
)

// unknown reports a member that n does not have.
func (f *fault) unknown(n *node, name []byte) bool {
	known := make([]string, len(n.props))
	for i, p := range n.props {
		known[i] = p.name
	}
	f.fail(ReasonUnknownField, "there is no such field; "+list("known: ", known))
	if len(name) <= maxToken {
		f.at(string(name))
	}
	return false
}

// mismatch reports a value of another type.
func (f *fault) mismatch(n *node) bool {
	return f.fail(ReasonType, expected[n.kind]+" is expected")
}

func list(prefix string, names []string) string {
	if len(names) == 0 {
		return "none is known"
	}
	if len(names) > maxListed {
		names = append(slices.Clone(names[:maxListed]), "…")
	}
	return prefix + strings.Join(names, ", ")
}
