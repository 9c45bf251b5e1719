package residency

import (
	"slices"
	"strings"
	"time"
)

// Waiver accepts certain violations for a time: what waivers.yaml lists.
type Waiver struct {
	ID       string
	Control  string // id, or "*" for every control
	Scope    WaiverScope
	Reason   string
	Risk     string    // optional
	Owner    string    // of the risk
	Approver string    // never the owner
	Ticket   string    // optional
	From     time.Time // first valid day, at 00:00 UTC
	Expires  time.Time // last valid day, at 00:00 UTC; valid through its end
}

// WaiverScope says which violations a waiver covers. Values are globs; all that are given must match.
type WaiverScope struct {
	Resource string // id; in a pre-deploy check the address
	Account  string // of the resource
	Region   string // of the resource
	Zone     string // whose promise is broken
	To       WaiverTo
}

// WaiverTo is the destination: one placement that decides. Values are globs.
type WaiverTo struct {
	Region  string
	Account string
	Target  string
}

// expiringDays is how long before its end a waiver is warned about.
const expiringDays = 14

// Status is where the waiver stands at the time of a run. Days are those of UTC.
func (w *Waiver) Status(run time.Time) WaiverStatus {
	switch end := w.Expires.AddDate(0, 0, 1); {
	case run.Before(w.From):
		return WaiverFuture
	case !run.Before(end):
		return WaiverExpired
	case !run.Before(end.AddDate(0, 0, -1-expiringDays)): // that day itself has 14 days to go
		return WaiverExpiring
	}
	return WaiverActive
}

// Valid reports whether a waiver of this status turns a fail into waived.
func (s WaiverStatus) Valid() bool { return s == WaiverActive || s == WaiverExpiring }

// Ref is the waiver as a verdict carries it.
func (w *Waiver) Ref() *WaiverRef {
	return &WaiverRef{ID: w.ID, Owner: w.Owner, Approver: w.Approver, Reason: w.Reason, Expires: w.Expires.Format(time.DateOnly)}
}

// State is the waiver's line in the register.
func (w *Waiver) State(run time.Time, matched int) WaiverState {
	return WaiverState{ID: w.ID, Control: w.Control, Scope: w.Scope.String(), Reason: w.Reason, Risk: w.Risk, Owner: w.Owner, Approver: w.Approver,
		Ticket: w.Ticket, From: w.From.Format(time.DateOnly), Expires: w.Expires.Format(time.DateOnly), Status: w.Status(run), Matched: matched}
}

// String tells the scope for a reader: "resource=arn:aws:s3:::a to.region=us-east-1".
func (s WaiverScope) String() string {
	var parts []string
	for _, v := range []struct{ key, glob string }{{"resource", s.Resource}, {"account", s.Account}, {"region", s.Region}, {"zone", s.Zone},
		{"to.region", s.To.Region}, {"to.account", s.To.Account}, {"to.target", s.To.Target}} {
		if v.glob != "" {
			parts = append(parts, v.key+"="+v.glob)
		}
	}
	return strings.Join(parts, " ")
}

// NeedsDestination reports whether a waiver of the control must say to which destination it applies: whether the control is one
// of copies (replica, backup), logs, streams or sharing. One resource has any number of these, added by and by, and a waiver for
// those of today must not cover those of tomorrow.
func (c *Control) NeedsDestination() bool {
	return slices.ContainsFunc(c.Needs, func(f Fact) bool {
		switch f {
		case PlacementsOf(Replica), PlacementsOf(Backup), PlacementsOf(Log), PlacementsOf(Stream), FactSharing:
			return true
		}
		return false
	})
}
