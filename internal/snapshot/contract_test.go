package snapshot

import (
	"bytes"
	"context"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// contractDocument is what the example of the contract says.
func contractDocument() *Document {
	const account = "111111111111"
	return &Document{
		Header: residency.Header{Schema: 1, Run: time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC), Tool: "0.1.0", Partition: "aws",
			Scope: &residency.Scope{Accounts: []string{account}, Regions: []string{"eu-west-1"},
				Scanners: map[string]string{"s3": "global", "rds": "regional"}, OrganizationAccounts: []string{account}}},
		Resources: []residency.Resource{{ID: "arn:aws:s3:::acme-eu-files", Kind: "s3.bucket", Account: account, Region: "eu-west-1",
			Name: "acme-eu-files", Tags: map[string]string{"data-residency": "eu"},
			Placements: []residency.Placement{{Role: residency.Primary, Region: "eu-west-1", Account: account},
				{Role: residency.Replica, Region: "us-east-1", Account: account, Target: "arn:aws:s3:::acme-us-copy", Via: "replication rule all"}},
			Facts: map[string]any{"versioning": "Enabled"}}},
		Coverage: []residency.Coverage{
			{Scanner: "s3", Account: account, Region: "global", Status: residency.Complete, Resources: 1, Gaps: []residency.Gap{}},
			{Scanner: "rds", Account: account, Region: "eu-west-1", Status: residency.Complete, Gaps: []residency.Gap{}}},
	}
}

func write(tb testing.TB, doc *Document) []byte {
	tb.Helper()
	var b bytes.Buffer
	w, err := NewWriter(&b, doc.Header)
	if err != nil {
		tb.Fatal(err)
	}
	for i := range doc.Resources {
		if err := w.Resource(&doc.Resources[i]); err != nil {
			tb.Fatal(err)
		}
	}
	for _, c := range doc.Coverage {
		if err := w.Coverage(c); err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// The contract's lines, read, are the document. Written, the document is the same lines, except that encoding/json sorts the
// names of the scanners.
func TestContractSnapshot(t *testing.T) {
	lines, err := os.ReadFile("testdata/contract.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	got, err := Read(context.Background(), "testdata/contract.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(contractDocument(), got); diff != "" {
		t.Errorf("read (-want +got):\n%s", diff)
	}
	want := bytes.Replace(lines, []byte(`{"s3":"global","rds":"regional"}`), []byte(`{"rds":"regional","s3":"global"}`), 1)
	if diff := cmp.Diff(string(want), string(write(t, contractDocument()))); diff != "" {
		t.Errorf("written (-want +got):\n%s", diff)
	}
}

func TestContractVerdict(t *testing.T) {
	line, err := os.ReadFile("testdata/contract-verdicts.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	bucket := contractDocument().Resources[0]
	want := residency.Verdict{Control: "RES-001", Resource: bucket.ID, Kind: bucket.Kind, Account: bucket.Account, Region: bucket.Region,
		Zone: "eu", Outcome: residency.Fail, Severity: residency.High, Reason: "replica in us-east-1, outside eu (eu-west-1)",
		Placements: bucket.Placements[1:], Path: []string{bucket.ID}}
	n := 0
	for got, err := range ReadVerdicts("testdata/contract-verdicts.ndjson") {
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("read (-want +got):\n%s", diff)
		}
		n++
	}
	if n != 1 {
		t.Errorf("%d verdicts, want 1", n)
	}
	if got := string(append(AppendVerdict(nil, &want), '\n')); got != string(line) {
		t.Errorf("written:\n%swant:\n%s", got, line)
	}
}

// Null is the same as absent: not read.
func TestNullIsNotRead(t *testing.T) {
	text := inFile(`{"resource":{"id":"a","kind":"b","account":null,"region":null,"name":null,"tags":null,"placements":null,"sources":null,"facts":null}}`)
	doc, err := readText(text)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]residency.Resource{{ID: "a", Kind: "b"}}, doc.Resources); diff != "" {
		t.Errorf("nulls (-want +got):\n%s", diff)
	}
	doc, err = readText(resource(`"tags":{},"placements":[]`))
	if err != nil {
		t.Fatal(err)
	}
	if r := doc.Resources[0]; r.Tags == nil || r.Placements == nil {
		t.Errorf("empty became %#v: want read, and there are none", r)
	}
	doc, err = readText(header(`{"snapshot":{"schema":1,"run":"2026-11-23T02:00:00Z","scope":{"accounts":[],"regions":[],"scanners":{},"organization_accounts":null}}}`))
	if err != nil {
		t.Fatal(err)
	}
	if doc.Header.Scope.OrganizationAccounts != nil {
		t.Error("organization_accounts null: want not read")
	}
}

// Blanks, escapes, another order and names of a later version change nothing.
func TestOtherSpellings(t *testing.T) {
	text := "\t{ \"snap\\u0073hot\" : {\"new\":[1,{\"a\":null}],\"run\":\"2026-11-23T03:00:00+01:00\",\"schema\":1 } }\r\n" +
		" { \"coverage\" :{\"gaps\" : [ ],\"resources\":1, \"status\":\"complete\",\"region\":\"global\",\"account\":\"\",\"scanner\":\"s3\",\"x\":1}}\n" +
		` {"resource" : {"placements":[ { "new":true,"region":"eu-west-1" , "role":"primary"} , {"role":"log"} ],"kind":"k\u00e4\ud83d\ude00\/","id":"\"a\""} }` + "\n" +
		`{ "end": {"coverage": 1, "new": 1e2, "resources": 1} }`
	for _, text := range []string{text, packed(t, text)} {
		doc, err := readText(text)
		if err != nil {
			t.Fatal(err)
		}
		want := &Document{
			Header: residency.Header{Schema: 1, Run: time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)},
			Resources: []residency.Resource{{ID: `"a"`, Kind: "kä😀/",
				Placements: []residency.Placement{{Role: residency.Primary, Region: "eu-west-1"}, {Role: residency.Log}}}},
			Coverage: []residency.Coverage{{Scanner: "s3", Region: "global", Status: residency.Complete, Resources: 1, Gaps: []residency.Gap{}}},
		}
		if diff := cmp.Diff(want, doc); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}
