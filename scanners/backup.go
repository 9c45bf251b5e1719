package scanners

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	"github.com/aws/aws-sdk-go-v2/service/backup/types"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// backupNotSubscribed is the answer in an account that was never signed up for the service.
var backupNotSubscribed = []Answer{{Code: "SubscriptionRequiredException", Message: "needs a subscription for the service"}}

// AWS Backup: vaults and what rests in them, copies that were made, and the plans that make more.
var _ = register(Scanner{
	Service: "backup", Version: 1, Scope: Regional, Kinds: []string{"backup.vault", "backup.recovery_point", "backup.plan"},
	Calls: []Call{
		{Operation: "ListBackupVaults", IAM: "backup:ListBackupVaults", Facts: allFacts, None: backupNotSubscribed},
		{Operation: "DescribeBackupVault", IAM: "backup:DescribeBackupVault", Facts: append(placements(residency.Capability), residency.FactSources)},
		{Operation: "GetBackupVaultAccessPolicy", IAM: "backup:GetBackupVaultAccessPolicy", Facts: shareFacts,
			None: []Answer{{Code: "ResourceNotFoundException", Message: "has no associated POLICY"}}},
		{Operation: "ListRestoreAccessBackupVaults", IAM: "backup:ListRestoreAccessBackupVaults", Facts: shareFacts},
		{Operation: "ListRecoveryPointsByBackupVault", IAM: "backup:ListRecoveryPointsByBackupVault", Facts: allFacts},
		{Operation: "ListTags", IAM: "backup:ListTags", Facts: tagFacts},
		{Operation: "ListCopyJobs", IAM: "backup:ListCopyJobs", Facts: append(placements(residency.Backup), residency.FactSources), None: backupNotSubscribed},
		{Operation: "ListBackupPlans", IAM: "backup:ListBackupPlans", Facts: allFacts, None: backupNotSubscribed},
		{Operation: "GetBackupPlan", IAM: "backup:GetBackupPlan", Facts: placements(residency.Backup)},
		{Operation: "DescribeGlobalSettings", IAM: "backup:DescribeGlobalSettings", Facts: placements(residency.Capability),
			None: append([]Answer{{Code: "ERROR_9601", Message: "not a member of an organization"},
				{Code: "InvalidRequestException", Message: "not a member of an organization"}}, backupNotSubscribed...)},
	},
	Scan: scanBackup,
})

// backupScan is one run of the scanner: what its first lists told the later ones.
type backupScan struct {
	client *backup.Client
	t      *Target
	out    *Sink

	crossAccount string // the organisation's setting isCrossAccountBackupEnabled; empty: there is none, or it was not read
	jobs         copyJobs
	listed       map[string]bool // vaults by ARN
}

// scanBackup runs independent lists: one that fails is a gap and the others go on.
func scanBackup(ctx context.Context, t *Target, out *Sink) error {
	s := &backupScan{client: backup.NewFromConfig(t.Config()), t: t, out: out, jobs: newCopyJobs(), listed: map[string]bool{}}
	for _, list := range []struct {
		operation string
		do        func(context.Context) error
	}{
		{"DescribeGlobalSettings", s.readSettings},
		{"ListCopyJobs", s.readJobs},
		{"ListBackupVaults", s.vaults},
		{"ListCopyJobs", s.unlistedVaults},
		{"ListBackupPlans", s.plans},
	} {
		if err := list.do(ctx); err != nil && !out.None(list.operation, err) {
			out.Gap("", list.operation, err)
		}
	}
	return nil
}

// readSettings asks whether copies into other accounts of the organisation are allowed at all.
func (s *backupScan) readSettings(ctx context.Context) error {
	settings, err := s.client.DescribeGlobalSettings(ctx, &backup.DescribeGlobalSettingsInput{})
	if err != nil {
		return err
	}
	s.crossAccount = settings.GlobalSettings["isCrossAccountBackupEnabled"]
	return nil
}

