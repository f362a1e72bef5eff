package index

// A Manifest says which generations are in force and which servers they hold. It is the file MANIFEST.json of the index directory.
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

// A ManifestServer is the interval of documents of one server in its generation.
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
