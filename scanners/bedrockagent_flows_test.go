package scanners_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Answers by hand, from the SDK's own types.

func TestStoredPrompts(t *testing.T) {
	f := scan(t, "bedrockagent", agents("").storedPrompt(`"customerEncryptionKeyArn":"arn:aws:kms:eu-west-1:111111111111:key/k","variants":[{"name":"a","templateType":"TEXT","modelId":"`+claude+`"},
		{"name":"b","templateType":"TEXT","genAiResource":{"agent":{"agentIdentifier":"`+bedrockARN+`agent-alias/AG/TS"}}}]`))
	f.noGaps(t)
	want := residency.Resource{ID: promptID, Kind: "bedrockagent.prompt", Account: ownAccount, Region: "eu-west-1", Name: "greeting", Tags: map[string]string{"a": "b"}, Placements: []residency.Placement{
		modelAt(residency.Transit, "eu-west-1", modelIn("eu-west-1"), "modelId of variant a "+claude),
		{Role: residency.Transit, Region: "eu-west-1", Account: ownAccount, Target: agentID, Via: "agentIdentifier of variant b"},
		{Role: residency.Key, Region: "eu-west-1", Account: ownAccount, Target: "arn:aws:kms:eu-west-1:111111111111:key/k", Via: "customerEncryptionKeyArn"}}}
	if diff := cmp.Diff([]residency.Resource{want}, f.resources); diff != "" {
		t.Error(diff)
	}
}

func node(name, kind, configuration string) string {
	return `{"name":"` + name + `","type":"` + kind + `","configuration":{` + configuration + `}}`
}

func TestFlows(t *testing.T) {
	inline := node("ask", "Prompt", `"prompt":{"sourceConfiguration":{"inline":{"modelId":"`+claude+`","templateType":"TEXT"}}}`)
	nodes := node("in", "Input", `"input":{}`) + "," + node("over", "Loop", `"loop":{"definition":{"nodes":[`+inline+`]}}`) + "," +
		node("greet", "Prompt", `"prompt":{"sourceConfiguration":{"resource":{"promptArn":"`+promptID+`:3"}}}`) + "," +
		node("know", "KnowledgeBase", `"knowledgeBase":{"knowledgeBaseId":"KB","modelId":"`+modelIn("us-east-1")+
			`","rerankingConfiguration":{"type":"BEDROCK_RERANKING_MODEL","bedrockRerankingConfiguration":{"modelConfiguration":{"modelArn":"`+modelIn("eu-west-1")+`"}}}}`) + "," +
		node("keep", "Storage", `"storage":{"serviceConfiguration":{"s3":{"bucketName":"answers"}}}`) + "," +
		node("fetch", "Retrieval", `"retrieval":{"serviceConfiguration":{"s3":{"bucketName":"questions"}}}`) + "," +
		node("run", "LambdaFunction", `"lambdaFunction":{"lambdaArn":"arn:aws:lambda:us-east-1:111111111111:function:f"}`) + "," +
		node("bot", "Lex", `"lex":{"botAliasArn":"arn:aws:lex:us-east-1:111111111111:bot-alias/B/A","localeId":"en_GB"}`) + "," +
		node("help", "Agent", `"agent":{"agentAliasArn":"`+bedrockARN+`agent-alias/AG/TS"}`)
	f := scan(t, "bedrockagent", headBucketIn(agents("").flow(nodes), "us-east-1"))
	f.noGaps(t)
	own := func(region, target, via string) residency.Placement {
		return residency.Placement{Role: residency.Transit, Region: region, Account: ownAccount, Target: target, Via: via}
	}
	want := residency.Resource{ID: flowID, Kind: "bedrockagent.flow", Account: ownAccount, Region: "eu-west-1", Name: "answer", Tags: map[string]string{"a": "b"},
		Placements: []residency.Placement{
			modelAt(residency.Transit, "eu-west-1", modelIn("eu-west-1"), "modelId of node ask "+claude),
			own("eu-west-1", promptID, "promptArn of node greet"),
			modelAt(residency.Transit, "us-east-1", modelIn("us-east-1"), "modelId of node know "+modelIn("us-east-1")),
			modelAt(residency.Transit, "eu-west-1", modelIn("eu-west-1"), "rerankingConfiguration of node know "+modelIn("eu-west-1")),
			modelAt(residency.Stream, "us-east-1", "arn:aws:s3:::answers", "bucketName of node keep"),
			own("us-east-1", "arn:aws:lambda:us-east-1:111111111111:function:f", "lambdaArn of node run"),
			own("us-east-1", "arn:aws:lex:us-east-1:111111111111:bot-alias/B/A", "botAliasArn of node bot"),
			own("eu-west-1", agentID, "agentAliasArn of node help"),
		}, Sources: []residency.Source{
			{ID: baseID, Role: residency.Transit, Region: "eu-west-1", Account: ownAccount, Via: "knowledgeBaseId of node know"},
			{ID: "arn:aws:s3:::questions", Role: residency.Transit, Region: "us-east-1", Via: "bucketName of node fetch"},
		}}
	if diff := cmp.Diff([]residency.Resource{want}, f.resources); diff != "" {
		t.Error(diff)
	}
	for name, unknown := range map[string]string{"node": node("x", "Newer", `"newer":{}`), "storage": node("x", "Storage", `"storage":{"serviceConfiguration":{"newer":{}}}`),
		"retrieval": node("x", "Retrieval", `"retrieval":{"serviceConfiguration":{"newer":{}}}`), "prompt": node("x", "Prompt", `"prompt":{"sourceConfiguration":{"newer":{}}}`),
		"in a loop": node("over", "Loop", `"loop":{"definition":{"nodes":[`+node("x", "Newer", `"newer":{}`)+`]}}`)} {
		if got := scan(t, "bedrockagent", agents("").flow(unknown)).gaps(); !slices.Equal(got, []string{"GetFlow unresolved " + flowID}) {
			t.Errorf("%s: %v", name, got)
		}
	}
}
