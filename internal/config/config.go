// Package config reads domicile.yaml: whose data is where (zones, assign), what is examined (aws), and the settings of the
// later steps. It is strict: what it does not understand, it refuses, with the place and the cure in one line.
package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Config is a configuration that holds together: every zone has known regions, every rule a zone. Keys that were not given
// have the zero value.
type Config struct {
	Raw          []byte // the file as read, for the run folder
	Organization Organization
	Zones        []residency.Zone // in file order
	Assign       []residency.Rule // in file order; the first match wins
	AWS          AWS
	Waivers      string   // path as written; relative to what, the caller decides
	Register     Register // what that file holds, once LoadWaivers has read it

	Commitments []residency.Commitment
	Controls    []residency.OwnControl
	Signing     Signing
	Evidence    []Evidence // in file order, at most one for each zone
	Log         Log
	Timestamp   Timestamp
	Schedule    Schedule
	History     History
	Events      Events
	Notify      []Notify
}

// Organization names whose audit this is, for the reports.
type Organization struct{ Name, System string }

// AWS says what is examined, and how it is reached.
type AWS struct {
	Accounts         []string // in file order; nil: the caller's, or with Organization every account of it
	Organization     bool
	Role             string   // name of the role (with its path, if any) in every account but the caller's
	Regions          []string // in file order; nil: every region that the account has enabled
	ExcludedAccounts []residency.ExcludedAccount
	TrustedAccounts  []residency.TrustedAccount
}

// Signing says which key seals a run; at most one is set.
type Signing struct{ KeyFile, KMSKey string }

// Evidence says where a zone's evidence is kept: in Dir or in Bucket.
type Evidence struct {
	Zone           string // or residency.NoZone: what holds several zones, or none
	Dir            string
	Bucket         string
	Mode           string // of the bucket's object lock, as written: governance or compliance in any case, or empty
	RetentionYears int    // 0: not given
}

// Log says where checkpoints of the log are published.
type Log struct{ Publish string }

// Timestamp names the time-stamping authority.
type Timestamp struct{ URL string }

// Schedule says when the daemon runs.
type Schedule struct {
	Cron     string
	Timezone string
	Jitter   time.Duration

	at struct{ cron, timezone, jitter place }
}

// History names the database; empty for the embedded one.
type History struct{ DSN string }

// Events names the bucket of the trail that is read for what happened between two scans.
type Events struct{ TrailBucket string }

// maxSize of a configuration: some 10,000 lines of assign.
const maxSize = 1 << 20

// Load reads the file at path. The shipped zones are those that `ID: shipped` may name. A refusal is an *Error; a file that
// does not exist is fs.ErrNotExist.
func Load(path string, shipped map[string]residency.Zone) (*Config, error) {
	data, err := read(path)
	if err != nil {
		return nil, err
	}
	return Parse(path, data, shipped)
}

func read(path string) ([]byte, error) {
	data, err := readLimited(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	return data, nil
}

// readLimited reads no more than it takes to see that a file is too large.
func readLimited(path string) (data []byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return io.ReadAll(io.LimitReader(f, maxSize+1))
}

func unreadable(path string, err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		err = at.Err // the path is named already
	}
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read config %q: %w: name the file with --config, or write one with domicile init", path, err)
	}
	return fmt.Errorf("read config %q: %w: name a readable file with --config", path, err)
}

// Parse reads data; name stands for the file in messages. Every refusal is an *Error.
func Parse(name string, data []byte, shipped map[string]residency.Zone) (*Config, error) {
	r := &reader{file: name, start: "version: 1, zones and assign", shipped: shipped}
	if len(data) > maxSize {
		r.fail(place{1, 1}, "the file is larger than 1 MiB: is it the configuration? shorten assign with * globs")
		return nil, r.err
	}
	root := r.document(data)
	if r.err != nil {
		return nil, r.err
	}
	c := r.config(root)
	if r.err != nil {
		return nil, r.err
	}
	c.Raw = data
	return c, nil
}

// config reads the keys in the order in which they depend on each other: the version first, since another version may have
// other keys, and the zones before those who name them.
func (r *reader) config(root value) *Config {
	r.version(root)
	f := r.fields(root, "the file", "version", "organization", "zones", "assign", "aws", "waivers", "commitments", "controls",
		"signing", "evidence", "log", "timestamp", "schedule", "history", "events", "notify")
	if r.err == nil && !f.has("version") {
		r.fail(f.place, "the file has no \"version\": add version: 1")
	}
	if r.err != nil {
		return nil
	}
	c := &Config{Waivers: f.text("waivers")}
	if v, ok := f.of["organization"]; ok {
		o := r.fields(v, `"organization"`, "name", "system")
		c.Organization = Organization{Name: o.text("name"), System: o.text("system")}
	}
	c.Zones = r.zones(f)
	c.Assign = r.assign(f, c.Zones)
	c.AWS = r.aws(f)
	r.further(f, c)
	return c
}

// version refuses any other before unknown keys are looked at.
func (r *reader) version(root value) {
	if root.kind != mappingKind {
		r.wrongType(root, "the file", "a mapping", "start with "+r.start)
		return
	}
	for _, p := range root.pairs {
		if p.key.text != "version" {
			continue
		}
		if p.value.kind == numberKind && p.value.text != "1" {
			r.fail(p.value.place, "version %s is not known to this release: write version: 1, or use a newer release", clip(p.value.text))
		}
		if p.value.kind != numberKind {
			r.wrongType(p.value, `"version"`, "the number 1", "write version: 1")
		}
	}
}
