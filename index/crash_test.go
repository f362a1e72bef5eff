package index

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ftpidx/ftpidx/index/query"
)

// Tests of several processes run the test binary again, as what $FTPIDX_TEST_ROLE says, on the index in $FTPIDX_TEST_DIR, with the
// writer of segments $FTPIDX_TEST_WRITER.
func TestMain(m *testing.M) {
	dir := os.Getenv("FTPIDX_TEST_DIR")
	o := versionOptions(os.Getenv("FTPIDX_TEST_WRITER"))
	var err error
	switch os.Getenv("FTPIDX_TEST_ROLE") {
	case "":
		os.Exit(m.Run())
	case "publish":
		err = publishForEver(dir, o)
	case "publish once":
		checkSegments = func() error { return nil } // to be traced, it takes as long as all the rest
		err = publishNext(dir, o)
	case "search":
		err = searchUntilTold(dir)
	}
	if err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
}

// writers are those of segments.
var writers = []string{"fast", "bleve"}

// role is a process of the test binary.
func role(role, dir, writer string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "FTPIDX_TEST_ROLE="+role, "FTPIDX_TEST_DIR="+dir, "FTPIDX_TEST_WRITER="+writer)
	cmd.Stderr = os.Stderr
	return cmd
}

// start starts a process that prints, and waits for its first line.
func start(t *testing.T, cmd *exec.Cmd) *bufio.Reader {
	t.Helper()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	r := bufio.NewReader(out)
	if line, err := r.ReadString('\n'); err != nil || line != "ready\n" {
		t.Fatalf("child: %q %v", line, err)
	}
	return r
}

const versionDocs = 500

// versionSources are two servers whose documents all carry a version in their names.
func versionSources(version int) []Source {
	var list []Source
	for _, host := range []string{"a.example", "b.example"} {
		docs := make([]Document, versionDocs)
		for i := range docs {
			docs[i] = entry("/", fmt.Sprintf("file%05d.v%d", i, version), File)
		}
		list = append(list, source(host, uint64(version), docs...))
	}
	return list
}

// versionOptions make several segments, and those that bleve makes of several parts.
func versionOptions(writer string) *PublishOptions {
	return &PublishOptions{segmentDocs: 300, partDocs: 100, BleveSegments: writer == "bleve"}
}

// publishForEver publishes one version after the other and prints each when it is in force.
func publishForEver(dir string, o *PublishOptions) error {
	if !o.BleveSegments {
		if err := checkSegments(); err != nil { // it takes as long as a publication
			return err
		}
	}
	fmt.Println("ready")
	for {
		if err := publishNext(dir, o); err != nil {
			return err
		}
		m, err := readManifest(dir)
		if err != nil {
			return err
		}
		fmt.Println(versionOf(m))
	}
}

// publishNext publishes the version after the one in force.
func publishNext(dir string, o *PublishOptions) error {
	version := 1
	if m, err := readManifest(dir); err == nil {
		version = versionOf(m) + 1
	}
	_, err := Publish(context.Background(), dir, versionSources(version), o)
	return err
}

func versionOf(m *Manifest) int {
	s, _ := m.Server("a.example")
	return int(s.ArchiveSeq)
}

// checkVersion searches for everything, and returns the version of all that is found.
func checkVersion(ix *Index) (int, error) {
	r, err := ix.Search(context.Background(), &query.All{}, &SearchOptions{Limit: 20, Facets: []string{"ext", "host"}})
	if err != nil {
		return 0, err
	}
	if r.Total != 2*versionDocs || r.Docs != 2*versionDocs || len(r.Facets["ext"]) != 1 || len(r.Facets["host"]) != 2 {
		return 0, fmt.Errorf("a mixture: %d of %d documents, %v", r.Total, r.Docs, r.Facets)
	}
	version := strings.TrimPrefix(r.Facets["ext"][0].Value, "v")
	for _, h := range r.Hits {
		if !strings.HasSuffix(h.Name, ".v"+version) {
			return 0, fmt.Errorf("%s is not of version %s", h.Name, version)
		}
	}
	word, err := ix.Search(context.Background(), &query.Text{Field: query.Name, Mode: query.Has, Value: "file0001"}, nil)
	if err != nil {
		return 0, err
	}
	if word.Total != 20 {
		return 0, fmt.Errorf("file0001: %d hits", word.Total)
	}
	return strconv.Atoi(version)
}

