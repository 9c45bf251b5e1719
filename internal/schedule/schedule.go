// Package schedule says when the audit is due: a cron expression of five fields, read on the wall clock of a time zone. It keeps
// the traps of robfig/cron away from the rest: a time that a clock change skips is due at the first instant after the gap, and one
// that a clock change repeats is due once, so that no night is lost and none doubled. Its Daemon wakes whoever does the work, and
// sees to it that each night is done once or recorded as missed.
package schedule

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// Schedule is an expression in its time zone.
type Schedule struct {
	location *time.Location
	fields   *cron.SpecSchedule // nil for @every
	every    time.Duration      // of @every
	either   bool               // day of month and weekday are both restricted: cron runs on either
}

// shortest is the least time between two runs: cron has no seconds.
const shortest = time.Minute

// Parse reads five fields (minute, hour, day of month, month, weekday), or @hourly, @daily, @weekly, @monthly, @yearly or
// @every DURATION. The time zone is an IANA name and UTC where it is empty; the expression may name it instead, as crontabs do, in
// front of its fields: CRON_TZ=Europe/Dublin. What never runs is refused.
func Parse(expression, zone string) (*Schedule, error) {
	expression = strings.TrimSpace(expression)
	if name, rest, ok := zonePrefix(expression); ok {
		if zone != "" && zone != name {
			return nil, fmt.Errorf("%q names the time zone %q, and beside it %q is given: keep one of them", expression, name, zone)
		}
		zone, expression = name, rest
	}
	location, err := LoadZone(zone)
	if err != nil {
		return nil, err
	}
	if err := shape(expression); err != nil {
		return nil, err
	}
	parsed, err := parse(expression)
	if err != nil {
		return nil, fmt.Errorf("%q is no cron expression: %w", expression, err)
	}
	s := &Schedule{location: location}
	switch p := parsed.(type) {
	case cron.ConstantDelaySchedule:
		s.every = p.Delay
		return s, s.checkEvery(expression)
	case *cron.SpecSchedule:
		p.Location = time.UTC // the fields are matched against a wall clock that knows no changes; see Next
		s.fields, s.either = p, p.Dom&starBit == 0 && p.Dow&starBit == 0
	}
	if s.fields == nil || s.fields.Next(reference).IsZero() {
		return nil, fmt.Errorf("%q never runs: no such day comes, name one that does", expression)
	}
	return s, nil
}

// starBit is how robfig/cron marks a field that is not restricted.
const starBit = 1 << 63

// reference is any day: robfig/cron looks five years ahead, which holds a leap day from here.
var reference = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// zonePrefix cuts TZ=ZONE or CRON_TZ=ZONE off an expression.
func zonePrefix(expression string) (zone, rest string, ok bool) {
	for _, prefix := range []string{"TZ=", "CRON_TZ="} {
		if after, found := strings.CutPrefix(expression, prefix); found {
			zone, rest, _ = strings.Cut(after, " ")
			return zone, strings.TrimSpace(rest), true
		}
	}
	return "", expression, false
}

// LoadZone finds a time zone, UTC for an empty name. Local is refused: the same configuration must mean the same everywhere.
func LoadZone(zone string) (*time.Location, error) {
	if zone == "" {
		return time.UTC, nil
	}
	location, err := time.LoadLocation(zone)
	if err != nil || zone == "Local" {
		return nil, fmt.Errorf("unknown time zone %q: write UTC or an IANA name such as Europe/Dublin", zone)
	}
	return location, nil
}

// shape refuses what has not five fields, in words of its own.
func shape(expression string) error {
	n := len(strings.Fields(expression))
	switch {
	case strings.HasPrefix(expression, "@") || n == 5:
		return nil
	case n == 0:
		return errors.New("the cron expression has no fields: write five, minute hour day month weekday, as in \"0 2 * * *\"")
	case n == 6:
		return fmt.Errorf("%q has six fields: write five, minute hour day month weekday; there are no seconds", expression)
	}
	return fmt.Errorf("%q has %d of five fields: write minute hour day month weekday, as in \"0 2 * * *\"", expression, n)
}

// parse is robfig/cron's, which panics on some input.
func parse(expression string) (parsed cron.Schedule, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("its parser stopped: %v", v)
		}
	}()
	return cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Descriptor).Parse(expression)
}

// checkEvery looks at the duration as it was written: the parser rounds what is too short, or negative, to a second.
func (s *Schedule) checkEvery(expression string) error {
	written, err := time.ParseDuration(strings.TrimPrefix(expression, "@every "))
	if err != nil || written < shortest {
		return fmt.Errorf("%q: the shortest is @every 1m", expression)
	}
	return nil
}

// Location is the schedule's time zone.
func (s *Schedule) Location() *time.Location { return s.location }

// Next is the first due time after an instant, in the schedule's time zone. It depends on nothing else, so that a restart or a
// second daemon finds the same times. (@every counts from the year 1.) It is zero where none comes within five years.
func (s *Schedule) Next(after time.Time) time.Time {
	switch {
	case s.fields == nil:
		return after.Truncate(s.every).Add(s.every).In(s.location)
	case s.fields.Hour&allHours == allHours:
		// What runs every hour follows elapsed time: an hour that the clock repeats is an hour.
		hourly := *s.fields
		hourly.Location = s.location
		return hourly.Next(after).In(s.location)
	}
	wall := onWall(after.In(s.location))
	for {
		if wall = s.fields.Next(wall); wall.IsZero() {
			return time.Time{}
		}
		// A time that the clock shows a second time was due the first time.
		if due := reached(wall, s.location); due.After(after) {
			return due
		}
	}
}

const allHours = 1<<24 - 1

// onWall is what a clock on the wall shows, as if it were UTC.
func onWall(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}

// reached is the first instant at which the clock on the wall shows that time or, where a change skips it, a later one.
func reached(wall time.Time, location *time.Location) time.Time {
	// A day before, the wall shows an earlier time in any zone, a day-long change (Samoa, 2011) included.
	for from := wall.Add(-48 * time.Hour).In(location); ; {
		_, offset := from.Zone()
		_, end := from.ZoneBounds()
		due := wall.Add(-time.Duration(offset) * time.Second)
		if due.Before(from) {
			due = from
		}
		if end.IsZero() || due.Before(end) {
			return due.In(location)
		}
		from = end
	}
}

// Notes are what a reader of the expression might not expect.
func (s *Schedule) Notes() []string {
	var notes []string
	if s.either {
		notes = append(notes, "day of month and weekday are both given: it runs on a day that fits either of them")
	}
	if s.every > 0 {
		notes = append(notes, "@every runs at multiples of its duration, not at a time of day that you name")
	}
	return notes
}

// CheckJitter refuses a random delay that could reach the next due time.
func (s *Schedule) CheckJitter(jitter time.Duration) error {
	at := s.Next(reference)
	for range 400 { // more than a year of nights
		next := s.Next(at)
		if next.IsZero() {
			return nil
		}
		if gap := next.Sub(at); jitter >= gap {
			return fmt.Errorf("a jitter of %s reaches the next run, %s later: make it shorter", jitter, gap)
		}
		at = next
	}
	return nil
}
