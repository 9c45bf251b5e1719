package audit

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	diff "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/seed-1578181b/domicile/internal/config"
	"github.com/seed-1578181b/domicile/internal/evidence"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/internal/snapshot"
)

// foldersFor makes an empty home for each of the zones, with its staging below store.
func foldersFor(t testing.TB, store string, zones []residency.Zone, ids ...string) (homes []evidence.Home) {
	t.Helper()
	for _, id := range ids {
		h := evidence.Home{Zone: residency.Zone{ID: id}, Dir: t.TempDir(), Staging: filepath.Join(store, "parts", id), Now: time.Now}
		for _, z := range zones {
			if z.ID == id {
				h.Zone = z
			}
		}
		homes = append(homes, h)
	}
	return homes
}

// everyByte reads all files below a folder, compressed ones unpacked, and their names.
func everyByte(t testing.TB, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if strings.HasSuffix(path, ".zst") {
			var b bytes.Buffer
			if err := snapshot.EachLine(path, func(line string) error { b.WriteString(line + "\n"); return nil }); err != nil {
				return err
			}
			data = b.Bytes()
		}
		all[path] = path + "\n" + string(data)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// own are the resources of a run, without what it has stand-ins of.
func own(t testing.TB, dir string) map[string]residency.Resource {
	t.Helper()
	doc, err := snapshot.Read(t.Context(), filepath.Join(dir, snapshot.FileName))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]residency.Resource{}
	for _, r := range doc.Resources {
		if !r.Elsewhere() {
			all[r.ID] = r
		}
	}
	return all
}

// checkDivision compares a divided run with the same run kept whole: each part verifies and judges alone, holds no name of another's
// resources, and all of them together say what the whole says.
func checkDivision(t *testing.T, whole, rolled *Run, homes []evidence.Home) {
	t.Helper()
	key, err := evidence.ReadKey(filepath.Join(rolled.Dir, evidence.PublicKeyName))
	if err != nil {
		t.Fatal(err)
	}
	if len(rolled.Problems) > 0 {
		t.Fatal(rolled.Problems)
	}
	all := own(t, whole.Dir)
	stores := map[string]string{"the rest": rolled.Dir}
	for _, h := range homes {
		runs, err := evidence.Runs(h.Dir)
		if err != nil || len(runs) != 1 {
			t.Fatalf("zone %s: %v %v", h.Zone.ID, runs, err)
		}
		stores[h.Zone.ID] = filepath.Join(h.Dir, runs[0])
	}
	if left, err := evidence.Runs(homes[0].Staging); err != nil || len(left) > 0 {
		t.Errorf("left in the staging: %v %v", left, err)
	}
	seen, hidden := map[string]bool{}, map[string]string{}
	for id, r := range all {
		hidden[pseudonym(id)], hidden[pseudonym(r.Name)], hidden[pseudonym(lastPart(&r))] = id, r.Name, lastPart(&r)
	}
	var got []string
	for zone, dir := range stores {
		checked, err := Verify(t.Context(), dir, key, "test")
		if err != nil || len(checked.Problems) > 0 {
			t.Errorf("%s does not verify: %v %v", zone, err, checked.Problems)
		}
		mine := own(t, dir)
		for id := range mine {
			if seen[id] {
				t.Errorf("%s is in two parts", id)
			}
			seen[id] = true
		}
		searchFor(t, zone, dir, all, mine)
		got = append(got, plain(verdictLines(t, dir), hidden)...)
	}
	if len(seen) != len(all) {
		t.Errorf("%d resources in the parts, %d in the whole", len(seen), len(all))
	}
	want := plain(verdictLines(t, whole.Dir), nil)
	slices.Sort(got)
	slices.Sort(want)
	if d := diff.Diff(want, got); d != "" {
		t.Errorf("verdicts of the whole and of the parts (-whole +parts):\n%s", d)
	}
	w, r := whole.Summary, rolled.Summary
	for i := range r.Zones {
		if d := diff.Diff(w.Zones[i], r.Zones[i]); d != "" {
			t.Error(d)
		}
	}
	if d := diff.Diff([]any{w.Totals, w.Controls, w.Fails, w.Open, w.Conclusion, w.Coverage.AccountRegions},
		[]any{r.Totals, r.Controls, r.Fails, r.Open, r.Conclusion, r.Coverage.AccountRegions}); d != "" {
		t.Errorf("summary (-whole +roll-up):\n%s", d)
	}
}

