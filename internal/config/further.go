package config

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// further reads the keys of the later steps. Their types and keys are checked here; what they mean, where they are used.
func (r *reader) further(f fields, c *Config) {
	if r.err != nil {
		return
	}
	c.Commitments = r.commitments(f, c.Zones)
	c.Controls = r.controls(f, c)
	c.Evidence = r.evidence(f, c)
	c.Notify = r.notify(f)
	if s, ok := r.section(f, "signing", "key_file", "kms_key"); ok {
		c.Signing = Signing{KeyFile: s.text("key_file"), KMSKey: s.text("kms_key")}
		if s.has("key_file") == s.has("kms_key") {
			r.fail(s.place, "\"signing\" takes one key: give either \"key_file\" or \"kms_key\"")
		}
	}
	if s, ok := r.section(f, "log", "publish"); ok {
		s.need(`"log"`, "publish")
		c.Log = Log{Publish: s.text("publish")}
	}
	if s, ok := r.section(f, "timestamp", "url"); ok {
		s.need(`"timestamp"`, "url")
		c.Timestamp = Timestamp{URL: s.text("url")}
		if holdsPassword(c.Timestamp.URL) {
			r.fail(s.of["url"].place, "a password does not belong into this file, which each run holds: use an authority that asks for none")
		}
	}
	if s, ok := r.section(f, "schedule", "cron", "timezone", "jitter"); ok {
		s.need(`"schedule"`, "cron")
		c.Schedule = Schedule{Cron: s.text("cron"), Timezone: s.text("timezone"), Jitter: s.duration("jitter")}
		c.Schedule.at.cron, c.Schedule.at.timezone, c.Schedule.at.jitter = s.of["cron"].place, s.of["timezone"].place, s.of["jitter"].place
	}
	if s, ok := r.section(f, "history", "dsn"); ok {
		s.need(`"history"`, "dsn")
		c.History = History{DSN: s.text("dsn")}
		if holdsPassword(c.History.DSN) {
			r.fail(s.of["dsn"].place, "a password does not belong into this file, which each run holds: give it by PGPASSWORD or in a password file (PGPASSFILE)")
		}
	}
	if s, ok := r.section(f, "events", "trail_bucket"); ok {
		s.need(`"events"`, "trail_bucket")
		c.Events = Events{TrailBucket: s.text("trail_bucket")}
	}
}

// holdsPassword reports whether an address holds a password, in front of its host or as a parameter.
func holdsPassword(address string) bool {
	_, rest, is := strings.Cut(address, "://")
	if !is {
		return false
	}
	authority := rest
	if i := strings.IndexAny(rest, "/?"); i >= 0 && strings.Contains(rest[:i], "@") { // else what comes before the @ may be a password with such a sign
		authority = rest[:i]
	}
	at := strings.LastIndexByte(authority, '@')
	return at >= 0 && strings.Contains(authority[:at], ":") || strings.Contains(strings.ToLower(rest), "password=")
}

// section reads the mapping at key, if there is one.
func (r *reader) section(f fields, key string, known ...string) (fields, bool) {
	v, ok := f.of[key]
	if !ok {
		return fields{}, false
	}
	s := r.fields(v, quoted(key), known...)
	return s, r.err == nil
}

func (r *reader) commitments(f fields, zones []residency.Zone) []residency.Commitment {
	var out []residency.Commitment
	seen := make(map[string]int)
	for _, v := range f.list("commitments", "[{id: …, text: …}]") {
		m := r.fields(v, `an item of "commitments"`, "id", "text", "zones")
		m.need("a commitment", "id", "text")
		c := residency.Commitment{ID: m.text("id"), Text: m.text("text"), Zones: r.promised(m, zones)}
		r.once(seen, c.ID, v.place, "commitment")
		out = append(out, c)
	}
	return out
}

