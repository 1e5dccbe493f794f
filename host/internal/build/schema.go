package build

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"go/constant"
	"go/types"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// schemas derives JSON Schemas, a subset of 2020-12, from the records of one
// module. A named struct stands once, in types, and is referred to. Properties
// keep the order of the fields, which is the order that screens show.
type schemas struct {
	m     *module
	names map[*types.TypeName]string
	types map[string]json.RawMessage
}

// formats says what the value types of sdk/retail mean. The host transcodes
// date-time: it is milliseconds on the wire and a text in JSON.
var formats = map[string]string{
	"Money": "money", "BasisPoints": "basis-points", "Quantity": "quantity", "Instant": "date-time", "Zone": "zone",
}

// newSchemas gives every record the name that it has in the manifest: its own
// name if it belongs to the module, package.Name otherwise or if that is taken.
func newSchemas(m *module) *schemas {
	s := &schemas{m: m, names: map[*types.TypeName]string{}, types: map[string]json.RawMessage{}}
	home := m.home()
	order := slices.SortedStableFunc(maps.Keys(m.cross.records), func(a, b *types.TypeName) int {
		return cmp.Or(-compareBool(a.Pkg().Path() == home, b.Pkg().Path() == home), cmp.Compare(a.Pkg().Path(), b.Pkg().Path()), cmp.Compare(a.Name(), b.Name()))
	})
	taken := map[string]bool{}
	for _, obj := range order {
		p := m.src.packages[obj.Pkg().Path()]
		n := obj.Name()
		if p == nil || !m.own(p) || taken[n] {
			n = obj.Pkg().Name() + "." + n
		}
		if taken[n] {
			m.refuse(obj.Pos(), "rename one of the types", "two records are called %s in the manifest", n)
		}
		s.names[obj], taken[n] = n, true
	}
	return s
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// home is the package of the contract, or of the module if it has none.
func (m *module) home() string {
	for _, d := range m.declared {
		if m.contract != "" && d.contract() == m.contract {
			return d.pkg.PkgPath
		}
	}
	if m.root == nil {
		return ""
	}
	return m.root.PkgPath
}

// object writes a JSON object whose members stay in order.
type object struct{ bytes.Buffer }

func (o *object) put(key string, value any) {
	if o.Len() == 0 {
		o.WriteByte('{')
	} else {
		o.WriteByte(',')
	}
	o.Write(encode(key))
	o.WriteByte(':')
	o.Write(encode(value))
}

func (o *object) text(key, value string) {
	if value != "" {
		o.put(key, value)
	}
}

func (o *object) raw() json.RawMessage {
	if o.Len() == 0 {
		return json.RawMessage("{}")
	}
	return json.RawMessage(o.String() + "}")
}

// encode is JSON without the escapes that only HTML needs. What the build
// encodes are texts, numbers and JSON, which cannot fail.
func encode(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// root is the schema of what a descriptor is declared with.
func (s *schemas) root(t types.Type) json.RawMessage {
	var o object
	s.value(&o, t, "")
	return o.raw()
}

// settings is the schema of what the retailer fills in: every field may be
// left out, since the code has a default for it.
func (s *schemas) settings(t types.Type) json.RawMessage {
	r := s.m.record(t)
	if r == nil {
		return json.RawMessage("{}")
	}
	return s.structure(r, false)
}

// structure is the schema of a record.
func (s *schemas) structure(r *record, complete bool) json.RawMessage {
	var o, properties object
	o.text("description", s.m.docs[r.named.Obj().Pos()].text)
	o.put("type", "object")
	if obj := r.named.Obj(); obj.Pkg().Path() == sdkPath && obj.Name() == "File" {
		o.put("format", "file") // which the host sends as it is to who asks for it
	}
	required := []string{}
	for _, f := range r.fields {
		properties.put(f.name, s.field(f))
		if complete && !s.m.optional(f) {
			required = append(required, f.name)
		}
	}
	if len(r.fields) > 0 {
		o.put("properties", properties.raw())
	}
	if len(required) > 0 {
		o.put("required", required)
	}
	o.put("additionalProperties", false)
	s.example(&o, r.named)
	return o.raw()
}

// optional says whether a field may be left out of JSON: it is tagged so, or it is a
// record all of whose fields may be, so that {} says nothing either.
func (m *module) optional(f field) bool {
	if f.omitEmpty {
		return true
	}
	named, ok := types.Unalias(f.v.Type()).(*types.Named)
	if !ok || m.cross.records[named.Obj()] == nil {
		return false
	}
	r := m.cross.records[named.Obj()]
	return len(r.fields) > 0 && !slices.ContainsFunc(r.fields, func(f field) bool { return !m.optional(f) })
}

// example puts the value that the comment of a record shows.
func (s *schemas) example(o *object, t *types.Named) {
	example := s.m.docs[t.Obj().Pos()].example
	switch {
	case example == "":
	case json.Valid([]byte(example)):
		o.put("examples", []json.RawMessage{json.RawMessage(example)})
	default:
		s.m.refuse(t.Obj().Pos(), "write a value of it as one JSON text", "the example of %s is no JSON", t.Obj().Name())
	}
}

// field is the schema of a property: texts for people first.
func (s *schemas) field(f field) json.RawMessage {
	var o object
	o.text("title", f.tag.Get("title"))
	o.text("description", cmp.Or(f.tag.Get("doc"), s.m.docs[f.v.Pos()].text))
	s.value(&o, f.v.Type(), f.tag)
	s.tags(f)
	return o.raw()
}

// value puts the keywords of a type, narrowed by the tags of its field.
func (s *schemas) value(o *object, t types.Type, tags reflect.StructTag) {
	t = types.Unalias(t)
	switch u := t.Underlying().(type) {
	case *types.Struct:
		s.reference(o, t)
	case *types.Pointer:
		s.value(o, u.Elem(), tags)
	case *types.Slice:
		if isByte(u.Elem()) {
			bytesSchema(o)
			return
		}
		s.list(o, u.Elem(), tags, tags.Get("minlen"), tags.Get("maxlen"))
	case *types.Array:
		if isByte(u.Elem()) {
			bytesSchema(o)
			return
		}
		n := strconv.FormatInt(u.Len(), 10)
		s.list(o, u.Elem(), tags, n, n)
	case *types.Basic:
		s.scalar(o, t, u, tags)
	}
}

func bytesSchema(o *object) {
	o.put("type", "string")
	o.put("contentEncoding", "base64")
}

// list puts an array; the tags that speak of values go to its items.
func (s *schemas) list(o *object, elem types.Type, tags reflect.StructTag, minimum, maximum string) {
	var items object
	s.value(&items, elem, itemTags(tags))
	o.put("type", "array")
	o.put("items", items.raw())
	number(o, "minItems", minimum)
	number(o, "maxItems", maximum)
}

// itemTags are the tags of a list as its items see them.
func itemTags(tags reflect.StructTag) reflect.StructTag {
	var out strings.Builder
	for _, key := range []string{"min", "max", "enum", "ref"} {
		if v, ok := tags.Lookup(key); ok {
			fmt.Fprintf(&out, "%s:%q ", key, v)
		}
	}
	return reflect.StructTag(out.String())
}

func number(o *object, key, value string) {
	if n, err := strconv.ParseInt(value, 10, 64); err == nil {
		o.put(key, n)
	}
}

// reference puts a record: by its name, or in place if it has no fields.
func (s *schemas) reference(o *object, t types.Type) {
	named, ok := t.(*types.Named)
	if !ok {
		return
	}
	r := s.m.cross.records[named.Obj()]
	if r == nil {
		return
	}
	if !r.codec && len(r.fields) == 0 { // the SDK's own None
		o.put("type", "object")
		o.put("additionalProperties", false)
		return
	}
	n := s.names[named.Obj()]
	if s.types[n] == nil {
		s.types[n] = json.RawMessage("null") // recursion is refused; this only keeps it finite
		s.types[n] = s.structure(r, true)
	}
	o.put("$ref", "#/types/"+n)
}

func (s *schemas) scalar(o *object, t types.Type, u *types.Basic, tags reflect.StructTag) {
	switch {
	case u.Info()&types.IsBoolean != 0:
		o.put("type", "boolean")
	case u.Info()&types.IsString != 0:
		o.put("type", "string")
		o.text("format", s.format(t))
		s.enum(o, t, tags.Get("enum"))
		number(o, "minLength", tags.Get("minlen"))
		number(o, "maxLength", tags.Get("maxlen"))
		if tags.Get("writeonly") == "true" {
			o.put("writeOnly", true)
		}
	default:
		format := s.format(t)
		if format == "date-time" {
			o.put("type", "string")
			o.put("format", format)
			return
		}
		o.put("type", "integer")
		o.text("format", format)
		low, high := bounds(u.Kind())
		number(o, "minimum", cmp.Or(tags.Get("min"), low))
		number(o, "maximum", cmp.Or(tags.Get("max"), high))
	}
	o.text("ref", tags.Get("ref"))
}

// bounds are those of the integer types that are narrower than JSON's numbers.
func bounds(k types.BasicKind) (low, high string) {
	switch k {
	case types.Int8:
		return "-128", "127"
	case types.Int16:
		return "-32768", "32767"
	case types.Int32:
		return "-2147483648", "2147483647"
	case types.Uint8:
		return "0", "255"
	case types.Uint16:
		return "0", "65535"
	case types.Uint32:
		return "0", "4294967295"
	}
	return "", ""
}

// format is what a named value type means.
func (s *schemas) format(t types.Type) string {
	named, ok := t.(*types.Named)
	if !ok || named.Obj().Pkg() == nil {
		return ""
	}
	if f := formats[named.Obj().Name()]; f != "" && named.Obj().Pkg().Path() == retailPath {
		return f
	}
	if named.Obj().Pkg().Path() == sdkPath && named.Obj().Name() == "Secret" {
		return "secret" // which only the host reads
	}
	return s.m.docs[named.Obj().Pos()].format
}

// enum puts the values that a text may have: those of the tag, or the
// constants that its type's package declares of the type.
func (s *schemas) enum(o *object, t types.Type, tagged string) {
	values := constants(t)
	if tagged != "" {
		values = strings.Split(tagged, ",")
	} else if named, ok := t.(*types.Named); ok && s.m.docs[named.Obj().Pos()].open {
		return
	}
	if len(values) > 0 {
		o.put("enum", values)
	}
}

func constants(t types.Type) []string {
	named, ok := t.(*types.Named)
	if !ok || named.Obj().Pkg() == nil {
		return nil
	}
	scope := named.Obj().Pkg().Scope()
	var found []*types.Const
	for _, n := range scope.Names() {
		if c, ok := scope.Lookup(n).(*types.Const); ok && types.Identical(c.Type(), t) {
			found = append(found, c)
		}
	}
	slices.SortFunc(found, func(a, b *types.Const) int { return int(a.Pos() - b.Pos()) })
	var out []string
	for _, c := range found {
		if v := constant.StringVal(c.Val()); !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

// tags refuses tags that say nothing for the type they stand on.
func (s *schemas) tags(f field) {
	kind := "other"
	t := f.v.Type().Underlying()
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem().Underlying()
	}
	list := false
	if l, ok := t.(*types.Slice); ok && !isByte(l.Elem()) {
		t, list = l.Elem().Underlying(), true
	}
	if b, ok := t.(*types.Basic); ok && b.Info()&types.IsString != 0 {
		kind = "text"
	} else if ok && b.Info()&types.IsInteger != 0 && s.format(types.Unalias(f.v.Type())) != "date-time" {
		kind = "integer"
	}
	for key, ok := range map[string]bool{
		"min": kind == "integer", "max": kind == "integer", "enum": kind == "text",
		"minlen": kind == "text" || list, "maxlen": kind == "text" || list,
		"ref": kind == "text" || kind == "integer", "writeonly": kind == "text" && !list,
	} {
		value, there := f.tag.Lookup(key)
		if !there {
			continue
		}
		_, err := strconv.ParseInt(value, 10, 64)
		if key == "writeonly" && value == "true" || key == "enum" || key == "ref" {
			err = nil
		}
		if !ok || err != nil {
			s.m.refuse(f.v.Pos(), "", "field %s: the tag %s:%q says nothing here", f.v.Name(), key, value)
		}
	}
}
