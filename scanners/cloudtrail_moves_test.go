package scanners_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/scanners"
)

// eventTest is the record of one event, written by hand: from AWS's user guides where they show one, else from the SDK's types of the
// operation's input and output, in the case in which CloudTrail writes them. In its texts @ is the region and # the account where the
// copy comes to rest.
type eventTest struct {
	at       string // the region that records it
	request  string
	response string
	extra    string // additional data

	role  residency.Role
	from  string // id of a source
	to    string // target of the placement
	share bool   // @ is of no matter: it is the account that is inside or outside

	unknown string // a part of the request or response that is left out, for the place to be open; empty: all of the request
	never   string // why no call of this kind tells the place
}

// eventTests are by event source and name, as the list has them.
var eventTests = map[string]eventTest{}

// happens registers the tests of a service's events.
func happens(source string, tests map[string]eventTest) struct{} {
	for name, t := range tests {
		eventTests[source+" "+name] = t
	}
	return struct{}{}
}

const (
	receiverIn  = "222222222222"
	outsider    = "999999999999"
	eventNumber = "0ac3e000-0000-4000-8000-0000000f0001"
	eventTime   = "2026-11-26T03:12:00Z"
	somebody    = "arn:aws:sts::111111111111:assumed-role/Operations/jane"
)

// lookedFor are the options of a scan that follows another of the night before.
func lookedFor(o *scanners.Options) {
	o.Until = time.Date(2026, 11, 27, 2, 0, 0, 0, time.UTC)
	o.Since = o.Until.AddDate(0, 0, -1)
}

// record is a CloudTrail record. The members stand in the order in which AWS shows them.
func record(source, name, region, request, response, extra string) string {
	or := func(s string) string {
		if s == "" {
			return "null"
		}
		return s
	}
	return fmt.Sprintf(`{"eventVersion":"1.11","userIdentity":{"type":"AssumedRole","principalId":"AROAEXAMPLE:jane","arn":%q,"accountId":"111111111111"},
		"eventTime":%q,"eventSource":%q,"eventName":%q,"awsRegion":%q,"sourceIPAddress":"192.0.2.7","userAgent":"aws-cli/2.31.0","requestParameters":%s,
		"responseElements":%s,"additionalEventData":%s,"requestID":"0ac3e000-0000-4000-8000-0000000f1001","eventID":%q,"readOnly":false,"eventType":"AwsApiCall",
		"managementEvent":true,"recipientAccountId":"111111111111","eventCategory":"Management"}`,
		somebody, eventTime, source, name, region, or(request), or(response), or(extra), eventNumber)
}

// lookupBody is the answer of LookupEvents that holds these records.
func lookupBody(records ...string) string {
	type event struct {
		EventId, EventName, EventSource, CloudTrailEvent string
		EventTime                                        int64
	}
	events := []event{}
	for _, r := range records {
		var head struct {
			EventID, EventName, EventSource string
			EventTime                       time.Time
		}
		if err := json.Unmarshal([]byte(r), &head); err != nil {
			panic(fmt.Sprintf("record: %v\n%s", err, r))
		}
		events = append(events, event{head.EventID, head.EventName, head.EventSource, r, head.EventTime.Unix()})
	}
	body, _ := json.Marshal(map[string]any{"Events": events}) // strings and numbers always marshal
	return string(body)
}

// eventAnswers is an account whose look-up in one region gives these records.
func eventAnswers(t testing.TB, region string, records ...string) aws {
	t.Helper()
	return eventAnswersOf(region, records...)
}

func eventAnswersOf(region string, records ...string) aws {
	a := trailsOf(account("eu-west-1", "us-east-1", "us-west-2"), ownAccount)
	a.on("any", "cloudtrail", "LookupEvents", "", `{"Events":[]}`)
	return a.on(region, "cloudtrail", "LookupEvents", "", lookupBody(records...))
}

// TestEveryEvent: every event of the list has a row, and a record of it that stays inside, one that leaves, and one that does not tell.
func TestEveryEvent(t *testing.T) {
	listed := map[string]bool{}
	for _, e := range eventList(t) {
		key := e.source + " " + e.name
		listed[key] = true
		tc, ok := eventTests[key]
		if !ok {
			t.Errorf("%s: no record of it is tested", key)
			continue
		}
		t.Run(key, func(t *testing.T) { tc.run(t, e.source, e.name) })
	}
	for key := range eventTests {
		if !listed[key] {
			t.Errorf("%s: tested, but not on the list", key)
		}
	}
}

type listedEvent struct{ source, name, severity string }

