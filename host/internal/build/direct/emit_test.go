package direct

import (
	"fmt"
	"strings"
	"testing"
)

// written is the second form of a function, without what all have in common and before
// it is tidied. It is empty if there is none.
func written(t *testing.T, b []byte) string {
	t.Helper()
	d, ok := parse(b)
	if !ok {
		return ""
	}
	g := graphOf(d, d.table[0])
	if g.tangled {
		return ""
	}
	out := (&emitter{d: d, g: g}).body(d.table[0], 99)
	text := disassemble(t, out[len(locals):])
	text, first := strings.CutPrefix(text, "get 0; if; get 0; call 99; return; end; global.get 0; set 1; block; ")
	text, last := strings.CutSuffix(text, "; unreachable; end; i32 1; end")
	if !first || !last {
		t.Fatalf("%s: neither its beginning nor its end is as those of all", text)
	}
	return text
}

// TestPieces shows what becomes of the jumps among pieces: load 1, load 2 … are what
// the pieces do.
func TestPieces(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		pieces []string
		want   string
	}{
		{
			"only way on", []string{"nop; goto 1", "return"},
			"nop; return; unreachable",
		},
		{
			"if", []string{"get 2; eqz; if; goto 2; end", "i64 1; set 2", "i32 0; return"},
			`block
				get 2; eqz; if; br 1; end
				i64 1; set 2; br 0; unreachable
			end
			i32 0; return`,
		},
		{
			"if and else", []string{"get 2; eqz; if; goto 1; end; goto 2", "i64 1; set 2; goto 3", "i64 2; set 2", "i32 0; return"},
			`block
				get 2; eqz; if; i64 1; set 2; br 1; unreachable; end
				i64 2; set 2; br 0; unreachable
			end
			i32 0; return`,
		},
		{
			"with an else of its own", []string{"get 2; eqz; if; nop; else; goto 2; end", "i64 1; set 2", "i32 0; return"},
			`block
				get 2; eqz; if; nop; else; br 1; end
				i64 1; set 2; br 0; unreachable
			end
			i32 0; return`,
		},
		{
			"loop", []string{"i64 9; set 2", "get 2; eqz; if; goto 3; end", "get 2; i64 -1; add; set 2; goto 1", "i32 0; return"},
			`i64 9; set 2
			loop
				get 2; eqz; if; i32 0; return; unreachable; end
				get 2; i64 -1; add; set 2; br 0; unreachable
			end
			unreachable`,
		},
		{
			"loop from the first piece", []string{"get 2; eqz; if; goto 0; end", "i32 0; return"},
			`loop
				get 2; eqz; if; br 1; end
				i32 0; return; unreachable
			end`,
		},
		{
			"nested loops", []string{"nop", "get 2; eqz; if; goto 4; end", "get 3; eqz; if; goto 1; end", "i64 3; set 3; goto 2", "i32 0; return"},
			`nop
			loop
				get 2; eqz; if; i32 0; return; unreachable; end
				loop
					get 3; eqz; if; br 2; end
					i64 3; set 3; br 0; unreachable
				end
				unreachable
			end
			unreachable`,
		},
		{
			"ways that merge behind others", []string{"get 2; eqz; if; goto 2; end", "get 3; eqz; if; goto 3; end", "i64 2; set 2", "i32 0; return"},
			`block
				block
					get 2; eqz; if; br 1; end
					get 3; eqz; if; br 2; end
					br 0; unreachable
				end
				i64 2; set 2; br 0
			end
			i32 0; return`,
		},
		{
			"blocks of a piece's own", []string{"block; loop; get 2; eqz; br_if 1; get 3; eqz; if; goto 1; end; br 0; end; end; goto 1", "i32 0; return"},
			`block
				block; loop
					get 2; eqz; br_if 1
					get 3; eqz; if; br 3; end
					br 0
				end; end
				br 0
			end
			i32 0; return`,
		},
		{
			"behind the last piece", []string{"get 2; eqz; if; goto 1; end; unreachable", "nop"},
			"get 2; eqz; if; nop; unreachable; unreachable; end; unreachable",
		},
		{
			"dead code behind a jump", []string{"goto 1; drop; i64 4; set 2", "i32 0; return; nop"},
			"i32 0; return; nop; unreachable; drop; i64 4; set 2",
		},
		{
			"a piece that nothing leads to", []string{"goto 2", "i64 7; set 2", "i32 0; return"},
			"i32 0; return; unreachable",
		},
		{
			"calls that leave", []string{"i32 0; call 5; leave?", "i32 0; call 6; if; unreachable; end; goto 1"},
			`i32 0; call 5; br_if 0
			loop
				i32 0; call 6; if; unreachable; end
				br 0
			end
			unreachable`,
		},
		{
			"a call that leaves deep in a block", []string{"get 2; eqz; if; i32 0; call 5; leave?; end; goto 0"},
			"loop; get 2; eqz; if; i32 0; call 5; br_if 2; end; br 0; end",
		},
		{
			"the selector holds a function", []string{"get 2; wrap; set 0; i32 0; get 0; call_indirect 1; leave?; goto 1", "i32 0; return"},
			"get 2; wrap; set 0; i32 0; get 0; call_indirect 1; br_if 0; i32 0; return; unreachable",
		},
		{
			"jumps beyond the table lead where it says", []string{"nop; goto 70", "goto -1", "i32 0; return"},
			"nop; i32 0; return; unreachable",
		},
	} {
		if got := written(t, function(t, c.pieces...)); !same(got, c.want) {
			t.Errorf("%s: became\n%s\nwant\n%s", c.name, got, normal(c.want))
		}
	}
}

