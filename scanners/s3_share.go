package scanners

import (
	"context"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/s3control"

	"github.com/seed-1578181b/domicile/internal/grant"
	"github.com/seed-1578181b/domicile/internal/residency"
)

// publicBlock is the half of a public-access block that works on policies and ACLs that are there already.
type publicBlock struct{ restrictsPolicies, ignoresACLs bool }

// accountBlock is the block of the whole account, asked at the first need and then kept.
func accountBlock(ctx context.Context, t *Target, out *Sink) func() (publicBlock, error) {
	return sync.OnceValues(func() (publicBlock, error) {
		got, err := s3control.NewFromConfig(t.Config()).GetPublicAccessBlock(ctx, &s3control.GetPublicAccessBlockInput{AccountId: &t.Account})
		switch {
		case out.None("GetPublicAccessBlock", err) || err == nil && got.PublicAccessBlockConfiguration == nil:
			return publicBlock{}, nil
		case err != nil:
			return publicBlock{}, err
		}
		c := got.PublicAccessBlockConfiguration
		return publicBlock{aws.ToBool(c.RestrictPublicBuckets), aws.ToBool(c.IgnorePublicAcls)}, nil
	})
}

// shares adds who else may read, by the policy and by the ACL. "*" stands for what AWS itself calls public and neither the
// bucket's nor the account's block closes.
func (b *s3Bucket) shares(ctx context.Context) {
	policy, none := b.policy(ctx)
	public, said := false, true
	if none && b.located == 2 {
		b.located-- // no policy has no status: the one question that can be left out where the region took one more
	} else {
		public, said = b.policyStatus(ctx)
	}
	own := b.ownBlock(ctx)
	if policy != "" {
		b.sharePolicy(policy, public, said, own)
	}
	b.shareACL(ctx, own)
}

// policy is the bucket's policy; none: it is known to have none.
func (b *s3Bucket) policy(ctx context.Context) (policy string, none bool) {
	got, err := b.client.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: b.name})
	switch {
	case b.scan.out.None("GetBucketPolicy", err):
		return "", true
	case err != nil:
		b.scan.out.Gap(b.r.ID, "GetBucketPolicy", err)
		return "", false
	}
	return aws.ToString(got.Policy), false
}

// policyStatus is AWS's own word. said is false where the answer lacks it.
func (b *s3Bucket) policyStatus(ctx context.Context) (public, said bool) {
	got, err := b.client.GetBucketPolicyStatus(ctx, &s3.GetBucketPolicyStatusInput{Bucket: b.name})
	switch {
	case b.scan.out.None("GetBucketPolicyStatus", err):
		return false, true
	case err != nil:
		b.scan.out.Gap(b.r.ID, "GetBucketPolicyStatus", err)
		return false, false
	case got.PolicyStatus == nil || got.PolicyStatus.IsPublic == nil:
		return false, false
	}
	return *got.PolicyStatus.IsPublic, true
}

// ownBlock is the bucket's block, nil where it was not read.
func (b *s3Bucket) ownBlock(ctx context.Context) *publicBlock {
	got, err := b.client.GetPublicAccessBlock(ctx, &s3.GetPublicAccessBlockInput{Bucket: b.name})
	switch {
	case b.scan.out.None("GetPublicAccessBlock", err) || err == nil && got.PublicAccessBlockConfiguration == nil:
		return &publicBlock{}
	case err != nil:
		b.scan.out.Gap(b.r.ID, "GetPublicAccessBlock", err)
		return nil
	}
	c := got.PublicAccessBlockConfiguration
	return &publicBlock{aws.ToBool(c.RestrictPublicBuckets), aws.ToBool(c.IgnorePublicAcls)}
}

