// Package grant reads resource policies: whom one lets read, copy or restore what the resource holds.
package grant

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/locate"
)

// Grant is one receiver that a resource policy lets read, copy or restore. Account is "*" for everybody.
type Grant struct{ Account, Via string }

// readActions are the actions by which a receiver reads, copies or restores what a resource holds, for each service prefix.
// Write-only grants (PutObject, SendMessage, CopyIntoBackupVault, PutSubscriptionFilter) are no share.
var readActions = map[string][]string{
	"s3":                {"GetObject", "GetObjectVersion", "GetObjectTorrent", "GetObjectVersionForReplication", "ListBucket", "ListBucketVersions"},
	"s3express":         {"CreateSession"},
	"s3tables":          {"GetTableData", "GetTableMetadataLocation", "ListTables"},
	"s3vectors":         {"GetVectors", "QueryVectors", "ListVectors"},
	"sqs":               {"ReceiveMessage"},
	"sns":               {"Subscribe", "Receive"},
	"kinesis":           {"GetRecords", "SubscribeToShard"},
	"dynamodb":          {"GetItem", "BatchGetItem", "Query", "Scan", "GetRecords", "PartiQLSelect", "ExportTableToPointInTime", "RestoreTableFromBackup", "ReadDataForReplication", "AssociateTableReplica"},
	"backup":            {"StartRestoreJob", "StartCopyJob", "CopyFromBackupVault"},
	"logs":              {"GetLogEvents", "FilterLogEvents", "GetLogRecord", "StartQuery", "GetQueryResults", "StartLiveTail", "Unmask"},
	"cloudtrail":        {"StartQuery", "GetQueryResults", "GetEventDataStoreData"},
	"bedrock":           {"InvokeModel"},
	"kms":               {"Decrypt", "ReEncryptFrom"},
	"elasticfilesystem": {"ClientMount"},
}

// Readers lists who may read by the policy of a resource of that service ("" for any), beside the organisation's own and AWS's
// services. open names the statements that let in somebody whose account the policy does not tell. An error: it is no policy.
func Readers(policy, service, organization string) (found []Grant, open []string, err error) {
	if strings.TrimSpace(policy) == "" {
		return nil, nil, nil
	}
	doc, err := Parse(policy)
	if err != nil {
		return nil, nil, err
	}
	var denies []confinement
	for _, s := range doc.Statement {
		if c, ok := s.confinement(organization); ok {
			denies = append(denies, c)
		}
	}
	for i, s := range doc.Statement {
		if s.Effect != "Allow" {
			continue
		}
		who := s.readers(service, organization, denies)
		name := cmp.Or(s.Sid, fmt.Sprint(i+1))
		if who.some && !who.all {
			open = append(open, name)
		}
		for _, a := range who.list() {
			found = append(found, Grant{a, "policy statement " + name})
		}
	}
	return found, open, nil
}

// reads reports whether the statement's actions hold one that reads, of any service.
func (s statement) reads() bool { return len(s.granted("")) > 0 }

// granted lists the reading actions of a service that the statement's actions hold. Of a service that the table does not know
// every action counts.
func (s statement) granted(service string) (actions []string) {
	if _, known := readActions[service]; !known && service != "" {
		if len(s.NotAction) > 0 {
			return []string{"*"}
		}
		for _, a := range s.Action {
			actions = append(actions, strings.ToLower(a))
		}
		return actions
	}
	for _, prefix := range slices.Sorted(maps.Keys(readActions)) {
		if service != "" && service != prefix {
			continue
		}
		for _, a := range readActions[prefix] {
			if full := strings.ToLower(prefix + ":" + a); s.holds(full) {
				actions = append(actions, full)
			}
		}
	}
	return actions
}

// readers are those whom the statement lets read and no denial keeps out, by each reading action on each resource that it names.
func (s statement) readers(service, organization string, denies []confinement) reach {
	var total reach
	base := s.principals().meet(s.conditions(organization))
	for _, action := range s.granted(service) {
		for _, resource := range s.resources() {
			if !appliesTo(action, resource) {
				continue
			}
			who := base
			for _, d := range denies {
				if d.covers(action, resource) {
					who = who.meet(d.spared).without(d.barred)
				}
			}
			total = total.join(who)
		}
	}
	return total
}

// confinement is a denial for everybody but those it spares, or for the accounts that it bars.
type confinement struct {
	statement
	spared reach
	barred []string
}

func (c confinement) covers(action, resource string) bool {
	return c.holds(action) && len(c.NotResource) == 0 &&
		slices.ContainsFunc(c.resources(), func(pattern string) bool { return glob(pattern, resource) })
}

