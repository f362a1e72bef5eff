package index

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ftpidx/ftpidx/index/query"
)

// indexFiles returns the paths of all files of the only generation of m but its lock, and of its side directory.
func indexFiles(t *testing.T, dir string, m *Manifest) (files []string) {
	t.Helper()
	for _, root := range []string{filepath.Join(dir, m.Generations[0].Dir), sideDir(dir, m.Side)} {
		err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
			if err == nil && !e.IsDir() && e.Name() != readerLock {
				files = append(files, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(files) < 9 {
		t.Fatal(files)
	}
	return files
}

func TestVerifyFindsDamageOfAnyFile(t *testing.T) {
	dir := t.TempDir()
	m := publish(t, dir, nil, source("a.example", 1, manyFiles(300, time.Time{})...))
	everything := &query.All{}
	for _, path := range indexFiles(t, dir, m) {
		name := filepath.Base(path)
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		ix, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		// In place, behind the back of who has it mapped.
		if err := os.WriteFile(path, flip(whole), 0o644); err != nil {
			t.Fatal(err)
		}
		var damage []error
		o := &VerifyOptions{Rate: 1 << 40, Damage: func(err error) { damage = append(damage, err) }}
		parts := 0
		for ; parts < 10 && ix.verifyNext(context.Background(), o); parts++ {
		}
		if parts != 2 { // the generation, and what is beside it
			t.Errorf("%s: %d parts looked at", name, parts)
		}
		if len(damage) != 1 || !strings.Contains(damage[0].Error(), path) || !strings.Contains(damage[0].Error(), "ftpidx index rebuild") {
			t.Errorf("%s: told %v", name, damage)
		}
		var fe *FileError
		if _, err := ix.Search(context.Background(), everything, nil); !errors.As(err, &fe) || !errors.Is(err, ErrCorrupt) || fe.Path != path {
			t.Errorf("%s: search says %v", name, err)
		}
		if _, err := ix.Manifest(); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: manifest says %v", name, err)
		}
		if err := ix.Close(); err != nil {
			t.Error(err)
		}
		if err := os.WriteFile(path, whole, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// All that is wrong in generation.json is damage, not only what does not fit the other files.
func TestDamagedGenerationIsNotOpened(t *testing.T) {
	dir := t.TempDir()
	src := source("a.example", 1, entry("/", "README", File))
	src.Server.Charset = "iso-8859-1"
	m := publish(t, dir, nil, src)
	path := filepath.Join(dir, m.Generations[0].Dir, generationName)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range [][2]string{{"iso-8859-1", "iso-8859-2"}, {`"charset"`, `"charsat"`}, {`"crc32c":`, `"crc32c":1`}, {`"built":"2`, `"built":"3`}} {
		bad := strings.Replace(string(good), c[0], c[1], 1)
		if bad == string(good) {
			t.Fatalf("no %s in %s", c[0], good)
		}
		if err := os.WriteFile(path, []byte(bad), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(dir); !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", c[1], err)
		}
	}
}

// Verify goes on with what is published while it runs, which is also what repairs.
func TestVerifyUntilRepairedAndOn(t *testing.T) {
	dir := t.TempDir()
	src := source("a.example", 1, manyFiles(300, time.Time{})...)
	m := publish(t, dir, nil, src)
	ix, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer ix.Close()
	ctx, stop := context.WithCancel(context.Background())
	damage, ended := make(chan error, 1), make(chan struct{})
	spoil := func(m *Manifest) {
		t.Helper()
		path := filepath.Join(dir, m.Generations[0].Dir, dirsName)
		b, err := os.ReadFile(path)
		if err == nil {
			err = os.WriteFile(path, flip(b), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	search := func() error {
		_, err := ix.Search(context.Background(), &query.All{}, nil)
		return err
	}
	spoil(m)
	go func() {
		defer close(ended)
		ix.Verify(ctx, &VerifyOptions{Damage: func(err error) { damage <- err }})
	}()
	if err := <-damage; !errors.Is(search(), err) {
		t.Errorf("%v, told %v", search(), err)
	}
	publish(t, dir, &PublishOptions{Replace: true}, src)
	if err := search(); err != nil {
		t.Errorf("rebuilt: %v", err)
	}
	// The next generation is damaged before it is opened.
	src.ArchiveSeq++
	m = publish(t, dir, &PublishOptions{Replace: true}, src)
	spoil(m)
	if err := search(); err != nil {
		t.Fatal(err)
	}
	if err := <-damage; !errors.Is(search(), err) {
		t.Errorf("%v, told %v", search(), err)
	}
	stop()
	<-ended
}

func TestVerifyReadsSlowlyAndEnds(t *testing.T) {
	dir := t.TempDir()
	src := source("a.example", 1, manyFiles(3000, time.Time{})...)
	m := publish(t, dir, nil, src)
	ix, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer ix.Close()
	none := func(err error) { t.Errorf("damage: %v", err) }
	size := m.Generations[0].Bytes

	ctx, stop := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer stop()
	if !ix.verifyNext(ctx, &VerifyOptions{Rate: 1, Damage: none}) || ctx.Err() == nil {
		t.Error("nothing verified, or before the end")
	}
	start := time.Now()
	if !ix.verifyNext(context.Background(), &VerifyOptions{Rate: 10 * size, Damage: none}) {
		t.Error("what was given up is not verified again")
	}
	if d := time.Since(start); d < 80*time.Millisecond {
		t.Errorf("%d bytes in %v", size, d)
	}

	// What is no longer in force is not read to its end.
	publish(t, dir, &PublishOptions{Replace: true}, src)
	if _, err := ix.Manifest(); err != nil {
		t.Fatal(err)
	}
	part, ok := ix.unverified()
	if !ok {
		t.Fatal("nothing is to be verified")
	}
	publish(t, dir, &PublishOptions{Replace: true}, src)
	if _, err := ix.Manifest(); err != nil {
		t.Fatal(err)
	}
	p := &pace{ctx: context.Background(), rate: 1 << 40, wanted: part.wanted}
	if part.check(p); !p.ended || p.read > 0 {
		t.Errorf("%d bytes read, ended %v", p.read, p.ended)
	}
	part.release()
}