// TestTamperedPart: one changed byte in any file of a part, or of what ties the parts together, is named.
func TestTamperedPart(t *testing.T) {
	store := t.TempDir()
	zones := []residency.Zone{{ID: "au", Regions: []string{"ap-southeast-2"}}}
	homes := foldersFor(t, store, zones, "au")
	run := scanStoryTo(t, store, homes)
	part := filepath.Join(homes[0].Dir, filepath.Base(run.Dir))
	for dir, only := range map[string]string{part: "", run.Dir: divisionName} {
		for path := range everyByte(t, dir) {
			if only != "" && filepath.Base(path) != only {
				continue
			}
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			data[len(data)/2] ^= 1
			if err := os.WriteFile(path, data, 0o644); err != nil {
				t.Fatal(err)
			}
			name, err := filepath.Rel(dir, path)
			if err != nil {
				t.Fatal(err)
			}
			c, err := evidence.Verify(t.Context(), os.DirFS(dir), nil)
			if err != nil || !slices.ContainsFunc(c.Problems, func(p evidence.Problem) bool {
				return p.File == name || name == evidence.PublicKeyName || name == evidence.ManifestName
			}) {
				t.Errorf("%s was changed: %v %v", name, err, c.Problems)
			}
			data[len(data)/2] ^= 1
			if err := os.WriteFile(path, data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	if c, err := Verify(t.Context(), run.Dir, nil, "test"); err != nil || len(c.Problems) > 0 {
		t.Error(c, err)
	}
	if err := os.WriteFile(filepath.Join(part, evidence.ManifestName), []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	if c, err := Verify(t.Context(), run.Dir, nil, "test"); err != nil || len(c.Problems) != 1 || !strings.Contains(c.Problems[0].Reason, "not the manifest of zone au") {
		t.Errorf("a part was swapped: %v %v", c.Problems, err)
	}
}

// TestVeil: the longest name goes first, and what is only part of a longer word stays.
func TestVeil(t *testing.T) {
	n := newNames()
	n.add(0, &residency.Resource{ID: "arn:aws:s3:::acme-us", Name: "acme-us"})
	n.add(0, &residency.Resource{ID: "arn:aws:logs:us-east-1:1:log-group:/acme/us/api", Name: "/acme/us/api"})
	n.add(0, &residency.Resource{ID: "arn:aws:s3:::shared", Name: "shared"})
	n.add(1, &residency.Resource{ID: "arn:aws:x:::shared", Name: "shared"})
	for text, want := range map[string]string{
		"":                              "",
		"bucket acme-us, acme-us-2":     "bucket " + pseudonym("acme-us") + ", acme-us-2",
		"(arn:aws:s3:::acme-us/key)":    "(" + pseudonym("arn:aws:s3:::acme-us") + "/key)",
		"group /acme/us/api":            "group /" + pseudonym("acme/us/api"),
		"/acme/us":                      "/acme/us",
		"shared":                        "shared",
		"acme-us.s3.amazonaws.com":      pseudonym("acme-us") + ".s3.amazonaws.com",
		"arn:aws:s3:::shared":           pseudonym("arn:aws:s3:::shared"),
		"é acme-us é":                   "é " + pseudonym("acme-us") + " é",
		"s3://acme-us/" + "acme/us/api": "s3://" + pseudonym("acme-us") + "/" + pseudonym("acme/us/api"),
	} {
		if got := n.veil(1, text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
		if got := n.veil(0, text); got != text {
			t.Errorf("%q in its own part: %q", text, got)
		}
	}
}

// searchFor looks in every byte of a store for what the resources that are not its own are called. A word that the shipped policies
// use, a region, or the caller's session is no name that could be told apart; nor is what one of its own resources is called.
func searchFor(t *testing.T, zone, dir string, all, mine map[string]residency.Resource) {
	t.Helper()
	files := everyByte(t, dir)
	words := map[string]bool{"nightly": true}
	for file, text := range files {
		if strings.Contains(file, "/policies/") {
			for _, w := range piecesOf(text) {
				words[text[w.from:w.to]] = true
			}
		}
	}
	for _, r := range mine {
		words[r.Name], words[lastPart(&r)] = true, true
	}
	for id, r := range all {
		if _, ok := mine[id]; ok {
			continue
		}
		for _, name := range []string{id, r.Name, lastPart(&r)} {
			if len(name) < shortestName || words[name] || config.KnownRegion(name) {
				continue
			}
			for file, text := range files {
				if at := whole(text, name); at >= 0 {
					t.Errorf("the store of %s names %q in %s: …%s…", zone, name, filepath.Base(file), text[max(0, at-60):min(len(text), at+len(name)+60)])
				}
			}
		}
	}
}

// whole finds a name that is not a piece of a longer one.
func whole(text, name string) int {
	for from := 0; ; {
		i := strings.Index(text[from:], name)
		if i < 0 {
			return -1
		}
		at := from + i
		before, _ := utf8.DecodeLastRuneInString(text[:at])
		after, _ := utf8.DecodeRuneInString(text[at+len(name):])
		if !inPiece(before) && !inPiece(after) {
			return at
		}
		from = at + 1
	}
}

func verdictLines(t testing.TB, dir string) (all []residency.Verdict) {
	t.Helper()
	for v, err := range snapshot.ReadVerdicts(filepath.Join(dir, snapshot.VerdictsFileName)) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, v)
	}
	return all
}

// plain are verdicts with the names that pseudonyms stand for.
func plain(verdicts []residency.Verdict, hidden map[string]string) (lines []string) {
	for _, v := range verdicts {
		for i, id := range v.Downstream {
			v.Downstream[i] = cmp.Or(hidden[id], id)
		}
		slices.Sort(v.Downstream)
		line := fmt.Sprintf("%+v", v)
		for p, id := range hidden {
			line = strings.ReplaceAll(line, p, id)
		}
		lines = append(lines, line)
	}
	return lines
}

// TestDivideStory divides the night of three zones: every zone has a home, and what several hold or none stays with the roll-up; then
// that has a home, and one zone has.
func TestDivideStory(t *testing.T) {
	whole := scanStory(t)
	zones := []residency.Zone{}
	for _, z := range whole.Summary.Zones {
		zones = append(zones, z.Zone)
	}
	for _, ids := range [][]string{{"eu", "au", "us"}, {"none", "au"}} {
		t.Run(strings.Join(ids, " "), func(t *testing.T) {
			store := t.TempDir()
			homes := foldersFor(t, store, zones, ids...)
			checkDivision(t, whole, scanStoryTo(t, store, homes), homes)
		})
	}
}

// dividedConfig has a line of every form, and a waiver of each kind of destination.
const dividedConfig = `version: 1
zones: {eu: {regions: [eu-west-1]}, au: {regions: [ap-southeast-2]}, us: {regions: [us-east-1], promise: false}}
assign:
  - {arn: "arn:aws:s3:::store0*", zone: eu}
  - {arn: "arn:aws:s3:::store1x", zone: au}
  - {arn: "arn:aws:s3:::store2x", zone: none, reason: passes on what store3x gets, owner: me}
  - {tag: zone}
  - {account: "222222222222", zone: au}
  - {region: own}
aws:
  accounts: ["111111111111", "222222222222"]
  trusted_accounts: [{id: "333333333333", name: vendor, region: us-east-1, reason: mail}]
waivers: w.yaml
commitments: [{id: C-1, text: store4x stays at home}]
`

const dividedWaivers = `version: 1
waivers:
  - {id: W-1, control: "*", scope: {resource: "arn:aws:s3:::store0x", to: {target: "arn:aws:s3:::store5x"}}, reason: store6x moves, owner: o, approver: a, from: 2026-11-01, expires: 2027-03-01}
  - {id: W-2, control: RES-001, scope: {zone: eu, to: {target: "arn:aws:s3:::store*"}}, reason: r, owner: o, approver: a, from: 2026-11-01, expires: 2027-03-01}
  - {id: W-3, control: RES-004, scope: {account: "111*", to: {region: us-east-1}}, reason: r, owner: o, approver: a, from: 2026-11-01, expires: 2026-11-02}
`

// TestDivideAnything divides random estates, with chains across borders, holders of several zones, copies that only their own record
// shows, names in free text, gaps and waivers: no part names another's resources, and together they say what the whole says.
func TestDivideAnything(t *testing.T) {
	cfg, err := config.Parse("domicile.yaml", []byte(dividedConfig), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := cfg.ParseWaivers("w.yaml", []byte(dividedWaivers), engine.Controls()); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		doc := drawEstate(t)
		path := filepath.Join(dir, "whole.ndjson")
		writeDocument(t, path, doc)
		want := judgeDocument(t, cfg, path)
		zones := rapid.SampledFrom([][]string{{"eu", "au", "us"}, {"none", "eu", "au", "us"}, {"eu"}, {"us", "none"}}).Draw(t, "homes")
		f, err := snapshot.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		d, err := judgeOf(cfg).divide(context.Background(), f, zones)
		if err != nil {
			t.Fatal(err)
		}
		outs := make([]*snapshot.OutputFile, len(d.parts))
		at := func(i int) string { return filepath.Join(dir, fmt.Sprintf("part%d.ndjson", i)) }
		for i, p := range d.parts {
			h := f.Header()
			h.Scope = d.scope(p)
			if outs[i], err = snapshot.Create(at(i), h); err != nil {
				t.Fatal(err)
			}
		}
		if err := d.write(context.Background(), f, outs); err != nil {
			t.Fatal(err)
		}
		var got []string
		for i, p := range d.parts {
			if err := outs[i].Close(); err != nil {
				t.Fatal(err)
			}
			part, err := d.config(p, cfg)
			if err != nil {
				t.Fatal(err)
			}
			verdicts := judgeDocument(t, part, at(i))
			lines, err := os.ReadFile(at(i))
			if err != nil {
				t.Fatal(err)
			}
			text := fmt.Sprintf("%s%s%s%+v", lines, part.Raw, part.Register.Raw, verdicts)
			for k, r := range doc.Resources {
				node, _ := d.graph.Find(r.ID)
				if name := fmt.Sprintf("store%dx", k); !p.own[node] && strings.Contains(text, name) {
					at := strings.Index(text, name)
					t.Fatalf("part %d names %s: …%s…", i, name, text[max(0, at-200):min(len(text), at+60)])
				}
			}
			got = append(got, inCommon(verdicts)...)
		}
		told := inCommon(want)
		slices.Sort(told)
		slices.Sort(got)
		if d := diff.Diff(told, got); d != "" {
			t.Fatalf("homes %v (-whole +parts):\n%s", zones, d)
		}
	})
}

// inCommon are verdicts as whole and parts have them in common: of equal shortest paths a part may take another, since the names in
// them have other places in the order.
func inCommon(verdicts []residency.Verdict) (lines []string) {
	for _, v := range verdicts {
		reason, _, _ := strings.Cut(v.Reason, "; its own record names")
		waiver := ""
		if v.Waiver != nil {
			waiver, _, _ = strings.Cut(v.Waiver.ID, " ")
		}
		for i := range v.Placements {
			v.Placements[i].Target, v.Placements[i].Via = "", ""
		}
		reason, _, _ = strings.Cut(reason, "; waived by")
		lines = append(lines, fmt.Sprintf("%s %s %s %s %s path %d beyond %d %s %+v %s", v.Control, v.Resource, v.Zone, v.Outcome, v.Severity, len(v.Path),
			len(v.Downstream), waiver, v.Placements, hiddenNames.ReplaceAllString(reason, "NAME")))
	}
	return lines
}

var hiddenNames = regexp.MustCompile(`(arn:aws:s3:::?)?(sha256:[0-9a-f]{64}|store\dx)`)

func judgeOf(cfg *config.Config) *Judge {
	return &Judge{Engine: engine, Zones: cfg.Zones, Rules: cfg.Assign, Calls: testCalls, Trusted: cfg.AWS.TrustedAccounts, Own: ownAccounts(cfg), Waivers: cfg.Register.Waivers, Workers: 1}
}

func judgeDocument(t *rapid.T, cfg *config.Config, path string) []residency.Verdict {
	var out bytes.Buffer
	if _, err := judgeOf(cfg).Run(context.Background(), path, everyOutcome, &out); err != nil {
		t.Fatal(err)
	}
	var verdicts []residency.Verdict
	for line := range bytes.Lines(out.Bytes()) {
		var v residency.Verdict
		if err := json.Unmarshal(line, &v); err != nil {
			t.Fatal(err)
		}
		verdicts = append(verdicts, v)
	}
	return verdicts
}

func drawEstate(t *rapid.T) snapshot.Document {
	accounts, regions := []string{"111111111111", "222222222222"}, []string{"eu-west-1", "ap-southeast-2", "us-east-1", ""}
	n := rapid.IntRange(1, 7).Draw(t, "n")
	id := func(i int) string { return fmt.Sprintf("arn:aws:s3:::store%dx", i) }
	pick := func(list []string, what string) string { return rapid.SampledFrom(list).Draw(t, what) }
	other := func() string { return id(rapid.IntRange(0, n).Draw(t, "other")) } // one of them is in no inventory
	doc := snapshot.Document{Header: residency.Header{Schema: 1, Run: time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC), Tool: "test", Partition: "aws",
		Scope: &residency.Scope{Accounts: accounts, Regions: regions[:3], Scanners: map[string]string{"s3": "global"}, OrganizationAccounts: accounts}}}
	var gaps []residency.Gap
	for i := range n {
		r := residency.Resource{ID: id(i), Kind: "s3.bucket", Account: pick(accounts, "account"), Region: pick(regions, "region"), Name: fmt.Sprintf("store%dx", i),
			Tags: map[string]string{"zone": pick([]string{"eu", "au", "us", "elsewhere"}, "zone"), "beside": other()}, Placements: []residency.Placement{}, Facts: map[string]any{"of": []any{other()}}}
		switch rapid.IntRange(0, 5).Draw(t, "tags") {
		case 0, 1, 2:
			delete(r.Tags, "zone")
		case 3:
			r.Tags = nil
		}
		if r.Region != "" {
			r.Placements = append(r.Placements, residency.Placement{Role: residency.Primary, Region: r.Region})
		}
		for range rapid.IntRange(0, 3).Draw(t, "edges") {
			r.Placements = append(r.Placements, residency.Placement{Role: residency.Role(pick([]string{"replica", "log", "transit", "metadata"}, "role")), Region: pick(regions, "to"),
				Account: pick([]string{"", "111111111111", "333333333333", "999999999999"}, "receiver"), Target: other(), Via: "rule for " + other()})
		}
		for range rapid.IntRange(0, 1).Draw(t, "sources") {
			r.Sources = append(r.Sources, residency.Source{ID: other(), Role: residency.Role(pick([]string{"", "backup", "metadata"}, "source role")), Account: pick([]string{"", "222222222222"}, "owner")})
		}
		if rapid.IntRange(0, 4).Draw(t, "event") == 0 {
			r.Kind, r.Tags, r.Placements = residency.KindEvent, map[string]string{}, slices.DeleteFunc(r.Placements, func(p residency.Placement) bool { return p.Target == "" })
		}
		if rapid.IntRange(0, 4).Draw(t, "gap") == 0 {
			gaps = append(gaps, residency.Gap{Call: pick([]string{"GetBucketReplication", "GetBucketTagging", "ListSources"}, "call"), Class: residency.ClassDenied, Resource: r.ID, Detail: "ask for " + r.Name})
		}
		doc.Resources = append(doc.Resources, r)
	}
	for _, a := range accounts {
		c := residency.Coverage{Scanner: "s3", Account: a, Region: residency.GlobalRegion, Status: residency.Complete}
		for _, g := range gaps {
			i := slices.IndexFunc(doc.Resources, func(r residency.Resource) bool { return r.ID == g.Resource })
			if doc.Resources[i].Account == a {
				c.Gaps, c.Status = append(c.Gaps, g), residency.Partial
			}
		}
		doc.Coverage = append(doc.Coverage, c)
	}
	return doc
}

func writeDocument(t *rapid.T, path string, doc snapshot.Document) {
	out, err := snapshot.Create(path, doc.Header)
	for i := range doc.Resources {
		err = errors.Join(err, out.Resource(&doc.Resources[i]))
	}
	for _, c := range doc.Coverage {
		err = errors.Join(err, out.Coverage(c))
	}
	if err = errors.Join(err, out.Close()); err != nil {
		t.Fatal(err)
	}
}
