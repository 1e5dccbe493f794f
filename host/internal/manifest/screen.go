package manifest

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// ScreenVocabulary is the newest vocabulary of screens that this host draws.
const ScreenVocabulary = 1

// The kinds of vocabulary 1.
const (
	ScreenTable  = "table"
	ScreenForm   = "form"
	ScreenAction = "action"
)

// Screen is one view that the admin draws for a module. It names operations,
// never addresses, and holds no code. What a newer vocabulary has beyond these
// fields is not read.
type Screen struct {
	ID         string `json:"id"`
	Kind       string `json:"kind"`
	V          int    `json:"v,omitzero"` // vocabulary; 0 is 1
	Title      Text   `json:"title"`
	Help       *Text  `json:"help,omitempty"`
	Icon       string `json:"icon,omitempty"`
	Permission string `json:"permission,omitempty"` // beyond those of its operations
	Place      string `json:"place,omitempty"`      // nav, settings, command; "" only by link

	Source  *ScreenSource   `json:"source,omitempty"`   // of a table or form
	Params  []ScreenBinding `json:"params,omitempty"`   // of Source; of Submit in an action
	Columns []ScreenColumn  `json:"columns,omitempty"`  // of a table or of an action's Items
	Filters []ScreenField   `json:"filters,omitempty"`  // fields of Source's input
	Page    string          `json:"page,omitempty"`     // cursor
	RowLink ScreenLinks     `json:"row_link,omitempty"` // the first that a row meets
	Create  ScreenLinks     `json:"create,omitempty"`   // forms of a new record
	Actions []ScreenStep    `json:"actions,omitempty"`
	Empty   *Text           `json:"empty,omitempty"`
	Refresh []string        `json:"refresh,omitempty"` // events

	Submit  string          `json:"submit,omitempty"`  // operation of a form or action
	Fields  []ScreenField   `json:"fields,omitempty"`  // of Submit's input, or of the settings
	Only    bool            `json:"only,omitempty"`    // a form draws Fields and no others
	Initial []ScreenBinding `json:"initial,omitempty"` // that a form of a new record begins with
	Label   *Text           `json:"label,omitempty"`   // of an action's button
	Tone    string          `json:"tone,omitempty"`
	Confirm *Text           `json:"confirm,omitempty"`
	Items   string          `json:"items,omitempty"` // list in an action's answer
	// Sections are more lists of an action's answer, each shown as a table below Items.
	Sections []ScreenSection `json:"sections,omitempty"`
	Then     *ScreenLink     `json:"then,omitempty"`
}

// Newer says whether the screen is of a vocabulary that this host does not know;
// its records are then shown as they are.
func (s *Screen) Newer() bool { return s.V > ScreenVocabulary }

// Operations are all that the screen may run, its steps included.
func (s *Screen) Operations() []string {
	var names []string
	if s.Source != nil && s.Source.Operation != "" {
		names = append(names, s.Source.Operation)
	}
	if s.Submit != "" {
		names = append(names, s.Submit)
	}
	for _, a := range s.Actions {
		if a.Operation != "" {
			names = append(names, a.Operation)
		}
	}
	return names
}

// ScreenSection is one more list of an action's answer.
type ScreenSection struct {
	Title   Text           `json:"title"`
	Items   string         `json:"items"` // where the path leads through lists, what all of their records have
	Columns []ScreenColumn `json:"columns"`
}

// ScreenSource is where records come from: exactly one of Operation, a query,
// Collection and Settings.
type ScreenSource struct {
	Operation  string `json:"operation,omitempty"`
	Items      string `json:"items,omitempty"` // list in the operation's answer
	Collection string `json:"collection,omitempty"`
	Settings   bool   `json:"settings,omitempty"`
}

// ScreenBinding fills one field of an input, from exactly one of the others.
type ScreenBinding struct {
	Field  string `json:"field"`
	Query  string `json:"query,omitempty"`  // parameter of the URL
	Record string `json:"record,omitempty"` // field of the record
	Value  any    `json:"value,omitempty"`  // text, integer or boolean
}

// ScreenColumn is one field of the records as it is shown.
type ScreenColumn struct {
	Field    string        `json:"field"`
	Label    Text          `json:"label"`
	Format   string        `json:"format,omitempty"`
	Currency string        `json:"currency,omitempty"` // field with the currency of money
	Badges   []ScreenBadge `json:"badges,omitempty"`
}

// ScreenBadge is what one value of an enum is called, and how it looks.
type ScreenBadge struct {
	Value string `json:"value"`
	Label Text   `json:"label"`
	Tone  string `json:"tone,omitempty"` // neutral, good, warning, bad
}

// ScreenField is one field of an input as people see it.
type ScreenField struct {
	Field    string         `json:"field"`
	Label    *Text          `json:"label,omitempty"`
	Help     *Text          `json:"help,omitempty"`
	Widget   string         `json:"widget,omitempty"`   // text, textarea, hidden, money
	Required bool           `json:"required,omitempty"` // though the schema lets it be
	Choices  []ScreenChoice `json:"choices,omitempty"`
}

// ScreenChoice is what one value of an enum is called.
type ScreenChoice struct {
	Value string `json:"value"`
	Label Text   `json:"label"`
}

// ScreenStep is an operation beside a list or a record; without one it is a link.
type ScreenStep struct {
	Operation string          `json:"operation,omitempty"`
	Label     Text            `json:"label"`
	Tone      string          `json:"tone,omitempty"` // primary, neutral, danger
	Confirm   *Text           `json:"confirm,omitempty"`
	Params    []ScreenBinding `json:"params,omitempty"`
	Input     []ScreenField   `json:"input,omitempty"` // that people fill in
	When      *ScreenWhen     `json:"when,omitempty"`
	Then      *ScreenLink     `json:"then,omitempty"` // nil: the view is loaded again
}

// ScreenWhen is what a record must have for a step or link to be offered: exactly one of
// OneOf and There. In a list one row must have it.
type ScreenWhen struct {
	Field string `json:"field"`
	OneOf []any  `json:"one_of,omitempty"`
	There bool   `json:"there,omitempty"` // whatever its value
}

// ScreenLink leads to another view of the module.
type ScreenLink struct {
	View   string          `json:"view"`
	Params []ScreenBinding `json:"params,omitempty"` // Field is a parameter of its URL
	When   *ScreenWhen     `json:"when,omitempty"`   // of several links
}

// ScreenLinks is one link or several, in JSON as one or a list.
type ScreenLinks []ScreenLink

// UnmarshalJSON reads one link or a list.
func (l *ScreenLinks) UnmarshalJSON(raw []byte) error {
	if bytes.HasPrefix(bytes.TrimSpace(raw), []byte("[")) {
		return json.Unmarshal(raw, (*[]ScreenLink)(l))
	}
	*l = make(ScreenLinks, 1)
	return json.Unmarshal(raw, &(*l)[0])
}

// ScreenList is Screens, read. The error names the screen that cannot be read; a
// manifest that was parsed has none.
func (m *Manifest) ScreenList() ([]Screen, error) {
	list := make([]Screen, len(m.Screens))
	for i, raw := range m.Screens {
		if err := json.Unmarshal(raw, &list[i]); err != nil {
			return nil, fmt.Errorf("screen %d: %w", i, err)
		}
	}
	return list, nil
}
