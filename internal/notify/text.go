package notify

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// form is how a message is set: as plain text, or in a markup that others could abuse.
type form struct {
	strong func(string) string // a headline
	words  func(string) string // what people wrote: zones, controls, the organisation's name
	name   func(string) string // what anybody may have chosen: names of resources, texts of errors
	item   func(n int) string  // what stands before the nth change
}

var plain = form{strong: func(s string) string { return s }, words: oneLine, name: oneLine, item: func(n int) string { return strconv.Itoa(n) + ". " }}

// Text is the form for people: plain text, a paragraph for each matter, lines ended by \n.
func (m *Message) Text() string { return m.set(plain) }

// Subject is one line of at most 100 characters, all of them printable ASCII: what SNS and mail take.
func (m *Message) Subject() string {
	head := "domicile"
	if m.Organization != "" {
		head += " [" + cut(m.Organization, 40) + "]"
	}
	s := strings.Map(func(r rune) rune {
		switch {
		case r == '…':
			return '~'
		case r < ' ' || r > '~':
			return '?'
		}
		return r
	}, head+": "+m.headline())
	if len(s) > 100 {
		s = s[:97] + "..."
	}
	return s
}

// headline is what happened in a few words, none of them anybody else's.
func (m *Message) headline() string {
	switch m.Kind {
	case KindFailure:
		return "the nightly audit failed"
	case KindRecovery:
		if m.Recovered == nil {
			return counted(m.Missed.Nights, "night was", "nights were") + " missed, " + concluded(m.Conclusion)
		}
		return "the nightly audit succeeds again, " + concluded(m.Conclusion)
	case KindFirst:
		return "first run, " + concluded(m.Conclusion) + ", " + counted(m.Counts.failing(), "violation", "violations")
	case KindTest:
		return "test message"
	}
	if len(m.Changes) == 0 {
		return concluded(m.Conclusion) + ", the policies or the configuration changed"
	}
	return concluded(m.Conclusion) + ", " + m.changed()
}

func concluded(c residency.Conclusion) string {
	return strings.ToUpper(strings.ReplaceAll(string(c), "_", " "))
}

// became is the order in which changes are counted.
var became = []residency.Became{residency.Opened, residency.Moved, residency.Stopped, residency.NewlyUnknown, residency.Uncovered, residency.NewlyWaived, residency.Fixed, residency.NotReexamined}

// changed counts the changes: "2 new, 1 fixed".
func (m *Message) changed() string {
	var parts []string
	for _, b := range became {
		if n := m.Counts.Changes[b]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, b))
		}
	}
	return strings.Join(parts, ", ")
}

// set words the message.
func (m *Message) set(f form) string {
	var b strings.Builder
	paragraph := func(lines ...string) {
		if lines = slices.DeleteFunc(lines, func(l string) bool { return l == "" }); len(lines) > 0 {
			b.WriteString(strings.Join(lines, "\n") + "\n\n")
		}
	}
	whose := ""
	if m.Organization+m.System != "" {
		whose = " · " + f.words(strings.Trim(m.Organization+", "+m.System, ", "))
	}
	paragraph(f.strong("domicile: "+m.headline()) + whose)
	switch m.Kind {
	case KindTest:
		paragraph("This is a test. Nothing was audited, and nothing changed.")
	case KindFailure:
		paragraph("No run was kept: "+f.name(short(m.Error)), m.missed(), "You hear again when a run succeeds, not of each night that fails.")
	default:
		paragraph(m.about(f)...)
	}
	m.setChanges(f, paragraph)
	undelivered := ""
	if m.Undelivered > 0 {
		undelivered = fmt.Sprintf("%s not delivered: domicile notify retry", counted(m.Undelivered, "earlier message was", "earlier messages were"))
	}
	readOn := ""
	if m.ReadOn != "" {
		readOn = "Read on: " + f.name(m.ReadOn)
	}
	paragraph(undelivered, readOn)
	return strings.TrimRight(b.String(), "\n") + "\n"
}

