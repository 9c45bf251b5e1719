package config

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"
	"unicode"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Register is what the file of waivers holds.
type Register struct {
	Raw     []byte             // the file as read, for the run folder; nil where the configuration names none
	Waivers []residency.Waiver // in file order
	// Cleanups are the records of copies that were removed, in file order.
	Cleanups []residency.Cleanup
}

// longest is how many days after its first a waiver may have its last.
const longest = 365

// LoadWaivers reads the file at path into c.Register: the one that c.Waivers names, which is relative to the configuration's own
// folder. A waiver may name the controls and c's zones. A refusal is an *Error.
func (c *Config) LoadWaivers(path string, controls []residency.Control) error {
	data, err := readLimited(path)
	if err != nil {
		var at *fs.PathError
		if errors.As(err, &at) {
			err = at.Err // the path is named already
		}
		return fmt.Errorf("read waivers %q: %w: waivers in the configuration names it, relative to the configuration's folder; write it, or drop the key", path, err)
	}
	return c.ParseWaivers(path, data, controls)
}

// ParseWaivers is LoadWaivers of a file that was read already; name stands for it in messages.
func (c *Config) ParseWaivers(name string, data []byte, controls []residency.Control) error {
	r := &reader{file: name, start: "version: 1 and waivers: []"}
	if len(data) > maxSize {
		r.fail(place{1, 1}, "the file is larger than 1 MiB: is it the list of waivers? shorten it with * globs")
		return r.err
	}
	root := r.document(data)
	var register Register
	if r.err == nil {
		register = r.register(root, c.Zones, controls)
	}
	if r.err != nil {
		return r.err
	}
	register.Raw = data
	c.Register = register
	return nil
}

func (r *reader) register(root value, zones []residency.Zone, controls []residency.Control) (out Register) {
	r.version(root)
	if r.err != nil {
		return out
	}
	f := r.fields(root, "the file", "version", "waivers", "cleanups")
	f.need("the file", "version", "waivers")
	seen := make(map[string]int)
	for _, v := range f.list("waivers", "[{id: W-1, control: RES-001, …}]") {
		w := r.waiver(v, zones, controls)
		if r.err != nil {
			return out
		}
		r.once(seen, w.ID, v.place, "waiver")
		out.Waivers = append(out.Waivers, w)
	}
	for _, v := range f.list("cleanups", "[{to: {target: …}, date: 2026-11-26, who: …, approver: …, ticket: …}]") {
		out.Cleanups = append(out.Cleanups, r.cleanup(v, controls))
	}
	return out
}

// cleanup reads the record of copies that were removed.
func (r *reader) cleanup(v value, controls []residency.Control) (c residency.Cleanup) {
	const what = "a clean-up"
	f := r.fields(v, what, "control", "resource", "to", "date", "who", "approver", "ticket")
	f.need(what, "to", "date", "who", "approver", "ticket")
	if r.err != nil {
		return c
	}
	c = residency.Cleanup{Resource: f.text("resource"), To: r.destination(f.of["to"], what), Date: f.day("date"), Who: f.text("who"), Approver: f.text("approver"), Ticket: f.text("ticket")}
	if f.has("control") {
		if c.Control = r.waivedControl(f, controls); c.Control == "*" {
			c.Control = ""
		}
	}
	if r.err == nil && samePerson(c.Who, c.Approver) {
		r.fail(f.of["approver"].place, "the clean-up is approved by %s, who did it: let somebody else approve it", quoted(c.Who))
	}
	return c
}

// destination reads "to": globs of the place to which data went.
func (r *reader) destination(to value, what string) residency.WaiverTo {
	t := r.fields(to, "\"to\" of "+what, "region", "account", "target")
	if r.err == nil && len(t.of) == 0 {
		r.fail(to.place, "\"to\" of %s is empty, and would cover every destination: give it a region, account or target", what)
	}
	return residency.WaiverTo{Region: t.text("region"), Account: t.globAccount("account"), Target: t.text("target")}
}

