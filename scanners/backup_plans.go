package scanners

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	"github.com/aws/aws-sdk-go-v2/service/backup/types"

	"github.com/seed-1578181b/domicile/internal/residency"
)

func (s *backupScan) plans(ctx context.Context) error {
	for pages := backup.NewListBackupPlansPaginator(s.client, &backup.ListBackupPlansInput{}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		if err := each(ctx, s.t, page.BackupPlansList, func(ctx context.Context, p types.BackupPlansListMember) error {
			s.out.Add(s.plan(ctx, p))
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

func (s *backupScan) plan(ctx context.Context, p types.BackupPlansListMember) residency.Resource {
	r := residency.Resource{ID: aws.ToString(p.BackupPlanArn), Kind: "backup.plan", Region: s.t.Region, Name: aws.ToString(p.BackupPlanName)}
	got, err := s.client.GetBackupPlan(ctx, &backup.GetBackupPlanInput{BackupPlanId: p.BackupPlanId})
	switch {
	case err != nil:
		s.out.Gap(r.ID, "GetBackupPlan", err)
	case got.BackupPlan == nil:
		s.out.Malformed(r.ID, "GetBackupPlan", "the answer holds no plan")
	default:
		r.Placements = placePlan(s.t.Home(), *got.BackupPlan)
	}
	r.Tags = s.tags(ctx, r.ID)
	return r
}

// placePlan lists the vaults that a plan's rules fill and those that they copy to. The name of a vault's ARN tells its region
// and account; a rule names the vault that it fills within its own.
func placePlan(home Home, plan types.BackupPlan) []residency.Placement {
	all := []residency.Placement{}
	for _, rule := range plan.Rules {
		of := " of plan " + aws.ToString(plan.BackupPlanName) + ", rule " + aws.ToString(rule.RuleName)
		if name := aws.ToString(rule.TargetBackupVaultName); name != "" {
			all = append(all, home.Local("backup", "backup-vault:"+name).Place(residency.Backup, "TargetBackupVaultName"+of))
		}
		if arn := aws.ToString(rule.TargetLogicallyAirGappedBackupVaultArn); arn != "" {
			all = append(all, home.Resolve(arn).Place(residency.Backup, "TargetLogicallyAirGappedBackupVaultArn"+of))
		}
		for _, c := range rule.CopyActions {
			all = append(all, home.Resolve(aws.ToString(c.DestinationBackupVaultArn)).Place(residency.Backup, "CopyActions"+of))
		}
	}
	return all
}
