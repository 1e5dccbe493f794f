package app

import (
	"slices"

	"github.com/bottega-retail/bottega/apps/customers"
	"github.com/bottega-retail/bottega/apps/customers/internal/identity"
	"github.com/bottega-retail/bottega/sdk"
)

func putGroup(tx *sdk.Tx, in customers.Group) (customers.Group, error) {
	if !identity.ID(in.ID) {
		return in, sdk.Invalid("/id", "id", "an id has 1 to 64 letters, digits, points, hyphens and underscores")
	}
	if !identity.Label(in.Name, 200) {
		return in, sdk.Invalid("/name", "name", "a group's name has 1 to 200 characters")
	}
	return in, groups.Put(tx, in)
}

func listGroups(v *sdk.View, in customers.GroupsIn) (out customers.GroupsOut, err error) {
	size := pageSize(in.Limit)
	scan := sdk.Scan{Limit: size + 1}
	if in.Cursor != "" {
		scan.From = sdk.K(in.Cursor)
	}
	for g := range groups.Scan(v, scan) {
		if len(out.Groups) == size {
			out.Cursor = g.ID
			break
		}
		out.Groups = append(out.Groups, g)
	}
	return out, nil
}

func addMembers(tx *sdk.Tx, in customers.MembersIn) (customers.MembersOut, error) {
	return members(tx, in, true)
}

func removeMembers(tx *sdk.Tx, in customers.MembersIn) (customers.MembersOut, error) {
	return members(tx, in, false)
}

func members(tx *sdk.Tx, in customers.MembersIn, member bool) (out customers.MembersOut, err error) {
	if len(in.Customers) > customers.MaxMembers {
		return out, sdk.Fail(sdk.CodeTooLarge, "members", "at most 100 customers in one call")
	}
	if _, ok := groups.Get(tx, sdk.K(in.Group)); !ok {
		return out, pointed(sdk.NotFound("group", "there is no group with this id"), "/group")
	}
	for i, id := range in.Customers {
		p, err := customer(tx, id, element("customers", i))
		if err != nil {
			return out, err
		}
		news, err := belong(tx, &p, in.Group, member, element("customers", i))
		if err != nil {
			return out, err
		}
		if news {
			out.Changed++
		}
	}
	return out, nil
}

// belong puts a customer into a group or out of it, and answers whether that is
// news.
func belong(tx *sdk.Tx, p *ProfileRecord, group string, member bool, pointer string) (bool, error) {
	i, is := slices.BinarySearch(p.Groups, group)
	switch {
	case is == member:
		return false, nil
	case !member:
		p.Groups = slices.Delete(p.Groups, i, i+1)
	case len(p.Groups) == customers.MaxGroups:
		return false, pointed(sdk.Fail(sdk.CodeTooLarge, "groups", "a customer is in at most 50 groups"), pointer)
	default:
		p.Groups = slices.Insert(p.Groups, i, group)
	}
	if err := profiles.Put(tx, *p); err != nil {
		return false, err
	}
	return true, customers.GroupChanged.Emit(tx, customers.GroupEvent{Customer: p.ID, Group: group, Member: member})
}

func setTier(tx *sdk.Tx, in customers.SetTierIn) (customers.TierChange, error) {
	p, err := customer(tx, in.Customer, "/customer")
	if err != nil {
		return customers.TierChange{}, err
	}
	known := settings.Get(tx).Tiers
	switch {
	case in.Tier != "" && (!identity.ID(in.Tier) || len(known) > 0 && !slices.Contains(known, in.Tier)):
		return customers.TierChange{}, sdk.Invalid("/tier", "tier", "the tier is not one of the retailer's")
	case !identity.Label(in.Reason, 200):
		return customers.TierChange{}, sdk.Invalid("/reason", "reason", "a reason has 1 to 200 characters")
	}
	change := customers.TierChange{ID: tx.NewID(), Customer: p.ID, From: p.Tier, To: in.Tier, Reason: in.Reason, At: tx.Now()}
	if p.Tier == in.Tier {
		return lastTier(tx, change), nil
	}
	p.Tier = in.Tier
	if err := profiles.Put(tx, p); err != nil {
		return change, err
	}
	if err := tiers.Insert(tx, change); err != nil {
		return change, err
	}
	change.Reason = ""
	return change, customers.TierChanged.Emit(tx, customers.TierEvent{Customer: p.ID, From: change.From, To: change.To})
}

// lastTier is the change that made a customer's tier what it is; for one who
// never had any, none.
func lastTier(r sdk.Reader, none customers.TierChange) customers.TierChange {
	for t := range tiers.Scan(r, sdk.Scan{Prefix: sdk.K(none.Customer), Reverse: true, Limit: 1}) {
		t.Reason = ""
		return t
	}
	none.ID, none.Reason = "", ""
	return none
}

// history is the scan of what was recorded of a customer, the newest first, one
// more than a page.
func history(in *customers.HistoryIn) (s sdk.Scan, size int) {
	size = pageSize(in.Limit)
	s = sdk.Scan{Prefix: sdk.K(in.Customer), Reverse: true, Limit: size + 1}
	if in.Cursor != "" {
		s.To = sdk.K(in.Cursor)
	}
	return s, size
}

func tierHistory(v *sdk.View, in customers.HistoryIn) (out customers.TierHistoryOut, err error) {
	scan, size := history(&in)
	for t := range tiers.Scan(v, scan) {
		if len(out.Changes) == size {
			out.Cursor = out.Changes[size-1].ID
			break
		}
		out.Changes = append(out.Changes, t)
	}
	return out, nil
}

func list(v *sdk.View, in customers.ListIn) (out customers.ListOut, err error) {
	size := pageSize(in.Limit)
	scan := sdk.Scan{Limit: size + 1}
	switch {
	case in.Group != "" && in.Tier != "":
		return out, sdk.Invalid("", "filter", "customers are listed by group or by tier")
	case in.Group != "":
		scan.Index, scan.Prefix = "group", sdk.K(in.Group)
	case in.Tier != "":
		scan.Index, scan.Prefix = "tier", sdk.K(in.Tier)
	}
	if in.Cursor != "" {
		scan.From = sdk.K(in.Cursor)
	}
	for p := range profiles.Scan(v, scan) {
		if len(out.Customers) == size {
			out.Cursor = string(p.ID)
			break
		}
		out.Customers = append(out.Customers, summary(&p))
	}
	return out, nil
}

func summary(p *ProfileRecord) customers.Summary {
	return customers.Summary{ID: p.ID, Name: p.Profile.Name, Groups: p.Groups, Tier: p.Tier, Created: p.Created}
}
