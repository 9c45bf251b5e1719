package policies

import (
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// custom is the METADATA and the package of a control that needs replicas; its sets go below.
const custom = `# METADATA
# title: Every replica is where the test wants it
# schemas:
#   - input: schema.input
# custom:
#   id: TEST-001
#   severity: low
#   kinds: ["*"]
#   needs: [placements.replica]
#   remediation: Move it.
package controls.test_control

`

// sets are three sets that find every resource in scope and nothing else.
const sets = `
in_scope contains r.id if some r in input.resources

compliant contains r.id if {
	some r in input.resources
	r.id == "nothing"
}

violations := set()
`

func policy(text string) fstest.MapFS {
	return fstest.MapFS{"controls/test_control/policy.rego": {Data: []byte(text)}}
}

func requireRefused(t *testing.T, want string, folders ...fs.FS) {
	t.Helper()
	if _, err := LoadFS(t.Context(), folders...); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want an error with %q", err, want)
	}
}

func TestLoadOwnControl(t *testing.T) {
	e := load(t, Shipped(), policy(custom+sets))
	i := slices.IndexFunc(e.Controls(), func(c residency.Control) bool { return c.ID == "TEST-001" })
	want := residency.Control{
		ID: "TEST-001", Title: "Every replica is where the test wants it", Severity: residency.Low, Kinds: []string{"*"},
		Needs: []residency.Fact{"placements.replica"}, Remediation: "Move it.", Slug: "test_control", Own: true,
	}
	if i < 0 {
		t.Fatal("the control is not listed")
	}
	if diff := cmp.Diff(want, e.Controls()[i]); diff != "" {
		t.Error(diff)
	}
}

// A policy runs beside cloud credentials, and its outcome must be the same tomorrow.
func TestForbiddenBuiltins(t *testing.T) {
	calls := map[string]string{
		"http.send":              `http.send({"method": "get", "url": "https://example.org"})`,
		"opa.runtime":            `opa.runtime()`,
		"net.lookup_ip_addr":     `net.lookup_ip_addr("example.org")`,
		"net.cidr_contains":      `net.cidr_contains("10.0.0.0/8", "10.1.1.1")`,
		"rego.parse_module":      `rego.parse_module("a.rego", "package a")`,
		"rego.metadata.rule":     `rego.metadata.rule()`,
		"trace":                  `trace("seen")`,
		"print":                  `print("seen")`,
		"time.now_ns":            `time.now_ns() > 0`,
		"rand.intn":              `rand.intn("seed", 10) > 0`,
		"uuid.rfc4122":           `uuid.rfc4122("seed") != ""`,
		"io.jwt.decode_verify":   `io.jwt.decode_verify("", {})`,
		"json.match_schema":      `json.match_schema({}, {"$ref": "https://example.org/schema.json"})`,
		"providers.aws.sign_req": `providers.aws.sign_req({}, {}, 0)`,
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			requireRefused(t, name, policy(custom+sets+"\n_reached if "+call+"\n"))
		})
	}
}

func TestCapabilities(t *testing.T) {
	caps := capabilities()
	if caps.AllowNet == nil || len(caps.AllowNet) != 0 {
		t.Errorf("hosts allowed: %#v, want none (nil would be all)", caps.AllowNet)
	}
	for _, b := range caps.Builtins {
		group, _, _ := strings.Cut(b.Name, ".")
		if b.IsNondeterministic() || slices.Contains([]string{"http", "net", "opa", "rand", "uuid", "rego"}, group) {
			t.Errorf("built-in %q is allowed", b.Name)
		}
	}
}

func TestSchemaRefusesTypos(t *testing.T) {
	for _, typo := range []string{
		"some r in input.resource; r.id",
		"some r in input.resources; r.placments",
		"some r in input.resources; some p in r.placements; p.regoin",
		"input.zone.region",
		"input.zones",
	} {
		t.Run(typo, func(t *testing.T) {
			requireRefused(t, "undefined ref", policy(custom+sets+"\n_typo if { "+typo+" }\n"))
		})
	}
}

func TestStrict(t *testing.T) {
	requireRefused(t, "unused", policy(custom+"import data.lib.placements\n"+sets),
		fstest.MapFS{"lib/p.rego": {Data: []byte("package lib.placements\n\nok := true\n")}})
	requireRefused(t, "declared var x unused", policy(custom+sets+"\n_unused if { some x; input.resources }\n"))
	requireRefused(t, "unused", policy(custom+sets+"\n_unused if { x := 1 }\n"))
	requireRefused(t, "parse", policy(custom+"deny[x] { x := 1 }\n"))
}

