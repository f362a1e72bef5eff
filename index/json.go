package index

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ftpidx/ftpidx/parse"
)

// hitJSON is the object that stands for a document in all JSON that ftpidx writes. What is not known is left out, never zero.
type hitJSON struct {
	URL       string          `json:"url"`
	Scheme    string          `json:"scheme"`
	Host      string          `json:"host"`
	Path      string          `json:"path"`
	Name      string          `json:"name"`
	NameRaw   string          `json:"name_raw,omitempty"`
	Dir       string          `json:"dir"`
	Depth     int             `json:"depth"`
	Type      string          `json:"type"`
	Size      *int64          `json:"size,omitempty"`
	Mtime     string          `json:"mtime,omitempty"`
	Precision parse.Precision `json:"precision,omitempty"`
	Perm      string          `json:"perm,omitempty"`
	Mode      string          `json:"mode,omitempty"`
	Owner     string          `json:"owner,omitempty"`
	Group     string          `json:"group,omitempty"`
	Target    string          `json:"target,omitempty"`
	Added     string          `json:"added,omitempty"`
	Seen      string          `json:"seen,omitempty"`
	Copies    int             `json:"copies,omitempty"`
}

// MarshalJSON returns the document as one object with the keys url, scheme, host (the server key), path, name, name_raw
// (base64 of the bytes, only where they are not UTF-8), dir, depth, type, size (bytes), mtime (RFC 3339, UTC),
// precision, perm (four octal digits), mode, owner, group, target, added, seen and copies. Unknown values are left out.
func (d *Document) MarshalJSON() ([]byte, error) {
	h := hitJSON{
		URL: d.URL(), Scheme: d.Server.Scheme, Host: d.Server.Key(),
		Path: d.PathText(), Name: d.NameText(), Type: d.Type.String(),
		Mtime: rfc3339(d.ModTime), Perm: d.Perm.String(), Mode: d.Server.text(d.Mode),
		Owner: d.Server.text(d.Owner), Group: d.Server.text(d.Group), Target: d.Server.text(d.Target),
		Added: rfc3339(d.Added), Seen: rfc3339(d.Seen), Copies: d.Copies,
	}
	h.Dir = strings.TrimSuffix(h.Path, "/"+h.Name)
	if h.Dir == "" {
		h.Dir = "/"
	}
	h.Depth = strings.Count(h.Path, "/") - 1
	if !utf8.ValidString(d.Name) {
		h.NameRaw = base64.StdEncoding.EncodeToString([]byte(d.Name))
	}
	if d.Size >= 0 {
		h.Size = &d.Size
	}
	if !d.ModTime.IsZero() {
		h.Precision = d.Precision
	}
	return json.Marshal(h)
}

// MarshalJSON returns the object of the document, and under others the URLs of the copies that the hit stands for, if there are any.
func (h *Hit) MarshalJSON() ([]byte, error) {
	b, err := h.Document.MarshalJSON()
	if err != nil || len(h.Others) == 0 {
		return b, err
	}
	urls, err := json.Marshal(h.Others)
	b = append(b[:len(b)-1], `,"others":`...)
	return append(append(b, urls...), '}'), err
}

func rfc3339(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}
