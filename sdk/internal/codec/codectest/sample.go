// Package codectest holds types of every shape that may cross the boundary, to
// hold the codecs to one another: the one by reflection, the one that
// host/internal/build generates, and that of tinylib/msgp's own generator. It
// must not be imported; host/internal/build runs its test three times.
package codectest

//msgp:tag json

// Local has fields of this package's types only, which is all that
// tinylib/msgp's generator understands.
type Local struct {
	Bool     bool      `json:"bool"`
	Int      int       `json:"int"`
	Int8     int8      `json:"int8"`
	Int16    int16     `json:"int16"`
	Int32    int32     `json:"int32"`
	Int64    int64     `json:"int64"`
	Uint8    uint8     `json:"uint8"`
	Uint16   uint16    `json:"uint16"`
	Uint32   uint32    `json:"uint32"`
	Text     string    `json:"text"`
	Bytes    []byte    `json:"bytes"`
	Level    Level     `json:"level"`
	Mood     Mood      `json:"mood"`
	Inner    Inner     `json:"inner"`
	Inners   []Inner   `json:"inners"`
	Texts    []string  `json:"texts"`
	Moods    []Mood    `json:"moods"`
	Grid     [][]int32 `json:"grid"`
	Pair     [2]int64  `json:"pair"`
	Squares  [2]Inner  `json:"squares"`
	Optional *Inner    `json:"optional,omitempty"`
	Null     *Inner    `json:"null"`
	Number   *int64    `json:"number,omitempty"`
	OBool    bool      `json:"o_bool,omitempty"`
	OInt     int32     `json:"o_int,omitempty"`
	OUint    uint16    `json:"o_uint,omitempty"`
	OText    string    `json:"o_text,omitempty"`
	OLevel   Level     `json:"o_level,omitempty"`
	OMood    Mood      `json:"o_mood,omitempty"`
	Left     string    `json:"-"`
	Empty    Empty     `json:"empty"`
	Long     Long      `json:"a_name_of_more_than_thirty_one_characters"`
}

// Long has more fields than fit into the shortest head of a map.
type Long struct {
	A int8 `json:"a"`
	B int8 `json:"b"`
	C int8 `json:"c"`
	D int8 `json:"d"`
	E int8 `json:"e"`
	F int8 `json:"f"`
	G int8 `json:"g"`
	H int8 `json:"h"`
	I int8 `json:"i"`
	J int8 `json:"j"`
	K int8 `json:"k"`
	L int8 `json:"l"`
	M int8 `json:"m"`
	N int8 `json:"n"`
	O int8 `json:"o"`
	P int8 `json:"p"`
	Q int8 `json:"q,omitempty"`
}

// Named types of each kind.
type (
	// Level is a named number.
	Level int16
	// Mood is a named text.
	Mood string
	// Inners is a named list.
	Inners []Inner
)

// Inner is nested.
type Inner struct {
	Name string `json:"name"`
	Mood Mood   `json:"mood,omitempty"`
}

// Empty has no field.
type Empty struct{}