func TestMetadataRefused(t *testing.T) {
	tests := []struct{ name, old, new, want string }{
		{"unknown key", "# title:", "# titel: x\n# title:", `unknown field "titel"`},
		{"unknown custom key", "#   severity:", "#   servity: x\n#   severity:", `unknown field "servity"`},
		{"no title", "# title: Every replica is where the test wants it\n", "", `title ""`},
		{"full stop", "wants it\n", "wants it.\n", "without a full stop"},
		{"no id", "#   id: TEST-001\n", "", `id ""`},
		{"id form", "TEST-001", "test-1", `id "test-1"`},
		{"severity", "severity: low", "severity: minor", `severity "minor"`},
		{"no kinds", "#   kinds: [\"*\"]\n", "", "kinds is missing"},
		{"kinds mixed", `["*"]`, `["*", "s3.bucket"]`, "list it alone"},
		{"kind form", `["*"]`, `["bucket"]`, `kind "bucket"`},
		{"kind twice", `["*"]`, `["s3.bucket", "s3.bucket"]`, "listed twice"},
		{"no needs", "#   needs: [placements.replica]\n", "", "needs is missing"},
		{"need of no role", "placements.replica", "placements.copy", `need "placements.copy"`},
		{"need not given", "placements.replica", "tags", `need "tags"`},
		{"every fact", "[placements.replica]", `["*"]`, `need "*"`},
		{"need twice", "[placements.replica]", "[sharing, sharing]", "listed twice"},
		{"wrong type", "[placements.replica]", "placements.replica", "cannot unmarshal string"},
		{"no remediation", "#   remediation: Move it.\n", "", "remediation is missing"},
		{"no schema", "# schemas:\n#   - input: schema.input\n", "", "schemas"},
		{"other schema", "schema.input", "schema.other", "schemas"},
		{"related", "# schemas:", "# related_resources:\n#   - http://example.org\n# schemas:", "https"},
		{"no METADATA", "# METADATA\n", "# Metadata\n", "no METADATA"},
		{"no YAML", "# title:", "# title: [\n#", "parse policy"},
		{"deep package", "package controls.test_control", "package controls.test.control", "one of its own"},
		{"quoted package", "package controls.test_control", `package controls["test-control"]`, "one of its own"},
		{"root package", "package controls.test_control", "package controls", "one of its own"},
		{"set missing", "violations := set()", "", `set "violations" is not defined`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := strings.Replace(custom+sets, tt.old, tt.new, 1)
			if text == custom+sets {
				t.Fatalf("%q does not occur", tt.old)
			}
			requireRefused(t, tt.want, policy(text))
		})
	}
}

func TestMetadataOfARuleIsNotTheControls(t *testing.T) {
	block, _, _ := strings.Cut(custom, "package controls.test_control\n")
	requireRefused(t, "no METADATA", policy("package controls.test_control\n\n"+block+strings.TrimSpace(sets)+"\n"))
}

func TestKindIsGivenOnlyToControlsThatListKinds(t *testing.T) {
	text := custom + sets + "\n_bucket(r) if r.kind == \"s3.bucket\"\n"
	requireRefused(t, "list the kinds by name", policy(text))
	load(t, policy(strings.Replace(text, `["*"]`, `["s3.bucket"]`, 1)))
}

func TestFoldersKeepApart(t *testing.T) {
	lib := func(text string) fs.FS { return fstest.MapFS{"lib/own.rego": {Data: []byte(text)}} }
	tests := []struct{ name, text string }{
		{"same package", "package lib.placements\n\ninside(_, _) if true\n"},
		{"from above", "package lib\n\nplacements.inside(_, _) if true\n"},
		{"from below", "package lib.placements.inside\n\nx := 1\n"},
		{"into a control", "package controls.replicas_inside\n\ncompliant contains \"0\"\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { requireRefused(t, "reaches into", Shipped(), lib(tt.text)) })
	}
	load(t, Shipped(), lib("package lib.own\n\nx := 1\n"))
}

func TestIdsAndPackagesAreUnique(t *testing.T) {
	second := strings.Replace(custom, "test_control", "second", 1) + sets
	files := policy(custom + sets)
	files["controls/second/policy.rego"] = &fstest.MapFile{Data: []byte(second)}
	requireRefused(t, `id "TEST-001" is taken`, files)

	files["controls/second/policy.rego"].Data = []byte(strings.Replace(custom, "TEST-001", "TEST-002", 1) + sets)
	requireRefused(t, "a control is one file", files)
}

func TestLoadNothing(t *testing.T) {
	requireRefused(t, "no package below", fstest.MapFS{})
	requireRefused(t, "no package below", fstest.MapFS{"controls/x/policy_test.rego": {Data: []byte(custom + sets)}})
	requireRefused(t, "read policies", os.DirFS("testdata/missing"))
}

func TestFilesAreTheSameEngine(t *testing.T) {
	e := load(t, Shipped(), policy(custom+sets))
	files, err := e.Files()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, files); err != nil {
		t.Fatal(err)
	}
	again := load(t, os.DirFS(dir))
	if diff := cmp.Diff(e.Controls(), again.Controls()); diff != "" {
		t.Error(diff)
	}
	if e.Digest() != again.Digest() {
		t.Errorf("digest %s, was %s", again.Digest(), e.Digest())
	}
	for _, name := range []string{
		"controls/replicas_inside/policy.rego", "lib/placements.rego", "schemas/input.json", "zones/eu.yaml",
		"user/1/controls/test_control/policy.rego",
	} {
		if _, err := fs.Stat(files, name); err != nil {
			t.Error(err)
		}
	}
	if _, err := fs.Stat(files, "lib/placements_test.rego"); err == nil {
		t.Error("tests are among the files")
	}
}