// TestOtherShapesStay holds what must not be written anew.
func TestOtherShapesStay(t *testing.T) {
	t.Parallel()
	fn := func(text string) []byte { return append(append([]byte{}, locals...), assemble(t, text)...) }
	for name, b := range map[string][]byte{
		"a loop with two entries":              function(t, "get 2; eqz; if; goto 2; end", "get 3; eqz; if; goto 3; end", "goto 1", "i32 0; return"),
		"the selector is read":                 function(t, "get 0; drop; goto 1", "i32 0; return"),
		"the selector is read behind a jump":   function(t, "goto 1", "i32 1; get 0; drop; i32 0; return"),
		"a jump without a selector":            function(t, "nop; nop; br 1", "i32 0; return"),
		"a jump at the very beginning":         function(t, "br 1", "i32 0; return"),
		"a jump to what was computed":          function(t, "get 2; wrap; set 0; br 1", "i32 0; return"),
		"a jump that is conditional":           function(t, "get 2; wrap; br_if 1", "i32 0; return"),
		"a branch to between pieces":           function(t, "nop; br 0", "nop", "i32 0; return"),
		"a table of its own":                   function(t, "i32 0; br_table 0 0; goto 1", "i32 0; return"),
		"no loop":                              fn("global.get 0; set 1; block; block; get 0; br_table 0; end; nop; end; unreachable; end"),
		"no table":                             fn("global.get 0; set 1; loop; block; get 0; drop; end; end; unreachable; end"),
		"no stack pointer":                     fn("loop; block; get 0; br_table 0 0; end; nop; end; unreachable; end"),
		"two globals kept":                     fn("global.get 0; set 1; global.get 1; set 2; loop; block; get 0; br_table 0 0; end; nop; end; unreachable; end"),
		"another selector":                     fn("global.get 0; set 1; loop; block; get 1; br_table 0 0; end; nop; end; unreachable; end"),
		"a table that leads out":               fn("global.get 0; set 1; loop; block; get 0; br_table 0 1; end; nop; end; unreachable; end"),
		"another end":                          fn("global.get 0; set 1; loop; block; get 0; br_table 0 0; end; nop; end; i32 1; end"),
		"another answer than 1 when it leaves": fn("global.get 0; set 1; block; loop; block; get 0; br_table 0 0; end; nop; end; unreachable; end; i32 2; end"),
		"more behind the end":                  append(function(t, "goto 0"), opNop),
		"an unknown instruction":               fn("global.get 0; set 1; loop; block; get 0; br_table 0 0; end; nop; end; unreachable; end")[:len(locals)+5],
		"nothing":                              nil,
	} {
		if got := written(t, b); got != "" {
			t.Errorf("%s: became %s", name, got)
		}
	}
}

// TestDeepFunctionsStay nests more blocks than hosts may accept.
func TestDeepFunctionsStay(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]int{400: 2, 1200: 1} {
		var pieces []string
		for i := range n { // each leads on from within an if
			pieces = append(pieces, fmt.Sprintf("get 2; eqz; if; goto %d; end; i32 0; return", i+1))
		}
		pieces = append(pieces, "i32 0; return")
		f := functions{types: []uint32{0}, bodies: [][]byte{function(t, pieces...)}, room: maxModule}
		if f.rewrite(0); len(f.bodies) != want {
			t.Errorf("%d blocks within each other: %d functions, want %d", n, len(f.bodies), want)
		}
	}
}
