package scanners_test

import "github.com/seed-1578181b/domicile/internal/residency"

const keyEU = "arn:aws:kms:eu-west-1:111111111111:key/mrk-1"

var _ = happens("kms.amazonaws.com", map[string]eventTest{
	"ReplicateKey": {at: "eu-west-1", role: residency.Key, from: keyEU, to: "arn:aws:kms:@:111111111111:key/mrk-1", unknown: `"replicaRegion":"eu-west-1"`,
		request: `{"keyId":"mrk-1","replicaRegion":"@"}`},
	"CreateGrant": {at: "eu-west-1", role: residency.Key, share: true, from: keyEU,
		request: `{"keyId":"` + keyEU + `","granteePrincipal":"arn:aws:iam::#:role/reader","operations":["Decrypt"]}`},
})

var _ = happens("secretsmanager.amazonaws.com", map[string]eventTest{
	"ReplicateSecretToRegions": {at: "eu-west-1", role: residency.Replica, from: "arn:aws:secretsmanager:eu-west-1:111111111111:secret:db-AbCdEf", to: "arn:aws:secretsmanager:@:111111111111:secret:db-AbCdEf",
		unknown: `"region":"eu-west-1"`, request: `{"secretId":"db","addReplicaRegions":[{"region":"@"}]}`, response: `{"aRN":"arn:aws:secretsmanager:eu-west-1:111111111111:secret:db-AbCdEf"}`},
})

var _ = happens("ecr.amazonaws.com", map[string]eventTest{
	"PutReplicationConfiguration": {at: "eu-west-1", role: residency.Metadata, from: rootARN, unknown: `"region":"eu-west-1"`,
		request: `{"replicationConfiguration":{"rules":[{"destinations":[{"region":"@","registryId":"111111111111"}]}]}}`},
})

var _ = happens("cognito-idp.amazonaws.com", map[string]eventTest{
	"CreateUserPoolReplica": {at: "eu-west-1", role: residency.Replica, from: "arn:aws:cognito-idp:eu-west-1:111111111111:userpool/eu-west-1_a", to: "arn:aws:cognito-idp:@:111111111111:userpool/eu-west-1_a",
		unknown: `"regionName":"eu-west-1"`, request: `{"userPoolId":"eu-west-1_a","regionName":"@"}`},
})

var _ = happens("connect.amazonaws.com", map[string]eventTest{
	"ReplicateInstance": {at: "eu-west-1", role: residency.Replica, from: "arn:aws:connect:eu-west-1:111111111111:instance/i", to: "arn:aws:connect:@:111111111111:instance/i",
		request: `{"instanceId":"i","replicaRegion":"@","replicaAlias":"a"}`, response: `{"id":"i","arn":"arn:aws:connect:@:111111111111:instance/i"}`},
})

var _ = happens("lex.amazonaws.com", map[string]eventTest{
	"CreateBotReplica": {at: "eu-west-1", role: residency.Replica, from: "arn:aws:lex:eu-west-1:111111111111:bot/B", to: "arn:aws:lex:@:111111111111:bot/B", unknown: `"replicaRegion":"eu-west-1"`,
		request: `{"botId":"B","replicaRegion":"@"}`},
})

var _ = happens("quicksight.amazonaws.com", map[string]eventTest{
	"CreateDataSet": {at: "@", role: residency.Replica, from: "arn:aws:quicksight:eu-west-1:111111111111:datasource/d", to: "arn:aws:quicksight:@:111111111111:dataset/s", unknown: `"importMode":"SPICE"`,
		request:  `{"dataSetId":"s","importMode":"SPICE","physicalTableMap":{"t":{"relationalTable":{"dataSourceArn":"arn:aws:quicksight:eu-west-1:111111111111:datasource/d","name":"orders"}}}}`,
		response: `{"dataSetId":"s","arn":"arn:aws:quicksight:@:111111111111:dataset/s"}`},
})

var _ = happens("ram.amazonaws.com", map[string]eventTest{
	"CreateResourceShare": {at: "eu-west-1", role: residency.Capability, share: true, from: "arn:aws:glue:eu-west-1:111111111111:database/d",
		request: `{"name":"n","allowExternalPrincipals":true,"resourceArns":["arn:aws:glue:eu-west-1:111111111111:database/d"],"principals":["#"]}`},
})

var _ = happens("account.amazonaws.com", map[string]eventTest{
	"EnableRegion": {at: "us-east-1", role: residency.Capability, from: "arn:aws:iam::222222222222:root", unknown: `"regionName":"eu-west-1"`,
		request: `{"accountId":"222222222222","regionName":"@"}`},
})

var _ = happens("organizations.amazonaws.com", map[string]eventTest{
	"DetachPolicy": {at: "us-east-1", role: residency.Capability, never: "whatever the guardrail kept back", request: `{"policyId":"p-1","targetId":"222222222222"}`},
	"UpdatePolicy": {at: "us-east-1", role: residency.Capability, never: "whatever the guardrail kept back", request: `{"policyId":"p-1","content":"{}"}`},
})
