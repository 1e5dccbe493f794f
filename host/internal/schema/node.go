package schema

// kind is what a value is in JSON and on the wire.
type kind uint8

const (
	object  kind = iota
	array        //
	text         // a string, str on the wire
	zone         // a string that names a zone
	instant      // RFC 3339 in JSON, milliseconds since 1970 UTC on the wire
	binary       // base64 in JSON, bin on the wire
	integer      // money, basis points and quantities too
	boolean      //
)

// expected is what the reader of an error is told.
var expected = [...]string{
	object: "an object", array: "an array", text: "a string", zone: "the name of a time zone as a string",
	instant: "an instant as an RFC 3339 string in UTC", binary: "base64 as a string",
	integer: "an integer", boolean: "true or false",
}

// node is one compiled schema. Named types are shared, so nodes make a graph
// without cycles.
type node struct {
	kind kind

	props []property     // of an object, in declared order
	index map[string]int // of props by name
	needs []int          // props that are required, ascending

	item *node // of an array

	file   bool // an object that is a file: see Schema.IsFile
	secret bool // a text that stands in bodies only: see Schema.Flat

	min, max int64 // value of an integer, or length of a text, binary or array
	words    map[string]bool
	numbers  map[int64]bool
}

// property is one field of an object, with its name ready in both encodings.
type property struct {
	name string
	wire []byte // MessagePack str
	json []byte // "name":
	node *node
}

func (n *node) scalar() bool { return n.kind != object && n.kind != array }

// find is the number of the property called name, -1 if there is none. guess
// is the one that comes next when members arrive in declared order.
func (n *node) find(name []byte, guess int) int {
	if guess < len(n.props) && n.props[guess].name == string(name) {
		return guess
	}
	if i, ok := n.index[string(name)]; ok {
		return i
	}
	return -1
}
