package registry

import (
	"strconv"

	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// Entries are the handlers that a manifest announces, in no order.
func Entries(p *manifest.Provides) []abi.Entry {
	var all []abi.Entry
	add := func(kind abi.EntryKind, name, key string) {
		all = append(all, abi.Entry{Kind: kind, Name: name, Key: key})
	}
	for _, o := range p.Operations {
		add(operationKind(o.Kind), o.Name, "")
	}
	for _, f := range p.Fills {
		add(fillKind(f.Key), f.Slot, f.Key)
	}
	for _, s := range p.Subscribes {
		all = append(all, abi.Entry{Kind: abi.EntryEvent, Name: s.Event, Flags: subscriptionFlags(s), Version: s.Version})
	}
	for _, t := range p.Timers {
		add(abi.EntryTimer, t, "")
	}
	for _, d := range p.Daily {
		add(abi.EntryDaily, d.Name, d.At)
	}
	for _, e := range p.Effects {
		add(abi.EntryEffect, e.Name, "")
		add(abi.EntryEffectDone, e.Name, "")
	}
	for _, j := range p.Jobs {
		add(abi.EntryJob, j.Name, "")
	}
	for _, m := range p.Migrations {
		add(abi.EntryMigration, m.Phase, strconv.Itoa(m.Version))
	}
	if len(p.Derived) > 0 {
		add(abi.EntryDerive, "derive", "")
	}
	return all
}

func subscriptionFlags(s manifest.Subscription) (f abi.EntryFlags) {
	if s.Replayable {
		f |= abi.FlagReplayable
	}
	if s.Replayed {
		f |= abi.FlagReplayed
	}
	return f
}

// fillKind is the kind of filler that has such a key: a query slot has none.
func fillKind(key string) abi.EntryKind {
	if key == "" {
		return abi.EntryQueryFill
	}
	return abi.EntryFill
}

func operationKind(kind string) abi.EntryKind {
	if kind == "query" {
		return abi.EntryQuery
	}
	return abi.EntryCommand
}
