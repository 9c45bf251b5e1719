package schedule

import (
	"strings"
	"testing"
	"time"

	"github.com/robfig/cron/v3"
	"pgregory.net/rapid"
)

func parsed(t interface {
	Helper()
	Fatal(...any)
}, expression, zone string) *Schedule {
	t.Helper()
	s, err := Parse(expression, zone)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func instant(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// TestNext holds what a clock change does: times that it skips, repeats or leaves alone.
func TestNext(t *testing.T) {
	for _, tc := range []struct {
		name, expression, zone, after string
		want                          []string
	}{
		{"utc by default", "0 2 * * *", "", "2026-11-27T09:40:00Z", []string{"2026-11-28T02:00:00Z", "2026-11-29T02:00:00Z"}},
		{"due is not after itself", "0 2 * * *", "UTC", "2026-11-27T02:00:00Z", []string{"2026-11-28T02:00:00Z"}},
		{"zone of the expression", "CRON_TZ=Australia/Sydney 0 2 * * *", "", "2026-11-27T00:00:00Z", []string{"2026-11-28T02:00:00+11:00"}},
		{"gap: first instant after it", "30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00+01:00",
			[]string{"2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"}},
		{"gap: two times of one night", "10,50 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00+01:00",
			[]string{"2026-03-29T03:00:00+02:00", "2026-03-30T02:10:00+02:00"}},
		{"gap at midnight", "0 0 * * *", "America/Santiago", "2026-09-05T12:00:00-04:00",
			[]string{"2026-09-06T01:00:00-03:00", "2026-09-07T00:00:00-03:00"}},
		{"overlap: once", "30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00+02:00",
			[]string{"2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"}},
		{"overlap: asked between the two", "30 2 * * *", "Europe/Berlin", "2026-10-25T02:10:00+01:00", []string{"2026-10-26T02:30:00+01:00"}},
		{"overlap: after it", "0 3 * * *", "Europe/Berlin", "2026-10-25T02:10:00+02:00", []string{"2026-10-25T03:00:00+01:00"}},
		{"half an hour", "15 2 * * *", "Australia/Lord_Howe", "2026-10-03T12:00:00+10:30", []string{"2026-10-04T02:30:00+11:00"}},
		{"a day that never was", "0 2 * * *", "Pacific/Apia", "2011-12-29T12:00:00-10:00",
			[]string{"2011-12-31T00:00:00+14:00", "2011-12-31T02:00:00+14:00", "2012-01-01T02:00:00+14:00"}},
		{"hourly follows elapsed time", "0 * * * *", "Europe/Berlin", "2026-10-25T01:30:00+02:00",
			[]string{"2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00", "2026-10-25T03:00:00+01:00"}},
		{"day of month or weekday", "0 2 1 * MON", "", "2026-11-27T00:00:00Z", []string{"2026-11-30T02:00:00Z", "2026-12-01T02:00:00Z", "2026-12-07T02:00:00Z"}},
		{"leap day", "0 2 29 2 *", "", "2026-01-01T00:00:00Z", []string{"2028-02-29T02:00:00Z"}},
		{"weekly", "@weekly", "Europe/Dublin", "2026-11-27T00:00:00Z", []string{"2026-11-29T00:00:00Z"}},
		{"every: the same whenever it is asked", "@every 36h", "", "2026-11-26T20:00:00Z", []string{"2026-11-28T00:00:00Z", "2026-11-29T12:00:00Z"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s, at := parsed(t, tc.expression, tc.zone), instant(t, tc.after)
			for _, want := range tc.want {
				if at = s.Next(at); at.Format(time.RFC3339) != want {
					t.Fatalf("next: %s, want %s", at.Format(time.RFC3339), want)
				}
			}
		})
	}
}

// TestCronLosesAndDoubles shows why Next does not leave clock changes to robfig/cron. When it fails, this package may be simpler.
func TestCronLosesAndDoubles(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := cron.ParseStandard("CRON_TZ=Europe/Berlin 30 2 * * *")
	if err != nil {
		t.Fatal(err)
	}
	for day, want := range map[string]int{"2026-03-29": 0, "2026-10-25": 2} {
		from, err := time.ParseInLocation(time.DateOnly, day, berlin)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for at := theirs.Next(from); at.In(berlin).Format(time.DateOnly) == day; at = theirs.Next(at) {
			n++
		}
		if n != want {
			t.Errorf("robfig/cron runs %d times on %s, it was %d", n, day, want)
		}
	}
}

// TestEveryNightOnce simulates years: whatever the minute, each night of the zone is there exactly once, also for a daemon that is
// started again at any moment.
func TestEveryNightOnce(t *testing.T) {
	for _, zone := range []string{"UTC", "Europe/Dublin", "Australia/Sydney"} {
		t.Run(zone, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				hour, minute := rapid.IntRange(0, 23).Draw(t, "hour"), rapid.IntRange(0, 59).Draw(t, "minute")
				if rapid.Bool().Draw(t, "around the change") {
					hour = rapid.IntRange(0, 3).Draw(t, "hour of the change")
				}
				year := rapid.IntRange(2020, 2032).Draw(t, "year")
				everyNightOnce(t, zone, hour, minute, year)
			})
		})
	}
}

