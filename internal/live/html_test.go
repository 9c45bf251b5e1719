//go:build live

package live

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/reports"
)

const (
	axeVersion = "4.14.1"
	chromium   = "/usr/bin/chromium"
	usable     = 2 * time.Second // filter and graph of 100,000 resources
)

// browser is Chromium, installed where it is missing.
var browser = sync.OnceValues(func() (string, error) {
	if _, err := os.Stat(chromium); err == nil {
		return chromium, nil
	}
	for _, step := range [][]string{{"apt-get", "update", "-qq"}, {"apt-get", "install", "-y", "-qq", "chromium"}} {
		cmd := exec.Command(step[0], step[1:]...)
		cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		if out, err := cmd.CombinedOutput(); err != nil {
			return "", fmt.Errorf("the live tests need %s: %s: %w\n%s", chromium, strings.Join(step, " "), err, out)
		}
	}
	_, err := os.Stat(chromium)
	return chromium, err
})

// axe is the script of axe-core at the pinned version, from the npm registry, kept in the user's cache.
var axe = sync.OnceValues(func() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "domicile-live", "axe-core-"+axeVersion)
	unlock, err := lock(dir + ".lock")
	if err != nil {
		return "", err
	}
	defer unlock()
	script := filepath.Join(dir, "axe.min.js")
	if b, err := os.ReadFile(script); err == nil {
		return string(b), nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	pack := exec.Command("npm", "pack", "--silent", "axe-core@"+axeVersion)
	pack.Dir = dir
	if out, err := pack.CombinedOutput(); err != nil {
		return "", fmt.Errorf("npm pack axe-core@%s: %w\n%s", axeVersion, err, out)
	}
	b, err := fromTarball(filepath.Join(dir, "axe-core-"+axeVersion+".tgz"), "package/axe.min.js")
	if err != nil {
		return "", err
	}
	return string(b), os.WriteFile(script, b, 0o644)
})

func fromTarball(path, name string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	for r := tar.NewReader(z); ; {
		header, err := r.Next()
		if err != nil {
			return nil, fmt.Errorf("find %s in %s: %w", name, path, err)
		}
		if header.Name == name {
			return io.ReadAll(r)
		}
	}
}

// tab is a page in a browser of the test's own, with all that it complained of.
type tab struct {
	ctx        context.Context
	mu         sync.Mutex
	complaints []string
	done       chan struct{}
}

func openTab(t *testing.T) *tab {
	t.Helper()
	path, err := browser()
	if err != nil {
		t.Fatal(err)
	}
	opts := []chromedp.ExecAllocatorOption{chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()), chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck, chromedp.Headless,
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.WindowSize(1280, 900)}
	for _, flag := range []string{"disable-quic", "disable-background-networking", "disable-component-update", "disable-sync"} {
		opts = append(opts, chromedp.Flag(flag, true))
	}
	ctx, stop := context.WithTimeout(context.Background(), 3*time.Minute)
	t.Cleanup(stop)
	ctx, closeBrowser := chromedp.NewExecAllocator(ctx, opts...)
	t.Cleanup(closeBrowser)
	ctx, closeTab := chromedp.NewContext(ctx)
	t.Cleanup(closeTab)
	page := &tab{ctx: ctx, done: make(chan struct{})}
	console, stopConsole := context.WithCancel(ctx)
	messages := chromedp.Console(console) // violations of the policy among them
	go func() {
		defer close(page.done)
		for m, err := range messages {
			if err != nil {
				return
			}
			page.mu.Lock()
			page.complaints = append(page.complaints, fmt.Sprintf("%s: %s", m.Type, m.Text))
			page.mu.Unlock()
		}
	}()
	t.Cleanup(func() { stopConsole(); <-page.done })
	return page
}

func (p *tab) do(t *testing.T, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(p.ctx, actions...); err != nil {
		t.Fatal(err)
	}
}

// eval is the value of an expression, which may be a promise.
func eval[T any](t *testing.T, p *tab, expression string) (v T) {
	t.Helper()
	v, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatalf("%.100s: %v", expression, err)
	}
	return v
}

func (p *tab) quiet(t *testing.T) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.complaints {
		t.Errorf("the browser says: %s", c)
	}
}

