package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seed-1578181b/domicile/internal/evidence"
	"github.com/seed-1578181b/domicile/internal/gauge"
	"github.com/seed-1578181b/domicile/internal/schedule"
)

// plain is the configuration of the tests, less its schedule.
const plain = "version: 1\nzones: {eu: {regions: [eu-west-1]}}\nassign: [{tag: data-residency}]\n"

// writeConfig writes a configuration with a schedule into a folder.
func writeConfig(t *testing.T, dir, schedule string) string {
	t.Helper()
	path := filepath.Join(dir, "domicile.yaml")
	if err := os.WriteFile(path, []byte(plain+"schedule: "+schedule+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// logOf lists what a store's log holds: kind, run less its random part, reason.
func logOf(t *testing.T, store string) (lines []string) {
	t.Helper()
	l, err := evidence.ReadLog(store)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range l.Entries() {
		run, _, _ := strings.Cut(e.Leaf.Run, "-")
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %s %s", e.Leaf.Kind, run, e.Leaf.Reason)))
	}
	return lines
}

func requireVerified(t *testing.T, store string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), inProcess(&stdout, &stderr, "verify", store)); code != 0 {
		t.Errorf("verify: exit code %d: %s%s", code, stdout.String(), stderr.String())
	}
}

// TestWatchNights lives through some nights of the command itself: what is caught up, a configuration that is broken for a while, and a
// schedule that is changed.
func TestWatchNights(t *testing.T) {
	dir := t.TempDir()
	file, store := writeConfig(t, dir, `{cron: "0 2 * * *"}`), filepath.Join(dir, "runs")
	var stdout, stderr bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		s := inProcess(&stdout, &stderr, "watch", "--replay", estate, "--services", "kinesis", "--config", file, "--out", store, "--listen", "off")
		s.now = time.Now
		ctx, cancel := context.WithCancel(t.Context())
		code := make(chan int)
		go func() { code <- run(ctx, s) }()
		until := func(at string, do func()) {
			when, err := time.Parse(time.RFC3339, "2000-"+at+":00Z")
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Until(when))
			do()
		}
		until("01-01T12:00", func() {
			if err := os.WriteFile(file, []byte("version: 1\nzone: {}\n"), 0o644); err != nil {
				t.Fatal(err)
			}
		})
		until("01-02T02:20", func() { writeConfig(t, dir, `{cron: "0 2 * * *", jitter: 1m}`) })
		until("01-02T12:00", func() { writeConfig(t, dir, `{cron: "30 4 * * *", timezone: Europe/Berlin}`) })
		until("01-04T12:00", cancel)
		if got := <-code; got != 0 {
			t.Errorf("exit code %d", got)
		}
	})
	if stdout.Len() > 0 {
		t.Errorf("it printed %s", stdout.String())
	}
	broken := `failed 200001020%d %s:2:1: unknown key "zone": did you mean "zones"?`
	requireNights(t, "log", regexp.MustCompile(`(20000102T02)\d{4}Z`).ReplaceAllString(strings.Join(logOf(t, store), "\n"), "$1"),
		"run 20000101T000000Z", "run 20000101T020000Z",
		strings.NewReplacer("200001020%d", "20000102T02", "%s", file).Replace(broken), strings.NewReplacer("200001020%d", "20000102T02", "%s", file).Replace(broken),
		strings.NewReplacer("200001020%d", "20000102T02", "%s", file).Replace(broken), "run 20000102T02",
		"run 20000103T02", "run 20000103T033000Z", "run 20000104T033000Z")
	requireVerified(t, store)
	lines := nightsIn(t, store)
	var nights []string
	for _, l := range lines {
		nights = append(nights, l.Due.Format("01-02T15:04")+" "+string(l.State))
	}
	requireNights(t, "nights", strings.Join(nights, "\n"), "12-31T02:00 done", "01-01T02:00 done", "01-02T02:00 done", "01-03T02:00 done", "01-03T03:30 done", "01-04T03:30 done")
	if !strings.Contains(stderr.String(), `"msg":"the schedule was changed","cron":"30 4 * * *","timezone":"Europe/Berlin"`) {
		t.Errorf("the log does not tell of the new schedule: %s", stderr.String())
	}
}

