package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-1578181b/domicile/internal/config"
	"github.com/seed-1578181b/domicile/internal/schedule"
	"github.com/seed-1578181b/domicile/policies"
)

// asked runs init as on a terminal on which these lines are typed.
func asked(t *testing.T, ctx context.Context, typed io.Reader, args ...string) (path, said string, code int) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "domicile.yaml")
	var out, errs bytes.Buffer
	s := inProcess(&out, &errs, append([]string{"init", "--config", path}, args...)...)
	s.stdin, s.terminal = typed, func(any) (int, bool) { return 80, true }
	code = run(ctx, s)
	if out.Len() > 0 {
		t.Errorf("stdout: %s", out.String())
	}
	return path, errs.String(), code
}

func TestInitAsks(t *testing.T) {
	typed := "Example GmbH\nmoon\neu, us\nau\nus\n\norganization\n\n0 25 * * *\n30 2 * * *\nEurope/Dublin\n"
	path, said, code := asked(t, t.Context(), strings.NewReader(typed))
	if code != exitOK {
		t.Fatalf("exit code %d: %s", code, said)
	}
	for _, want := range []string{"Zones, of au, br", "[eu]: ", `no shipped zone "moon"`, `"au" is none of the zones eu, us`, "[data-residency]: ", "above maximum (23)", "wrote "} {
		if !strings.Contains(said, want) {
			t.Errorf("not said: %s\n%s", want, said)
		}
	}
	zones, err := policies.Zones()
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(path, zones)
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Organization.Name != "Example GmbH" || len(cfg.Zones) != 2 || !cfg.Zones[0].Promise || cfg.Zones[1].Promise || !cfg.AWS.Organization ||
		cfg.AWS.Role != defaultRole || len(cfg.Assign) != 2 {
		t.Errorf("%+v", cfg)
	}
	if s, err := schedule.Parse(cfg.Schedule.Cron, cfg.Schedule.Timezone); err != nil || s.Location().String() != "Europe/Dublin" {
		t.Errorf("%+v, %v", cfg.Schedule, err)
	}
}

// TestInitFlagsAreNotAsked: a flag's question is left out.
func TestInitFlagsAreNotAsked(t *testing.T) {
	_, said, code := asked(t, t.Context(), strings.NewReader("\n\n\n\n\n\n"), "--zones", "au", "--name", "Example")
	if code != exitOK || strings.Contains(said, "Zones, of") || strings.Contains(said, "Name of") {
		t.Errorf("exit code %d: %s", code, said)
	}
}

func TestInitLeavesNothing(t *testing.T) {
	path, said, code := asked(t, t.Context(), strings.NewReader("Example\n"))
	if _, err := os.Stat(path); code != exitError || !os.IsNotExist(err) || !strings.Contains(said, "nothing was written") {
		t.Errorf("exit code %d, %v: %s", code, err, said)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	silent, writer := io.Pipe()
	defer writer.Close()
	if path, said, code = asked(t, ctx, silent); code != exitInterrupted {
		t.Errorf("exit code %d: %s", code, said)
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("%v", err)
	}
}
