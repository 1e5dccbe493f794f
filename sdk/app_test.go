package sdk_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/abi"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

func TestNewAppRefusesMistakes(t *testing.T) {
	t.Parallel()
	none := func(*sdk.Tx, debit) (debit, error) { return debit{}, nil }
	for want, parts := range map[string][]sdk.Part{
		"the command cards.take  twice":          {take.Handle(none), take.Handle(none)},
		"the query cards.take  twice":            {take.Handle(none), sdk.Query[debit, debit]{Name: "cards.take"}.Handle(nil)},
		"the fill shop.pay cash twice":           {sdk.CommandSlot[debit, debit]{Name: "shop.pay"}.Fill("cash", none), sdk.CommandSlot[debit, debit]{Name: "shop.pay"}.Fill("cash", none)},
		`a command named "": names are`:          {sdk.Command[debit, debit]{}.Handle(none)},
		`a command named "take": names are`:      {sdk.Command[debit, debit]{Name: "take"}.Handle(none)},
		`a timer named "": names are`:            {sdk.Timer[debit]{}.On(nil)},
		"the collection products twice":          {products, products},
		"a collection without a name":            {sdk.Collection[product]{}},
		"the counter uses twice":                 {couponUses, couponUses},
		"a counter without a name":               {sdk.Counter{}},
		"the effect delivery  twice":             {delivery.Handle(deliver, nil), delivery.Handle(deliver, nil)},
		"the job lower  twice":                   {lower.Handle(lowerSome), lower.Handle(lowerSome)},
		"the migration expand 2 twice":           {split, split},
		"migrates to version 1: the first":       {sdk.Migration[place]{Version: 1, Expand: split.Expand}},
		"migrates to version 2 and does nothing": {sdk.Migration[place]{Version: 2}},
		"the derived value by_brand twice":       {byBrands, byBrands},
		"a derived value without a name":         {&sdk.Derived[place]{}},
		"no Build for the derived value x":       {&sdk.Derived[place]{Name: "x"}},
		`does sweep daily at "24:00"`:            {sdk.Daily("sweep", "24:00", nil)},
		`does sweep daily at "4:00"`:             {sdk.Daily("sweep", "4:00", nil)},
		`does sweep daily at "04:60"`:            {sdk.Daily("sweep", "04:60", nil)},
		"the daily sweep 05:00 twice":            {sdk.Daily("sweep", "04:00", nil), sdk.Daily("sweep", "05:00", nil)},
		`a daily named ""`:                       {sdk.Daily("", "04:00", nil)},
		"the part settings twice":                {roundingSettings, roundingSettings},
	} {
		if got := panicOf(func() { sdk.NewApp("app", parts...) }); !strings.Contains(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	sdk.NewApp("app", sdk.CommandSlot[debit, debit]{Name: "shop.pay"}.Fill("cash", none), sdk.CommandSlot[debit, debit]{Name: "shop.pay"}.Fill("card", none))
}

func panicOf(fn func()) (text string) {
	defer func() { text = fmt.Sprint(recover()) }()
	fn()
	return ""
}

// TestErrorsWithoutACode: an error that says "ok" must not become an answer.
func TestErrorsWithoutACode(t *testing.T) {
	t.Parallel()
	for name, err := range map[string]error{
		"zero":    &sdk.Error{},
		"ok":      sdk.Fail(0, "reason", "message"),
		"unknown": sdk.Fail(99, "reason", "message"),
		"nil":     (*sdk.Error)(nil),
		"plain":   fmt.Errorf("plain"),
	} {
		env := sdktest.New(t, sdk.NewApp("cards", take.Handle(func(*sdk.Tx, debit) (debit, error) { return debit{}, err })))
		if _, got := sdktest.Run(env, take, debit{}); sdk.CodeOf(got) != sdk.CodeInternal || sdk.ReasonOf(got) != "" {
			t.Errorf("%s ends as %v", name, got)
		}
	}
}

func TestGetManyOverSeveralPages(t *testing.T) {
	t.Parallel()
	const n = 2500
	env := shelf()
	var keys []sdk.Key
	for i := range n {
		keys = append(keys, sdk.K(fmt.Sprint("p", i)))
	}
	for at := 0; at < n; at += 500 {
		if err := env.Update(func(tx *sdk.Tx) error {
			for i := at; i < at+500; i++ {
				if err := products.Put(tx, product{SKU: fmt.Sprint("p", i), Price: int64(i)}); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	err := env.View(func(v *sdk.View) error {
		values, there := products.GetMany(v, keys)
		for i := range n {
			if !there[i] || values[i].Price != int64(i) {
				t.Fatalf("value %d is %+v, %v", i, values[i], there[i])
			}
		}
		values, there = products.GetMany(v, nil)
		if len(values)+len(there) != 0 {
			t.Errorf("of nothing: %v, %v", values, there)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestScanInsideAScan: a loop over a scan may make host calls of its own.
func TestScanInsideAScan(t *testing.T) {
	t.Parallel()
	var got []string
	err := shelf().Update(func(tx *sdk.Tx) error {
		for a := range products.Scan(tx, sdk.Scan{Reverse: true}) {
			for b := range products.Scan(tx, sdk.Scan{Index: "brand", Limit: 1}) {
				got = append(got, a.SKU+b.SKU)
			}
			if err := products.Put(tx, product{SKU: a.SKU, Brand: "Zeta"}); err != nil {
				return err
			}
		}
		return nil
	})
	if want := "socksscarf shirtscarf scarfscarf"; err != nil || strings.Join(got, " ") != want {
		t.Errorf("got %v, %v; want %s", got, err, want)
	}
}

// TestDescriptor: what the host is told of every kind of part.
func TestDescriptor(t *testing.T) {
	t.Parallel()
	d := sdk.NewApp("shelf", split, products, byBrands, delivery.Handle(deliver, delivered), lower.Handle(lowerSome),
		closed.On(func(*sdk.Tx, receipt) error { return nil }).Replayable().AlsoReplayed(),
		sdk.Daily("sweep", "23:59", func(*sdk.Tx) error { return nil })).Descriptor()
	want := []abi.Entry{
		{Kind: abi.EntryMigration, Name: "expand", Key: "2"}, {Kind: abi.EntryMigration, Name: "contract", Key: "2"},
		{Kind: abi.EntryDerive, Name: "derive"}, {Kind: abi.EntryEffect, Name: "delivery"}, {Kind: abi.EntryEffectDone, Name: "delivery"},
		{Kind: abi.EntryJob, Name: "lower"}, {Kind: abi.EntryEvent, Name: "counter.closed", Flags: abi.FlagReplayable | abi.FlagReplayed},
		{Kind: abi.EntryDaily, Name: "sweep", Key: "23:59"},
	}
	if !slices.Equal(d.Entries, want) || !slices.Equal(d.Derived, []string{"by_brand"}) || d.DataVersion != 2 {
		t.Errorf("entries %+v, derived %v, data version %d", d.Entries, d.Derived, d.DataVersion)
	}
	for want, parts := range map[int][]sdk.Part{0: nil, 1: {couponUses}} {
		if got := sdk.NewApp("app", parts...).Descriptor().DataVersion; got != want {
			t.Errorf("data version %d, want %d", got, want)
		}
	}
}
