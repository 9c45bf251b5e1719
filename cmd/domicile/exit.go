package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// The exit codes of the contract, section 2.
const (
	exitOK           = 0
	exitError        = 1
	exitFail         = 2
	exitNotConcluded = 3
	exitDiffers      = 4
	exitInterrupted  = 130
)

// exitMeanings is what the help says of them.
var exitMeanings = []struct {
	code    int
	meaning string
}{
	{exitOK, "nothing failed at or above --fail-on, nothing is unknown, and everything in scope was examined"},
	{exitError, "the tool could not do what was asked: bad flag, configuration, input file or credentials"},
	{exitFail, "at least one unwaived fail at or above --fail-on"},
	{exitNotConcluded, "no such fail, but a gap in coverage or an unknown"},
	{exitDiffers, "diff --exit-code only: the runs differ"},
	{exitInterrupted, "interrupted; what was finished is kept and marked incomplete"},
}

func exitHelp() string {
	var b strings.Builder
	b.WriteString("Exit codes:\n")
	for _, e := range exitMeanings {
		fmt.Fprintf(&b, "  %3d  %s\n", e.code, e.meaning)
	}
	b.WriteString("--exit-zero turns 2 and 3 into 0, never 1.")
	return b.String()
}

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

// concluded is nil where the exit code is 0.
func concluded(s *residency.Summary, failOn residency.Severity, exitZero bool) error {
	if code := exitCode(s, failOn, exitZero); code != exitOK {
		return errExit(code)
	}
	return nil
}

// codeOf is the exit code of a command's error. After an interruption every error is its consequence.
func codeOf(ctx context.Context, err error) int {
	var exit errExit
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &exit):
		return int(exit)
	case ctx.Err() != nil:
		return exitInterrupted
	}
	return exitError
}

// message is the one line for a command's error, empty where there is nothing to say.
func message(ctx context.Context, err error) string {
	var kept errKept
	switch code := codeOf(ctx, err); {
	case err == nil, err.Error() == "":
		return ""
	case errors.As(err, &kept):
		return err.Error()
	case code == exitInterrupted && errors.Is(err, context.Canceled):
		return "interrupted: nothing was kept"
	case errors.Is(err, syscall.ENOSPC):
		return err.Error() + ": make room there, or name a place with more"
	}
	return err.Error()
}

// errKept is the error of a scan that was interrupted and left its run in dir.
type errKept struct{ dir string }

func (e errKept) Error() string {
	return fmt.Sprintf("interrupted: what was finished is kept in %s, marked incomplete", e.dir)
}

func (errKept) Unwrap() error { return context.Canceled }
