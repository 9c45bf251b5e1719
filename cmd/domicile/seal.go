package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/seed-1578181b/domicile/internal/audit"
	"github.com/seed-1578181b/domicile/internal/config"
	"github.com/seed-1578181b/domicile/internal/evidence"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/policies"
	"github.com/seed-1578181b/domicile/scanners"
)

// keeper keeps a run that starts now, signed with the configured key or the store's own. Whether it can be signed is found out
// before anything is done.
func (c *common) keeper(ctx context.Context, engine *policies.Engine, cfg *config.Config, configPath string) (audit.Keeper, error) {
	signer, err := c.signer(ctx, cfg, configPath)
	if err != nil {
		return audit.Keeper{}, err
	}
	if c.build == "" {
		if c.build, err = buildDigest(); err != nil {
			return audit.Keeper{}, err
		}
	}
	after := &audit.After{TimeStamp: cfg.Timestamp.URL, HTTP: &http.Client{Timeout: time.Minute},
		AWS: func() (scanners.Settings, error) { return scanners.LoadConfig(ctx) }}
	if after.Publish = cfg.Log.Publish; after.Publish != "" && !strings.HasPrefix(after.Publish, "s3://") {
		after.Publish = beside(configPath, after.Publish)
	}
	return audit.Keeper{Engine: engine, Config: cfg, Store: c.out, ID: c.runID(), Tool: version, Build: c.build,
		Signer: signer, Command: c.command(), After: after, Homes: c.homes(cfg, configPath, after.AWS), Now: c.now, Forget: forgetCode}, nil
}

// command is the command line.
func (c *common) command() []string { return append([]string{"domicile"}, c.args...) }

// runID names what begins now.
func (c *common) runID() string {
	var random [3]byte
	rand.Read(random[:]) // never fails: crypto/rand ends the program instead
	return evidence.RunID(c.now(), random)
}

// homes are the stores of the zones whose evidence is kept apart.
func (c *common) homes(cfg *config.Config, configPath string, aws evidence.Settings) (homes []evidence.Home) {
	for _, e := range cfg.Evidence {
		h := evidence.Home{Zone: residency.Zone{ID: e.Zone}, Bucket: e.Bucket, Mode: strings.ToUpper(cmp.Or(e.Mode, config.DefaultMode)),
			Years: cmp.Or(e.RetentionYears, config.DefaultRetention), AWS: aws, Now: c.now, Staging: filepath.Join(c.out, "parts", e.Zone)}
		if e.Dir != "" {
			h.Dir = beside(configPath, e.Dir)
		}
		for _, z := range cfg.Zones {
			if z.ID == e.Zone {
				h.Zone = z
			}
		}
		homes = append(homes, h)
	}
	return homes
}

// signer is the configured key, or the store's own; nil where the store is empty and a key is to be made.
func (c *common) signer(ctx context.Context, cfg *config.Config, configPath string) (evidence.Signer, error) {
	switch s := cfg.Signing; {
	case s.KeyFile != "":
		return evidence.ReadSigner(beside(configPath, s.KeyFile))
	case s.KMSKey != "":
		aws, err := scanners.LoadConfig(ctx)
		if err != nil {
			return nil, err
		}
		return evidence.KMSSigner(ctx, aws, s.KMSKey)
	}
	return evidence.OwnSigner(c.out)
}

// beside is a path as the configuration names it: relative to the configuration's own folder.
func beside(configPath, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(configPath), path)
}

// buildDigest is the SHA-256 of the running program: which build judged is part of the evidence.
func buildDigest() (digest string, err error) {
	path, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find the running program: %w", err)
	}
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("read the running program: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("read the running program: %w", err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// noteKept says where a run is kept, and that a key was made: who keeps the store must know.
func (c *common) noteKept(run *audit.Run) {
	if run.NewKey != "" {
		c.note("made a signing key for this store: %s; its public part, for auditors: %s", run.NewKey, evidence.PublicKeyPath(c.out))
	}
	for _, p := range run.Problems {
		c.note("the run is sealed, and this failed: %s", p)
	}
	c.note("run kept in %s", run.Dir)
}

// heartbeat leaves a signed trace of a night that left no run, where the store has a log to leave it in: a night must not be missing
// without a word. A store is not made for it.
func (c *common) heartbeat(ctx context.Context, signer evidence.Signer, kind evidence.Kind, run, reason string) error {
	if signer == nil || !evidence.HasLog(c.out) {
		return nil
	}
	text := oneLine(reason)
	if len(text) > maxReason {
		text = strings.ToValidUTF8(text[:maxReason], "") + "…"
	}
	return evidence.Heartbeat(context.WithoutCancel(ctx), c.out, signer, kind, run, c.now(), text)
}

// maxReason bounds what the log says of a failure, in bytes.
const maxReason = 300
