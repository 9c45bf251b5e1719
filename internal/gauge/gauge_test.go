package gauge

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seed-1578181b/domicile/internal/residency"
)

func scrape(t *testing.T, g *Gauges) map[string]string {
	t.Helper()
	w := httptest.NewRecorder()
	g.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if w.Code != http.StatusOK {
		t.Fatalf("%d: %s", w.Code, w.Body)
	}
	return values(w.Body.String())
}

func values(text string) map[string]string {
	all := map[string]string{}
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), " "); ok && !strings.HasPrefix(line, "#") {
			all[name] = value
		}
	}
	return all
}

func ran(g *Gauges) {
	end := time.Date(2026, 11, 24, 2, 10, 0, 500_000_000, time.UTC)
	g.Ran(Run{Start: end.Add(-90 * time.Second), End: end, Complete: true, Conclusion: residency.ConcludeFail,
		Fails: map[residency.Severity]int{residency.High: 3}, Unknown: 2, Gaps: 7})
	g.Next(time.Date(2026, 11, 25, 2, 0, 0, 0, time.UTC))
	g.Night(Done)
	g.Night(Missed)
	g.Night(Missed)
}

var shown = map[string]string{
	"domicile_last_run_timestamp_seconds":                      "1.7954862005e+09",
	"domicile_last_run_duration_seconds":                       "90",
	"domicile_last_run_complete":                               "1",
	`domicile_last_run_conclusion{conclusion="fail"}`:          "1",
	`domicile_last_run_conclusion{conclusion="pass"}`:          "0",
	`domicile_last_run_conclusion{conclusion="not_concluded"}`: "0",
	`domicile_violations{severity="high"}`:                     "3",
	`domicile_violations{severity="critical"}`:                 "0",
	"domicile_unknown":                                         "2",
	"domicile_gaps":                                            "7",
	"domicile_next_due_timestamp_seconds":                      "1.795572e+09",
	`domicile_nights_total{outcome="done"}`:                    "1",
	`domicile_nights_total{outcome="failed"}`:                  "0",
	`domicile_nights_total{outcome="missed"}`:                  "2",
}

// TestScrape: before the first run nothing is said of one, and then what it came to, with the process beside it.
func TestScrape(t *testing.T) {
	g := New("1.2.3")
	before := scrape(t, g)
	for name := range before {
		if strings.HasPrefix(name, "domicile_last_run") || strings.HasPrefix(name, "domicile_violations") {
			t.Errorf("%s is shown without a run", name)
		}
	}
	ran(g)
	after := scrape(t, g)
	for name, want := range shown {
		if after[name] != want {
			t.Errorf("%s is %q, want %q", name, after[name], want)
		}
	}
	for _, part := range []string{`version="1.2.3"`, "go_goroutines", "process_start_time_seconds"} {
		found := false
		for name := range after {
			found = found || strings.Contains(name, part)
		}
		if !found {
			t.Errorf("%s is not shown", part)
		}
	}
}

// TestOwnRegistry: two of them stand beside each other, which the default registry would refuse.
func TestOwnRegistry(t *testing.T) {
	a, b := New("1"), New("2")
	a.Night(Done)
	if got := scrape(t, b)[`domicile_nights_total{outcome="done"}`]; got != "0" {
		t.Errorf("what one counts shows in the other: %s", got)
	}
}

// TestWriteFile: the file holds what a scrape shows, replaces an older one, and leaves no part behind.
func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "domicile.prom")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	g := New("1.2.3")
	ran(g)
	if err := g.WriteFile(path); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	got := values(string(data))
	for name, want := range shown {
		if got[name] != want {
			t.Errorf("%s is %q, want %q", name, got[name], want)
		}
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("the folder holds %v", entries)
	}
	if err := g.WriteFile(filepath.Join(dir, "missing", "x.prom")); err == nil || !strings.Contains(err.Error(), "write the metrics: ") {
		t.Errorf("error %v", err)
	}
}
