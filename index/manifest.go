package index

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// Format is the version of everything in an index directory. An index of another version is not read.
const Format = 1

const (
	manifestName  = "MANIFEST.json"
	publisherLock = "publisher.lock"
	readerLock    = "lock"
)

// A Manifest says which generations are in force and which servers they hold. It is the file MANIFEST.json of the
// index directory, and only ever replaced as a whole, by a rename.
type Manifest struct {
	Format      int                  `json:"format"` // version of everything in the index directory
	Seq         uint64               `json:"seq"`    // grows by one with each publication
	Side        uint64               `json:"side"`   // number of the side directory; 0: there is none
	Generations []ManifestGeneration `json:"generations"`
}

// A ManifestGeneration is one generation in force.
type ManifestGeneration struct {
	Dir     string           `json:"dir"`
	Docs    int              `json:"docs"`
	Bytes   int64            `json:"bytes"` // of all its files
	Servers []ManifestServer `json:"servers"`
}

// A ManifestServer is the interval of documents of one server in its generation. Documents of a generation that lie in
// no such interval are not in force.
type ManifestServer struct {
	Key        string `json:"key"`
	First      int    `json:"first"`
	Docs       int    `json:"docs"`
	ArchiveSeq uint64 `json:"archive_seq"`
	Charset    string `json:"charset,omitempty"`
	Zone       string `json:"zone,omitempty"`
	Partial    bool   `json:"partial,omitempty"`
}

// Server returns what the manifest says of the server with this key.
func (m *Manifest) Server(key string) (ManifestServer, bool) {
	for _, g := range m.Generations {
		for _, s := range g.Servers {
			if s.Key == key {
				return s, true
			}
		}
	}
	return ManifestServer{}, false
}

// Docs returns the number of documents in force.
func (m *Manifest) Docs() int {
	n := 0
	for _, g := range m.Generations {
		for _, s := range g.Servers {
			n += s.Docs
		}
	}
	return n
}

// readManifest reads the manifest of dir. The error wraps fs.ErrNotExist if there is none.
func readManifest(dir string) (*Manifest, error) {
	path := filepath.Join(dir, manifestName)
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("index: %w", err)
	}
	m := new(Manifest)
	if err := json.Unmarshal(b, m); err != nil {
		return nil, corrupt(path, "%v", err)
	}
	if m.Format != Format {
		return nil, &FileError{path, fmt.Errorf("%w: version %d, this program reads %d", ErrVersion, m.Format, Format)}
	}
	for _, g := range m.Generations {
		if g.Dir != filepath.Base(g.Dir) || g.Docs < 0 {
			return nil, corrupt(path, "bad generation %q", g.Dir)
		}
		for _, s := range g.Servers {
			if s.First < 0 || s.Docs < 0 || s.First > g.Docs || s.Docs > g.Docs-s.First {
				return nil, corrupt(path, "bad interval of %s in %s", s.Key, g.Dir)
			}
		}
	}
	return m, nil
}

// writeManifest puts m in force: after a crash at any instant the old or the new one is there, whole.
func writeManifest(dir string, m *Manifest) error {
	b, err := json.MarshalIndent(m, "", "\t")
	if err != nil {
		return err
	}
	tmp := filepath.Join(dir, manifestName+".tmp")
	if err := writeFileSync(tmp, append(b, '\n')); err != nil {
		return err
	}
	if err := os.Rename(tmp, filepath.Join(dir, manifestName)); err != nil {
		return err
	}
	return syncDir(dir)
}
