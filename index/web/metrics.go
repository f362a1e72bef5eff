package web

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/ftpidx/ftpidx/index"
	"github.com/ftpidx/ftpidx/index/query"
)

// metrics are what /metrics shows. All names begin with ftpidx_.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec // by route and status
	queries  *prometheus.CounterVec // by outcome
	seconds  prometheus.Histogram   // of searches that ran
}

// outcomes of a query: what /metrics counts them by.
const (
	outcomeFound    = "found"
	outcomeNothing  = "nothing"
	outcomePartial  = "partial"  // ended by a limit of time or cost
	outcomeInvalid  = "invalid"  // not a query, or a bad parameter
	outcomeBusy     = "busy"     // refused, 429
	outcomeCanceled = "canceled" // the client has gone
	outcomeTimeout  = "timeout"
	outcomeFailed   = "failed" // the index cannot be read, or is damaged
)

func newMetrics(s *Server, g *gate) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ftpidx_http_requests_total", Help: "Requests answered, by route and status."}, []string{"route", "status"}),
		queries: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ftpidx_queries_total", Help: "Queries, by outcome."}, []string{"outcome"}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "ftpidx_query_seconds", Help: "Time that searches took in the index, without waiting for their turn.",
			Buckets: []float64{.0005, .001, .002, .005, .01, .02, .05, .1, .2, .5, 1, 2, 5, 10, 20}}),
	}
	for _, o := range []string{outcomeFound, outcomeNothing, outcomePartial, outcomeInvalid, outcomeBusy, outcomeCanceled, outcomeTimeout, outcomeFailed} {
		m.queries.WithLabelValues(o)
	}
	m.registry.MustRegister(m.requests, m.queries, m.seconds,
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "ftpidx_queries_running", Help: "Searches that run now."},
			func() float64 { return float64(len(g.running)) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "ftpidx_queries_waiting", Help: "Searches that wait for their turn."},
			func() float64 { return float64(g.waiting.Load()) }),
		&indexCollector{s},
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{DisableCompression: true, MaxRequestsInFlight: 4})
}

// searched counts a search that took d; with errBusy none ran.
func (m *metrics) searched(r *index.Result, err error, d time.Duration) {
	outcome := outcomeOf(r, err)
	m.queries.WithLabelValues(outcome).Inc()
	if d > 0 {
		m.seconds.Observe(d.Seconds())
	}
}

func outcomeOf(r *index.Result, err error) string {
	var syntax *query.SyntaxError
	var param *paramError
	switch {
	case err == nil && r.Partial:
		return outcomePartial
	case err == nil && r.Total == 0:
		return outcomeNothing
	case err == nil:
		return outcomeFound
	case errors.As(err, &syntax), errors.As(err, &param), errors.Is(err, index.ErrCursor):
		return outcomeInvalid
	case errors.Is(err, errBusy):
		return outcomeBusy
	case errors.Is(err, context.Canceled):
		return outcomeCanceled
	case errors.Is(err, context.DeadlineExceeded):
		return outcomeTimeout
	}
	return outcomeFailed
}

// answered counts a request.
func (m *metrics) answered(route string, status int) {
	m.requests.WithLabelValues(route, strconv.Itoa(status)).Inc()
}

// An indexCollector looks at the index and the servers when the metrics are asked for.
type indexCollector struct{ s *Server }

var (
	descUp          = prometheus.NewDesc("ftpidx_index_up", "1 if the index can be read and no damage is known, or nothing has been published yet.", nil, nil)
	descDocuments   = prometheus.NewDesc("ftpidx_index_documents", "Documents in the index.", nil, nil)
	descGenerations = prometheus.NewDesc("ftpidx_index_generations", "Generations in force.", nil, nil)
	descBytes       = prometheus.NewDesc("ftpidx_index_bytes", "Size of the generations in force.", nil, nil)
	descSeq         = prometheus.NewDesc("ftpidx_index_publications", "Sequence number of the manifest, one more with each publication.", nil, nil)
	descAge         = prometheus.NewDesc("ftpidx_server_crawl_age_seconds", "Time since the last crawl of the server ended.", []string{"server"}, nil)
)

// Describe implements [prometheus.Collector].
func (c *indexCollector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{descUp, descDocuments, descGenerations, descBytes, descSeq, descAge} {
		ch <- d
	}
}

// Collect implements [prometheus.Collector].
func (c *indexCollector) Collect(ch chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	m, err := c.s.Index.Manifest()
	if err != nil {
		gauge(descUp, 0)
	} else {
		bytes := int64(0)
		for _, g := range m.Generations {
			bytes += g.Bytes
		}
		gauge(descUp, 1)
		gauge(descDocuments, float64(m.Docs()))
		gauge(descGenerations, float64(len(m.Generations)))
		gauge(descBytes, float64(bytes))
		gauge(descSeq, float64(m.Seq))
	}
	servers, err := c.s.servers()
	if err != nil {
		c.s.log().Warn("servers cannot be listed", "err", err)
	}
	seen := map[string]bool{}
	for i := range servers {
		key := strings.ToValidUTF8(servers[i].Key, "\ufffd")
		if ended := servers[i].Ended; !ended.IsZero() && !seen[key] {
			seen[key] = true
			gauge(descAge, c.s.now().Sub(ended).Seconds(), key)
		}
	}
}
