package account

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/bottega-retail/bottega/host/internal/identity"
)

// Bounds of what is written.
const (
	maxName   = 64    // bytes of a name to sign in with
	maxTitle  = 100   // characters
	maxRoles  = 50    // of a user
	maxRights = 500   // of a role or token
	maxStores = 1_000 // of a user or token
	maxKey    = 128   // bytes of an id in a path, of a cursor
)

// Listing is which part of a list is asked for.
type Listing struct {
	Limit int    `json:"limit,omitzero" jsonschema:"at most so many, up to 200; default 50"`
	After string `json:"after,omitzero" jsonschema:"next of the page before"`
}

// checked is the listing with its defaults. Errors: invalid.
func (l Listing) checked() (Listing, error) {
	if l.Limit < 0 {
		return l, invalid("/limit", "This is less than nothing.")
	}
	if l.Limit == 0 {
		l.Limit = 50
	}
	l.Limit = min(l.Limit, 200)
	if l.After != "" && !plain(l.After) {
		e := invalid("/after", "This is no cursor of this list.")
		e.Reason = ReasonCursor
		return l, e
	}
	return l, nil
}

// fold is a name to sign in with as it is compared.
func fold(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

// checkName refuses what is no name to sign in with. It has only letters of ASCII:
// two names that look alike must be alike.
func checkName(name string) error {
	ok := len(name) >= 2 && len(name) <= maxName
	for i := range len(name) {
		c := name[i]
		ok = ok && (c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || strings.IndexByte("._-@+", c) >= 0)
	}
	if !ok {
		return invalid("/name", "A name to sign in with has 2 to 64 letters, digits and . _ - @ +.")
	}
	return nil
}

func checkTitle(pointer, title string) error {
	n := utf8.RuneCountInString(title)
	if n == 0 || n > maxTitle || !utf8.ValidString(title) || strings.ContainsFunc(title, unicode.IsControl) {
		return invalid(pointer, "This is a text of 1 to 100 characters.")
	}
	return nil
}

func checkLanguage(language string) error {
	if language != "it" && language != "en" {
		return invalid("/language", "The languages are it and en.")
	}
	return nil
}

// checkStores refuses a limit to stores that cannot be one. To be limited to no
// store at all is refused too: it is too easily taken for no limit.
func checkStores(stores []string) error {
	if stores == nil {
		return nil
	}
	if len(stores) == 0 || len(stores) > maxStores {
		return invalid("/stores", "Name 1 to 1,000 stores, or leave the field out for all of them.")
	}
	for i, s := range stores {
		if !plain(s) || slices.Contains(stores[:i], s) {
			return invalid("/stores/"+strconv.Itoa(i), "This is no id of a store, or stands twice.")
		}
	}
	return nil
}

func checkRights(rights []string) error {
	if len(rights) == 0 || len(rights) > maxRights {
		return invalid("/rights", "Name 1 to 500 rights.")
	}
	for i, r := range rights {
		if identity.CheckRight(r) != nil || slices.Contains(rights[:i], r) {
			return invalid("/rights/"+strconv.Itoa(i), "This is no right (contract.right or contract.*), or stands twice.")
		}
	}
	return nil
}

// plain says whether a text can be an id: 1 to 128 visible characters of ASCII.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return s != "" && len(s) <= maxKey
}

// slug says whether a text can be the id of a role.
func slug(s string) bool {
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (i == 0 || (c < '0' || c > '9') && c != '-' && c != '_') {
			return false
		}
	}
	return s != "" && len(s) <= 32
}

// known refuses an id that nothing can have, before storage is asked.
func known(id, what string) error {
	if !plain(id) {
		return missing(what)
	}
	return nil
}

// matches refuses a change of what is no longer as the caller saw it.
func matches(ifMatch string, version int) error {
	if now := etag(version); ifMatch != now {
		return errStale(now)
	}
	return nil
}

func etag(version int) string { return strconv.Itoa(version) }
