package casefile

import (
	"maps"
	"slices"
)

// plan is how a case is put to our engine: the rules, and what its promotions have
// of their own.
type plan struct {
	rules        Rules
	groupMode    string // of groups that promotions name
	catalogGroup string // mode of a group of all that reduce prices as they are shown
	orderGroup   string // mode of a group of what works on orders
	globalGroup  string // mode of a group of percentages of orders
	base         string // of promotions with several actions
	allBase      string // of all promotions
	buyPick      string
	getPick      string
	oncePick     string
	groupPick    string
	add          bool // free units come on top
	overrun      string
	keepUses     bool // cancelled orders stay used
	perLine      bool // conditions on goods are asked of each line
	submission   bool // codes work in the order they were given
	lastCode     bool // of several codes only the last one counts
	handFirst    bool // what is given by hand keeps codes off the same goods
	endIncluded  bool // a period holds at its last instant, too
}

// newPlan is the base options.
func newPlan() *plan {
	return &plan{rules: Rules{TieBreak: "line", Merge: "lines"}, groupMode: "best"}
}

// option is what a value of a key asks of our engine.
type option func(*plan)

// plan is the options under which a case holds.
func (c *Case) plan() (*plan, error) {
	p := newPlan()
	table := meanings()
	for _, key := range slices.Sorted(maps.Keys(c.Semantics)) {
		set, ok := table[key][string(c.Semantics[key])]
		if !ok {
			return nil, missing(key, c.Semantics[key])
		}
		set(p)
	}
	return p, nil
}

// Meanings lists the values of each key of semantics that we have an option for,
// as key=value, sorted.
func Meanings() (all []string) {
	for key, values := range meanings() {
		for value := range values {
			all = append(all, key+"="+value)
		}
	}
	all = slices.Concat(all, values(tenderMeanings()), values(stockMeanings()), values(returnMeanings()))
	slices.Sort(all)
	return slices.Compact(all)
}

// usual is an option that our engine knows only one way of, which is this one.
func usual(*plan) {}

// each gives several values one meaning.
func each(set option, values ...string) map[string]option {
	all := map[string]option{}
	for _, v := range values {
		all[v] = set
	}
	return all
}

// join makes one table of several.
func join(tables ...map[string]option) map[string]option {
	all := map[string]option{}
	for _, t := range tables {
		maps.Copy(all, t)
	}
	return all
}

// meanings is what each value of each key asks of our engine.
func meanings() map[string]map[string]option {
	all := map[string]map[string]option{}
	maps.Copy(all, orderMeanings())
	maps.Copy(all, moneyMeanings())
	maps.Copy(all, unitMeanings())
	maps.Copy(all, limitMeanings())
	maps.Copy(all, priceMeanings())
	return all
}

// orderMeanings says who works when, and on what.
func orderMeanings() map[string]map[string]option {
	classes := func(p *plan) { p.rules.Classes = "line_then_order" }
	perLine := func(p *plan) { p.rules.LaneMode = "best_per_line" }
	return map[string]map[string]option{
		"stacking": join(
			each(usual, "sequential_on_remaining", "sequential", "all", "compound", "cumulative", "catalog_then_voucher", "catalog_then_cart", "lanes_sequential"),
			each(classes, "line_then_order"),
			each(perLine, "lanes_sequential_best_within_lane", "best_within_lane", "best_in_lane", "best_per_line"),
			each(func(p *plan) { p.rules.LaneMode = "best" }, "best_only", "best_of_all"),
			each(func(p *plan) { p.groupMode = "best" }, "best_in_group", "best_of_group", "best_per_group"),
			each(func(p *plan) { p.groupMode = "best_per_line" }, "best_per_line_in_group"),
			each(func(p *plan) { p.catalogGroup = "best_per_line" }, "best_catalog_rule"),
			each(func(p *plan) { p.orderGroup = "best" }, "best_single_order_rule"),
			each(func(p *plan) { p.globalGroup = "best" }, "one_percent_global_discount_best"),
			each(func(p *plan) { p.allBase = "list" }, "add_on_list_price", "all_on_list_price"),
			each(func(p *plan) { p.lastCode = true }, "one_voucher_last_code_wins", "one_voucher", "last_code_wins"),
			each(func(p *plan) { p.handFirst = true }, "manual_replaces_voucher", "manual_replaces_code"),
		),
		"order": join(
			each(func(p *plan) { p.rules.Order, p.submission = "submission", true }, "submission", "claiming", "as_submitted", "as_entered", "entry_order", "code_order", "list_order"),
			each(func(p *plan) { p.rules.Order = "nominal" }, "value_desc", "highest_value_first"),
			each(func(p *plan) { p.rules.Order = "value" }, "discount_desc", "largest_discount_first"),
			each(usual, "priority_desc", "priority"),
		),
		"layers": each(usual, "catalog_then_cart", "catalog_then_voucher", "catalog_then_order", "catalog_before_cart", "line_then_order"),
		"exclusive": each(func(p *plan) { p.rules.ExclusiveRule = "any_exclusive" },
			"any_eligible_exclusive_wins", "highest_priority_exclusive", "any_exclusive"),
		"conditions_evaluated_on": join(
			each(func(p *plan) { p.rules.ConditionBase = "before_this" }, "running_total", "before_this", "remaining", "discounted_total", "after_prior"),
			each(func(p *plan) { p.rules.ConditionBase = "list" }, "undiscounted_subtotal", "list", "list_price", "original_subtotal", "before_discounts", "subtotal_before_discounts"),
			each(func(p *plan) { p.rules.ConditionBase = "after_all_line" }, "after_all_line", "after_line_discounts"),
		),
		"condition_scope": join(
			each(usual, "order"),
			each(func(p *plan) { p.perLine = true }, "line"),
		),
		"multi_action": join(
			each(usual, "each_line_by_its_own_action", "each_on_own_target", "each_on_its_own_target", "sequential_on_remaining", "sequential"),
			each(func(p *plan) { p.base = "start" }, "add_on_list_price", "add_on_price_before", "added_on_list_price", "sum_on_list_price"),
		),
	}
}

