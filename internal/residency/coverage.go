package residency

import "time"

// Status says how far one scanner came in one account and region.
type Status string

// The statuses of a coverage line.
const (
	Complete    Status = "complete"
	Partial     Status = "partial"
	Denied      Status = "denied"
	Disabled    Status = "disabled"    // the account itself says that the region is off
	Unsupported Status = "unsupported" // the service is not offered there, by the shipped table
	Failed      Status = "failed"
)

// Valid reports whether s is one of the statuses of the contract.
func (s Status) Valid() bool {
	switch s {
	case Complete, Partial, Denied, Disabled, Unsupported, Failed:
		return true
	}
	return false
}

// Closed reports whether a line of this status leaves no question open by itself.
func (s Status) Closed() bool { return s == Complete || s == Disabled || s == Unsupported }

// GapClass says why a call gave no answer.
type GapClass string

// The classes of a gap.
const (
	ClassDenied        GapClass = "denied"
	ClassThrottled     GapClass = "throttled"
	ClassUnimplemented GapClass = "unimplemented"
	ClassUnreachable   GapClass = "unreachable"
	ClassServerError   GapClass = "server_error"
	ClassMalformed     GapClass = "malformed"
	ClassCancelled     GapClass = "cancelled"
	ClassUnresolved    GapClass = "unresolved"
	ClassNotFound      GapClass = "not_found"
	ClassMismatch      GapClass = "mismatch"
)

// Gap is a question that got no answer.
type Gap struct {
	Call     string   `json:"call"` // the bare SDK operation: GetBucketReplication
	Class    GapClass `json:"class"`
	Resource string   `json:"resource,omitempty"` // absent: the call concerns no single resource
	Detail   string   `json:"detail,omitempty"`   // cause and cure, for a reader
}

// GlobalRegion is the region of the coverage line of a scanner whose scope is global.
const GlobalRegion = "global"

// Coverage is what one scanner examined in one account and region.
type Coverage struct {
	Scanner   string `json:"scanner"`
	Account   string `json:"account"`
	Region    string `json:"region"` // GlobalRegion for a global scanner
	Status    Status `json:"status"`
	Resources int    `json:"resources"`
	Gaps      []Gap  `json:"gaps"`
	// Oracles and NotJudged stand on the lines of the completeness oracles.
	Oracles   []Reconciled `json:"oracles,omitempty"`
	NotJudged []NotJudged  `json:"not_judged,omitempty"`
	// Input is the plan or template that the line is of. A snapshot made of such has one line for each.
	Input string `json:"input,omitempty"`
}

// Scope says what should have been examined.
type Scope struct {
	Accounts []string          `json:"accounts"`
	Regions  []string          `json:"regions"`
	Scanners map[string]string `json:"scanners"` // name to "regional" or "global"
	// OrganizationAccounts is every account of the organisation and of the configuration. nil: not read; []: no organisation.
	OrganizationAccounts []string `json:"organization_accounts,omitzero"`
	Narrowed             bool     `json:"narrowed"` // less than every account asked for × every enabled region × every scanner
	// Inputs are the plans and templates that a snapshot was made of, each with one coverage line; nil for one of the cloud.
	Inputs []string `json:"inputs,omitempty"`
}

// The two values of Scope.Scanners.
const (
	ScopeRegional = "regional"
	ScopeGlobal   = "global"
)

// Header is the first line of a snapshot.
type Header struct {
	Schema    int       `json:"schema"`
	Run       time.Time `json:"run"` // start of the observation, UTC
	Tool      string    `json:"tool"`
	Partition string    `json:"partition"`
	Scope     *Scope    `json:"scope,omitempty"` // absent: nothing says what should have been examined, a gap
}

// SchemaVersion is the snapshot schema that this version writes and reads.
const SchemaVersion = 1
