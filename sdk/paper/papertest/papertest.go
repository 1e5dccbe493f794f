// Package papertest reads what package paper writes, for tests: [Print] is a receipt
// printer that shows its paper as text, [Read] is a reader of PDF that says what stands
// on each page. Both refuse what a real one would not understand. They know the commands
// and operators that package paper uses, and no others.
package papertest

import (
	"errors"
	"fmt"
	"strings"
)

// ErrEnd is a command or a text that ends too early.
var ErrEnd = errors.New("the data end within a command")

// Print is the paper that a printer with so many columns makes of ESC/POS. Each line
// stands between bars; behind it stands how it looks: bold, tall, or the symbol that is
// printed there. A symbol is drawn as its name and text:
//
//	|             EMPORIO DEMO             | bold tall
//	|                         TOTALE  59,80| bold
//	|         <CODE128 MI-01.3.417.26>     |
//	|- - - - - - - - - - - - - - - - - - - | cut
//
// A line that is longer than the paper is an error, as it would run over its edge.
func Print(data []byte, columns int) (string, error) {
	p := printer{in: data, columns: columns}
	for len(p.in) > 0 {
		if err := p.next(); err != nil {
			return p.out.String(), err
		}
	}
	if p.text != "" {
		return p.out.String(), errors.New("the last line does not end")
	}
	return p.out.String(), nil
}

// printer is a receipt printer.
type printer struct {
	in      []byte
	out     strings.Builder
	columns int

	page       int // code page
	text       string
	bold, tall bool
	centre     bool
	width      byte // of a bar's module
	square     string
}

const (
	esc = 0x1b
	gs  = 0x1d
)

// next obeys one byte or command.
func (p *printer) next() error {
	c := p.in[0]
	p.in = p.in[1:]
	switch {
	case c == esc:
		return p.escape()
	case c == gs:
		return p.group()
	case c == '\n':
		p.feed("")
		return nil
	case c < ' ' || c == 0x7f:
		return fmt.Errorf("control character %#02x", c)
	}
	if c >= 0x80 && p.page != 19 {
		return fmt.Errorf("byte %#02x in code page %d", c, p.page)
	}
	p.text += string(letter(c))
	if n := len([]rune(p.text)); n > p.columns {
		return fmt.Errorf("%q is longer than the paper", p.text)
	}
	return nil
}

// take takes so many bytes.
func (p *printer) take(n int) ([]byte, error) {
	if n > len(p.in) {
		return nil, ErrEnd
	}
	b := p.in[:n]
	p.in = p.in[n:]
	return b, nil
}

func (p *printer) escape() error {
	b, err := p.take(1)
	if err != nil {
		return err
	}
	if b[0] == '@' {
		*p = printer{in: p.in, out: p.out, columns: p.columns}
		return nil
	}
	n, err := p.take(1)
	if err != nil {
		return err
	}
	switch b[0] {
	case 't':
		p.page = int(n[0])
	case 'E':
		p.bold = n[0]&1 == 1
	case 'a':
		p.centre = n[0] == 1
	case 'M':
		if n[0] != 0 {
			return fmt.Errorf("font %d", n[0])
		}
	default:
		return fmt.Errorf("ESC %q", b[0])
	}
	return nil
}

func (p *printer) group() error {
	b, err := p.take(2)
	if err != nil {
		return err
	}
	switch n := b[1]; b[0] {
	case '!':
		if n > 1 {
			return fmt.Errorf("characters of size %#02x", n)
		}
		p.tall = n == 1
	case 'w':
		p.width = n
	case 'h', 'H':
	case 'V':
		if _, err := p.take(1); err != nil || n != 'B' {
			return errors.Join(ErrEnd, err)
		}
		p.row(strings.Repeat("- ", p.columns)[:p.columns], "cut")
	case 'k':
		return p.bars(n)
	case '(':
		return p.function(n)
	default:
		return fmt.Errorf("GS %q", b[0])
	}
	return nil
}

// feed ends a line.
func (p *printer) feed(symbol string) {
	var look []string
	if p.bold {
		look = append(look, "bold")
	}
	if p.tall {
		look = append(look, "tall")
	}
	text := p.text + symbol
	if p.centre {
		text = strings.Repeat(" ", max(0, (p.columns-len([]rune(text)))/2)) + text
	}
	p.row(text, strings.Join(look, " "))
	p.text = ""
}

func (p *printer) row(text, look string) {
	line := "|" + text + strings.Repeat(" ", max(0, p.columns-len([]rune(text)))) + "| " + look
	p.out.WriteString(strings.TrimRight(line, " ") + "\n")
}

// symbol prints a code, which stands on a line of its own.
func (p *printer) symbol(name, text string, dots int) error {
	if p.text != "" || len(p.in) == 0 || p.in[0] != '\n' {
		return fmt.Errorf("%s %q is not on a line of its own", name, text)
	}
	if dots > 12*p.columns {
		return fmt.Errorf("%s %q is wider than the paper", name, text)
	}
	p.in = p.in[1:]
	p.feed("<" + name + " " + text + ">")
	return nil
}

// page858 is the upper half of code page 858, as Epson's manuals show it.
var page858 = []rune("ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤" +
	"ðÐÊËÈ€ÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u00ad±‗¾¶§÷¸°¨·¹³²■\u00a0")

func letter(c byte) rune {
	if c < 0x80 {
		return rune(c)
	}
	return page858[c-0x80]
}
