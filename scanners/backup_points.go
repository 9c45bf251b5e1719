package scanners

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	"github.com/aws/aws-sdk-go-v2/service/backup/types"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// recoveryPoints adds what rests in a vault, page by page, and returns the vault's own sources.
//
// A recovery point whose name is AWS Backup's own (arn:…:backup:…:recovery-point:…) is in no other list and is a resource
// here. Every other one is a snapshot, an image or a backup of the service that it belongs to (ec2, rds, redshift, fsx, …) under
// that service's name, and stands in that service's list already: a second resource of the same name would be wrong. What only the
// vault's record tells of it, where it was taken and from which vault it was copied, stands as a source on the vault, once for
// each resource and plan, not for each point. none is true where the whole list is empty.
func (s *backupScan) recoveryPoints(ctx context.Context, vault string, name *string) (from []residency.Source, none bool) {
	sources := map[residency.Source]bool{}
	none = true
	in := &backup.ListRecoveryPointsByBackupVaultInput{BackupVaultName: name, MaxResults: aws.Int32(1000)}
	for pages := backup.NewListRecoveryPointsByBackupVaultPaginator(s.client, in); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			s.out.Gap(vault, "ListRecoveryPointsByBackupVault", err)
			none = false
			break
		}
		none = none && len(page.RecoveryPoints) == 0
		var own []types.RecoveryPointByBackupVault
		for _, p := range page.RecoveryPoints {
			if _, service, _, _, _, _ := ParseARN(aws.ToString(p.RecoveryPointArn)); service == "backup" {
				own = append(own, p)
				continue
			}
			for _, source := range pointSources(s.t.Home(), p) {
				sources[source] = true
			}
			if aws.ToString(p.ResourceArn) == "" {
				s.out.Unresolved(vault, "ListRecoveryPointsByBackupVault", "recovery points that do not name the resource that they are of")
			}
		}
		_ = each(ctx, s.t, own, func(ctx context.Context, p types.RecoveryPointByBackupVault) error {
			s.out.Add(s.recoveryPoint(ctx, p))
			return nil
		})
	}
	return sortedSources(sources), none
}

func (s *backupScan) recoveryPoint(ctx context.Context, p types.RecoveryPointByBackupVault) residency.Resource {
	r := residency.Resource{ID: aws.ToString(p.RecoveryPointArn), Kind: "backup.recovery_point", Region: s.t.Region,
		Name:       orDefault(aws.ToString(p.ResourceName), aws.ToString(p.BackupVaultName)),
		Placements: []residency.Placement{{Role: residency.Backup, Region: s.t.Region, Via: pointVia(p)}},
		Sources:    pointSources(s.t.Home(), p),
		Facts:      map[string]any{"resource_type": aws.ToString(p.ResourceType), "encrypted": p.IsEncrypted}}
	if key := aws.ToString(p.EncryptionKeyArn); key != "" {
		r.Placements = append(r.Placements, s.t.Home().Key(key).Place(residency.Key, "EncryptionKeyArn"))
	}
	if aws.ToString(p.ResourceArn) == "" {
		s.out.Unresolved(r.ID, "ListRecoveryPointsByBackupVault", "the recovery point does not name the resource that it is of")
	}
	r.Tags = s.tags(ctx, r.ID)
	return r
}

// pointSources are where a recovery point's data came from: the resource that it is of, in the region where that was, and the
// vault that it was copied from.
func pointSources(home Home, p types.RecoveryPointByBackupVault) (sources []residency.Source) {
	via := "recovery point " + creator(p.CreatedBy)
	if arn := aws.ToString(p.ResourceArn); arn != "" {
		sources = append(sources, home.Resolve(arn).Source(residency.Backup, via))
	}
	if arn := aws.ToString(p.SourceBackupVaultArn); arn != "" {
		sources = append(sources, home.Resolve(arn).Source(residency.Backup, "SourceBackupVaultArn of "+via))
	}
	return sources
}

