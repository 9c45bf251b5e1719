package scanners

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/grant"
	"github.com/seed-1578181b/domicile/internal/residency"
)

// accountVariable is what a backup policy writes in a vault's name for the account that it is in effect in.
const accountVariable = "$account"

// policyPlan is one plan of a backup policy.
type policyPlan struct {
	name    string
	regions []string
	rules   []policyRule
}

type policyRule struct {
	name      string
	vault     string   // by bare name, in the plan's region
	airGapped string   // ARN
	copies    []string // vault ARNs, with accountVariable in place of the account perhaps
}

// place lists the vaults that the plan fills and those that it copies to, for one of its regions and one account.
func (p policyPlan) place(home Home, role residency.Role) []residency.Placement {
	all := []residency.Placement{}
	for _, r := range p.rules {
		of := " of plan " + p.name + ", rule " + r.name
		if r.vault != "" {
			all = append(all, home.Local("backup", "backup-vault:"+r.vault).Place(role, "target_backup_vault_name"+of))
		}
		if r.airGapped != "" {
			all = append(all, home.Resolve(strings.ReplaceAll(r.airGapped, accountVariable, home.Account)).Place(role, "target_logically_air_gapped_backup_vault_arn"+of))
		}
		for _, arn := range r.copies {
			all = append(all, home.Resolve(strings.ReplaceAll(arn, accountVariable, home.Account)).Place(role, "copy_actions"+of))
		}
	}
	return all
}

// readBackupPolicy reads the content of a backup policy, in effect or as it was written: there a value stands under an
// inheritance operator ("@@assign", "@@append", "@@remove").
func readBackupPolicy(content string) ([]policyPlan, error) {
	var doc struct {
		Plans map[string]json.RawMessage `json:"plans"`
	}
	if err := json.Unmarshal([]byte(content), &doc); err != nil {
		return nil, fmt.Errorf("read the backup policy: %w", err)
	}
	var plans []policyPlan
	for _, name := range slices.Sorted(maps.Keys(doc.Plans)) {
		if strings.HasPrefix(name, "@@") {
			continue
		}
		plan, err := readPolicyPlan(name, doc.Plans[name])
		if err != nil {
			return nil, fmt.Errorf("read plan %q of the backup policy: %w", name, err)
		}
		plans = append(plans, plan)
	}
	return plans, nil
}

func readPolicyPlan(name string, data json.RawMessage) (policyPlan, error) {
	var doc struct {
		Regions policyValues               `json:"regions"`
		Rules   map[string]json.RawMessage `json:"rules"`
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		return policyPlan{}, err
	}
	plan := policyPlan{name: name, regions: doc.Regions}
	for _, rule := range slices.Sorted(maps.Keys(doc.Rules)) {
		if strings.HasPrefix(rule, "@@") {
			continue
		}
		var r struct {
			Vault     policyValues               `json:"target_backup_vault_name"`
			AirGapped policyValues               `json:"target_logically_air_gapped_backup_vault_arn"`
			Copies    map[string]json.RawMessage `json:"copy_actions"`
		}
		if err := json.Unmarshal(doc.Rules[rule], &r); err != nil {
			return policyPlan{}, fmt.Errorf("rule %q: %w", rule, err)
		}
		read := policyRule{name: rule, vault: r.Vault.first(), airGapped: r.AirGapped.first()}
		for _, arn := range slices.Sorted(maps.Keys(r.Copies)) {
			if !strings.HasPrefix(arn, "@@") { // the key repeats the ARN that the action holds
				read.copies = append(read.copies, arn)
			}
		}
		plan.rules = append(plan.rules, read)
	}
	return plan, nil
}

// policyValues are one or more strings, bare or under the operators that set or add them.
type policyValues []string

func (v *policyValues) UnmarshalJSON(b []byte) error {
	var bare grant.OneOrMany[string]
	if json.Unmarshal(b, &bare) == nil {
		*v = policyValues(bare)
		return nil
	}
	var operators map[string]json.RawMessage
	if err := json.Unmarshal(b, &operators); err != nil {
		return err
	}
	for _, operator := range []string{"@@assign", "@@append"} {
		var values grant.OneOrMany[string]
		if data, ok := operators[operator]; ok {
			if err := json.Unmarshal(data, &values); err != nil {
				return err
			}
			*v = append(*v, values...)
		}
	}
	return nil
}

func (v policyValues) first() string {
	if len(v) == 0 {
		return ""
	}
	return v[0]
}
