package web

import (
	_ "embed"
	"net/http"
)

// openAPIDocument describes the API to programs; a test holds the answers against it.
//
//go:embed openapi.json
var openAPIDocument []byte

func (s *Server) openAPI(w http.ResponseWriter, r *http.Request) {
	s.allowOrigin(w, r)
	tag := hashTag(string(openAPIDocument))
	if notModified(w, r, tag) {
		return
	}
	w.Header().Set("ETag", tag)
	w.Header().Set("Content-Type", "application/json")
	w.Write(openAPIDocument)
}
