package index

import (
	"fmt"
	"strings"
)

// A sequence sees to it that the documents of a server are in document order, and have pathnames at all.
type sequence struct {
	key       string // of the server
	dir, name string // of the last document
}

func newSequence(key string) sequence { return sequence{key, "/", ""} }

// next goes on to d. It reports whether that has the pathname of the last document; the error says why it cannot be next.
func (s *sequence) next(d *Document) (repeated bool, err error) {
	if err := checkPath(d); err != nil {
		return false, err
	}
	c := 0
	if d.Dir != s.dir {
		c = compareDirs(s.dir, d.Dir)
	}
	if c == 0 {
		c = strings.Compare(s.name, d.Name)
	}
	if c > 0 {
		return false, fmt.Errorf("documents out of order: %q in %q after %q in %q", d.Name, d.Dir, s.name, s.dir)
	}
	s.dir, s.name = d.Dir, d.Name
	return c == 0, nil
}

func checkPath(d *Document) error {
	switch {
	case d.Name == "" || d.Name == "." || d.Name == ".." || strings.Contains(d.Name, "/"):
		return fmt.Errorf("bad name %q in %q", d.Name, d.Dir)
	case d.Dir == "/":
		return nil
	case !strings.HasPrefix(d.Dir, "/") || strings.HasSuffix(d.Dir, "/") || strings.Contains(d.Dir, "//"):
		return fmt.Errorf("bad directory %q", d.Dir)
	}
	return nil
}
