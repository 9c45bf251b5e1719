package main

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/seed-1578181b/domicile/internal/permission"
	"github.com/seed-1578181b/domicile/scanners"
)

// declaredActions is what the operation table says, read here once more and by other means than the command.
func declaredActions(services ...string) map[string]bool {
	declared := map[string]bool{}
	for _, c := range scanners.RunnerCalls() {
		declared[c.IAM] = true
	}
	for _, s := range scanners.All() {
		if len(services) == 0 || slices.Contains(services, s.Service) {
			for _, c := range s.Calls {
				declared[c.IAM] = true
			}
		}
	}
	delete(declared, "")
	return declared
}

func printed(t *testing.T, args ...string) []byte {
	t.Helper()
	var out, errs bytes.Buffer
	if code := run(t.Context(), inProcess(&out, &errs, append([]string{"iam-policy"}, args...)...)); code != exitOK {
		t.Fatalf("exit code %d: %s", code, errs.String())
	}
	return out.Bytes()
}

// TestIAMPolicyIsTheTable: the policy allows every declared action and no other, and each is one that reads settings.
func TestIAMPolicyIsTheTable(t *testing.T) {
	reads := regexp.MustCompile(`^[a-z0-9-]+:(Get|List|Describe|Lookup)[A-Z][A-Za-z0-9]*$`)
	contents := regexp.MustCompile(`:(GetObject|GetItem|GetRecords|GetLogEvents|GetSecretValue|GetParameter|GetQueryResults|GetVectors|GetMetricData|ListObjects)`)
	for _, services := range [][]string{nil, {"s3"}, {"kinesis", "rds"}} {
		var args []string
		if services != nil {
			args = []string{"--services", strings.Join(services, ",")}
		}
		var documents map[string]permission.Document
		if err := json.Unmarshal(printed(t, args...), &documents); err != nil {
			t.Fatal(err)
		}
		declared := declaredActions(services...)
		if len(declared) < 10 {
			t.Fatalf("%d actions are declared", len(declared))
		}
		for name, d := range documents {
			compact, err := json.Marshal(d)
			if err != nil || len(compact) > permission.MaxPolicy {
				t.Errorf("%s: %d characters, %v", name, len(compact), err)
			}
			for _, s := range d.Statement {
				for _, a := range s.Action {
					if !declared[a] {
						t.Errorf("%s is not declared, or is there twice", a)
					}
					delete(declared, a)
					if a == "sts:AssumeRole" && s.Resource == "arn:aws:iam::*:role/DomicileAudit" {
						continue
					}
					if !reads.MatchString(a) || contents.MatchString(a) {
						t.Errorf("%s does more than read settings", a)
					}
				}
			}
		}
		if len(declared) > 0 {
			t.Errorf("left out: %v", declared)
		}
	}
}

// TestIAMTemplatesAreTheTable: the role in other accounts may do the same, but assume no role.
func TestIAMTemplatesAreTheTable(t *testing.T) {
	action := regexp.MustCompile(`(?m)^\s+(?:- |")([a-z0-9-]+:[A-Z][A-Za-z0-9]+)"?,?$`)
	for _, format := range []string{"cloudformation", "terraform"} {
		declared := declaredActions()
		delete(declared, "sts:AssumeRole")
		for _, m := range action.FindAllStringSubmatch(string(printed(t, "--format", format)), -1) {
			if !declared[m[1]] {
				t.Errorf("%s: %s is not declared, or is there twice", format, m[1])
			}
			delete(declared, m[1])
		}
		if len(declared) > 0 {
			t.Errorf("%s leaves out %v", format, declared)
		}
	}
}
