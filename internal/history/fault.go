package history

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// Fault is what is wrong with a database itself, with the cure. Nothing of a transaction that met one stays, but for one whose commit was
// not answered, of which the fault says so; the evidence is untouched by all of them.
type Fault struct {
	Name   string
	cause  cause
	reason error
}

type cause int

const (
	damaged cause = iota
	newer
	locked
	full
	unwritable
	unreachable
	unanswered
)

func (f *Fault) Error() string {
	switch f.cause {
	case damaged:
		return fmt.Sprintf("the history %s is damaged (%v): the runs and their log are not; make it anew from them with domicile history rebuild", f.Name, f.reason)
	case newer:
		return fmt.Sprintf("the history %s was written by a later version of domicile (%v): use that one", f.Name, f.reason)
	case locked:
		return fmt.Sprintf("the history %s is held by another process: nothing was recorded; try again when that has ended", f.Name)
	case full:
		return fmt.Sprintf("the disk of the history %s is full: nothing was recorded, and no evidence is lost; make room and repeat", f.Name)
	case unwritable:
		return fmt.Sprintf("the history %s cannot be opened or written (%v): give this user write access to it and to its folder", f.Name, f.reason)
	}
	outcome := "nothing was recorded"
	if f.cause == unanswered {
		outcome = "whether it was recorded is not known"
	}
	tries := strings.Split(strings.TrimSpace(f.reason.Error()), "\n") // a line for each address of the host
	return fmt.Sprintf("the history %s cannot be reached (%s): %s, and no evidence is lost; repeat when it is there", f.Name, strings.TrimSpace(tries[len(tries)-1]), outcome)
}

func (f *Fault) Unwrap() error { return f.reason }

// Damaged reports whether an error says that the database cannot be read and has to be made anew.
func Damaged(err error) bool {
	var f *Fault
	return errors.As(err, &f) && f.cause == damaged
}

// explain gives an error of the database the words for a reader. What is no fault of the database's it passes on.
func (s *Store) explain(err error) error {
	var fault *Fault
	var foreign *ForeignError
	var lost *LostError
	switch {
	case err == nil, errors.As(err, &fault), errors.As(err, &foreign), errors.As(err, &lost), errors.Is(err, context.Canceled):
		return err
	}
	if cause, known := causeOf(err); known {
		return &Fault{Name: s.name, cause: cause, reason: err}
	}
	return fmt.Errorf("history %s: %w", s.name, err)
}

// explainCommit explains what a commit came back with: without the database's own answer nobody knows what became of it. What was recorded
// is recognised when it is recorded again.
func (s *Store) explainCommit(err error) error {
	if cause, _ := causeOf(err); cause == unreachable || errors.Is(err, context.Canceled) {
		return &Fault{Name: s.name, cause: unanswered, reason: err}
	}
	return s.explain(err)
}

func causeOf(err error) (cause, bool) {
	var lite *sqlite.Error
	var server *pgconn.PgError
	var connecting *pgconn.ConnectError
	var network *net.OpError
	switch {
	case errors.Is(err, errNewer):
		return newer, true
	case errors.As(err, &lite):
		c, known := sqliteCauses[lite.Code()]
		if !known {
			c, known = sqliteCauses[lite.Code()&0xff] // the rest of the code says more than a cure needs
		}
		return c, known
	case errors.As(err, &server):
		c, known := postgresCauses[server.Code]
		if !known {
			c, known = postgresCauses[server.Code[:min(2, len(server.Code))]]
		}
		return c, known
	case errors.As(err, &connecting), errors.As(err, &network), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, driver.ErrBadConn), pgconn.SafeToRetry(err):
		return unreachable, true
	}
	return 0, false
}

var sqliteCauses = map[int]cause{lib.SQLITE_CORRUPT: damaged, lib.SQLITE_NOTADB: damaged, lib.SQLITE_BUSY: locked, lib.SQLITE_LOCKED: locked, lib.SQLITE_FULL: full,
	lib.SQLITE_READONLY: unwritable, lib.SQLITE_CANTOPEN: unwritable, lib.SQLITE_PERM: unwritable, lib.SQLITE_AUTH: unwritable, lib.SQLITE_IOERR: unwritable,
	lib.SQLITE_IOERR_SHMSIZE: full} // its index beside the file did not fit

// postgresCauses are by SQLSTATE, or by its class of two characters.
var postgresCauses = map[string]cause{"53100": full, "25006": unwritable, "42501": unwritable, "55P03": locked, "XX001": damaged, "XX002": damaged,
	"08": unreachable, "28": unreachable, "3D": unreachable, "53": unreachable, "57": unreachable}
