package papertest

import (
	"fmt"
	"strings"
)

// bars prints a bar code: EAN-13 (67) or Code 128 (73).
func (p *printer) bars(kind byte) error {
	n, err := p.take(1)
	if err != nil {
		return err
	}
	data, err := p.take(int(n[0]))
	if err != nil {
		return err
	}
	switch kind {
	case 67:
		if len(data) != 13 || strings.Trim(string(data), "0123456789") != "" {
			return fmt.Errorf("%q is no EAN-13", data)
		}
		return p.symbol("EAN13", string(data), 95*int(p.width))
	case 73:
		text, values, err := code128(data)
		if err != nil {
			return err
		}
		return p.symbol("CODE128", text, (11*(values+2)+2)*int(p.width)) // with check digit and stop
	}
	return fmt.Errorf("bar code %d", kind)
}

// code128 reads what GS k is given: {B and {C choose a set. It answers the text and the
// number of values from the start on.
func code128(data []byte) (text string, values int, err error) {
	var set byte
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case c == '{' && i+1 < len(data) && (data[i+1] == 'B' || data[i+1] == 'C') && (set != 'C' || c > 99):
			set, values, i = data[i+1], values+1, i+1
		case set == 'C' && c < 100:
			text, values = text+fmt.Sprintf("%02d", c), values+1
		case set == 'B' && c == '{' && i+1 < len(data) && data[i+1] == '{':
			text, values, i = text+"{", values+1, i+1
		case set == 'B' && c >= ' ' && c <= '~' && c != '{':
			text, values = text+string(rune(c)), values+1
		default:
			return "", 0, fmt.Errorf("byte %d of the bar code %q means nothing", i, data)
		}
	}
	if set == 0 {
		return "", 0, fmt.Errorf("the bar code %q has no set", data)
	}
	return text, values, nil
}

// function obeys GS ( k: a QR code is kept, and then printed.
func (p *printer) function(kind byte) error {
	if kind != 'k' {
		return fmt.Errorf("GS ( %q", kind)
	}
	b, err := p.take(2)
	if err != nil {
		return err
	}
	data, err := p.take(int(b[0]) + int(b[1])<<8)
	if err != nil {
		return err
	}
	if len(data) < 3 || data[0] != 49 {
		return fmt.Errorf("function %q of GS ( k", data)
	}
	switch data[1] {
	case 65, 69: // model and level
	case 67:
		p.width = data[2]
	case 80:
		p.square = string(data[3:])
	case 81:
		return p.symbol("QR", p.square, 25*int(p.width))
	default:
		return fmt.Errorf("function %d of a QR code", data[1])
	}
	return nil
}
