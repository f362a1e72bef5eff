package crawl

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// Pathnames, and the words of a server, are bytes, and JSON holds text. Where they are not UTF-8 the bytes stand in base64
// beside a reading for people, under the key with "_raw", and are what is read back.

// textAndRaw returns s as text and, if it is not UTF-8, its bytes.
func textAndRaw(s string) (text string, raw []byte) {
	if utf8.ValidString(s) {
		return s, nil
	}
	return string(bytes.ToValidUTF8([]byte(s), []byte("\ufffd"))), []byte(s)
}

func rawOr(raw []byte, text string) string {
	if raw != nil {
		return string(raw)
	}
	return text
}

// RawPaths returns the bytes of those pathnames that are not UTF-8, and nil for the others; nil if there are only such.
func RawPaths(paths []string) [][]byte {
	var all [][]byte
	for i, p := range paths {
		if utf8.ValidString(p) {
			continue
		}
		if all == nil {
			all = make([][]byte, len(paths))
		}
		all[i] = []byte(p)
	}
	return all
}

// PathsOf returns what JSON has made of pathnames with their bytes put back, which [RawPaths] has kept.
func PathsOf(paths []string, raw [][]byte) []string {
	for i := range min(len(paths), len(raw)) {
		paths[i] = rawOr(raw[i], paths[i])
	}
	return paths
}

type jsonExample struct {
	Path      string `json:"path"`
	PathRaw   []byte `json:"path_raw,omitempty"`
	Detail    string `json:"detail,omitempty"`
	DetailRaw []byte `json:"detail_raw,omitempty"`
}

// MarshalJSON implements [json.Marshaler].
func (x Example) MarshalJSON() ([]byte, error) {
	var j jsonExample
	j.Path, j.PathRaw = textAndRaw(x.Path)
	j.Detail, j.DetailRaw = textAndRaw(x.Detail)
	return marshal(&j)
}

// UnmarshalJSON implements [json.Unmarshaler].
func (x *Example) UnmarshalJSON(text []byte) error {
	var j jsonExample
	err := json.Unmarshal(text, &j)
	*x = Example{rawOr(j.PathRaw, j.Path), rawOr(j.DetailRaw, j.Detail)}
	return err
}

type jsonChange struct {
	Kind    ChangeKind `json:"kind"`
	Path    string     `json:"path"`
	PathRaw []byte     `json:"path_raw,omitempty"`
}

// MarshalJSON implements [json.Marshaler].
func (c Change) MarshalJSON() ([]byte, error) {
	j := jsonChange{Kind: c.Kind}
	j.Path, j.PathRaw = textAndRaw(c.Path)
	return marshal(&j)
}

// UnmarshalJSON implements [json.Unmarshaler].
func (c *Change) UnmarshalJSON(text []byte) error {
	var j jsonChange
	err := json.Unmarshal(text, &j)
	*c = Change{j.Kind, rawOr(j.PathRaw, j.Path)}
	return err
}

type (
	plainCounts Counts
	jsonCounts  struct {
		*plainCounts
		LastPathRaw []byte `json:"last_path_raw,omitempty"`
	}
)

// MarshalJSON implements [json.Marshaler].
func (c Counts) MarshalJSON() ([]byte, error) {
	j := jsonCounts{plainCounts: (*plainCounts)(&c)}
	c.LastPath, j.LastPathRaw = textAndRaw(c.LastPath)
	return marshal(&j)
}

// UnmarshalJSON implements [json.Unmarshaler].
func (c *Counts) UnmarshalJSON(text []byte) error {
	j := jsonCounts{plainCounts: (*plainCounts)(c)}
	err := json.Unmarshal(text, &j)
	c.LastPath = rawOr(j.LastPathRaw, c.LastPath)
	return err
}

type (
	plainFacts Facts
	jsonFacts  struct {
		*plainFacts
		LoginDirRaw []byte `json:"login_dir_raw,omitempty"`
	}
)

// MarshalJSON implements [json.Marshaler].
func (f Facts) MarshalJSON() ([]byte, error) {
	j := jsonFacts{plainFacts: (*plainFacts)(&f)}
	f.LoginDir, j.LoginDirRaw = textAndRaw(f.LoginDir)
	return marshal(&j)
}

// UnmarshalJSON implements [json.Unmarshaler].
func (f *Facts) UnmarshalJSON(text []byte) error {
	j := jsonFacts{plainFacts: (*plainFacts)(f)}
	err := json.Unmarshal(text, &j)
	f.LoginDir = rawOr(j.LoginDirRaw, f.LoginDir)
	return err
}

// marshal is json.Marshal, but leaves it to the caller's encoder whether "<" and its like are escaped.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return b.Bytes(), err
}
