package casefile

import (
	"cmp"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strconv"
)

// proration asks how an amount is shared out.
func (c *Case) proration(p *plan) (*Question, error) {
	var in struct {
		Weights []int64 `json:"weights"`
		Amount  int64   `json:"amount"`
	}
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	return &Question{Rules: p.rules, Proration: &Proration{Amount: in.Amount, Weights: in.Weights}}, nil
}

// choice asks who of a group is chosen.
func (c *Case) choice(p *plan) (*Question, error) {
	var in struct {
		Candidates []Candidate `json:"candidates"`
	}
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	return &Question{Rules: p.rules, Choice: in.Candidates}, nil
}

// spending asks what a budget has spent.
func (c *Case) spending(p *plan) (*Question, error) {
	var in struct {
		Budget     budget `json:"budget"`
		Registered []struct {
			Op        string `json:"op"`
			Order     string `json:"order"`
			Promotion string `json:"promotion"`
			Amount    int64  `json:"amount"`
		} `json:"registered"`
	}
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	s := &Spending{Limit: in.Budget.Limit, Used: in.Budget.Used, ByUse: in.Budget.Type == "usage", Overrun: p.overrun, Orders: []Candidate{}}
	for i, r := range in.Registered {
		switch r.Op {
		case "", "register", "use":
			s.Orders = append(s.Orders, Candidate{ID: cmp.Or(r.Order, strconv.Itoa(i+1)), Amount: r.Amount})
		default:
			return nil, missing("registered op", scalar(r.Op))
		}
	}
	return &Question{Rules: p.rules, Spending: s}, nil
}

// prior asks for the lowest price before a reduction. Where nobody shows it, the
// rule is off.
func (c *Case) prior(p *plan) (*Question, error) {
	var in struct {
		PeriodDays int64   `json:"period_days"`
		Enabled    *bool   `json:"enabled"`
		At         string  `json:"at"`
		Events     []event `json:"events"`
	}
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	if in.Enabled != nil && !*in.Enabled {
		in.PeriodDays = -1
	}
	now, err := instant(in.At, false)
	if err != nil {
		return nil, err
	}
	prior := &Prior{Days: in.PeriodDays, At: now, Prices: []PricePoint{}}
	for _, e := range in.Events {
		at, err := instant(e.At, false)
		if err != nil {
			return nil, err
		}
		if at <= now {
			prior.Prices = append(prior.Prices, PricePoint{At: at, Price: e.Price, Original: e.Original})
		}
	}
	slices.SortStableFunc(prior.Prices, func(a, b PricePoint) int { return int(a.At - b.At) })
	return &Question{Rules: p.rules, Prior: prior}, nil
}

// event is a price from an instant on.
type event struct {
	At       string `json:"at"`
	Price    *int64 `json:"price"`
	Original *int64 `json:"original_price"`
}

// price asks which of several prices counts.
func (c *Case) price(p *plan) (*Question, error) {
	var in struct {
		Context map[string]scalars `json:"context"`
		Base    []basePrice        `json:"base_prices"`
		Lists   []priceList        `json:"price_lists"`
	}
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	q := &Price{Currency: c.Currency, Facts: facts(in.Context, "currency", "quantity", "at")}
	if v := in.Context["currency"]; len(v) == 1 {
		q.Currency = string(v[0])
	}
	thousandths, err := q.count(in.Context["quantity"])
	if err != nil {
		return nil, err
	}
	if v := in.Context["at"]; len(v) == 1 {
		if q.At, err = instant(string(v[0]), false); err != nil {
			return nil, err
		}
	}
	q.Base = entries(in.Base)
	for i, l := range in.Lists {
		lists, err := l.lists()
		if err != nil {
			return nil, err
		}
		for _, list := range lists {
			list.Priority = int64(len(in.Lists) - i) // the order of the list
			q.Lists = append(q.Lists, list)
		}
	}
	if thousandths {
		q.scale(1_000)
	}
	return &Question{Rules: p.rules, Price: q}, nil
}

// count is how many units are asked for. A fraction is counted in thousandths, as
// grams of a kilogram.
func (q *Price) count(of scalars) (thousandths bool, err error) {
	if len(of) != 1 {
		return false, nil
	}
	n, err := strconv.ParseFloat(string(of[0]), 64)
	if err != nil {
		return false, missing("quantity", of[0])
	}
	if q.Quantity, err = minor(n); err == nil {
		return false, nil
	}
	if q.Quantity, err = minor(n * 1_000); err != nil {
		return false, missing("quantity", of[0])
	}
	return true, nil
}

