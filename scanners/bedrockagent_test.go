package scanners_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Answers by hand, from the SDK's own types.

const (
	bedrockARN = "arn:aws:bedrock:eu-west-1:111111111111:"
	agentID    = bedrockARN + "agent/AG"
	baseID     = bedrockARN + "knowledge-base/KB"
	promptID   = bedrockARN + "prompt/PR"
	flowID     = bedrockARN + "flow/FL"
)

// agents is an account with the profiles of prompts and nothing that uses them; everything is tagged a=b.
func agents(applications string) aws {
	a := prompts("eu-west-1", applications)
	a.on("any", "bedrockagent", "ListAgents", "", `{"agentSummaries":[]}`)
	a.on("any", "bedrockagent", "ListKnowledgeBases", "", `{"knowledgeBaseSummaries":[]}`)
	a.on("any", "bedrockagent", "ListPrompts", "", `{"promptSummaries":[]}`)
	a.on("any", "bedrockagent", "ListFlows", "", `{"flowSummaries":[]}`)
	return a.on("any", "bedrockagent", "ListTagsForResource", "", `{"tags":{"a":"b"}}`)
}

// second puts what a list holds on its second page.
func (a aws) second(operation, base, list, item string) aws {
	first, next := "{}", `{"NextToken":"t"}`
	if base != "" {
		first, next = `{"KnowledgeBaseId":"`+base+`"}`, `{"KnowledgeBaseId":"`+base+`","NextToken":"t"}`
	}
	a.on("eu-west-1", "bedrockagent", operation, first, `{"`+list+`":[],"nextToken":"t"}`)
	return a.on("eu-west-1", "bedrockagent", operation, next, `{"`+list+`":[`+item+`]}`)
}

func (a aws) agent(settings string) aws {
	a.second("ListAgents", "", "agentSummaries", `{"agentId":"AG","agentName":"helper","agentStatus":"PREPARED","updatedAt":"2026-01-01T00:00:00Z"}`)
	return a.on("eu-west-1", "bedrockagent", "GetAgent", `{"AgentId":"AG"}`, `{"agent":{"agentId":"AG","agentName":"helper",`+settings+`}}`)
}

func (a aws) knowledge(settings, sources string) aws {
	a.second("ListKnowledgeBases", "", "knowledgeBaseSummaries", `{"knowledgeBaseId":"KB","name":"docs","status":"ACTIVE","updatedAt":"2026-01-01T00:00:00Z"}`)
	a.on("eu-west-1", "bedrockagent", "GetKnowledgeBase", `{"KnowledgeBaseId":"KB"}`, `{"knowledgeBase":{"knowledgeBaseId":"KB","name":"docs",`+settings+`}}`)
	if sources == "" {
		return a.on("eu-west-1", "bedrockagent", "ListDataSources", "", `{"dataSourceSummaries":[]}`)
	}
	a.second("ListDataSources", "KB", "dataSourceSummaries", `{"knowledgeBaseId":"KB","dataSourceId":"DS","name":"wiki","status":"AVAILABLE","updatedAt":"2026-01-01T00:00:00Z"}`)
	return a.on("eu-west-1", "bedrockagent", "GetDataSource", `{"KnowledgeBaseId":"KB","DataSourceId":"DS"}`, `{"dataSource":{"dataSourceId":"DS","knowledgeBaseId":"KB","name":"wiki",`+sources+`}}`)
}

func (a aws) storedPrompt(settings string) aws {
	a.second("ListPrompts", "", "promptSummaries", `{"arn":"`+promptID+`","id":"PR","name":"greeting","version":"DRAFT","createdAt":"2026-01-01T00:00:00Z","updatedAt":"2026-01-01T00:00:00Z"}`)
	return a.on("eu-west-1", "bedrockagent", "GetPrompt", `{"PromptIdentifier":"PR"}`, `{"arn":"`+promptID+`","id":"PR","name":"greeting",`+settings+`}`)
}

func (a aws) flow(nodes string) aws {
	a.second("ListFlows", "", "flowSummaries", `{"arn":"`+flowID+`","id":"FL","name":"answer","version":"DRAFT","status":"Prepared","createdAt":"2026-01-01T00:00:00Z","updatedAt":"2026-01-01T00:00:00Z"}`)
	return a.on("eu-west-1", "bedrockagent", "GetFlow", `{"FlowIdentifier":"FL"}`, `{"arn":"`+flowID+`","id":"FL","name":"answer","definition":{"nodes":[`+nodes+`]}}`)
}

