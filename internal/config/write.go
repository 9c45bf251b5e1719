package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// file is YAML being written. Strings are written as JSON, which is YAML, and quoted whatever they look like.
type file struct{ strings.Builder }

// flow is a mapping on one line.
type flow []string

// with adds a key; one without a value is left out.
func (f flow) with(key string, value any) flow {
	switch v := value.(type) {
	case string:
		if v == "" {
			return f
		}
	case []string:
		if len(v) == 0 {
			return f
		}
	case flow:
		if len(v) == 0 {
			return f
		}
		return append(f, key+": "+v.String())
	}
	return append(f, key+": "+scalar(value))
}

func (f flow) String() string { return "{" + strings.Join(f, ", ") + "}" }

// scalar is a string, a truth or a list of strings.
func scalar(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err) // none of these can fail
	}
	return strings.TrimSpace(b.String())
}

// list writes a key and its items, a line for each; none without items.
func list[T any](f *file, lead, key string, items []T, item func(T) flow) {
	if len(items) == 0 {
		return
	}
	f.WriteString(lead + key + ":\n")
	for _, i := range items {
		f.WriteString(lead + "  - " + item(i).String() + "\n")
	}
}

// Marshal is c as a file that Parse reads again: what a judgement and its reports hang on. Comments and the settings of signing,
// keeping and telling are left out.
func (c *Config) Marshal() []byte {
	f := &file{}
	c.scope(f)
	c.words(f)
	return []byte(f.String())
}

// scope writes what is examined and whose it is; the mapping aws comes last and is left open.
func (c *Config) scope(f *file) {
	f.WriteString("version: 1\n")
	if o := (flow{}).with("name", c.Organization.Name).with("system", c.Organization.System); len(o) > 0 {
		f.WriteString("organization: " + o.String() + "\n")
	}
	f.WriteString("zones:\n")
	for _, z := range c.Zones {
		fmt.Fprintf(f, "  %s: %s\n", scalar(z.ID), flow{}.with("name", z.Name).with("regions", z.Regions).with("promise", z.Promise))
	}
	list(f, "", "assign", c.Assign, assignLine)
	f.aws(&c.AWS)
}

// words writes what the organisation says of it.
func (c *Config) words(f *file) {
	if c.Waivers != "" {
		f.WriteString("waivers: " + scalar(c.Waivers) + "\n")
	}
	list(f, "", "commitments", c.Commitments, func(m residency.Commitment) flow {
		return flow{}.with("id", m.ID).with("text", m.Text).with("zones", m.Zones)
	})
	list(f, "", "controls", c.Controls, func(o residency.OwnControl) flow {
		return flow{}.with("id", o.ID).with("text", o.Text).with("owner", o.Owner).with("frequency", o.Frequency).with("commitment", o.Commitment).
			with("checks", o.Checks).with("zones", o.Zones)
	})
}

func assignLine(r residency.Rule) flow {
	m := flow{}.with("arn", r.ARN)
	switch {
	case r.TagValue != nil:
		m = m.with("tag", flow{}.with("key", r.TagKey).with("value", *r.TagValue))
		if *r.TagValue == "" {
			m = flow{}.with("tag", append(flow{}.with("key", r.TagKey), `value: ""`))
		}
	case r.TagKey != "":
		m = m.with("tag", r.TagKey)
	case r.OwnRegion:
		m = m.with("region", "own")
	}
	return m.with("account", r.Account).with("zone", r.Zone).with("reason", r.Reason).with("owner", r.Owner)
}

func (f *file) aws(a *AWS) {
	f.WriteString("aws:\n  organization: " + scalar(a.Organization) + "\n")
	for _, k := range []struct {
		key   string
		value flow
	}{{"role", flow{}.with("", a.Role)}, {"accounts", flow{}.with("", a.Accounts)}, {"regions", flow{}.with("", a.Regions)}} {
		if len(k.value) > 0 {
			f.WriteString("  " + k.key + k.value[0] + "\n")
		}
	}
	list(f, "  ", "excluded_accounts", a.ExcludedAccounts, func(e residency.ExcludedAccount) flow {
		return flow{}.with("id", e.ID).with("reason", e.Reason).with("approver", e.Approver)
	})
	list(f, "  ", "trusted_accounts", a.TrustedAccounts, func(t residency.TrustedAccount) flow {
		return flow{}.with("id", t.ID).with("name", t.Name).with("region", t.Region).with("reason", t.Reason)
	})
}

// MarshalWaivers is a register as a file that ParseWaivers reads again.
func MarshalWaivers(waivers []residency.Waiver) []byte {
	f := &file{}
	f.WriteString("version: 1\n")
	if len(waivers) == 0 {
		f.WriteString("waivers: []\n")
	}
	list(f, "", "waivers", waivers, func(w residency.Waiver) flow {
		to := flow{}.with("region", w.Scope.To.Region).with("account", w.Scope.To.Account).with("target", w.Scope.To.Target)
		scope := flow{}.with("resource", w.Scope.Resource).with("account", w.Scope.Account).with("region", w.Scope.Region).with("zone", w.Scope.Zone).with("to", to)
		return flow{}.with("id", w.ID).with("control", w.Control).with("scope", scope).with("reason", w.Reason).with("risk", w.Risk).
			with("owner", w.Owner).with("approver", w.Approver).with("ticket", w.Ticket).
			with("from", w.From.Format(time.DateOnly)).with("expires", w.Expires.Format(time.DateOnly))
	})
	return []byte(f.String())
}
