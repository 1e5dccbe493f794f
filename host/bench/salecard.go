package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"time"

	"github.com/bottega-retail/bottega/host/bench/internal/result"
	"github.com/bottega-retail/bottega/host/bench/internal/shop"
)

// The rows of the sale that a gift card pays a part of. Those of tills have their number
// behind them, and of each number there are the figures of tillFigures.
const (
	rowCard      = "card"
	rowCardHops  = "card.hops"
	rowCardUnits = "card.units"
	rowCardMoney = "card.money"
)

// cardTills are the numbers of tills, and how long they sell in one turn.
var cardTills = []struct {
	n     int
	slice time.Duration
}{{1, time.Second}, {8, time.Second}, {64, 2 * time.Second}}

// cardRows sells as saleRows does, with the app vouchers beside the others: a gift card
// pays a part of every sale, so that quote, stock and card commit together.
var cardRows = experiment{name: "the sale with quote, stock and gift card", rows: cardRowIDs(), run: measureCard}

func cardRowIDs() (ids []string) {
	for _, c := range cardTills {
		id := fmt.Sprintf("%s.%d", rowCard, c.n)
		ids = append(ids, id, id+".p50", id+".p99", id+".cpu")
	}
	return append(ids, rowCardHops, rowCardUnits, rowCardMoney)
}

// cardApps are what such a sale needs.
var cardApps = append([]string{"vouchers"}, ownApps...)

func measureCard(ctx context.Context, b *bench) (rows []result.Row, err error) {
	modules := filepath.Join(b.work, "card-apps")
	if err := onlyApps(b.built, modules, cardApps...); err != nil {
		return nil, err
	}
	s, err := openSides(ctx, b, "card", modules)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	if err := s.giveCards(ctx); err != nil {
		return nil, err
	}
	if err := s.agree(ctx); err != nil {
		return nil, err
	}
	for _, c := range cardTills {
		turns, err := s.compare(ctx, b, c.n, c.slice)
		if err != nil {
			return rows, err
		}
		id := fmt.Sprintf("%s.%d", rowCard, c.n)
		row := func(suffix, unit string, samples [][]float64) result.Row {
			return against(id+suffix, unit, samples[0], "net/http + bbolt Update", samples[1])
		}
		rows = append(rows, row("", "sales/s", turned(turns, perSecond)), row(".p50", "ms", turned(turns, tillP50)),
			row(".p99", "ms p99", turned(turns, tillP99)), row(".cpu", "ms CPU", turned(turns, perSale)))
		rows[len(rows)-1].Note = "processor time of one sale, that of the tills in it, which is the same on both sides"
	}
	return s.conserved(ctx, b, rows)
}

// giveCards gives each till of both sides a gift card.
func (s *sides) giveCards(ctx context.Context) error {
	s.cards = true
	own, err := shop.IssueCards(manyTills, func(operation string, in, out any) error {
		answer, err := s.tills[0].Post(ctx, operation, in)
		if err != nil || out == nil {
			return err
		}
		return json.Unmarshal(answer, out)
	})
	if err != nil {
		return err
	}
	byHand, err := s.corner.Issue(manyTills, shop.OnCard)
	s.tills[0].GiveCards(own)
	s.tills[1].GiveCards(byHand)
	return err
}

// conserved adds the rows of what must be counted: calls, units, and money on cards.
func (s *sides) conserved(ctx context.Context, b *bench, rows []result.Row) ([]result.Row, error) {
	usage, err := s.usage(ctx)
	if err != nil {
		return rows, err
	}
	own, byHand, err := s.written(ctx, b)
	if err != nil {
		return rows, err
	}
	rows[0].Note = fmt.Sprintf("receipts of %d lines, %d live promotions, cash and %d c of a gift card; one sale writes %d keys and events, by hand %d",
		shop.LinesPerSale, shop.Promotions, shop.CardPays, own, byHand)
	rows = append(rows, result.Row{
		ID: rowCardHops, Unit: "hops", Samples: []float64{usage.hops},
		Note: fmt.Sprintf("calls from app to app per till.close, as the host counts them; %.3f attempts per sale", usage.attempts),
	})
	gone, err := s.gone(ctx)
	if err != nil {
		return rows, err
	}
	sales, units := s.tills[0].Acknowledged()
	rows = append(rows, result.Row{
		ID: rowCardUnits, Unit: "units", Samples: []float64{math.Abs(float64(units - gone))},
		Note: fmt.Sprintf("%d sales acknowledged, %d units sold, %d units gone from the floors", sales, units, gone),
	})
	left, err := s.onCards(ctx)
	if err != nil {
		return rows, err
	}
	spent := int64(shop.OnCard)*manyTills - left
	return append(rows, result.Row{
		ID: rowCardMoney, Unit: "cents", Samples: []float64{math.Abs(float64(sales*shop.CardPays - spent))},
		Note: fmt.Sprintf("%d cents paid with cards on acknowledged receipts, %d gone from the cards, as the liability report says", sales*shop.CardPays, spent),
	}), nil
}

// onCards is what the host's liability report says is on the cards. That the other side's
// cards hold what they should is checked on the way.
func (s *sides) onCards(ctx context.Context) (int64, error) {
	left, err := s.corner.OnCards()
	if err != nil {
		return 0, err
	}
	if sales, _ := s.tills[1].Acknowledged(); left+sales*shop.CardPays != shop.OnCard*manyTills {
		return 0, fmt.Errorf("by hand: %d on the cards after %d sales", left, sales)
	}
	answer, err := s.tills[0].Post(ctx, "vouchers.report", struct{}{})
	if err != nil {
		return 0, err
	}
	var out struct{ Rows []struct{ Outstanding int64 } }
	if err := json.Unmarshal(answer, &out); err != nil {
		return 0, err
	}
	if len(out.Rows) != 1 {
		return 0, fmt.Errorf("the report has %d kinds: %s", len(out.Rows), answer)
	}
	return out.Rows[0].Outstanding, nil
}
