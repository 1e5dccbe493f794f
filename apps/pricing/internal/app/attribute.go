package app

import (
	"strings"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/pricing/internal/price"
)

// attributesOf are further attributes as the engine wants them: those that promotions
// ask for, and those that goods have. Most have none, and cost nothing. The values are
// shared.
func attributesOf[A pricing.Attribute | catalog.Attribute](all []A) []price.Attribute {
	if len(all) == 0 {
		return nil
	}
	out := make([]price.Attribute, len(all))
	for i, a := range all {
		out[i] = price.Attribute(a)
	}
	return out
}

// attributesFrom are attributes that were tried, as goods have them.
func attributesFrom(all []pricing.Attribute) (out []catalog.Attribute) {
	for _, a := range all {
		out = append(out, catalog.Attribute(a))
	}
	return out
}

// asked writes the further attributes of goods by which promotions tell them apart.
func (n *namedGoods) asked(item *catalog.Item) string {
	if len(n.attributes) == 0 {
		return ""
	}
	var text strings.Builder
	g := lineOf(item, 1, 0).Goods
	for _, name := range n.attributes {
		text.WriteString("\x01" + g.Own(name))
		for _, a := range g.Attributes {
			if a.Name == name {
				text.WriteString("\x02" + strings.Join(a.Values, "\x02"))
			}
		}
	}
	return text.String()
}
