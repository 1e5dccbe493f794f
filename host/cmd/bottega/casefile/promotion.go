package casefile

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
)

// promotion is one of a case.
type promotion struct {
	ID              string           `json:"id"`
	Name            string           `json:"name"`
	Title           json.RawMessage  `json:"title"`
	Note            json.RawMessage  `json:"note"`
	Type            string           `json:"type"`
	Value           *float64         `json:"value"`
	AmountByChannel map[string]int64 `json:"amount_by_channel"`
	ValueUsed       *float64         `json:"value_used"`
	Target          string           `json:"target"`
	Allocation      string           `json:"allocation"`
	MaxQuantity     int64            `json:"max_quantity"`
	GroupSize       int64            `json:"group_size"`
	Selection       string           `json:"selection"`
	Filter          []filter         `json:"filter"`
	Conditions      []condition      `json:"conditions"`
	Buy             *buy             `json:"buy"`
	Get             *get             `json:"get"`
	Mode            string           `json:"mode"`
	Item            *item            `json:"item"`
	Cap             *ceiling         `json:"cap"`
	Trigger         string           `json:"trigger"`
	Codes           []string         `json:"codes"`
	Priority        *float64         `json:"priority"`
	Lane            string           `json:"lane"`
	Layer           string           `json:"layer"`
	Group           string           `json:"group"`
	Exclusive       bool             `json:"exclusive"`
	UsageLimit      *int64           `json:"usage_limit"`
	PerCustomer     *int64           `json:"usage_limit_per_customer"`
	Reusable        *bool            `json:"reusable_after_cancel"`
	Budget          *budget          `json:"budget"`
	Window          *window          `json:"window"`
	Status          string           `json:"status"`
	Currency        *string          `json:"currency"`
	Manual          bool             `json:"manual"` // who gives it is no matter of ours
	Base            *float64         `json:"base"`
	Tiers           []tier           `json:"tiers"`
	First           *float64         `json:"first"`
	Additional      *float64         `json:"additional"`
	Actions         []promotion      `json:"actions"`
}

type buy struct {
	MinQuantity int64    `json:"min_quantity"`
	MinAmount   int64    `json:"min_amount"`
	Filter      []filter `json:"filter"`
}

type get struct {
	Quantity int64    `json:"quantity"`
	Filter   []filter `json:"filter"`
	Effect   string   `json:"effect"`
	Value    float64  `json:"value"`
}

type item struct {
	SKU       string `json:"sku"`
	Quantity  int64  `json:"quantity"`
	UnitPrice int64  `json:"unit_price"`
}

type ceiling struct {
	Amount int64  `json:"amount"`
	Scope  string `json:"scope"`
}

type budget struct {
	Type  string `json:"type"`
	Limit int64  `json:"limit"`
	Used  int64  `json:"used"`
}

type window struct {
	From string `json:"from"`
	To   string `json:"to"`
}

type tier struct {
	From         *int64  `json:"from"`
	FromAmount   *int64  `json:"from_"`
	FromSubtotal *int64  `json:"from_subtotal"`
	FromTotal    *int64  `json:"from_total"`
	FromQuantity *int64  `json:"from_quantity"`
	Value        float64 `json:"value"`
}

// mapper puts the promotions of a case into a basket.
type mapper struct {
	c      *Case
	plan   *plan
	basket *Basket
	many   map[string]bool // attributes that no field holds
}

// promotions puts all into the basket, in the order of their work.
func (m *mapper) promotions() error {
	if m.plan.lastCode || m.plan.handFirst {
		m.plan.rules.Classes = "together" // else lines would come before what keeps them out
	}
	list := m.submitted()
	rank := m.ranks(list)
	for i := range list {
		p, err := m.promotion(&list[i])
		if err != nil {
			return err
		}
		p.Stacking.Priority = rank[i]
		m.basket.Promotions = append(m.basket.Promotions, *p)
	}
	return nil
}

