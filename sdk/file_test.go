package sdk_test

import (
	"testing"

	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/internal/codec"
)

// mirror has the fields of a file without its codec, so that reflection writes it.
type mirror struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	Content []byte `json:"content"`
}

// The codec that is written by hand is the one that the build would write.
func TestFileCrosses(t *testing.T) {
	t.Parallel()
	for _, f := range []sdk.File{{}, {Name: "MI-01-3-417.pdf", Type: "application/pdf", Content: []byte("%PDF\x00\xff")}} {
		m := mirror(f)
		got, err := codec.Append(nil, &f)
		want, bad := codec.Append(nil, &m)
		if err != nil || bad != nil || string(got) != string(want) {
			t.Errorf("%q, %v, not %q, %v", got, err, want, bad)
		}
		var back sdk.File
		if err := codec.Parse(got, &back); err != nil || back.Name != f.Name || back.Type != f.Type || string(back.Content) != string(f.Content) {
			t.Errorf("%+v, %v", back, err)
		}
	}
}
