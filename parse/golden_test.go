package parse

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "rewrite the entries of the golden listings")

const listings = "../testdata/listings"

// A golden is the .json beside a golden listing. All but Entries and Bad is written by hand.
type golden struct {
	Origin    string    `json:"origin"` // where the listing is from
	Now       time.Time `json:"now"`
	Zone      string    `json:"zone,omitempty"`
	Told      bool      `json:"told,omitempty"` // the format cannot be found out
	DateOrder DateOrder `json:"date_order,omitempty"`

	Entries []goldenEntry `json:"entries"`
	Bad     []string      `json:"bad,omitempty"` // "line N: cause"
}

// A goldenEntry is an Entry in the form of the command's JSON; unknown values are left out.
type goldenEntry struct {
	Name      string    `json:"name"`
	NameRaw   []byte    `json:"name_raw,omitempty"`
	Dir       string    `json:"dir,omitempty"`
	Type      Type      `json:"type"`
	Size      *int64    `json:"size,omitempty"`
	Device    string    `json:"device,omitempty"`
	ModTime   string    `json:"mtime,omitempty"`
	Precision Precision `json:"precision,omitempty"`
	Mode      string    `json:"mode,omitempty"`
	Perm      string    `json:"perm,omitempty"`
	Owner     string    `json:"owner,omitempty"`
	Group     string    `json:"group,omitempty"`
	Links     *int      `json:"links,omitempty"`
	Target    string    `json:"target,omitempty"`
	Facts     string    `json:"facts,omitempty"`
	Format    Format    `json:"format"`
	Line      int       `json:"line"`
}

func newGoldenEntry(e Entry) goldenEntry {
	g := goldenEntry{
		Name: e.Name, Dir: e.Dir, Type: e.Type, Device: e.Device, Precision: e.Precision, Mode: e.Mode, Perm: e.Perm.String(),
		Owner: e.Owner, Group: e.Group, Target: e.Target, Facts: e.Facts, Format: e.Format, Line: e.Line,
	}
	if s := strings.ToValidUTF8(e.Name, "\ufffd"); s != e.Name {
		g.Name, g.NameRaw = s, []byte(e.Name)
	}
	if e.Size >= 0 {
		g.Size = &e.Size
	}
	if e.Links >= 0 {
		g.Links = &e.Links
	}
	if e.Precision != NoTime {
		g.ModTime = e.ModTime.Format(time.RFC3339Nano)
	}
	return g
}

// goldens calls f with each golden listing; its format is the name of the directory.
func goldens(t testing.TB, f func(path string, format Format, text []byte, g golden)) {
	paths, err := filepath.Glob(listings + "/*/*.txt")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no golden listings in %s (%v)", listings, err)
	}
	for _, path := range paths {
		var format Format
		if err := format.UnmarshalText([]byte(filepath.Base(filepath.Dir(path)))); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var g golden
		head, err := os.ReadFile(strings.TrimSuffix(path, ".txt") + ".json")
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(head, &g); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		f(path, format, text, g)
	}
}

func (g *golden) options(t testing.TB) *Options {
	loc, err := time.LoadLocation(g.Zone)
	if err != nil {
		t.Fatal(err)
	}
	return &Options{Now: g.Now, Location: loc, DateOrder: g.DateOrder}
}

// Each golden listing is read as its .json says, with the format found out and told.
func TestGolden(t *testing.T) {
	goldens(t, func(path string, format Format, text []byte, g golden) {
		t.Run(strings.TrimSuffix(strings.TrimPrefix(path, listings+"/"), ".txt"), func(t *testing.T) {
			want := g
			for _, told := range []bool{false, true} {
				o := g.options(t)
				if told || g.Told {
					o.Format = format
				}
				entries, bad, err := ReadAll(bytes.NewReader(text), o)
				if err != nil {
					t.Fatal(err)
				}
				g.Entries, g.Bad = []goldenEntry{}, nil
				for _, e := range entries {
					g.Entries = append(g.Entries, newGoldenEntry(e))
				}
				for _, b := range bad {
					g.Bad = append(g.Bad, strings.TrimPrefix(b.Error(), "parse: "))
				}
				if *update && !told {
					file := strings.TrimSuffix(path, ".txt") + ".json"
					if err := os.WriteFile(file, marshal(t, g), 0o644); err != nil {
						t.Fatal(err)
					}
					want = g
				}
				if told && !g.Told {
					want.Bad = slices.Clone(want.Bad)
					for i, b := range want.Bad {
						want.Bad[i] = strings.Replace(b, ErrFormat.Error(), errOtherFormat.Error(), 1)
					}
				}
				if got, want := marshal(t, g), marshal(t, want); !bytes.Equal(got, want) {
					t.Errorf("told %v: %s", told, diff(got, want))
				}
			}
		})
	})
}

// A new row of the table of formats is not done without samples.
func TestEveryFormatHasSamples(t *testing.T) {
	count := map[Format]int{}
	goldens(t, func(_ string, format Format, _ []byte, g golden) {
		if g.Origin != "" && !g.Now.IsZero() {
			count[format]++
		}
	})
	lines, benches := map[Format]bool{Names: true}, map[Format]bool{}
	for _, c := range lineTests {
		lines[c.format] = true
	}
	for _, c := range benchLines {
		benches[c.format] = true
	}
	for _, f := range Formats() {
		if count[f] < 3 || !lines[f] || !benches[f] {
			t.Errorf("%v: %d golden listings with origin and time, single lines %v, benchmark %v", f, count[f], lines[f], benches[f])
		}
	}
}

func marshal(t *testing.T, g golden) []byte {
	// One entry a line, so that a change is one line of a diff.
	var b bytes.Buffer
	line := func(v any) []byte {
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(v); err != nil {
			t.Fatal(err)
		}
		return bytes.TrimSpace(b.Bytes())
	}
	entries, bad := g.Entries, g.Bad
	g.Entries, g.Bad = nil, nil
	head := line(g)
	b.Write(bytes.TrimSuffix(head, []byte(`"entries":null}`)))
	b.WriteString("\n\"entries\":[")
	for i, e := range entries {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString("\n")
		b.Write(line(e))
	}
	b.WriteString("\n]")
	for i, e := range bad {
		b.WriteString([]string{",\n\"bad\":[\n", ",\n"}[min(i, 1)])
		b.Write(line(e))
	}
	if len(bad) > 0 {
		b.WriteString("\n]")
	}
	b.WriteString("}\n")
	return b.Bytes()
}

// diff shows the first lines that differ.
func diff(got, want []byte) string {
	g, w := bytes.Split(got, []byte("\n")), bytes.Split(want, []byte("\n"))
	for i := range max(len(g), len(w)) {
		var a, b []byte
		if i < len(g) {
			a = g[i]
		}
		if i < len(w) {
			b = w[i]
		}
		if !bytes.Equal(a, b) {
			return "\n got " + string(a) + "\nwant " + string(b)
		}
	}
	return "equal"
}
