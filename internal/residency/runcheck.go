package residency

// RunCheck is a shipped check of a run itself, beside the controls that judge its resources. A framework's criterion and one of
// the organisation's own controls name it by id, as they name a control.
type RunCheck struct {
	ID          string // RUN-001; never used again for another
	Title       string // the sentence that is true when it passes
	Description string
}

// RunChecks lists the run checks, sorted by id.
func RunChecks() []RunCheck {
	return []RunCheck{
		{"RUN-001", "The population is complete, and agrees with every independent source that was asked",
			"Every account, region and kind in scope was examined without a gap, and nothing that another source knows is missing from the inventory."},
		{"RUN-002", "A run was kept for every day of the period",
			"No day of the period is without a complete run; a run that found violations is a run that worked."},
		{"RUN-003", "The evidence of the run is sealed",
			"The manifest over all files of the run is signed and stands in the log; that both still hold is shown by domicile verify."},
		{"RUN-004", "Every waiver that covers a violation is approved, scoped and in force",
			"The register names an approver and a last day for each; one that has expired waives nothing."},
		{"RUN-005", "The audit itself only read",
			"Each call was held against the read-only operations that its scanner declares before it was sent."},
	}
}