func eventList(t *testing.T) (all []listedEvent) {
	t.Helper()
	f, err := os.Open("testdata/egress-events.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records[1:] {
		all = append(all, listedEvent{r[0], r[1], r[5]})
	}
	if len(all) != 108 {
		t.Fatalf("the list has %d events, want 108", len(all))
	}
	return all
}

func (e eventTest) run(t *testing.T, source, name string) {
	if e.role == "" { // it switches the evidence off
		f := e.scan(t, source, name, "eu-west-1", ownAccount, false)
		if len(f.resources) != 0 || len(f.details()) != 1 || !strings.Contains(f.details()[0], name+", event "+eventNumber) || !strings.Contains(f.details()[0], somebody) {
			t.Errorf("want a gap that names call, actor and event: %q, %v", f.details(), f.ids())
		}
		return
	}
	for _, at := range []struct{ region, account string }{{"eu-west-1", receiverIn}, {"us-east-1", outsider}} {
		if e.never != "" {
			break
		}
		r := e.event(t, e.scan(t, source, name, at.region, at.account, false))
		want, account := strings.NewReplacer("@", at.region, "#", at.account), at.account
		if !slices.ContainsFunc(r.Sources, func(s residency.Source) bool { return s.ID == want.Replace(e.from) }) {
			t.Errorf("in %s: no source %q: %+v", at.region, want.Replace(e.from), r.Sources)
		}
		if !slices.ContainsFunc(r.Placements, func(p residency.Placement) bool {
			if e.share {
				return p.Role == e.role && p.Account == account && p.Target == want.Replace(e.to)
			}
			return p.Role == e.role && p.Region == at.region && p.Target == want.Replace(e.to)
		}) {
			t.Errorf("in %s: no %s placement at %q: %+v", at.region, e.role, want.Replace(e.to), r.Placements)
		}
	}
	r := e.event(t, e.scan(t, source, name, "eu-west-1", receiverIn, true))
	open := func(p residency.Placement) bool { return p.Role == e.role && p.Region == "" }
	located := func(s residency.Source) bool { return s.Region != "" }
	if !slices.ContainsFunc(r.Placements, open) && slices.ContainsFunc(r.Sources, located) {
		t.Errorf("nothing is open: %+v from %+v", r.Placements, r.Sources)
	}
}

// event is the one that the scan found, with what a reader must be told.
func (e eventTest) event(t *testing.T, f found) residency.Resource {
	t.Helper()
	if len(f.resources) != 1 || f.resources[0].Kind != "cloudtrail.event" {
		t.Fatalf("want one event: %v, gaps %q", f.ids(), f.details())
	}
	r := f.resources[0]
	if !strings.HasSuffix(r.ID, ":111111111111:event/"+eventNumber) || r.Account != ownAccount || len(r.Tags) != 0 || r.Tags == nil || r.Facts["actor"] != somebody ||
		r.Facts["time"] != eventTime || r.Facts["event_id"] != eventNumber {
		t.Errorf("%+v", r)
	}
	for _, p := range r.Placements {
		if !strings.Contains(p.Via, " by "+somebody+" at "+eventTime+", event "+eventNumber) {
			t.Errorf("via %q does not say who and when", p.Via)
		}
	}
	if strings.Contains(fmt.Sprint(r), "192.0.2.7") {
		t.Error("whose address it was is kept")
	}
	return r
}

// scan looks the record up, with @ and # replaced; open leaves out what tells the place.
func (e eventTest) scan(t *testing.T, source, name, region, account string, open bool) found {
	t.Helper()
	in := strings.NewReplacer("@", region, "#", account)
	request, response, unknown := in.Replace(e.request), in.Replace(e.response), in.Replace(e.unknown)
	switch {
	case open && e.never == "" && e.unknown == "":
		request, response = `{"omitted":true,"originalSize":300000,"reason":"requestParameters too large"}`, ""
	case open && e.never == "":
		if !strings.Contains(request+response, unknown) {
			t.Fatalf("%q is no part of the record", unknown)
		}
		request, response = strings.Replace(request, unknown, `"unused":0`, 1), strings.Replace(response, unknown, `"unused":0`, 1)
	}
	at := in.Replace(e.at)
	a := eventAnswers(t, at, record(source, name, at, request, response, in.Replace(e.extra)))
	a.bucket("copies", region)
	a.bucket("files", "eu-west-1")
	was := testRegions
	defer func() { testRegions = was }()
	testRegions = []string{"eu-west-1", "us-east-1", "us-west-2"}
	return scan(t, "cloudtrail", a, lookedFor)
}
