package main

import (
	"context"
	"errors"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// The exit codes of the contract, section 2.
const (
	exitOK           = 0   // nothing failed at or above --fail-on, nothing is unknown, everything in scope was examined
	exitError        = 1   // the tool could not do what was asked
	exitFail         = 2   // an unwaived fail at or above --fail-on
	exitNotConcluded = 3   // no such fail, but a gap in coverage or an unknown
	exitInterrupted  = 130 // what was finished is kept and marked incomplete
)

// exitCode of a run that concluded.
func exitCode(s *residency.Summary, failOn residency.Severity, exitZero bool) int {
	if exitZero {
		return exitOK
	}
	for severity, n := range s.Fails {
		if n > 0 && severity.Rank() >= failOn.Rank() {
			return exitFail
		}
	}
	if s.Open {
		return exitNotConcluded
	}
	return exitOK
}

// errExit carries the code of a run that did its work: there is nothing to print.
type errExit int

func (e errExit) Error() string { return "" }

// codeOf is the exit code of a command's error.
func codeOf(ctx context.Context, err error) int {
	var exit errExit
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &exit):
		return int(exit)
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		return exitInterrupted
	}
	return exitError
}
