package manifest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// shop is an app with one screen of each kind, each line a thing that can be
// wrong.
const shop = `{
"id": "shop", "version": "1.0.0", "kind": "app", "vendor": "Somebody", "category": "retail",
"name": {"it": "Negozio", "en": "Shop"}, "summary": {"it": "Tiene i negozi.", "en": "Keeps shops."},
"needs": [{"contract": "till"}],
"permissions": [{"name": "shop.read", "title": {"it": "Legge", "en": "Reads"}, "operations": ["shop.list", "shop.get"]},
  {"name": "shop.write", "title": {"it": "Scrive", "en": "Writes"}, "operations": ["shop.put", "shop.close"]}],
"screens": [
  {"id": "shops", "kind": "table", "v": 1, "icon": "store", "place": "nav",
   "title": {"it": "Negozi", "en": "Shops"},
   "permission": "shop.read",
   "source": {"operation": "shop.list", "items": "shops"},
   "params": [{"field": "status", "value": "open"}],
   "page": "cursor",
   "columns": [
     {"field": "name", "label": {"it": "Nome", "en": "Name"}},
     {"field": "address.city", "label": {"it": "Città", "en": "City"}, "format": "text"},
     {"field": "takings", "label": {"it": "Incasso", "en": "Takings"}, "format": "money", "currency": "currency"},
     {"field": "status", "label": {"it": "Stato", "en": "State"}, "format": "badge", "badges": [{"value": "open", "label": {"it": "Aperto", "en": "Open"}, "tone": "good"}]},
     {"field": "tags", "label": {"it": "Etichette", "en": "Tags"}, "format": "text"}
   ],
   "filters": [{"field": "city", "label": {"it": "Città", "en": "City"}}],
   "create": {"view": "shop"}, "row_link": {"view": "shop", "params": [{"field": "id", "record": "id"}]},
   "actions": [
     {"operation": "shop.close", "label": {"it": "Chiudi", "en": "Close"}, "tone": "danger", "confirm": {"it": "Chiudere?", "en": "Close it?"},
      "params": [{"field": "id", "record": "id"}],
      "input": [{"field": "reason", "label": {"it": "Motivo", "en": "Reason"}}],
      "when": {"field": "status", "one_of": ["open"]}}
   ],
   "refresh": ["shop.changed", "till.closed"]},
  {"id": "shop", "kind": "form", "title": {"it": "Negozio", "en": "Shop"},
   "source": {"operation": "shop.get"}, "params": [{"field": "id", "query": "id"}],
   "submit": "shop.put", "fields": [{"field": "name", "label": {"it": "Nome", "en": "Name"}}, {"field": "hours.from", "label": {"it": "Dalle", "en": "From"}}], "then": {"view": "shops"}},
  {"id": "find", "kind": "action", "title": {"it": "Cerca", "en": "Find"}, "submit": "shop.list", "items": "shops",
   "columns": [{"field": "id", "label": {"it": "Codice", "en": "Code"}}]},
  {"id": "records", "kind": "table", "title": {"it": "Registrati", "en": "Stored"}, "source": {"collection": "shops"},
   "columns": [{"field": "currency", "label": {"it": "Valuta", "en": "Currency"}}]},
  {"id": "settings", "kind": "form", "title": {"it": "Impostazioni", "en": "Settings"}, "place": "settings", "source": {"settings": true},
   "fields": [{"field": "limit", "label": {"it": "Limite", "en": "Limit"}}]},
  {"id": "map", "kind": "map", "v": 2, "title": {"it": "Mappa", "en": "Map"}, "source": {"operation": "shop.list", "items": "shops"}, "layers": ["roads"]}
],
"provides": {"contract": "shop",
  "operations": [
    {"name": "shop.list", "kind": "query", "input": {"$ref": "#/types/ListIn"}, "output": {"$ref": "#/types/ListOut"}},
    {"name": "shop.get", "kind": "query", "input": {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}, "output": {"$ref": "#/types/Shop"}},
    {"name": "shop.put", "kind": "command", "input": {"$ref": "#/types/Shop"}, "output": {"$ref": "#/types/Shop"}},
    {"name": "shop.close", "kind": "command", "input": {"type": "object", "properties": {"id": {"type": "string"}, "reason": {"type": "string"}}, "required": ["id", "reason"]}, "output": {"$ref": "#/types/Shop"}}],
  "events": [{"name": "shop.changed", "payload": {"$ref": "#/types/Shop"}}],
  "collections": [{"name": "shops", "key": ["id"], "record": {"$ref": "#/types/Shop"}}],
  "settings": {"type": "object", "properties": {"limit": {"type": "integer"}}},
  "types": {
    "ListIn": {"type": "object", "properties": {"city": {"type": "string"}, "status": {"type": "string"}, "cursor": {"type": "string"}, "limit": {"type": "integer"}}},
    "ListOut": {"type": "object", "properties": {"shops": {"type": "array", "items": {"$ref": "#/types/Shop"}}, "cursor": {"type": "string"}}},
    "Address": {"type": "object", "properties": {"city": {"type": "string"}}},
    "Shop": {"type": "object", "properties": {"id": {"type": "string"}, "name": {"type": "string"}, "address": {"$ref": "#/types/Address"},
      "takings": {"type": "integer"}, "currency": {"type": "string"}, "status": {"type": "string", "enum": ["open", "closed"]},
      "hours": {"type": "array", "items": {"type": "object", "properties": {"from": {"type": "string"}}}},
      "tags": {"type": "array", "items": {"type": "string"}}}, "required": ["id"]}}}
}
`

