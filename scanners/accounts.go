package scanners

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/account"
	accounttypes "github.com/aws/aws-sdk-go-v2/service/account/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// RunnerCalls are the operations that the runner itself makes, beside those of the scanners.
func RunnerCalls() []Call {
	return []Call{
		{Operation: "GetCallerIdentity", Package: "sts", IAM: "sts:GetCallerIdentity"},
		{Operation: "AssumeRole", Package: "sts", IAM: "sts:AssumeRole"},
		{Operation: "ListAccounts", Package: "organizations", IAM: "organizations:ListAccounts", Optional: true},
		{Operation: "DescribeOrganization", Package: "organizations", IAM: "organizations:DescribeOrganization", Optional: true},
		{Operation: "ListRegions", Package: "account", IAM: "account:ListRegions", Optional: true},
		{Operation: "DescribeRegions", Package: "ec2", IAM: "ec2:DescribeRegions", Optional: true},
		// AWS gives x-amz-bucket-region with a denial too; what a denial leaves open is whose bucket it is.
		{Operation: "HeadBucket", Package: "s3", IAM: "s3:ListBucket", Facts: shareFacts, Optional: true},
	}
}

func runnerDeclares(service, operation string) bool {
	return slices.ContainsFunc(RunnerCalls(), func(c Call) bool { return c.Package == service && c.Operation == operation })
}

// assume opens an account by its role and asserts that it is the account asked for. Sessions renew themselves.
func assume(ctx context.Context, caller *session, o Options, id Identity, accountID string) (*session, *residency.Gap) {
	if accountID == id.Account {
		return caller, nil
	}
	gap := func(class residency.GapClass, detail string) *residency.Gap {
		return &residency.Gap{Call: "AssumeRole", Class: class, Detail: detail}
	}
	if o.Role == "" {
		return nil, gap(residency.ClassDenied, "no role to assume in other accounts: set aws.role")
	}
	roleARN := fmt.Sprintf("arn:%s:iam::%s:role/%s", id.Partition, accountID, o.Role)
	client := sts.NewFromConfig(caller.config(caller.base.Region, runnerDeclares, nil))
	provider := aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(client, roleARN, func(a *stscreds.AssumeRoleOptions) {
		a.RoleSessionName, a.Duration = "domicile", time.Hour
	}), func(c *aws.CredentialsCacheOptions) { c.ExpiryWindow = 10 * time.Second })
	got, err := provider.Retrieve(ctx)
	if err != nil {
		class, detail := classify(err)
		if class == residency.ClassDenied && detail == detailMissingAction {
			detail = fmt.Sprintf("role %s cannot be assumed: create it in the account, or let its trust policy name %s", o.Role, id.ARN)
		}
		return nil, gap(class, detail)
	}
	if got.AccountID != accountID {
		return nil, gap(residency.ClassMismatch, fmt.Sprintf("the role answered for account %q, not the one asked for: check aws.role and the trust policy", got.AccountID))
	}
	base := caller.base.Copy()
	base.Credentials = provider
	s := newSession(accountID, o.through(accountID, base), caller.limits)
	s.renew = provider.Invalidate
	return s, nil
}

// ClosesAccount reports whether a gap means that nothing in its account was asked.
func ClosesAccount(g residency.Gap) bool { return g.Call == "AssumeRole" }

