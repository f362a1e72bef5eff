package web

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"time"
)

// etag returns the entity tag of what r finds in the index as it is, shown in some form; "" if the index cannot be read.
//
// It is of the manifest and of the query as parsed, in which newer:7d is a point in time: asked a second later, that is
// another query. Ranking looks at the clock too, to know which dates are in the future; therefore the day. And another build of this
// program may find or show something else.
func (s *Server) etag(r *searchRequest, form string) string {
	m, err := s.Index.Manifest()
	if err != nil {
		return ""
	}
	return hashTag(fmt.Sprintf("%s %s %d %d %d %s %s %v %d %v %q %v %v", build(), form, m.Format, m.Seq, m.CRC, r.now.UTC().Format(time.DateOnly),
		r.query.Expr, r.sort, r.limit, r.all, r.after, r.facets, r.group))
}

// build is what is known of the version of this program: where it was built by hand, only that of its dependencies.
var build = sync.OnceValue(func() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	return info.String()
})

// hashTag returns a weak entity tag of a text: answers with it say the same, if not in the same bytes.
func hashTag(s string) string {
	sum := sha256.Sum256([]byte(s))
	return `W/"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
}

// notModified reports whether the client has what tag stands for; then it has been told so, and there is nothing more to
// write. An empty tag stands for nothing.
func notModified(w http.ResponseWriter, r *http.Request, tag string) bool {
	w.Header().Set("Cache-Control", "private, no-cache") // keep it, but ask
	if tag == "" || !matches(r.Header.Values("If-None-Match"), tag) {
		return false
	}
	w.Header().Set("ETag", tag)
	w.WriteHeader(http.StatusNotModified)
	return true
}

// matches compares as If-None-Match does, where a weak tag is as good (RFC 9110, section 13.1.2).
func matches(header []string, tag string) bool {
	for _, line := range header {
		for t := range strings.SplitSeq(line, ",") {
			t = strings.TrimSpace(t)
			if t == "*" || strings.TrimPrefix(t, "W/") == strings.TrimPrefix(tag, "W/") {
				return true
			}
		}
	}
	return false
}
