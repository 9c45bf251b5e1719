package scanners_test

import (
	"context"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/replay"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/scanners"
)

// The conformance suite: what every scanner must do, whatever its service. Its answers are the recording of three-zones; see
// there which were recorded and which written by hand.
const threeZones = "../fixtures/three-zones/aws"

func recorded(edit func(replay.Call, *replay.Answer) (*replay.Answer, error)) *replay.Replay {
	r := replay.Open(os.DirFS(threeZones))
	if edit != nil {
		r = r.Edit(edit)
	}
	return r
}

// between are a run that follows another, so that the events since then are asked for: by look-up, and from the trail's bucket.
var between = map[string]func(*scanners.Options){
	"":             lastNight,
	"trail bucket": func(o *scanners.Options) { lastNight(o); o.TrailBucket = "s3://acme-eu-access-logs" },
}

// lastNight is the run before the recording's.
func lastNight(o *scanners.Options) {
	o.Until = time.Date(2026, 11, 22, 2, 0, 0, 0, time.UTC)
	o.Since = o.Until.AddDate(0, 0, -1)
}

// conform runs one scanner over the recording, in every account of it.
func conform(t *testing.T, s scanners.Scanner, edit func(replay.Call, *replay.Answer) (*replay.Answer, error), options ...func(*scanners.Options)) found {
	t.Helper()
	options = append([]func(*scanners.Options){func(o *scanners.Options) {
		o.Scanners = []scanners.Scanner{s}
		o.Accounts, o.Role = []string{"111111111111", "222222222222", "333333333333"}, "DomicileAudit"
	}}, options...)
	return scanWith(t, recorded(edit), s.Service, options...)
}

func isCall(c replay.Call, s scanners.Scanner, call scanners.Call) bool {
	service := call.Package
	if service == "" {
		service = s.Service
	}
	return c.Service == service && c.Operation == call.Operation
}

func TestConformance(t *testing.T) {
	for _, s := range scanners.All() {
		t.Run(s.Service, func(t *testing.T) {
			t.Parallel()
			normal, asked := conformNormal(t, s, between[""])
			t.Run("twice", func(t *testing.T) {
				if diff := cmp.Diff(normal.resources, conform(t, s, nil, between[""]).resources); diff != "" {
					t.Error(diff)
				}
			})
			bucket, otherwise := conformNormal(t, s, between["trail bucket"])
			for _, call := range s.Calls {
				switch {
				case asked[call.Operation]:
					t.Run(call.Operation, func(t *testing.T) { conformCall(t, s, call, normal, between[""]) })
				case otherwise[call.Operation]:
					t.Run(call.Operation, func(t *testing.T) { conformCall(t, s, call, bucket, between["trail bucket"]) })
				default:
					t.Errorf("%s is declared and never asked in the recording", call.Operation)
				}
			}
			t.Run("cancelled", func(t *testing.T) { conformCancelled(t, s) })
			t.Run("disabled", func(t *testing.T) { conformDisabled(t, s) })
		})
	}
}

// conformNormal runs undisturbed: no gap that the story does not have, every kind declared, every resource well formed.
func conformNormal(t *testing.T, s scanners.Scanner, how func(*scanners.Options)) (found, map[string]bool) {
	t.Helper()
	var mu sync.Mutex
	asked := map[string]bool{}
	f := conform(t, s, func(c replay.Call, a *replay.Answer) (*replay.Answer, error) {
		mu.Lock()
		defer mu.Unlock()
		for _, call := range s.Calls {
			if isCall(c, s, call) {
				asked[call.Operation] = true
			}
		}
		return a, nil
	}, how)
	for _, r := range f.resources {
		if !slices.Contains(s.Kinds, r.Kind) || !strings.HasPrefix(r.Kind, s.Service+".") {
			t.Errorf("%s: kind %q is not one of the scanner's: %v", r.ID, r.Kind, s.Kinds)
		}
		if r.ID == "" || r.Account == "" || scanners.NormalARN(r.ID) != r.ID {
			t.Errorf("%+v: no account, or an id that is not in the normal form", r)
		}
		for _, p := range r.Placements {
			if !p.Role.Valid() || scanners.NormalARN(p.Target) != p.Target || p.Target != "" && p.Via == "" {
				t.Errorf("%s: placement without role, normal target or setting: %+v", r.ID, p)
			}
		}
	}
	return f, asked
}

// failures are the ways in which a call can go wrong, with the class of gap that each must leave.
var failures = map[string]struct {
	class  residency.GapClass
	answer func(service string) *replay.Answer
}{
	"denied": {residency.ClassDenied, func(service string) *replay.Answer {
		return failure(service, 403, "AccessDenied", "User is not authorized to perform this action because no identity-based policy allows it")
	}},
	"throttled": {residency.ClassThrottled, func(service string) *replay.Answer {
		return failure(service, 400, "ThrottlingException", "Rate exceeded")
	}},
	"web page": {residency.ClassServerError, func(string) *replay.Answer {
		return &replay.Answer{Status: 500, Headers: map[string]string{"Content-Type": "text/html"}, Body: text("<html><title>500</title></html>")}
	}},
}

func text(s string) json.RawMessage { b, _ := json.Marshal(s); return b }