func everyNightOnce(t *rapid.T, zone string, hour, minute, year int) {
	s := parsed(t, time.Date(2026, 1, 1, hour, minute, 0, 0, time.UTC).Format("4 15 * * *"), zone)
	begin := time.Date(year, 1, 1, 0, 0, 0, 0, s.Location())
	end := begin.AddDate(1, 0, 0)
	nights := map[string]int{}
	last := begin.Add(-time.Second)
	for at := s.Next(last); at.Before(end); at = s.Next(at) {
		nights[at.Format(time.DateOnly)]++
		between := last.Add(time.Duration(rapid.Int64Range(0, int64(at.Sub(last)-1)).Draw(t, "started again")))
		if again := s.Next(between); !again.Equal(at) {
			t.Fatalf("started at %s the next run is %s, not %s", between, again, at)
		}
		last = at
	}
	want := int(time.Date(year+1, 1, 1, 0, 0, 0, 0, time.UTC).Sub(time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)).Hours() / 24)
	for day := range want {
		night := time.Date(year, 1, 1+day, 12, 0, 0, 0, time.UTC).Format(time.DateOnly)
		if nights[night] != 1 {
			t.Fatalf("%s in %s: %d runs on %s", s.Next(begin).Format("15:04"), zone, nights[night], night)
		}
	}
	if len(nights) != want {
		t.Fatalf("%d nights of %d", len(nights), want)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, tc := range []struct{ name, expression, zone, want string }{
		{"nothing", " ", "", "has no fields: write five"},
		{"zone without fields", "CRON_TZ=UTC", "", "has no fields: write five"},
		{"short zone without fields", "TZ=UTC", "", "has no fields: write five"},
		{"seconds", "0 0 2 * * *", "", `"0 0 2 * * *" has six fields: write five, minute hour day month weekday; there are no seconds`},
		{"four", "0 2 * *", "", `"0 2 * *" has 4 of five fields`},
		{"range", "0 25 * * *", "", `"0 25 * * *" is no cron expression: end of range (25) above maximum (23)`},
		{"word", "0 2 * * FRIDAY", "", "is no cron expression"},
		{"never", "30 2 30 2 *", "", `"30 2 30 2 *" never runs`},
		{"negative", "@every -1h", "", "the shortest is @every 1m"},
		{"seconds apart", "@every 59s", "", "the shortest is @every 1m"},
		{"no duration", "@every night", "", "is no cron expression"},
		{"no descriptor", "@nightly", "", "is no cron expression"},
		{"zone", "0 2 * * *", "Europe/Berlinn", `unknown time zone "Europe/Berlinn": write UTC or an IANA name`},
		{"zone of the machine", "0 2 * * *", "Local", "unknown time zone"},
		{"file outside", "0 2 * * *", "../../etc/passwd", "unknown time zone"},
		{"zone within the fields", "TZ=UTC TZ=UTC", "", "has 1 of five fields"},
		{"two zones", "CRON_TZ=UTC 0 2 * * *", "Europe/Dublin", "keep one of them"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s, err := Parse(tc.expression, tc.zone)
			if err == nil {
				t.Fatalf("accepted: next %s", s.Next(reference))
			}
			if !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%v, want %s", err, tc.want)
			}
		})
	}
}

// TestParserPanics: what makes robfig/cron panic is an error here, should it ever get there.
func TestParserPanics(t *testing.T) {
	if _, err := parse("TZ=UTC"); err == nil || !strings.Contains(err.Error(), "its parser stopped") {
		t.Errorf("error %v", err)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"0 2 * * *", "CRON_TZ=UTC", "@every 1m", "*/0 * * * *", "0 2 30 2 *", "@", "1-5/2,7 0-23 ? jan-dec L"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, expression string) {
		s, err := Parse(expression, "")
		if err != nil {
			return
		}
		if next := s.Next(reference); !next.After(reference) {
			t.Errorf("%q is next due at %s", expression, next)
		}
	})
}

func TestNotes(t *testing.T) {
	for expression, want := range map[string]string{
		"0 2 1 * MON": "either of them", "@every 36h": "multiples of its duration", "0 2 * * MON": "", "0 2 1 * *": "", "0 2 * * *": "",
	} {
		if got := strings.Join(parsed(t, expression, "").Notes(), " "); (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", expression, got, want)
		}
	}
}

func TestCheckJitter(t *testing.T) {
	for _, tc := range []struct {
		expression string
		jitter     time.Duration
		ok         bool
	}{
		{"0 2 * * *", 15 * time.Minute, true},
		{"0 2 * * *", 24 * time.Hour, false},
		{"0 2,4 * * *", 2 * time.Hour, false},
		{"@every 1h", time.Hour, false},
		{"0 2 29 2 *", time.Hour, true},
	} {
		if err := parsed(t, tc.expression, "").CheckJitter(tc.jitter); (err == nil) != tc.ok {
			t.Errorf("%s with jitter %s: %v", tc.expression, tc.jitter, err)
		}
	}
}
