package wire

// Map is the map around the one between Begin and End.
type Map struct{ left, key, end int }

// Begin takes the head of a map, and the first key. Between Begin and End the
// fields of a record are asked one after another, for as long as there are
// pairs:
//
//	for m := r.Begin(); r.More(m); {
//		r.Text("sku", &z.SKU)
//		r.Number("quantity", &z.Quantity)
//	}
//
// Whoever knows the key in hand takes the value and goes on to the next key.
// Since records are written in the order of their fields, one round is enough;
// keys in another order, and unknown ones, take more rounds.
//
//go:noinline
func (r *Reader) Begin() Map {
	m := Map{r.left, r.key, r.end}
	r.left = r.Map() + 1
	r.mark = -1
	r.Next()
	return m
}

// More says whether there is a pair left to ask the fields for. It skips one
// that no field took, and goes back to the map around this one if there is
// none.
//
//go:noinline
func (r *Reader) More(m Map) bool {
	if r.at == r.mark && r.left > 0 {
		r.Skip()
		r.Next()
	}
	if r.left > 0 {
		r.mark = r.at
		return true
	}
	r.left, r.key, r.end, r.mark = m.left, m.key, m.end, -1
	return false
}

// Next goes on to the next key.
//
//go:noinline
func (r *Reader) Next() {
	r.left--
	if r.left > 0 {
		if end := r.short(); end > 0 {
			r.key, r.end, r.at = r.at+1, end, end
			return
		}
	}
	r.last()
}

// last is Next for what is rarer: no key, a long one, one of bytes.
func (r *Reader) last() {
	r.key, r.end = 0, 0
	if r.err != nil {
		r.left = 0
	}
	if r.left > 0 {
		name := r.Key()
		r.key, r.end = r.at-len(name), r.at
	}
}

// Is says whether the field in hand has a name. Whoever asks and is told yes
// takes the value, and calls Next.
//
//go:noinline
func (r *Reader) Is(name string) bool { return r.text[r.key:r.end] == name }

// Text reads a field that holds a text.
//
//go:noinline
func (r *Reader) Text(name string, to *string) {
	if r.text[r.key:r.end] == name {
		*to = r.Str()
		r.Next()
	}
}

// Number reads a field that holds an integer.
//
//go:noinline
func (r *Reader) Number(name string, to *int64) {
	if r.text[r.key:r.end] == name {
		*to = r.Int64()
		r.Next()
	}
}

// Flag reads a field that holds a truth value.
//
//go:noinline
func (r *Reader) Flag(name string, to *bool) {
	if r.text[r.key:r.end] == name {
		*to = r.Bool()
		r.Next()
	}
}
