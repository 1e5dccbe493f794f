package app

import (
	"slices"

	"github.com/bottega-retail/bottega/apps/stock"
	"github.com/bottega-retail/bottega/apps/stock/internal/ledger"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

func receiveTransfer(tx *sdk.Tx, in stock.ReceiveTransferIn) (stock.TransferOrder, error) {
	r, err := transfer(tx, in.ID, func(t *stock.TransferOrder) []retail.StoreID { return []retail.StoreID{t.ToStore} })
	if err != nil {
		return stock.TransferOrder{}, err
	}
	t := &r.Transfer
	part := stock.TransferPart{Document: in.Document, Received: in.Lines, Last: in.Last}
	if told, err := r.told(&part); told || err != nil {
		return *t, err
	}
	if t.State != stock.Dispatched && t.State != stock.Disputed {
		return *t, wrongState(t)
	}
	if err = r.checkArrived(tx, in.Lines); err != nil {
		return *t, err
	}
	p, err := newPosting(tx, &stock.Place{ID: t.To, Store: t.ToStore}, stock.Transfer, part.Document, 0)
	if err != nil {
		return *t, err
	}
	disputed, err := r.takeIn(tx, p, in.Lines)
	if err != nil {
		return *t, err
	}
	happened := []sdk.Event[stock.TransferEvent]{stock.TransferReceived}
	switch {
	case r.arrived():
		happened = append(happened, r.close(tx))
	case in.Last:
		t.State, disputed = stock.Disputed, true
	}
	if disputed {
		happened = append(happened, stock.TransferDisputed)
	}
	return r.add(tx, p, part, happened)
}

// told says whether a part was told before, word for word. Errors: conflict, reason
// "document", if it was told otherwise; invalid, reason "document".
func (r *TransferRecord) told(part *stock.TransferPart) (bool, error) {
	for _, old := range r.Transfer.Parts {
		if old.Document != part.Document {
			continue
		}
		if slices.Equal(old.Received, part.Received) && slices.Equal(old.Resolved, part.Resolved) && old.Last == part.Last {
			return true, nil
		}
		return true, documentTaken(part.Document)
	}
	return false, nil
}

// add posts the movement of a part and keeps the part.
func (r *TransferRecord) add(tx *sdk.Tx, p *posting, part stock.TransferPart, happened []sdk.Event[stock.TransferEvent]) (stock.TransferOrder, error) {
	m, err := p.post(tx)
	if err != nil {
		return r.Transfer, err
	}
	part.Movement, part.At, part.Actor = m.ID, tx.Now(), m.Actor
	r.Transfer.Parts = append(r.Transfer.Parts, part)
	return r.save(tx, happened...)
}

func (r *TransferRecord) close(tx *sdk.Tx) sdk.Event[stock.TransferEvent] {
	r.Transfer.State, r.Transfer.Closed = stock.Closed, tx.Now()
	return stock.TransferClosed
}

// checkArrived checks what has arrived; SKUs that were not sent must be goods.
func (r *TransferRecord) checkArrived(tx *sdk.Tx, lines []stock.ReceivedLine) error {
	if len(lines) > stock.MaxLines/2 {
		return tooManyLines()
	}
	var strange []retail.SKU
	for i, l := range lines {
		switch {
		case l.SKU == "" || len(l.SKU) > 256:
			return sdk.Invalid(line(i)+"/sku", "sku", ledger.ErrSKU.Error())
		case !ledger.Countable(l.Quantity) || !ledger.Countable(l.Damaged) || l.Quantity+l.Damaged == 0:
			return sdk.Invalid(line(i)+"/quantity", "quantity", ledger.ErrQuantity.Error())
		case slices.ContainsFunc(lines[:i], func(o stock.ReceivedLine) bool { return o.SKU == l.SKU }):
			return sdk.Invalid(line(i)+"/sku", "lines", "SKU "+string(l.SKU)+" stands twice")
		}
		if !slices.ContainsFunc(r.Transfer.Lines, func(o stock.TransferLine) bool { return o.SKU == l.SKU }) {
			strange = append(strange, l.SKU)
		}
	}
	if len(strange) == 0 {
		return nil
	}
	return goods(tx, strange, func(sku retail.SKU) int {
		return slices.IndexFunc(lines, func(l stock.ReceivedLine) bool { return l.SKU == sku })
	})
}

// takeIn adds the entries of what has arrived: of what is in transit, whole goods first;
// what is more comes from adjustment. It says whether something is other than it was
// sent.
func (r *TransferRecord) takeIn(tx *sdk.Tx, p *posting, lines []stock.ReceivedLine) (disputed bool, err error) {
	to := [2]stock.PlaceID{r.Transfer.To}
	if slices.ContainsFunc(lines, func(l stock.ReceivedLine) bool { return l.Damaged > 0 }) {
		q, err := role(tx, r.Transfer.ToStore, stock.Quarantine)
		if err != nil {
			return false, err
		}
		to[1] = q.ID
	}
	for _, l := range lines {
		x := r.line(l.SKU)
		x.Damaged += l.Damaged
		disputed = disputed || l.Damaged > 0
		for i, q := range [2]retail.Quantity{l.Quantity, l.Damaged} {
			sent := min(q, moving(x))
			if sent > 0 {
				p.add(stock.InTransit, to[i], l.SKU, sent)
				x.Received += sent
			}
			if over := q - sent; over > 0 {
				p.add(stock.Adjustment, to[i], l.SKU, over)
				x.Over += over
				disputed = true
			}
		}
	}
	return disputed, nil
}

func resolveTransfer(tx *sdk.Tx, in stock.ResolveTransferIn) (stock.TransferOrder, error) {
	r, err := transfer(tx, in.ID, bothStores)
	if err != nil {
		return stock.TransferOrder{}, err
	}
	t := &r.Transfer
	part := stock.TransferPart{Document: in.Document, Resolved: in.Lines}
	if told, err := r.told(&part); told || err != nil {
		return *t, err
	}
	if t.State != stock.Dispatched && t.State != stock.Disputed && t.State != stock.Closed {
		return *t, wrongState(t)
	}
	p, err := newPosting(tx, &stock.Place{ID: t.To, Store: t.ToStore}, stock.Transfer, in.Document, 0)
	if err != nil {
		return *t, err
	}
	if len(in.Lines) == 0 || len(in.Lines) > stock.MaxLines {
		return *t, sdk.Invalid("/lines", "lines", "there are no lines, or too many")
	}
	for i, l := range in.Lines {
		if err = r.resolve(p, i, &l); err != nil {
			return *t, err
		}
	}
	happened := []sdk.Event[stock.TransferEvent]{stock.TransferResolved}
	if t.State != stock.Closed && r.arrived() {
		happened = append(happened, r.close(tx))
	}
	return r.add(tx, p, part, happened)
}

// resolve adds the entry of a line and counts it.
func (r *TransferRecord) resolve(p *posting, i int, l *stock.ResolvedLine) error {
	if l.Quantity <= 0 || !ledger.Countable(l.Quantity) {
		return sdk.Invalid(line(i)+"/quantity", "quantity", ledger.ErrQuantity.Error())
	}
	at := slices.IndexFunc(r.Transfer.Lines, func(o stock.TransferLine) bool { return o.SKU == l.SKU })
	if at < 0 {
		return notThere(i, "in_transit", 0)
	}
	x := &r.Transfer.Lines[at]
	switch l.Outcome {
	case stock.OutcomeLost, stock.OutcomeReturned:
		if l.Quantity > moving(x) {
			return notThere(i, "in_transit", moving(x))
		}
	case stock.OutcomeFound:
		if l.Quantity > x.Lost-x.Found {
			return notThere(i, "lost", x.Lost-x.Found)
		}
	default:
		return sdk.Invalid(line(i)+"/outcome", "outcome", "outcomes are lost, returned and found")
	}
	switch l.Outcome {
	case stock.OutcomeLost:
		p.add(stock.InTransit, stock.Adjustment, l.SKU, l.Quantity)
		x.Lost += l.Quantity
	case stock.OutcomeReturned:
		p.add(stock.InTransit, r.Transfer.From, l.SKU, l.Quantity)
		x.Returned += l.Quantity
	case stock.OutcomeFound:
		p.add(stock.Adjustment, r.Transfer.To, l.SKU, l.Quantity)
		x.Found += l.Quantity
	}
	return nil
}

func notThere(i int, reason string, q retail.Quantity) error {
	e := sdk.Fail(sdk.CodeExhausted, reason, "so much is not missing")
	e.Pointer, e.Fields = line(i)+"/quantity", []sdk.Field{sdk.Int("most", int64(q))}
	return e
}