func TestScreens(t *testing.T) {
	t.Parallel()
	m, err := Parse([]byte(shop))
	if err != nil {
		t.Fatal(err)
	}
	list, err := m.ScreenList()
	if err != nil || len(list) != 6 {
		t.Fatalf("%d screens, %v", len(list), err)
	}
	if got, want := list[0].Operations(), []string{"shop.list", "shop.close"}; !slices.Equal(got, want) {
		t.Errorf("the table runs %v, want %v", got, want)
	}
	if list[0].Newer() || !list[5].Newer() || list[5].Source.Items != "shops" {
		t.Errorf("what is newer: %v of %+v", list[0].Newer(), list[5])
	}
}

// A row may lead to several views, a new record begin in several forms with what is filled
// in, and a step be a link.
func TestScreensOfSeveralForms(t *testing.T) {
	t.Parallel()
	text := strings.NewReplacer(
		`"create": {"view": "shop"}`, `"create": [{"view": "shop"}, {"view": "find"}]`,
		`"row_link": {"view": "shop", "params": [{"field": "id", "record": "id"}]}`, `"row_link": [{"view": "find", "when": {"field": "hours.from", "there": true}}, {"view": "shop", "params": [{"field": "id", "record": "id"}]}]`,
		`"actions": [`, `"actions": [{"label": {"it": "Vai", "en": "Go"}, "then": {"view": "shop", "params": [{"field": "id", "record": "id"}]}}, `,
		`"submit": "shop.list", "items": "shops"`, `"submit": "shop.list", "sections": [{"title": {"it": "Orari", "en": "Hours"}, "items": "shops.hours", "columns": [{"field": "from", "label": {"it": "Da", "en": "From"}}]}], "items": "shops"`,
		`"submit": "shop.put",`, `"submit": "shop.put", "only": true, "initial": [{"field": "hours.from", "value": "09:00"}],`,
	).Replace(shop)
	m, err := Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	list, err := m.ScreenList()
	if err != nil || len(list[0].Create) != 2 || len(list[0].RowLink) != 2 || !list[0].RowLink[0].When.There || !list[1].Only || len(list[1].Initial) != 1 {
		t.Fatalf("%+v, %v", list[0], err)
	}
	if got, want := list[0].Operations(), []string{"shop.list", "shop.close"}; !slices.Equal(got, want) {
		t.Errorf("the table runs %v, want %v", got, want)
	}
}

func TestScreensRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ old, new, want string }{
		"unknown kind":            {`"kind": "action"`, `"kind": "map"`, "/screens/2/kind  value must be one of 'table', 'form', 'action'"},
		"newer without a title":   {`"title": {"it": "Mappa", "en": "Map"}, `, ``, "/screens/5  missing property 'title'"},
		"newer that runs nothing": {`"v": 2, "title": {"it": "Mappa", "en": "Map"}, "source": {"operation": "shop.list"`, `"v": 2, "title": {"it": "Mappa", "en": "Map"}, "source": {"operation": "shop.gone"`, "/screens/5/source/operation  the code has no operation shop.gone"},
		"unknown member":          {`"page": "cursor"`, `"pages": "cursor"`, "/screens/0  additional properties 'pages' not allowed"},
		"no columns":              {`{"field": "id", "label": {"it": "Codice", "en": "Code"}}`, ``, "/screens/2/columns  minItems"},
		"icon":                    {`"icon": "store"`, `"icon": "unicorn"`, "8  /screens/0/icon  value must be one of"},
		"place":                   {`"place": "nav"`, `"place": "moon"`, "8  /screens/0/place  value must be one of"},
		"one language":            {`{"it": "Negozi", "en": "Shops"}`, `{"it": "Negozi"}`, "9  /screens/0/title  missing property 'en'"},
		"blank text":              {`{"it": "Negozi", "en": "Shops"}`, `{"it": "Negozi", "en": " "}`, "9  /screens/0/title  it and en are both needed"},
		"blank label":             {`{"it": "Incasso", "en": "Takings"}`, `{"it": "Incasso", "en": " "}`, "17  /screens/0/columns/2/label  it and en are both needed"},
		"id twice":                {`{"id": "find"`, `{"id": "shop"`, "/screens/2/id  shop is the id of two screens"},
		"permission":              {`"permission": "shop.read"`, `"permission": "shop.rule"`, "10  /screens/0/permission  shop.rule is no permission of this manifest"},
		"source unknown": {`{"operation": "shop.list", "items": "shops"},
   "params"`, `{"operation": "till.list", "items": "shops"}, "params"`, "11  /screens/0/source/operation  the code has no operation till.list"},
		"source that writes": {`"source": {"operation": "shop.get"}`, `"source": {"operation": "shop.put"}`, "/screens/1/source/operation  shop.put is a command"},
		"two sources":        {`{"collection": "shops"}`, `{"collection": "shops", "settings": true}`, "/screens/3/source  a source is one of"},
		"no such collection": {`{"collection": "shops"}`, `{"collection": "stores"}`, "/screens/3/source/collection  the code has no collection stores"},
		"table of settings":  {`"source": {"collection": "shops"}`, `"source": {"settings": true}`, "/screens/3/source/settings  settings are filled in by a form"},
		"no items":           {`"source": {"operation": "shop.list", "items": "shops"},`, `"source": {"operation": "shop.list"},`, "11  /screens/0/source  a table needs items"},
		"items of nothing":   {`"items": "shops"},`, `"items": "stores"},`, "11  /screens/0/source/items  shop.list answers no list stores"},
		"params field":       {`{"field": "status", "value": "open"}`, `{"field": "state", "value": "open"}`, "12  /screens/0/params/0/field  the input has no field state"},
		"params from record": {`{"field": "status", "value": "open"}`, `{"field": "status", "record": "status"}`, "12  /screens/0/params/0/record  there is no record here"},
		"binding twice":      {`{"field": "status", "value": "open"}`, `{"field": "status", "value": "open", "query": "x"}`, "12  /screens/0/params/0  maxProperties"},
		"column unknown":     {`"field": "address.city"`, `"field": "address.town"`, "16  /screens/0/columns/1/field  the record has no field address.town"},
		"column path":        {`"field": "address.city"`, `"field": "../x"`, "16  /screens/0/columns/1/field  "},
		"format":             {`"format": "money"`, `"format": "gold"`, "17  /screens/0/columns/2/format  value must be one of"},
		"format of a text": {`"format": "text"},
     {"field": "takings"`, `"format": "money"}, {"field": "takings"`, "16  /screens/0/columns/1/format  money cannot show the string address.city"},
		"currency":           {`"currency": "currency"}`, `"currency": "money"}`, "17  /screens/0/columns/2/currency  the record has no field money"},
		"currency of text":   {`"format": "badge"`, `"format": "text"`, "18  /screens/0/columns/3/badges  badges are of the format badge"},
		"filter":             {`{"field": "city", "label"`, `{"field": "town", "label"`, "21  /screens/0/filters/0/field  the input has no field town"},
		"link":               {`{"view": "shop", `, `{"view": "shopp", `, "22  /screens/0/row_link/view  there is no screen shopp"},
		"link parameter":     {`"params": [{"field": "id", "record": "id"}]},`, `"params": [{"field": "key", "record": "id"}]},`, "22  /screens/0/row_link/params/0/field  the screen shop takes no key"},
		"create of nothing":  {`"create": {"view": "shop"}`, `"create": {"view": "shops2"}`, "22  /screens/0/create/view  there is no screen shops2"},
		"create from record": {`"create": {"view": "shop"}`, `"create": {"view": "shop", "params": [{"field": "id", "record": "id"}]}`, "22  /screens/0/create/params/0/record  there is no record here"},
		"link record":        {`"params": [{"field": "id", "record": "id"}]},`, `"params": [{"field": "id", "record": "key"}]},`, "22  /screens/0/row_link/params/0/record  the record has no field key"},
		"several links, one of nothing": {
			`"create": {"view": "shop"}`, `"create": [{"view": "shop"}, {"view": "shops2"}]`, "22  /screens/0/create/1/view  there is no screen shops2",
		},
		"link on a condition": {
			`"row_link": {"view": "shop", "params": [{"field": "id", "record": "id"}]}`, `"row_link": [{"view": "shop", "when": {"field": "hours.till", "there": true}}, {"view": "shop"}]`,
			"22  /screens/0/row_link/0/when/field  the record has no field hours.till",
		},
		"condition without a record": {
			`"create": {"view": "shop"}`, `"create": [{"view": "shop", "when": {"field": "status", "there": true}}]`, "22  /screens/0/create/when  there is no record here",
		},
		"condition of two kinds": {`"one_of": ["open"]`, `"one_of": ["open"], "there": true`, "27  /screens/0/actions/0/when  maxProperties"},
		"step to nowhere":        {`"actions": [`, `"actions": [{"label": {"it": "Vai", "en": "Go"}}, `, "/screens/0/actions/0"},
		"only of nothing":        {`"submit": "shop.put", "fields": [{"field": "name", "label": {"it": "Nome", "en": "Name"}}, {"field": "hours.from", "label": {"it": "Dalle", "en": "From"}}]`, `"submit": "shop.put", "only": true`, "/screens/1/only  no field is named"},
		"initial field":          {`"submit": "shop.put",`, `"submit": "shop.put", "initial": [{"field": "nick", "value": "x"}],`, "32  /screens/1/initial/0/field  the input has no field nick"},
		"initial from record":    {`"submit": "shop.put",`, `"submit": "shop.put", "initial": [{"field": "name", "record": "name"}],`, "32  /screens/1/initial/0  a new record takes values"},
		"step unknown":           {`{"operation": "shop.close"`, `{"operation": "shop.burn"`, "24  /screens/0/actions/0/operation  the code has no operation shop.burn"},
		"step without reason":    {`"input": [{"field": "reason", "label": {"it": "Motivo", "en": "Reason"}}],`, ``, "24  /screens/0/actions/0  shop.close needs reason: bind it in params or ask for it in input"},
		"step asks twice":        {`"input": [`, `"input": [{"field": "reason", "widget": "text"}, `, "26  /screens/0/actions/0/input/1  reason stands twice"},
		"when":                   {`"when": {"field": "status"`, `"when": {"field": "state"`, "27  /screens/0/actions/0/when/field  the record has no field state"},
		"event":                  {`"shop.changed", "till`, `"shop.opened", "till`, "29  /screens/0/refresh/0  shop.opened is neither an event"},
		"event of a stranger":    {`"till.closed"]`, `"stock.moved"]`, "29  /screens/0/refresh/1  stock.moved is neither an event"},
		"form that reads":        {`"submit": "shop.put"`, `"submit": "shop.get"`, "32  /screens/1/submit  shop.get is a query: a form changes something"},
		"form without submit":    {`"submit": "shop.put", `, ``, "/screens/1/submit  the code has no operation "},
		"form field":             {`"fields": [{"field": "name"`, `"fields": [{"field": "nick"`, "32  /screens/1/fields/0/field  the input has no field nick"},
		"form field in a list":   {`"field": "hours.from"`, `"field": "hours.to"`, "32  /screens/1/fields/1/field  the input has no field hours.to"},
		"column in a list":       {`"field": "tags"`, `"field": "hours.from"`, "19  /screens/0/columns/4/field  the record has no field hours.from"},
		"form too deep":          {`"address": {"$ref": "#/types/Address"}`, `"address": {"$ref": "#/types/Address"}, "parts": {"type": "array", "items": {"$ref": "#/types/Shop"}}`, "30  /screens/1  its input is deeper than 8 levels"},
		"settings submitted":     {`"source": {"settings": true},`, `"source": {"settings": true}, "submit": "shop.put",`, "/screens/4/submit  the host itself keeps settings"},
		"settings field":         {`{"field": "limit", "label"`, `{"field": "limits", "label"`, "/screens/4/fields/0/field  the input has no field limits"},
		"no settings":            {`"settings": {"type": "object", "properties": {"limit": {"type": "integer"}}},`, ``, "/screens/4/source/settings  the code has no settings"},
		"section of nothing":     {`"submit": "shop.list", "items": "shops"`, `"submit": "shop.list", "sections": [{"title": {"it": "Orari", "en": "Hours"}, "items": "shops.id", "columns": [{"field": "from", "label": {"it": "Da", "en": "From"}}]}], "items": "shops"`, "/screens/2/sections/0/items  shop.list answers no list shops.id"},
		"column of a section":    {`"submit": "shop.list", "items": "shops"`, `"submit": "shop.list", "sections": [{"title": {"it": "Orari", "en": "Hours"}, "items": "shops.hours", "columns": [{"field": "till", "label": {"it": "A", "en": "To"}}]}], "items": "shops"`, "/screens/2/sections/0/columns/0/field  the record has no field till"},
		"action items":           {`"submit": "shop.list", "items": "shops"`, `"submit": "shop.list", "items": "cursor"`, "/screens/2/items  shop.list answers no list cursor"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(shop, c.old, c.new, 1)
			if text == shop {
				t.Fatal("nothing was changed")
			}
			_, err := Parse([]byte(text))
			var problems Problems
			if !errors.As(err, &problems) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got\n%v\nwant\n%s", err, c.want)
			}
		})
	}
}