func TestAgentModels(t *testing.T) {
	geographic, global := systemID("eu-west-1", "eu."+claude), "global."+claude
	const router = bedrockARN + "default-prompt-router/anthropic.claude:1"
	at := func(name, region, target, more string) residency.Placement {
		return modelAt(residency.Transit, region, target, "foundationModel "+name+more)
	}
	for _, c := range []struct {
		name, model string
		want        []residency.Placement
	}{
		{"model id", claude, []residency.Placement{at(claude, "eu-west-1", modelIn("eu-west-1"), "")}},
		{"model ARN", modelIn("us-east-1"), []residency.Placement{at(modelIn("us-east-1"), "us-east-1", modelIn("us-east-1"), "")}},
		{"profile id", "eu." + claude, []residency.Placement{at("eu."+claude, "eu-west-1", modelIn("eu-west-1"), ""), at("eu."+claude, "eu-central-1", modelIn("eu-central-1"), "")}},
		{"profile ARN", geographic, []residency.Placement{at(geographic, "eu-west-1", modelIn("eu-west-1"), ""), at(geographic, "eu-central-1", modelIn("eu-central-1"), "")}},
		{"application profile", appID, []residency.Placement{at(appID, "us-east-1", modelIn("us-east-1"), "")}},
		{"global profile", global, []residency.Placement{at(global, "eu-west-1", modelIn("eu-west-1"), ""), at(global, "ap-northeast-1", anyModel, ", any commercial region"),
			at(global, "eu-west-1", anyModel, ", any commercial region"), at(global, "us-east-1", anyModel, ", any commercial region"), at(global, "", anyModel, ", any region")}},
		{"profile that is gone", "us." + claude, []residency.Placement{{Role: residency.Transit, Via: "foundationModel us." + claude + ", not among the profiles that were read"}}},
		{"profile ARN that is gone", systemID("eu-west-1", "us.x"), []residency.Placement{at(systemID("eu-west-1", "us.x"), "", systemID("eu-west-1", "us.x"), ", a profile that is not listed")}},
		{"router", router, []residency.Placement{at(router, "", router, ", which chooses among models")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := scan(t, "bedrockagent", agents(profileJSON("APPLICATION", appID, "a1", modelIn("us-east-1"))).agent(`"foundationModel":"`+c.model+`"`))
			f.noGaps(t)
			want := residency.Resource{ID: agentID, Kind: "bedrockagent.agent", Account: ownAccount, Region: "eu-west-1", Name: "helper", Tags: map[string]string{"a": "b"}, Placements: c.want}
			if diff := cmp.Diff([]residency.Resource{want}, f.resources); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAgentSettings(t *testing.T) {
	f := scan(t, "bedrockagent", agents("").agent(`"memoryConfiguration":{"enabledMemoryTypes":["SESSION_SUMMARY"],"storageDays":30},"customerEncryptionKeyArn":"arn:aws:kms:eu-west-1:111111111111:key/k",
		"promptOverrideConfiguration":{"promptConfigurations":[{"promptType":"ORCHESTRATION","foundationModel":"`+claude+`"}]}`))
	want := []residency.Placement{{Role: residency.Primary, Region: "eu-west-1"},
		modelAt(residency.Transit, "eu-west-1", modelIn("eu-west-1"), "foundationModel of prompt ORCHESTRATION "+claude),
		{Role: residency.Key, Region: "eu-west-1", Account: ownAccount, Target: "arn:aws:kms:eu-west-1:111111111111:key/k", Via: "customerEncryptionKeyArn"}}
	if diff := cmp.Diff(want, f.resource(t, agentID).Placements); diff != "" {
		t.Error(diff)
	}
}

// Without the profiles nobody knows whether a name is one; the ARN of a model speaks for itself.
func TestAgentModelsWithoutProfiles(t *testing.T) {
	for model, region := range map[string]string{claude: "", "eu." + claude: "", modelIn("eu-west-1"): "eu-west-1"} {
		a := agents("").agent(`"foundationModel":"` + model + `"`)
		a["111111111111/eu-west-1/bedrock/ListInferenceProfiles"] = nil
		f := scan(t, "bedrockagent", a.fail("eu-west-1", "bedrock", "ListInferenceProfiles", "", 403, denied))
		if !slices.Equal(f.gaps(), []string{"ListInferenceProfiles denied"}) {
			t.Error(f.gaps())
		}
		if p := f.resource(t, agentID).Placements; len(p) != 1 || p[0].Region != region {
			t.Errorf("%s: %+v", model, p)
		}
	}
}

func vectorBase(storage string) string {
	return `"knowledgeBaseConfiguration":{"type":"VECTOR","vectorKnowledgeBaseConfiguration":{"embeddingModelArn":"` + modelIn("eu-west-1") + `"}},"storageConfiguration":{` + storage + `}`
}

func TestKnowledgeBaseStorage(t *testing.T) {
	replica := func(region, account, target, kind string) residency.Placement {
		return residency.Placement{Role: residency.Replica, Region: region, Account: account, Target: target, Via: "storageConfiguration " + kind}
	}
	for _, c := range []struct {
		storage string
		want    residency.Placement
	}{
		{`"type":"OPENSEARCH_SERVERLESS","opensearchServerlessConfiguration":{"collectionArn":"arn:aws:aoss:us-east-1:111111111111:collection/c"}`,
			replica("us-east-1", ownAccount, "arn:aws:aoss:us-east-1:111111111111:collection/c", "OPENSEARCH_SERVERLESS")},
		{`"type":"OPENSEARCH_MANAGED_CLUSTER","opensearchManagedClusterConfiguration":{"domainArn":"arn:aws:es:us-east-1:111111111111:domain/d","domainEndpoint":"https://d.example.org"}`,
			replica("us-east-1", ownAccount, "arn:aws:es:us-east-1:111111111111:domain/d", "OPENSEARCH_MANAGED_CLUSTER")},
		{`"type":"RDS","rdsConfiguration":{"resourceArn":"arn:aws:rds:us-east-1:111111111111:cluster:c"}`, replica("us-east-1", ownAccount, "arn:aws:rds:us-east-1:111111111111:cluster:c", "RDS")},
		{`"type":"NEPTUNE_ANALYTICS","neptuneAnalyticsConfiguration":{"graphArn":"arn:aws:neptune-graph:us-east-1:111111111111:graph/g"}`,
			replica("us-east-1", ownAccount, "arn:aws:neptune-graph:us-east-1:111111111111:graph/g", "NEPTUNE_ANALYTICS")},
		{`"type":"S3_VECTORS","s3VectorsConfiguration":{"vectorBucketArn":"arn:aws:s3vectors:us-east-1:999999999999:bucket/v"}`,
			replica("us-east-1", "999999999999", "arn:aws:s3vectors:us-east-1:999999999999:bucket/v", "S3_VECTORS")},
		{`"type":"PINECONE","pineconeConfiguration":{"connectionString":"https://docs-1.svc.aped.pinecone.io"}`, replica("", "", "docs-1.svc.aped.pinecone.io", "PINECONE")},
		{`"type":"MONGO_DB_ATLAS","mongoDbAtlasConfiguration":{"endpoint":"docs.abc.mongodb.net"}`, replica("", "", "docs.abc.mongodb.net", "MONGO_DB_ATLAS")},
		{`"type":"REDIS_ENTERPRISE_CLOUD","redisEnterpriseCloudConfiguration":{"endpoint":"r.c1.eu-west-1-1.ec2.cloud.redislabs.com:1234"}`,
			replica("", "", "r.c1.eu-west-1-1.ec2.cloud.redislabs.com", "REDIS_ENTERPRISE_CLOUD")},
		{`"type":"TAPE"`, replica("", "", "", "TAPE")},
	} {
		f := scan(t, "bedrockagent", agents("").knowledge(vectorBase(c.storage), ""))
		f.noGaps(t)
		want := residency.Resource{ID: baseID, Kind: "bedrockagent.knowledge_base", Account: ownAccount, Region: "eu-west-1", Name: "docs", Tags: map[string]string{"a": "b"}, Facts: map[string]any{"type": "VECTOR"},
			Placements: []residency.Placement{modelAt(residency.Transit, "eu-west-1", modelIn("eu-west-1"), "embeddingModelArn "+modelIn("eu-west-1")), c.want}}
		if diff := cmp.Diff([]residency.Resource{want}, f.resources); diff != "" {
			t.Error(diff)
		}
	}
}

// A knowledge base over a store of its own kind copies nothing.
func TestKnowledgeBaseKinds(t *testing.T) {
	for settings, want := range map[string]residency.Source{
		`"type":"KENDRA","kendraKnowledgeBaseConfiguration":{"kendraIndexArn":"arn:aws:kendra:eu-west-1:111111111111:index/i"}`: {
			ID: "arn:aws:kendra:eu-west-1:111111111111:index/i", Role: residency.Transit, Region: "eu-west-1", Account: ownAccount, Via: "kendraIndexArn"},
		`"type":"SQL","sqlKnowledgeBaseConfiguration":{"type":"REDSHIFT","redshiftConfiguration":{"queryEngineConfiguration":{"type":"PROVISIONED","provisionedConfiguration":{"clusterIdentifier":"c"}}}}`: {
			ID: "arn:aws:redshift:eu-west-1:111111111111:cluster:c", Role: residency.Transit, Region: "eu-west-1", Account: ownAccount, Via: "clusterIdentifier"},
		`"type":"SQL","sqlKnowledgeBaseConfiguration":{"type":"REDSHIFT","redshiftConfiguration":{"queryEngineConfiguration":{"type":"SERVERLESS","serverlessConfiguration":{"workgroupArn":"arn:aws:redshift-serverless:eu-west-1:111111111111:workgroup/w"}}}}`: {
			ID: "arn:aws:redshift-serverless:eu-west-1:111111111111:workgroup/w", Role: residency.Transit, Region: "eu-west-1", Account: ownAccount, Via: "workgroupArn"},
	} {
		f := scan(t, "bedrockagent", agents("").knowledge(`"knowledgeBaseConfiguration":{`+settings+`}`, ""))
		f.noGaps(t)
		if r := f.resource(t, baseID); !slices.Equal(r.Sources, []residency.Source{want}) || r.Placements == nil || len(r.Placements) != 0 {
			t.Errorf("%+v", r)
		}
	}
	f := scan(t, "bedrockagent", agents("").knowledge(`"knowledgeBaseConfiguration":{"type":"NEWER"}`, ""))
	if !slices.Equal(f.gaps(), []string{"GetKnowledgeBase unresolved " + baseID}) {
		t.Error(f.gaps())
	}
}

func TestKnowledgeBaseDataSources(t *testing.T) {
	from := func(id, region, account string) residency.Source {
		return residency.Source{ID: id, Region: region, Account: account, Via: "data source wiki"}
	}
	for settings, want := range map[string]residency.Source{
		`"type":"S3","s3Configuration":{"bucketArn":"arn:aws:s3:::manuals","bucketOwnerAccountId":"222222222222"}`:                                                                       from("arn:aws:s3:::manuals", "ap-southeast-2", "222222222222"),
		`"type":"CONFLUENCE","confluenceConfiguration":{"sourceConfiguration":{"hostUrl":"https://acme.atlassian.net","hostType":"SAAS","authType":"BASIC","credentialsSecretArn":"s"}}`: from("acme.atlassian.net", "", ""),
		`"type":"SALESFORCE","salesforceConfiguration":{"sourceConfiguration":{"hostUrl":"https://acme.my.salesforce.com","authType":"OAUTH2_CLIENT_CREDENTIALS"}}`:                      from("acme.my.salesforce.com", "", ""),
		`"type":"SHAREPOINT","sharePointConfiguration":{"sourceConfiguration":{"siteUrls":["https://acme.sharepoint.com/sites/x"],"domain":"acme"}}`:                                     from("acme.sharepoint.com", "", ""),
		`"type":"WEB","webConfiguration":{"sourceConfiguration":{"urlConfiguration":{"seedUrls":[{"url":"https://help.example.org/en"}]}}}`:                                              from("help.example.org", "", ""),
	} {
		a := agents("").knowledge(vectorBase(`"type":"S3_VECTORS","s3VectorsConfiguration":{"indexArn":"arn:aws:s3vectors:eu-west-1:111111111111:bucket/v/index/i"}`), `"dataSourceConfiguration":{`+settings+`}`)
		f := scan(t, "bedrockagent", headBucketIn(a, "ap-southeast-2"))
		f.noGaps(t)
		if r := f.resource(t, baseID); !slices.Equal(r.Sources, []residency.Source{want}) {
			t.Errorf("%+v", r.Sources)
		}
	}
}

func TestKnowledgeBaseIngestion(t *testing.T) {
	a := agents("").knowledge(`"knowledgeBaseConfiguration":{"type":"VECTOR","vectorKnowledgeBaseConfiguration":{"embeddingModelArn":"`+modelIn("eu-west-1")+
		`","supplementalDataStorageConfiguration":{"storageLocations":[{"type":"S3","s3Location":{"uri":"s3://pictures/p"}}]}}}`,
		`"serverSideEncryptionConfiguration":{"kmsKeyArn":"arn:aws:kms:eu-west-1:111111111111:key/k"},"vectorIngestionConfiguration":{
		"parsingConfiguration":{"parsingStrategy":"BEDROCK_FOUNDATION_MODEL","bedrockFoundationModelConfiguration":{"modelArn":"`+modelIn("us-east-1")+`"}},
		"contextEnrichmentConfiguration":{"type":"BEDROCK_FOUNDATION_MODEL","bedrockFoundationModelConfiguration":{"modelArn":"`+modelIn("eu-west-1")+`"}},
		"customTransformationConfiguration":{"intermediateStorage":{"s3Location":{"uri":"s3://between/"}},"transformations":[{"stepToApply":"POST_CHUNKING",
			"transformationFunction":{"transformationLambdaConfiguration":{"lambdaArn":"arn:aws:lambda:us-east-1:111111111111:function:cut:1"}}}]}}`)
	f := scan(t, "bedrockagent", headBucketIn(a, "us-east-1"))
	f.noGaps(t)
	const of = " of data source wiki"
	want := []residency.Placement{
		modelAt(residency.Transit, "eu-west-1", modelIn("eu-west-1"), "embeddingModelArn "+modelIn("eu-west-1")),
		modelAt(residency.Replica, "us-east-1", "arn:aws:s3:::pictures", "supplementalDataStorageConfiguration"),
		{Role: residency.Key, Region: "eu-west-1", Account: ownAccount, Target: "arn:aws:kms:eu-west-1:111111111111:key/k", Via: "kmsKeyArn" + of},
		modelAt(residency.Transit, "us-east-1", modelIn("us-east-1"), "parsingConfiguration"+of+" "+modelIn("us-east-1")),
		modelAt(residency.Transit, "eu-west-1", modelIn("eu-west-1"), "contextEnrichmentConfiguration"+of+" "+modelIn("eu-west-1")),
		modelAt(residency.Replica, "us-east-1", "arn:aws:s3:::between", "intermediateStorage"+of),
		{Role: residency.Transit, Region: "us-east-1", Account: ownAccount, Target: "arn:aws:lambda:us-east-1:111111111111:function:cut", Via: "transformations" + of},
	}
	if diff := cmp.Diff(want, f.resource(t, baseID).Placements); diff != "" {
		t.Error(diff)
	}
	// Data Automation always crosses regions, and no answer says which.
	f = scan(t, "bedrockagent", agents("").knowledge(vectorBase(`"type":"TAPE"`), `"vectorIngestionConfiguration":{"parsingConfiguration":{"parsingStrategy":"BEDROCK_DATA_AUTOMATION"}}`))
	if p := f.resource(t, baseID).Placements; !slices.Contains(p, residency.Placement{Role: residency.Transit, Via: "parsingConfiguration" + of + ", Bedrock Data Automation"}) {
		t.Errorf("%+v", p)
	}
}

func TestBedrockAgentDenied(t *testing.T) {
	ids := []string{agentID, flowID, baseID, promptID}
	for operation, of := range map[string]string{"ListAgents": "", "ListKnowledgeBases": "", "ListPrompts": "", "ListFlows": "", "GetAgent": agentID, "GetKnowledgeBase": baseID, "GetPrompt": promptID,
		"GetFlow": flowID, "ListDataSources": baseID, "GetDataSource": baseID} {
		a := agents("").agent(`"foundationModel":"`+claude+`"`).storedPrompt(`"variants":[]`).flow("").
			knowledge(vectorBase(`"type":"TAPE"`), `"dataSourceConfiguration":{"type":"CUSTOM"}`)
		a["111111111111/any/bedrockagent/"+operation], a["111111111111/eu-west-1/bedrockagent/"+operation] = nil, nil
		f := scan(t, "bedrockagent", a.fail("eu-west-1", "bedrockagent", operation, "", 403, denied))
		want := operation + " denied"
		if of != "" {
			want += " " + of
		}
		if !slices.Equal(f.gaps(), []string{want}) {
			t.Errorf("%s: %v", operation, f.gaps())
		}
		for _, r := range f.resources {
			if unread := r.ID == of && operation[:3] == "Get" && operation != "GetDataSource"; unread != (r.Placements == nil) || r.Tags == nil {
				t.Errorf("%s: %+v", operation, r)
			}
		}
		if seen := len(f.resources); seen != len(ids) && (of != "" || seen != len(ids)-1) {
			t.Errorf("%s: %v", operation, f.ids())
		}
	}
	a := agents("").agent(`"foundationModel":"` + claude + `"`)
	a["111111111111/any/bedrockagent/ListTagsForResource"] = nil
	f := scan(t, "bedrockagent", a.fail("eu-west-1", "bedrockagent", "ListTagsForResource", "", 403, denied))
	if !slices.Equal(f.gaps(), []string{"ListTagsForResource denied " + agentID}) || f.resource(t, agentID).Tags != nil {
		t.Error(f.gaps())
	}
}
