package casefile

import (
	"math"
	"slices"
	"strings"
)

// Stock is the input of stock.try, as JSON names it.
type Stock struct {
	Rules      StockRules  `json:"rules"`
	Levels     []Level     `json:"levels"`
	Operations []StockStep `json:"operations,omitempty"`
	Queries    []StockAsk  `json:"queries,omitempty"`

	inactive []string // locations that count only if they are named
	scale    float64
}

// StockRules are the options of a case.
type StockRules struct {
	Partial      bool `json:"partial,omitempty"`
	Whole        bool `json:"whole,omitempty"`
	Clamp        bool `json:"clamp,omitempty"`
	ReservedOnly bool `json:"reserved_only,omitempty"`
	Negative     bool `json:"negative,omitempty"`
}

// Level is what a location has.
type Level struct {
	Location  string `json:"location"`
	OnHand    int64  `json:"on_hand"`
	Reserved  int64  `json:"reserved,omitempty"`
	Threshold int64  `json:"threshold,omitempty"`
	Available int64  `json:"available,omitempty"`
	Backorder bool   `json:"backorder,omitempty"`
	Untracked bool   `json:"untracked,omitempty"`
}

// StockStep is something that happens.
type StockStep struct {
	Op        string `json:"op"`
	Location  string `json:"location,omitempty"`
	Quantity  int64  `json:"quantity"`
	Key       string `json:"key,omitempty"`
	Backorder bool   `json:"backorder,omitempty"`
}

// StockAsk is a query.
type StockAsk struct {
	Locations []string `json:"locations,omitempty"`
	Quantity  *int64   `json:"quantity,omitempty"`

	about string // available, on_hand, reserved or enough
}

// stockMeanings is what values of semantics ask of stock.try.
func stockMeanings() map[string]map[string]func(*Stock) {
	usual := func(*Stock) {}
	rule := func(set func(*StockRules)) func(*Stock) { return func(s *Stock) { set(&s.Rules) } }
	clamp := to(rule(func(r *StockRules) { r.Clamp = true }), "clamp", "clamped", "to_zero", "floor_at_zero", "clamp_to_zero", "release_all")
	refuse := to(usual, "refuse", "refused", "reject", "rejected", "error", "all_or_nothing")
	reservedOnly := to(rule(func(r *StockRules) { r.ReservedOnly = true }), "reserved_only", "only_reserved", "requires_reservation", "reserved", "true")
	negative := to(rule(func(r *StockRules) { r.Negative = true }), "allowed", "negative_allowed", "allow_negative", "true")
	everywhere := func(s *Stock) {
		for i := range s.Levels {
			s.Levels[i].Backorder = true
		}
	}
	usually := to(usual, "on_hand", "any_on_hand", "reserved_first", "refused", "refuse", "false", "forbidden", "disabled")
	return map[string]map[string]func(*Stock){
		"release_overrun": joined(clamp, refuse), "over_release": joined(clamp, refuse), "release": joined(clamp, refuse),
		"ship": joined(reservedOnly, usually), "ships": joined(reservedOnly, usually), "ship_requires_reservation": joined(reservedOnly, usually),
		"negative_stock": joined(negative, usually), "oversell": joined(negative, usually),
		"backorders": joined(to(everywhere, "allowed", "enabled", "true"), usually), "backorder": joined(to(everywhere, "allowed", "enabled", "true"), usually),
		"add_to_cart": joined(to(usual, "partial", "clip", "clipped", "up_to_available", "as_many_as_available", "available"),
			to(rule(func(r *StockRules) { r.Whole = true }), "whole", "refuse", "refused", "reject", "all_or_nothing", "error")),
		"reserve":     joined(to(rule(func(r *StockRules) { r.Partial = true }), "partial", "clip", "clipped", "up_to_available", "as_many_as_available"), refuse),
		"idempotency": to(usual, "key", "by_key", "same_key_no_effect", "replay"),
		"allocation":  to(usual, "in_order", "first_location_first", "list_order"),
	}
}

// play asks what becomes of levels.
func (c *Case) play(ask Ask) ([]string, error) {
	var err error
	s := c.stock(&err)
	if err == nil {
		err = options(c, stockMeanings(), s)
	}
	if err != nil {
		return nil, err
	}
	s.named()
	var answer Played
	if err := ask(stockIt, s, &answer); err != nil {
		return nil, err
	}
	return c.played(s, &answer)
}

// stock reads the input.
func (c *Case) stock(err *error) *Stock {
	in := objectOf("input", c.Input, "", err)
	s := &Stock{Levels: []Level{}, scale: 1}
	levels, steps, asks := in.objects("on_hand", "levels", "stock"), in.objects("op", "operations", "steps"), in.objects("location", "queries")
	for _, o := range slices.Concat(levels, steps, asks) {
		for name := range o.fields {
			if n := o.plain(name); n != nil && !whole(*n) {
				s.scale = 1_000 // as grams of a kilogram
			}
		}
	}
	backorder, tracked := in.is("backorder", "backorders", "allow_backorder"), in.flag("tracked", "track_inventory", "track_inventory_levels")
	threshold := s.quantity(in, "threshold", "out_of_stock_threshold")
	for _, o := range levels {
		s.level(o, threshold, backorder, tracked)
	}
	for _, o := range steps {
		s.step(o)
	}
	for _, o := range asks {
		s.ask(o)
	}
	in.done("sku")
	return s
}

