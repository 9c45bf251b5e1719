package scanners

import (
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
)

var keyMoves = []move{
	{source: "kms.amazonaws.com", name: "ReplicateKey", role: residency.Key,
		from: []end{{name: "keyId", as: keyName, here: true}}, to: []end{{name: "keyId", as: elsewhere(keyName), region: "replicaRegion", copy: true}}},
	{source: "kms.amazonaws.com", name: "CreateGrant", role: residency.Key,
		from: []end{{name: "keyId", as: keyName, here: true}}, to: []end{{account: "granteePrincipal", share: true}}},
	{source: "secretsmanager.amazonaws.com", name: "ReplicateSecretToRegions", role: residency.Replica,
		from: []end{{name: ">aRN|secretId", as: secretName, here: true}},
		to:   []end{{each: "addReplicaRegions", name: "/>aRN|/secretId", as: elsewhere(secretName), region: "region", copy: true}}},
	{source: "ecr.amazonaws.com", name: "PutReplicationConfiguration", role: residency.Metadata, from: []end{thisAccount},
		to: []end{{each: "replicationConfiguration.rules.destinations", region: "region", account: "registryId"}}},
	{source: "cognito-idp.amazonaws.com", name: "CreateUserPoolReplica", role: residency.Replica,
		from: []end{{name: "userPoolId", as: userPool, here: true}}, to: []end{{name: "userPoolId", as: elsewhere(userPool), region: "regionName", copy: true}}},
	{source: "connect.amazonaws.com", name: "ReplicateInstance", role: residency.Replica,
		from: []end{{name: "instanceId", as: local("connect", "instance/"), here: true}}, to: []end{{name: ">arn", region: "replicaRegion", copy: true}}},
	{source: "lex.amazonaws.com", name: "CreateBotReplica", role: residency.Replica,
		from: []end{{name: "botId", as: lexBot, here: true}}, to: []end{{name: "botId", as: elsewhere(lexBot), region: "replicaRegion", copy: true}}},
	{source: "quicksight.amazonaws.com", name: "CreateDataSet", role: residency.Replica, when: "importMode=SPICE",
		from: []end{{each: "physicalTableMap.*.*.dataSourceArn", name: "."}}, to: []end{{name: ">arn|>dataSetArn", here: true, copy: true}}},
}

var (
	secretName = local("secretsmanager", "secret:")
	userPool   = local("cognito-idp", "userpool/")
	lexBot     = local("lex", "bot/")
)

var modelMoves = []move{
	{source: "bedrock.amazonaws.com", name: "CreateModelCopyJob", role: residency.Replica,
		from: []end{{name: "sourceModelArn"}}, to: []end{{here: true}}},
	{source: "bedrock.amazonaws.com", name: "CreateInferenceProfile", role: residency.Transit, from: []end{thisAccount},
		to: []end{{name: "modelSource.copyFrom", as: modelName}}, by: []end{{each: ">inferenceProfileArn", name: "."}}},
	// Read-only calls: a look-up finds them by name alone.
	{source: "bedrock.amazonaws.com", name: "Converse", role: residency.Transit, from: []end{thisAccount}, to: []end{askedModel}},
	{source: "bedrock.amazonaws.com", name: "InvokeModel", role: residency.Transit, from: []end{thisAccount}, to: []end{askedModel}},
}

// readOnlyMoves are the names of management events that move data and that CloudTrail counts among those that only read.
var readOnlyMoves = []string{"Converse", "InvokeModel"}

// askedModel is where a request is processed: the record names the region where a profile chose one.
var askedModel = end{read: func(h Home, r *record) (all []Destination) {
	for _, name := range texts(r.values("modelId")) {
		d := modelName(h, name)
		for _, region := range texts(r.values("+inferenceRegion")) {
			d.Region = region
		}
		all = append(all, d)
	}
	return all
}}

// geographies are the prefixes by which the id of a profile across regions differs from a model's own.
// Source: Amazon Bedrock User Guide, "Supported Regions and models for inference profiles", as of 2026-09.
var geographies = []string{"us.", "us-gov.", "eu.", "apac.", "au.", "jp.", "ca.", "global."}

// modelName is a model by id or ARN. A model is asked where the event was recorded; which region a profile chooses, its name does not
// tell: a placement of it has no region, unless the record states one.
func modelName(h Home, name string) Destination {
	d := Destination{ID: name, Region: h.Region}
	if strings.HasPrefix(name, "arn:") {
		d = h.Resolve(name)
		_, _, _, _, name, _ = ParseARN(name)
	}
	for _, prefix := range geographies {
		if strings.HasPrefix(name, prefix) {
			d.Region = ""
		}
	}
	if strings.HasPrefix(name, "inference-profile/") || strings.HasPrefix(name, "application-inference-profile/") {
		d.Region = ""
	}
	return d
}

var accountMoves = []move{
	{source: "ram.amazonaws.com", name: "CreateResourceShare", role: residency.Capability,
		from: []end{{each: "resourceArns", name: "."}}, to: []end{{account: "principals", share: true}}},
	{source: "account.amazonaws.com", name: "EnableRegion", role: residency.Capability,
		from: []end{{read: accountOfCall}}, to: []end{{region: "regionName"}}, by: []end{{read: func(h Home, r *record) []Destination {
			return []Destination{{ID: regionsOf(accountOfCall(h, r)[0].ID)}}
		}}}},
	// A guardrail that is gone or changed may let anything pass.
	{source: "organizations.amazonaws.com", name: "DetachPolicy", role: residency.Capability,
		from: []end{{name: "targetId", as: organizationPart}}, to: []end{notTold}},
	{source: "organizations.amazonaws.com", name: "UpdatePolicy", role: residency.Capability, from: []end{{read: accountOfCall}}, to: []end{notTold}},
}

// regionsOf is the name under which the inventory knows which regions of an account were examined.
func regionsOf(account string) string { return "regions of " + account }

// accountOfCall is the account that a call is about, which has no region: one of the organisation, else the caller's own.
func accountOfCall(h Home, r *record) []Destination {
	for _, number := range texts(r.values("accountId")) {
		if account, _ := receiver(number); account != "" {
			h.Account = account
		}
	}
	return []Destination{{ID: accountARN(h), Account: h.Account}}
}

// organizationPart is an account by its number; a unit or the root of an organisation is known by its id alone.
func organizationPart(h Home, name string) Destination {
	if account, _ := receiver(name); account != "" {
		h.Account = account
		return Destination{ID: accountARN(h), Account: account}
	}
	return Destination{ID: name}
}
