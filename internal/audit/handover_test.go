package audit

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	diff "github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/evidence"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/scanners"
)

// keepDivided keeps a night whose evidence goes to homes, and returns the folders of its parts, the rest last.
func (s *tale) keepDivided(t testing.TB, n taleNight, homes []evidence.Home) (rest *Run, dirs []string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "snapshot.ndjson.zst")
	n.write(t, path, n.at())
	k := s.keeper(t, n)
	k.Homes = homes
	var err error
	if k.Signer, err = evidence.MakeSigner(s.store); err != nil {
		t.Fatal(err)
	}
	if rest, err = k.Snapshot(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	for i := range homes {
		dir := evidence.RunDir(homes[i].Dir, k.ID)
		if _, err := os.Stat(dir); err != nil {
			dir = evidence.RunDir(homes[i].Staging, k.ID)
		}
		dirs = append(dirs, dir)
	}
	return rest, append(dirs, rest.Dir)
}

// standsIn is how each violation stands after a divided run, by the names that the pseudonyms stand for.
func standsIn(t *testing.T, dirs []string, names []string) map[string]string {
	t.Helper()
	var pairs []string
	for _, name := range names {
		pairs = append(pairs, pseudonym(name), name)
	}
	known, all := strings.NewReplacer(pairs...), map[string]string{}
	for _, dir := range dirs {
		for v, how := range stands(t, dir) {
			if _, twice := all[known.Replace(v)]; twice {
				t.Errorf("%s stands in two parts", known.Replace(v))
			}
			all[known.Replace(v)] = known.Replace(how)
		}
	}
	return all
}

// TestDividedNightsAsWhole tells random stories twice, in one store and divided among homes: after each night every violation stands the
// same, the runs come to the same counts, and each part verifies alone.
func TestDividedNightsAsWhole(t *testing.T) {
	for seed := uint64(1); seed <= uint64(*stories)/8 && !t.Failed(); seed++ {
		r := rand.New(rand.NewPCG(seed, 9))
		whole, divided := newTale(t), newTale(t)
		whole.config, divided.config = modelConfig, modelConfig
		ids := [][]string{{"eu", "au", "us"}, {"none", "eu", "au"}, {"eu"}, {"us", "none"}}[seed%4]
		homes := foldersFor(t, divided.store, divided.configOf(t, taleNight{}).Zones, ids...)
		w := newTruth(r)
		cleanups := map[string]int{}
		for i := range 4 {
			_, told := w.pass(r, i, cleanups)
			where := fmt.Sprintf("story %d, night %d, homes %v", seed, i+1, ids)
			dir := whole.keep(t, told)
			at := homes
			if i == 0 && seed%3 == 0 { // the evidence is divided from the second night on
				at = nil
			}
			rest, dirs := divided.keepDivided(t, told, at)
			if d := diff.Diff(stands(t, dir), standsIn(t, dirs, w.ids)); d != "" {
				t.Errorf("%s (-whole +parts):\n%s", where, d)
			}
			_, sum, err := Outline(dir)
			if err != nil {
				t.Fatal(err)
			}
			if d := diff.Diff(counted(&sum), counted(rest.Summary)); d != "" {
				t.Errorf("%s (-whole +roll-up):\n%s", where, d)
			}
			for _, part := range dirs {
				if c, err := Verify(t.Context(), part, nil, "1"); err != nil || len(c.Problems) > 0 {
					t.Errorf("%s: %s does not verify: %v %v", where, part, c, err)
				}
			}
		}
	}
}

// counted is what a run came to.
func counted(s *residency.Summary) string {
	for _, n := range s.Controls {
		maps.DeleteFunc(n, func(_ residency.Outcome, n int) bool { return n == 0 })
	}
	maps.DeleteFunc(s.Totals, func(_ residency.Outcome, n int) bool { return n == 0 })
	return fmt.Sprint(s.Totals, s.Controls, s.Fails, s.Open, s.Conclusion)
}