// scale counts all that depends on a quantity, but the one that is asked for, in
// smaller units.
func (q *Price) scale(by int64) {
	of := func(entries []Entry) {
		for i := range entries {
			entries[i].MinQuantity, entries[i].MaxQuantity = by*entries[i].MinQuantity, by*entries[i].MaxQuantity
		}
	}
	of(q.Base)
	for _, l := range q.Lists {
		of(l.Prices)
		for i := range l.Formulas {
			l.Formulas[i].MinQuantity *= by
		}
	}
}

type basePrice struct {
	ID          json.RawMessage    `json:"id"`
	Amount      int64              `json:"amount"`
	Currency    string             `json:"currency"`
	MinQuantity *int64             `json:"min_quantity"`
	MaxQuantity *int64             `json:"max_quantity"`
	Rules       map[string]scalars `json:"rules"`
}

type priceList struct {
	ID     string          `json:"id"`
	Title  json.RawMessage `json:"title"`
	Type   string          `json:"type"`
	Rules  json.RawMessage `json:"rules"`
	Window *window         `json:"window"`
	Status string          `json:"status"`
	Prices []basePrice     `json:"prices"`
}

// formula is one of a list whose prices are worked out from the base price.
type formula struct {
	MinQuantity int64   `json:"min_quantity"`
	Type        string  `json:"type"`
	Value       float64 `json:"value"`
	Window      *window `json:"window"`
}

// facts are attributes, but those with fields of their own.
func facts(of map[string]scalars, but ...string) (all []Attribute) {
	for _, name := range slices.Sorted(maps.Keys(of)) {
		if !slices.Contains(but, name) && len(of[name]) > 0 {
			all = append(all, Attribute{Name: name, Values: of[name].texts()})
		}
	}
	return all
}

func entries(of []basePrice) (all []Entry) {
	for _, b := range of {
		e := Entry{Amount: b.Amount, Currency: b.Currency, Facts: facts(b.Rules)}
		if b.MinQuantity != nil {
			e.MinQuantity = *b.MinQuantity
		}
		if b.MaxQuantity != nil {
			e.MaxQuantity = *b.MaxQuantity
		}
		all = append(all, e)
	}
	return all
}

// lists is a price list as ours: one, and one more for each of its formulas that
// has a period of its own.
func (l *priceList) lists() ([]List, error) {
	out := List{ID: l.ID, Prices: entries(l.Prices)}
	switch l.Type {
	case "override":
		out.Override = true
	case "", "sale", "formula":
	default:
		return nil, missing("list type", scalar(l.Type))
	}
	if l.Status != "" && l.Status != "active" {
		return nil, missing("list status", scalar(l.Status))
	}
	var err error
	if out.Period, err = l.Window.period(); err != nil {
		return nil, err
	}
	var asked map[string]scalars
	if len(l.Rules) == 0 || json.Unmarshal(l.Rules, &asked) == nil {
		out.Facts = facts(asked)
		return []List{out}, nil
	}
	var formulas []formula
	if err := json.Unmarshal(l.Rules, &formulas); err != nil {
		return nil, &Missing{Option: "shape of rules: " + err.Error()}
	}
	if s := strange("rules", l.Rules, reflect.TypeFor[[]formula]()); len(s) > 0 {
		return nil, &Missing{Option: "field=" + s[0]}
	}
	out.Override = false // a price that is worked out leaves the one it comes from as it was
	return out.worked(formulas)
}

// worked are a list and its formulas.
func (l *List) worked(formulas []formula) ([]List, error) {
	var timed []List
	for _, f := range formulas {
		to := l
		if f.Window != nil {
			period, err := f.Window.period()
			if err != nil {
				return nil, err
			}
			timed = append(timed, List{ID: l.ID, Override: l.Override, Facts: l.Facts, Period: period})
			to = &timed[len(timed)-1]
		}
		if err := f.into(to); err != nil {
			return nil, err
		}
	}
	if len(l.Formulas)+len(l.Prices) > 0 {
		timed = append(timed, *l)
	}
	return timed, nil
}

// period is when something holds; a nil window is always.
func (w *window) period() (p Period, err error) {
	if w == nil {
		return p, nil
	}
	if p.From, err = instant(w.From, false); err == nil {
		p.To, err = instant(w.To, true)
	}
	return p, err
}

// into puts a formula into a list; one that is a price is an entry.
func (f *formula) into(l *List) (err error) {
	of := FormulaOf{MinQuantity: f.MinQuantity}
	switch f.Type {
	case "fixed", "fixed_price":
		e := Entry{MinQuantity: f.MinQuantity}
		e.Amount, err = minor(f.Value)
		l.Prices = append(l.Prices, e)
		return err
	case "surcharge":
		of.Formula.Surcharge, err = minor(f.Value)
	case "percent_discount", "discount", "percent_off", "percent", "percentage", "percentage_discount":
		of.Formula.Percent, err = points(-f.Value)
	default:
		err = missing("formula", scalar(f.Type))
	}
	l.Formulas = append(l.Formulas, of)
	return err
}