// confinement reads a denial for everybody, "unless of the organisation" say, or for whole accounts whatever the request. ok is
// false for any other statement.
func (s statement) confinement(organization string) (c confinement, ok bool) {
	if s.Effect != "Deny" {
		return confinement{}, false
	}
	if len(s.NotPrincipal) == 0 && !s.principals().all {
		barred := s.Principal.wholeAccounts()
		return confinement{s, anybody, barred}, len(barred) > 0 && len(s.Condition) == 0
	}
	var spared reach
	if len(s.NotPrincipal) > 0 {
		spared = s.NotPrincipal.reach()
	}
	return confinement{s, spared.join(s.exceptions(organization)), nil}, true
}

// appliesTo tells S3's actions on objects from those on buckets, which policies name side by side.
func appliesTo(action, resource string) bool {
	name, bucket := strings.CutPrefix(action, "s3:")
	_, service, region, account, path, ok := locate.ParseARN(resource)
	if !bucket || !ok || service != "s3" || region+account != "" {
		return true
	}
	if strings.HasPrefix(name, "list") {
		return !strings.Contains(path, "/")
	}
	return strings.ContainsAny(path, "/*?")
}

// OpensToAll reports whether a statement lets everybody read without a condition.
func OpensToAll(policy string) bool {
	var doc Document
	if json.Unmarshal([]byte(policy), &doc) != nil {
		return false
	}
	return slices.ContainsFunc(doc.Statement, func(s statement) bool {
		return s.Effect == "Allow" && len(s.Condition) == 0 && slices.Contains(s.Principal["AWS"], "*") && s.reads()
	})
}

// writeActions let a receiver add objects or take them away, and neither read nor change who may.
var writeActions = []string{"s3:PutObject", "s3:PutObjectTagging", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ReplicateObject", "s3:ReplicateTags", "s3:ReplicateDelete"}

// OnlyWritesForAll reports whether whatever the policy opens to everybody is to write: AWS calls such a policy public too.
func OnlyWritesForAll(policy string) bool {
	doc, err := Parse(policy)
	open := slices.DeleteFunc(doc.Statement, func(s statement) bool { return s.Effect != "Allow" || !s.principals().all })
	return err == nil && len(open) > 0 && !slices.ContainsFunc(open, func(s statement) bool { return !s.onlyWrites() })
}

func (s statement) onlyWrites() bool {
	return len(s.Action) > 0 && !slices.ContainsFunc(s.Action, func(a string) bool {
		return !slices.ContainsFunc(writeActions, func(w string) bool { return strings.EqualFold(a, w) })
	})
}

// Senders lists whom an access policy lets in: accounts, ARNs, "*" with the organisation that a condition names. Sorted.
func Senders(policy string) ([]string, error) {
	if policy == "" {
		return nil, nil
	}
	var doc Document
	if err := json.Unmarshal([]byte(policy), &doc); err != nil {
		return nil, fmt.Errorf("read the access policy: %w", err)
	}
	var senders []string
	for _, st := range doc.Statement {
		if st.Effect != "Allow" {
			continue
		}
		senders = append(senders, st.Principal["AWS"]...)
		for _, keys := range st.Condition {
			senders = append(senders, foldKeys(keys)["aws:principalorgid"]...)
		}
	}
	slices.Sort(senders)
	return slices.Compact(senders), nil
}

// deliveryAccounts are AWS's own published accounts that deliver logs; a grant to one of them is no share.
// Source: Elastic Load Balancing, Application Load Balancer guide, "Enable access logs", table of account ids, as of 2024-06;
// Amazon Redshift guide, "Database audit logging", as of 2024-06.
var deliveryAccounts = map[string]string{
	"127311923021": "us-east-1", "033677994240": "us-east-2", "027434742980": "us-west-1", "797873946194": "us-west-2",
	"098369216593": "af-south-1", "754344448648": "ap-east-1", "589379963580": "ap-southeast-3", "718504428378": "ap-south-1",
	"383597477331": "ap-northeast-3", "600734575887": "ap-northeast-2", "114774131450": "ap-southeast-1", "783225319266": "ap-southeast-2",
	"582318560864": "ap-northeast-1", "985666609251": "ca-central-1", "054676820928": "eu-central-1", "156460612806": "eu-west-1",
	"652711504416": "eu-west-2", "635631232127": "eu-south-1", "009996457667": "eu-west-3", "897822967062": "eu-north-1",
	"076674570225": "me-south-1", "507241528517": "sa-east-1", "048591011584": "us-gov-west-1", "190560391635": "us-gov-east-1",
	"193672423079": "us-east-1", "902366379725": "us-west-2", "210876761215": "eu-west-1", "762762565011": "ap-southeast-2",
}