func requireNights(t *testing.T, what, got string, want ...string) {
	t.Helper()
	lines := strings.Split(got, "\n")
	for i, line := range lines { // jitter
		lines[i] = regexp.MustCompile(`(20000103T02)0[01]\d\dZ`).ReplaceAllString(line, "$1")
	}
	if !slices.Equal(lines, want) {
		t.Errorf("%s:\n%s\nwant\n%s", what, strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
}

// TestWatchTwo runs the command twice on one store, night after night: each is done once.
func TestWatchTwo(t *testing.T) {
	dir := t.TempDir()
	file, store := writeConfig(t, dir, `{cron: "0 2 * * *"}`), filepath.Join(dir, "runs")
	var stdout, stderr [2]bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var both sync.WaitGroup
		for i := range 2 {
			s := inProcess(&stdout[i], &stderr[i], "watch", "--replay", estate, "--services", "kinesis", "--config", file, "--out", store, "--listen", "off")
			s.now = time.Now
			both.Go(func() { run(ctx, s) })
		}
		time.Sleep(10*24*time.Hour + 12*time.Hour)
		cancel()
		both.Wait()
	})
	began := map[string]int{}
	for _, line := range logOf(t, store) {
		began[line]++
	}
	if len(began) != 12 { // the night before the start, and eleven
		t.Errorf("%d nights: %v\n%s\n%s", len(began), began, stderr[0].String(), stderr[1].String())
	}
	for night, n := range began {
		if n != 1 || !strings.HasPrefix(night, "run ") {
			t.Errorf("%d times %s", n, night)
		}
	}
	requireVerified(t, store)
}