// submitted is the list, those with codes in the order in which these were given if
// that is what counts.
func (m *mapper) submitted() []promotion {
	list := slices.Clone(m.c.Promotions)
	if !m.plan.submission {
		return list
	}
	var coded []promotion
	given := func(p promotion) int {
		return slices.IndexFunc(m.c.Context.Codes, func(code string) bool { return slices.Contains(p.Codes, code) })
	}
	for _, p := range list {
		if given(p) >= 0 {
			coded = append(coded, p)
		}
	}
	slices.SortStableFunc(coded, func(a, b promotion) int { return given(a) - given(b) })
	for i, p := range list {
		if given(p) >= 0 {
			list[i], coded = coded[0], coded[1:]
		}
	}
	return list
}

// ranks are priorities that say the order of the list, where its own say nothing.
func (m *mapper) ranks(list []promotion) []int64 {
	order := make([]int, len(list))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(x, y int) int {
		return cmp.Or(cmp.Compare(m.first(&list[y]), m.first(&list[x])), cmp.Compare(value(list[y].Priority), value(list[x].Priority)))
	})
	rank := make([]int64, len(list))
	for place, i := range order {
		rank[i] = int64(len(list) - place)
	}
	return rank
}

// first is larger for what works before all priorities: what is given by hand, or
// the code that was given last.
func (m *mapper) first(p *promotion) int {
	switch {
	case m.plan.handFirst && p.Manual:
		return 1
	case m.plan.lastCode && p.Trigger == "code":
		return slices.IndexFunc(m.c.Context.Codes, func(code string) bool { return slices.Contains(p.Codes, code) }) + 1
	}
	return 0
}

// noCurrency is that of amounts without one (ISO 4217): no basket has it.
const noCurrency = "XXX"

