package identity

import (
	"fmt"
	"slices"
	"strings"
)

// The patterns that include rights of more than one contract.
const (
	All     = "*"   // everything
	AllApps = "*.*" // everything of every app, nothing of the host
)

// house is the contract of the host's own rights.
const house = "host"

// maxRight is the longest name of a right, in bytes.
const maxRight = 128

// Covers says whether a right or pattern includes another. A pattern is "*",
// "*.*" or "contract.*". They form a tree: of two patterns one includes the
// other, or they have nothing in common.
func Covers(have, want string) bool {
	if have == All || have == want && want != "" {
		return true
	}
	contract, _, ok := strings.Cut(want, ".")
	if !ok {
		return false // "" is for who has All
	}
	if have == AllApps {
		return contract != house
	}
	group, ok := strings.CutSuffix(have, ".*")
	return ok && contract == group
}

// CheckRight refuses what is no right and no pattern of rights: contract.right
// in lower case letters, digits, hyphens and underscores.
func CheckRight(right string) error {
	if right == All || right == AllApps {
		return nil
	}
	contract, name, ok := strings.Cut(right, ".")
	if !ok || len(right) > maxRight || !word(contract) || name != "*" && !word(name) {
		return fmt.Errorf("%.128q is no right: it must be contract.right or contract.*", right)
	}
	return nil
}

func word(s string) bool {
	for i := range len(s) {
		c := s[i]
		letter := c >= 'a' && c <= 'z'
		if !letter && (i == 0 || (c < '0' || c > '9') && c != '-' && c != '_') {
			return false
		}
	}
	return s != ""
}

// Role is a bundle of rights under a name.
type Role struct {
	ID     string
	Title  Title
	Rights []string // and patterns
}

// Title is a text for people, in the languages of the house.
type Title struct {
	IT string `json:"it" jsonschema:"in Italian"`
	EN string `json:"en" jsonschema:"in English"`
}

// Union is all that any of the lists includes, sorted, without what another
// entry includes anyway.
func Union(lists ...[]string) []string {
	all := slices.Concat(lists...)
	slices.Sort(all)
	all = slices.Compact(all)
	wider := func(r string) bool {
		return slices.ContainsFunc(all, func(o string) bool { return o != r && Covers(o, r) })
	}
	least := make([]string, 0, len(all))
	for _, r := range all {
		if !wider(r) {
			least = append(least, r)
		}
	}
	return least
}

// Intersect is what both lists include.
func Intersect(a, b []string) []string {
	var both []string
	for _, x := range a {
		for _, y := range b {
			switch {
			case Covers(x, y):
				both = append(both, y)
			case Covers(y, x):
				both = append(both, x)
			}
		}
	}
	return Union(both)
}

// IntersectStores is what both limits to stores allow; nil is no limit.
func IntersectStores(a, b []string) []string {
	if a == nil {
		return slices.Clone(b) // keeps "none at all" apart from "no limit"
	}
	if b == nil {
		return slices.Clone(a)
	}
	both := []string{}
	for _, s := range a {
		if slices.Contains(b, s) {
			both = append(both, s)
		}
	}
	return both
}

// WithinStores says whether a limit to stores allows no more than another.
func WithinStores(stores, limit []string) bool {
	if limit == nil {
		return true
	}
	if stores == nil {
		return false
	}
	return !slices.ContainsFunc(stores, func(s string) bool { return !slices.Contains(limit, s) })
}

// Holds says whether p has all that a bundle of rights and a limit to stores
// would give: nobody may give, or take over, more than he has.
func (p Principal) Holds(rights, stores []string) bool {
	return p.Lacks(rights) == "" && WithinStores(stores, p.Stores)
}

// Lacks is the first of the rights that p does not have, "" if there is none.
func (p Principal) Lacks(rights []string) string {
	for _, r := range rights {
		if !p.May(r) {
			return r
		}
	}
	return ""
}
