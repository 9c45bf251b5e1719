package plan

import (
	"strings"

	"github.com/seed-1578181b/domicile/internal/locate"
	"github.com/seed-1578181b/domicile/internal/residency"
)

// Bedrock: where prompts and completions are logged, into which regions profiles send them, and what agents, prompts and flows ask.
var _ = both(
	pair("aws_bedrock_inference_profile name", "AWS::Bedrock::ApplicationInferenceProfile InferenceProfileName", row{kind: "bedrock.inference_profile",
		arn: "arn:{partition}:bedrock:{region}:{account}:application-inference-profile/{id}", read: readInferenceProfile}),
	pair("aws_bedrockagent_agent agent_name", "AWS::Bedrock::Agent AgentName", row{kind: "bedrockagent.agent",
		arn: "arn:{partition}:bedrock:{region}:{account}:agent/{id}", read: func(v view) {
			if len(v.each("memory_configuration")) > 0 && !v.off("memory_configuration.enabled_memory_types", true) { // summaries of its sessions
				v.here(residency.Primary, "")
			}
			v.models("", "foundation_model")
			for _, p := range v.each("prompt_override_configuration.prompt_configurations") {
				p.models("prompt "+p.text("prompt_type"), "foundation_model")
			}
			v.place(residency.Key, "", "customer_encryption_key_arn", asKey)
		}}),
	pair("aws_bedrockagent_agent_alias", "AWS::Bedrock::AgentAlias", row{kind: "bedrockagent.agent", settings: settingsOf("agent_id", asLocal("bedrock", "agent/")), read: nothing}),
	pair("aws_bedrockagent_prompt name", "AWS::Bedrock::Prompt Name", row{kind: "bedrockagent.prompt",
		arn: "arn:{partition}:bedrock:{region}:{account}:prompt/{id}", read: func(v view) {
			for _, p := range v.each("variant|variants") {
				p.models("variant "+p.text("name"), "model_id")
				p.place(residency.Transit, "variant "+p.text("name"), "gen_ai_resource.agent.agent_identifier", asAgent)
			}
			v.place(residency.Key, "", "customer_encryption_key_arn", asKey)
		}}),
	pair("aws_bedrockagent_flow name", "AWS::Bedrock::Flow Name", row{kind: "bedrockagent.flow",
		arn: "arn:{partition}:bedrock:{region}:{account}:flow/{id}", read: func(v view) {
			for _, n := range v.each("definition.node|nodes") {
				readFlowNode(n)
			}
			if v.set("definition_s3_location") || v.set("definition_string") {
				v.gap("definition", residency.ClassUnresolved, v.via("definition_s3_location", "")+": the definition lies outside the template")
			}
			v.place(residency.Key, "", "customer_encryption_key_arn", asKey)
		}}),
	[]row{
		{typ: "aws_bedrock_model_invocation_logging_configuration", kind: "bedrock.model_invocation_logging",
			arn: "arn:{partition}:bedrock:{region}:{account}:model-invocation-logging-configuration", read: func(v view) {
				for _, c := range v.each("logging_config") {
					readInvocations(c)
				}
			}},
	},
)

// readInferenceProfile: the models of a profile that is there already are known; those of a new one are its source's.
func readInferenceProfile(v view) {
	const label = "application inference profile"
	there := v.each("models")
	for _, m := range there {
		if m.text("model_arn") == "" {
			there = nil
			break
		}
	}
	for _, m := range there {
		m.models(label, "model_arn")
	}
	switch {
	case len(there) > 0:
	case v.set("model_source.copy_from"):
		v.models(label, "model_source.copy_from")
	default:
		v.add(residency.Placement{Role: residency.Transit, Via: v.via("model_source", label) + " without models"})
	}
}

// invocations are the kinds of content that a log of invocations may leave out. What the provider does not know yet AWS delivers.
var invocations = []string{"text_data_delivery_enabled", "image_data_delivery_enabled", "embedding_data_delivery_enabled", "video_data_delivery_enabled", "audio_data_delivery_enabled"}

// readInvocations: whole conversations, unless every kind of content is expressly left out; then who asked which model, and when.
func readInvocations(v view) {
	role := residency.Metadata
	for _, kind := range invocations {
		if !v.is(kind, "false") {
			role = residency.Log
		}
	}
	for _, to := range v.each("s3_config") {
		to.must(role, "", "bucket_name", asBucket)
	}
	for _, to := range v.each("cloudwatch_config") {
		to.must(role, "", "log_group_name", asGroup)
		for _, large := range to.each("large_data_delivery_s3_config") {
			large.must(role, "", "bucket_name", asBucket)
		}
	}
}

// flowNodes are the kinds of node that steer a flow and send nothing anywhere.
var flowNodes = []string{"Input", "Output", "Condition", "Iterator", "Collector", "InlineCode", "LoopInput", "LoopController"}

// readFlowNode is what a node of a flow sends and takes.
func readFlowNode(n view) {
	of := "node " + n.text("name")
	for _, c := range n.each("configuration") {
		for _, inner := range c.each("loop.definition.node|nodes") {
			if inner.at.kind == object { // what is not known would lie in itself without end
				readFlowNode(inner)
			}
		}
		c.from(residency.Transit, of, "retrieval.service_configuration.s3.bucket_name", asBucket)
		c.from(residency.Transit, of, "knowledge_base.knowledge_base_id", asLocal("bedrock", "knowledge-base/"))
		c.models(of, "knowledge_base.model_id")
		c.models(of, "knowledge_base.reranking_configuration.bedrock_reranking_configuration.model_configuration.model_arn")
		c.models(of, "prompt.source_configuration.inline.model_id")
		c.place(residency.Transit, of, "prompt.source_configuration.resource.prompt_arn", asPrompt)
		c.place(residency.Stream, of, "storage.service_configuration.s3.bucket_name", asBucket)
		c.place(residency.Transit, of, "lambda_function.lambda_arn", asARN)
		c.place(residency.Transit, of, "lex.bot_alias_arn", asARN)
		c.place(residency.Transit, of, "agent.agent_alias_arn", asAgent)
	}
	for _, kind := range append([]string{"Loop", "Retrieval", "KnowledgeBase", "Prompt", "Storage", "LambdaFunction", "Lex", "Agent"}, flowNodes...) {
		if n.is("type", kind) {
			return
		}
	}
	n.gap("definition", residency.ClassUnresolved, n.via("type", "")+" "+n.text("type")+" is a kind of node that is not known to this version")
}

// asAgent is the agent behind an alias.
func asAgent(h locate.Home, arn string) locate.Destination {
	if head, rest, isAlias := strings.Cut(arn, ":agent-alias/"); isAlias {
		agent, _, _ := strings.Cut(rest, "/")
		arn = head + ":agent/" + agent
	}
	return h.Resolve(arn)
}

// asPrompt is a prompt without its version.
func asPrompt(h locate.Home, arn string) locate.Destination {
	if head, rest, ok := strings.Cut(arn, ":prompt/"); ok {
		id, _, _ := strings.Cut(rest, ":")
		arn = head + ":prompt/" + id
	}
	return h.Resolve(arn)
}