// failure is an error answer in the service's own protocol.
func failure(service string, status int, code, message string) *replay.Answer {
	switch service {
	case "s3":
		return &replay.Answer{Status: status, Body: text("<Error><Code>" + code + "</Code><Message>" + message + "</Message></Error>")}
	case "ec2":
		return &replay.Answer{Status: status, Body: text("<Response><Errors><Error><Code>" + code + "</Code><Message>" + message + "</Message></Error></Errors></Response>")}
	case "s3control", "rds", "elasticloadbalancing", "elasticloadbalancingv2", "route53", "sts":
		return &replay.Answer{Status: status, Body: text("<ErrorResponse><Error><Code>" + code + "</Code><Message>" + message + "</Message></Error></ErrorResponse>")}
	}
	if code == "AccessDenied" {
		code = "AccessDeniedException"
	}
	body, _ := json.Marshal(map[string]string{"__type": code, "message": message})
	return &replay.Answer{Status: status, Headers: map[string]string{"X-Amzn-Errortype": code}, Body: body}
}

// conformCall fails one call in every way: no failure may go unsaid, and none may end the scan of what does not depend on it.
func conformCall(t *testing.T, s scanners.Scanner, call scanners.Call, normal found, how func(*scanners.Options)) {
	for name, f := range failures {
		t.Run(name, func(t *testing.T) {
			got := conform(t, s, func(c replay.Call, a *replay.Answer) (*replay.Answer, error) {
				if isCall(c, s, call) {
					return f.answer(c.Service), nil
				}
				return a, nil
			}, how)
			requireGap(t, s, call, normal, got, f.class)
		})
	}
	t.Run("undeclared", func(t *testing.T) {
		without := s
		without.Calls = slices.DeleteFunc(slices.Clone(s.Calls), func(c scanners.Call) bool { return c.Operation == call.Operation })
		if len(without.Calls) == 0 {
			without.Calls = []scanners.Call{{Operation: "None"}}
		}
		got := conform(t, without, func(c replay.Call, a *replay.Answer) (*replay.Answer, error) {
			if isCall(c, s, call) && !slices.ContainsFunc(scanners.RunnerCalls(), func(r scanners.Call) bool { return r.Operation == c.Operation }) {
				t.Errorf("%s.%s is not declared and left the process", c.Service, c.Operation)
			}
			return a, nil
		}, how)
		requireGap(t, s, call, normal, got, residency.ClassUnimplemented)
	})
}

// requireGap: a gap that names the call, of the right class, that the undisturbed run lacks. An optional call may fail without
// one as long as what the scan says is the same.
func requireGap(t *testing.T, s scanners.Scanner, call scanners.Call, normal, got found, class residency.GapClass) {
	t.Helper()
	had := map[residency.Gap]bool{}
	for _, c := range normal.coverage {
		for _, g := range c.Gaps {
			had[g] = true
		}
	}
	for _, c := range got.coverage {
		for _, g := range c.Gaps {
			if g.Call != call.Operation || had[g] {
				continue
			}
			if c.Status == residency.Complete {
				t.Errorf("%s in %s: complete with a gap", c.Scanner, c.Region)
			}
			if g.Class == class {
				return
			}
		}
	}
	if call.Optional {
		if diff := cmp.Diff(normal.resources, got.resources); diff != "" {
			t.Errorf("no gap, and the optional call was needed:\n%s", diff)
		}
		return
	}
	t.Errorf("no gap of class %s on %s: %v", class, call.Operation, got.gaps())
}

// conformCancelled: an interruption leaves every line failed or finished, never missing.
func conformCancelled(t *testing.T, s scanners.Scanner) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var once sync.Once
	got := scanIn(t, ctx, recorded(func(c replay.Call, a *replay.Answer) (*replay.Answer, error) {
		if slices.ContainsFunc(s.Calls, func(call scanners.Call) bool { return isCall(c, s, call) }) {
			once.Do(cancel)
			return nil, context.Canceled
		}
		return a, nil
	}), s.Service)
	cancelled := false
	for _, c := range got.coverage {
		for _, g := range c.Gaps {
			cancelled = cancelled || g.Class == residency.ClassCancelled
		}
	}
	if !cancelled {
		t.Errorf("no gap of class cancelled: %+v", got.coverage)
	}
}

// conformDisabled: a region that the account has off is asked nothing, and is no gap.
func conformDisabled(t *testing.T, s scanners.Scanner) {
	if s.Scope == scanners.Global {
		return
	}
	got := scanWith(t, recorded(func(c replay.Call, a *replay.Answer) (*replay.Answer, error) {
		if c.Operation == "ListRegions" {
			body := `{"Regions":[{"RegionName":"eu-west-1","RegionOptStatus":"DISABLED"},{"RegionName":"us-east-1","RegionOptStatus":"ENABLED_BY_DEFAULT"},{"RegionName":"ap-southeast-2","RegionOptStatus":"DISABLED"}]}`
			return &replay.Answer{Body: json.RawMessage(body)}, nil
		}
		if c.Region == "eu-west-1" {
			t.Errorf("%s.%s was asked in a region that is off", c.Service, c.Operation)
		}
		return a, nil
	}), s.Service)
	for _, c := range got.coverage {
		if (c.Region == "eu-west-1") != (c.Status == residency.Disabled) && c.Region != "ap-southeast-2" {
			t.Errorf("%s: %s", c.Region, c.Status)
		}
	}
}
