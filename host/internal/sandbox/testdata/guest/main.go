// Command guest is a standard-Go guest without the SDK, so that the sandbox is
// tested on its own. Its entries are numbered as in guest_test.go.
package main

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"time"
	"unsafe"
)

//go:wasmimport bottega_v1 get
func hostGet(inPtr unsafe.Pointer, inLen uint32, outPtr unsafe.Pointer, outCap uint32) uint64

//go:wasmimport bottega_v1 fetch
func hostFetch(inPtr unsafe.Pointer, inLen uint32, outPtr unsafe.Pointer, outCap uint32) uint64

//go:wasmimport bottega_v1 now
func hostNow() int64

var buffer = make([]byte, 4096)

//go:wasmexport bottega_buffer
func bottegaBuffer(size uint32) uint64 {
	if int(size) > len(buffer) {
		buffer = make([]byte, size)
	}
	return uint64(uintptr(unsafe.Pointer(&buffer[0])))<<32 | uint64(len(buffer))
}

//go:wasmexport bottega_describe
func bottegaDescribe() uint64 { return uint64(copy(buffer, "descriptor")) }

//go:wasmexport bottega_call
func bottegaCall(entry, length uint32) uint64 {
	// A pooled guest of which nothing ever yields stops collecting garbage.
	defer runtime.Gosched()
	out := entries[entry](buffer[:length])
	if len(out) > len(buffer) {
		buffer = make([]byte, len(out))
	}
	return uint64(copy(buffer, out))
}

var entries = []func([]byte) []byte{
	empty, cart, hostCall, remember, clocks, printAndPanic, exhaust, sleep, deadlock, exit, random, echo, printALot, churn,
	build, quote, collections, randoms,
}

func empty([]byte) []byte { return nil }

type line struct {
	SKU      string `json:"sku"`
	Quantity int    `json:"quantity"`
	Price    int64  `json:"price"`
	Shares   []int64
}

// cart decodes lines, computes and encodes them again: much garbage.
func cart(in []byte) []byte {
	var lines []line
	if err := json.Unmarshal(in, &lines); err != nil {
		return []byte(err.Error())
	}
	for i := range lines {
		for range lines[i].Quantity {
			lines[i].Shares = append(lines[i].Shares, lines[i].Price*97/100)
		}
	}
	out, err := json.Marshal(lines)
	if err != nil {
		return []byte(err.Error())
	}
	return out
}

var hostBuffer = make([]byte, 1024)

// hostCall answers "code:" and what the host answers to its input.
func hostCall(in []byte) []byte {
	var ptr unsafe.Pointer
	if len(in) > 0 {
		ptr = unsafe.Pointer(&in[0])
	}
	r := hostGet(ptr, uint32(len(in)), unsafe.Pointer(&hostBuffer[0]), uint32(len(hostBuffer)))
	n := int(uint32(r))
	if n > len(hostBuffer) {
		big := make([]byte, n)
		r2 := hostFetch(nil, 0, unsafe.Pointer(&big[0]), uint32(n))
		hostBuffer = big[:uint32(r2)]
	}
	return append(fmt.Appendf(nil, "%d:", r>>32), hostBuffer[:n]...)
}

var marker string

// remember answers what the last call gave it.
func remember(in []byte) []byte {
	last := marker
	marker = string(in)
	return []byte(last)
}

// clocks reads all clocks a million times.
func clocks([]byte) []byte {
	start, now := time.Now(), hostNow()
	last := start
	for range 1_000_000 {
		t := time.Now()
		if !t.Round(0).Equal(start.Round(0)) || t.Before(last) {
			return fmt.Appendf(nil, "the clock moved from %v to %v", start, t)
		}
		last = t
	}
	return fmt.Appendf(nil, "%d %d", now, start.UnixMilli())
}

func printAndPanic(in []byte) []byte {
	fmt.Fprintf(os.Stderr, "%s", in)
	panic("a bug in the guest")
}

// exhaust keeps whatever it can get.
func exhaust([]byte) []byte {
	var all [][]byte
	for {
		all = append(all, []byte(strings.Repeat("x", 1<<20)))
		if len(all) > 1<<20 {
			return all[0]
		}
	}
}

func sleep([]byte) []byte {
	time.Sleep(time.Hour)
	return []byte("awake")
}

func deadlock([]byte) []byte {
	<-make(chan int)
	return nil
}

func exit([]byte) []byte {
	os.Exit(7)
	return nil
}

func random([]byte) []byte {
	b := make([]byte, 16)
	rand.Read(b)
	return b
}

func echo(in []byte) []byte { return append([]byte(nil), in...) }

func printALot([]byte) []byte {
	for range 100 {
		fmt.Print(strings.Repeat("y", 1<<20))
	}
	return nil
}

var window [16][]string

// churn leaves some 2 KiB of garbage of many sizes, and keeps a little.
func churn(in []byte) []byte {
	var words []string
	for i := range 16 {
		words = append(words, strings.Repeat(string(in), 1+i))
	}
	copy(window[:], window[1:])
	window[len(window)-1] = words[:4]
	return []byte(words[1])
}

// rule is an entry of an index of the kind that promotions have.
type rule struct {
	id      string
	name    string
	skus    []string
	percent int64
	next    *rule
}

var index = map[string][]*rule{}

// build adds rules to the index: "from to how". How says what becomes of the
// guest's garbage collector: nothing, "gc" runs it at the end, "off" turns it
// off. It answers how many rules there are.
func build(in []byte) []byte {
	var from, to int
	var how string
	if _, err := fmt.Sscan(string(in), &from, &to, &how); err != nil {
		return []byte(err.Error())
	}
	for i := from; i < to; i++ {
		r := &rule{id: "rule-" + strconv.Itoa(i), name: strings.Repeat("sconto ", 20), percent: int64(i % 50)}
		for j := range 4 {
			sku := "8001" + strconv.Itoa(i/2+j*1000)
			r.skus = append(r.skus, strings.Clone(sku))
			index[sku] = append(index[sku], r)
		}
	}
	switch how {
	case "gc":
		runtime.GC()
	case "off":
		debug.SetGCPercent(-1)
	}
	return strconv.AppendInt(nil, int64(len(index)), 10)
}

// quote looks twenty lines up and leaves some 15 KiB of garbage.
func quote(in []byte) []byte {
	first, err := strconv.Atoi(string(in))
	if err != nil {
		return []byte(err.Error())
	}
	lines := make([]line, 0, 20)
	for i := range 20 {
		l := line{SKU: "8001" + strconv.Itoa(first+i*7), Quantity: 1 + i%3, Price: 1000}
		for _, r := range index[l.SKU] {
			l.Shares = append(l.Shares, l.Price*(100-r.percent)/100)
		}
		lines = append(lines, l)
	}
	out, err := json.Marshal(lines)
	if err != nil {
		return []byte(err.Error())
	}
	return out
}

// collections answers how often garbage was collected.
func collections([]byte) []byte {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return fmt.Appendf(nil, "%d gc, live %d MiB, next at %d MiB, of %d MiB", m.NumGC, m.HeapAlloc>>20, m.NextGC>>20, m.Sys>>20)
}

// randoms answers a thousand random numbers of 8 bytes.
func randoms([]byte) []byte {
	b := make([]byte, 8*1000)
	for i := range 1000 {
		rand.Read(b[8*i : 8*i+8])
	}
	return b
}

func main() {}
