package app

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// promise is what a token says: that a basket is priced as it was then.
type promise struct {
	generation int64
	at         retail.Instant // of the prices
	until      retail.Instant // first instant at which it is honoured no more
	total      retail.Money   // of the basket, as it was told
	skipped    []string       // fillers of slots that had no part in it
}

// purpose begins what is signed, so that it means nothing for anything else.
const purpose = "quote 1\n"

// text is the promise as the token says it, before the signature.
func (p *promise) text() string {
	return "1." + digits(p.generation) + "." + digits(int64(p.at)) + "." + digits(int64(p.until)) + "." + digits(int64(p.total)) + "." + strings.Join(p.skipped, ",")
}

// parsePromise takes a token apart into what it says and its signature.
func parsePromise(token string) (p promise, mac []byte, ok bool) {
	end := strings.LastIndexByte(token, '.')
	if end < 0 {
		return p, nil, false
	}
	parts := strings.SplitN(token[:end], ".", 6)
	if len(parts) != 6 {
		return p, nil, false
	}
	var numbers [4]int64
	for i := range numbers {
		n, err := strconv.ParseInt(parts[i+1], 10, 64)
		if err != nil {
			return p, nil, false
		}
		numbers[i] = n
	}
	p = promise{generation: numbers[0], at: retail.Instant(numbers[1]), until: retail.Instant(numbers[2]), total: retail.Money(numbers[3])}
	if parts[5] != "" {
		p.skipped = strings.Split(parts[5], ",")
	}
	mac, ok = parseHex(token[end+1:])
	return p, mac, ok && p.text() == token[:end]
}

// callIn takes over what the basket's token promises, if it has one.
func (b *basket) callIn(r sdk.Reader) error {
	if b.in.Token == "" {
		return nil
	}
	p, mac, ok := parsePromise(b.in.Token)
	if !ok || r.Now() >= p.until || p.generation > b.generation || b.in.At != 0 && b.in.At != p.at {
		return noPromise()
	}
	if !sdk.Signed(r, b.signable(r, &p), mac) {
		return noPromise()
	}
	b.promised, b.at, b.generation = p, p.at, p.generation
	return nil
}

func noPromise() error {
	return &sdk.Error{
		Code: sdk.CodeConflict, Reason: "token", Pointer: "/token",
		Message: "This token is no longer valid, or it is of another basket: ask for a new quote.",
	}
}

// promise signs what was answered. A quote that was called in keeps its token.
func (b *basket) promise(r sdk.Reader, out *pricing.QuoteOut, skipped []string) {
	out.Generation = b.generation
	if b.in.Token != "" {
		out.Token, out.ValidUntil = b.in.Token, b.promised.until
		return
	}
	minutes := min(cmp.Or(b.rules.QuoteMinutes, 15), keepEnded/60_000)
	p := promise{generation: b.generation, at: b.at, until: r.Now() + retail.Instant(minutes*60_000), total: out.Total, skipped: skipped}
	out.Token = p.text() + "." + hex(sdk.Sign(r, b.signable(r, &p)))
	out.ValidUntil = p.until
}

// signedAtOnce is how much is signed at once; the host takes twice that.
const signedAtOnce = 32 << 10

// signable is a promise with all that the basket was asked with. Of a long basket
// it is a signature of its beginning with the rest, over and over.
func (b *basket) signable(r sdk.Scope, p *promise) []byte {
	data := make([]byte, 0, 64*(len(b.in.Lines)+4))
	data = append(append(data, purpose...), p.text()...)
	data = appendInput(data, &b.in)
	for len(data) > signedAtOnce {
		rest := data[signedAtOnce:]
		data = append(append([]byte("quote 1, more\n"), sdk.Sign(r, data[:signedAtOnce])...), rest...)
	}
	return data
}

// appendInput writes a basket so that no two write the same, but for its instant
// and token.
func appendInput(b []byte, in *pricing.QuoteIn) []byte {
	b = appendTexts(b, string(in.Store), string(in.Channel), string(in.Customer), in.Tier)
	b = appendTexts(appendNumber(b, int64(len(in.CustomerGroups))), in.CustomerGroups...)
	b = appendOptional(b, in.PastOrders)
	b = appendTexts(appendNumber(b, int64(len(in.Codes))), in.Codes...)
	for i := range in.Lines {
		l := &in.Lines[i]
		b = appendNumber(appendTexts(b, l.ID, string(l.SKU)), int64(l.Quantity))
		b = appendOptional(b, l.PriceOverride)
	}
	b = append(b, '/')
	for i := range in.Shipping {
		s := &in.Shipping[i]
		b = appendNumber(appendNumber(appendTexts(b, s.ID, s.Method), int64(s.Amount)), int64(s.VATRate))
	}
	return b
}

// appendTexts writes texts with their lengths before them.
func appendTexts(b []byte, texts ...string) []byte {
	for _, t := range texts {
		b = append(appendNumber(b, int64(len(t))), t...)
	}
	return b
}

func appendNumber(b []byte, n int64) []byte {
	return append(strconv.AppendInt(b, n, 10), ' ')
}

func appendOptional[N ~int64](b []byte, n *N) []byte {
	if n == nil {
		return append(b, '-', ' ')
	}
	return appendNumber(append(b, '+'), int64(*n))
}

const hexDigits = "0123456789abcdef"

func hex(b []byte) string {
	out := make([]byte, 0, 2*len(b))
	for _, c := range b {
		out = append(out, hexDigits[c>>4], hexDigits[c&15])
	}
	return string(out)
}

// parseHex is the bytes that hex wrote.
func parseHex(s string) ([]byte, bool) {
	out := make([]byte, 0, len(s)/2)
	for ; len(s) >= 2; s = s[2:] {
		high, low := strings.IndexByte(hexDigits, s[0]), strings.IndexByte(hexDigits, s[1])
		if high < 0 || low < 0 {
			return nil, false
		}
		out = append(out, byte(high<<4|low))
	}
	return out, s == ""
}