// lines passes a process's stderr on, line by line.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// await waits until a pattern is in what was written, and returns its first group.
func (l *lines) await(t *testing.T, pattern string) string {
	t.Helper()
	re := regexp.MustCompile(pattern)
	for range 6000 {
		if m := re.FindStringSubmatch(l.String()); m != nil {
			return m[len(m)-1]
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("%s never came: %s", pattern, l.String())
	return ""
}

// daemon starts watch as a process of its own.
func daemon(t *testing.T, dir string, env []string, args ...string) (*exec.Cmd, *lines) {
	t.Helper()
	fixtures, err := filepath.Abs(estate)
	if err != nil {
		t.Fatal(err)
	}
	cmd := process(t, dir, "http://127.0.0.1:1", slices.Concat([]string{"watch", "--replay", fixtures, "--services", "kinesis", "--config", "domicile.yaml"}, args)...)
	cmd.Env = append(cmd.Env, env...)
	out := &lines{}
	cmd.Stderr = out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, out
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

// TestWatchService is the daemon as systemd and Prometheus meet it: readiness, watchdog, health, metrics, and an end that is clean.
func TestWatchService(t *testing.T) {
	sockets := []string{"notify.sock"}
	if runtime.GOOS == "linux" {
		sockets = append(sockets, "@domicile-test-"+fmt.Sprint(os.Getpid())) // no other system has them
	}
	for _, name := range sockets {
		t.Run(name[:1], func(t *testing.T) {
			dir := t.TempDir()
			writeConfig(t, dir, `{cron: "0 0 1 1 *"}`)
			address := filepath.Join(dir, name)
			if rest, abstract := strings.CutPrefix(name, "@"); abstract {
				address = "\x00" + rest
			} else {
				name = address
			}
			socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: address, Net: "unixgram"})
			if err != nil {
				t.Fatal(err)
			}
			defer socket.Close()
			told := make(chan string, 100)
			go func() {
				for buffer := make([]byte, 4096); ; {
					n, err := socket.Read(buffer)
					if err != nil {
						close(told)
						return
					}
					told <- string(buffer[:n])
				}
			}()
			cmd, out := daemon(t, dir, []string{"NOTIFY_SOCKET=" + name, "WATCHDOG_USEC=200000"}, "--listen", "127.0.0.1:0")
			base := "http://" + out.await(t, `"listening","address":"([^"]+)"`)
			out.await(t, `"msg":"waiting"`)
			for path, want := range map[string]string{"/healthz": "ok", "/readyz": "ok", "/metrics": `domicile_last_run_conclusion{conclusion="pass"} 1`} {
				if code, body := get(t, base+path); code != http.StatusOK || !strings.Contains(body, want) {
					t.Errorf("%s: %d, %s", path, code, body)
				}
			}
			if response, err := http.Post(base+"/metrics", "text/plain", nil); err != nil || response.StatusCode != http.StatusMethodNotAllowed {
				t.Errorf("a post: %v, %v", response, err)
			}
			if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			if err := cmd.Wait(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
			socket.Close()
			var all []string
			for state := range told {
				all = append(all, state)
			}
			text := strings.Join(all, "\n")
			order := []string{"READY=1", "STATUS=auditing the night of ", "STATUS=next due Fri 2027-01-01 00:00 UTC", "STOPPING=1"}
			if time.Now().Year() != 2026 {
				order[2] = "STATUS=next due "
			}
			at := 0
			for _, want := range order {
				i := strings.Index(text[at:], want)
				if i < 0 {
					t.Fatalf("%s is not told in its place: %s", want, text)
				}
				at += i
			}
			if !strings.Contains(text, "WATCHDOG=1") {
				t.Errorf("the watchdog heard nothing: %s", text)
			}
		})
	}
}

// TestWatchListen: a port that is taken is refused before the first night, and an address for others is said aloud.
func TestWatchListen(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	dir := t.TempDir()
	writeConfig(t, dir, `{cron: "0 0 1 1 *"}`)
	cmd, out := daemon(t, dir, nil, "--listen", taken.Addr().String(), "--quiet")
	if err := cmd.Wait(); err == nil || !regexp.MustCompile(`^domicile: --listen 127.0.0.1:\d+: .* name a free HOST:PORT, or off\n$`).MatchString(out.String()) {
		t.Errorf("%v: %s", err, out)
	}
	if _, err := os.Stat(filepath.Join(dir, "runs")); err == nil {
		t.Error("a store was made")
	}
	cmd, out = daemon(t, dir, nil, "--listen", "0.0.0.0:0")
	out.await(t, `"msg":"health and metrics are served beyond this machine`)
	out.await(t, `"msg":"waiting"`)
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

// TestWatchInterrupted stops the daemon and --once while AWS leaves a call unanswered: what was finished is kept and sealed, the exit
// code says so, and the next start does the night.
func TestWatchInterrupted(t *testing.T) {
	for _, mode := range [][]string{{"--listen", "off"}, {"--once"}} {
		t.Run(strings.Trim(mode[0], "-"), func(t *testing.T) {
			t.Parallel()
			fake := newFakeAWS()
			fake.stop = "ListStreams"
			server := httptest.NewServer(fake)
			defer server.Close()
			dir := t.TempDir()
			writeConfig(t, dir, `{cron: "0 0 1 1 *"}`)
			cmd := process(t, dir, server.URL, append([]string{"watch", "--services", "kinesis"}, mode...)...)
			out := &lines{}
			cmd.Stderr = out
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			select {
			case <-fake.asked:
			case <-time.After(time.Minute):
				t.Fatalf("%s was never asked: %s", fake.stop, out)
			}
			if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			if err := cmd.Wait(); cmd.ProcessState.ExitCode() != exitInterrupted {
				t.Fatalf("%v: %s", err, out)
			}
			if !strings.HasSuffix(out.String(), ", marked incomplete\n") {
				t.Errorf("it said %s", out)
			}
			store := filepath.Join(dir, "runs")
			if got := states(t, store); got != "failed" {
				t.Errorf("the night is %s", got)
			}
			estate, err := filepath.Abs(estate)
			if err != nil {
				t.Fatal(err)
			}
			again := process(t, dir, server.URL, "watch", "--once", "--services", "kinesis", "--replay", estate, "--config", "domicile.yaml")
			if text, err := again.CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, text)
			}
			if got := states(t, store); got != "done" {
				t.Errorf("after the next start the night is %s", got)
			}
			if runs := logOf(t, store); len(runs) != 2 {
				t.Errorf("the log holds %v", runs)
			}
			requireVerified(t, store)
		})
	}
}

func states(t *testing.T, store string) string {
	t.Helper()
	lines := nightsIn(t, store)
	var all []string
	for _, l := range lines {
		all = append(all, string(l.State))
	}
	return strings.Join(all, " ")
}

// TestWatchPanic: a panic in a night is an attempt that failed, with its stack in the log and a heartbeat.
func TestWatchPanic(t *testing.T) {
	dir := t.TempDir()
	file, store := writeConfig(t, dir, `{cron: "0 2 * * *"}`), filepath.Join(dir, "runs")
	var stdout, stderr bytes.Buffer
	once := func(broken bool) int {
		s := inProcess(&stdout, &stderr, "watch", "--once", "--replay", estate, "--services", "kinesis", "--config", file, "--out", store)
		looks := 0
		s.terminal = func(f any) (int, bool) {
			if f == s.stdout {
				looks++ // once before the night, and once in it
			}
			if broken && looks == 2 {
				panic("no terminal")
			}
			return 0, false
		}
		if broken {
			now := s.now
			s.now = func() time.Time { return now().AddDate(0, 0, 1) }
		}
		return run(t.Context(), s)
	}
	if code := once(false); code != 0 {
		t.Fatalf("exit code %d: %s", code, stderr.String())
	}
	if code := once(true); code != exitError {
		t.Errorf("exit code %d: %s", code, stderr.String())
	}
	if !strings.HasSuffix(stderr.String(), "domicile: panic: no terminal\n") || !strings.Contains(stderr.String(), `"stack":"goroutine `) {
		t.Errorf("it said %s", stderr.String())
	}
	if got := logOf(t, store); len(got) != 2 || !strings.HasSuffix(got[1], " panic: no terminal") {
		t.Errorf("the log holds %q", got)
	}
	requireVerified(t, store)
}

// TestLogger: text for a terminal, JSON for whoever collects it.
func TestLogger(t *testing.T) {
	for terminal, want := range map[bool]string{true: " level=INFO msg=began ", false: `"msg":"began"`} {
		var stderr bytes.Buffer
		s := inProcess(nil, &stderr)
		s.terminal = func(any) (int, bool) { return 80, terminal }
		c := &common{system: &s}
		c.logger().Info("began", "night", "tonight")
		if !strings.Contains(stderr.String(), want) {
			t.Errorf("it logs %s", stderr.String())
		}
		if !terminal && !json.Valid(stderr.Bytes()) {
			t.Error("no JSON")
		}
	}
}

// unreadable is a calendar that nobody can read.
type unreadable struct{ schedule.Calendar }

func (unreadable) LastDone(context.Context) (time.Time, bool, error) {
	return time.Time{}, false, errors.New("/secret/place is damaged")
}

// TestNotReady: a daemon whose nights cannot be read says so, and says no more to whoever asks.
func TestNotReady(t *testing.T) {
	n := &nightly{common: &common{log: slog.New(slog.DiscardHandler)}, daemon: &schedule.Daemon{Calendar: unreadable{}}, gauges: gauge.New("test")}
	w := httptest.NewRecorder()
	n.endpoints().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/readyz", nil))
	if w.Code != http.StatusServiceUnavailable || strings.Contains(w.Body.String(), "secret") {
		t.Errorf("%d, %s", w.Code, w.Body)
	}
}
