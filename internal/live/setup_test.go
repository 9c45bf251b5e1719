//go:build live

package live

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the recording of three-zones anew")

// scratch is removed when the tests end.
var scratch string

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	var err error
	if scratch, err = os.MkdirTemp("", "domicile-live-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(scratch)
	return m.Run()
}

// python is the interpreter of the environment with moto.
var python = sync.OnceValues(func() (string, error) { return environmentWith("testdata/requirements.txt") })

// environmentWith is the interpreter of a virtual environment with the pinned packages. It is made once and kept in the user's cache,
// under the digest of what it holds.
func environmentWith(pins string) (string, error) {
	base, err := exec.LookPath("python3")
	if err != nil {
		return "", errors.New("the live tests need python3 (3.9 or later) to run servers: install it")
	}
	requirements, err := filepath.Abs(pins)
	if err != nil {
		return "", err
	}
	pinned, err := os.ReadFile(requirements)
	if err != nil {
		return "", err
	}
	version, err := exec.Command(base, "--version").Output()
	if err != nil {
		return "", fmt.Errorf("python3 --version: %w", err)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(append(pinned, version...))
	dir := filepath.Join(cache, "domicile-live", hex.EncodeToString(sum[:8]))
	unlock, err := lock(dir + ".lock")
	if err != nil {
		return "", err
	}
	defer unlock()
	interpreter, ready := filepath.Join(dir, "bin", "python"), filepath.Join(dir, "ready")
	if _, err := os.Stat(ready); err == nil {
		return interpreter, nil
	}
	if err := os.RemoveAll(dir); err != nil { // a set-up that was broken off
		return "", err
	}
	for _, step := range [][]string{{base, "-m", "venv", dir},
		{interpreter, "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", "-r", requirements}} {
		if out, err := exec.Command(step[0], step[1:]...).CombinedOutput(); err != nil {
			return "", fmt.Errorf("set up %s: %s: %w\n%s", pins, strings.Join(step[1:4], " "), err, out)
		}
	}
	return interpreter, os.WriteFile(ready, nil, 0o644)
}

// lock keeps two runs of the tests from setting up the same environment.
func lock(path string) (unlock func(), err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() { f.Close() }, nil
}

// binary is the program, built once.
var binary = sync.OnceValues(func() (string, error) {
	path := filepath.Join(scratch, "domicile")
	build := exec.Command("go", "build", "-o", path, "./cmd/domicile")
	build.Dir = "../.."
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build domicile: %w\n%s", err, out)
	}
	return path, nil
})

// server is moto or ministack on loopback.
type server struct{ url string }

// startMoto starts a server of the test's own and stops it, by its own process, when the test ends.
func startMoto(t testing.TB) *server {
	t.Helper()
	interpreter, err := python()
	if err != nil {
		t.Fatal(err)
	}
	port, err := freePort()
	if err != nil {
		t.Fatalf("find a free port: %v", err)
	}
	return start(t, exec.Command(interpreter, "-m", "moto.server", "-H", "127.0.0.1", "-p", port), "moto", port, "/moto-api/data.json")
}

// start starts a server and waits until it answers at a path of its own.
func start(t testing.TB, cmd *exec.Cmd, name, port, path string) *server {
	t.Helper()
	log, err := os.Create(filepath.Join(t.TempDir(), name+".log")) // a file: to read along would take time from what is measured
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", name, err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may be gone already
		<-done
	})
	s := &server{url: "http://127.0.0.1:" + port}
	if err := s.wait(done, path); err != nil {
		said, _ := os.ReadFile(log.Name())
		t.Fatalf("start %s: %v\n%s", name, err, said)
	}
	return s
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, errors.Join(err, l.Close())
}

// wait asks until the server answers, for at most a minute.
func (s *server) wait(done chan error, path string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	ask := time.NewTicker(50 * time.Millisecond)
	defer ask.Stop()
	for {
		select {
		case err := <-done:
			done <- nil // for the clean-up
			return fmt.Errorf("it ended: %w", err)
		case <-ctx.Done():
			return errors.New("no answer within a minute")
		case <-ask.C:
			res, err := http.Get(s.url + path)
			if err == nil {
				res.Body.Close()
				return nil
			}
		}
	}
}

// control posts to moto's own interface.
func (s *server) control(t testing.TB, path, body string) {
	t.Helper()
	res, err := http.Post(s.url+path, "text/plain", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if text, _ := io.ReadAll(res.Body); res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s %s", path, res.Status, text)
	}
}

// script runs one of the Python programs in testdata and returns what it printed.
func script(t testing.TB, name string, args ...string) []byte {
	t.Helper()
	return scriptWith(t, nil, name, args...)
}

func scriptWith(t testing.TB, stdin io.Reader, name string, args ...string) []byte {
	t.Helper()
	interpreter, err := python()
	if err != nil {
		t.Fatal(err)
	}
	return scriptOf(t, interpreter, stdin, name, args...)
}

// scriptOf runs a program in the environment of that interpreter.
func scriptOf(t testing.TB, interpreter string, stdin io.Reader, name string, args ...string) []byte {
	t.Helper()
	cmd := exec.Command(interpreter, append([]string{filepath.Join("testdata", name)}, args...)...)
	cmd.Env = append(cleanEnvironment(), "PYTHONDONTWRITEBYTECODE=1")
	var problems bytes.Buffer
	cmd.Stdin, cmd.Stderr = stdin, &problems
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, problems.String())
	}
	return out
}

// cleanEnvironment holds nothing of the user's AWS settings.
func cleanEnvironment() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "HOME=" + scratch, "TMPDIR=" + os.TempDir()}
}

// tail keeps the end of a log.
type tail struct {
	mu  sync.Mutex
	buf []byte
}

func (l *tail) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.buf = append(l.buf, p...)
	if over := len(l.buf) - 1<<14; over > 0 {
		l.buf = append(l.buf[:0], l.buf[over:]...)
	}
	return len(p), nil
}

func (l *tail) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.buf)
}
