package residency

import (
	"io"
	"io/fs"
	"time"
)

// Dossier is what a kept run knows beyond its verdicts: what an auditor asks for. A report of a bare snapshot has none.
type Dossier struct {
	Organization string // whose audit this is
	System       string
	Commitments  []Commitment
	Controls     []OwnControl
	ByZone       []ZoneResult // where a commitment or a control names zones; sorted by control and zone
	Excluded     []ExcludedAccount
	Trusted      []TrustedAccount
	Frameworks   []Framework
	Waivers      []WaiverState
	Manifest     Manifest
	Seal         Seal
	Scanners     []ScannerInfo
	Runner       ScannerInfo // what the run itself asked, beside its scanners; without a service
	Coverage     []Coverage  // every line, sorted by scanner, account, region
	Population   []Population
	Samples      []Sample    // seeded: the same run and seed give the same
	SampleSeed   string      // hex
	Calls        CallSummary // of all calls
	Period       *Period     // nil: one instant
	// Files is the run folder, for a format that takes all of it along; nil where there is none.
	Files fs.FS
	// Archive writes the run and further files as one zip; nil where that cannot be done.
	Archive func(w io.Writer, more map[string][]byte) error
}

// Commitment is a promise to customers, in the organisation's own words.
type Commitment struct {
	ID    string   `json:"id"`
	Text  string   `json:"text"`
	Zones []string `json:"zones,omitempty"` // that it is about; none: all
}

// OwnControl is one of the organisation's own controls, with the shipped checks that test it.
type OwnControl struct {
	ID         string   `json:"id"`
	Text       string   `json:"text"`
	Owner      string   `json:"owner,omitempty"`
	Frequency  string   `json:"frequency,omitempty"`
	Commitment string   `json:"commitment,omitempty"` // id of a Commitment
	Checks     []string `json:"checks"`               // ids of shipped controls
	Zones      []string `json:"zones,omitempty"`      // whose verdicts count, those of its commitment where it names none; none: all
}

// ZoneResult is what a shipped control came to in one zone.
type ZoneResult struct {
	Control  string
	Zone     string // empty: unclassified
	Outcomes map[Outcome]int
	Info     int // fails of severity info among them
}

// ExcludedAccount is left out of the audit and printed in every report.
type ExcludedAccount struct{ ID, Reason, Approver string }

// Strength says how much a check's result proves of a criterion.
type Strength string

// The strengths. They are kept apart everywhere: supporting evidence is one input among others.
const (
	Direct     Strength = "direct"
	Supporting Strength = "supporting"
)

// Framework is a standard's criteria, in our own words, and the shipped checks that bear on them.
type Framework struct {
	ID       string      `json:"id"` // soc2
	Name     string      `json:"name"`
	Version  string      `json:"version"`
	Applies  string      `json:"applies"` // how residency reads in it
	Criteria []Criterion `json:"criteria"`
}

// Criterion is one requirement of a framework.
type Criterion struct {
	ID         string   `json:"id"` // the standard's own: CC6.7
	Paraphrase string   `json:"paraphrase"`
	Strength   Strength `json:"strength"`
	Basis      string   `json:"basis"`            // verified_secondary, from_knowledge, unverified
	Checks     []string `json:"checks,omitempty"` // shipped control ids, and run checks (RUN-…); none: no check of this version bears on it
	Note       string   `json:"note,omitempty"`
}

// WaiverStatus is where a waiver stands at the time of the run.
type WaiverStatus string

// The states of a waiver.
const (
	WaiverActive   WaiverStatus = "active"
	WaiverExpiring WaiverStatus = "expiring" // within 14 days
	WaiverExpired  WaiverStatus = "expired"
	WaiverFuture   WaiverStatus = "not yet valid"
)

// WaiverState is one line of the waiver register as it stood at the run's time.
type WaiverState struct {
	ID       string       `json:"id"`
	Control  string       `json:"control"` // id or "*"
	Scope    string       `json:"scope"`   // for a reader: "resource=… to.region=…"
	Reason   string       `json:"reason"`
	Risk     string       `json:"risk,omitempty"`
	Owner    string       `json:"owner"`
	Approver string       `json:"approver"`
	Ticket   string       `json:"ticket,omitempty"`
	From     string       `json:"from"`    // YYYY-MM-DD
	Expires  string       `json:"expires"` // last valid day, UTC
	Status   WaiverStatus `json:"status"`
	Matched  int          `json:"matched"` // fails that it covers, in whole or for one of their placements, valid or not
}

// FileDigest is one line of a manifest or of a list of reports.
type FileDigest struct {
	Name   string `json:"name"` // slashes, relative to the run folder
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"`
}