func (r *reader) waiver(v value, zones []residency.Zone, controls []residency.Control) residency.Waiver {
	f := r.fields(v, "a waiver", "id", "control", "scope", "reason", "risk", "owner", "approver", "ticket", "from", "expires")
	f.need("a waiver", "id")
	if r.err != nil {
		return residency.Waiver{}
	}
	w := residency.Waiver{ID: f.text("id")}
	what := "waiver " + quoted(w.ID)
	f.need(what, "control", "scope", "reason", "owner", "approver", "from", "expires")
	if r.err != nil {
		return w
	}
	w.Control = r.waivedControl(f, controls)
	w.Scope = r.waiverScope(f.of["scope"], what, zones)
	w.Reason, w.Risk, w.Owner, w.Approver, w.Ticket = f.text("reason"), f.text("risk"), f.text("owner"), f.text("approver"), f.text("ticket")
	w.From, w.Expires = f.day("from"), f.day("expires")
	if r.err == nil {
		r.holdsTogether(f, &w, controls)
	}
	return w
}

// holdsTogether refuses what is wrong between the keys of one waiver.
func (r *reader) holdsTogether(f fields, w *residency.Waiver, controls []residency.Control) {
	what := "waiver " + quoted(w.ID)
	days := int(w.Expires.Sub(w.From) / (24 * time.Hour))
	switch {
	case samePerson(w.Owner, w.Approver):
		r.fail(f.of["approver"].place, "%s is approved by its owner, %s: let somebody else approve it", what, quoted(w.Owner))
	case days < 0:
		r.fail(f.of["expires"].place, "%s expires before it begins, on %s: write a day from %s on", what,
			w.Expires.Format(time.DateOnly), w.From.Format(time.DateOnly))
	case days > longest:
		r.fail(f.of["expires"].place, "%s runs for %d days after its first, more than %d: let it expire by %s, and renew it then", what, days, longest,
			w.From.AddDate(0, 0, longest).Format(time.DateOnly))
	case w.Scope.To != residency.WaiverTo{}:
		return
	}
	for i := range controls {
		if c := &controls[i]; (w.Control == c.ID || w.Control == "*") && c.NeedsDestination() {
			r.fail(f.of["scope"].place, "the scope of %s has no \"to\", and control %s judges copies, logs, streams or sharing: "+
				"add to: {region: …}, account or target, a waiver for one destination covers no other", what, quoted(w.Control))
			return
		}
	}
}

func (r *reader) waivedControl(f fields, controls []residency.Control) string {
	id := f.text("control")
	if id == "*" || r.err != nil {
		return id
	}
	known := make([]string, 0, len(controls))
	for _, c := range controls {
		if c.ID == id {
			return id
		}
		known = append(known, c.ID)
	}
	if meant := nearest(id, known); meant != "" {
		r.fail(f.of["control"].place, "there is no control %s: did you mean %q?", quoted(id), meant)
	}
	r.fail(f.of["control"].place, "there is no control %s: see domicile list controls, or write \"*\" for all", quoted(id))
	return ""
}

func (r *reader) waiverScope(v value, what string, zones []residency.Zone) (s residency.WaiverScope) {
	f := r.fields(v, "the scope of "+what, "resource", "account", "region", "zone", "to")
	if r.err == nil && len(f.of) == 0 {
		r.fail(v.place, "the scope of %s is empty, and would cover everything: give it a resource, account, region, zone or to", what)
	}
	s = residency.WaiverScope{Resource: f.text("resource"), Account: f.globAccount("account"), Region: f.text("region"), Zone: f.text("zone")}
	if zone, ok := f.of["zone"]; ok && r.err == nil && !strings.Contains(s.Zone, "*") {
		r.knownZone(zone.place, s.Zone, zones)
	}
	to, ok := f.of["to"]
	if !ok || r.err != nil {
		return s
	}
	s.To = r.destination(to, what)
	return s
}

// globAccount reads the glob of an account; empty when the key is absent.
func (f fields) globAccount(key string) string {
	v, ok := f.of[key]
	if !ok {
		return ""
	}
	return f.r.account(v, quoted(key), true)
}

// day reads a date as the beginning of that day in UTC.
func (f fields) day(key string) time.Time {
	text := f.text(key)
	if f.r.err != nil {
		return time.Time{}
	}
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		f.r.fail(f.of[key].place, "%q is %s, and there is no such day: write it as YYYY-MM-DD", key, quoted(text))
	}
	return day
}

// samePerson compares names as people write them: case, spaces and what cannot be seen make no other person.
func samePerson(a, b string) bool {
	seen := func(c rune) rune {
		if unicode.IsSpace(c) || !unicode.IsGraphic(c) {
			return -1
		}
		return c
	}
	return strings.EqualFold(strings.Map(seen, a), strings.Map(seen, b))
}