// TestHandover follows one copy, whose rule goes, through stores that are divided.
func TestHandover(t *testing.T) {
	const of = "RES-001 arn:aws:s3:::a eu replica us-east-1 111111111111 arn:aws:s3:::copy-1"
	with := []string{bucket("a", euTag, leads("replica", "copy-1", "us-east-1", ownAccount)), copyIn("copy-1", "us-east-1", ownAccount)}
	without := []string{bucket("a", euTag, ""), copyIn("copy-1", "us-east-1", ownAccount)}
	gone := []string{bucket("a", euTag, "")}
	stopped := "stopped: stopped, copies may remain at arn:aws:s3:::copy-1 (last seen failing on " + firstNight.Format(time.DateOnly) + ")"
	for name, tc := range map[string]struct {
		nights [][]string
		spoil  func(t *testing.T, night int, homes []evidence.Home) []evidence.Home // before the night; the homes of that night
		want   []string                                                             // by night
		unread []int                                                                // nights that could not read it all
	}{
		"a copy remains": {[][]string{with, without, without}, nil, []string{"open", stopped, stopped}, nil},
		"a whole listing shows it no more": {[][]string{with, without, gone}, nil, []string{"open", stopped,
			"ended: the setting has gone, and a whole listing shows arn:aws:s3:::copy-1 no more"}, nil},
		"both went in one night": {[][]string{with, gone}, nil, []string{"open", "ended: the setting has gone, and a whole listing shows arn:aws:s3:::copy-1 no more"}, nil},
		"all of it went":         {[][]string{with, {copyIn("copy-1", "us-east-1", ownAccount)}}, nil, []string{"open", stopped}, nil},
		"divided from the second night on": {[][]string{with, without}, func(_ *testing.T, night int, homes []evidence.Home) []evidence.Home {
			if night == 0 {
				return nil
			}
			return homes
		}, []string{"open", stopped}, nil},
		"the zone's evidence goes elsewhere": {[][]string{with, without, without}, func(t *testing.T, night int, homes []evidence.Home) []evidence.Home {
			if night == 1 {
				homes[0].Dir, homes[0].Staging = t.TempDir(), homes[0].Staging+"-new"
			}
			return homes
		}, []string{"open", "", ""}, []int{1}},
		"gathered into one store again": {[][]string{with, without, without}, func(_ *testing.T, night int, homes []evidence.Home) []evidence.Home {
			if night > 0 {
				return nil
			}
			return homes
		}, []string{"open", "", ""}, []int{1}},
		"out of reach for two nights": {[][]string{with, without, without, without}, func(t *testing.T, night int, homes []evidence.Home) []evidence.Home {
			away := homes[0].Dir + "-away"
			var err error
			switch night {
			case 1:
				err = os.Rename(homes[0].Dir, away)
			case 3:
				err = os.Rename(away, homes[0].Dir)
			}
			if err != nil {
				t.Fatal(err)
			}
			return homes
		}, []string{"open", "", "", stopped}, []int{1, 2}},
		"its disk is not mounted for a night": {[][]string{with, without, without, without}, func(t *testing.T, night int, homes []evidence.Home) []evidence.Home {
			disk, point := homes[0].Dir+"-disk", homes[0].Dir
			var err error
			switch night {
			case 1:
				err = errors.Join(os.Rename(point, disk), os.Mkdir(point, 0o755))
			case 2:
				err = errors.Join(os.Rename(point, point+"-below"), os.Rename(disk, point))
			}
			if err != nil {
				t.Fatal(err)
			}
			return homes
		}, []string{"open", "", stopped, stopped}, []int{1, 2}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newTale(t)
			homes := foldersFor(t, s.store, s.configOf(t, taleNight{}).Zones, "eu", "none")
			for i, resources := range tc.nights {
				at := homes
				if tc.spoil != nil {
					at = tc.spoil(t, i, homes)
				}
				_, dirs := s.keepDivided(t, taleNight{day: i, resources: resources}, at)
				if got := standsIn(t, dirs, []string{"arn:aws:s3:::copy-1"})[of]; got != tc.want[i] {
					t.Errorf("night %d: %q, want %q", i, got, tc.want[i])
				}
				for _, dir := range dirs {
					if c, err := Verify(t.Context(), dir, nil, "1"); err != nil || len(c.Problems) > 0 {
						t.Errorf("night %d: %s does not verify: %v %v", i, dir, c, err)
					}
					if m, sum, err := Outline(dir); err != nil || m.Uncarried != strings.Contains(strings.Join(sum.Notes, "\n"), notCarried) || m.Uncarried != (slices.Contains(tc.unread, i) && dir == dirs[0]) {
						t.Errorf("night %d: %s: uncarried %t, %v %v", i, dir, m.Uncarried, sum.Notes, err)
					}
				}
			}
		})
	}
}

