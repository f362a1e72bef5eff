package crawl

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

// What JSON is made of is read back byte for byte, and what is UTF-8 is written as it always was.
func TestJSONKeepsTheBytes(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"/pub", "/caf\xe9", "/caf\ufffd", "<\xff>", "\xed\xa0\x80", ""} {
		for _, v := range []any{
			&Example{Path: s, Detail: s}, &Example{Path: "/pub", Detail: s}, &Change{Removed, s}, &Facts{LoginDir: s, Banner: "b"},
			&Counts{Listed: 3, LastPath: s, Missing: map[Reason]*Tally{Refused: {1, []Example{{Path: s}}}}, BadLines: []Example{{s, s}}},
		} {
			text, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			got := reflect.New(reflect.TypeOf(v).Elem()).Interface()
			if err := json.Unmarshal(text, got); err != nil || !reflect.DeepEqual(got, v) {
				t.Errorf("%s: got %+v, %v, want %+v", text, got, err, v)
			}
			if raw := strings.Contains(string(text), `_raw":`); raw == utf8.ValidString(s) {
				t.Errorf("%q: %s", s, text)
			}
		}
	}
	text, err := json.Marshal(&Counts{LastPath: "/a"})
	if want := `{"listed":0,"unchanged":0,"entries":0,"bytes":0,"last_path":"/a"}`; err != nil || string(text) != want {
		t.Errorf("got %s, %v, want %s", text, err, want)
	}
}

func TestRawPaths(t *testing.T) {
	t.Parallel()
	paths := []string{"/a", "/caf\xe9", "/\ufffd"}
	if raw := RawPaths([]string{"/a", "/\ufffd"}); raw != nil {
		t.Errorf("got %q, want nothing", raw)
	}
	raw := RawPaths(paths)
	if len(raw) != 3 || raw[0] != nil || string(raw[1]) != "/caf\xe9" || raw[2] != nil {
		t.Errorf("got %q", raw)
	}
	if got := PathsOf([]string{"/a", "/caf\ufffd", "/\ufffd"}, raw); !reflect.DeepEqual(got, paths) {
		t.Errorf("got %q, want %q", got, paths)
	}
}
