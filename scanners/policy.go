package scanners

import (
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// grant is one receiver that a resource policy lets read, copy or restore. Account is "*" for everybody.
type grant struct{ account, via string }

// readActions are the actions by which a receiver reads, copies or restores what a resource holds, for each service prefix.
// Write-only grants (PutObject, SendMessage, CopyIntoBackupVault, PutSubscriptionFilter) are no share.
var readActions = map[string][]string{
	"s3":          {"GetObject", "GetObjectVersion", "GetObjectTorrent", "ListBucket", "ListBucketVersions"},
	"s3express":   {"CreateSession"},
	"s3tables":    {"GetTableData", "GetTableMetadataLocation", "ListTables"},
	"s3vectors":   {"GetVectors", "QueryVectors", "ListVectors"},
	"sqs":         {"ReceiveMessage"},
	"sns":         {"Subscribe"},
	"kinesis":     {"GetRecords", "SubscribeToShard", "GetShardIterator"},
	"dynamodb":    {"GetItem", "BatchGetItem", "Query", "Scan", "GetRecords", "PartiQLSelect", "ExportTableToPointInTime", "RestoreTableFromBackup"},
	"backup":      {"StartRestoreJob", "StartCopyJob", "CopyFromBackupVault"},
	"logs":        {"GetLogEvents", "FilterLogEvents", "GetLogRecord", "StartQuery", "GetQueryResults", "Unmask"},
	"cloudtrail":  {"StartQuery", "GetQueryResults"},
	"bedrock":     {"InvokeModel"},
	"kms":         {"Decrypt"},
	"elasticfile": {"ClientMount"},
}

type policyDocument struct {
	Statement oneOrMany[statement]
}

type statement struct {
	Sid          string
	Effect       string
	Principal    principals
	NotPrincipal principals
	Action       oneOrMany[string]
	NotAction    oneOrMany[string]
	Condition    map[string]map[string]oneOrMany[string]
}

// oneOrMany reads what IAM allows to be a single value or a list.
type oneOrMany[T any] []T

func (o *oneOrMany[T]) UnmarshalJSON(b []byte) error {
	var many []T
	if json.Unmarshal(b, &many) == nil {
		*o = many
		return nil
	}
	var one T
	if err := json.Unmarshal(b, &one); err != nil {
		return err
	}
	*o = oneOrMany[T]{one}
	return nil
}

// principals reads "*" and {"AWS": …, "Service": …}.
type principals map[string]oneOrMany[string]

func (p *principals) UnmarshalJSON(b []byte) error {
	var all string
	if json.Unmarshal(b, &all) == nil {
		*p = principals{"AWS": {all}}
		return nil
	}
	var m map[string]oneOrMany[string]
	if err := json.Unmarshal(b, &m); err != nil {
		return err
	}
	*p = m
	return nil
}

// grants lists who may read by a resource policy. open names the statements whose receivers cannot be told.
func grants(policy, organization string) (found []grant, open []string, err error) {
	if strings.TrimSpace(policy) == "" {
		return nil, nil, nil
	}
	var doc policyDocument
	if err := json.Unmarshal([]byte(policy), &doc); err != nil {
		return nil, nil, fmt.Errorf("read the policy: %w", err)
	}
	for _, s := range doc.Statement {
		if confinesAll(s, organization) {
			return nil, nil, nil
		}
	}
	for i, s := range doc.Statement {
		if s.Effect != "Allow" || !s.reads() {
			continue
		}
		name := s.Sid
		if name == "" {
			name = fmt.Sprint(i + 1)
		}
		accounts, decided := s.receivers(organization)
		if !decided {
			open = append(open, name)
		}
		for _, a := range accounts {
			found = append(found, grant{a, "policy statement " + name})
		}
	}
	return found, open, nil
}

// confinesAll: a deny for everybody who is not of the organisation.
func confinesAll(s statement, organization string) bool {
	if s.Effect != "Deny" || !slices.Contains(s.Principal["AWS"], "*") || !s.reads() || organization == "" || len(s.Condition) != 1 {
		return false
	}
	for _, operator := range []string{"StringNotEquals", "StringNotEqualsIfExists", "StringNotLike"} {
		keys := foldKeys(s.Condition[operator])
		if len(s.Condition[operator]) == 1 && slices.Equal(keys["aws:principalorgid"], []string{organization}) {
			return true
		}
	}
	return false
}

// reads reports whether the statement's actions hold one that reads.
func (s statement) reads() bool {
	matches := func(patterns []string, action string) bool {
		return slices.ContainsFunc(patterns, func(p string) bool {
			ok, _ := path.Match(strings.ToLower(strings.ReplaceAll(p, "/", "")), strings.ToLower(action))
			return ok
		})
	}
	for service, actions := range readActions {
		for _, a := range actions {
			full := service + ":" + a
			if matches(s.Action, full) || len(s.NotAction) > 0 && !matches(s.NotAction, full) {
				return true
			}
		}
	}
	return false
}

var accountPattern = regexp.MustCompile(`^\d{12}$`)

// receivers are the accounts that a statement lets in. decided is false where some of them cannot be told.
func (s statement) receivers(organization string) (accounts []string, decided bool) {
	decided = true
	if len(s.NotPrincipal) > 0 {
		return []string{"*"}, true
	}
	everybody := false
	for _, p := range s.Principal["AWS"] {
		_, service, _, account, _, isARN := ParseARN(p)
		switch {
		case p == "*":
			everybody = true
		case accountPattern.MatchString(p):
			accounts = append(accounts, p)
		case isARN && (service == "iam" || service == "sts") && accountPattern.MatchString(account):
			accounts = append(accounts, account)
		case isARN && account == "cloudfront": // an origin access identity: AWS's own delivery, judged with the distribution
		case strings.HasPrefix(p, "AIDA") || strings.HasPrefix(p, "AROA"): // AWS leaves the id of a deleted principal: nobody
		default:
			decided = false
		}
	}
	if len(s.Principal["CanonicalUser"]) > 0 {
		decided = false
	}
	accounts = slices.DeleteFunc(accounts, func(a string) bool { return deliveryAccounts[a] != "" })
	if !everybody && len(accounts) == 0 {
		return nil, decided
	}
	return s.confine(accounts, everybody, organization, decided)
}

// confine applies the conditions that say which accounts may come: the organisation's, or those listed.
func (s statement) confine(accounts []string, everybody bool, organization string, decided bool) ([]string, bool) {
	for operator, conditions := range s.Condition {
		if !slices.Contains([]string{"StringEquals", "StringLike", "ArnLike", "ArnEquals", "StringEqualsIgnoreCase", "ForAnyValue:StringLike", "ForAnyValue:StringEquals"}, operator) {
			continue
		}
		for key, values := range foldKeys(conditions) {
			switch key {
			case "aws:principalorgid", "aws:principalorgpaths", "aws:resourceorgid", "aws:sourceorgid":
				inside := func(v string) bool { return organization != "" && strings.SplitN(v, "/", 2)[0] == organization }
				if !slices.ContainsFunc(values, func(v string) bool { return !inside(v) }) {
					return nil, decided
				}
				if organization == "" {
					return nil, false
				}
			case "aws:principalaccount", "aws:sourceaccount", "kms:calleraccount", "s3:dataaccesspointaccount", "aws:sourceowner":
				if everybody && !slices.ContainsFunc(values, func(v string) bool { return !accountPattern.MatchString(v) }) {
					return values, decided
				}
			case "aws:principalarn", "aws:sourcearn":
				if listed, ok := accountsOf(values); everybody && ok {
					return listed, decided
				}
			case "aws:sourcevpc", "aws:sourcevpce", "aws:vpcsourceip", "aws:userid":
				if everybody && !slices.Contains(values, "*") {
					return nil, false // AWS does not call it public, and whose it is the policy does not say
				}
			}
		}
	}
	if everybody {
		return []string{"*"}, decided
	}
	return accounts, decided
}

func accountsOf(arns []string) (accounts []string, ok bool) {
	for _, a := range arns {
		_, _, _, account, _, isARN := ParseARN(a)
		if !isARN || !accountPattern.MatchString(account) {
			return nil, false
		}
		accounts = append(accounts, account)
	}
	return accounts, len(accounts) > 0
}

// foldKeys lowers the condition keys, which IAM compares without regard to case.
func foldKeys(conditions map[string]oneOrMany[string]) map[string][]string {
	folded := map[string][]string{}
	for k, v := range conditions {
		folded[strings.ToLower(k)] = v
	}
	return folded
}

// Shares turns a resource policy into the shares of r: placements with its own role and region and the receiver's account.
// What cannot be told is a gap on the call that read the policy.
func (s *Sink) Shares(t *Target, r residency.Resource, operation, policy string, role residency.Role) []residency.Placement {
	found, open, err := grants(policy, t.Organization)
	if err != nil {
		s.Malformed(r.ID, operation, err.Error())
		return nil
	}
	if len(open) > 0 {
		s.Unresolved(r.ID, operation, "the policy lets in principals whose account it does not tell")
	}
	var shares []residency.Placement
	for _, g := range found {
		share := residency.Placement{Role: role, Region: r.Region, Account: g.account, Via: g.via}
		if g.account != t.Account && !slices.Contains(shares, share) {
			shares = append(shares, share)
		}
	}
	return shares
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
