package evidence

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestExpire: what is old enough goes, with a signed trace; what is held, or the latest, stays; the store verifies before and after.
func TestExpire(t *testing.T) {
	store, key := storeOf(t, 6)
	signer, ids := signerOf(t, store), mustRuns(t, store)
	now := night.AddDate(0, 0, 30)
	day := func(i int) string { return night.AddDate(0, 0, i).Format(time.DateOnly) }
	hold := func(kind Kind, e Extent, ticket string) {
		t.Helper()
		if err := Hold(t.Context(), store, signer, kind, e, "litigation", ticket, now); err != nil {
			t.Fatal(err)
		}
	}
	hold(KindHold, Extent{Run: ids[1]}, "T-1")
	hold(KindHold, Extent{From: day(1), To: day(2)}, "T-2")
	hold(KindHold, Extent{Run: ids[3]}, "T-3")
	hold(KindRelease, Extent{Run: ids[3]}, "T-3")
	would, err := Expirable(store, now)
	if err != nil {
		t.Fatal(err)
	}
	x, err := Expire(t.Context(), store, signer, now, now, "older than 1 day")
	if err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string]*Expiry{"dry": would, "done": x} {
		if fmt.Sprint(got.Runs) != fmt.Sprint([]string{ids[0], ids[3], ids[4]}) || got.Latest != ids[5] || fmt.Sprint(got.Held) != fmt.Sprint(map[string][]string{ids[1]: {"T-1", "T-2"}, ids[2]: {"T-2"}}) {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if left := mustRuns(t, store); fmt.Sprint(left) != fmt.Sprint([]string{ids[1], ids[2], ids[5]}) {
		t.Errorf("left: %v", left)
	}
	c, err := VerifyStore(t.Context(), store, key, "")
	if err != nil || len(c.Problems) > 0 || len(c.Notes) != 3 || !strings.Contains(c.Notes[0], ids[0]+" expired: its evidence was removed on 2026-12-23, as entry 10 of the log says (older than 1 day)") {
		t.Errorf("%+v %v", c, err)
	}
	if got := problems(t, store, key, ""); len(got) > 0 {
		t.Error(got)
	}
	// The release of one ticket leaves the hold of another.
	hold(KindRelease, Extent{Run: ids[1]}, "T-1")
	hold(KindRelease, Extent{From: day(0), To: day(1)}, "T-2")
	if x, err := Expire(t.Context(), store, signer, now, now, "again"); err != nil || fmt.Sprint(x.Runs) != fmt.Sprint([]string{ids[1]}) || len(x.Held) != 1 {
		t.Errorf("%+v %v", x, err)
	}
	commit(t, begin(t, store, 7), signer, 7) // the store goes on, its chain of runs too
	if got := problems(t, store, key, ""); len(got) > 0 {
		t.Error(got)
	}
	if l, _ := readLog(store); len(l.Holds()) != 1 || l.Holds()[0].Ticket != "T-2" {
		t.Errorf("%+v", l.Holds())
	}
}

// TestHoldRefused: a hold of what is not there, or a release of what nobody holds, is no entry of the log.
func TestHoldRefused(t *testing.T) {
	store, _ := storeOf(t, 3)
	signer, ids := signerOf(t, store), mustRuns(t, store)
	if _, err := Expire(t.Context(), store, signer, night.AddDate(0, 0, 1), night, "old"); err != nil {
		t.Fatal(err)
	}
	before, _ := readLog(store)
	for name, tc := range map[string]struct {
		kind Kind
		what Extent
		want string
	}{
		"no run":  {KindHold, Extent{Run: "20200101T000000Z-000000"}, "holds no run"},
		"expired": {KindHold, Extent{Run: ids[0]}, "has expired"},
		"nothing": {KindRelease, Extent{Run: ids[1]}, "no hold of run " + ids[1] + " was ever made under the ticket"},
	} {
		if err := Hold(t.Context(), store, signer, tc.kind, tc.what, "r", "T", night); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if after, _ := readLog(store); len(after.entries) != len(before.entries) {
		t.Error("the log has grown")
	}
}

// TestExpireKilled is a crash at each point: the store verifies, and the next one goes on.
func TestExpireKilled(t *testing.T) {
	for name, crash := range map[string]func(t *testing.T, store, kept, id string){
		"before the folder": func(t *testing.T, store, kept, id string) { rename(t, kept, filepath.Join(store, id)) },
		"before it is empty": func(t *testing.T, store, kept, id string) {
			rename(t, kept, filepath.Join(store, pending+expiredPrefix+id))
		},
	} {
		t.Run(name, func(t *testing.T) {
			store, key := storeOf(t, 3)
			signer, id, kept := signerOf(t, store), mustRuns(t, store)[0], filepath.Join(t.TempDir(), "kept")
			if err := os.CopyFS(kept, os.DirFS(filepath.Join(store, id))); err != nil {
				t.Fatal(err)
			}
			later := night.Add(2 * time.Hour)
			if _, err := Expire(t.Context(), store, signer, later, later, "old"); err != nil {
				t.Fatal(err)
			}
			crash(t, store, kept, id)
			if got := problems(t, store, key, ""); len(got) > 0 {
				t.Error(got)
			}
			entries, _ := readLog(store)
			x, err := Expire(t.Context(), store, signer, later, later, "old")
			if err != nil || len(x.Runs) > 0 {
				t.Errorf("%+v %v", x, err)
			}
			if after, _ := readLog(store); len(after.entries) != len(entries.entries) {
				t.Error("it was written down twice")
			}
			if left, _ := filepath.Glob(filepath.Join(store, "*"+id)); len(left) > 0 {
				t.Error(left)
			}
			if left, _ := filepath.Glob(filepath.Join(store, pending+"*")); len(left) > 0 {
				t.Error(left)
			}
			if got := problems(t, store, key, ""); len(got) > 0 {
				t.Error(got)
			}
		})
	}
	t.Run("disk full", func(t *testing.T) {
		store, key := storeOf(t, 3)
		full := filling{signerOf(t, store), logPath(store) + ".part"}
		if _, err := Expire(t.Context(), store, full, night.AddDate(1, 0, 0), night, "old"); err == nil || !strings.Contains(err.Error(), "no space left") {
			t.Errorf("%v", err)
		}
		if got, ids := problems(t, store, key, ""), mustRuns(t, store); len(got) > 0 || len(ids) != 3 {
			t.Error(got, ids)
		}
	})
}

// TestExpiredUnduly: an entry excuses only the run that it names, as the log has it, and none that was held.
func TestExpiredUnduly(t *testing.T) {
	for name, tc := range map[string]struct {
		leaf func(run Leaf) Leaf
		hold bool
		want string
	}{
		"another manifest": {leaf: func(r Leaf) Leaf { return Leaf{Kind: KindExpired, Run: r.Run, Manifest: strings.Repeat("0", 64)} }, want: "that the log does not hold so"},
		"another run": {leaf: func(r Leaf) Leaf {
			return Leaf{Kind: KindExpired, Run: "20200101T000000Z-000000", Manifest: r.Manifest}
		}, want: "is missing: the log holds it as number 0"},
		"a heartbeat": {leaf: func(r Leaf) Leaf { return Leaf{Kind: KindFailed, Run: r.Run, Manifest: r.Manifest} }, want: "is missing: the log holds it as number 0"},
		"held":        {leaf: func(r Leaf) Leaf { return Leaf{Kind: KindExpired, Run: r.Run, Manifest: r.Manifest} }, hold: true, want: "which was under the legal hold T-1"},
	} {
		t.Run(name, func(t *testing.T) {
			store, key := storeOf(t, 2)
			signer, id := signerOf(t, store), mustRuns(t, store)[0]
			if tc.hold {
				if err := Hold(t.Context(), store, signer, KindHold, Extent{Run: id}, "r", "T-1", night); err != nil {
					t.Fatal(err)
				}
			}
			l, err := openLog(store, signer)
			if err != nil {
				t.Fatal(err)
			}
			run, _ := l.run(id)
			if err := l.add(t.Context(), signer, tc.leaf(run), night); err != nil {
				t.Fatal(err)
			}
			if err := l.write(store); err != nil {
				t.Fatal(err)
			}
			remove(t, filepath.Join(store, id))
			if got := problems(t, store, key, ""); !slices.ContainsFunc(got, func(p Problem) bool { return strings.Contains(p.String(), tc.want) }) {
				t.Errorf("%v", got)
			}
		})
	}
	store, _ := storeOf(t, 2)
	id := mustRuns(t, store)[0]
	appendTo(t, filepath.Join(store, id, ManifestName), " ")
	if _, err := Expire(t.Context(), store, signerOf(t, store), night.AddDate(1, 0, 0), night, "old"); err == nil || !strings.Contains(err.Error(), "is not as the log has it, and nothing was removed") {
		t.Errorf("a run that was changed: %v", err)
	}
	if len(mustRuns(t, store)) != 2 {
		t.Error("it was removed")
	}
}