// promotion is one of a case as ours.
func (m *mapper) promotion(p *promotion) (*Promotion, error) {
	out := &Promotion{ID: p.ID, Name: cmp.Or(p.Name, p.ID)}
	if p.Currency != nil {
		out.Currency = cmp.Or(strings.ToUpper(*p.Currency), noCurrency)
	}
	steps := []func(*promotion, *Promotion) error{m.life, m.channel, m.filter, m.conditions, m.stacking, m.effects, m.limits}
	for _, step := range steps {
		if err := step(p, out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// life says when a promotion counts, and with which codes.
func (m *mapper) life(p *promotion, out *Promotion) (err error) {
	switch p.Status {
	case "", "active", "live", "published", "enabled":
	case "draft", "inactive", "disabled":
		out.State = "draft"
	case "paused", "ended":
		out.State = p.Status
	default:
		return missing("status", scalar(p.Status))
	}
	if p.Window != nil {
		if out.Period.From, err = instant(p.Window.From, false); err != nil {
			return err
		}
		if out.Period.To, err = instant(p.Window.To, true); err != nil {
			return err
		}
		if m.plan.endIncluded && out.Period.To > 0 {
			out.Period.To++
		}
	}
	if p.Trigger == "code" {
		if out.Codes = trimmed(p.Codes); len(out.Codes) == 0 {
			out.Codes = []string{p.ID}
		}
	}
	return nil
}

// trimmed are codes without outer blanks.
func trimmed(codes []string) (all []string) {
	for _, c := range codes {
		all = append(all, strings.TrimSpace(c))
	}
	return all
}

// channel takes the value for the channel; where there is none, the promotion does
// not count.
func (m *mapper) channel(p *promotion, out *Promotion) error {
	if p.AmountByChannel == nil {
		return nil
	}
	for name := range p.AmountByChannel {
		out.For.Channels = append(out.For.Channels, name)
	}
	slices.Sort(out.For.Channels)
	value := 1.0 // of a channel that it does not count in: never seen
	if v, ok := p.AmountByChannel[m.c.Context.Channel]; ok {
		value = float64(v)
	}
	p.Value = &value
	return nil
}

// stacking says how a promotion goes together with others.
func (m *mapper) stacking(p *promotion, out *Promotion) error {
	s := &out.Stacking
	s.Base = m.plan.allBase
	if p.Type == "multi" && m.plan.base != "" {
		s.Base = m.plan.base
	}
	switch p.Lane {
	case "", "default":
	case "catalog":
		s.Catalog = true
	case "pre", "post":
		s.Lane = p.Lane
	default:
		return missing("lane", scalar(p.Lane))
	}
	switch p.Layer {
	case "", "cart", "order", "voucher":
	case "catalog":
		s.Catalog = true
	default:
		return missing("layer", scalar(p.Layer))
	}
	if p.Exclusive {
		s.Exclusive = "all"
	}
	m.group(p, s)
	return nil
}

// group puts a promotion together with others of which only the best works.
func (m *mapper) group(p *promotion, s *Stacking) {
	order := p.Target == "order" && p.Layer != "catalog"
	switch {
	case m.plan.lastCode && p.Trigger == "code":
		s.Group, s.Exclusive = "codes", "group"
	case m.plan.handFirst && p.Manual:
		s.Exclusive = "goods"
	case m.plan.catalogGroup != "" && s.Catalog:
		s.Group, s.GroupMode = "catalog", m.plan.catalogGroup
	case p.Group != "":
		s.Group, s.GroupMode = p.Group, m.plan.groupMode
	case m.plan.orderGroup != "" && order && p.Trigger != "code":
		s.Group, s.GroupMode = "order", m.plan.orderGroup
	case m.plan.globalGroup != "" && order && p.Type == "percentage" && len(p.Filter) == 0:
		s.Group, s.GroupMode = "global", m.plan.globalGroup
	}
}

// limits bounds what a promotion gives away.
func (m *mapper) limits(p *promotion, out *Promotion) error {
	l, used := &out.Limits, Use{Promotion: p.ID}
	if err := m.budget(p, l, &used); err != nil {
		return err
	}
	if p.Cap != nil {
		l.Cap = p.Cap.Amount
	}
	if p.UsageLimit != nil {
		l.Uses = *p.UsageLimit
	}
	if p.PerCustomer != nil {
		l.UsesPerCustomer = *p.PerCustomer
	}
	before := m.c.Context.Usage[p.ID]
	who := m.c.Context.Customer
	used.Uses, used.ByCustomer = used.Uses+before.Total, before.ByCustomer[who]
	if keep := m.plan.keepUses || p.Reusable != nil && !*p.Reusable; !keep {
		used.Uses, used.ByCustomer = used.Uses-before.Cancelled, used.ByCustomer-before.CancelledBy[who]
	}
	if nothing(p) || l.Uses == 0 && p.UsageLimit != nil || p.Cap != nil && p.Cap.Amount == 0 {
		out.Effects = []Effect{{Percent: 10_000}}
		l.Cap, l.Budget, used.Spent = 0, 1, 1 // what may give nothing has nothing left to give
	}
	if used != (Use{Promotion: p.ID}) {
		m.basket.Used = append(m.basket.Used, used)
	}
	return nil
}

// budget bounds what a promotion gives away over all baskets.
func (m *mapper) budget(p *promotion, l *Limits, used *Use) error {
	if p.Budget == nil {
		return nil
	}
	l.Overrun = m.plan.overrun
	switch p.Budget.Type {
	case "spend":
		l.Budget, used.Spent = p.Budget.Limit, p.Budget.Used
	case "usage":
		l.Uses, used.Uses = p.Budget.Limit, p.Budget.Used
	default:
		return missing("budget", scalar(p.Budget.Type))
	}
	if p.Budget.Limit == 0 {
		l.Uses, l.Budget, used.Spent = 0, 1, 1
	}
	return nil
}

// nothing says whether a promotion could never take anything off.
func nothing(p *promotion) bool {
	zero := func(v *float64) bool { return v == nil || *v == 0 }
	switch p.Type {
	case "percentage", "amount":
		return zero(p.Value)
	case "first_and_additional":
		return zero(p.First) && zero(p.Additional)
	}
	return false
}
