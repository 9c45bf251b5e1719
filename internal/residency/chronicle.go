package residency

import "time"

// LastingViolation is an open violation with since when it lasts.
type LastingViolation struct {
	OpenViolation
	FirstSeen time.Time `json:"first_seen"` // snapshot time of the run that opened it
	DaysOpen  int       `json:"days_open"`  // days, UTC, from the first to now, both counted
}

// Chronicle is what a store remembers of a span of days.
type Chronicle struct {
	From     string             `json:"from"` // YYYY-MM-DD, first day
	To       string             `json:"to"`   // last day
	Timezone string             `json:"timezone"`
	Schedule string             `json:"schedule,omitempty"` // cron expression whose nights are expected; empty: each day
	Runs     []ChronicleEntry   `json:"runs"`               // newest first
	Earlier  int                `json:"earlier_runs,omitempty"`
	Nights   []Night            `json:"nights"`
	Open     []LastingViolation `json:"open"` // now, worst first
	Holds    []LegalHold        `json:"holds"`
	Opened   int                `json:"opened"`
	Closed   int                `json:"closed"`
}

// ChronicleEntry is a run or a heartbeat.
type ChronicleEntry struct {
	Run        string     `json:"run"`
	Kind       string     `json:"kind"` // run, failed, skipped
	Begun      time.Time  `json:"begun"`
	Conclusion Conclusion `json:"conclusion,omitempty"`
	Complete   bool       `json:"complete"`
	Violations int        `json:"violations"`
	Waived     int        `json:"waived"`
	Unknown    int        `json:"unknown"`
	Gaps       int        `json:"gaps"`
	Reason     string     `json:"reason,omitempty"`  // of a heartbeat; why nothing of a run is known
	Held       []string   `json:"held,omitempty"`    // tickets of the legal holds on it
	Expired    bool       `json:"expired,omitempty"` // its folder was removed under retention
}

// LegalHold keeps runs from expiring: one, or those begun on some days.
type LegalHold struct {
	Ticket string    `json:"ticket"`
	Reason string    `json:"reason"`
	Run    string    `json:"run,omitempty"`
	From   string    `json:"from,omitempty"` // YYYY-MM-DD, UTC
	To     string    `json:"to,omitempty"`
	Since  time.Time `json:"since"`
}
