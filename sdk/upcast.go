package sdk

import (
	"strconv"

	"github.com/bottega-retail/bottega/sdk/abi"
	"github.com/bottega-retail/bottega/sdk/internal/hostcall"
)

// Upcaster turns an event of one version into the next one.
type Upcaster struct {
	from, to any // nil pointers, for their types
	read     func(c *context, text string) (any, error)
	step     func(any) any
}

// Upcast makes an upcaster of fn, which knows Old, the shape that an event had in
// one version, and New, the one of the next. It cannot fail and has nothing but
// the event: what an old event did not say stays empty.
func Upcast[Old, New any](fn func(Old) New) Upcaster {
	return Upcaster{
		from: (*Old)(nil),
		to:   (*New)(nil),
		read: func(c *context, text string) (any, error) {
			var v Old
			err := decode(c, text, &v)
			return v, err
		},
		step: func(v any) any { return fn(v.(Old)) },
	}
}

// version is that of the event as frames have it: 0 for the first.
func (e Event[T]) version() int {
	if e.Version < 2 {
		return 0
	}
	return e.Version
}

// check panics if the upcasters do not lead from version 1 to this one.
func (e Event[T]) check() {
	version := max(e.Version, 1)
	if e.Version < 0 || e.Version > abi.MaxEventVersion {
		panic("sdk: the event " + e.Name + " has version " + strconv.Itoa(e.Version))
	}
	if len(e.Upcasts) != version-1 {
		panic("sdk: the event " + e.Name + " has version " + strconv.Itoa(version) + " and " + strconv.Itoa(len(e.Upcasts)) + " upcasters")
	}
	for i, u := range e.Upcasts {
		var next any = (*T)(nil)
		if i+1 < len(e.Upcasts) {
			next = e.Upcasts[i+1].from
		}
		if u.to != next {
			panic("sdk: the upcaster of " + e.Name + " from version " + strconv.Itoa(i+1) + " does not lead to version " + strconv.Itoa(i+2))
		}
	}
}

// upcasting is the handler of an event that has had earlier versions: newest
// handles what was emitted in this one.
func (e Event[T]) upcasting(newest hostcall.Handler, fn func(tx *Tx, v T) error) hostcall.Handler {
	return func(port hostcall.Port, in, out []byte) ([]byte, abi.Code) {
		tx := Tx{newContext(port)}
		from := max(tx.c.task().Version, 1)
		if from > len(e.Upcasts) {
			return newest(port, in, out)
		}
		v, err := e.upcast(&tx.c, from, string(in))
		if err == nil {
			err = fn(&tx, v)
		}
		if err != nil {
			return fail(&tx.c, out, err)
		}
		return out, abi.OK
	}
}

// upcast decodes an event of an earlier version and leads it to this one.
func (e Event[T]) upcast(c *context, from int, text string) (v T, err error) {
	chain := e.Upcasts[from-1:]
	old, err := chain[0].read(c, text)
	if err != nil {
		return v, Invalid("", abi.ReasonMalformed, err.Error())
	}
	for _, u := range chain {
		old = u.step(old)
	}
	return old.(T), nil
}
