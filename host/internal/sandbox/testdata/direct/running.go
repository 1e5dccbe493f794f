package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"runtime"
	"runtime/debug"
	"slices"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

func sieve(n int) []int {
	c := make(chan int)
	stop := make(chan struct{})
	defer close(stop)
	go func(out chan int) {
		for i := 2; ; i++ {
			select {
			case out <- i:
			case <-stop:
				return
			}
		}
	}(c)
	var primes []int
	for range n {
		p := <-c
		primes = append(primes, p)
		next := make(chan int)
		go func(in chan int) {
			for {
				select {
				case v := <-in:
					if v%p == 0 {
						continue
					}
					select {
					case next <- v:
					case <-stop:
						return
					}
				case <-stop:
					return
				}
			}
		}(c)
		c = next // the next filter's
	}
	return primes
}

func goroutines() {
	fmt.Println(sieve(40))
	var mu sync.RWMutex
	var wg sync.WaitGroup
	var hits atomic.Int64
	counts := map[int]int{}
	for i := range 20 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for j := range 50 {
				mu.Lock()
				counts[j%7] += i
				if j%5 == 0 {
					runtime.Gosched() // with the lock held
				}
				mu.Unlock()
				mu.RLock()
				_ = counts[0]
				mu.RUnlock()
				hits.Add(1)
			}
		}()
	}
	wg.Wait()
	var once sync.Once
	for range 3 {
		once.Do(func() { hits.Add(1000) })
	}
	fmt.Println(counts, hits.Load())
	cond, ready := sync.NewCond(&sync.Mutex{}), 0
	for range 5 {
		go func() {
			cond.L.Lock()
			defer cond.L.Unlock()
			ready++
			cond.Broadcast()
		}()
	}
	cond.L.Lock()
	for ready < 5 {
		cond.Wait()
	}
	cond.L.Unlock()
	fmt.Println(ready)
}

func waiting() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	tick, n := time.NewTicker(100*time.Microsecond), 0
	for open := true; open; {
		select {
		case <-tick.C:
			n++
		case <-ctx.Done():
			open = false
		}
	}
	tick.Stop()
	late := make(chan bool)
	time.AfterFunc(time.Microsecond, func() { late <- true })
	fmt.Println(n >= 0, ctx.Err(), <-late)
}

type big struct {
	a [6000]int
	s string
}

//go:noinline
func fill(b big, n int) (big, *int) {
	p := new(int)
	for i := range b.a {
		b.a[i] += i * n
		*p += b.a[i]
	}
	b.s += fmt.Sprint(n)
	return b, p
}

func frames() {
	var b big
	for n := range 5 {
		next, p := fill(b, n)
		b = next
		fmt.Print(*p, b.s, b.a[77], " ")
	}
	var wide [300]string
	for i := range wide {
		wide[i] = strings.Repeat("x", i%5)
	}
	fmt.Println(len(strings.Join(wide[:], "")))
}

// down keeps pointers into frames that move as the stack grows.
func down(n int, to *int, trail []int) int {
	here := n
	local := [8]int{n, *to}
	if n > 0 {
		*to += here
		here += down(n-1, &local[3], append(trail[:1:1], n))
	}
	if n%1000 == 999 {
		runtime.Gosched()
	}
	return here + local[3] + len(trail)
}

func recursion() {
	for _, n := range []int{10, 1000, 20_000} {
		done := make(chan int)
		go func() {
			x := 0
			n := down(n, &x, []int{1})
			done <- n + x
		}()
		fmt.Print(<-done, " ")
	}
	var even, odd func(n int) bool
	even = func(n int) bool { return n == 0 || odd(n-1) }
	odd = func(n int) bool { return n != 0 && even(n-1) }
	fmt.Println(even(5000), ackermann(2, 9))
}

func ackermann(m, n int) int {
	if m == 0 {
		return n + 1
	}
	if n == 0 {
		return ackermann(m-1, 1)
	}
	return ackermann(m-1, ackermann(m, n-1))
}

