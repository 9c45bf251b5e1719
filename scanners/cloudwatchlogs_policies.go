package scanners

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// logPolicy is a policy of the account that sends something of every log group of the region.
type logPolicy struct {
	placements []residency.Placement
	excluded   []string // names of log groups
}

func (p logPolicy) covers(group string) bool { return !slices.Contains(p.excluded, group) }

// readPolicies asks for the two types of account policy that send data somewhere. Field indexes, transformers, metric extraction
// and retention stay where the log group is.
func (s *logScan) readPolicies(ctx context.Context) {
	for _, kind := range []types.PolicyType{types.PolicyTypeSubscriptionFilterPolicy, types.PolicyTypeDataProtectionPolicy} {
		in := &cloudwatchlogs.DescribeAccountPoliciesInput{PolicyType: kind}
		for {
			page, err := s.client.DescribeAccountPolicies(ctx, in)
			if err != nil {
				s.missed("DescribeAccountPolicies", err)
				break
			}
			for _, p := range page.AccountPolicies {
				s.addPolicy(p)
			}
			if page.NextToken == nil {
				break
			}
			if in.NextToken != nil && *in.NextToken == *page.NextToken {
				s.out.Malformed("", "DescribeAccountPolicies", "the list repeats its token")
				break
			}
			in.NextToken = page.NextToken
		}
	}
}

func (s *logScan) addPolicy(p types.AccountPolicy) {
	name := aws.ToString(p.PolicyName)
	if p.PolicyType == types.PolicyTypeDataProtectionPolicy {
		found, err := findingsTo(s.t.Home(), aws.ToString(p.PolicyDocument), "account policy "+name)
		if err != nil {
			s.out.Malformed("", "DescribeAccountPolicies", fmt.Sprintf("account policy %q: %v", name, err))
		}
		s.policies = append(s.policies, logPolicy{placements: found})
		return
	}
	policy, err := subscriptionPolicy(s.t.Home(), p)
	if err != nil {
		s.out.Malformed("", "DescribeAccountPolicies", fmt.Sprintf("account policy %q: %v", name, err))
	}
	s.policies = append(s.policies, policy)
}

// notIn is the only selection criterion that AWS documents for subscription policies.
var notIn = regexp.MustCompile(`(?s)^\s*LogGroupName\s+NOT\s+IN\s+(\[.*\])\s*$`)

// subscriptionPolicy reads an account-level subscription. What cannot be read makes it wider and never narrower: without a
// destination the placement has no region, without its criterion it concerns every group. The error says what that was.
func subscriptionPolicy(h Home, p types.AccountPolicy) (logPolicy, error) {
	via := "account policy " + aws.ToString(p.PolicyName)
	policy := logPolicy{placements: []residency.Placement{{Role: residency.Log, Via: via}}}
	var doc struct{ DestinationArn string }
	if err := json.Unmarshal([]byte(aws.ToString(p.PolicyDocument)), &doc); err != nil {
		return policy, fmt.Errorf("read the document: %w", err)
	}
	if doc.DestinationArn == "" {
		return policy, fmt.Errorf("the document names no destination")
	}
	policy.placements = []residency.Placement{subscribed(h, doc.DestinationArn, via)}
	criteria := aws.ToString(p.SelectionCriteria)
	if criteria == "" {
		return policy, nil
	}
	m := notIn.FindStringSubmatch(criteria)
	if m == nil {
		return policy, fmt.Errorf("selection criterion %q is none that AWS documents", criteria)
	}
	if err := json.Unmarshal([]byte(m[1]), &policy.excluded); err != nil {
		return policy, fmt.Errorf("read the selection criterion: %w", err)
	}
	return policy, nil
}

// protection reads a group's own data protection policy.
func (s *logScan) protection(ctx context.Context, r *residency.Resource) {
	policy, err := s.client.GetDataProtectionPolicy(ctx, &cloudwatchlogs.GetDataProtectionPolicyInput{LogGroupIdentifier: &r.ID})
	if err != nil {
		s.out.Gap(r.ID, "GetDataProtectionPolicy", err)
		return
	}
	found, err := findingsTo(s.t.Home(), aws.ToString(policy.PolicyDocument), "data protection policy")
	if err != nil {
		s.out.Malformed(r.ID, "GetDataProtectionPolicy", err.Error())
	}
	r.Placements = append(r.Placements, found...)
}

// findingsTo lists where a data protection policy writes its findings: counts and places of sensitive data, not the data.
func findingsTo(h Home, document, via string) ([]residency.Placement, error) {
	if document == "" {
		return nil, nil
	}
	var doc struct {
		Statement []struct {
			Operation struct {
				Audit struct {
					FindingsDestination struct {
						CloudWatchLogs struct{ LogGroup string }
						Firehose       struct{ DeliveryStream string }
						S3             struct{ Bucket string }
					}
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(document), &doc); err != nil {
		return []residency.Placement{{Role: residency.Metadata, Via: via}}, fmt.Errorf("read the document: %w", err)
	}
	var found []residency.Placement
	for _, s := range doc.Statement {
		to := s.Operation.Audit.FindingsDestination
		if to.CloudWatchLogs.LogGroup != "" {
			found = append(found, h.Local("logs", "log-group:"+to.CloudWatchLogs.LogGroup).Place(residency.Metadata, via+", findings"))
		}
		if to.Firehose.DeliveryStream != "" {
			found = append(found, h.Local("firehose", "deliverystream/"+to.Firehose.DeliveryStream).Place(residency.Metadata, via+", findings"))
		}
		if to.S3.Bucket != "" {
			found = append(found, h.Bucket(to.S3.Bucket).Place(residency.Metadata, via+", findings"))
		}
	}
	return found, nil
}
