package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
)

type eventsVerb struct {
	After  string `help:"Position to begin behind." placeholder:"POSITION"`
	Limit  int    `help:"How many, at most 200." default:"50"`
	Type   string `help:"Only events of these names, separated by commas; contract.* for all of a contract." placeholder:"contract.event"`
	Follow bool   `short:"f" help:"Go on with what happens next, until Ctrl-C."`
	hostFlag
}

func (eventsVerb) Help() string {
	return `Shows what happened, in the order in which it was committed, one CloudEvent of
JSON per line.

Example:
  bottega events --after 918272
  bottega events --follow --type till.closed`
}

// Run prints events.
func (v eventsVerb) Run(ctx context.Context) error {
	query := url.Values{}
	if v.After != "" {
		query.Set("after", v.After)
	}
	if v.Type != "" {
		query.Set("types", v.Type)
	}
	if v.Follow {
		return v.client().tail(ctx, "/v1/host/events/stream?"+query.Encode(), func(m message) error {
			fmt.Println(m.Data)
			return nil
		})
	}
	query.Set("limit", fmt.Sprint(v.Limit))
	var p listPage[json.RawMessage]
	if err := v.client().resource(ctx, http.MethodGet, "events?"+query.Encode(), nil, &p); err != nil {
		return err
	}
	for _, e := range p.Items {
		fmt.Println(string(e))
	}
	if p.Next != "" {
		fmt.Fprintf(os.Stderr, "\nnext:\n  bottega events --after %s%s\n", p.Next, v.again())
	}
	return nil
}

// again are the flags that the next page needs too.
func (v eventsVerb) again() string {
	if v.Type == "" {
		return ""
	}
	return " --type '" + v.Type + "'"
}
