package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"
)

// try runs f and tells what it panicked with.
func try(f func() int) (n int, err any) {
	defer func() {
		if r := recover(); r != nil {
			n, err = n-1, r
		}
	}()
	return f(), nil
}

func nestedPanic() (out string) {
	defer func() { out += fmt.Sprint(" outer:", recover()) }()
	defer func() {
		defer func() { out += fmt.Sprint("inner:", recover()) }()
		panic(fmt.Sprint("second after ", recover()))
	}()
	defer func() {
		defer func() { panic("replaced") }()
		panic("in between")
	}()
	panic("first")
}

func again() (err error) {
	defer func() {
		if r, ok := recover().(error); ok {
			err = fmt.Errorf("again: %w", r)
		}
	}()
	defer func() {
		if r := recover(); r != nil {
			panic(r)
		}
	}()
	panic(errBroken)
}

var errBroken = errors.New("broken")

// inLoop panics and goes on in a loop with values alive across.
func inLoop() (sum int) {
	for i := range 20 {
		func() {
			defer func() {
				if recover() != nil {
					sum += 100
				}
			}()
			if i%3 == 0 {
				panic(i)
			}
			sum += i
		}()
	}
	return sum
}

func deep(n int) int {
	if n == 0 {
		panic("bottom")
	}
	var pad [32]int
	pad[n%32] = n
	defer func(p *[32]int) { p[0]++ }(&pad)
	return deep(n-1) + pad[0]
}

func panics() {
	fmt.Println(try(func() int { return 7 }))
	fmt.Println(try(func() int { panic("no") }))
	fmt.Println(nestedPanic())
	err := again()
	fmt.Println(err, errors.Is(err, errBroken), inLoop())
	for _, n := range []int{1, 50, 3000} {
		fmt.Println(try(func() int { return deep(n) }))
	}
}

func deferred() {
	var order []int
	func() {
		for i := range 5 {
			defer func() { order = append(order, i) }()
			if i == 3 {
				defer func() { order = append(order, 100) }()
			}
		}
		defer runtime.Gosched()
	}()
	x := 1
	result := func() (r int) {
		defer func(was int) { r = r*10 + was + x }(x)
		x = 5
		return x + 2
	}()
	fmt.Println(order, result)
}

func faults() {
	var p *struct{ a, b int }
	var m map[string]int
	var f func() int
	var s []int
	var a any = "text"
	i := len(os.Args) + 4
	for k, f := range []func() int{
		func() int { return p.b },
		func() int { m["a"] = 1; return 0 },
		func() int { return f() },
		func() int { return s[i] },
		func() int { return len(order[:i][2 : 1+i-i]) },
		func() int { return a.(int) },
		func() int { return a.(interface{ area() int }).area() },
		func() int { return i / (len(s) + 0*i) },
		func() int { return len(make([]int, i-100)) },
		func() int { return (*[4]int)(order[:i-2])[i-3] },
		func() int { var c chan int; close(c); return 1 },
		func() int { c := make(chan int); close(c); close(c); return 1 },
		func() int { panic(nil) },
	} {
		n, err := try(f)
		fmt.Println(k, n, err)
	}
}

var order = []int{1, 2, 3}

func exits() {
	done := make(chan string)
	go func() {
		defer close(done)
		defer func() { done <- fmt.Sprint("recovered ", recover()) }()
		func() {
			defer func() { done <- "deferred" }()
			runtime.Goexit()
		}()
		done <- "never"
	}()
	for s := range done {
		fmt.Print(s, "; ")
	}
	fmt.Println()
}