// TestHandoverNamesNothing: what a part carries names nothing of another's, whatever it is that changes hands.
func TestHandoverNamesNothing(t *testing.T) {
	s := newTale(t)
	zones := s.configOf(t, taleNight{}).Zones
	homes := foldersFor(t, s.store, zones, "eu", "au", "none")
	tagged := func(zone string) string { return strings.Replace(euTag, `"eu"`, `"`+zone+`"`, 1) }
	owned := func(more string) []string {
		return []string{bucket("files-eu", euTag, more), bucket("other-au", tagged("au"), "")}
	}
	var all [][]string
	all = append(all, owned(leads("replica", "other-au", "ap-southeast-2", ownAccount)), owned(""),
		[]string{bucket("files-eu", tagged("au"), ""), bucket("other-au", tagged("au"), "")}, owned(""))
	for i, resources := range all {
		_, dirs := s.keepDivided(t, taleNight{day: i, resources: resources}, homes)
		for k, dir := range dirs {
			mine := own(t, dir)
			for file, text := range everyByte(t, dir) {
				for id, name := range map[string]string{"arn:aws:s3:::files-eu": "files-eu", "arn:aws:s3:::other-au": "other-au"} {
					if _, ok := mine[id]; !ok && whole(text, name) >= 0 {
						t.Errorf("night %d: part %d names %s in %s", i, k, name, filepath.Base(file))
					}
				}
			}
		}
	}
}

// TestHandoverNamesNothingThatWent: a name that only another part's own violation tells stays hidden, in the waivers as well.
func TestHandoverNamesNothingThatWent(t *testing.T) {
	hole := []residency.Coverage{gapLine("s3", ownAccount, residency.GlobalRegion, "ListBuckets", "")}
	tagged := func(zone string) string { return strings.Replace(euTag, `"eu"`, `"`+zone+`"`, 1) }
	const waiver = `version: 1
waivers:
  - {id: W-1, control: RES-001, scope: {resource: "arn:aws:s3:::files-eu", to: {target: "arn:aws:s3:::other-au"}}, reason: migration, owner: team, approver: security, from: "2026-08-01", expires: "2026-08-EXP"}
`
	for name, waivers := range map[string]string{"stopped": strings.Replace(waiver, "EXP", "10", 1), "waived": strings.Replace(waiver, "EXP", "30", 1)} {
		t.Run(name, func(t *testing.T) {
			s := newTale(t)
			homes := foldersFor(t, s.store, s.configOf(t, taleNight{}).Zones, "eu", "au", "none")
			both := []string{bucket("files-eu", euTag, leads("replica", "other-au", "ap-southeast-2", ownAccount)), bucket("other-au", tagged("au"), "")}
			s.keepDivided(t, taleNight{waivers: waivers, resources: both}, homes)
			for day := 1; day < 3; day++ { // the rule has gone; whether the copy has, a hole hides
				_, dirs := s.keepDivided(t, taleNight{day: day, waivers: waivers, resources: []string{bucket("files-eu", euTag, "")}, lines: hole}, homes)
				const of = "RES-001 arn:aws:s3:::files-eu eu replica ap-southeast-2 111111111111 arn:aws:s3:::other-au"
				if got := standsIn(t, dirs, []string{"arn:aws:s3:::other-au"})[of]; !strings.HasPrefix(got, name) {
					t.Errorf("night %d: %q, want %s", day, got, name)
				}
				for file, text := range everyByte(t, dirs[0]) {
					if whole(text, "other-au") >= 0 {
						t.Errorf("night %d: the part of eu names other-au in %s", day, filepath.Base(file))
					}
					if name == "waived" && strings.Contains(text, "matches no violation") {
						t.Errorf("night %d: a waiver under which copies stand is called idle in %s", day, filepath.Base(file))
					}
				}
				if c, err := Verify(t.Context(), dirs[0], nil, "1"); err != nil || len(c.Problems) > 0 {
					t.Errorf("night %d: %v %v", day, c, err)
				}
			}
		})
	}
}

