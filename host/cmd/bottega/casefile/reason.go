package casefile

import "slices"

// Accepts says whether a reason of ours means what a reason of a case does. Peers
// name the first thing that they look at and we name the first in an order of
// ours, so that each of theirs stands for several of ours. A reason of theirs that
// is new means anything.
func Accepts(theirs, ours string) bool {
	same, known := reasons()[theirs]
	return !known || theirs == ours || slices.Contains(same, ours)
}

// reasons are the reasons of cases with those of ours that mean the same.
func reasons() map[string][]string {
	people := []string{"customer_unknown", "customer", "customer_group", "tier"}
	missing := []string{"amount_missing", "quantity_missing", "too_much", "no_goods", "not_combinable"}
	bounds := []string{"limit", "usage_limit", "customer_limit", "budget"}
	others := []string{"excluded", "lost_to", "not_combinable"}
	none := []string{"no_goods", "nothing_left", "floor", "price_override", "shipping", "not_combinable", "units_used"}
	return map[string][]string{
		"condition":             slices.Concat(people, missing, []string{"store", "channel", "hours", "past_orders", "shipping"}),
		"condition_group":       people,
		"min_quantity":          append([]string{"units_used"}, missing...),
		"min_subtotal":          missing,
		"no_target":             append([]string{"quantity_missing"}, none...),
		"nothing_left":          append([]string{"quantity_missing", "amount_missing"}, none...),
		"units_consumed":        {"units_used", "quantity_missing", "not_combinable", "no_goods"},
		"budget_exceeded":       bounds,
		"usage_limit":           bounds,
		"usage_limit_customer":  bounds,
		"code_missing":          {"unknown"},
		"invalid":               {"unknown", "code_missing", "inactive"},
		"expired":               {"over"},
		"outside_window":        {"not_started", "over", "expired", "unknown", "hours"},
		"inactive":              {"paused", "unknown"},
		"currency":              {"currency"},
		"channel":               {"store", "unknown"},
		"nth_order":             {"past_orders", "customer_unknown"},
		"excluded_by_exclusive": others,
		"one_global_discount":   append([]string{"nothing_left"}, others...),
		"not_best":              append([]string{"nothing_left"}, others...),
		"not_best_or_min":       slices.Concat([]string{"nothing_left"}, others, missing),
		"no_discount":           append([]string{"budget", "quantity_missing", "amount_missing"}, none...),
	}
}
