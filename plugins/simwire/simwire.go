// Package simwire is what the drivers of the simulated devices (bottega devices) have in
// common: forms over HTTPS, flat as such devices speak. It knows neither terminals nor
// printers.
package simwire

import (
	"strconv"
	"strings"

	"github.com/bottega-retail/bottega/sdk"
)

// Base is where the devices are. A host in development knows the way.
const Base = "https://devices.bottega.example"

// Patience is how many attempts a driver makes before it says that a device does not answer:
// the host waits longer and longer between them, and somebody stands at the counter.
const Patience = 3

// Form is fields in their order.
type Form []byte

// Text adds a field.
func (f *Form) Text(name, value string) {
	if len(*f) > 0 {
		*f = append(*f, '&')
	}
	*f = append(append(*f, name...), '=')
	*f = Escape(*f, value)
}

// Int adds a number.
func (f *Form) Int(name string, n int64) { f.Text(name, strconv.FormatInt(n, 10)) }

// Escape appends a text so that it can stand in a form or in a path.
func Escape(out []byte, text string) []byte {
	const hex = "0123456789ABCDEF"
	for i := range len(text) {
		c := text[i]
		if c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0 {
			out = append(out, c)
			continue
		}
		out = append(out, '%', hex[c>>4], hex[c&15])
	}
	return out
}

// Path is a path of the devices; its parts are escaped.
func Path(parts ...string) string {
	var out []byte
	for _, p := range parts {
		out = Escape(append(out, '/'), p)
	}
	return string(out)
}

// Answer is what a device says.
type Answer struct {
	Status int
	body   string
}

// Get reads what a device knows.
func Get(o *sdk.Outside, path string) (Answer, error) {
	return ask(o, sdk.Request{URL: Base + path})
}

// Post has a device do something. Errors: unavailable, reason "http", if nobody answers or
// the device is out of order.
func Post(o *sdk.Outside, path string, f Form) (Answer, error) {
	return ask(o, sdk.Request{
		Method: "POST", URL: Base + path, Body: f, Headers: []sdk.Header{{Name: "Content-Type", Value: "application/x-www-form-urlencoded"}},
	})
}

func ask(o *sdk.Outside, r sdk.Request) (Answer, error) {
	res, err := o.HTTP(r)
	if err != nil {
		return Answer{}, err
	}
	if res.Status >= 500 {
		return Answer{}, sdk.Fail(sdk.CodeUnavailable, "http", "The device is out of order.")
	}
	return Answer{res.Status, string(res.Body)}, nil
}

// Text is a field of the answer, "" if it is not there. Devices answer with letters, digits
// and signs that need no escaping.
func (a *Answer) Text(name string) string {
	for pair := range strings.SplitSeq(a.body, "&") {
		if n, value, ok := strings.Cut(pair, "="); ok && n == name {
			return value
		}
	}
	return ""
}

// Int is a number of the answer, 0 if it is not there.
func (a *Answer) Int(name string) int64 {
	n, _ := strconv.ParseInt(a.Text(name), 10, 64)
	return n
}
