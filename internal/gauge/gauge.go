// Package gauge shows what the nightly audit came to as Prometheus metrics: scraped, or as a file for node_exporter.
package gauge

import (
	"fmt"
	"net/http"
	"runtime"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Outcome is what became of a night.
type Outcome string

// The outcomes of a night. One that failed may be done later, and then counts as both.
const (
	Done   Outcome = "done"
	Failed Outcome = "failed"
	Missed Outcome = "missed"
)

// Run is a kept run, as far as it is shown.
type Run struct {
	Start, End time.Time
	Conclusion residency.Conclusion
	Complete   bool
	Fails      map[residency.Severity]int // unwaived
	Unknown    int
	Gaps       int
}

// Gauges is what is shown. Whatever is set is seen together or not at all.
type Gauges struct {
	registry *prometheus.Registry
	version  string

	mu     sync.Mutex
	run    *Run      // nil: there is none
	next   time.Time // zero: not known
	nights map[Outcome]int
}

// New shows nothing but the build and the process.
func New(version string) *Gauges {
	g := &Gauges{registry: prometheus.NewRegistry(), version: version, nights: map[Outcome]int{}}
	g.registry.MustRegister(g, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return g
}

// Ran shows a run as the last one.
func (g *Gauges) Ran(r Run) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.run = &r
}

// Next shows when the next night is due.
func (g *Gauges) Next(due time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.next = due
}

// Night counts a night.
func (g *Gauges) Night(o Outcome) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.nights[o]++
}

// Handler answers a scrape.
func (g *Gauges) Handler() http.Handler {
	return promhttp.HandlerFor(g.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4, Timeout: 10 * time.Second})
}

// WriteFile writes all of it to a file, which appears whole or not at all.
func (g *Gauges) WriteFile(path string) error {
	if err := prometheus.WriteToTextfile(path, g.registry); err != nil {
		return fmt.Errorf("write the metrics: %w", err)
	}
	return nil
}

// The metrics, by name, help and label.
var (
	buildInfo  = desc("build_info", "The version that runs; always 1.", "version", "goversion")
	lastRun    = desc("last_run_timestamp_seconds", "When the last kept run ended.")
	duration   = desc("last_run_duration_seconds", "How long the last kept run took.")
	complete   = desc("last_run_complete", "1 where the last kept run was not interrupted.")
	conclusion = desc("last_run_conclusion", "1 for what the last kept run concluded, 0 for what it did not.", "conclusion")
	violations = desc("violations", "Unwaived fails of the last kept run, by severity.", "severity")
	unknowns   = desc("unknown", "Verdicts of the last kept run that could not be proved either way.")
	gaps       = desc("gaps", "Questions of the last kept run that got no answer.")
	nextDue    = desc("next_due_timestamp_seconds", "When the next night is due.")
	nights     = desc("nights_total", "Nights since the start of this process, by what became of them: done, failed (each attempt), missed.", "outcome")
)

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("domicile_"+name, help, labels, nil)
}

// Describe implements prometheus.Collector.
func (g *Gauges) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{buildInfo, lastRun, duration, complete, conclusion, violations, unknowns, gaps, nextDue, nights} {
		out <- d
	}
}

// Collect implements prometheus.Collector.
func (g *Gauges) Collect(out chan<- prometheus.Metric) {
	g.mu.Lock()
	defer g.mu.Unlock()
	show := func(d *prometheus.Desc, value float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	show(buildInfo, 1, g.version, runtime.Version())
	for _, o := range []Outcome{Done, Failed, Missed} {
		out <- prometheus.MustNewConstMetric(nights, prometheus.CounterValue, float64(g.nights[o]), string(o))
	}
	if !g.next.IsZero() {
		show(nextDue, seconds(g.next))
	}
	if g.run == nil {
		return
	}
	show(lastRun, seconds(g.run.End))
	show(duration, g.run.End.Sub(g.run.Start).Seconds())
	show(complete, truth(g.run.Complete))
	for _, c := range []residency.Conclusion{residency.ConcludePass, residency.ConcludeFail, residency.ConcludeNotConcluded} {
		show(conclusion, truth(c == g.run.Conclusion), string(c))
	}
	for _, s := range []residency.Severity{residency.Info, residency.Low, residency.Medium, residency.High, residency.Critical} {
		show(violations, float64(g.run.Fails[s]), string(s))
	}
	show(unknowns, float64(g.run.Unknown))
	show(gaps, float64(g.run.Gaps))
}

func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