// fewSignatures is a signer that fails after some.
type fewSignatures struct {
	evidence.Signer
	left int
}

func (s *fewSignatures) Sign(ctx context.Context, message []byte) ([]byte, error) {
	if s.left--; s.left < 0 {
		return nil, errors.New("no signature")
	}
	return s.Signer.Sign(ctx, message)
}

// TestHandoverTorn: what a part gave away in a night that ended before the other was sealed is not lost, be it the first, all of the
// parts or none that was sealed.
func TestHandoverTorn(t *testing.T) {
	const of, copied = "RES-001 arn:aws:s3:::a eu replica us-east-1 111111111111 arn:aws:s3:::copy-1", "arn:aws:s3:::copy-1"
	one := copyIn("copy-1", "us-east-1", ownAccount)
	for _, signatures := range []int{0, 2, 4} { // two for each run: of its manifest and of the log
		s := newTale(t)
		homes := foldersFor(t, s.store, s.configOf(t, taleNight{}).Zones, "eu", "none")
		s.keepDivided(t, taleNight{resources: []string{bucket("a", euTag, leads("replica", "copy-1", "us-east-1", ownAccount)), one}}, homes)
		n := taleNight{day: 1, resources: []string{bucket("a", usTag, ""), one}} // what it left of eu is of several zones now
		path := filepath.Join(t.TempDir(), "snapshot.ndjson.zst")
		n.write(t, path, n.at())
		k := s.keeper(t, n)
		signer, err := evidence.MakeSigner(s.store)
		if err != nil {
			t.Fatal(err)
		}
		k.Homes, k.Signer = homes, &fewSignatures{signer, signatures}
		if _, err := k.Snapshot(t.Context(), path); err == nil {
			t.Fatal("sealed without a signature")
		}
		for n.day = 2; n.day < 4; n.day++ {
			_, dirs := s.keepDivided(t, n, homes)
			if got := standsIn(t, dirs, []string{"arn:aws:s3:::a", copied})[of]; !strings.HasPrefix(got, "stopped: ") {
				t.Errorf("%d signatures, night %d: %q", signatures, n.day, got)
			}
		}
	}
}

// TestHandoverOfTheRest: what the rest of a divided run left open is no zone's, also when its resource has gone.
func TestHandoverOfTheRest(t *testing.T) {
	s := newTale(t)
	s.config = strings.Replace(s.config, "  us: {", "  ie: {name: Ireland, regions: [eu-west-1]}\n  us: {", 1)
	homes := foldersFor(t, s.store, s.configOf(t, taleNight{}).Zones, "eu", "ie")
	ie := strings.Replace(euTag, `"eu"`, `"ie"`, 1)
	into := leads("replica", "mid-both", "eu-west-1", ownAccount)
	s.keepDivided(t, taleNight{resources: []string{bucket("a", euTag, into), bucket("b", ie, into), copyIn("copy-1", "us-east-1", ownAccount),
		bucket("mid-both", "{}", leads("replica", "copy-1", "us-east-1", ownAccount))}}, homes)
	hole := []residency.Coverage{gapLine("s3", ownAccount, residency.GlobalRegion, "ListBuckets", "")}
	for day := 1; day < 3; day++ {
		_, dirs := s.keepDivided(t, taleNight{day: day, resources: []string{bucket("a", euTag, ""), bucket("b", ie, "")}, lines: hole}, homes)
		for _, dir := range dirs[:2] {
			if all := stands(t, dir); len(all) > 0 {
				t.Errorf("night %d: what was of the rest stands in %s: %v", day, dir, all)
			}
		}
		if all := stands(t, dirs[2]); len(all) != 2 {
			t.Errorf("night %d: %v", day, all)
		}
	}
}

