package scanners

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/account"
	accounttypes "github.com/aws/aws-sdk-go-v2/service/account/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
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
		{Operation: "ListRegions", Package: "account", IAM: "account:ListRegions", Optional: true},
		{Operation: "DescribeRegions", Package: "ec2", IAM: "ec2:DescribeRegions", Optional: true},
		// AWS gives x-amz-bucket-region with a denial too; what a denial leaves open is whose bucket it is.
		{Operation: "HeadBucket", Package: "s3", IAM: "s3:ListBucket", Facts: shareFacts, Optional: true},
	}
}

func runnerDeclares(service, operation string) bool {
	return slices.ContainsFunc(RunnerCalls(), func(c Call) bool { return c.Package == service && c.Operation == operation })
}

// Identity is who asks.
type Identity struct{ Account, ARN, Partition string }

// identify is the first call of a run. Its failure ends the run: without it nothing that follows can be trusted.
func identify(ctx context.Context, s *session) (Identity, error) {
	cfg := s.config(s.base.Region, runnerDeclares, 0, nil)
	out, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return Identity{}, fmt.Errorf("ask AWS who is calling (sts:GetCallerIdentity): %w", identityCure(err))
	}
	arn := aws.ToString(out.Arn)
	partition, _, _, _, _, ok := ParseARN(arn)
	if !ok {
		return Identity{}, fmt.Errorf("ask AWS who is calling (sts:GetCallerIdentity): no ARN in the answer: check AWS_ENDPOINT_URL")
	}
	return Identity{Account: aws.ToString(out.Account), ARN: arn, Partition: partition}, nil
}

func identityCure(err error) error {
	class, detail := classify(err)
	var api smithy.APIError
	switch {
	case errors.Is(err, context.Canceled):
		return context.Canceled
	case errors.As(err, &api) && (api.ErrorCode() == "ExpiredToken" || api.ErrorCode() == "ExpiredTokenException" || api.ErrorCode() == "RequestExpired"):
		return errors.New("the credentials have expired: renew them (aws sso login, or new keys) and run again")
	case errors.As(err, &api) && class == residency.ClassDenied:
		return fmt.Errorf("the credentials were refused (%s): check AWS_PROFILE or the access keys", api.ErrorCode())
	case class == residency.ClassUnreachable && !errors.As(err, &api):
		var op *smithy.OperationError
		if errors.As(err, &op) && isCredentialError(err) {
			return errors.New("no credentials found: set AWS_PROFILE, log in with aws sso login, or use --replay")
		}
		return fmt.Errorf("%s (AWS_ENDPOINT_URL, proxy)", detail)
	}
	return errors.New(detail)
}

// isCredentialError tells a failure to find credentials from one to reach the endpoint: the SDK has no type for it.
func isCredentialError(err error) bool {
	var signing interface{ Error() string }
	for e := err; e != nil; e = errors.Unwrap(e) {
		signing = e
	}
	status, _ := response(err)
	return signing != nil && status == 0 && containsAny(err.Error(), "get credentials", "refresh cached credentials", "failed to retrieve credentials", "no EC2 IMDS role", "get identity")
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
	client := sts.NewFromConfig(caller.config(caller.base.Region, runnerDeclares, 0, nil))
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
	return newSession(accountID, o.through(accountID, base), caller.limits), nil
}

// enabledRegions asks the account which of its regions are on: by the account service, else by EC2. Both failing leaves two gaps.
func enabledRegions(ctx context.Context, s *session, home string) (enabled, known []string, gaps []residency.Gap) {
	cfg := s.config(home, runnerDeclares, 0, nil)
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
	if second == nil {
		enabled, known = nil, nil
		for _, r := range out.Regions {
			known = append(known, aws.ToString(r.RegionName))
			if aws.ToString(r.OptInStatus) != "not-opted-in" {
				enabled = append(enabled, aws.ToString(r.RegionName))
			}
		}
		return enabled, known, nil
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

// organizationAccounts lists the organisation's accounts, and its id from their ARNs. read is false where the caller may not ask; an account outside any
// organisation gets an empty list that was read.
func organizationAccounts(ctx context.Context, s *session, home string) (accounts []string, id string, read bool, err error) {
	client := organizations.NewFromConfig(s.config(home, runnerDeclares, 0, nil))
	for pages := organizations.NewListAccountsPaginator(client, &organizations.ListAccountsInput{}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		var api smithy.APIError
		if errors.As(err, &api) && api.ErrorCode() == "AWSOrganizationsNotInUseException" {
			return []string{}, "", true, nil
		}
		if err != nil {
			return nil, "", false, err
		}
		for _, a := range page.Accounts {
			accounts = append(accounts, aws.ToString(a.Id))
			// arn:aws:organizations::MANAGEMENT:account/o-…/ID
			if _, _, _, _, resource, ok := ParseARN(aws.ToString(a.Arn)); ok {
				if parts := strings.Split(resource, "/"); len(parts) == 3 {
					id = parts[1]
				}
			}
		}
	}
	slices.Sort(accounts)
	return accounts, id, true, nil
}

// headBucket finds the region of a bucket that no inventory names. owned is true when AWS confirmed that it belongs to the
// session's account.
func headBucket(ctx context.Context, s *session, home, bucket string) (region string, owned bool, err error) {
	client := s3.NewFromConfig(s.config(home, runnerDeclares, 0, nil))
	out, err := client.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &bucket, ExpectedBucketOwner: &s.account})
	if err == nil {
		return aws.ToString(out.BucketRegion), true, nil
	}
	return bucketRegionHeader(err), false, err
}
