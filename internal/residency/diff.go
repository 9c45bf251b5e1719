package residency

// Became says what became of a violation between two runs.
type Became string

// The changes. A violation whose fact the later run did not examine is neither closed nor opened.
const (
	Opened        Became = "new"
	Fixed         Became = "fixed"
	Moved         Became = "moved"           // the same copy, in another place outside
	NotReexamined Became = "not re-examined" // it was a violation, and the later run could not look
	Stopped       Became = "stopped"         // its setting has gone; copies may remain where it led
	NewlyUnknown  Became = "newly unknown"
	NewlyWaived   Became = "waived"          // it was a violation, and stands under a waiver now
	Uncovered     Became = "newly uncovered" // a gap that was not there
)

// Difference is one change. Violations are as fine as the contract's section 6.
type Difference struct {
	Change   Became   `json:"change"`
	Control  string   `json:"control,omitempty"`
	Resource string   `json:"resource,omitempty"`
	Zone     string   `json:"zone,omitempty"`
	Severity Severity `json:"severity,omitempty"`
	Role     string   `json:"role,omitempty"`
	Region   string   `json:"region,omitempty"`
	Account  string   `json:"account,omitempty"`
	Target   string   `json:"target,omitempty"`
	Was      string   `json:"was,omitempty"` // the region before, of what moved
	Detail   string   `json:"detail,omitempty"`
}

// Comparison is what changed between two runs, and whether what judges them changed too.
type Comparison struct {
	Old         string       `json:"old"`
	New         string       `json:"new"`
	Policies    bool         `json:"policies_changed"`
	Config      bool         `json:"config_changed"`
	Tool        bool         `json:"tool_changed"`
	Differences []Difference `json:"differences"`
}