func (s *backupScan) vaults(ctx context.Context) error {
	for pages := backup.NewListBackupVaultsPaginator(s.client, &backup.ListBackupVaultsInput{}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, v := range page.BackupVaultList {
			s.listed[aws.ToString(v.BackupVaultArn)] = true
		}
		if err := each(ctx, s.t, page.BackupVaultList, func(ctx context.Context, v types.BackupVaultListMember) error {
			s.out.Add(s.vault(ctx, v))
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

func (s *backupScan) vault(ctx context.Context, v types.BackupVaultListMember) residency.Resource {
	r := residency.Resource{ID: aws.ToString(v.BackupVaultArn), Kind: "backup.vault", Region: s.t.Region, Name: aws.ToString(v.BackupVaultName),
		Facts: map[string]any{"type": string(v.VaultType), "locked": aws.ToBool(v.Locked)}}
	if s.crossAccount != "" {
		r.Facts["cross_account_backup"] = s.crossAccount
	}
	r.Tags = s.tags(ctx, r.ID)
	placed, sources := s.jobs.take(r.ID)
	if v.VaultType == types.VaultTypeRestoreAccessBackupVault {
		// A door to a vault of another account: nothing rests in it until something is restored through it, into this region.
		r.Placements = append([]residency.Placement{{Role: residency.Capability, Region: s.t.Region, Via: "restore access"}}, placed...)
		r.Sources = append(sources, s.behind(ctx, r.ID, v.BackupVaultName)...)
		return r
	}
	r.Placements = append([]residency.Placement{{Role: residency.Backup, Region: s.t.Region}}, placed...)
	if key := aws.ToString(v.EncryptionKeyArn); key != "" {
		r.Placements = append(r.Placements, s.t.Home().Key(key).Place(residency.Key, "EncryptionKeyArn"))
	}
	policy, err := s.client.GetBackupVaultAccessPolicy(ctx, &backup.GetBackupVaultAccessPolicyInput{BackupVaultName: v.BackupVaultName})
	switch {
	case s.out.None("GetBackupVaultAccessPolicy", err):
	case err != nil:
		s.out.Gap(r.ID, "GetBackupVaultAccessPolicy", err)
	default:
		r.Placements = append(r.Placements, s.out.Shares(s.t, r, "GetBackupVaultAccessPolicy", aws.ToString(policy.Policy), residency.Backup)...)
	}
	if v.VaultType == types.VaultTypeLogicallyAirGappedBackupVault {
		r.Placements = append(r.Placements, s.restoreAccess(ctx, r.ID, v.BackupVaultName)...)
	}
	points, none := s.recoveryPoints(ctx, r.ID, v.BackupVaultName)
	r.Sources = append(sources, points...)
	if none {
		r.Facts["empty"] = true
	}
	return r
}

// behind is the vault to which a restore access vault opens.
func (s *backupScan) behind(ctx context.Context, id string, name *string) []residency.Source {
	vault, err := s.client.DescribeBackupVault(ctx, &backup.DescribeBackupVaultInput{BackupVaultName: name})
	if err != nil {
		s.out.Gap(id, "DescribeBackupVault", err)
		return nil
	}
	arn := aws.ToString(vault.SourceBackupVaultArn)
	if arn == "" {
		s.out.Unresolved(id, "DescribeBackupVault", "the restore access vault does not name its source vault")
		return nil
	}
	return []residency.Source{s.t.Home().Resolve(arn).Source(residency.Capability, "SourceBackupVaultArn")}
}

// restoreAccess lists the accounts that may restore from an air-gapped vault.
func (s *backupScan) restoreAccess(ctx context.Context, id string, name *string) (shares []residency.Placement) {
	in := &backup.ListRestoreAccessBackupVaultsInput{BackupVaultName: name}
	for pages := backup.NewListRestoreAccessBackupVaultsPaginator(s.client, in); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			s.out.Gap(id, "ListRestoreAccessBackupVaults", err)
			return shares
		}
		for _, v := range page.RestoreAccessBackupVaults {
			_, _, _, account, _, ok := ParseARN(aws.ToString(v.RestoreAccessBackupVaultArn))
			switch {
			case v.VaultState == types.VaultStateFailed:
			case !ok || account == "":
				s.out.Unresolved(id, "ListRestoreAccessBackupVaults", "a restore access vault whose account its name does not tell")
			case account != s.t.Account:
				shares = append(shares, residency.Placement{Role: residency.Backup, Region: s.t.Region, Account: account, Via: "restore access vault"})
			}
		}
	}
	return shares
}

// tags are nil where they were not read.
func (s *backupScan) tags(ctx context.Context, arn string) map[string]string {
	tags := map[string]string{}
	for pages := backup.NewListTagsPaginator(s.client, &backup.ListTagsInput{ResourceArn: aws.String(arn)}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			s.out.Gap(arn, "ListTags", err)
			return nil
		}
		for k, v := range page.Tags {
			tags[k] = v
		}
	}
	return tags
}