// moneyMeanings says how amounts are shared and rounded.
func moneyMeanings() map[string]map[string]option {
	rules := func(set func(*Rules, string)) func(string) option {
		return func(to string) option { return func(p *plan) { set(&p.rules, to) } }
	}
	share := rules(func(r *Rules, v string) { r.Proration = v })
	tie := rules(func(r *Rules, v string) { r.TieBreak = v })
	zero := rules(func(r *Rules, v string) { r.ZeroWeight = v })
	round := rules(func(r *Rules, v string) { r.Rounding = v })
	level := rules(func(r *Rules, v string) { r.RoundAt = v })
	tax := rules(func(r *Rules, v string) { r.TaxRound = v })
	basis := rules(func(r *Rules, v string) { r.AmountVAT = v })
	over := rules(func(r *Rules, v string) { r.Overflow = v })
	return map[string]map[string]option{
		"proration": join(
			each(share("largest_remainder"), "largest_remainder"),
			each(share("half_up_last"), "half_up_last_takes_rest", "half_up_last", "last_takes_rest"),
			each(share("round_each_first"), "round_each_then_leftover_to_first"),
			each(share("floor_first"), "floor_then_leftover_to_first"),
		),
		"tie_break": join(
			each(tie("line"), "first_line", "first", "line_order", "cart_order"),
			each(tie("last"), "last_line"),
			each(tie("sku"), "sku", "lowest_sku", "id"),
		),
		"zero_weight": join(
			each(usual, "zero_gets_nothing", "gets_nothing", "nothing", "nothing_distributed", "nothing_when_all_zero"),
			each(zero("equal"), "equal_split_when_all_zero", "equal_split", "even_split"),
		),
		// The price is rounded where peers say so: half a cent that stays in the price
		// does not go into the discount.
		"rounding": join(
			each(round("half_up"), "half_up", "round_half_up", "half_up_on_discount", "discount_half_up", "half_away_from_zero", "half_down_on_price", "price_half_down"),
			each(round("half_down"), "half_down", "half_up_on_price", "half_up_price", "half_up_on_unit_price", "price_half_up", "half_down_on_discount"),
			each(round("half_even"), "half_even", "half_to_even", "bankers", "banker"),
			each(round("down"), "down", "floor", "truncate", "towards_zero", "price_up", "up_on_price"),
			each(round("up"), "up", "ceil", "ceiling", "price_down", "down_on_price"),
		),
		"rounding_level": join(
			each(level("unit"), "unit", "each_unit", "per_unit"),
			each(level("line"), "line", "line_total", "per_line", "catalog_unit_voucher_line_total", "catalog_unit_voucher_line"),
			each(level("order"), "order", "order_total", "total", "sum", "per_order", "catalog_unit_voucher_order", "catalog_unit_voucher_order_total"),
		),
		"tax_rounding": join(
			each(tax("unit"), "unit", "per_unit"),
			each(tax("line"), "line_total", "line", "per_line"),
			each(tax("rate"), "order_total", "order", "rate", "per_rate", "document", "total"),
		),
		"amount_tax_basis": join(
			each(usual, "price_basis_of_cart", "same_as_prices", "as_priced", "as_prices", "cart"),
			each(basis("gross"), "gross", "tax_included", "including_tax"),
			each(basis("net"), "net", "tax_excluded", "excluding_tax"),
		),
		"min_price": each(usual, "floor_per_unit", "unit_floor"),
		"overflow": join(
			each(over("redistribute"), "redistribute_to_other_lines", "redistribute", "redistributed"),
			each(over("lose"), "lose", "lost", "dropped", "not_redistributed"),
		),
	}
}

