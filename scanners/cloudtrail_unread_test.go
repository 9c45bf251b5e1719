package scanners_test

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/replay"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/scanners"
)

// What was not read is asked again; what was read and is not understood would be a gap for as long as it can be looked up.
func TestLeavesEventsUnread(t *testing.T) {
	for name, tc := range map[string]struct {
		gap  residency.Gap
		want bool
	}{
		"denied":            {residency.Gap{Call: "LookupEvents", Class: residency.ClassDenied}, true},
		"throttled":         {residency.Gap{Call: "LookupEvents", Class: residency.ClassThrottled}, true},
		"a page of a proxy": {residency.Gap{Call: "LookupEvents", Class: residency.ClassMalformed, Detail: "the answer is a web page: check proxy and AWS_ENDPOINT_URL"}, true},
		"one event":         {residency.Gap{Call: "LookupEvents", Class: residency.ClassMalformed, Detail: `event "x", "CopySnapshot": no time`}, false},
		"one log file":      {residency.Gap{Call: "GetObject", Class: residency.ClassMalformed, Detail: "log file x: unpack it: gzip: invalid header"}, false},
		"it broke off":      {residency.Gap{Call: "GetObject", Class: residency.ClassUnreachable, Detail: "log file x broke off while it was read: run it again"}, true},
		"a stopped trail":   {residency.Gap{Call: "LookupEvents", Class: residency.ClassUnresolved}, false},
		"another call":      {residency.Gap{Call: "DescribeTrails", Class: residency.ClassDenied}, false},
	} {
		if got := scanners.LeavesEventsUnread(tc.gap); got != tc.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// The gaps of the readers themselves are told apart as well: one event, and a whole answer that is none.
func TestUnreadAsTold(t *testing.T) {
	broken := `{"Events":[{"EventId":"e","EventName":"CopySnapshot","EventSource":"ec2.amazonaws.com","CloudTrailEvent":"{"}]}`
	for name, tc := range map[string]struct {
		body string
		want bool
	}{"one event": {broken, false}, "a web page": {"<html>", true}} {
		f := scan(t, "cloudtrail", trailAnswers().on("any", "cloudtrail", "LookupEvents", "", tc.body), lookedFor)
		for _, c := range f.coverage {
			if c.Status != residency.Disabled && (len(c.Gaps) == 0 || slices.ContainsFunc(c.Gaps, scanners.LeavesEventsUnread) != tc.want) {
				t.Errorf("%s: %+v", name, c.Gaps)
			}
		}
	}
}

// What a look-up no longer reaches is said of an account also where the first of its regions was read since, by a run of that region alone.
func TestEventsForgottenButInOne(t *testing.T) {
	a := trailAnswers().on("any", "cloudtrail", "LookupEvents", "", `{"Events":[]}`)
	f := scan(t, "cloudtrail", a, func(o *scanners.Options) {
		lookedFor(o)
		o.Since = o.Until.AddDate(0, 0, -100)
		o.SinceIn = map[scanners.AccountRegion]time.Time{{Account: ownAccount, Region: "eu-west-1"}: o.Until.AddDate(0, 0, -5)}
	})
	same(t, "gaps", f.details(), []string{"111111111111 LookupEvents unresolved: what happened from 2026-08-19 to 2026-08-29 is not known: " +
		"a look-up reaches back 90 days; name the trail's bucket (events.trail_bucket)"})
	for _, c := range f.coverage {
		if c.Region == "eu-west-1" && len(c.Gaps) != 0 {
			t.Errorf("of the region that was read: %+v", c.Gaps)
		}
	}
}

// A place that never answers has the gap of that and no other, however long it has been so.
func TestEventsForgottenAndDenied(t *testing.T) {
	f := scan(t, "cloudtrail", trailAnswers().on("any", "cloudtrail", "LookupEvents", "", "<html>"), func(o *scanners.Options) {
		lookedFor(o)
		o.SinceIn = map[scanners.AccountRegion]time.Time{}
		for _, region := range []string{"eu-west-1", "us-east-1"} {
			o.SinceIn[scanners.AccountRegion{Account: ownAccount, Region: region}] = o.Until.AddDate(0, 0, -91)
		}
	})
	if told := strings.Join(f.details(), "\n"); told == "" || strings.Contains(told, "what happened") {
		t.Error(told)
	}
}

// What happened is read whatever becomes of the rest of the scanner.
func TestEventsBeforeACrash(t *testing.T) {
	tp := &tape{}
	tp.program = func(c replay.Call) *replay.Answer {
		if c.Operation == "ListEventDataStores" {
			panic("an answer that nobody expects")
		}
		return nil
	}
	scanWith(t, tp.over(t, trailAnswers().on("any", "cloudtrail", "LookupEvents", "", `{"Events":[]}`)), "cloudtrail", lookedFor)
	if tp.asked("", "LookupEvents") == 0 {
		t.Error("no look-up")
	}
}

// A log file whose transfer broke off is none that is damaged.
func TestTrailBucketBrokeOff(t *testing.T) {
	tp := trailOf(map[string]string{copiedKey: recordsFile(copied("us-east-1"))})
	f := scanWith(t, cutting{tp.over(t, withTrail(trailAnswers())), copiedKey}, "cloudtrail", fromBucket)
	if diff := cmp.Diff([]string{"111111111111 GetObject unreachable: log file " + copiedKey + " broke off while it was read: run it again"}, f.details()); diff != "" {
		t.Error(diff)
	}
}

// cutting lets the transfer of one object break off.
type cutting struct {
	scanners.Transport
	key string
}

func (c cutting) Client(account string, next sdk.HTTPClient) sdk.HTTPClient {
	return cut{c.Transport.Client(account, next), c.key}
}

type cut struct {
	sdk.HTTPClient
	key string
}

func (c cut) Do(r *http.Request) (*http.Response, error) {
	res, err := c.HTTPClient.Do(r)
	if err == nil && strings.HasSuffix(r.URL.Path, c.key) {
		res.Body = io.NopCloser(io.MultiReader(io.LimitReader(res.Body, 40), iotest.ErrReader(errors.New("connection reset by peer"))))
	}
	return res, err
}