// TestHandoverOfAlike: a name that begins as another does is hidden alone.
func TestHandoverOfAlike(t *testing.T) {
	s := newTale(t)
	homes := foldersFor(t, s.store, s.configOf(t, taleNight{}).Zones, "eu", "us", "none")
	one := copyIn("files-1", "us-east-1", ownAccount)
	s.config = strings.ReplaceAll(s.config, "copy-*", "files-*")
	s.keepDivided(t, taleNight{resources: []string{bucket("files", euTag, leads("replica", "files-1", "us-east-1", ownAccount)), one}}, homes)
	_, dirs := s.keepDivided(t, taleNight{day: 1, resources: []string{bucket("files", usTag, ""), one}}, homes)
	const want = "stopped: stopped, copies may remain at arn:aws:s3:::files-1 (last seen failing on 2026-08-25)"
	all := stands(t, dirs[2])
	if got := all["RES-001 "+pseudonym("arn:aws:s3:::files")+" eu replica us-east-1 111111111111 arn:aws:s3:::files-1"]; got != want {
		t.Errorf("%q, want %q, of %v", got, want, all)
	}
}

// TestHandoverOfAJudgedRun: a run that is judged again into stores that have none brings along what it carried, divided or not.
func TestHandoverOfAJudgedRun(t *testing.T) {
	from, one := newTale(t), copyIn("copy-1", "us-east-1", ownAccount)
	from.keep(t, taleNight{resources: []string{bucket("a", euTag, leads("replica", "copy-1", "us-east-1", ownAccount)), one}})
	dir := from.keep(t, taleNight{day: 1, resources: []string{bucket("a", euTag, ""), one}})
	s := newTale(t)
	k := s.keeper(t, taleNight{day: 2})
	k.Homes = foldersFor(t, s.store, s.configOf(t, taleNight{}).Zones, "eu", "none")
	run, err := k.Snapshot(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	got := standsIn(t, []string{evidence.RunDir(k.Homes[0].Dir, k.ID), evidence.RunDir(k.Homes[1].Dir, k.ID), run.Dir}, []string{"arn:aws:s3:::copy-1"})
	if d := diff.Diff(stands(t, dir), got); d != "" {
		t.Errorf("(-judged +again):\n%s", d)
	}
}

// TestHandoverIsNoEnd: who compares the runs of one home is not told that what another part has by now has ended.
func TestHandoverIsNoEnd(t *testing.T) {
	s := newTale(t)
	homes := foldersFor(t, s.store, s.configOf(t, taleNight{}).Zones, "eu", "us", "none")
	b, copied := bucket("b", euTag, ""), copyIn("files-us", "us-east-1", ownAccount)
	_, first := s.keepDivided(t, taleNight{resources: []string{bucket("a", euTag, leads("replica", "files-us", "us-east-1", ownAccount)), b, copied}}, homes)
	_, then := s.keepDivided(t, taleNight{day: 1, resources: []string{bucket("a", usTag, ""), b, copied}}, homes)
	open, err := openAfter(first[0], firstNight)
	if err != nil {
		t.Fatal(err)
	}
	if all, err := Standings(t.Context(), then[0], open); err != nil || len(all) != 1 || all[0].State != residency.ViolationNotReexamined {
		t.Errorf("%+v %v", all, err)
	}
}

// TestHandoverOfWhatAGapNames: a copy that is in no inventory since it could not be read is known by the gap that names it.
func TestHandoverOfWhatAGapNames(t *testing.T) {
	const of = "RES-001 arn:aws:s3:::files-eu eu replica us-east-1 111111111111 arn:aws:s3:::other-us"
	gap := []residency.Coverage{gapLine("s3", ownAccount, residency.GlobalRegion, "GetBucketLocation", "arn:aws:s3:::other-us")}
	with := []string{bucket("files-eu", euTag, leads("replica", "other-us", "us-east-1", ownAccount)),
		strings.Replace(copyIn("other-us", "us-east-1", ownAccount), `"tags":{}`, `"tags":`+usTag, 1)}
	for name, ids := range map[string][]string{"divided": {"eu", "us"}, "gathered": {"us"}} {
		s := newTale(t)
		homes := foldersFor(t, s.store, s.configOf(t, taleNight{}).Zones, ids...)
		s.keepDivided(t, taleNight{resources: with}, homes)
		if name == "gathered" {
			homes = nil
		}
		_, dirs := s.keepDivided(t, taleNight{day: 1, resources: []string{bucket("files-eu", euTag, "")}, lines: gap}, homes)
		if got := standsIn(t, dirs, []string{"arn:aws:s3:::other-us"})[of]; !strings.HasPrefix(got, "stopped: ") {
			t.Errorf("%s: %q", name, got)
		}
		for file, text := range everyByte(t, dirs[0]) {
			if homes != nil && whole(text, "other-us") >= 0 {
				t.Errorf("the part of eu names other-us in %s", filepath.Base(file))
			}
		}
	}
}

// TestHandoverSaysWhere: what could not be read is named with what is wrong with it.
func TestHandoverSaysWhere(t *testing.T) {
	s := newTale(t)
	homes := foldersFor(t, s.store, s.configOf(t, taleNight{}).Zones, "eu")
	n := taleNight{resources: []string{bucket("a", euTag, "")}}
	s.keepDivided(t, n, homes)
	if err := os.Rename(homes[0].Dir, homes[0].Dir+"-away"); err != nil {
		t.Fatal(err)
	}
	n.day = 1
	s.keepDivided(t, n, homes)
	if err := errors.Join(os.RemoveAll(homes[0].Staging), os.Rename(homes[0].Dir+"-away", homes[0].Dir)); err != nil { // what waited is lost
		t.Fatal(err)
	}
	n.day = 2
	run, _ := s.keepDivided(t, n, homes)
	if got := strings.Join(run.Problems, "\n"); !strings.Contains(got, "is neither in the log of "+homes[0].Dir+" nor in that of "+homes[0].Staging) {
		t.Error(got)
	}
	for store, want := range map[string]string{"s3://b": "copy it into a folder and see domicile verify FOLDER", "/d": "see domicile verify /d"} {
		if got := (&kept{store: store}).cure(); got != want {
			t.Errorf("%s: %s", store, got)
		}
	}
}

// TestHandoverGathered: what was left open under pseudonyms is known by its names when the evidence is in one store again.
func TestHandoverGathered(t *testing.T) {
	s := newTale(t)
	homes := foldersFor(t, s.store, s.configOf(t, taleNight{}).Zones, "au")
	other := copyIn("other-au", "us-east-1", ownAccount)
	other = strings.Replace(other, `"tags":{}`, `"tags":`+strings.Replace(euTag, `"eu"`, `"au"`, 1), 1)
	with := []string{bucket("a", euTag, leads("replica", "other-au", "us-east-1", ownAccount)), other}
	without := []string{bucket("a", euTag, ""), other}
	const of = "RES-001 arn:aws:s3:::a eu replica us-east-1 111111111111 arn:aws:s3:::other-au"
	for i, tc := range []struct {
		resources []string
		homes     []evidence.Home
		want      string
	}{{with, homes, "open"}, {with, nil, "open"}, {with, homes, "open"}, {without, nil, "stopped: "}, {without, nil, "stopped: "}} {
		_, dirs := s.keepDivided(t, taleNight{day: i, resources: tc.resources}, tc.homes)
		if tc.homes == nil {
			if all := stands(t, dirs[0]); len(all) != 2 || !strings.HasPrefix(all[of], tc.want) { // the other is a bucket of au in the US
				t.Errorf("night %d: %v", i, all)
			}
		}
	}
}

func TestPseudonym(t *testing.T) {
	for _, name := range []string{"arn:aws:s3:::acme-us", "arn:aws:rds:us-east-1:111111111111:snapshot:p", "arn:aws:logs:us-east-1:1:log-group:/acme/us/api", "acme-us",
		"arn:aws:dynamodb:eu-west-1:111111111111:table/t", "arn:aws:s3:::acme-us/key", "arn:aws:sns:eu-west-1:1:acme-topic"} {
		p := pseudonym(name)
		if !isPseudonym(p) || isPseudonym(name) || strings.Contains(p, "acme") {
			t.Errorf("%s: %s", name, p)
		}
	}
	for name, want := range map[string]string{"arn:aws:s3:::acme-us": "s3.bucket", "arn:aws:rds:us-east-1:111111111111:snapshot:p": "rds.snapshot",
		"arn:aws:logs:us-east-1:1:log-group:/acme/us/api": "cloudwatchlogs.group", "arn:aws:dynamodb:eu-west-1:1:table/t": "dynamodb.table"} {
		if got := scanners.KindOf(pseudonym(name)); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
}
