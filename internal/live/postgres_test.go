//go:build live

package live

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// postgres is a PostgreSQL of the test's own, on a socket in its own folder and on no network.
type postgres struct {
	dir  string
	bin  string
	as   *syscall.Credential // PostgreSQL refuses to run as root; nil: the user who tests
	cmd  *exec.Cmd
	log  tail
	made int
}

// startPostgres makes and starts one, and stops it, by its own process, when the test ends.
func startPostgres(t testing.TB) *postgres {
	t.Helper()
	bin, err := postgresBin()
	if err != nil {
		t.Fatal(err)
	}
	p := &postgres{bin: bin}
	if p.dir, err = os.MkdirTemp("", "domicile-pg-"); err != nil { // a short path: it holds a socket, and every folder above may be entered
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.kill()
		os.RemoveAll(p.dir)
	})
	if os.Getuid() == 0 {
		if p.as, err = unprivileged(); err == nil {
			err = os.Chown(p.dir, int(p.as.Uid), int(p.as.Gid))
		}
		if err != nil {
			t.Fatalf("start PostgreSQL: %v", err)
		}
	}
	if out, err := p.command("initdb", "-D", filepath.Join(p.dir, "data"), "-U", "domicile", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8").CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	p.start(t)
	return p
}

// postgresBin is the folder of PostgreSQL's programs, which Debian keeps outside the path. What is not there is installed where that can
// be done.
func postgresBin() (string, error) {
	for try := range 2 {
		if path, err := exec.LookPath("initdb"); err == nil {
			return filepath.Dir(path), nil
		}
		if found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb"); len(found) > 0 {
			return filepath.Dir(found[len(found)-1]), nil
		}
		if try > 0 || os.Getuid() != 0 {
			break
		}
		if out, err := exec.Command("apt-get", "install", "-y", "--no-install-recommends", "postgresql").CombinedOutput(); err != nil {
			return "", fmt.Errorf("the live tests need PostgreSQL 15 or later, and it cannot be installed: %w\n%s", err, out)
		}
	}
	return "", errors.New("the live tests need PostgreSQL 15 or later (initdb and postgres): install it")
}

func unprivileged() (*syscall.Credential, error) {
	for _, name := range []string{"postgres", "nobody"} {
		if u, err := user.Lookup(name); err == nil {
			uid, errU := strconv.ParseUint(u.Uid, 10, 32)
			gid, errG := strconv.ParseUint(u.Gid, 10, 32)
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, errors.Join(errU, errG)
		}
	}
	return nil, errors.New("it does not run as root, and there is neither a user postgres nor nobody")
}

func (p *postgres) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(p.bin, name), args...)
	cmd.Dir, cmd.Env = p.dir, []string{"PATH=" + os.Getenv("PATH"), "HOME=" + p.dir, "LC_ALL=C.UTF-8"}
	if p.as != nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: p.as}
	}
	return cmd
}

func (p *postgres) start(t testing.TB) {
	t.Helper()
	p.cmd = p.command("postgres", "-D", filepath.Join(p.dir, "data"), "-k", p.dir, "-c", "listen_addresses=")
	p.cmd.Stdout, p.cmd.Stderr = &p.log, &p.log
	if err := p.cmd.Start(); err != nil {
		t.Fatalf("start PostgreSQL: %v", err)
	}
	deadline := time.Now().Add(time.Minute)
	for {
		c, err := pgx.Connect(t.Context(), p.dsn("postgres"))
		if err == nil {
			if err := c.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("start PostgreSQL: %v\n%s", err, p.log.String())
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// kill ends the server as a crash of the machine would, for its clients: at once, nothing written in order.
func (p *postgres) kill() {
	_ = p.cmd.Process.Signal(syscall.SIGQUIT) // it may be gone already
	_ = p.cmd.Wait()
}

// dsn is the address of a database.
func (p *postgres) dsn(database string) string {
	u := url.URL{Scheme: "postgres", User: url.User("domicile"), Path: "/" + database, RawQuery: url.Values{"host": {p.dir}}.Encode()}
	return u.String()
}

// fresh makes an empty database and returns its address.
func (p *postgres) fresh(t testing.TB) string {
	t.Helper()
	p.made++
	name := fmt.Sprint("test", p.made)
	p.exec(t, "postgres", "CREATE DATABASE "+name)
	return p.dsn(name)
}

func (p *postgres) exec(t testing.TB, database, query string) {
	t.Helper()
	p.client(t, database)(t, query)
}

// client is a connection of the test's own, for one query.
func (p *postgres) client(t testing.TB, database string) func(t testing.TB, query string) {
	t.Helper()
	c, err := pgx.Connect(t.Context(), p.dsn(database))
	if err != nil {
		t.Fatal(err)
	}
	return func(t testing.TB, query string) {
		t.Helper()
		defer c.Close(t.Context())
		if _, err := c.Exec(t.Context(), query); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
	}
}
