package build

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// sameCode says whether two folders hold the same Go files.
func sameCode(t *testing.T, a, b string) bool {
	t.Helper()
	same := true
	err := fs.WalkDir(os.DirFS(a), ".", func(path string, _ fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".go") {
			same = same && get(t, a, path) == get(t, b, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return same
}

// The plugin's grants and needs are changed; the code is not.
func TestRelations(t *testing.T) {
	t.Parallel()
	plain := stranger(t, "stranger")
	src, err := load(t.Context(), plain, []string{"./..."})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		edits []string
		want  string
	}{
		"missing grant": {
			[]string{`{"call": "tally.count", "why": {"it": "Per pesare.", "en": "To weigh."}}`, ""},
			"manifests/hello.json:10  grants: the code calls tally.count, the manifest does not ask for it\n" +
				`    add  {"call":"tally.count","why":…}  so that retailers can read why`,
		},
		"unused grant": {
			[]string{`{"call": "tally.count"`, `{"call": "tally.reset", "why": {"it": "Boh.", "en": "Who knows."}},` + "\n    " + `{"call": "tally.count"`},
			"manifests/hello.json:11  grants: the manifest asks for tally.reset, the code does not call it\n" +
				"    remove it: a retailer should not be asked for more than there is",
		},
		"missing need": {
			[]string{`{"contract": "tally", "range": "^1.0"}`, ""},
			"manifests/hello.json:9  needs: the code calls tally.count, the manifest does not need tally\n" +
				`    add  {"contract":"tally"}`,
		},
		"unused need": {
			[]string{`"range": "^1.0"}`, `"range": "^1.0"}, {"contract": "moon"}`},
			"manifests/hello.json:9  needs: nothing in the code calls, fills or hears moon\n    remove it",
		},
		"called as a value": {
			[]string{"t, err := tally.Count.Call(v, tally.CountIn{Store: in.Store})", "reset := tally.Reset\n\t_ = reset\n\tt, err := tally.Count.Call(v, tally.CountIn{Store: in.Store})"},
			"manifests/hello.json:10  grants: the code calls tally.reset, the manifest does not ask for it\n" +
				`    add  {"call":"tally.reset","why":…}  so that retailers can read why`,
		},
		"emits what is not its own": {
			[]string{"func added(tx *sdk.Tx, t tally.Total) error { return nil }", "func added(tx *sdk.Tx, t tally.Total) error { return tally.Added.Emit(tx, t) }"},
			"hello/hello.go:20  tally.added is emitted, which only the app that provides tally may\n    declare an event of your own",
		},
		"a plugin that owns data": {
			[]string{`sdk.NewApp("hello", `, `sdk.NewApp("hello", sdk.Counter{Name: "seen"}, `},
			"manifests/hello.json:4  /kind: a plugin fills slots and owns nothing: this is an app",
		},
		"another host": {
			[]string{`"http": "print.example"`, `"http": "copy.example"`},
			"manifests/tally.json:7  grants: the code sends HTTP requests to print.example, the manifest does not ask for it\n" +
				`    add  {"http":"print.example","why":…}  so that retailers can read where and why`,
		},
		"a host with the port that it has anyway": {
			[]string{`"http": "print.example"`, `"http": "print.example:443"`},
			`manifests/tally.json:8  /grants/0/http: leave the port out of "print.example:443": 443 is what no port means`,
		},
		"no host": {
			[]string{`{"http": "print.example", "secret": {"setting": "key", "header": "Authorization"}, "why": {"it": "Per stampare.", "en": "To print."}}`, "", `URL: "https://print.example/v1/" + string(in.Store)`, "URL: string(in.Store)"},
			"manifests/tally.json:7  grants: the code sends HTTP requests to …, the manifest does not ask for it\n" +
				`    add  {"http":"…","why":…}  so that retailers can read where and why`,
		},
		"a host that nobody reaches": {
			[]string{`r, err := o.HTTP(sdk.Request{URL: "https://print.example/v1/" + string(in.Store), Secret: settings.Get(o).Key})`, "r, err := sdk.Response{}, error(nil)"},
			"manifests/tally.json:8  grants: the manifest asks for http:print.example, the code sends no HTTP requests\n" +
				"    remove it: a retailer should not be asked for more than there is",
		},
		"a secret that no setting holds": {
			[]string{`{"setting": "key"`, `{"setting": "limit"`},
			"manifests/tally.json:8  grants: the settings have no field limit of type sdk.Secret\n    add it, or name another",
		},
		"two stores": {
			[]string{`	Store retail.StoreID ` + "`json:\"store\" ref:", `	To *retail.StoreID ` + "`json:\"to,omitempty\"`\n\tStore retail.StoreID `json:\"store\" ref:"},
			"tally/tally.go:15  tally.add: to, store are all stores, and who is limited to a store may run it for one\n" +
				"    keep retail.StoreID for the one that decides who may call, and give the others a type of your own",
		},
		"a name that is not constant": {
			[]string{`sdk.Daily("sweep", "04:30", sweep)`, `sdk.Daily(string(settings.Default.Key), "04:30", sweep)`},
			"tally/internal/app/app.go:12  the name or the time given to sdk.Daily is not constant\n    write them out",
		},
		"a migration to the beginning": {
			[]string{"Version: 2", "Version: 1"},
			"tally/internal/app/app.go:23  an sdk.Migration has no constant Version from 2\n    the first version is 1, the first to migrate to is 2",
		},
		"a job that nobody handles": {
			[]string{"recount.Handle(step), ", ""},
			"tally/internal/app/app.go:20  job recount is declared and nobody handles it\n    register it with Handle in sdk.NewApp",
		},
		"a permission without an operation": {
			[]string{`["tally.reset"]`, `["tally.gone"]`},
			"manifests/tally.json:12  /permissions/1/operations/0: the code has no operation tally.gone",
		},
		"a route without permission": {
			[]string{`["tally.add", "tally.count"]`, `["tally.add"]`},
			"manifests/tally.json:10  permissions: tally.count belongs to none, and nobody could be given the right to it\n" +
				`    add  {"name":"tally.…","title":{"it":"…","en":"…"},"operations":["tally.count"]}  or name it in one that is there`,
		},
		"an example that is none": {
			[]string{"//bottega:example \"MI-01\"}", "//bottega:example MI-01}"},
			"tally/tally.go:86  the example of CountIn is no JSON\n    write a value of it as one JSON text",
		},
		"another id": {
			[]string{`"id": "hello"`, `"id": "hallo"`},
			`manifests/hello.json:2  the code is the app "hello", its manifest says "hallo"`,
		},
		"a grant without a reason": {
			[]string{`"en": "To weigh."`, `"en": " "`},
			"manifests/hello.json:11  /grants/0/why: it and en are both needed: this is what the retailer reads",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := stranger(t, "stranger", c.edits...)
			r := &report{dir: dir}
			if sameCode(t, plain, dir) { // reading it once is enough
				for _, main := range src.mains {
					prepare(analyse(src, main, r), filepath.Join(dir, "manifests"))
				}
			} else {
				_, r = analysed(t, dir)
			}
			if err := r.err(); err == nil || err.Error() != c.want {
				t.Errorf("got\n%v\nwant\n%s", err, c.want)
			}
		})
	}
}
