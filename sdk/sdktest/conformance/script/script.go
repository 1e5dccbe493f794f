// Package script is the language in which the conformance suite tells its two
// guests what to do. It knows no app and no rule of the host.
package script

// Item is the record that both guests keep, twice: in "items" by id, and in
// "ranked" by group and rank.
type Item struct {
	ID    string   `json:"id"`
	Group string   `json:"group"`
	Rank  int64    `json:"rank"`
	Tags  []string `json:"tags"`
	Code  string   `json:"code,omitempty"` // unique among items
	Flag  bool     `json:"flag"`
	Until int64    `json:"until,omitempty"` // expiry, milliseconds since 1970 UTC
	About string   `json:"about,omitempty"` // whom it is about
	Body  []byte   `json:"body"`
}

// Options are the settings of both guests.
type Options struct {
	Greeting string `json:"greeting"` // "hello" by default
	Limit    int64  `json:"limit"`    // 7 by default
}

// Part is one part of a key: one field is set.
type Part struct {
	Text *string `json:"text,omitempty"`
	Int  *int64  `json:"int,omitempty"`
	Bool *bool   `json:"bool,omitempty"`
}

// Script is a list of steps in one guest.
type Script struct {
	Steps []Step `json:"steps"`
}

// Step is one thing to do: one pointer is set.
type Step struct {
	Catch bool `json:"catch"` // an error is a result and the script goes on

	Get      *At      `json:"get,omitempty"`
	GetMany  *Many    `json:"get_many,omitempty"`
	Scan     *Range   `json:"scan,omitempty"`
	Count    *At      `json:"count,omitempty"`  // the counter "sum"
	Counts   *Many    `json:"counts,omitempty"` // several of it; Numbers are their values
	Where    *Nothing `json:"where,omitempty"`  // Number is the time, Texts are operation, request, principal, caller
	Settings *Nothing `json:"settings,omitempty"`
	Known    *Nothing `json:"known,omitempty"` // the derived value "known"; Texts are ids, in order
	Fail     *Failure `json:"fail,omitempty"`
	Panic    *Nothing `json:"panic,omitempty"`
	Sign     *Paper   `json:"sign,omitempty"` // Texts are the signature, in hexadecimal; Found is whether Mac was one

	Put      *Write `json:"put,omitempty"`
	Delete   *At    `json:"delete,omitempty"`
	Add      *Move  `json:"add,omitempty"`
	Emit     *Item  `json:"emit,omitempty"`
	Schedule *Alarm `json:"schedule,omitempty"`
	Cancel   *Named `json:"cancel,omitempty"`  // the timer "wake"
	Start    *Alarm `json:"start,omitempty"`   // the effect "ring"
	Begin    *Alarm `json:"begin,omitempty"`   // the job "walk"
	Publish  *Many  `json:"publish,omitempty"` // items that have changed; none is all
	HTTP     *Named `json:"http,omitempty"`    // a request, which no operation may make
	Draw     *Draw  `json:"draw,omitempty"`
	Bulk     *Bulk  `json:"bulk,omitempty"`
}

// Nothing has no parameters.
type Nothing struct{}

// At names a record, by a unique index if Index is set, or a counter.
type At struct {
	Ranked bool   `json:"ranked"`
	Index  string `json:"index"`
	Key    []Part `json:"key"`
}

// Many names several items by id.
type Many struct {
	IDs []string `json:"ids"`
}

// Range is a scan. Items go into the result, or only their ids.
type Range struct {
	Ranked  bool   `json:"ranked"`
	Index   string `json:"index"`
	Prefix  []Part `json:"prefix"`
	From    []Part `json:"from"`
	To      []Part `json:"to"`
	Reverse bool   `json:"reverse"`
	Limit   int64  `json:"limit"`
	Stop    int64  `json:"stop"` // leave the loop after so many; 0 never
	IDs     bool   `json:"ids"`
}

// Write puts or inserts items.
type Write struct {
	Ranked bool   `json:"ranked"`
	Insert bool   `json:"insert"`
	Items  []Item `json:"items"`
}

// Move moves the counter "sum".
type Move struct {
	Key   []Part `json:"key"`
	Delta int64  `json:"delta"`
	Min   int64  `json:"min"`
	Max   int64  `json:"max"`
}

// Alarm schedules the timer "wake".
type Alarm struct {
	ID   string `json:"id"`
	At   int64  `json:"at"`
	Item Item   `json:"item"`
}

// Draw takes ids and random bytes; Texts are the ids, then the bytes in
// hexadecimal.
type Draw struct {
	IDs    int64 `json:"ids"`
	Random int64 `json:"random"`
}

// Paper is data that is signed, or was.
type Paper struct {
	Data []byte `json:"data"`
	Mac  []byte `json:"mac"`
}

// Named names something by its id.
type Named struct {
	ID string `json:"id"`
}

// Walk is what a step of the job "walk" leaves to the next.
type Walk struct {
	Steps int64 `json:"steps"`
}

// Bulk does many things of one sort until one fails; Number is how many did
// not.
type Bulk struct {
	Puts   int64  `json:"puts"`   // of items "<ID>000001" … of group ID, ranks from 1
	Emits  int64  `json:"emits"`  // of empty items
	Counts int64  `json:"counts"` // host calls that read a counter
	Reads  int64  `json:"reads"`  // host calls that ask for 1,000 records that are not there
	Size   int64  `json:"size"`   // of the bodies of items
	ID     string `json:"id"`
}

// Failure is an error.
type Failure struct {
	Code    string  `json:"code"`
	Reason  string  `json:"reason"`
	Message string  `json:"message"`
	Pointer string  `json:"pointer"`
	App     string  `json:"app"`
	Fields  []Field `json:"fields"`
}

// Field is a parameter of a failure.
type Field struct {
	Name  string `json:"name"`
	Text  string `json:"text"`
	Int   int64  `json:"int"`
	IsInt bool   `json:"is_int"`
}

// Answer has a result per step.
type Answer struct {
	Results []Result `json:"results"`
}

// Result is what a step found.
type Result struct {
	Items   []Item   `json:"items"`
	Found   []bool   `json:"found"`
	Number  int64    `json:"number"`
	Numbers []int64  `json:"numbers"`
	Texts   []string `json:"texts"`
	Error   *Failure `json:"error,omitempty"` // of a step with Catch
}