type node struct {
	next, other *node
	data        []byte
}

func collected() {
	debug.SetGCPercent(20)
	r := random(3)
	var finalized atomic.Int32
	roots := make([]*node, 100)
	for i := range 40_000 {
		k := r.next() % 100
		n := &node{next: roots[k], other: roots[r.next()%100], data: bytes.Repeat([]byte{byte(i)}, int(r.next()%40))}
		if i%1000 == 0 {
			runtime.SetFinalizer(n, func(*node) { finalized.Add(1) })
		}
		if roots[k] = n; i%37 == 0 {
			roots[k] = nil
		}
		if i%10_000 == 0 {
			runtime.GC()
		}
	}
	sum := 0
	for _, n := range roots {
		for ; n != nil; n = n.next {
			if sum += len(n.data); len(n.data) > 0 {
				sum += int(n.data[len(n.data)-1])
			}
		}
	}
	roots = nil
	for range 3 {
		runtime.GC()
		time.Sleep(time.Microsecond)
	}
	fmt.Println(sum, finalized.Load() > 0)
}

type receiver struct{ base int }

// Mix takes arguments of all sizes.
func (r *receiver) Mix(a int8, s string, f float64, more ...any) (string, int) {
	return fmt.Sprint(a, s, f, more), r.base + int(a)
}

func reflected() {
	v := reflect.ValueOf(&receiver{5})
	out := v.MethodByName("Mix").Call([]reflect.Value{reflect.ValueOf(int8(-3)), reflect.ValueOf("s"), reflect.ValueOf(2.5), reflect.ValueOf('x'), reflect.ValueOf(big{s: "b"}.s)})
	fmt.Println(out[0], out[1])
	var swap func(a int, b string) (string, int)
	f := reflect.MakeFunc(reflect.TypeOf(swap), func(in []reflect.Value) []reflect.Value {
		runtime.Gosched()
		return []reflect.Value{in[1], in[0]}
	})
	reflect.ValueOf(&swap).Elem().Set(f)
	fmt.Println(swap(4, "four"))
	large := reflect.ValueOf(fill).Call([]reflect.Value{reflect.ValueOf(big{}), reflect.ValueOf(2)})
	fmt.Println(large[1].Elem(), large[0].Field(1))
	n, err := try(func() int { return int(reflect.ValueOf(3).Field(0).Int()) })
	fmt.Println(n, err, reflect.DeepEqual(map[string][]int{"a": {1}}, map[string][]int{"a": {1}}))
}

func sorted() {
	r := random(8)
	n := make([]int, 5000)
	for i := range n {
		n[i] = int(r.next() % 2000)
	}
	a, b := slices.Clone(n), slices.Clone(n)
	sort.Sort(sort.Reverse(sort.IntSlice(a)))
	slices.SortStableFunc(b, func(x, y int) int { return x%10 - y%10 })
	slices.Sort(n)
	fmt.Println(a[:5], b[:5], b[4990:], n[4990:], sort.SearchInts(n, 1000))
}

func encoded() {
	type item struct {
		Name  string         `json:"name"`
		Price *float64       `json:"price,omitempty"`
		Tags  []string       `json:"tags"`
		More  map[string]any `json:"more"`
	}
	price := 12.25
	text, err := json.Marshal([]item{{"a", &price, nil, map[string]any{"z": 1, "b": []any{nil, true, "é"}}}, {Tags: []string{"<t>"}}})
	fmt.Println(string(text), err)
	var back []item
	err = json.Unmarshal(text, &back)
	fmt.Println(len(back), *back[0].Price, back[0].More, err)
	err = json.Unmarshal([]byte(`[{"name": 3}]`), &back)
	fmt.Printf("%v %+8.3f|%-6q|%#x|%v\n", err, 3.14159, "q", "hex", time.Duration(90)*time.Second)
}
