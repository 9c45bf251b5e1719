package notify

import (
	"cmp"
	"encoding/json"
	"iter"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// SchemaVersion is that of the JSON form. It grows when a field goes or changes its meaning, not when one is added.
const SchemaVersion = 1

// Kind says why a message was sent.
type Kind string

// The kinds.
const (
	KindFirst    Kind = "first_run" // the first run of a store that is told, summed up
	KindChange   Kind = "change"    // something changed since the run that was told last
	KindFailure  Kind = "failure"   // a night left no run, the first of a row
	KindRecovery Kind = "recovery"  // a run succeeded after nights that failed or were missed, and nothing else changed
	KindTest     Kind = "test"      // sent by hand
)

// Message is what is told, and in JSON what a webhook gets. Lists are never null; a field that does not concern the kind is absent.
type Message struct {
	SchemaVersion int       `json:"schema_version"`
	ID            string    `json:"id"` // the same for every channel and however often it is delivered
	Kind          Kind      `json:"kind"`
	Time          time.Time `json:"time"` // when the night ended, UTC
	Organization  string    `json:"organization,omitempty"`
	System        string    `json:"system,omitempty"`
	Zones         []Zone    `json:"zones"` // of the configuration, in its order

	Run         string               `json:"run,omitempty"`
	Previous    string               `json:"previous_run,omitempty"` // the run that it is compared with
	Baseline    string               `json:"baseline_run,omitempty"` // only what is worse than this run is told
	Conclusion  residency.Conclusion `json:"conclusion,omitempty"`
	Interrupted bool                 `json:"interrupted,omitempty"` // what the run did not examine is a gap
	Counts      *Counts              `json:"counts,omitempty"`

	PoliciesChanged bool `json:"policies_changed,omitempty"`
	ConfigChanged   bool `json:"config_changed,omitempty"`
	ToolChanged     bool `json:"tool_changed,omitempty"`

	Changes []Change `json:"changes"` // the worst ten; of a first run, what stands
	More    int      `json:"more"`    // how many there are beside them

	Error       string  `json:"error,omitempty"` // why the night failed
	Recovered   *Outage `json:"recovered,omitempty"`
	Missed      *Missed `json:"missed,omitempty"`      // nights before this one that were not done
	Undelivered int     `json:"undelivered,omitempty"` // earlier messages that wait for domicile notify retry
	ReadOn      string  `json:"read_on,omitempty"`     // the command that shows the rest
}

// Zone is one of the configuration.
type Zone struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
}

// Counts are those of the run, and of what changed.
type Counts struct {
	Violations map[residency.Severity]int `json:"violations"` // unwaived, by severity; those of severity info fail nothing
	Unknown    int                        `json:"unknown"`
	Waived     int                        `json:"waived"`
	Gaps       int                        `json:"gaps"`
	Changes    map[residency.Became]int   `json:"changes"` // by what became of it, "not re-examined" among them
}

// Change is one difference. Its field change is "open" in the summary of a first run.
type Change struct {
	residency.Difference
	DaysOpen *int `json:"days_open,omitempty"` // absent: not known
}

// Outage is the row of failed nights that has ended.
type Outage struct {
	Since    time.Time `json:"since"`
	Failures int       `json:"failures"`
}

// Missed are nights that were not done: nobody was there to do them.
type Missed struct {
	Since  time.Time `json:"since"` // when the first of them was due
	Nights int       `json:"nights"`
}

// open is what a first run has in place of changes.
const open = residency.Became(residency.ViolationOpen)

// Worst gathers the worst violations of a run, and counts all. It holds ten, however many there are.
type Worst struct {
	changes []Change
	seen    int
}

// WorstOf reads verdicts.
func WorstOf(verdicts iter.Seq2[residency.Verdict, error]) (w Worst, err error) {
	for v, err := range verdicts {
		if err != nil {
			return Worst{}, err
		}
		for _, o := range v.Violations(time.Time{}) {
			if o.State == residency.ViolationOpen && o.Severity.Rank() > residency.Info.Rank() {
				w.add(residency.Difference{Change: open, Control: o.Control, Resource: o.Resource, Zone: o.Zone, Severity: o.Severity, Role: string(o.Role),
					Region: o.Region, Account: o.Account, Target: o.Target})
			}
		}
	}
	return w, nil
}

func (w *Worst) add(d residency.Difference) {
	w.seen++
	c := Change{Difference: bounded(d)}
	at, _ := slices.BinarySearchFunc(w.changes, c, worse)
	if at == most {
		return
	}
	w.changes = slices.Insert(w.changes, at, c)
	w.changes = w.changes[:min(len(w.changes), most)]
}

// worse orders by severity, then control and resource. What has no severity comes after what has one, and what was fixed, last:
// it is no bad news.
func worse(a, b Change) int {
	fixed := func(c Change) int {
		if c.Change == residency.Fixed {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(fixed(a), fixed(b)), cmp.Compare(b.Severity.Rank(), a.Severity.Rank()), cmp.Compare(a.Control, b.Control), cmp.Compare(a.Resource, b.Resource),
		cmp.Compare(a.Zone, b.Zone), cmp.Compare(a.Role, b.Role), cmp.Compare(a.Region, b.Region), cmp.Compare(a.Account, b.Account), cmp.Compare(a.Target, b.Target),
		cmp.Compare(a.Change, b.Change), cmp.Compare(a.Detail, b.Detail))
}

// longest bounds what one field of a message may hold, in bytes: an ARN has at most 2048.
const longest = 2048

// bounded keeps a message small, whatever the names in it are.
func bounded(d residency.Difference) residency.Difference {
	for _, s := range []*string{&d.Control, &d.Resource, &d.Zone, &d.Role, &d.Region, &d.Account, &d.Target, &d.Was, &d.Detail} {
		*s = cut(*s, longest)
	}
	return d
}

// cut shortens s to so many bytes, between two characters.
func cut(s string, bytes int) string {
	if len(s) <= bytes {
		return s
	}
	n := bytes - len("…")
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}

// JSON is the form for programs.
func (m *Message) JSON() ([]byte, error) { return json.Marshal(m) }
