package residency

import "slices"

// Outcome is what a control concludes for one resource and zone.
type Outcome string

// The outcomes of a verdict.
const (
	Pass          Outcome = "pass"    // proved inside
	Fail          Outcome = "fail"    // proved outside
	Unknown       Outcome = "unknown" // could not be proved either way
	Waived        Outcome = "waived"  // a fail under a valid waiver
	NotApplicable Outcome = "not_applicable"
)

// Severity ranks a verdict; it is its control's.
type Severity string

// The severities, ascending.
const (
	Info     Severity = "info"
	Low      Severity = "low"
	Medium   Severity = "medium"
	High     Severity = "high"
	Critical Severity = "critical"
)

// Rank orders severities from 0 (info) to 4 (critical); an unknown word is -1.
func (s Severity) Rank() int {
	switch s {
	case Info:
		return 0
	case Low:
		return 1
	case Medium:
		return 2
	case High:
		return 3
	case Critical:
		return 4
	}
	return -1
}

// Verdict is one control's outcome for one resource and zone.
type Verdict struct {
	Control    string      `json:"control"`
	Resource   string      `json:"resource"`
	Kind       string      `json:"kind"`
	Account    string      `json:"account,omitempty"`
	Region     string      `json:"region,omitempty"`
	Zone       string      `json:"zone,omitempty"` // absent: the resource is unclassified
	Outcome    Outcome     `json:"outcome"`
	Severity   Severity    `json:"severity"`
	Reason     string      `json:"reason,omitempty"`
	Placements []Placement `json:"placements,omitempty"` // those that decide it, copied whole
	Path       []string    `json:"path,omitempty"`       // the chain by which the zone's data came here, this resource last
	Downstream []string    `json:"downstream,omitempty"` // ids reached beyond the border, sorted
	Waiver     *WaiverRef  `json:"waiver,omitempty"`
}

// WaiverRef is the waiver under which a fail stands, as far as a reader of the verdict needs it.
type WaiverRef struct {
	ID       string `json:"id"`
	Owner    string `json:"owner"`
	Approver string `json:"approver"`
	Reason   string `json:"reason"`
	Expires  string `json:"expires"` // last valid day, YYYY-MM-DD, UTC
}

// Conclusion is what a run says as a whole.
type Conclusion string

// The conclusions of a run.
const (
	ConcludePass         Conclusion = "pass"
	ConcludeFail         Conclusion = "fail"
	ConcludeNotConcluded Conclusion = "not_concluded"
)

// Control is what the policies say of one control: METADATA of its Rego package.
type Control struct {
	ID          string   `json:"id"`
	Title       string   `json:"title"` // the sentence that is true when it passes
	Description string   `json:"description,omitempty"`
	Severity    Severity `json:"severity"`
	Kinds       []string `json:"kinds"` // ["*"] for every kind
	Needs       []Fact   `json:"needs"`
	Remediation string   `json:"remediation,omitempty"`
	Slug        string   `json:"slug"`          // folder under policies/controls
	Own         bool     `json:"own,omitempty"` // the user's, beside the shipped ones
}

// AnyKind in Control.Kinds stands for every kind.
const AnyKind = "*"

// Concerns reports whether the control judges resources of that kind.
func (c *Control) Concerns(kind string) bool {
	return slices.Contains(c.Kinds, AnyKind) || slices.Contains(c.Kinds, kind)
}

// Judges reports whether the control is given the placements of that role.
func (c *Control) Judges(r Role) bool { return slices.Contains(c.Needs, PlacementsOf(r)) }
