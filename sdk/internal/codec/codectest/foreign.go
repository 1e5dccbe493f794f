package codectest

import "github.com/bottega-retail/bottega/sdk/retail"

// Foreign has fields of other packages' types, and lists that may be left out,
// which msgp's generator does only if they are nil.
type Foreign struct {
	Local  Local             `json:"local"`
	Locals []Local           `json:"locals,omitempty"`
	Total  retail.Money      `json:"total"`
	SKUs   []retail.SKU      `json:"skus"`
	At     *retail.Instant   `json:"at,omitempty"`
	Until  retail.Instant    `json:"until,omitempty"`
	Shares []retail.VATShare `json:"shares"`
	Hours  retail.DayHours   `json:"hours"`
	Named  Inners            `json:"named"`
	OTexts []string          `json:"o_texts,omitempty"`
	OBytes []byte            `json:"o_bytes,omitempty"`
	Hash   [4]byte           `json:"hash"`
	Hashes [][4]byte         `json:"hashes"`
	Blobs  [][]byte          `json:"blobs"`
	Nested [][]Inner         `json:"nested"`
}
