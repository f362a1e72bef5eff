package index

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"slices"

	"github.com/rogpeppe/go-internal/robustio"
)

// Format is the version of everything in an index directory. An index of another version is not read.
const Format = 3

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
	CRC         uint32               `json:"crc32c,omitempty"` // of all the rest, as compact JSON; 0: not known
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
//
// It is strict, since a manifest with a damaged name in it would else be one that puts nothing in force, and all
// queries would find nothing.
func readManifest(dir string) (*Manifest, error) {
	path := filepath.Join(dir, manifestName)
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("index: %w", err)
	}
	var version struct { // another format may have other fields
		Format *int `json:"format"`
	}
	if err := json.Unmarshal(b, &version); err != nil {
		return nil, corrupt(path, "%v", err)
	}
	if version.Format == nil {
		return nil, corrupt(path, "no format")
	}
	if *version.Format != Format {
		return nil, &FileError{path, fmt.Errorf("%w: version %d, this program reads %d", ErrVersion, *version.Format, Format)}
	}
	m := new(Manifest)
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(m); err != nil {
		return nil, corrupt(path, "%v", err)
	}
	if err := m.check(); err != nil {
		return nil, corrupt(path, "%v", err)
	}
	for _, g := range m.Generations {
		for i := range g.Servers {
			g.Servers[i].Key = CanonicalKey(g.Servers[i].Key)
		}
	}
	return m, nil
}

// check says what cannot be so in m.
func (m *Manifest) check() error {
	if crc, err := m.crc(); err != nil {
		return err
	} else if m.CRC != 0 && m.CRC != crc {
		return errors.New("the checksum is wrong")
	}
	dirs, keys := map[string]bool{}, map[string]bool{}
	for _, g := range m.Generations {
		if _, ok := numbered(genPrefix, g.Dir); !ok || dirs[g.Dir] || g.Docs < 0 || len(g.Servers) == 0 {
			return fmt.Errorf("bad generation %q", g.Dir)
		}
		dirs[g.Dir] = true
		for _, s := range g.Servers {
			if s.Key == "" || keys[s.Key] {
				return fmt.Errorf("bad server %q in %s", s.Key, g.Dir)
			}
			keys[s.Key] = true
		}
		servers := slices.Clone(g.Servers)
		slices.SortFunc(servers, func(a, b ManifestServer) int {
			return cmp.Or(cmp.Compare(a.First, b.First), cmp.Compare(a.Docs, b.Docs))
		})
		end := 0
		for _, s := range servers {
			if s.First < end || s.Docs < 0 || s.First > g.Docs || s.Docs > g.Docs-s.First {
				return fmt.Errorf("bad interval of %s in %s", s.Key, g.Dir)
			}
			end = s.First + s.Docs
		}
	}
	return nil
}

// crc returns the checksum of all of m but the checksum.
func (m *Manifest) crc() (uint32, error) {
	rest := *m
	rest.CRC = 0
	return jsonSum(rest)
}

// asRead returns v as who reads its JSON will have it, which does not hold bytes that are not UTF-8.
func asRead[T any](v *T) *T {
	read := new(T)
	if b, err := json.Marshal(v); err != nil || json.Unmarshal(b, read) != nil {
		return v
	}
	return read
}

// jsonSum returns the checksum of v as compact JSON.
func jsonSum(v any) (uint32, error) {
	b, err := json.Marshal(v)
	return crc32.Checksum(b, castagnoli), err
}

// writeManifest puts m in force: after a crash at any instant the old or the new one is there, whole.
func writeManifest(dir string, m *Manifest) (err error) {
	if m.CRC, err = asRead(m).crc(); err != nil {
		return err
	}
	b, err := json.MarshalIndent(m, "", "\t")
	if err != nil {
		return err
	}
	tmp := filepath.Join(dir, manifestName+".tmp")
	if err := writeFileSync(tmp, append(b, '\n')); err != nil {
		return err
	}
	if err := robustio.Rename(tmp, filepath.Join(dir, manifestName)); err != nil {
		return err
	}
	return syncDir(dir)
}
