package account

import (
	"slices"
	"strings"
	"time"

	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/outbox"
	"github.com/bottega-retail/bottega/host/internal/platform"
)

// maxAudited is how many lines one request looks through: with a filter that
// little fits, a page may be short, or empty, and have a next one all the same.
const maxAudited = 2_000

// AuditQuery is which lines of the audit are asked for.
type AuditQuery struct {
	Listing
	Principal string `json:"principal,omitzero" jsonschema:"who acted, like user:…"`
	Action    string `json:"action,omitzero" jsonschema:"operation, or contract.* for all of a contract"`
	Object    string `json:"object,omitzero" jsonschema:"what it was about, like user:…"`
}

// AuditLine is who did what.
type AuditLine struct {
	ID         string    `json:"id"`
	Time       time.Time `json:"time"`
	Principal  string    `json:"principal"`
	Credential string    `json:"credential,omitzero" jsonschema:"session:… or token:…"`
	Action     string    `json:"action"`
	Objects    []string  `json:"objects,omitzero"`
	Request    string    `json:"request,omitzero"`
	Outcome    string    `json:"outcome" jsonschema:"done, or denied: and why"`
}

// AuditPage is a page of the audit, the newest lines first.
type AuditPage struct {
	Items []AuditLine `json:"items"`
	Next  string      `json:"next,omitzero"`
}

func (a *Accounts) ofAudit() []*platform.Operation {
	return []*platform.Operation{
		platform.Query(platform.About{Name: "host.audit.list", Method: "GET", Path: "/audit", Right: rightAudit,
			Summary: "Read who did what, the newest first",
			Doc:     "With a filter, a page may have fewer lines than asked for, or none, and still a next page. Errors: invalid (cursor_invalid)."}, listAudit),
	}
}

func listAudit(tx *kernel.Tx, q AuditQuery) (AuditPage, error) {
	l, err := q.checked()
	if err != nil {
		return AuditPage{}, err
	}
	out := AuditPage{Items: []AuditLine{}}
	at := l.After
	for seen := 0; seen < maxAudited; seen += batch {
		rows, err := tx.Audit(at, batch)
		if err != nil {
			return AuditPage{}, err
		}
		for _, row := range rows {
			line, err := outbox.ParseAudit(row.Value)
			if err != nil {
				return AuditPage{}, err
			}
			at = row.Key
			if !q.wants(&line) {
				continue
			}
			if out.Items = append(out.Items, showAudit(&line)); len(out.Items) == l.Limit {
				out.Next = at
				return out, nil
			}
		}
		if len(rows) < batch {
			return out, nil
		}
	}
	out.Next = at
	return out, nil
}

func (q *AuditQuery) wants(l *outbox.Audit) bool {
	action := q.Action == "" || q.Action == l.Action
	if contract, ok := strings.CutSuffix(q.Action, "*"); ok && strings.HasSuffix(contract, ".") {
		action = strings.HasPrefix(l.Action, contract)
	}
	return action && (q.Principal == "" || q.Principal == l.Principal) && (q.Object == "" || slices.Contains(l.Objects, q.Object))
}

func showAudit(l *outbox.Audit) AuditLine {
	return AuditLine{
		ID: l.ID, Time: time.UnixMilli(l.Time).UTC(), Principal: l.Principal, Credential: l.Credential,
		Action: l.Action, Objects: l.Objects, Request: l.Request, Outcome: l.Outcome,
	}
}

// deed is what an Action did, for its line of the audit: an operation that is one
// transaction has its line from the kernel. A zero one did nothing.
type deed struct{ principal, credential, object string }

// done is a deed of who asked for it.
func done(tx *kernel.Tx, object string) deed {
	p := tx.Principal()
	return deed{p.ID, p.Credential, object}
}

func (d deed) record(tx *kernel.Tx, action string) error {
	if d == (deed{}) {
		return nil
	}
	l := outbox.Audit{
		ID: tx.NewID(), Time: tx.Now().UnixMilli(), Principal: d.principal, Credential: d.credential,
		Action: action, Objects: []string{d.object}, Request: tx.Request(), Outcome: "done",
	}
	return tx.AddAudit(l.ID, l.Append(nil))
}
