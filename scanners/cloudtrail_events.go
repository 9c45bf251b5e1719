package scanners

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"github.com/seed-1578181b/domicile/internal/residency"
)

const (
	// settles is how long CloudTrail may take until it knows an event: so much of the last run's time is asked about again.
	settles = 15 * time.Minute
	// remembered is how far back a look-up reaches.
	remembered = 90 * 24 * time.Hour
	// eventPage is how many events LookupEvents gives at once.
	eventPage = 50
	// namedPages bounds the look-up of one event that is counted among those that only read: 10,000 of them.
	namedPages = 200
)

// window is the time between two scans, of which the events are asked. The zero window asks nothing.
type window struct {
	from, to time.Time
	lost     string       // what cannot be known, for a reader; said once an account, unless the window is one place's own
	own      bool         // of one place, where another run was the last to read the events
	trail    *trailBucket // read instead of asking; nil: the look-up
}

// forgotten is what is said of what a look-up no longer reaches.
const forgotten = "what happened %s to %s is not known: a look-up reaches back 90 days; name the trail's bucket (events.trail_bucket)"

// windowOf is the time to ask about. The zero time: there was no earlier run.
func windowOf(since, until time.Time, trail *trailBucket) window {
	switch {
	case since.IsZero() || since.Equal(until):
		return window{}
	case since.After(until):
		return window{from: until.Add(-settles), to: until, trail: trail,
			lost: fmt.Sprintf("what happened before is not known: the runs of this store are of %s and later: set the clock right", since.UTC().Format(time.RFC3339))}
	}
	w := window{from: since.Add(-settles), to: until, trail: trail}
	if oldest := until.Add(-remembered); trail == nil && w.from.Before(oldest) {
		if since.Before(oldest) {
			w.lost = fmt.Sprintf(forgotten, "from "+since.UTC().Format(time.DateOnly), oldest.UTC().Format(time.DateOnly))
		}
		w.from = oldest
	}
	return w
}

// holds reports whether an event happened in the window.
func (w window) holds(at time.Time) bool { return !at.Before(w.from) && !at.After(w.to) }

// events reads what happened in the account and region since the last run: from the trail's bucket where one is named, else by
// look-up.
func (s *trailScan) events(ctx context.Context) {
	w := s.t.window
	if w.from.IsZero() {
		return
	}
	if w.lost != "" && !w.own {
		s.out.Unresolved("", "LookupEvents", w.lost)
	}
	if w.trail != nil {
		w.trail.read(ctx, s)
		return
	}
	s.lookUp(ctx, types.LookupAttributeKeyReadOnly, "false", 0)
	for _, name := range readOnlyMoves {
		s.lookUp(ctx, types.LookupAttributeKeyEventName, name, namedPages)
	}
	if w.lost != "" && w.own && !s.out.leaves(LeavesEventsUnread) { // while it gives no answer, the gap of that says enough, night after night
		s.out.Unresolved("", "LookupEvents", w.lost)
	}
}

// lookUp asks for the events with one attribute: the service filters by no more than one. limit is a number of pages, 0 for none.
func (s *trailScan) lookUp(ctx context.Context, key types.LookupAttributeKey, value string, limit int) {
	in := &cloudtrail.LookupEventsInput{StartTime: &s.t.window.from, EndTime: &s.t.window.to, MaxResults: aws.Int32(eventPage),
		LookupAttributes: []types.LookupAttribute{{AttributeKey: key, AttributeValue: &value}}}
	pages := cloudtrail.NewLookupEventsPaginator(s.client, in)
	for n := 0; pages.HasMorePages(); n++ {
		if limit > 0 && n == limit {
			s.out.Unresolved("", "LookupEvents", fmt.Sprintf("more than %d calls of %s: the older ones are not read; name the trail's bucket (events.trail_bucket)", limit*eventPage, value))
			return
		}
		page, err := pages.NextPage(ctx)
		if err != nil {
			s.out.Gap("", "LookupEvents", err)
			return
		}
		_ = each(ctx, s.t, page.Events, func(_ context.Context, e types.Event) error { // one that no reader understands must not hide the rest
			s.looked(e)
			return nil
		})
	}
}