// creator is who made a recovery point or a copy: a plan's rule, or somebody by hand.
func creator(c *types.RecoveryPointCreator) string {
	if c == nil {
		return "made by hand"
	}
	plan, rule := orDefault(aws.ToString(c.BackupPlanName), aws.ToString(c.BackupPlanId)), orDefault(aws.ToString(c.BackupRuleName), aws.ToString(c.BackupRuleId))
	if _, id, ok := strings.Cut(aws.ToString(c.BackupPlanArn), ":backup-plan:"); plan == "" && ok {
		plan = id
	}
	if plan == "" {
		return "made by hand"
	}
	if rule == "" {
		return "by plan " + plan
	}
	return "by plan " + plan + ", rule " + rule
}

// pointVia is what put a recovery point where it is: the plan and its rule, so that a table can fold the thousands that one rule
// makes, and the vault.
func pointVia(p types.RecoveryPointByBackupVault) string {
	vault := "vault " + aws.ToString(p.BackupVaultName)
	if plan, ok := strings.CutPrefix(creator(p.CreatedBy), "by "); ok {
		return plan + ", " + vault
	}
	return vault
}

func sortedSources(set map[residency.Source]bool) []residency.Source {
	return slices.SortedFunc(maps.Keys(set), func(a, b residency.Source) int {
		return cmp.Or(strings.Compare(a.ID, b.ID), strings.Compare(a.Via, b.Via))
	})
}

// copyJobs are the copies of about the last thirty days, by the vaults that they left and, for those of others, entered.
type copyJobs struct {
	left    map[string]map[residency.Placement]bool
	entered map[string]map[residency.Source]bool
}

func newCopyJobs() copyJobs {
	return copyJobs{map[string]map[residency.Placement]bool{}, map[string]map[residency.Source]bool{}}
}

// readJobs keeps, for each vault, one placement for each destination and plan: the jobs themselves may be thousands.
func (s *backupScan) readJobs(ctx context.Context) error {
	for pages := backup.NewListCopyJobsPaginator(s.client, &backup.ListCopyJobsInput{MaxResults: aws.Int32(1000)}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, j := range page.CopyJobs {
			s.jobs.add(s.t.Home(), j)
		}
	}
	return nil
}

func (c copyJobs) add(home Home, j types.CopyJob) {
	if j.State == types.CopyJobStateFailed { // nothing arrived
		return
	}
	from, to, via := aws.ToString(j.SourceBackupVaultArn), aws.ToString(j.DestinationBackupVaultArn), "copy job "+creator(j.CreatedBy)
	_, _, region, account, _, _ := ParseARN(from)
	if _, _, r, a, _, ok := ParseARN(to); ok && r == home.Region && a == home.Account && (region != home.Region || account != home.Account) {
		if c.entered[to] == nil {
			c.entered[to] = map[residency.Source]bool{}
		}
		c.entered[to][home.Resolve(from).Source(residency.Backup, via)] = true
		return
	}
	if c.left[from] == nil {
		c.left[from] = map[residency.Placement]bool{}
	}
	place := residency.Placement{Role: residency.Backup, Via: via}
	if to != "" {
		place = home.Resolve(to).Place(residency.Backup, via)
	}
	c.left[from][place] = true
}

// take are the copies out of a vault and into it. It only reads, since the vaults are asked side by side.
func (c copyJobs) take(vault string) ([]residency.Placement, []residency.Source) {
	return slices.SortedFunc(maps.Keys(c.left[vault]), func(a, b residency.Placement) int {
		return cmp.Or(strings.Compare(a.Target, b.Target), strings.Compare(a.Via, b.Via))
	}), sortedSources(c.entered[vault])
}

// unlistedVaults are those that jobs name and no list held: deleted since. What they sent is elsewhere all the same.
func (s *backupScan) unlistedVaults(context.Context) error {
	named := map[string]bool{}
	for vault := range s.jobs.left {
		named[vault] = true
	}
	for vault := range s.jobs.entered {
		named[vault] = true
	}
	for vault := range named {
		if s.listed[vault] {
			continue
		}
		if vault == "" {
			s.out.Unresolved("", "ListCopyJobs", "copy jobs that do not name the vault that they copied from")
			continue
		}
		placed, sources := s.jobs.take(vault)
		_, name, _ := strings.Cut(vault, ":backup-vault:")
		s.out.Add(residency.Resource{ID: vault, Kind: "backup.vault", Region: s.t.Region, Name: name, Placements: placed, Sources: sources,
			Facts: map[string]any{"listed": false}})
	}
	return nil
}
