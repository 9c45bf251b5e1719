package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/seed-1578181b/domicile/internal/config"
	"github.com/seed-1578181b/domicile/internal/evidence"
	"github.com/seed-1578181b/domicile/internal/schedule"
)

// nights is what is known of a store's nights, and who is at them.
type nights interface {
	schedule.Nights
	schedule.Calendar
	io.Closer
}

// openNights finds the nights of a store: nights.ndjson in it.
func openNights(_ context.Context, _ *config.Config, _, out string) (nights, error) {
	f := nightsFile{store: out}
	_, err := f.read() // a file that cannot be read must stop the daemon, not the night
	return f, err
}

// nightsFile is a file with a line for each night. It is changed under the store's lock and replaced whole, so that a crash leaves the
// old one or the new one.
type nightsFile struct{ store string }

// nightLine is one night.
type nightLine struct {
	Due    time.Time  `json:"due"`
	State  nightState `json:"state"`
	Holder string     `json:"holder,omitempty"`
	Until  time.Time  `json:"until,omitzero"` // end of the lease, while it runs
	Run    string     `json:"run,omitempty"`
	Reason string     `json:"reason,omitempty"`
}

type nightState string

// The states of a night.
const (
	nightRunning nightState = "running"
	nightDone    nightState = "done"
	nightFailed  nightState = "failed"
	nightMissed  nightState = "missed"
)

func (f nightsFile) path() string { return filepath.Join(f.store, "nights.ndjson") }

// read lists the nights by when they were due.
func (f nightsFile) read() (lines []nightLine, err error) {
	data, err := os.ReadFile(f.path())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for d := json.NewDecoder(bytes.NewReader(data)); ; {
		var l nightLine
		if err := d.Decode(&l); errors.Is(err, io.EOF) {
			return lines, nil
		} else if err != nil {
			return nil, fmt.Errorf("%s: night %d: %w: move the file away, and the nights begin anew; the runs stay", f.path(), len(lines)+1, err)
		}
		lines = append(lines, l)
	}
}

// change lets do change a night under the store's lock. It is written where do is content.
func (f nightsFile) change(due time.Time, do func(*nightLine) bool) (changed bool, err error) {
	unlock, err := evidence.Lock(f.store)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	lines, err := f.read()
	if err != nil {
		return false, err
	}
	due = due.UTC()
	i, known := slices.BinarySearchFunc(lines, due, func(l nightLine, due time.Time) int { return l.Due.Compare(due) })
	if !known {
		lines = slices.Insert(lines, i, nightLine{Due: due})
	}
	if !do(&lines[i]) {
		return false, nil
	}
	return true, f.write(lines)
}

func (f nightsFile) write(lines []nightLine) (err error) {
	part, err := os.OpenFile(f.path()+".part", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	buffer := bufio.NewWriter(part)
	out := json.NewEncoder(buffer)
	for _, l := range lines {
		err = errors.Join(err, out.Encode(l))
	}
	if err = errors.Join(err, buffer.Flush(), part.Sync(), part.Close()); err != nil {
		return err
	}
	return os.Rename(part.Name(), f.path())
}

// Claim implements schedule.Nights.
func (f nightsFile) Claim(_ context.Context, due, now time.Time, holder string, lease time.Duration) (bool, error) {
	return f.change(due, func(l *nightLine) bool {
		if l.State == nightDone || l.State == nightRunning && now.Before(l.Until) {
			return false
		}
		l.State, l.Holder, l.Until = nightRunning, holder, now.Add(lease).UTC()
		return true
	})
}

// Renew implements schedule.Nights.
func (f nightsFile) Renew(_ context.Context, due, now time.Time, holder string, lease time.Duration) error {
	return f.held(due, holder, func(l *nightLine) { l.Until = now.Add(lease).UTC() })
}

// Finish implements schedule.Nights.
func (f nightsFile) Finish(_ context.Context, due, _ time.Time, holder, run, problem string) error {
	return f.held(due, holder, func(l *nightLine) {
		l.State, l.Until, l.Run, l.Reason = nightDone, time.Time{}, run, problem
		if run == "" {
			l.State = nightFailed
		}
	})
}

// held changes a night whose lease the holder has.
func (f nightsFile) held(due time.Time, holder string, do func(*nightLine)) error {
	ok, err := f.change(due, func(l *nightLine) bool {
		if l.State != nightRunning || l.Holder != holder {
			return false
		}
		do(l)
		return true
	})
	if err == nil && !ok {
		return errors.New("the night has become another's")
	}
	return err
}

// First implements schedule.Calendar.
func (f nightsFile) First(context.Context) (time.Time, bool, error) {
	lines, err := f.read()
	if err != nil || len(lines) == 0 {
		return time.Time{}, false, err
	}
	return lines[0].Due, true, nil
}

// LastDone implements schedule.Calendar.
func (f nightsFile) LastDone(context.Context) (time.Time, bool, error) {
	lines, err := f.read()
	for _, l := range slices.Backward(lines) {
		if l.State == nightDone {
			return l.Due, true, err
		}
	}
	return time.Time{}, false, err
}

// Missed implements schedule.Calendar.
func (f nightsFile) Missed(_ context.Context, due time.Time, reason string) error {
	_, err := f.change(due, func(l *nightLine) bool {
		if l.State == nightDone || l.State == nightRunning {
			return false
		}
		l.State, l.Reason = nightMissed, reason
		return true
	})
	return err
}

// Close implements io.Closer.
func (nightsFile) Close() error { return nil }