// accessible runs axe-core over what is shown.
func (p *tab) accessible(t *testing.T, state string) {
	t.Helper()
	script, err := axe()
	if err != nil {
		t.Fatal(err)
	}
	eval[int](t, p, script+";0")
	found := eval[[]string](t, p, `axe.run({resultTypes: ["violations"]}).then(r => r.violations.flatMap(v => v.nodes.slice(0, 3).map(n => v.id + ": " + n.html.slice(0, 200) + " " + (n.failureSummary || ""))))`)
	for _, f := range found {
		t.Errorf("axe-core, %s: %s", state, f)
	}
	if checked := eval[int](t, p, `axe.run({resultTypes: ["passes"]}).then(r => r.passes.length)`); checked < 10 {
		t.Errorf("axe-core, %s: only %d rules had something to look at", state, checked)
	}
}

// screenshot is kept where DOMICILE_SCREENSHOTS says, for a person to look at.
func (p *tab) screenshot(t *testing.T, name string, whole bool) {
	t.Helper()
	dir := os.Getenv("DOMICILE_SCREENSHOTS")
	if dir == "" {
		return
	}
	take := chromedp.CaptureScreenshot()
	if whole {
		take = chromedp.FullScreenshot(100)
	}
	png, err := chromedp.Run(p.ctx, take)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644); err != nil {
		t.Fatal(err)
	}
}

func (p *tab) scheme(t *testing.T, name string) {
	t.Helper()
	media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}}}
	if _, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, media); err != nil {
		t.Fatal(err)
	}
}

// htmlFile writes a report and returns its address.
func htmlFile(t *testing.T, r residency.Report) string {
	t.Helper()
	format, ok := reports.ByName("html")
	if !ok {
		t.Fatal("no format html")
	}
	var out bytes.Buffer
	if err := format.Write(&out, r); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Logf("report of %d KB", out.Len()>>10)
	return "file://" + path
}

// htmlRun is a run of n resources: each tenth leaves the zone by a chain, each twentieth cannot be proved. One name is hostile.
func htmlRun(n int) residency.Report {
	eu := residency.Zone{ID: "eu", Name: "European Union", Regions: []string{"eu-west-1", "eu-central-1"}, Promise: true}
	r := residency.Report{
		Controls: map[string]residency.Control{
			"RES-001": {ID: "RES-001", Severity: residency.High, Title: "Every replica of the data stays inside the zone"},
			"RES-003": {ID: "RES-003", Severity: residency.High, Title: "Every backup of the data stays inside the zone"},
		},
		Command: "domicile report latest -o ndjson",
		Summary: residency.Summary{
			Conclusion: residency.ConcludeFail, Complete: true, Open: true, Run: time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC),
			Totals:   map[residency.Outcome]int{residency.Fail: (n + 9) / 10, residency.Unknown: n / 20, residency.Pass: 2 * n},
			Fails:    map[residency.Severity]int{residency.High: (n + 9) / 10},
			Controls: map[string]map[residency.Outcome]int{"RES-001": {residency.Fail: (n + 9) / 10, residency.Pass: n}, "RES-003": {residency.Unknown: n / 20, residency.Pass: n}},
			Zones:    []residency.ZoneCount{{Zone: eu, Stores: map[residency.Basis]int{residency.ByTag: n}}, {Zone: residency.Zone{ID: "us", Name: "United States", Regions: []string{"us-east-1"}}}},
			Coverage: residency.CoverageSummary{AccountRegions: residency.AccountRegions{Planned: 2, Examined: 1, Denied: 1}, Gaps: []residency.RunGap{
				{Scanner: "s3", Account: "111111111111", Region: "global", Gap: residency.Gap{Call: "GetBucketReplication", Class: residency.ClassDenied, Resource: "arn:aws:s3:::acme-eu-vault", Detail: "allow it"}}}},
			Scope:   &residency.Scope{Accounts: []string{"111111111111"}, Regions: []string{"eu-west-1"}, Scanners: map[string]string{"s3": "global"}},
			Waivers: []residency.WaiverState{{ID: "W-1", Control: "RES-001", Scope: "resource=arn:aws:s3:::a", Reason: "pictures", Owner: "web", Approver: "ciso", From: "2026-01-01", Expires: "2026-11-30", Status: residency.WaiverExpiring}},
		},
		Dossier: &residency.Dossier{
			Organization: "Müller & Söhne", Commitments: []residency.Commitment{{ID: "C-1", Text: "EU data stays in the EU"}},
			Controls:   []residency.OwnControl{{ID: "M-1", Text: "Copies are checked nightly", Commitment: "C-1", Checks: []string{"RES-001", "RES-003"}}},
			Coverage:   []residency.Coverage{{Scanner: "s3", Account: "111111111111", Region: "global", Status: residency.Partial, Resources: n}},
			Population: []residency.Population{{Account: "111111111111", Region: "eu-west-1", Kind: "dynamodb.table", Count: n, Stores: n}},
		},
	}
	to := []string{"us-east-1", "us-west-2", "ap-southeast-2", "eu-central-2"}
	r.Verdicts = func(yield func(residency.Verdict, error) bool) {
		for i := range n {
			v := residency.Verdict{Control: "RES-001", Resource: fmt.Sprintf("arn:aws:dynamodb:eu-west-1:111111111111:table/workspace-%06d-messages", i), Kind: "dynamodb.table",
				Account: "111111111111", Region: "eu-west-1", Zone: "eu", Outcome: residency.Fail, Severity: residency.High}
			if i == 30 {
				v.Resource = `arn:aws:dynamodb:eu-west-1:111111111111:table/</script><img src=x onerror=alert(1)>`
			}
			switch {
			case i%10 == 0:
				region := to[i/10%len(to)]
				v.Reason = "replica in " + region + ", outside eu (eu-west-1, eu-central-1)"
				v.Path = []string{"arn:aws:kinesis:eu-west-1:111111111111:stream/orders", v.Resource}
				v.Placements = []residency.Placement{{Role: residency.Replica, Region: region, Target: strings.Replace(v.Resource, "eu-west-1", region, 1), Via: "global table"}}
			case i%20 == 1:
				v.Control, v.Outcome, v.Reason = "RES-003", residency.Unknown, "DescribeContinuousBackups was denied"
			default:
				continue
			}
			if !yield(v, nil) {
				return
			}
		}
	}
	return r
}

