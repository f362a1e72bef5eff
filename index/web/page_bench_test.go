package web

import (
	"net/http/httptest"
	"testing"
	"time"
)

// BenchmarkPage makes the page of a query with a full page of hits and all filters, the search included.
func BenchmarkPage(b *testing.B) {
	s := &Server{Index: pageIndex(b, pageDocuments(b)), Now: func() time.Time { return pageNow }}
	h := s.Handler()
	b.ReportAllocs()
	for b.Loop() {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", queryPath("in:/ -holiday", "part", "answer"), nil))
		b.SetBytes(int64(w.Body.Len()))
	}
}
