package main

import (
	"fmt"
	"math"
	"math/bits"
	"strings"
)

// random is a sequence that is the same everywhere.
type random uint64

func (r *random) next() uint64 {
	*r = *r*6364136223846793005 + 1442695040888963407
	return uint64(*r >> 11)
}

func kind(n int) string {
	switch {
	case n < 0:
		return "negative"
	case n == 0:
		return "nothing"
	case n%2 == 0 && n > 10 || n == 7:
		return "liked"
	}
	switch n {
	case 1, 3:
		fallthrough
	case 5:
		return "odd"
	case 9:
		goto nine
	}
	return "other"
nine:
	return "nine"
}

func branches() {
	for n := -1; n < 15; n++ {
		fmt.Print(kind(n), " ")
	}
	var a any = 3
	for _, v := range []any{a, "s", 2.5, nil, []int{1}, fmt.Errorf("e")} {
		switch v := v.(type) {
		case int, string:
			fmt.Print("is ", v, "; ")
		case float64:
			fmt.Print("float ", v+1, "; ")
		case error:
			fmt.Print("error ", v.Error(), "; ")
		case nil:
			fmt.Print("nil; ")
		default:
			fmt.Printf("%T; ", v)
		}
	}
	fmt.Println()
}

// tangled has a loop that is entered in its midst.
func tangled(n int) (trace string) {
	i := 0
	if n%2 == 0 {
		goto second
	}
first:
	trace += "1"
	i++
second:
	trace += "2"
	i++
	if i < n {
		goto first
	}
	return trace
}

func loops() {
	found := 0
outer:
	for i := 2; i < 60; i++ {
		for j := 2; j*j <= i; j++ {
			if i%j == 0 {
				continue outer
			}
			if i == 53 {
				break outer
			}
		}
		found += i
	}
	fmt.Println(found, tangled(5), tangled(6), tangled(1))
	var fs []func() int
	for i := range 3 {
		fs = append(fs, func() int { i *= 10; return i })
	}
	for _, f := range fs {
		fmt.Print(f(), f(), " ")
	}
	for r := range strings.SplitSeq("a,b,,c", ",") {
		if r == "" {
			continue
		}
		fmt.Print(r)
	}
	steps := 0
	for n := uint(27); n != 1; steps++ {
		if n&1 == 0 {
			n >>= 1
		} else {
			n = 3*n + 1
		}
	}
	fmt.Println(" ", steps)
}

func divide(a, b int64) (q, m int64, err any) {
	defer func() { err = recover() }()
	return a / b, a % b, nil
}

func arithmetic() {
	r := random(1)
	var sum uint64
	for range 5000 {
		a, b := r.next()<<uint(r.next()%40), r.next()>>uint(r.next()%40)
		sum = bits.RotateLeft64(sum, 7) ^ (a*b + a/(b|1) + a%(b|1))
		sum += uint64(bits.LeadingZeros64(a)) + uint64(bits.TrailingZeros32(uint32(b))) + uint64(bits.OnesCount8(uint8(a)))
		hi, lo := bits.Mul64(a, b)
		q, m := bits.Div64(hi%(a|1), lo, a|1)
		sum += hi ^ lo ^ q ^ m ^ uint64(int8(a)) ^ uint64(int32(b)>>3) ^ uint64(uint16(a)<<5)
		if int64(a) < int64(b) != (a < b) || int32(a) >= int32(b) {
			sum++
		}
	}
	fmt.Println(sum)
	for _, p := range [][2]int64{{7, 2}, {-7, 2}, {math.MinInt64, -1}, {1, 0}} {
		fmt.Println(divide(p[0], p[1]))
	}
	one := uint(1)
	fmt.Println(int8(-128)>>(7+one), 1<<(63*one), uint32(1)<<(31+one), int64(-1)>>(64*one))
}

func floats() {
	nan, inf, zero := math.NaN(), math.Inf(1), math.Copysign(0, -1)
	all := []float64{nan, inf, -inf, zero, 0, 1.5, -1.5, 1e300, 5e-324, 1 << 53}
	for _, a := range all {
		for _, b := range all {
			mark := 0
			if a < b {
				mark |= 1
			}
			if !(a < b) {
				mark |= 2
			}
			if a == b {
				mark |= 4
			}
			if !(a >= b) {
				mark |= 8
			}
			if float32(a) != float32(b) {
				mark |= 16
			}
			fmt.Print(mark, max(a, b), min(a, b), " ")
		}
		fmt.Println(int64(clamp(a)), uint8(clamp(a)), math.Round(a), math.Sqrt(a), math.FMA(a, 2, 1))
	}
}

func clamp(f float64) float64 {
	if f != f || f > 200 || f < 0 {
		return 1
	}
	return f
}
