package direct

import (
	"strings"
	"testing"
)

const (
	// lead is what a second form begins with.
	lead = "get 0; if; get 0; call 99; return; else; end; global.get 0; set 1"
	// made is the prologue of a function with a frame of 32 bytes, enter what follows it
	// when the frame's end is looked at: far bytes above what is pushed.
	made = "get 1; i32 32; i32.sub; tee 1; global.set 0"
	// gone is the epilogue.
	gone = "get 1; i32 32; i32.add; tee 1; global.set 0; get 1; i32 8; i32.add; tee 1; global.set 0; i32 0; return"
	// push puts an address to return to on the stack.
	push = "get 1; i32 8; i32.sub; tee 1; global.set 0; get 1; i64 268500995; store 0"
	// back reads the stack pointer back.
	back = "global.get 0; set 1"
)

// tidied is what becomes of a second form behind its lead.
func tidied(t *testing.T, text string) string {
	t.Helper()
	untidy := strings.Replace(lead, "else; ", "", 1) + ";" + text
	out := tidy(append(append([]byte{}, locals...), assemble(t, untidy)...))
	const decl = len("\x03\x01\x7f\x04\x7e\x01\x7f")
	if string(out[:decl]) != "\x03\x01\x7f\x04\x7e\x01\x7f" {
		t.Fatalf("%x: want another i32 behind the locals", out)
	}
	got, ok := strings.CutPrefix(disassemble(t, out[decl:]), normal(lead)+"; ")
	if !ok {
		t.Fatalf("%s does not begin as before", got)
	}
	return got
}

// enter is a prologue as frame leaves it: local 6 is where addresses to return to are
// pushed, and the byte at far above it is looked at.
func enter(far string) string { return made + "; get 1; i32 8; i32.sub; set 6; " + look(far) }

func look(far string) string { return "get 6; load8 " + far + "; drop; " }

func TestTidy(t *testing.T) {
	t.Parallel()
	// What a push becomes without and with a frame.
	const bare = "get 1; i32 8; i32.sub; tee 6; global.set 0; get 6; i64 268500995; store 0;"
	const kept = "get 6; global.set 0; get 6; i64 268500995; store 0;"
	for _, c := range []struct{ name, in, want string }{
		{"comparisons turned round", "get 2; get 3; lt_s; i32.eqz; if; nop; else; nop; end; get 2; eqz; i32.eqz; drop; i32 1; i32 2; i32.le_u; i32.eqz; drop",
			"get 2; get 3; ge_s; if; nop; else; nop; end; get 2; i64 0; ne; drop; i32 1; i32 2; i32.gt_u; drop"},
		{"comparisons turned round twice", "get 2; get 3; eq; i32.eqz; i32.eqz; drop", "get 2; get 3; ne; i32.eqz; drop"},
		{"NaN is neither less nor not less", "get 2; get 3; f64.lt; i32.eqz; drop", "get 2; get 3; f64.lt; i32.eqz; drop"},
		{"a number is no comparison", "i32 0; i32.eqz; i32.eqz; drop; get 2; eqz; drop", "i32 0; i32.eqz; i32.eqz; drop; get 2; eqz; drop"},
		{"ifs get an else", "get 2; eqz; if; block; get 3; eqz; if; nop; end; end; end", "get 2; eqz; if; block; get 3; eqz; if; nop; else; end; end; else; end"},

		{"a call", push + "; i32 0; call 5; " + back + "; br_if 0; get 1; load 8; drop", bare + "i32 0; call 5; br_if 0; get 1; load 8; drop"},
		{"a call of a value", "get 2; " + push + "; i64 16; shr_u; wrap; set 0; i32 0; get 0; call_indirect 1; " + back + "; br_if 0",
			"get 2; " + bare + "i64 16; shr_u; wrap; set 0; i32 0; get 0; call_indirect 1; br_if 0"},
		{"a call that does not read back", push + "; i32 0; call 5; br_if 0", push + "; i32 0; call 5; br_if 0"},
		{"a push and no call", push + "; get 2; drop; i32 0; call 5; " + back + "; br_if 0", push + "; get 2; drop; i32 0; call 5; " + back + "; br_if 0"},
		{"a frame of 8 bytes with a constant, and a helper", push + "; call 5; " + back + "; br_if 0", push + "; call 5; " + back + "; br_if 0"},
		{"a frame of 8 bytes", strings.Replace(push, "store 0", "store 16", 1) + "; get 1; load 0; drop",
			"get 1; i32 8; i32.sub; tee 1; global.set 0; get 1; i32 8; i32.sub; set 6; " + look("31") + "get 6; i64 268500995; store 24; get 6; load 8; drop"},
		{"a helper's call", "get 2; get 3; call 7; " + back + "; set 2", "get 2; get 3; call 7; " + back + "; set 2"},

		{"an address", "get 1; extend_u; i64 24; add; wrap; load 4; drop", "get 1; load 28; drop"},
		{"an address to store to", "get 1; extend_u; i64 24; add; wrap; get 2; i64 5; add; store 4", "get 1; get 2; i64 5; add; store 28"},
		{"an address kept", "get 1; extend_u; i64 24; add; set 2", "get 1; extend_u; i64 24; add; set 2"},
		{"an address below", "get 1; extend_u; i64 -8; add; wrap; load 8; drop", "get 1; extend_u; i64 -8; add; wrap; load 8; drop"},
		{"an address far away", "get 1; extend_u; i64 2097152; add; wrap; load 8; drop", "get 1; extend_u; i64 2097152; add; wrap; load 8; drop"},
		{"an address as the value stored", "get 2; wrap; get 1; extend_u; i64 8; add; wrap; extend_u; store 0", "get 2; wrap; get 1; extend_u; i64 8; add; wrap; extend_u; store 0"},
		{"an address used behind a call", "get 1; extend_u; i64 8; add; wrap; call 7; store 0", "get 1; extend_u; i64 8; add; wrap; call 7; store 0"},
		{"an address within an address", "get 1; extend_u; i64 8; add; wrap; get 1; extend_u; i64 16; add; wrap; load 0; store 0", "get 1; get 1; load 16; store 8"},

		{"a frame", made + "; get 1; load 40; set 2; get 1; get 2; store8 3;" + gone, enter("55") + "get 6; load 48; set 2; get 6; get 2; store8 11;" + gone},
		{"a frame's address", made + "; get 1; extend_u; set 2; get 1; load 0; drop;" + gone, enter("15") + "get 1; extend_u; set 2; get 6; load 8; drop;" + gone},
		{"a frame that is not used", made + "; nop;" + gone, made + "; nop;" + gone},
		{"a frame and a loop", "loop; " + made + "; get 1; load 0; drop; loop; br 0; end; end", "loop; " + enter("15") + "get 6; load 8; drop; loop; " + look("15") + "br 0; end; end"},
		{"a frame and a call", made + "; " + push + "; i32 0; call 5; " + back + "; br_if 0; get 1; load 8; drop;" + gone,
			enter("23") + kept + "i32 0; call 5; br_if 0; get 6; load 16; drop;" + gone},
		{"a frame that may need more stack", "block; get 1; global.get 2; wrap; i32.load 16; i32.le_u; if; " + push + "; i32 0; call 5; " + back + "; br_if 1; end; " + made + "; get 1; load 0; drop;" + gone + "; end",
			"block; get 1; global.get 2; wrap; i32.load 16; i32.le_u; if; " + bare + "i32 0; call 5; br_if 1; else; end; " + enter("15") + "get 6; load 8; drop;" + gone + "; end"},
		{"a frame and a helper", made + "; call 7; " + back + "; set 2; get 1; load 0; drop;" + gone, enter("15") + "call 7; " + back + "; set 2; get 6; load 8; drop;" + gone},
		{"a frame and a tail call", made + "; get 1; load 0; drop; get 1; i32 32; i32.add; tee 1; global.set 0; i32 0; call 5; " + back + "; return",
			enter("15") + "get 6; load 8; drop; get 1; i32 32; i32.add; tee 1; global.set 0; i32 0; call 5; " + back + "; return"},
		{"an offset that would not fit", made + "; get 1; load 0xfffffff9; drop; get 1; load 0; drop;" + gone, enter("15") + "get 1; load 4294967289; drop; get 6; load 8; drop;" + gone},
	} {
		if got := tidied(t, c.in); got != normal(c.want) {
			t.Errorf("%s: became\n%s\nwant\n%s", c.name, got, normal(c.want))
		}
	}
}

