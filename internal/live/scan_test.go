//go:build live

package live

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/scanners"
)

// clean lists the services of which moto implements every call that their scanners make on the clean estate.
const cleanServices = "s3,configservice,elasticloadbalancing,elasticloadbalancingv2,firehose,guardduty,kinesis,route53,route53resolver,s3vectors,wafv2"

// all lists every scanner.
func all() string {
	var names []string
	for _, s := range scanners.All() {
		names = append(names, s.Service)
	}
	return strings.Join(names, ",")
}

// outcome is what a scan came to.
type outcome struct {
	exit   int
	dir    string // its run folder
	stderr string

	Conclusion residency.Conclusion      `json:"conclusion"`
	Coverage   residency.CoverageSummary `json:"coverage"`
	Verdicts   []residency.Verdict       `json:"verdicts"`
}

// caller are credentials of an account, as a person would have them in the environment.
func (s *server) caller(t testing.TB, account string) []string {
	t.Helper()
	cfg := aws.Config{Region: "us-east-1", BaseEndpoint: &s.url, Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")}
	role := "arn:aws:iam::" + account + ":role/DomicileAudit"
	got, err := sts.NewFromConfig(cfg).AssumeRole(context.Background(), &sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("domicile")})
	if err != nil {
		t.Fatal(err)
	}
	return environment(s.url, *got.Credentials.AccessKeyId, *got.Credentials.SecretAccessKey, *got.Credentials.SessionToken)
}

func environment(url, key, secret, token string) []string {
	env := append(cleanEnvironment(), "AWS_ENDPOINT_URL="+url, "AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID="+key, "AWS_SECRET_ACCESS_KEY="+secret)
	if token != "" {
		env = append(env, "AWS_SESSION_TOKEN="+token)
	}
	return env
}

// scan runs the built program, with a store of its own.
func scan(t testing.TB, env []string, services string, args ...string) outcome {
	t.Helper()
	runs := t.TempDir()
	o := scanInto(t, env, runs, "domicile.yaml", services, args...)
	found, err := filepath.Glob(filepath.Join(runs, "2*"))
	if err != nil || len(found) != 1 {
		t.Fatalf("run folders: %v %v", found, err)
	}
	o.dir = found[0]
	return o
}

// scanInto scans into a store that may hold runs already, with a configuration of testdata.
func scanInto(t testing.TB, env []string, store, configName, services string, args ...string) outcome {
	t.Helper()
	program, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	config, err := filepath.Abs(filepath.Join("testdata", configName))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, append([]string{"scan", "--config", config, "--services", services, "--out", store, "--rate", "10000", "-o", "json"}, args...)...)
	cmd.Env = env
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err = cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	o := outcome{exit: cmd.ProcessState.ExitCode(), stderr: stderr.String()}
	if err := json.Unmarshal(stdout.Bytes(), &o); err != nil {
		t.Fatalf("exit %d, and no report: %v\n%s%s", o.exit, err, stdout.String(), o.stderr)
	}
	return o
}