// Nobody can make the admin draw more than it should.
func TestScreensHaveLimits(t *testing.T) {
	t.Parallel()
	column := `{"field": "id", "label": {"it": "Codice", "en": "Code"}}`
	views := make([]string, 65)
	for i := range views {
		views[i] = fmt.Sprintf(`{"id": "view%d", "kind": "table", "v": 2, "title": {"it": "V", "en": "V"}}`, i)
	}
	for name, c := range map[string]struct{ old, new, want string }{
		"columns": {column, strings.Repeat(column+",", 40) + column, "/screens/2/columns  maxItems"},
		"views":   {`{"id": "map"`, strings.Join(views, ",") + `, {"id": "map"`, "/screens  maxItems"},
		"text":    {"Chiudere?", strings.Repeat("?", 2001), "/screens/0/actions/0/confirm/it  maxLength"},
	} {
		_, err := Parse([]byte(strings.Replace(shop, c.old, c.new, 1)))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got\n%v\nwant\n%s", name, err, c.want)
		}
	}
}

// A manifest whose types refer to each other so often that nobody could walk all
// ways through them is checked at once.
func TestScreensOfManyWays(t *testing.T) {
	t.Parallel()
	var types, properties strings.Builder
	for i := range 200 {
		fmt.Fprintf(&properties, `"p%d": {"$ref": "#/types/LEVEL"}, `, i)
	}
	for level := range 7 {
		next := fmt.Sprintf("L%d", level+1)
		fmt.Fprintf(&types, `"L%d": {"type": "object", "properties": {%s "last": {"$ref": "#/types/%s"}}}, `, level, strings.ReplaceAll(properties.String(), "LEVEL", next), next)
	}
	types.WriteString(`"L7": {"type": "string"}, `)
	text := strings.Replace(shop, `"types": {`, `"types": {`+types.String(), 1)
	text = strings.Replace(text, `"name": "shop.put", "kind": "command", "input": {"$ref": "#/types/Shop"}`, `"name": "shop.put", "kind": "command", "input": {"$ref": "#/types/L0"}`, 1)
	text = strings.Replace(text, `"fields": [{"field": "name", "label": {"it": "Nome", "en": "Name"}}, {"field": "hours.from", "label": {"it": "Dalle", "en": "From"}}], `, "", 1)
	if _, err := Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), "/screens/1  its input has more than 500 fields") || strings.Contains(err.Error(), "deeper") {
		t.Errorf("seven levels: %v", err)
	}
	text = strings.Replace(text, `"L7": {"type": "string"}`, `"L7": {"type": "object", "properties": {"a": {"type": "array", "items": {"type": "string"}}}}`, 1)
	if _, err := Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), "/screens/1  its input is deeper than 8 levels") {
		t.Errorf("nine levels: %v", err)
	}
}