// TestNoFrame holds functions whose stack pointer may not be where the prologue has
// put it: their frames stay as they are.
func TestNoFrame(t *testing.T) {
	t.Parallel()
	const use = "; get 1; load 0; drop; "
	for name, in := range map[string]string{
		"no prologue":                       use,
		"a push that was not understood":    push + "; get 2; drop; i32 0; call 5; " + back + use,
		"that and a prologue":               made + use + push + "; get 2; drop; i32 0; call 5; " + back + use,
		"two prologues":                     made + "; " + made + use,
		"the prologue in an if":             "get 2; eqz; if; " + made + "; else; end" + use,
		"the prologue in an else":           "get 2; eqz; if; else; " + made + "; end" + use,
		"a way round the prologue":          "block; block; br 0; end; " + made + "; end" + use,
		"a conditional way round":           "block; block; get 2; wrap; br_if 0; " + made + "; end; end" + use,
		"a conditional way out of an if":    "i32 1; if; get 2; wrap; br_if 0; else; end; " + made + use,
		"a return before the prologue":      "block; i32 0; return; " + made + "; end" + use,
		"another stack":                     made + "; get 2; wrap; tee 1; global.set 0" + use,
		"the stack pointer put aside":       made + "; get 2; wrap; set 1" + use,
		"the frame given back in between":   made + "; get 1; i32 32; i32.add; tee 1; global.set 0" + use + "i32 0; return",
		"the frame given back in an if":     made + "; get 2; eqz; if; get 1; i32 32; i32.add; tee 1; global.set 0; else; end" + use,
		"the stack read back for no reason": made + use + back,
	} {
		if got := tidied(t, in); got != normal(in) {
			t.Errorf("%s: became\n%s\nwas\n%s", name, got, normal(in))
		}
	}
}

// TestTidyStops at functions that tidy does not understand.
func TestTidyStops(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"no lead":            "get 0; if; get 0; call 99; return; end; block; end",
		"an else of nothing": "get 0; if; get 0; call 99; return; end; block; end; else; end; end; end",
	} {
		b := append(append([]byte{}, locals...), assemble(t, text)...)
		if got := tidy(b); string(got) != string(b) {
			t.Errorf("%s: became %x", name, got)
		}
	}
	tidied(t, "else; nop; end; end; end") // must not panic
	if got := tidy([]byte{0xff}); len(got) != 1 {
		t.Errorf("became %x", got)
	}
}
