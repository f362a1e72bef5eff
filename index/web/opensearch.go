package web

import (
	"encoding/xml"
	"net/http"
)

// An openSearch is a description document of OpenSearch 1.1, from which browsers learn to search here.
type openSearch struct {
	XMLName       xml.Name `xml:"http://a9.com/-/spec/opensearch/1.1/ OpenSearchDescription"`
	ShortName     string   // at most 16 characters
	Description   string   // at most 1024
	InputEncoding string
	URLs          []openURL `xml:"Url"`
}

type openURL struct {
	Type     string `xml:"type,attr"`
	Rel      string `xml:"rel,attr,omitempty"`
	Template string `xml:"template,attr"`
}

func (s *Server) openSearch(w http.ResponseWriter, r *http.Request) {
	base, err := s.base(r)
	if err != nil {
		s.writeError(w, r, err)
		return
	}
	s.writeXML(w, r, "application/opensearchdescription+xml", "", &openSearch{
		ShortName: "ftpidx", Description: "Find files on FTP servers", InputEncoding: "UTF-8",
		URLs: []openURL{
			{Type: "text/html", Template: base + "/?q={searchTerms}"},
			{Type: atomType, Template: base + "/feed?q={searchTerms}"},
			{Type: "application/opensearchdescription+xml", Rel: "self", Template: base + "/opensearch.xml"},
		},
	})
}

// writeXML writes v; characters that XML 1.0 cannot hold become U+FFFD.
func (s *Server) writeXML(w http.ResponseWriter, r *http.Request, kind, tag string, v any) {
	b, err := xml.MarshalIndent(v, "", " ")
	if err != nil {
		s.writeError(w, r, err)
		return
	}
	if tag != "" {
		w.Header().Set("ETag", tag)
	}
	w.Header().Set("Content-Type", kind+"; charset=utf-8")
	w.Write(append(append([]byte(xml.Header), b...), '\n'))
}