func TestDigestChangesWithAnyByte(t *testing.T) {
	base := load(t, policy(custom+sets))
	for name, text := range map[string]string{"content": custom + sets + "# a comment\n", "same": custom + sets} {
		changed := load(t, policy(text)).Digest() != base.Digest()
		if want := name != "same"; changed != want {
			t.Errorf("%s: digest changed: %v", name, changed)
		}
	}
	moved := fstest.MapFS{"controls/elsewhere/policy.rego": {Data: []byte(custom + sets)}}
	if load(t, moved).Digest() == base.Digest() {
		t.Error("the digest does not cover the path")
	}
	if a, b := load(t, Shipped()), load(t, Shipped()); a.Digest() != b.Digest() || len(a.Digest()) != 64 {
		t.Errorf("digests %q and %q", a.Digest(), b.Digest())
	}
}

// A user's policy must never bring the program down, whatever is in its METADATA.
func FuzzReadControl(f *testing.F) {
	f.Add(custom + sets)
	f.Add(strings.ReplaceAll(custom+sets, "\n", "\r\n"))
	f.Add("# METADATA\npackage controls.x\n")
	f.Add("# METADATA\n# custom:\n#   id: 1\npackage controls.x\n")
	f.Fuzz(func(t *testing.T, text string) {
		modules, err := parse([]file{{path: "controls/x/policy.rego", data: []byte(text)}})
		if err != nil {
			return
		}
		controls, err := readControls(modules)
		if err == nil && len(controls) == 1 && (controls[0].ID == "" || len(controls[0].Needs) == 0 || len(controls[0].Kinds) == 0) {
			t.Errorf("accepted %+v", controls[0])
		}
	})
}

// What a user's folder may hold beside controls, and what is refused of it.
func TestOwnFolder(t *testing.T) {
	own := policy(custom + sets)
	own["zones/eu.yaml"] = &fstest.MapFile{Data: []byte("id: [")}
	own[".git/hooks/x.rego"] = &fstest.MapFile{Data: []byte("no Rego")}
	own["lib/own.rego"] = &fstest.MapFile{Data: []byte("package lib.own\n\nx := 1\n")}
	e, err := LoadWith(t.Context(), "acme", own)
	if err != nil {
		t.Fatal(err)
	}
	files, err := e.Files()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fs.Stat(files, "user/1/zones/eu.yaml"); err == nil {
		t.Error("a user's folder brings zones")
	}
	for name, tt := range map[string]struct{ path, text, want string }{
		"elsewhere": {"x/policy.rego", "package acme\n", "acme/x/policy.rego:1: package \"acme\": want controls.<slug>"},
		"empty":     {"x/policy.rego", "", "acme/x/policy.rego"},
		"large":     {"x/policy.rego", strings.Repeat("#", maxFile+1), "acme/x/policy.rego: 1048577 bytes"},
		"reserved":  {"x/policy.rego", strings.ReplaceAll(custom, "TEST-001", "RUN-001") + sets, "RUN is for shipped checks"},
		"none":      {"lib/own.rego", "package lib.own\n\nx := 1\n", "there is no control in acme"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := LoadWith(t.Context(), "acme", fstest.MapFS{tt.path: {Data: []byte(tt.text)}})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error with %q", err, tt.want)
			}
		})
	}
}

// A run's kept policies are held to the same: what was the user's is still the user's.
func TestKeptPoliciesKeepApart(t *testing.T) {
	kept := fstest.MapFS{
		"controls/a/policy.rego":               {Data: []byte(strings.NewReplacer("test_control", "a", "TEST-001", "TEST-002").Replace(custom + sets))},
		"user/1/controls/test_control/x.rego":  {Data: []byte(custom + sets)},
		"user/one/controls/b/policy.rego":      {Data: []byte(strings.NewReplacer("test_control", "b", "TEST-001", "TEST-003").Replace(custom + sets))},
		"user/1/controls/test_control/_t.json": {Data: []byte("{}")},
	}
	for _, c := range load(t, kept).Controls() {
		if want := c.ID == "TEST-001"; c.Own != want {
			t.Errorf("%s is the user's own: %v, want %v", c.ID, c.Own, want)
		}
	}
	kept["user/1/lib/x.rego"] = &fstest.MapFile{Data: []byte("package controls.a\n\nin_scope contains \"0\"\n")}
	requireRefused(t, "reaches into", kept)
}
