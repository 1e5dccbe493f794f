package sdk_test

import (
	"fmt"
	"time"

	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

type mail struct {
	To   string `json:"to"`
	Text string `json:"text"`
}

type sent struct {
	Status int64 `json:"status"`
}

// mailAccount is filled in by the retailer; the key never reaches the app.
type mailAccount struct {
	APIKey sdk.Secret `json:"api_key" title:"Key of the mail service"`
}

var (
	account  = sdk.Settings[mailAccount]{}
	send     = sdk.Command[mail, mail]{Name: "mailer.send"}
	delivery = sdk.Effect[mail, sent]{Name: "delivery"}
	states   = sdk.Collection[mailState]{Name: "states", Key: []string{"to"}}
)

type mailState struct {
	To    string `json:"to"`
	State string `json:"state"`
}

func newMailer() *sdk.App {
	return sdk.NewApp("mailer", states, account,
		send.Handle(func(tx *sdk.Tx, in mail) (mail, error) {
			if err := states.Put(tx, mailState{in.To, "waiting"}); err != nil {
				return in, err
			}
			return in, delivery.Start(tx, in.To, in)
		}),
		delivery.Handle(deliver, delivered),
	)
}

// deliver runs outside of every transaction, perhaps more than once: the service
// is told the same key each time.
func deliver(o *sdk.Outside, in mail) (sent, error) {
	r, err := o.HTTP(sdk.Request{
		Method: "POST", URL: "https://mail.example/v1/messages",
		Headers: []sdk.Header{{Name: "Idempotency-Key", Value: o.Info().Key}},
		Secret:  account.Get(o).APIKey, Body: []byte(in.Text),
	})
	if err != nil {
		return sent{}, err
	}
	if r.Status >= 500 {
		return sent{}, sdk.Fail(sdk.CodeUnavailable, "service", "The mail service is down.")
	}
	return sent{int64(r.Status)}, nil
}

// delivered is told once how it ended.
func delivered(tx *sdk.Tx, in mail, out sent, err error) error {
	if err != nil {
		return states.Put(tx, mailState{in.To, "failed: " + sdk.ReasonOf(err)})
	}
	return states.Put(tx, mailState{in.To, fmt.Sprint("sent: ", out.Status)})
}

func ExampleEffect() {
	env := sdktest.New(nil, newMailer(), sdktest.Settings(mailAccount{APIKey: "api_key"}))
	up := false
	env.HTTP(func(r sdk.Request) (sdk.Response, error) {
		fmt.Println(r.Method, r.URL, r.Headers[0].Value, r.Secret, "up:", up)
		if !up {
			return sdk.Response{Status: 503}, nil
		}
		return sdk.Response{Status: 202}, nil
	})
	show := func() {
		_ = env.View(func(v *sdk.View) error {
			s, _ := states.Get(v, sdk.K("anna"))
			fmt.Println(s.State)
			return nil
		})
	}
	_, _ = sdktest.Run(env, send, mail{"anna", "Ciao"})
	_ = env.Settle()
	show()
	up = true
	_ = env.Advance(time.Minute)
	show()
	// Output:
	// POST https://mail.example/v1/messages mailer-delivery-anna api_key up: false
	// waiting
	// POST https://mail.example/v1/messages mailer-delivery-anna api_key up: true
	// sent: 202
}
