// Command bigguest is a guest as large as real ones, built by the tests of
// package meter. Its answers show whether rewriting changed any.
package main

import (
	"encoding/json"
	"fmt"
	"html/template"
	"regexp"
	"sort"
	"strings"
	"time"
	_ "time/tzdata"
	"unsafe"
)

var buffer []byte

// answer keeps s alive and packs where it lies.
func answer(s string) uint64 {
	buffer = []byte(s)
	return uint64(uintptr(unsafe.Pointer(unsafe.SliceData(buffer))))<<32 | uint64(len(buffer))
}

type line struct {
	SKU      string            `json:"sku"`
	Quantity int               `json:"quantity"`
	Price    float64           `json:"price"`
	Tags     []string          `json:"tags,omitempty"`
	Extra    map[string]string `json:"extra,omitempty"`
}

type cart struct {
	Store string `json:"store"`
	Lines []line `json:"lines"`
}

func sample(n int) cart {
	c := cart{Store: "MI-01"}
	for i := range n {
		c.Lines = append(c.Lines, line{
			SKU: fmt.Sprintf("80015050%05d", i), Quantity: i%7 + 1, Price: float64(i) * 1.37,
			Tags: []string{"basic", "alba"}, Extra: map[string]string{"size": "M", "line": "knit"},
		})
	}
	return c
}

var cartJSON = func() []byte {
	b, err := json.Marshal(sample(20))
	if err != nil {
		panic(err)
	}
	return b
}()

//go:wasmexport cart
func cartCall(rounds uint32) uint64 {
	total := 0.0
	for range rounds {
		var c cart
		if err := json.Unmarshal(cartJSON, &c); err != nil {
			panic(err)
		}
		for _, l := range c.Lines {
			total += l.Price * float64(l.Quantity)
		}
	}
	return answer(fmt.Sprintf("%.2f", total))
}

//go:wasmexport nested
func nested(depth uint32) uint64 {
	in := strings.Repeat("[", int(depth)) + strings.Repeat("]", int(depth))
	var v any
	if err := json.Unmarshal([]byte(in), &v); err != nil {
		return answer(err.Error())
	}
	out, err := json.Marshal(v)
	return answer(fmt.Sprint(len(out), err, string(out) == in))
}

//go:wasmexport page
func page(n uint32) uint64 {
	t := template.Must(template.New("cart").Parse(
		`<h1>{{.Store}}</h1>{{range .Lines}}<p title="{{.SKU}}">{{.Quantity}} × {{printf "%.2f" .Price}}</p>{{end}}<script>var s={{.}}</script>`))
	var out strings.Builder
	if err := t.Execute(&out, sample(int(n))); err != nil {
		return answer(err.Error())
	}
	return answer(out.String())
}

//go:wasmexport words
func words(n uint32) uint64 {
	text := strings.Repeat("Una camicia di lino, due maglie di lana 3x2; ", int(n))
	counts := map[string]int{}
	for _, w := range regexp.MustCompile(`\p{L}+|\d+x\d+`).FindAllString(text, -1) {
		counts[strings.ToUpper(w)]++
	}
	keys := make([]string, 0, len(counts))
	for k := range counts {
		keys = append(keys, fmt.Sprint(k, counts[k]))
	}
	sort.Strings(keys)
	return answer(strings.Join(keys, " "))
}

//go:wasmexport zone
func zone(unix uint64) uint64 {
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		return answer(err.Error())
	}
	return answer(time.Unix(int64(unix), 0).In(rome).Format(time.RFC1123Z))
}

//go:wasmexport recurse
func recurse(depth uint32) uint64 { return answer(fmt.Sprint(ackermann(2, int(depth)))) }

func ackermann(m, n int) int {
	switch {
	case m == 0:
		return n + 1
	case n == 0:
		return ackermann(m-1, 1)
	}
	return ackermann(m-1, ackermann(m, n-1))
}

// tight is a loop without calls.
//
//go:wasmexport tight
func tight(n uint64) uint64 {
	x := n
	for i := range n {
		x = x*6364136223846793005 + i
	}
	return x
}

//go:wasmexport fib
func fib(n uint32) uint64 {
	if n < 2 {
		return uint64(n)
	}
	return fib(n-1) + fib(n-2)
}

func main() {}