// about is what a run came to.
func (m *Message) about(f form) []string {
	run := "Run " + f.words(m.Run)
	if m.Previous != "" {
		run += ", compared with " + f.words(m.Previous)
	}
	if changed := m.changed(); changed != "" {
		run += ": " + changed
	}
	lines := []string{run, m.standing()}
	if m.Interrupted {
		lines = append(lines, "The run was interrupted: what it did not examine is a gap.")
	}
	if r := m.Recovered; r != nil {
		lines = append(lines, fmt.Sprintf("It succeeds again after %s since %s.", counted(r.Failures, "failure", "failures"), r.Since.UTC().Format(time.RFC3339)))
	}
	lines = append(lines, m.missed())
	for _, c := range []struct {
		changed bool
		what    string
	}{{m.PoliciesChanged, "The policies"}, {m.ConfigChanged, "The configuration"}, {m.ToolChanged, "The version of domicile"}} {
		if c.changed {
			lines = append(lines, c.what+" changed between the two: a difference may be theirs and not the cloud's.")
		}
	}
	if m.Baseline != "" {
		lines = append(lines, "Only what is worse than "+f.words(m.Baseline)+" is told.")
	}
	if m.Kind == KindFirst {
		lines = append(lines, "This is the first run of its store of which you hear. From now on you hear of changes only.")
	}
	var zones []string
	for _, z := range m.Zones {
		zones = append(zones, f.words(z.ID+name(z.Name)))
	}
	if len(zones) > 0 {
		lines = append(lines, "Zones: "+strings.Join(zones, ", "))
	}
	return lines
}

// missed says which nights were not done; empty where there is none.
func (m *Message) missed() string {
	if m.Missed == nil {
		return ""
	}
	return fmt.Sprintf("%s missed, the first of %s: domicile history says why.", counted(m.Missed.Nights, "night was", "nights were"), m.Missed.Since.UTC().Format(time.RFC3339))
}

func name(s string) string {
	if s == "" {
		return ""
	}
	return " (" + s + ")"
}

// failing are the severities that fail a run.
var failing = []residency.Severity{residency.Critical, residency.High, residency.Medium, residency.Low}

func (c *Counts) failing() (total int) {
	for _, s := range failing {
		total += c.Violations[s]
	}
	return total
}

// standing counts what stands: "FAIL: 3 violations (1 critical, 2 high); 27 unknown, 7 gaps".
func (m *Message) standing() string {
	total, parts := m.Counts.failing(), []string(nil)
	for _, s := range failing {
		if n := m.Counts.Violations[s]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, s))
		}
	}
	text := concluded(m.Conclusion) + ": " + counted(total, "violation", "violations")
	if total > 0 {
		text += " (" + strings.Join(parts, ", ") + ")"
	}
	parts = nil
	for _, p := range []struct {
		n         int
		one, many string
	}{{m.Counts.Unknown, "unknown", "unknown"}, {m.Counts.Gaps, "gap", "gaps"}, {m.Counts.Waived, "waived", "waived"},
		{m.Counts.Violations[residency.Info], "finding of severity info", "findings of severity info"}} {
		if p.n > 0 {
			parts = append(parts, counted(p.n, p.one, p.many))
		}
	}
	if len(parts) > 0 {
		text += "; " + strings.Join(parts, ", ")
	}
	return text
}

func (m *Message) setChanges(f form, paragraph func(...string)) {
	var lines []string
	for i, c := range m.Changes {
		lines = append(lines, f.item(i+1)+c.set(f))
	}
	if m.More > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", m.More))
	}
	paragraph(lines...)
}

// set is one change on one line.
func (c *Change) set(f form) string {
	parts := []string{string(c.Change), string(c.Severity), f.words(c.Control)}
	if c.Resource != "" {
		parts = append(parts, f.name(short(c.Resource)))
	}
	if c.Zone != "" {
		parts = append(parts, "zone "+f.words(c.Zone))
	}
	place := c.Role
	if c.Region != "" {
		place += " in " + f.words(c.Region)
	}
	if c.Was != "" {
		place += ", before in " + f.words(c.Was)
	}
	if c.Account != "" {
		place += " of " + f.words(c.Account)
	}
	if c.Target != "" {
		place += " at " + f.name(short(c.Target))
	}
	parts = append(parts, strings.TrimSpace(place))
	if c.Detail != "" {
		parts = append(parts, f.name(short(c.Detail)))
	}
	if c.DaysOpen != nil {
		parts = append(parts, "open "+counted(*c.DaysOpen, "day", "days"))
	}
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), " · ")
}

func counted(n int, one, many string) string {
	if n == 1 {
		many = one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// short keeps a line readable, whatever is in it.
func short(s string) string { return cut(s, 400) }

// oneLine makes visible what a terminal or a mail reader would obey or hide.
func oneLine(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if unicode.IsPrint(r) {
			b.WriteRune(r)
			continue
		}
		quoted := strconv.QuoteRune(r)
		b.WriteString(quoted[1 : len(quoted)-1])
	}
	return b.String()
}
