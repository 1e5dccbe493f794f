package sdktest

import (
	"maps"
	"reflect"
	"slices"

	"github.com/bottega-retail/bottega/sdk/abi"
	"github.com/bottega-retail/bottega/sdk/internal/hostcall"
)

// published is what one app asks to be brought up to.
type published struct {
	app     *app
	changes []abi.Change // none is everything
}

func (p *port) publish(in []byte) ([]byte, *abi.Error) {
	changes, err := frame(abi.ParseChanges(in))
	if err != nil {
		return nil, err
	}
	if len(p.app.module.Descriptor.Derived) == 0 {
		return nil, undeclared(p.app, "derived", "values")
	}
	if len(changes) > abi.MaxChanges {
		changes = nil
	}
	if err = p.chargeWrite(); err != nil {
		return nil, err
	}
	for i := range changes {
		changes[i].Key = slices.Clone(changes[i].Key)
		p.op.used.written += len(changes[i].Key)
	}
	p.op.published = append(p.op.published, published{p.app, changes})
	return nil, nil
}

// Held is where a derived value of the port's app lies: in the generation that
// is in use, or in the one that is being built.
func (p *port) Held(of *hostcall.Held) *any {
	from := p.app.held
	if p.app.building != nil {
		from = p.app.building
	}
	if from[of] == nil {
		from[of] = new(any)
	}
	return from[of]
}

// warmUp builds the derived values of all apps, of nothing: as the host does
// when it enables them.
func (e *Env) warmUp() {
	for _, a := range e.apps {
		a.held = map[*hostcall.Held]*any{}
		if len(a.module.Descriptor.Derived) > 0 {
			a.held = e.build(a, a.held, nil)
		}
	}
}

// derive builds the next generation of what an operation published, and fails
// the test if applying the changes comes to something else than building anew.
func (e *Env) derive(all []published) {
	for _, p := range all {
		fresh := e.build(p.app, nil, nil)
		if len(p.changes) > 0 {
			next := e.build(p.app, p.app.held, p.changes)
			for of, value := range next {
				e.agree(p.app, *value, *fresh[of])
			}
			fresh = next
		}
		p.app.held = fresh
	}
}

// build runs the app's handler on the values of a generation.
func (e *Env) build(a *app, from map[*hostcall.Held]*any, changes []abi.Change) map[*hostcall.Held]*any {
	a.building = map[*hostcall.Held]*any{}
	defer func() { a.building = nil }()
	for of, value := range from {
		held := *value
		a.building[of] = &held
	}
	t, _ := a.entry(abi.EntryDerive, "derive")
	if _, err := e.run(task{as: Principal{ID: "app:" + a.id}, to: t, in: abi.AppendChanges(nil, changes)}); err != nil {
		e.fatal("sdktest: the derived values of %s: %v", a.id, err)
	}
	return maps.Clone(a.building)
}

// agree fails the test if Apply came to another value than Build. A type with a
// method Equal of its own type decides itself; functions are not compared.
func (e *Env) agree(a *app, applied, built any) {
	x, y := reflect.ValueOf(applied), reflect.ValueOf(built)
	if equal := x.MethodByName("Equal"); equal.IsValid() {
		if t := equal.Type(); t.NumIn() == 1 && t.In(0) == x.Type() && t.NumOut() == 1 && t.Out(0).Kind() == reflect.Bool {
			if !equal.Call([]reflect.Value{y})[0].Bool() {
				e.fatal("sdktest: a derived value of %s differs: Apply comes to\n%+v\nBuild comes to\n%+v", a.id, applied, built)
			}
			return
		}
	}
	if at, ok := (&comparison{seen: map[[2]uintptr]bool{}}).same(x, y, ""); !ok {
		e.fatal("sdktest: a derived value of %s differs%s: Apply comes to\n%+v\nBuild comes to\n%+v", a.id, at, applied, built)
	}
}

// comparison is reflect.DeepEqual without a difference between nothing and
// empty, and without functions.
type comparison struct{ seen map[[2]uintptr]bool }

// same says where two values differ.
func (c *comparison) same(a, b reflect.Value, at string) (string, bool) {
	if !a.IsValid() || !b.IsValid() {
		return at, a.IsValid() == b.IsValid()
	}
	if a.Type() != b.Type() {
		return at, false
	}
	switch a.Kind() {
	case reflect.Pointer:
		pair := [2]uintptr{a.Pointer(), b.Pointer()}
		if c.seen[pair] || a.IsNil() || b.IsNil() {
			return at, c.seen[pair] || a.IsNil() == b.IsNil()
		}
		c.seen[pair] = true
		return c.same(a.Elem(), b.Elem(), at)
	case reflect.Interface:
		return c.same(a.Elem(), b.Elem(), at)
	case reflect.Struct:
		for i := range a.NumField() {
			if at, ok := c.same(a.Field(i), b.Field(i), at+"."+a.Type().Field(i).Name); !ok {
				return at, false
			}
		}
		return at, true
	case reflect.Slice, reflect.Array:
		return c.list(a, b, at)
	case reflect.Map:
		return c.table(a, b, at)
	case reflect.Func, reflect.Chan, reflect.UnsafePointer:
		return at, true
	}
	return at, a.Equal(b)
}

func (c *comparison) list(a, b reflect.Value, at string) (string, bool) {
	if a.Len() != b.Len() {
		return at, false
	}
	for i := range a.Len() {
		if at, ok := c.same(a.Index(i), b.Index(i), at+"[]"); !ok {
			return at, false
		}
	}
	return at, true
}

func (c *comparison) table(a, b reflect.Value, at string) (string, bool) {
	if a.Len() != b.Len() {
		return at, false
	}
	for keys := a.MapRange(); keys.Next(); {
		if at, ok := c.same(keys.Value(), b.MapIndex(keys.Key()), at+"[]"); !ok {
			return at, false
		}
	}
	return at, true
}
