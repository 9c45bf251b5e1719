package residency

import "time"

// Violation identifies one, as fine as the contract's section 6: control, resource, zone and one deciding placement. A fail that no
// placement decides has the last four empty.
type Violation struct {
	Control  string `json:"control"`
	Resource string `json:"resource"`
	Zone     string `json:"zone,omitempty"`
	Role     Role   `json:"role,omitempty"`
	Region   string `json:"region,omitempty"`
	Account  string `json:"account,omitempty"`
	Target   string `json:"target,omitempty"`
}

// Matter is what one verdict is about.
type Matter struct{ Control, Resource, Zone string }

// Matter is that of the violation.
func (v Violation) Matter() Matter { return Matter{v.Control, v.Resource, v.Zone} }

// Standing says how a violation stands after a run. One that is in none of these has ended: a proof of the same matter, or an examined
// listing without its resource, says so.
type Standing string

// The standings.
const (
	StandingOpen          Standing = "open"            // the run saw it fail
	StandingWaived        Standing = "waived"          // the run saw it, under a valid waiver
	StandingNotReexamined Standing = "not re-examined" // an earlier run saw it, and this one could not look
	StandingStopped       Standing = "stopped"         // its setting has gone, and copies may remain where it led
)

// OpenViolation is a violation that a run left open.
type OpenViolation struct {
	Violation
	Kind     string    `json:"kind"`
	Severity Severity  `json:"severity"`
	Standing Standing  `json:"standing"`
	LastSeen time.Time `json:"last_seen"`        // snapshot time of the last run that saw it fail
	Detail   string    `json:"detail,omitempty"` // why it was not re-examined; where copies may remain
}