// TestHTMLInChromium opens a report, filters it, opens an edge by mouse and by keyboard, and reads the chain.
func TestHTMLInChromium(t *testing.T) {
	p := openTab(t)
	p.scheme(t, "light")
	p.do(t, chromedp.Navigate(htmlFile(t, htmlRun(400))), chromedp.WaitVisible(chromedp.CSS("#table table")))
	if wide := eval[int](t, p, `document.documentElement.scrollWidth`); wide > 1280 {
		t.Errorf("the page is %d wide", wide)
	}
	p.screenshot(t, "desktop-light", true)
	p.accessible(t, "light")
	p.scheme(t, "dark")
	p.screenshot(t, "desktop-dark", true)
	p.accessible(t, "dark")

	p.do(t, chromedp.SendKeys(chromedp.CSS("#by-text"), "WORKSPACE-000050"))
	if got := eval[string](t, p, `document.querySelector("#found").textContent`); !strings.HasPrefix(got, "1 of 60 listed verdicts match") {
		t.Errorf("filter by text: %q", got)
	}
	eval[bool](t, p, `(() => { document.querySelector("#by-text").value = ""; const s = document.querySelector("#by-outcome"); s.value = "=unknown"; return s.dispatchEvent(new Event("change")) })()`)
	if got := eval[string](t, p, `document.querySelector("#found").textContent`); !strings.HasPrefix(got, "20 of 60 listed verdicts match") {
		t.Errorf("filter by outcome: %q", got)
	}

	panel := func(how string) {
		t.Helper()
		got := eval[string](t, p, `document.querySelector("#detail").open ? document.querySelector("#detail").innerText : ""`)
		for _, want := range []string{"eu eu-west-1 → us us-east-1: 10 violations", "stream/orders", "replica in us-east-1, outside eu", "by global table"} {
			if !strings.Contains(got, want) {
				t.Errorf("panel %s lacks %q:\n%.2000s", how, want, got)
			}
		}
	}
	edge := `svg.wide [aria-label^="eu eu-west-1 → us us-east-1"]`
	p.do(t, chromedp.ScrollIntoView(chromedp.CSS(edge)), chromedp.Click(chromedp.CSS(`svg.wide [data-mark="`+eval[string](t, p, `document.querySelector('`+edge+`').dataset.edge`)+`"] text`)))
	panel("by mouse")
	p.screenshot(t, "panel-dark", false)
	p.accessible(t, "panel")
	p.do(t, chromedp.KeyEvent(kb.Escape))
	if eval[bool](t, p, `document.querySelector("#detail").open`) || !eval[bool](t, p, `document.activeElement.matches('`+edge+`')`) {
		t.Error("Escape does not close the panel and return to the edge")
	}
	p.do(t, chromedp.KeyEvent(kb.Enter))
	panel("by keyboard")
	if n := eval[int](t, p, `document.images.length`); n != 0 {
		t.Errorf("%d images came out of a name", n)
	}
	p.quiet(t)
}

