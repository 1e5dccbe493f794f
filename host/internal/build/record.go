package build

import (
	"go/token"
	"go/types"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// record is a struct that crosses the boundary.
type record struct {
	named  *types.Named
	fields []field
	codec  bool // the build writes its codec; false for the SDK's own None and File
}

// field is one field of a record as it crosses.
type field struct {
	v         *types.Var
	name      string // on the wire
	omitEmpty bool
	tag       reflect.StructTag
}

// wireName is what a field may be called outside Go. Dots separate the fields
// of a path, so no name has one.
var wireName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// crossing finds the records of one module and refuses what no record may hold.
//
// What crosses is a struct declared in a package, without type parameters. Its
// fields are exported, have a json tag with a name of lower case letters,
// digits and underscores, and hold a truth value, a text, an integer of up to
// 32 bits without sign or 64 bits with, bytes, another such struct, a list or
// array of these, or a pointer to a struct or single value, which needs
// omitempty. Named types of these are fine, also those of other packages.
// Maps have no order, interfaces no type, floats round, and a record that
// contains itself has no end: each is refused with what to use instead.
type crossing struct {
	report  *report
	fset    *token.FileSet
	local   func(path string) (dir string, ok bool) // where a package's source lies, if it can be overlaid
	module  func(path string) string                // that a package belongs to
	records map[*types.TypeName]*record
	order   []*record
	asked   map[string]bool // types that root has seen
	stack   []*types.TypeName
}

// root takes a type that an operation, event, slot, timer, collection or
// settings are declared with.
func (c *crossing) root(t types.Type, at token.Pos) {
	if c.asked[types.TypeString(t, nil)] {
		return
	}
	c.asked[types.TypeString(t, nil)] = true
	named, ok := types.Unalias(t).(*types.Named)
	if ok {
		_, ok = named.Underlying().(*types.Struct)
	}
	if !ok || named.Obj().Parent() != named.Obj().Pkg().Scope() {
		c.refuse(at, "use a struct type declared in a package, so that a field can be added later", "%s cannot cross", name(t))
		return
	}
	c.structure(named, name(named), at)
}

func (c *crossing) refuse(at token.Pos, help, format string, args ...any) {
	c.report.add(c.fset.Position(at), help, format, args...)
}

// structure takes a named struct, once.
func (c *crossing) structure(named *types.Named, path string, at token.Pos) {
	obj := named.Obj()
	if slices.Contains(c.stack, obj) {
		c.refuse(at, "refer to the other record by its id", "%s: %s contains itself", path, obj.Name())
		return
	}
	if c.records[obj] != nil {
		return
	}
	if named.TypeArgs().Len() > 0 || named.TypeParams().Len() > 0 {
		c.refuse(at, "declare a struct without type parameters", "%s: %s is generic, and generic records cannot cross", path, name(named))
		return
	}
	r := &record{named: named, codec: true}
	if !c.owned(named, r, path, at) {
		return
	}
	c.records[obj] = r
	c.stack = append(c.stack, obj)
	r.fields = c.fields(named.Underlying().(*types.Struct), path)
	c.stack = c.stack[:len(c.stack)-1]
	c.order = append(c.order, r)
}

// owned says whether the build can write the codec of a struct, or need not.
func (c *crossing) owned(named *types.Named, r *record, path string, at token.Pos) bool {
	obj := named.Obj()
	if hasCodec(named) {
		r.codec = false
		if isSDK(obj.Pkg().Path()) {
			return true
		}
		c.refuse(at, "remove the methods: the build writes them", "%s: %s has a codec of its own", path, name(named))
		return false
	}
	if obj.Pkg().Path() == "time" && obj.Name() == "Time" {
		c.refuse(at, "use retail.Instant, milliseconds since 1970 UTC", "%s: time.Time cannot cross", path)
		return false
	}
	dir, ok := c.local(obj.Pkg().Path())
	switch {
	case !ok && dir == "":
		c.refuse(at, "declare a struct of your own with the fields that you need", "%s: %s cannot cross: the build cannot write its codec", path, name(named))
	case !ok:
		c.refuse(at, "add to go.mod:  replace "+c.module(obj.Pkg().Path())+" => ./a-copy-of-it",
			"%s: %s lies in Go's module cache, where the build may not add its codec", path, name(named))
	}
	return ok
}

// hasCodec says whether *T brings methods of a codec: ours, or msgp's, which
// nobody would call.
func hasCodec(named *types.Named) bool {
	set := types.NewMethodSet(types.NewPointer(named))
	for i := range set.Len() {
		switch set.At(i).Obj().Name() {
		case "WriteWire", "ReadWire", "MarshalMsg", "UnmarshalMsg":
			return true
		}
	}
	return false
}

func (c *crossing) fields(st *types.Struct, path string) []field {
	var out []field
	for i := range st.NumFields() {
		f, ok := c.field(st.Field(i), reflect.StructTag(st.Tag(i)), path)
		if !ok {
			continue
		}
		if j := slices.IndexFunc(out, func(other field) bool { return other.name == f.name }); j >= 0 {
			c.refuse(f.v.Pos(), "", "%s.%s and %s.%s have the same name %q on the wire", path, out[j].v.Name(), path, f.v.Name(), f.name)
			continue
		}
		out = append(out, f)
	}
	return out
}

// field takes one field of a struct; false if it does not cross.
func (c *crossing) field(v *types.Var, tag reflect.StructTag, path string) (field, bool) {
	text, tagged := tag.Lookup("json")
	name, options, _ := strings.Cut(text, ",")
	f := field{v: v, name: name, omitEmpty: options == "omitempty", tag: tag}
	path += "." + v.Name()
	switch {
	case v.Name() == "_" || text == "-":
		return f, false
	case v.Embedded():
		c.refuse(v.Pos(), "name the field", "%s is embedded, and embedded fields cannot cross", path)
		return f, false
	case !v.Exported():
		c.refuse(v.Pos(), `export it, or say json:"-" if it is to stay behind`, "%s is not exported and would be lost", path)
		return f, false
	case !tagged || name == "":
		c.refuse(v.Pos(), "add  `json:\""+snake(v.Name())+"\"`  so that its name outside Go is yours to choose", "%s has no json tag", path)
		return f, false
	case !wireName.MatchString(name):
		c.refuse(v.Pos(), "lower case letters, digits and underscores", "%s: %q is no name for a field", path, name)
		return f, false
	case options != "" && options != "omitempty":
		c.refuse(v.Pos(), "omitempty is the only option there is", "%s: option %q of the json tag means nothing here", path, options)
		return f, false
	}
	c.optional(f, path)
	c.value(v.Type(), path, v.Pos())
	return f, true
}

// optional refuses an omitempty that would do nothing, and a pointer without.
func (c *crossing) optional(f field, path string) {
	switch f.v.Type().Underlying().(type) {
	case *types.Pointer:
		if !f.omitEmpty {
			c.refuse(f.v.Pos(), "add omitempty: what is absent is left out, never null", "%s is a pointer without omitempty", path)
		}
	case *types.Struct, *types.Array:
		if f.omitEmpty {
			c.refuse(f.v.Pos(), "use a pointer if it may be absent", "%s: omitempty has no effect on a %s", path, name(f.v.Type()))
		}
	}
}

// value takes the type of a field or of an element.
func (c *crossing) value(t types.Type, path string, at token.Pos) {
	t = types.Unalias(t)
	switch u := t.Underlying().(type) {
	case *types.Basic:
		c.basic(t, u, path, at)
	case *types.Struct:
		if named, ok := t.(*types.Named); ok {
			c.structure(named, path, at)
		} else {
			c.refuse(at, "declare it as a type", "%s is a struct without a name", path)
		}
	case *types.Slice:
		c.element(u.Elem(), path, at)
	case *types.Array:
		c.element(u.Elem(), path, at)
	case *types.Pointer:
		c.pointer(t, u, path, at)
	case *types.Map:
		c.refuse(at, "use a slice of structs, sorted: the bytes of a map differ from run to run", "%s is a map, and maps cannot cross", path)
	case *types.Interface:
		c.refuse(at, "use a struct of pointers of which one is set", "%s is an interface, and interfaces cannot cross", path)
	default:
		c.refuse(at, "keep it out of what crosses", "%s: a %s cannot cross", path, name(t))
	}
}

func (c *crossing) basic(t types.Type, u *types.Basic, path string, at token.Pos) {
	switch u.Kind() {
	case types.Bool, types.String, types.Int, types.Int8, types.Int16, types.Int32, types.Int64, types.Uint8, types.Uint16, types.Uint32:
	case types.Float32, types.Float64:
		c.refuse(at, "amounts and rates are integers: retail.Money, retail.BasisPoints, retail.Quantity", "%s: %s cannot cross, it rounds", path, name(t))
	case types.Uint, types.Uint64, types.Uintptr:
		c.refuse(at, "use int64: keys and JSON hold no larger number", "%s: %s cannot cross", path, name(t))
	default:
		c.refuse(at, "keep it out of what crosses", "%s: %s cannot cross", path, name(t))
	}
}

// element takes what a slice or an array holds.
func (c *crossing) element(t types.Type, path string, at token.Pos) {
	t = types.Unalias(t)
	if _, ok := t.Underlying().(*types.Pointer); ok {
		c.refuse(at, "hold the values themselves: an element is never absent", "%s[] is a pointer", path)
		return
	}
	if b, ok := t.Underlying().(*types.Basic); ok && b.Kind() == types.Uint8 && t != types.Type(b) {
		c.refuse(at, "use []byte", "%s: a list of %s would cross as bytes", path, name(t))
		return
	}
	c.value(t, path+"[]", at)
}

func (c *crossing) pointer(t types.Type, u *types.Pointer, path string, at token.Pos) {
	if _, ok := t.(*types.Named); ok {
		c.refuse(at, "use a plain pointer", "%s: %s is a named pointer type", path, name(t))
		return
	}
	switch u.Elem().Underlying().(type) {
	case *types.Struct, *types.Basic:
		c.value(u.Elem(), path, at)
	default:
		c.refuse(at, "a pointer is to a struct or to a single value", "%s: %s cannot cross", path, name(t))
	}
}

// name is a type as the developer would write it.
func name(t types.Type) string {
	return types.TypeString(t, func(p *types.Package) string { return p.Name() })
}

// snake proposes a wire name: ValidUntil is valid_until, SKU is sku.
func snake(s string) string {
	var b strings.Builder
	for i := range len(s) {
		upper := s[i] >= 'A' && s[i] <= 'Z'
		after := i > 0 && (s[i-1] < 'A' || s[i-1] > 'Z')
		before := i > 0 && i+1 < len(s) && s[i+1] >= 'a' && s[i+1] <= 'z'
		if upper && (after || before) {
			b.WriteByte('_')
		}
		b.WriteString(strings.ToLower(s[i : i+1]))
	}
	return b.String()
}
