package rest

import (
	"mime"
	"net/http"
	"strconv"
	"strings"
	"unicode"

	"github.com/labstack/echo/v4"

	"github.com/bottega-retail/bottega/host/internal/schema"
)

// What a client is shown of a file is not for this site to run: it is saved, it is what it
// says it is and nothing else, and if somebody opens it all the same it is in a room of its
// own without scripts.
const filePolicy = "default-src 'none'; frame-ancestors 'none'; sandbox"

const typeOctets = "application/octet-stream"

// The longest name and type of a file that are sent on.
const (
	maxFileName = 128 // bytes
	maxFileType = 128
)

// file writes a file as it is if the client would rather have it so, and says whether it
// did. JSON is what everybody else gets: who asks for nothing, for anything, or for both.
func file(c echo.Context, f *schema.File) (bool, error) {
	h := c.Response().Header()
	h.Add(echo.HeaderVary, echo.HeaderAccept)
	kind := mediaType(f.Type)
	if !rather(c.Request().Header.Values(echo.HeaderAccept), kind) {
		return false, nil
	}
	h.Set(echo.HeaderContentSecurityPolicy, filePolicy)
	h.Set(echo.HeaderContentDisposition, disposition(f.Name))
	return true, c.Blob(http.StatusOK, kind, f.Content)
}

// mediaType is the type that an app gave if it is one, or that of just any bytes.
func mediaType(given string) string {
	kind, params, err := mime.ParseMediaType(given)
	if err != nil || len(given) > maxFileType || strings.Count(kind, "/") != 1 || strings.Contains(kind, "*") {
		return typeOctets
	}
	if text := mime.FormatMediaType(kind, params); text != "" {
		return text
	}
	return typeOctets
}

// disposition tells a browser to save a file under a name without folders.
func disposition(name string) string {
	name = strings.Map(func(r rune) rune {
		if r == '/' || r == '\\' || r == ':' || !unicode.IsPrint(r) {
			return '-'
		}
		return r
	}, strings.ToValidUTF8(name, "-"))
	name = strings.TrimLeft(name, ".")
	if name == "" || len(name) > maxFileName {
		return "attachment"
	}
	return mime.FormatMediaType("attachment", map[string]string{"filename": name})
}

// maxRanges bounds the types that one Accept may name.
const maxRanges = 32

// rather says whether Accept puts a type before JSON (RFC 9110, 12.5.1): of each the most
// specific range counts, and its weight.
func rather(accept []string, kind string) bool {
	kind, _, _ = strings.Cut(kind, ";")
	var wanted, plain weight
	ranges := strings.Split(strings.Join(accept, ","), ",")
	if len(ranges) > maxRanges {
		return false
	}
	for _, r := range ranges {
		name, params, err := mime.ParseMediaType(r)
		if err != nil {
			continue
		}
		q := quality(params["q"])
		wanted.consider(name, kind, q)
		plain.consider(name, echo.MIMEApplicationJSON, q)
	}
	return wanted.q > plain.q
}

// weight is how much a client wants a type, by the most specific range so far.
type weight struct {
	specific int // 1 for */*, 2 for a type's family, 3 for the type
	q        int // thousandths
}

func (w *weight) consider(name, kind string, q int) {
	family, _, _ := strings.Cut(kind, "/")
	specific := 0
	switch name {
	case kind:
		specific = 3
	case family + "/*":
		specific = 2
	case "*/*":
		specific = 1
	}
	if specific > w.specific {
		w.specific, w.q = specific, q
	}
}

// quality reads a weight of up to three decimals, in thousandths. What is none counts as 1.
func quality(text string) int {
	q, err := strconv.ParseFloat(text, 64)
	if err != nil || !(q >= 0 && q <= 1) { // NaN too
		return 1000
	}
	return int(q*1000 + 0.5)
}