// TestHTMLOnAPhone has 375 pixels: nothing may reach beyond them.
func TestHTMLOnAPhone(t *testing.T) {
	for name, r := range map[string]residency.Report{"story": htmlRun(400), "long": htmlLong()} {
		p := openTab(t)
		p.scheme(t, "light")
		p.do(t, chromedp.EmulateViewport(375, 812, chromedp.EmulateMobile), chromedp.Navigate(htmlFile(t, r)), chromedp.WaitVisible(chromedp.CSS("#table table")))
		if wide := eval[int](t, p, `document.documentElement.scrollWidth`); wide > 375 {
			t.Errorf("%s: the page is %d wide: %v", name, wide, eval[[]string](t, p,
				`[...document.querySelectorAll("main *")].filter(e => e.getBoundingClientRect().right > 376).slice(0, 10).map(e => e.outerHTML.slice(0, 120))`))
		}
		p.screenshot(t, "phone-"+name, true)
		p.accessible(t, "phone")
		edge := "svg.narrow [data-edge]"
		p.do(t, chromedp.ScrollIntoView(chromedp.CSS(edge)), chromedp.Click(chromedp.CSS("svg.narrow [data-mark] text")), chromedp.WaitVisible(chromedp.CSS("#detail article")))
		if wide := eval[int](t, p, `document.querySelector("#detail").scrollWidth`); wide > 375 {
			t.Errorf("%s: the panel is %d wide", name, wide)
		}
		p.screenshot(t, "phone-panel-"+name, false)
		p.quiet(t)
	}
}

// htmlLong has names without a place to break.
func htmlLong() residency.Report {
	r := htmlRun(40)
	long := strings.Repeat("x", 900)
	all := r.Verdicts
	r.Verdicts = func(yield func(residency.Verdict, error) bool) {
		for v, err := range all {
			v.Resource, v.Reason, v.Account, v.Control = v.Resource+long, v.Reason+long, v.Account+long, v.Control+long
			if !yield(v, err) {
				return
			}
		}
	}
	r.Summary.Coverage.Gaps[0].Resource += long
	r.Summary.Waivers[0].Scope += long
	r.Command += long
	return r
}

// TestHTMLOfManyResources wants filter and graph of 100,000 resources within two seconds.
func TestHTMLOfManyResources(t *testing.T) {
	p := openTab(t)
	start := time.Now()
	p.do(t, chromedp.Navigate(htmlFile(t, htmlRun(100_000))), chromedp.WaitVisible(chromedp.CSS("#table table")), chromedp.WaitVisible(chromedp.CSS("svg.wide [data-edge]")))
	opened := time.Since(start)
	filter := eval[float64](t, p, `(() => { const a = performance.now(); const f = document.querySelector("#by-text"); f.value = "workspace-0990"; f.dispatchEvent(new Event("input")); document.body.offsetHeight; return performance.now() - a })()`)
	if got := eval[string](t, p, `document.querySelector("#found").textContent`); !strings.HasPrefix(got, "15 of 15000 listed verdicts match") {
		t.Errorf("filter: %q", got)
	}
	graph := eval[float64](t, p, `(() => { const a = performance.now(); document.querySelector("svg.wide [data-edge]").dispatchEvent(new MouseEvent("click")); document.body.offsetHeight; return performance.now() - a })()`)
	loaded := eval[float64](t, p, `performance.timing.domContentLoadedEventEnd - performance.timing.navigationStart`)
	t.Logf("opened and ready after %v, in the page's own clock %.0f ms; filter %.0f ms; edge %.0f ms", opened, loaded, filter, graph)
	if loaded > float64(usable.Milliseconds()) || filter > float64(usable.Milliseconds()) || graph > float64(usable.Milliseconds()) {
		t.Errorf("not usable within %v", usable)
	}
	if !eval[bool](t, p, `document.querySelector("#detail").open && document.querySelectorAll("#detail article").length === 20`) {
		t.Error("the edge opens no panel")
	}
	p.quiet(t)
}