// enabledRegions asks the account which of its regions are on: by the account service, else by EC2. Both failing leaves two gaps.
func enabledRegions(ctx context.Context, s *session, home string) (enabled, known []string, gaps []residency.Gap) {
	cfg := s.config(home, runnerDeclares, &counter{})
	first := account.NewListRegionsPaginator(account.NewFromConfig(cfg), &account.ListRegionsInput{MaxResults: aws.Int32(50)})
	var err error
	for first.HasMorePages() {
		var page *account.ListRegionsOutput
		if page, err = first.NextPage(ctx); err != nil {
			break
		}
		for _, r := range page.Regions {
			known = append(known, aws.ToString(r.RegionName))
			if r.RegionOptStatus != accounttypes.RegionOptStatusDisabled {
				enabled = append(enabled, aws.ToString(r.RegionName))
			}
		}
	}
	if err == nil && len(enabled) > 0 {
		return enabled, known, nil
	}
	out, second := ec2.NewFromConfig(cfg).DescribeRegions(ctx, &ec2.DescribeRegionsInput{AllRegions: aws.Bool(true)})
	enabled, known = nil, nil
	if second == nil {
		for _, r := range out.Regions {
			known = append(known, aws.ToString(r.RegionName))
			if aws.ToString(r.OptInStatus) != "not-opted-in" {
				enabled = append(enabled, aws.ToString(r.RegionName))
			}
		}
		if len(enabled) > 0 {
			return enabled, known, nil
		}
	}
	for _, failed := range []struct {
		call, action string
		err          error
	}{{"ListRegions", "account:ListRegions", err}, {"DescribeRegions", "ec2:DescribeRegions", second}} {
		class, detail := classify(failed.err)
		if detail == detailMissingAction {
			detail = fmt.Sprintf("the audit role lacks %s: allow it", failed.action)
		}
		gaps = append(gaps, residency.Gap{Call: failed.call, Class: class, Detail: detail})
	}
	return nil, nil, gaps
}

// organization is what the caller may know of its own. err is why it was not read.
type organization struct {
	accounts []string          // sorted; none: the caller is in no organisation
	id       string            // o-…
	states   map[string]string // of the accounts that are not active: SUSPENDED, PENDING_CLOSURE, CLOSED
	err      error
}

// errNobody is no answer of AWS's, whose list has at least the management account. moto gives it to every member.
var errNobody = errors.New("a list without a single account, not even the one that asks")

// readOrganization lists the organisation's accounts, which only its management account or a delegated one may. Every member may be
// told its id, which settles policies that let in the whole organisation.
func readOrganization(ctx context.Context, s *session, home string) organization {
	client := organizations.NewFromConfig(s.config(home, runnerDeclares, &counter{}))
	org := organizationAccounts(ctx, client)
	if org.err == nil {
		return org
	}
	out, err := client.DescribeOrganization(ctx, &organizations.DescribeOrganizationInput{})
	var api smithy.APIError
	switch {
	case errors.As(err, &api) && api.ErrorCode() == notInOrganization.Code:
		return organization{}
	case err == nil && out.Organization != nil:
		org.id = aws.ToString(out.Organization.Id)
	}
	return org
}

// organizationAccounts lists the accounts, and reads the organisation's id from their ARNs.
func organizationAccounts(ctx context.Context, client *organizations.Client) organization {
	org := organization{states: map[string]string{}}
	for pages := organizations.NewListAccountsPaginator(client, &organizations.ListAccountsInput{}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		var api smithy.APIError
		if errors.As(err, &api) && api.ErrorCode() == notInOrganization.Code {
			return organization{}
		}
		if err != nil {
			return organization{err: err}
		}
		for _, a := range page.Accounts {
			id := aws.ToString(a.Id)
			org.accounts = append(org.accounts, id)
			if state := orDefault(string(a.State), string(a.Status)); state != "" && state != string(orgtypes.AccountStateActive) {
				org.states[id] = state
			}
			// arn:aws:organizations::MANAGEMENT:account/o-…/ID
			if _, _, _, _, resource, ok := ParseARN(aws.ToString(a.Arn)); ok {
				if parts := strings.Split(resource, "/"); len(parts) == 3 {
					org.id = parts[1]
				}
			}
		}
	}
	if len(org.accounts) == 0 {
		return organization{err: errNobody}
	}
	slices.Sort(org.accounts)
	return org
}

// headBucket finds the region of a bucket that no inventory names. owned is true when AWS confirmed that it belongs to the
// session's account.
func headBucket(ctx context.Context, s *session, home, bucket string) (region string, owned bool, err error) {
	client := s3.NewFromConfig(s.config(home, runnerDeclares, nil), byPath)
	out, err := client.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &bucket, ExpectedBucketOwner: &s.account})
	if err == nil {
		return aws.ToString(out.BucketRegion), true, nil
	}
	region = bucketRegionHeader(err)
	// Elsewhere than in the bucket's region S3 says where that is, and nothing of whose it is.
	if status, _ := response(err); region != "" && region != home && (status == http.StatusMovedPermanently || status == http.StatusBadRequest) {
		_, owned, err = headBucket(ctx, s, region, bucket)
	}
	return region, owned, err
}