// unitMeanings says which units count and are discounted.
func unitMeanings() map[string]map[string]option {
	pick := func(at func(*plan) *string) map[string]option {
		to := func(v string) option { return func(p *plan) { *at(p) = v } }
		return join(
			each(to("cheapest"), "cheapest_first", "cheapest"),
			each(to("dearest"), "dearest_first", "dearest", "dearest_then_first_line", "most_expensive_first"),
			each(to("in_order"), "cart_order", "first_line", "in_order", "first_line_first"),
		)
	}
	base := func(v string) option { return func(p *plan) { p.rules.UnitBase = v } }
	return map[string]map[string]option{
		"units": each(usual, "each_unit_consumed_once", "consumed_once", "buy_units_not_discounted"),
		"buy_selection": join(pick(func(p *plan) *string { return &p.buyPick }),
			each(usual, "keep_target_units_for_get")),
		"get_selection":   pick(func(p *plan) *string { return &p.getPick }),
		"once_selection":  pick(func(p *plan) *string { return &p.oncePick }),
		"group_selection": pick(func(p *plan) *string { return &p.groupPick }),
		"buy_get_mode": join(
			each(func(p *plan) { p.add = true }, "add_free_units", "add_units"),
			each(usual, "discount_units_in_cart", "discount_in_cart", "discount_cart_units"),
		),
		"unit_base": join(
			each(usual, "list_unit_price", "picked_units"),
			each(base("list"), "min_of_line_remainder_and_list_price_times_units"),
			each(base("list_less"), "list_price_times_units_minus_line_discounts"),
		),
	}
}

// limitMeanings says what codes, uses and budgets allow.
func limitMeanings() map[string]map[string]option {
	ignored := func(p *plan) { p.rules.CodeCase = "ignored" }
	exact := func(p *plan) { p.rules.CodeCase = "exact" }
	return map[string]map[string]option{
		"budget_overrun": join(
			each(func(p *plan) { p.overrun = "refuse" }, "refuse", "refuse_all", "refused", "reject"),
			each(func(p *plan) { p.overrun = "partial" }, "partial", "clip", "capped", "up_to_budget", "rest"),
		),
		"code_match": join(
			each(ignored, "case_insensitive", "case_insensitive_trimmed", "ignore_case"),
			each(exact, "case_sensitive", "case_sensitive_trimmed", "exact"),
		),
		"cancelled_orders": join(
			each(usual, "give_use_back", "use_given_back", "release_use", "restore_use", "not_counted", "excluded"),
			each(func(p *plan) { p.keepUses = true }, "keep_use", "use_kept", "counted"),
		),
		"window": join(
			each(usual, "instant_bounds", "date_inclusive", "dates_inclusive", "inclusive_dates", "whole_days"),
			each(func(p *plan) { p.endIncluded = true }, "instants_inclusive_both_ends", "instant_bounds_inclusive", "inclusive_instants"),
		),
	}
}

// priceMeanings says which price counts, and which was the lowest.
func priceMeanings() map[string]map[string]option {
	list := func(v string) option { return func(p *plan) { p.rules.List = v } }
	anchor := func(v string) option { return func(p *plan) { p.rules.PriorAnchor = v } }
	return map[string]map[string]option{
		"price_choice": join(
			each(list("specificity"), "most_matching_rules", "most_rules", "most_specific", "specificity"),
			each(list("lowest"), "lowest", "cheapest", "lowest_price"),
			each(list("priority"), "priority", "first_list", "list_priority"),
		),
		"list_over_base": each(usual, "true", "yes", "always", "list_wins", "list_price_wins", "even_if_dearer", "list_wins_even_if_dearer"),
		"window_anchor": join(
			each(anchor("last_change"), "last_price_change"),
			each(anchor("progressive"), "start_of_current_reduction", "current_reduction", "start_of_reduction", "current_reduction_start", "reduction_start"),
		),
		"includes_price_in_force_before_window": each(usual, "true"),
	}
}
