package customers

import "github.com/bottega-retail/bottega/sdk/retail"

// Group is a set of customers that somebody keeps by hand or by rule.
type Group struct {
	ID   string `json:"id"`   // 1 to 64 letters, digits, points, hyphens and underscores
	Name string `json:"name"` // 1 to 200 characters
}

// GroupsIn asks for a page of groups.
type GroupsIn struct {
	Cursor string `json:"cursor,omitempty"`
	Limit  int64  `json:"limit,omitempty"` // 1 to MaxPage; 0 is 50
}

// GroupsOut is one page.
type GroupsOut struct {
	Groups []Group `json:"groups"`
	Cursor string  `json:"cursor,omitempty"` // "" at the end
}

// MembersIn names customers and a group.
type MembersIn struct {
	Group     string              `json:"group"`
	Customers []retail.CustomerID `json:"customers"` // at most MaxMembers
}

// MembersOut says how many it was news for.
type MembersOut struct {
	Changed int64 `json:"changed"`
}

// GroupEvent tells that a customer joined or left a group.
type GroupEvent struct {
	Customer retail.CustomerID `json:"customer"`
	Group    string            `json:"group"`
	Member   bool              `json:"member"` // from now on
}

// SetTierIn moves a customer to a tier.
type SetTierIn struct {
	Customer retail.CustomerID `json:"customer"`
	Tier     string            `json:"tier"`   // an id like a group's; "" is none
	Reason   string            `json:"reason"` // 1 to 200 characters
}

// TierChange is an entry of the history of tiers.
type TierChange struct {
	ID       string            `json:"id"` // ULID
	Customer retail.CustomerID `json:"customer"`
	From     string            `json:"from,omitempty"`
	To       string            `json:"to,omitempty"`
	Reason   string            `json:"reason,omitempty"` // "" of an erased person
	At       retail.Instant    `json:"at"`
}

// TierHistoryOut is one page.
type TierHistoryOut struct {
	Changes []TierChange `json:"changes"`
	Cursor  string       `json:"cursor,omitempty"` // "" at the end
}

// TierEvent tells that a customer moved to another tier.
type TierEvent struct {
	Customer retail.CustomerID `json:"customer"`
	From     string            `json:"from,omitempty"`
	To       string            `json:"to,omitempty"`
}
