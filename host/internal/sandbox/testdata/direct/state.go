package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

func text() {
	var b strings.Builder
	for i, r := range "Bürste, Öl & 鍵\xff" {
		fmt.Fprint(&b, i, string(r), r == utf8.RuneError, " ")
	}
	s := b.String()
	fmt.Println(s, len(s), strings.ToUpper(s[:9]), strings.Fields(s)[2], strings.Repeat("ab", 3), "a"+s[3:5] < "b")
	raw := []byte(s)
	copy(raw[2:], raw[:6])
	raw = append(raw[:3], raw[len(raw)-4:]...)
	fmt.Printf("%q %x %v\n", raw, raw, strings.Compare(string(raw), s))
}

type shape interface{ area() float64 }

type square struct{ side float64 }

func (s square) area() float64 { return s.side * s.side }

type circle struct{ r float64 }

func (c *circle) area() float64 { c.r++; return 3 * c.r * c.r }

type named struct {
	shape
	name string
}

func values() {
	c := &circle{1}
	all := []shape{square{2}, c, named{square{3}, "s"}, &named{c, "c"}}
	for range 2 {
		for _, s := range all {
			fmt.Print(s.area(), " ")
		}
	}
	f, g := c.area, (*circle).area
	c.r = 0
	fmt.Println(f(), g(c), f(), all[0] == shape(square{2}), all[1] == all[0])
	var nobody shape
	wrapped := fmt.Errorf("wrap: %w", io.EOF)
	fmt.Println(nobody == nil, errors.Is(wrapped, io.EOF), wrapped)
	a := [4]int{1, 2, 3, 4}
	d := a
	d[2] = 9
	fmt.Println(a, d, a == d, struct{ x, y int }{1, 2} == struct{ x, y int }{1, 2})
}

type tree[K cmp.Ordered, V any] struct {
	left, right *tree[K, V]
	key         K
	value       V
}

func (t *tree[K, V]) put(k K, v V) *tree[K, V] {
	switch {
	case t == nil:
		return &tree[K, V]{key: k, value: v}
	case k < t.key:
		t.left = t.left.put(k, v)
	case k > t.key:
		t.right = t.right.put(k, v)
	default:
		t.value = v
	}
	return t
}

func (t *tree[K, V]) all(yield func(K, V) bool) bool {
	return t == nil || t.left.all(yield) && yield(t.key, t.value) && t.right.all(yield)
}

func fold[T, S any](all []T, s S, f func(S, T) S) S {
	for _, v := range all {
		s = f(s, v)
	}
	return s
}

func generics() {
	r := random(5)
	var ints *tree[int, string]
	var words *tree[string, float64]
	for range 200 {
		n := int(r.next() % 90)
		ints, words = ints.put(n, fmt.Sprint("v", n)), words.put(fmt.Sprint("w", n), float64(n)/4)
	}
	n := 0
	ints.all(func(k int, v string) bool { n++; fmt.Print(k, v, " "); return n < 9 })
	for k, v := range func(yield func(string, float64) bool) { words.all(yield) } {
		if v > 20 {
			break
		}
		fmt.Print(k, " ")
	}
	fmt.Println(fold([]int{1, 2, 3}, "", func(s string, n int) string { return s + strings.Repeat("x", n) }))
}

func collections() {
	r := random(9)
	m, sums := map[int]int{}, map[[2]string]int{}
	for range 3000 {
		n := int(r.next() % 500)
		m[n] += n
		if n%7 == 0 {
			delete(m, n-1)
		}
		sums[[2]string{fmt.Sprint(n % 5), "k"}]++
	}
	for k := range m {
		if k%3 == 0 {
			delete(m, k)
		}
	}
	keys := slices.Sorted(maps.Keys(m))
	fmt.Println(len(keys), keys[:12], sums[[2]string{"3", "k"}], m[keys[5]])
	var s [][]int
	for i := range 40 {
		s = append(s, slices.Insert([]int{i, i * i}, i%3, -i))
	}
	s = slices.Delete(s, 3, 30)
	clear(s[2])
	fmt.Println(s, cap(s) >= len(s))
	fmt.Println(slices.BinarySearch(keys, 100))
}
