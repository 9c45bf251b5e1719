//go:build live

package live

import (
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// ministack is the interpreter of an environment with ministack, which answers LookupEvents as moto does not. Its pins are its own.
var ministack = sync.OnceValues(func() (string, error) { return environmentWith("testdata/requirements-ministack.txt") })

// startMinistack starts a server of the test's own, which notes every call as an event, and stops it when the test ends.
func startMinistack(t testing.TB) *server {
	t.Helper()
	interpreter, err := ministack()
	if err != nil {
		t.Fatal(err)
	}
	port, err := freePort()
	if err != nil {
		t.Fatalf("find a free port: %v", err)
	}
	cmd := exec.Command(interpreter, "-m", "ministack")
	// Its default is every interface; it brings other servers along, of which none is wanted.
	cmd.Env = append(cleanEnvironment(), "BIND_HOST=127.0.0.1", "GATEWAY_PORT="+port, "CLOUDTRAIL_RECORDING=1", "IOT_MTLS_ENABLED=0")
	return start(t, cmd, "ministack", port, "/_ministack/health")
}

// TestBetweenTwoScans: a copy made and deleted between two nights is in no inventory. The second scan of the same store finds it, and
// says who made it and when; so it does of a subscription that was taken back.
func TestBetweenTwoScans(t *testing.T) {
	s := startMinistack(t)
	interpreter, err := ministack()
	if err != nil {
		t.Fatal(err)
	}
	snapshot := strings.TrimSpace(string(scriptOf(t, interpreter, nil, "between.py", s.url, "before")))
	store, env := t.TempDir(), environment(s.url, "111111111111", "x", "")
	if events := eventVerdicts(nightInto(t, env, store)); len(events) != 0 {
		t.Errorf("the first night tells of events: %+v", events)
	}
	scriptOf(t, interpreter, nil, "between.py", s.url, "between", snapshot)
	night := nightInto(t, env, store)
	if night.exit != 2 {
		t.Errorf("exit %d, want 2\n%s", night.exit, night.stderr)
	}
	events := eventVerdicts(night)
	for call, want := range map[string]residency.Verdict{
		"CopySnapshot":          {Control: "RES-003", Zone: "eu", Outcome: residency.Fail, Region: "us-east-1"},
		"PutSubscriptionFilter": {Control: "RES-004", Zone: "eu", Outcome: residency.Fail, Region: "eu-west-1"},
	} {
		v, ok := events[call]
		if !ok || v.Control != want.Control || v.Zone != want.Zone || v.Outcome != want.Outcome || v.Region != want.Region || v.Placements[0].Region != "us-east-1" {
			t.Errorf("%s: %+v", call, v)
			continue
		}
		id := v.Resource[strings.LastIndex(v.Resource, "/")+1:]
		if !strings.Contains(v.Reason, "transient copy: "+call+" by arn:aws:iam::111111111111:user/111111111111 at 20") || !strings.Contains(v.Reason, "Z, event "+id) {
			t.Errorf("%s: the reason does not say who, when and which: %q", call, v.Reason)
		}
	}
	if len(events) != 2 {
		t.Errorf("want two events: %+v", events)
	}
	if again := eventVerdicts(nightInto(t, env, store)); len(again) != 2 { // within the quarter of an hour that is asked about twice
		t.Errorf("the third night: %+v", again)
	}
}

// nightInto scans what the story is about into a store.
func nightInto(t *testing.T, env []string, store string) outcome {
	t.Helper()
	return scanInto(t, env, store, "between.yaml", "ec2,cloudwatchlogs,cloudtrail")
}

// eventVerdicts are what is told of events, by the call.
func eventVerdicts(o outcome) map[string]residency.Verdict {
	events := map[string]residency.Verdict{}
	for _, v := range o.Verdicts {
		if v.Kind == residency.KindEvent {
			_, call, _ := strings.Cut(v.Placements[0].Via, ": ")
			call, _, _ = strings.Cut(call, " ")
			events[call] = v
		}
	}
	return events
}