// What a form hides is not drawn, so that it may be as deep as it is.
func TestHiddenFieldsAreNotMeasured(t *testing.T) {
	t.Parallel()
	deep := `"Deep": {"type": "object", "properties": {"down": {"type": "array", "items": {"$ref": "#/types/Deep"}}, "name": {"type": "string"}}}, `
	text := strings.Replace(shop, `"types": {`, `"types": {`+deep, 1)
	text = strings.Replace(text, `"address": {"$ref": "#/types/Address"}`, `"address": {"$ref": "#/types/Address"}, "deep": {"$ref": "#/types/Deep"}`, 1)
	fields := func(more string) string {
		return strings.Replace(text, `"fields": [{"field": "name", `, `"fields": [`+more+`{"field": "name", `, 1)
	}
	for more, ok := range map[string]bool{
		"": false,
		`{"field": "deep", "widget": "hidden"}, `:                   true,
		`{"field": "deep.down", "widget": "hidden"}, `:              true,
		`{"field": "deep.down.down.down", "widget": "hidden"}, `:    true,
		`{"field": "deep.down.down.name", "widget": "hidden"}, `:    false,
		`{"field": "deep.down", "label": {"it": "x", "en": "x"}}, `: false,
	} {
		_, err := Parse([]byte(fields(more)))
		if tooDeep := err != nil && strings.Contains(err.Error(), "deeper than 8 levels"); tooDeep == ok {
			t.Errorf("%s: %v", more, err)
		}
	}
}

// What a step does not ask for is not drawn either.
func TestUnaskedFieldsAreNotMeasured(t *testing.T) {
	t.Parallel()
	deep := `"Deep": {"type": "object", "properties": {"down": {"type": "array", "items": {"$ref": "#/types/Deep"}}, "name": {"type": "string"}}}, `
	text := strings.Replace(shop, `"types": {`, `"types": {`+deep, 1)
	text = strings.Replace(text, `"reason": {"type": "string"}}, "required": ["id", "reason"]`, `"reason": {"type": "string"}, "deep": {"$ref": "#/types/Deep"}}, "required": ["id", "reason"]`, 1)
	for asked, ok := range map[string]bool{"": true, `{"field": "deep", "label": {"it": "x", "en": "x"}}, `: false, `{"field": "deep.name", "label": {"it": "x", "en": "x"}}, `: false} {
		_, err := Parse([]byte(strings.Replace(text, `"input": [{"field": "reason"`, `"input": [`+asked+`{"field": "reason"`, 1)))
		if tooDeep := err != nil && strings.Contains(err.Error(), "deeper than 8 levels"); tooDeep == ok {
			t.Errorf("%s: %v", asked, err)
		}
	}
}