// plain is a number if the field is one.
func (o *object) plain(name string) *float64 {
	raw := strings.TrimSpace(string(o.fields[name]))
	if raw == "" || raw[0] != '-' && (raw[0] < '0' || raw[0] > '9') {
		return nil
	}
	return o.number(name)
}

// quantity is a number of units, 0 if it is not there.
func (s *Stock) quantity(o *object, names ...string) int64 {
	if n := s.counted(o, names...); n != nil {
		return *n
	}
	return 0
}

// counted is a number of units, nil if it is not there.
func (s *Stock) counted(o *object, names ...string) *int64 {
	n := o.number(names...)
	if n == nil {
		return nil
	}
	units := int64(math.Round(*n * s.scale))
	return &units
}

func (s *Stock) level(o *object, threshold int64, backorder bool, tracked *bool) {
	l := Level{
		Location: o.text("location", "location_id", "warehouse", "id"), OnHand: s.quantity(o, "on_hand", "stocked", "stocked_quantity", "count_on_hand", "quantity"),
		Reserved: s.quantity(o, "reserved", "reserved_quantity", "allocated", "on_hold"), Threshold: threshold,
		Backorder: backorder || o.is("backorder", "backorders", "backorderable", "allow_backorder", "on_demand"),
	}
	if own := s.counted(o, "threshold", "safety_stock", "out_of_stock_threshold"); own != nil {
		l.Threshold = *own
	}
	if own := o.flag("tracked", "track_inventory"); own != nil {
		tracked = own
	}
	l.Untracked = o.is("untracked") || tracked != nil && !*tracked
	if active := o.flag("active"); active != nil && !*active {
		s.inactive = append(s.inactive, l.Location)
	}
	s.Levels = append(s.Levels, l)
	o.done("sku")
}

// stockOps are what peers call operations.
func stockOps() map[string]string {
	all := map[string]string{}
	for op, names := range map[string][]string{
		"reserve": {"reserve", "allocate", "hold"}, "release": {"release", "deallocate", "unreserve", "cancel_reservation"},
		"ship": {"ship", "fulfil", "fulfill", "sell", "decrease"}, "return_to_stock": {"return_to_stock", "restock", "return", "receive", "increase"},
		"adjust": {"adjust"}, "add_to_cart": {"add_to_cart", "cart"},
	} {
		for _, name := range names {
			all[name] = op
		}
	}
	return all
}

func (s *Stock) step(o *object) {
	name := o.text("op", "type", "operation")
	step := StockStep{
		Op: stockOps()[name], Location: o.text("location", "location_id", "warehouse"), Quantity: s.quantity(o, "quantity", "delta"),
		Key: o.text("key", "idempotency_key"), Backorder: o.is("backorder", "allow_backorder"),
	}
	if step.Op == "" {
		o.fail("op=" + name)
	}
	s.Operations = append(s.Operations, step)
	o.done("sku", "line", "order", "reservation")
}

// stockAsks are what peers call questions.
func stockAsks() map[string]string {
	all := map[string]string{"": ""}
	for about, names := range map[string][]string{
		"available": {"available", "availability", "available_quantity", "saleable", "sellable", "stock_level"},
		"on_hand":   {"on_hand", "stocked", "stocked_quantity", "total_on_hand", "count_on_hand"},
		"reserved":  {"reserved", "reserved_quantity", "allocated", "on_hold"},
		"enough":    {"enough", "confirm", "confirm_inventory", "can_supply", "sufficient", "is_sufficient", "check", "in_stock", "is_available", "is_in_stock"},
	} {
		for _, name := range names {
			all[name] = about
		}
	}
	return all
}

func (s *Stock) ask(o *object) {
	kind := o.text("type", "query", "kind", "ask", "op", "what")
	for _, name := range []string{"available", "on_hand", "reserved", "in_stock"} {
		if o.is(name) {
			kind = name
		}
	}
	about, ok := stockAsks()[kind]
	if !ok {
		o.fail("query=" + kind)
	}
	q := StockAsk{Locations: o.texts("locations", "location", "location_ids", "location_id", "warehouses", "warehouse"), Quantity: s.counted(o, "quantity", "at_least", "required", "can_fulfil", "can_fulfill", "can_supply", "enough", "sufficient", "confirm"), about: about}
	if about == "" && q.Quantity != nil {
		q.about = "enough"
	}
	if q.about == "enough" && q.Quantity == nil {
		some := int64(1)
		q.Quantity = &some
	}
	s.Queries = append(s.Queries, q)
	o.done("sku", "id")
}

// named leaves out of questions about all locations those that are not active.
func (s *Stock) named() {
	if len(s.inactive) == 0 {
		return
	}
	active := []string{"–"} // of none but these
	for _, l := range s.Levels {
		if !slices.Contains(s.inactive, l.Location) {
			active = append(active, l.Location)
		}
	}
	for i := range s.Queries {
		if len(s.Queries[i].Locations) == 0 {
			s.Queries[i].Locations = active
		}
	}
}
