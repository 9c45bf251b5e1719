package snapshot

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

// Error says what is wrong with a file: one line that names the place and the cure.
type Error struct {
	Name string // the path as it was opened
	Line int    // 0 where no line is concerned
	Err  error
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %v", oneLine(e.Name), e.Err)
	}
	return fmt.Sprintf("%s: line %d: %v", oneLine(e.Name), e.Line, e.Err)
}

// Unwrap gives the cause: fs.ErrNotExist where there is no such file.
func (e *Error) Unwrap() error { return e.Err }

// The cures. A line that this package wrote cannot be wrong by itself, so most errors mean a damaged or edited file.
const (
	cureCopy    = "copy the file again or repeat the scan"
	cureVersion = "read it with the version of domicile that wrote it"
)

// cureName is for a path that leads nowhere; what is the kind of file that is wanted.
func cureName(what string) string { return "name a " + what + " or a run folder" }

// cured is a problem that brings its own cure; any other gets cureCopy.
type cured struct {
	err  error
	cure string
}

func (c cured) Error() string { return c.err.Error() + "; " + c.cure }
func (c cured) Unwrap() error { return c.err }

func cure(how, format string, args ...any) error {
	return cured{fmt.Errorf(format, args...), how}
}

// at places a problem in a file. Errors that are placed already stay as they are.
func at(name string, line int, err error) error {
	var placed *Error
	if errors.As(err, &placed) {
		return err
	}
	var c cured
	if !errors.As(err, &c) {
		err = cured{err, cureCopy}
	}
	return &Error{Name: name, Line: line, Err: err}
}

// absent is an error that is fs.ErrNotExist in words of its own.
type absent struct{ error }

func (absent) Is(target error) bool { return target == fs.ErrNotExist }

// bare drops operation and path from an error of the operating system: the message names the path already.
func bare(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// oneLine keeps a path printable: a file name may hold a line feed or an escape code.
func oneLine(name string) string {
	if strings.ContainsFunc(name, func(r rune) bool { return !strconv.IsPrint(r) }) {
		return strconv.Quote(name)
	}
	return name
}

// short quotes at most 60 characters of what a file holds.
func short(s string) string {
	const most = 60
	n := 0
	for i := range s {
		if n == most {
			return strconv.Quote(s[:i]) + "…"
		}
		n++
	}
	return strconv.Quote(s)
}
