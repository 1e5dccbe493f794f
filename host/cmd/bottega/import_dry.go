package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// promised is what a dry run may not find on the host because the import would
// make it first: the reason of a not_found, a space, and the id.
type promised map[string]bool

// promises are what the calls before the steps make.
func promises(before []profileCall) promised {
	made := map[string]string{
		"catalog.put_vat_class": "vat_class", "catalog.put_store": "store", "catalog.put_entity": "entity",
		"pricing.put_list": "list", "stock.put_place": "place",
	}
	p := promised{}
	for _, c := range before {
		if id, ok := c.Input["id"].(string); ok && made[c.Operation] != "" {
			p[made[c.Operation]+" "+id] = true
		}
	}
	return p
}

// promise adds the SKUs of a step that would make them.
func (r *importRun) promise(g *items) {
	if r.step.As != "products" {
		return
	}
	for _, i := range g.all {
		for _, v := range i.skus {
			r.promised["sku "+v] = true
		}
	}
}

// waits says whether an item of a dry run was refused only for something that
// the import would have made by then.
func (r *importRun) waits(it *item, res result) bool {
	return r.dryRun && res.Outcome == refused && res.Code == "not_found" &&
		(r.promised[res.Reason+" "+it.refers] || res.Reason == "sku" && r.promised["sku "+it.sku()])
}

// known finds out, without writing, what became of a batch: all of it in a dry
// run of what has none of its own; and of a delivery, which lines the host has
// already, for stock takes the same document as often as it comes. It is nil if
// the batch has to be sent.
func (r *importRun) known(ctx context.Context, batch []*item) ([]result, error) {
	switch {
	case r.step.As == "prices" && r.dryRun:
		return r.dryPrices(ctx, batch)
	case r.step.As == "deliveries":
		done, err := r.delivered(ctx, batch)
		if done != nil || err != nil {
			return done, err
		}
		if r.dryRun {
			return r.dryDelivery(ctx, batch)
		}
	}
	return nil, nil
}

func outcomes(batch []*item, res result) []result { return slices.Repeat([]result{res}, len(batch)) }

// dryPrices checks the list; prices themselves have nothing to be checked
// against.
func (r *importRun) dryPrices(ctx context.Context, batch []*item) ([]result, error) {
	err := r.client.patient(ctx, "pricing.entries", "", object{"list": batch[0].group, "limit": 1}, nil)
	return dryResults(batch, err)
}

// dryResults are created, or all refused for the same reason.
func dryResults(batch []*item, err error) ([]result, error) {
	var p *problem
	if err != nil && (!errors.As(err, &p) || p.retryable()) {
		return nil, err
	}
	if err != nil {
		return outcomes(batch, result{Outcome: refused, Code: p.Code, Reason: p.Reason, Message: p.Detail}), nil
	}
	return outcomes(batch, result{Outcome: "created"}), nil
}

// dryDelivery checks the place and the SKUs.
func (r *importRun) dryDelivery(ctx context.Context, batch []*item) ([]result, error) {
	var out struct{ Places []struct{ ID string } }
	if err := r.client.patient(ctx, "stock.places", "", object{}, &out); err != nil {
		return nil, err
	}
	place := batch[0].refers
	if !slices.ContainsFunc(out.Places, func(p struct{ ID string }) bool { return p.ID == place }) {
		return outcomes(batch, result{Outcome: refused, Code: "not_found", Reason: "place", Message: "There is no place " + place + "."}), nil
	}
	return r.dryGoods(ctx, batch)
}

// dryGoods asks the catalog for the SKUs of a batch, without the unknown ones
// one after the other.
func (r *importRun) dryGoods(ctx context.Context, batch []*item) ([]result, error) {
	if len(batch) == 0 {
		return nil, nil
	}
	skus := make([]string, len(batch))
	for i, it := range batch {
		skus[i] = it.sku()
	}
	err := r.client.patient(ctx, "catalog.products", "", object{"skus": skus}, nil)
	var p *problem
	if errors.As(err, &p) {
		if i, _ := (request{list: "skus"}).at(p.Pointer, len(batch)); i >= 0 {
			done, err := r.dryGoods(ctx, without(batch, i))
			if err != nil {
				return nil, err
			}
			return slices.Insert(done, i, result{Outcome: refused, Code: p.Code, Reason: p.Reason, Message: cmp.Or(p.Detail, "There is no SKU "+skus[i]+".")}), nil
		}
	}
	return dryResults(batch, err)
}

// delivered tells lines that the batch's document has brought to the place
// already from new ones, and sends only these. It is nil if all are new.
func (r *importRun) delivered(ctx context.Context, batch []*item) ([]result, error) {
	there, err := r.received(ctx, batch[0].group)
	if err != nil {
		return nil, err
	}
	var rest []*item
	done := make([]result, len(batch))
	for i, it := range batch {
		quantity, known := there[it.sku()]
		switch {
		case !known:
			rest = append(rest, it)
		case quantity == it.quantity:
			done[i] = result{Outcome: "known"}
		default:
			done[i] = result{Outcome: refused, Code: "conflict", Reason: "differs", Message: fmt.Sprintf("The document has brought %d of it already.", quantity)}
		}
	}
	if len(rest) == len(batch) {
		return nil, nil
	}
	sent, err := r.deliver(ctx, rest)
	if err != nil {
		return nil, err
	}
	for i := range done {
		if done[i].Outcome == "" {
			done[i], sent = sent[0], sent[1:]
		}
	}
	return done, nil
}

// received is what a document has brought to a place, by SKU.
func (r *importRun) received(ctx context.Context, group string) (map[string]int64, error) {
	place, document, _ := strings.Cut(group, "\x00")
	type page struct {
		Movements []struct {
			Reason  string
			Entries []struct {
				SKU, To  string
				Quantity int64
			}
		}
		Cursor string
	}
	there := map[string]int64{}
	err := pages(ctx, r.client, "stock.movements", object{"document": document, "limit": 200}, func(p *page) string { return p.Cursor }, func(p *page) {
		for _, m := range p.Movements {
			for _, e := range m.Entries {
				if m.Reason == "receipt" && e.To == place {
					there[e.SKU] += e.Quantity
				}
			}
		}
	})
	return there, err
}
