// Package internal_test keeps the house: who may import whom, and which foreign module belongs to which folder.
package internal_test

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/seed-1578181b/domicile/"

// rooms lists what each folder may import of ours. A folder that is not listed may import nothing and be imported by nobody.
var rooms = map[string][]string{
	"internal/residency":           {},
	"internal/config":              {"internal/residency"},
	"internal/snapshot":            {"internal/residency"},
	"internal/lineage":             {"internal/residency"},
	"internal/evidence":            {"internal/residency"},
	"internal/history":             {"internal/residency"},
	"internal/history/historytest": {"internal/history", "internal/residency"}, // for tests alone
	"internal/replay":              {},
	"internal/locate":              {"internal/residency"},
	"internal/grant":               {"internal/locate"},
	"internal/source":              {"internal/residency"},
	"internal/remedy":              {"internal/residency"},
	"internal/schedule":            {},
	"internal/gauge":               {"internal/residency"},
	"internal/permission":          {},
	"internal/notify":              {"internal/residency"},
	"internal/sbom":                {},
	"scanners":                     {"internal/residency", "internal/locate", "internal/grant"},
	"scanners/plan":                {"internal/residency", "internal/locate", "internal/grant"},
	"scanners/plan/plantest":       {}, // for tests and benchmarks alone
	"policies":                     {"internal/residency"},
	"reports":                      {"internal/residency", "internal/remedy", "reports/html", "reports/pdf"},
	"reports/html":                 {},
	"reports/pdf":                  {},
	"internal/audit": {"internal/residency", "internal/config", "internal/snapshot", "internal/lineage", "internal/evidence", "internal/history",
		"scanners", "scanners/plan", "policies", "reports"},
	"cmd/domicile": {"internal/residency", "internal/config", "internal/snapshot", "internal/lineage", "internal/evidence", "internal/history", "internal/replay",
		"internal/audit", "internal/source", "internal/schedule", "internal/gauge", "internal/permission", "internal/notify", "internal/sbom", "scanners", "scanners/plan", "policies", "reports"},
}

// owners lists the foreign modules that belong to one folder, or to a few.
var owners = map[string][]string{
	"github.com/goccy/go-yaml":                 {"internal/config"},
	"github.com/klauspost/compress":            {"internal/snapshot"},
	"github.com/open-policy-agent/opa":         {"policies"},
	"github.com/olekukonko/tablewriter":        {"reports"},
	"github.com/jung-kurt/gofpdf":              {"reports/pdf"},
	"codeberg.org/go-fonts/dejavu":             {"reports/pdf"},
	"github.com/spf13/cobra":                   {"cmd/domicile"},
	"github.com/aws/aws-sdk-go-v2/service":     {"scanners", "internal/evidence"}, // evidence: its own few, see TestClientsWriteOnlyTheirOwn
	"github.com/aws/aws-sdk-go-v2/service/sns": {"internal/notify"},               // the same
	"github.com/aws/aws-sdk-go-v2":             {"scanners", "internal/replay", "internal/evidence", "internal/notify"},
	"github.com/aws/smithy-go":                 {"scanners", "internal/replay", "internal/notify"},
	"github.com/go-json-experiment/json":       {"scanners/plan"},
	"go.yaml.in/yaml":                          {"scanners/plan", "internal/source"},
	"github.com/hashicorp/hcl":                 {"internal/source"},
	"github.com/robfig/cron":                   {"internal/schedule"},
	"github.com/CycloneDX/cyclonedx-go":        {"internal/sbom"},
	"github.com/gowebpki/jcs":                  {"internal/evidence"},
	"github.com/secure-systems-lab":            {"internal/evidence"},
	"golang.org/x/mod":                         {"internal/evidence"},
	"golang.org/x/time":                        {"scanners"},
	"golang.org/x/sync":                        {"scanners", "internal/audit"},
	"golang.org/x/term":                        {"cmd/domicile"},
	"github.com/prometheus":                    {"internal/gauge"},
	"modernc.org/sqlite":                       {"internal/history"},
	"github.com/jackc/pgx":                     {"internal/history"},
	"github.com/pressly/goose":                 {"internal/history"},
}

// banned swell the binary fourfold, since they find methods by name and so keep every one of every AWS client.
var banned = []string{"html/template", "text/template"}

type listed struct {
	ImportPath string
	Imports    []string
}

func packages(t *testing.T) (all []listed) {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", module+"...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func TestRooms(t *testing.T) {
	for _, p := range packages(t) {
		room := strings.TrimPrefix(p.ImportPath, module)
		allowed, known := rooms[room]
		if !known && len(p.Imports) > 0 {
			t.Errorf("%s is not in the table of rooms", room)
			continue
		}
		for _, imported := range p.Imports {
			if ours, ok := strings.CutPrefix(imported, module); ok && !slices.Contains(allowed, ours) {
				t.Errorf("%s imports %s", room, ours)
			}
			if slices.Contains(banned, imported) {
				t.Errorf("%s imports %s, which swells the binary", room, imported)
			}
			if owner := ownersOf(imported); owner != nil && !slices.Contains(owner, room) {
				t.Errorf("%s imports %s, which belongs to %v", room, imported, owner)
			}
		}
		if room == "internal/residency" {
			for _, imported := range p.Imports {
				if strings.Contains(imported, ".") {
					t.Errorf("%s imports %s: the standard library only", room, imported)
				}
			}
		}
	}
}

// ownersOf finds the longest entry that the import lies below.
func ownersOf(imported string) []string {
	best, owner := "", []string(nil)
	for m, folders := range owners {
		if (imported == m || strings.HasPrefix(imported, m+"/")) && len(m) > len(best) {
			best, owner = m, folders
		}
	}
	return owner
}

// ownCalls is what the AWS clients beside the scanners' may ask, by folder: the evidence's of the user's own store and key, the messages' of
// the user's own topic. No other client writes. HeadBucket says in which region a zone's store is: no answer to the others states it, and
// nothing may be written to one outside the zone.
var ownCalls = map[string][]string{
	"evidence": {"GetPublicKey", "Sign", "PutObject", "GetObject", "GetObjectRetention", "HeadBucket"},
	"notify":   {"Publish"},
}

var clientCall = regexp.MustCompile(`client\.([A-Z]\w+)\(`)

func TestClientsWriteOnlyTheirOwn(t *testing.T) {
	for folder, allowed := range ownCalls {
		files, err := filepath.Glob(folder + "/*.go")
		if err != nil {
			t.Fatal(err)
		}
		seen := 0
		for _, name := range files {
			source, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range clientCall.FindAllStringSubmatch(string(source), -1) {
				if seen++; !slices.Contains(allowed, m[1]) && !strings.HasSuffix(name, "_test.go") {
					t.Errorf("%s calls %s", name, m[1])
				}
			}
		}
		if seen == 0 {
			t.Errorf("%s: no call was seen: is the client called something else now?", folder)
		}
	}
}