// versionIn opens the index in dir as a reader does, and returns the version that it finds.
func versionIn(dir string) (int, error) {
	ix, err := Open(dir)
	if err != nil {
		return 0, err
	}
	v, err := checkVersion(ix)
	return v, errors.Join(err, ix.Close())
}

// left returns what stands in dir beside what the manifest names.
func left(t *testing.T, dir string) []string {
	t.Helper()
	m, err := readManifest(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{manifestName: true, publisherLock: true, filepath.Base(sideDir(dir, m.Side)): true}
	for _, g := range m.Generations {
		want[g.Dir] = true
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, e := range entries {
		if !want[e.Name()] {
			list = append(list, e.Name())
		}
	}
	return list
}

// TestKilledPublishers kills publishers at any time: in the middle of a write or a sync, too. What they said to be published is found, what
// they were at is found whole or not at all, and the next one that is not killed leaves nothing of it.
func TestKilledPublishers(t *testing.T) {
	rounds := 15
	if testing.Short() {
		rounds = 3
	}
	for _, writer := range writers {
		t.Run(writer, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := publishNext(dir, versionOptions(writer)); err != nil {
				t.Fatal(err)
			}
			version, remains := 1, 0
			for round := range rounds {
				cmd := role("publish", dir, writer)
				out := start(t, cmd)
				time.Sleep(time.Duration(rand.Int64N(int64(80 * time.Millisecond))))
				cmd.Process.Kill()
				said, err := io.ReadAll(out)
				if err != nil {
					t.Fatal(err)
				}
				cmd.Wait()
				if lines := strings.Fields(string(said)); len(lines) > 0 {
					if version, err = strconv.Atoi(lines[len(lines)-1]); err != nil {
						t.Fatalf("round %d: %q", round, said)
					}
				}
				v, err := versionIn(dir)
				if err != nil || v != version && v != version+1 {
					t.Fatalf("round %d: version %d after %d: %v", round, v, version, err)
				}
				version = v
				remains += len(left(t, dir))
			}
			if remains == 0 && !testing.Short() {
				t.Error("no publisher was killed at work")
			}
			checkNothingLeft(t, dir, writer)
		})
	}
}

// checkNothingLeft publishes in dir, and looks whether there is what belongs there, undamaged, and nothing else.
func checkNothingLeft(t *testing.T, dir, writer string) {
	t.Helper()
	if err := publishNext(dir, versionOptions(writer)); err != nil {
		t.Fatal(err)
	}
	if list := left(t, dir); len(list) > 0 {
		t.Errorf("left behind: %q", list)
	}
	if rep, err := Check(context.Background(), dir, nil); err != nil || len(rep.Damage) > 0 {
		t.Errorf("check: %v %v", rep, err)
	}
}

// searchUntilTold searches until its directory holds a file "stop", and prints how many searches and versions it saw.
func searchUntilTold(dir string) error {
	ix, err := Open(dir)
	if err != nil {
		return err
	}
	fmt.Println("ready")
	searches, versions, last := 0, 0, 0
	for {
		v, err := checkVersion(ix)
		if err != nil {
			return err
		}
		if v < last {
			return fmt.Errorf("version %d after %d", v, last)
		}
		if v > last {
			versions++
		}
		last = v
		searches++
		if _, err := os.Stat(filepath.Join(dir, "stop")); !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	fmt.Println(searches, versions)
	return ix.Close()
}

func TestSearchesWhilePublishing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := Publish(context.Background(), dir, versionSources(1), nil); err != nil {
		t.Fatal(err)
	}
	var outs []*bufio.Reader
	var cmds []*exec.Cmd
	for range 4 {
		cmd := role("search", dir, "")
		cmds, outs = append(cmds, cmd), append(outs, start(t, cmd))
	}
	rounds := 20
	if testing.Short() {
		rounds = 5
	}
	for v := range rounds {
		if _, err := Publish(context.Background(), dir, versionSources(v+2), versionOptions(writers[v%2])); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "stop"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for i, out := range outs {
		line, _ := out.ReadString('\n')
		var searches, versions int
		if n, _ := fmt.Sscan(line, &searches, &versions); n != 2 || versions < 2 {
			t.Errorf("searcher %d: %q", i, line)
		}
		if err := cmds[i].Wait(); err != nil {
			t.Errorf("searcher %d: %v", i, err)
		}
	}
	// Nobody uses the old generations any more.
	os.Remove(filepath.Join(dir, "stop"))
	if err := Drop(context.Background(), dir); err != nil {
		t.Fatal(err)
	}
	if list := left(t, dir); len(list) > 0 {
		t.Errorf("left behind: %q", list)
	}
}
