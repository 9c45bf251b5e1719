package residency

import (
	"cmp"
	"slices"
	"time"
)

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

// ViolationState says how a violation stands after a run. One that is in none of these has ended: a proof of the same matter, or an examined
// listing without its resource, says so.
type ViolationState string

// The states of a violation.
const (
	ViolationOpen          ViolationState = "open"            // the run saw it fail
	ViolationWaived        ViolationState = "waived"          // the run saw it, under a valid waiver
	ViolationNotReexamined ViolationState = "not re-examined" // an earlier run saw it, and this one could not look
	ViolationStopped       ViolationState = "stopped"         // its setting has gone, and copies may remain where it led
	ViolationEnded         ViolationState = "ended"           // proved to be no more; stands only in the run that proved it
)

// Stands reports whether a violation of that state is still open.
func (s ViolationState) Stands() bool { return s != "" && s != ViolationEnded }

// OpenViolation is a violation that a run left open.
type OpenViolation struct {
	Violation
	Kind            string         `json:"kind"`
	ResourceAccount string         `json:"resource_account,omitempty"`
	ResourceRegion  string         `json:"resource_region,omitempty"`
	Severity        Severity       `json:"severity"`
	State           ViolationState `json:"state"`
	LastSeen        time.Time      `json:"last_seen"`        // snapshot time of the last run that saw it fail
	Detail          string         `json:"detail,omitempty"` // why it was not re-examined; where copies may remain; how it ended
	// Path is the chain by which the zone's data came to the resource, itself left out: what has to be examined to say that it comes no more.
	Path []string `json:"path,omitempty"`
	// OwnerUnknown: the run that saw it could not tell whose the target is, so that no listing of an account shows that it has gone.
	OwnerUnknown bool `json:"owner_unknown,omitempty"`
}

// Compare orders violations by their fields.
func (v Violation) Compare(o Violation) int {
	return cmp.Or(cmp.Compare(v.Control, o.Control), cmp.Compare(v.Resource, o.Resource), cmp.Compare(v.Zone, o.Zone), cmp.Compare(v.Role, o.Role),
		cmp.Compare(v.Region, o.Region), cmp.Compare(v.Account, o.Account), cmp.Compare(v.Target, o.Target))
}

// By reports whether that placement is the one that decided the violation.
func (v *Violation) By(p Placement) bool {
	return v.Role == p.Role && v.Region == p.Region && v.Account == p.Account && v.Target == p.Target
}

// Like reports whether that placement may be the same copy in another form: of a destination that could not be asked about, region or
// account are not known.
func (v *Violation) Like(p Placement) bool {
	return v.Target != "" && v.Role == p.Role && v.Target == p.Target && (v.Region == p.Region || v.Region == "" || p.Region == "") &&
		(v.Account == p.Account || v.Account == "" || p.Account == "")
}

// Violations are those of a fail or of a waived one, as they stand in the run that saw it: one for each deciding placement.
func (v *Verdict) Violations(observed time.Time) []OpenViolation {
	one := OpenViolation{Violation: Violation{Control: v.Control, Resource: v.Resource, Zone: v.Zone}, Kind: v.Kind, ResourceAccount: v.Account, ResourceRegion: v.Region,
		Severity: v.Severity, State: ViolationOpen, LastSeen: observed}
	switch v.Outcome {
	case Fail:
	case Waived:
		one.State = ViolationWaived
	default:
		return nil
	}
	if n := len(v.Path); n > 1 {
		one.Path = v.Path[:n-1]
	}
	if len(v.Placements) == 0 {
		return []OpenViolation{one}
	}
	all := make([]OpenViolation, 0, len(v.Placements))
	for _, p := range v.Placements {
		one.Role, one.Region, one.Account, one.Target = p.Role, p.Region, p.Account, p.Target
		if !slices.ContainsFunc(all, func(o OpenViolation) bool { return o.Violation == one.Violation }) {
			all = append(all, one)
		}
	}
	return all
}

// Cleanup records that the copies which a violation left behind were removed: it closes what stopped and may remain.
type Cleanup struct {
	Control  string    // id; empty: any
	Resource string    // glob; empty: any
	To       WaiverTo  // where the copies were; globs
	Date     time.Time // day on which they were removed, 00:00 UTC
	Who      string    // removed them
	Approver string    // never the same
	Ticket   string
}