// Manifest lists the evidence of a run, with what it was made by and from. It is what a signature seals.
type Manifest struct {
	Schema     int          `json:"schema"`
	Run        string       `json:"run"` // name of the run folder
	Observed   time.Time    `json:"observed"`
	Start      time.Time    `json:"start"`
	End        time.Time    `json:"end"`
	Complete   bool         `json:"complete"`
	Conclusion Conclusion   `json:"conclusion"`
	Tool       string       `json:"tool"`       // version
	Build      string       `json:"build"`      // SHA-256 of the running program, empty where it cannot be read
	Policies   string       `json:"policies"`   // SHA-256 over the policy files
	Config     string       `json:"config"`     // SHA-256 of config.yaml
	Verdicts   string       `json:"verdicts"`   // SHA-256 of the verdict lines, uncompressed
	Caller     string       `json:"caller"`     // ARN of who asked
	Command    []string     `json:"command"`    // the command line
	ClockSkew  *float64     `json:"clock_skew"` // seconds that this machine is ahead of AWS; null: no Date header was seen
	Accounts   []string     `json:"accounts"`
	Regions    []string     `json:"regions"`
	Sequence   int64        `json:"sequence"`            // of the entry in the log, from 0
	Previous   string       `json:"previous,omitempty"`  // SHA-256 of the manifest of the run before, absent for the first
	Zone       string       `json:"zone,omitempty"`      // of a part that holds one zone's evidence
	Uncarried  bool         `json:"uncarried,omitempty"` // what earlier runs left open could not all be read: the next run looks further back
	Problems   []string     `json:"problems,omitempty"`  // what of sealing failed half-way: publication, time stamp
	Files      []FileDigest `json:"files"`               // sorted by name
}

// Seal is what vouches for a run.
type Seal struct {
	Key         string `json:"key"`        // fingerprint: SHA256:… of the public key
	Algorithm   string `json:"algorithm"`  // ed25519, ecdsa-p256-sha256
	Manifest    string `json:"manifest"`   // SHA-256 of manifest.json
	Checkpoint  string `json:"checkpoint"` // the signed checkpoint that covers the run, as text
	LogSize     int64  `json:"log_size"`
	Published   string `json:"published,omitempty"`    // where checkpoints are published; empty: no outside witness exists
	TimeStamped string `json:"time_stamped,omitempty"` // authority of an RFC 3161 time stamp
	// Failed are what was to be done with the sealed run and did not succeed: publication, time stamp.
	Failed []string `json:"failed,omitempty"`
}

// ScannerInfo says what a scanner asks and finds, for the method part of a report.
type ScannerInfo struct {
	Service    string   `json:"service"`
	Version    int      `json:"version"`
	Scope      string   `json:"scope"`
	Kinds      []string `json:"kinds"`
	Operations []string `json:"operations"` // SDK operations, sorted
	Actions    []string `json:"actions"`    // the IAM actions that these need, sorted
}

// Population counts resources of one kind in one account and region.
type Population struct {
	Account string `json:"account"`
	Region  string `json:"region"` // empty: AWS gives it none
	Kind    string `json:"kind"`
	Count   int    `json:"count"`
	Stores  int    `json:"stores"` // data stores among them
}

// CallRecord is one answered call: what an auditor can look up in CloudTrail.
type CallRecord struct {
	Scanner   string    `json:"scanner,omitempty"` // empty: the runner itself
	Service   string    `json:"service"`           // SDK package
	Operation string    `json:"operation"`
	Account   string    `json:"account"`
	Region    string    `json:"region"` // that was asked
	Place     string    `json:"place"`  // region of the coverage line, "global" for a global scanner
	Time      time.Time `json:"time"`
	Request   string    `json:"request"` // AWS request id
	Status    int       `json:"status"`  // HTTP
	SHA256    string    `json:"sha256"`  // of the redacted answer
	// Input is the operation's parameters that were set, page tokens left out: the query.
	Input map[string]any `json:"input,omitempty"`
	Page  bool           `json:"page,omitempty"` // a later page of a list
}

// CallSummary counts the calls of a run.
type CallSummary struct {
	Total  int `json:"total"`
	Failed int `json:"failed"` // answered with an HTTP status of 400 or more
}

// Sample is one item that an auditor may observe again.
type Sample struct {
	Resource Resource
	Verdicts []Verdict    // on it, passes included
	Calls    []CallRecord // those that proved it, in time
	More     int          // calls beside those listed
	Command  string       // read-only aws … command that repeats the observation
}

// NightState is what became of one night of a period.
type NightState string

// The states of a night.
const (
	NightDone    NightState = "done"
	NightPartial NightState = "partial" // with gaps
	NightLate    NightState = "late"    // done on a later attempt or day
	NightFailed  NightState = "failed"  // a heartbeat says why
	NightMissed  NightState = "missed"
)

// Night is one day of a coverage calendar.
type Night struct {
	Date       string     `json:"date"` // YYYY-MM-DD, UTC
	State      NightState `json:"state"`
	Reason     string     `json:"reason,omitempty"`
	Runs       []string   `json:"runs,omitempty"`
	Conclusion Conclusion `json:"conclusion,omitempty"`
	Violations int        `json:"violations"`
	Waived     int        `json:"waived"`
	Unknown    int        `json:"unknown"`
	Stores     int        `json:"stores"` // data stores assigned to a zone
}

// Change is something that changed between two nights of a period.
type Change struct {
	Date string `json:"date"`
	What string `json:"what"` // policy, tool, configuration, scope, waiver
	From string `json:"from"`
	To   string `json:"to"`
}

// Spell is one violation over a period.
type Spell struct {
	Verdict   Verdict
	FirstSeen string // YYYY-MM-DD
	LastSeen  string
	DaysOpen  int
	Open      bool // still there on the last night that examined it
	Ended     string
	Waived    bool // on its last night
}

// Period is a span of runs of one store.
type Period struct {
	From    string // YYYY-MM-DD, first day, UTC
	To      string // last day
	Nights  []Night
	Changes []Change
	Spells  []Spell
	Longest int // days of the longest gap without a complete run
}