func (r *reader) controls(f fields, cfg *Config) []residency.OwnControl {
	var out []residency.OwnControl
	seen := make(map[string]int)
	for _, v := range f.list("controls", "[{id: …, text: …, checks: [RES-001]}]") {
		m := r.fields(v, `an item of "controls"`, "id", "text", "owner", "frequency", "commitment", "checks", "zones")
		m.need("a control", "id", "text")
		c := residency.OwnControl{
			ID: m.text("id"), Text: m.text("text"), Owner: m.text("owner"), Frequency: m.text("frequency"),
			Commitment: m.text("commitment"), Checks: m.texts("checks", "[RES-001]"), Zones: r.promised(m, cfg.Zones),
		}
		r.once(seen, c.ID, v.place, "control")
		if c.Commitment != "" {
			r.serves(m, &c, cfg.Commitments)
		}
		out = append(out, c)
	}
	return out
}

// serves ties a control to its commitment, whose zones are its own where it names none.
func (r *reader) serves(m fields, c *residency.OwnControl, commitments []residency.Commitment) {
	i := slices.IndexFunc(commitments, func(o residency.Commitment) bool { return o.ID == c.Commitment })
	if i < 0 {
		r.fail(m.of["commitment"].place, "unknown commitment %s: use the id of one in commitments", quoted(c.Commitment))
		return
	}
	about := commitments[i].Zones
	if c.Zones == nil {
		c.Zones = about
	}
	for n, zone := range c.Zones {
		if len(about) > 0 && !slices.Contains(about, zone) {
			r.fail(m.of["zones"].items[n].place, "commitment %s is not about zone %s: take the zone off the control, or add it to the commitment", quoted(c.Commitment), quoted(zone))
		}
	}
}

// promised reads "zones" of a commitment or a control: known ones that give a promise, each once.
func (r *reader) promised(m fields, zones []residency.Zone) []string {
	ids := m.texts("zones", "[eu]")
	if r.err != nil {
		return nil
	}
	if m.has("zones") && len(ids) == 0 {
		r.fail(m.of["zones"].place, "\"zones\" is empty: name a zone, or drop it for all")
	}
	for n, id := range ids {
		at := m.of["zones"].items[n].place
		r.knownZone(at, id, zones)
		if slices.ContainsFunc(zones, func(z residency.Zone) bool { return z.ID == id && !z.Promise }) {
			r.fail(at, "zone %s gives no promise (promise: false): nothing in it can break one", quoted(id))
		}
		if slices.Contains(ids[:n], id) {
			r.fail(at, "zone %s is listed twice: keep one of them", quoted(id))
		}
	}
	return ids
}

func (r *reader) evidence(f fields, c *Config) []Evidence {
	v, ok := f.of["evidence"]
	if !ok || r.err != nil {
		return nil
	}
	if v.kind != mappingKind {
		r.wrongType(v, `"evidence"`, "a mapping", "write {ZONE: {dir: …}}")
		return nil
	}
	r.unique(v)
	var out []Evidence
	stores := make(map[string]int)
	for _, p := range v.pairs {
		if p.key.text != residency.NoZone {
			r.knownZone(p.key.place, p.key.text, c.Zones)
		}
		m := r.fields(p.value, "the evidence of zone "+quoted(p.key.text), "dir", "bucket", "mode", "retention_years")
		e := Evidence{
			Zone: p.key.text, Dir: m.text("dir"), Bucket: m.text("bucket"), Mode: m.text("mode"),
			RetentionYears: m.count("retention_years"),
		}
		switch {
		case m.has("dir") == m.has("bucket"):
			r.fail(m.place, "the evidence of zone %s takes one place: give either \"dir\" or \"bucket\"", quoted(e.Zone))
		case m.has("dir") && (m.has("mode") || m.has("retention_years")):
			r.fail(m.place, "\"mode\" and \"retention_years\" are a bucket's: drop them, or give \"bucket\" in place of \"dir\"")
		case e.Mode != "" && !strings.EqualFold(e.Mode, "governance") && !strings.EqualFold(e.Mode, "compliance"):
			r.fail(m.of["mode"].place, "the mode %s is none of an object lock: write governance or compliance", quoted(e.Mode))
		}
		store := "bucket " + e.Bucket
		if e.Dir != "" {
			store = "folder " + filepath.Clean(e.Dir)
		}
		r.once(stores, store, m.place, "the store of evidence") // of one zone only: a store holds no name of another's
		out = append(out, e)
	}
	return out
}
