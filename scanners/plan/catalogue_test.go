package plan

import (
	"encoding/csv"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	planType     = regexp.MustCompile(`"type"\s*:\s*"(aws_[a-z0-9_]+)"`)
	templateType = regexp.MustCompile(`["']?Type["']?\s*:\s*["']?(AWS::\w+::\w+)["']?\s*[,}\r\n]`)
)

// TestEveryTypeOfTheData: each type of AWS's in the plans and templates of the test data is on one of the lists.
func TestEveryTypeOfTheData(t *testing.T) {
	seen := map[string]bool{}
	for pattern, re := range map[string]*regexp.Regexp{"testdata/tfplan/*": planType, "testdata/cfn/*": templateType} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) < 30 {
			t.Fatal("the test data is not there", err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range re.FindAllStringSubmatch(string(data), -1) {
				seen[m[1]] = true
			}
		}
	}
	if len(seen) < 150 {
		t.Errorf("only %d types found in the test data", len(seen))
	}
	for _, typ := range slices.Sorted(maps.Keys(seen)) {
		if rowOf(typ).class == unlisted && !onlyRead[typ] && !readByTemplates[typ] && !strings.HasPrefix(typ, "AWS::Serverless::") {
			t.Errorf("%s is on no list", typ)
		}
	}
}

// onlyRead are data sources, which no change creates.
var onlyRead = map[string]bool{"aws_caller_identity": true, "aws_region": true, "aws_partition": true, "aws_iam_policy_document": true,
	"aws_canonical_user_id": true, "aws_elb_service_account": true}

// TestCatalogue: each type that the egress catalogue names has a row, for tier 1 one that judges.
func TestCatalogue(t *testing.T) {
	file, err := os.Open("testdata/egress-catalogue.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	lines, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column := map[string]int{}
	for i, name := range lines[0] {
		column[name] = i
	}
	for _, line := range lines[1:] {
		for _, name := range []string{"terraform_type", "cfn_type"} {
			typ := line[column[name]]
			if typ == "" {
				continue
			}
			capability := line[column["severity"]] == "capability"
			switch class := rowOf(typ).class; {
			case line[column["tier"]] == "1" && !capability && class != Judged && class != "":
				t.Errorf("%s (%s, %s) is %q", typ, line[column["service"]], line[column["mechanism"]], class)
			case class == unlisted && !readByTemplates[typ]:
				t.Errorf("%s (%s, %s) is on no list", typ, line[column["service"]], line[column["mechanism"]])
			case !capability && class == NoData && !settledElsewhere[typ]:
				t.Errorf("%s (%s, %s) is said to hold no data", typ, line[column["service"]], line[column["mechanism"]])
			}
		}
	}
}

// settledElsewhere are types of which the catalogue tells more than a plan or template can: the row beside it judges.
var settledElsewhere = map[string]bool{
	"aws_route53_record": true, "AWS::Route53::RecordSet": true, // where users are sent to; data moves in what they reach
}