// closed reports whether a block, the bucket's or the account's, closes what looks public; known is false, and there is a gap,
// where that stays open.
func (b *s3Bucket) closed(own *publicBlock, closes func(publicBlock) bool) (closed, known bool) {
	if own != nil && closes(*own) {
		return true, true
	}
	account, err := b.scan.account()
	if err != nil {
		gap := residency.Gap{Call: "GetPublicAccessBlock", Resource: b.r.ID}
		if gap.Class, gap.Detail = classify(err); gap.Detail == detailMissingAction {
			gap.Detail = "the audit role lacks s3:GetAccountPublicAccessBlock: allow it"
		}
		b.scan.out.record(gap)
		return false, false
	}
	return closes(account), closes(account) || own != nil
}

func (b *s3Bucket) sharePolicy(policy string, public, said bool, own *publicBlock) {
	if !said {
		// By AWS's definition a grant to everybody without a condition is public, also where its word is missing.
		if public = grant.OpensToAll(policy); public {
			b.scan.out.Unresolved(b.r.ID, "GetBucketPolicyStatus", "the answer does not say whether the policy is public")
		}
	}
	if public {
		// A restricted public policy lets in nobody but the account itself and AWS's services, whoever else it names.
		if closed, known := b.closed(own, func(c publicBlock) bool { return c.restrictsPolicies }); closed || !known {
			return
		}
	}
	shares := b.scan.out.Shares(b.scan.t, b.r, "GetBucketPolicy", policy, residency.Primary)
	everybody := func(p residency.Placement) bool { return p.Account == "*" }
	switch has := slices.ContainsFunc(shares, everybody); {
	case public && !has && !grant.OnlyWritesForAll(policy):
		shares = append(shares, residency.Placement{Role: residency.Primary, Region: b.r.Region, Account: "*", Via: "public by policy status"})
	case !public && has:
		shares = slices.DeleteFunc(shares, everybody)
		b.scan.out.Unresolved(b.r.ID, "GetBucketPolicy", "the policy lets in principals whose account it does not tell")
	}
	b.add(shares...)
}

// logDelivery is the canonical user of CloudFront's standard logs, an account of AWS's own.
// Source: Amazon CloudFront Developer Guide, "Configure standard logging (legacy)", as of 2026-09.
const logDelivery = "c4c1ede66af53448b93c283ce9448c4ba468c9432aa01d700d3878632f77d2d0"

func (b *s3Bucket) shareACL(ctx context.Context, own *publicBlock) {
	got, err := b.client.GetBucketAcl(ctx, &s3.GetBucketAclInput{Bucket: b.name})
	if b.unanswered("GetBucketAcl", err) {
		return
	}
	groups, strangers := aclReaders(got)
	if strangers {
		b.scan.out.Unresolved(b.r.ID, "GetBucketAcl", "the ACL lets in canonical users, whose account it does not tell")
	}
	if len(groups) == 0 {
		return
	}
	if closed, known := b.closed(own, func(c publicBlock) bool { return c.ignoresACLs }); closed || !known {
		return
	}
	for _, group := range groups {
		b.add(residency.Placement{Role: residency.Primary, Region: b.r.Region, Account: "*", Via: "ACL grant to " + group})
	}
}

// aclReaders lists the public groups that an ACL lets read, and whether it lets in a user who is neither the owner nor AWS.
func aclReaders(acl *s3.GetBucketAclOutput) (groups []string, strangers bool) {
	owner := ""
	if acl.Owner != nil {
		owner = aws.ToString(acl.Owner.ID)
	}
	for _, g := range acl.Grants {
		if g.Grantee == nil || g.Permission != types.PermissionRead && g.Permission != types.PermissionFullControl {
			continue
		}
		switch id := aws.ToString(g.Grantee.ID); aws.ToString(g.Grantee.URI) {
		case "http://acs.amazonaws.com/groups/global/AllUsers":
			groups = append(groups, "AllUsers")
		case "http://acs.amazonaws.com/groups/global/AuthenticatedUsers":
			groups = append(groups, "AuthenticatedUsers") // of any AWS account
		case "":
			strangers = strangers || id != logDelivery && (id == "" || id != owner)
		}
	}
	return groups, strangers
}