// looked takes one event of a look-up.
func (s *trailScan) looked(e types.Event) {
	name := (&record{Name: aws.ToString(e.EventName)}).operation()
	if moveOf(aws.ToString(e.EventSource), name) == nil {
		return
	}
	r, err := parseRecord([]byte(aws.ToString(e.CloudTrailEvent)))
	if err != nil {
		s.out.Malformed("", "LookupEvents", fmt.Sprintf(oneEvent+"%.80q, %.80q: %v", aws.ToString(e.EventId), name, err))
		return
	}
	s.event(r, "LookupEvents")
}

// event takes the record of one event, whichever way it was read. call is the operation that gave it.
func (s *trailScan) event(r *record, call string) {
	m := moveOf(r.Source, r.operation())
	if m == nil || !s.t.window.holds(r.Time) {
		return
	}
	r.Recipient = orDefault(r.Recipient, s.t.Account)
	r.organization = s.t.Organization
	switch {
	case r.Error != "":
		s.out.failedEvent(r.ID)
		return
	case (m.blind || r.operation() == "UpdateTrail") && orDefault(r.Region, s.t.Region) == s.t.Region:
		s.out.Unresolved("", call, blindness(r))
	}
	if res, ok := m.read(s.t.Partition, r); ok {
		s.out.addEvent(happened{moved: res, record: r})
	}
}

// blinding says what a call does to the evidence.
var blinding = map[string]string{"StopLogging": "was stopped", "DeleteTrail": "was deleted", "PutEventSelectors": "was told what to record", "UpdateTrail": "was changed"}

// blindness is what a reader is told of a call that changes what is recorded.
func blindness(r *record) string {
	trail := "that the record does not name"
	if names := texts(r.values("name|trailName|>trailARN")); len(names) > 0 {
		trail = names[0]
	}
	return fmt.Sprintf("trail %s %s by %s at %s (%s, event %s): make sure that nothing was left out since", trail, blinding[r.operation()], r.actor(),
		r.Time.UTC().Format(time.RFC3339), r.operation(), r.ID)
}

// logs makes sure that a trail whose bucket is read writes to it.
func (s *trailScan) logs(ctx context.Context, client *cloudtrail.Client, trail types.Trail) {
	w := s.t.window
	if w.from.IsZero() || w.trail == nil || aws.ToString(trail.S3BucketName) != w.trail.bucket {
		return
	}
	status, err := client.GetTrailStatus(ctx, &cloudtrail.GetTrailStatusInput{Name: trail.TrailARN})
	switch {
	case err != nil:
		s.out.Gap("", "GetTrailStatus", err)
	case !aws.ToBool(status.IsLogging):
		s.out.Unresolved("", "GetTrailStatus", fmt.Sprintf("trail %s does not log: start it, or take events.trail_bucket off", aws.ToString(trail.TrailARN)))
	case aws.ToString(status.LatestDeliveryError) != "":
		s.out.Unresolved("", "GetTrailStatus", fmt.Sprintf("trail %s cannot write to its bucket (%.80s): repair it", aws.ToString(trail.TrailARN), *status.LatestDeliveryError))
	}
}

var errNotTheTrail = errors.New("only the configured trail's log files may be read: refused by the read-only guard")

// eventFacts are what the calls about events answer.
var eventFacts = []residency.Fact{residency.FactEvents}

// How a gap begins that is about one thing that was read and is not understood, and not about an answer.
const (
	oneEvent = "event "
	oneFile  = "log file "
)

// LeavesEventsUnread reports whether a gap of this scanner means that events of its place were not read and that asking again may
// help. What was read and leaves a question open (a trail that was stopped, an event that cannot be understood) is told once. An answer
// that is none (a page of a proxy, one that repeats itself) was not read.
func LeavesEventsUnread(g residency.Gap) bool {
	switch {
	case g.Class == residency.ClassUnresolved:
		return false
	case g.Class == residency.ClassMalformed && (strings.HasPrefix(g.Detail, oneEvent) || strings.HasPrefix(g.Detail, oneFile)):
		return false
	}
	return g.Resource == "" && slices.Contains([]string{"LookupEvents", "HeadBucket", "ListObjectsV2", "GetObject"}, g.Call)
}
