package scanners

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrock"
	"github.com/aws/aws-sdk-go-v2/service/bedrockagent"
	"github.com/aws/aws-sdk-go-v2/service/bedrockagent/types"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Bedrock's agents, knowledge bases, prompts and flows: which models they ask and where, and where knowledge comes to rest. What is
// read is the working draft.
var _ = register(Scanner{
	Service: "bedrockagent", Version: 1, Scope: Regional, Rate: 5,
	Kinds: []string{"bedrockagent.agent", "bedrockagent.knowledge_base", "bedrockagent.prompt", "bedrockagent.flow"},
	Calls: []Call{
		{Operation: "ListInferenceProfiles", Package: "bedrock", IAM: "bedrock:ListInferenceProfiles", Facts: placements(residency.Transit)},
		{Operation: "ListAgents", IAM: "bedrock:ListAgents", Facts: allFacts},
		{Operation: "GetAgent", IAM: "bedrock:GetAgent", Facts: allFacts},
		{Operation: "ListKnowledgeBases", IAM: "bedrock:ListKnowledgeBases", Facts: allFacts},
		{Operation: "GetKnowledgeBase", IAM: "bedrock:GetKnowledgeBase", Facts: allFacts},
		{Operation: "ListDataSources", IAM: "bedrock:ListDataSources",
			Facts: append(placements(residency.Transit, residency.Replica, residency.Key), residency.FactSources)},
		{Operation: "GetDataSource", IAM: "bedrock:GetDataSource",
			Facts: append(placements(residency.Transit, residency.Replica, residency.Key), residency.FactSources)},
		{Operation: "ListPrompts", IAM: "bedrock:ListPrompts", Facts: allFacts},
		{Operation: "GetPrompt", IAM: "bedrock:GetPrompt", Facts: allFacts},
		{Operation: "ListFlows", IAM: "bedrock:ListFlows", Facts: allFacts},
		{Operation: "GetFlow", IAM: "bedrock:GetFlow", Facts: allFacts},
		{Operation: "ListTagsForResource", IAM: "bedrock:ListTagsForResource", Facts: tagFacts},
	},
	Scan: scanBedrockAgent,
})

// agentScan is the scan of one account and region.
type agentScan struct {
	client *bedrockagent.Client
	t      *Target
	out    *Sink
	models modelNames
}

func scanBedrockAgent(ctx context.Context, t *Target, out *Sink) error {
	s := &agentScan{client: bedrockagent.NewFromConfig(t.Config()), t: t, out: out}
	s.models = listModelNames(ctx, bedrock.NewFromConfig(t.Config()), t, out)
	follow(ctx, t, out, "ListAgents", func(token *string) ([]types.AgentSummary, *string, error) {
		page, err := s.client.ListAgents(ctx, &bedrockagent.ListAgentsInput{NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return page.AgentSummaries, page.NextToken, nil
	}, s.agent)
	follow(ctx, t, out, "ListKnowledgeBases", func(token *string) ([]types.KnowledgeBaseSummary, *string, error) {
		page, err := s.client.ListKnowledgeBases(ctx, &bedrockagent.ListKnowledgeBasesInput{NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return page.KnowledgeBaseSummaries, page.NextToken, nil
	}, s.knowledgeBase)
	follow(ctx, t, out, "ListPrompts", func(token *string) ([]types.PromptSummary, *string, error) {
		page, err := s.client.ListPrompts(ctx, &bedrockagent.ListPromptsInput{NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return page.PromptSummaries, page.NextToken, nil
	}, s.prompt)
	follow(ctx, t, out, "ListFlows", func(token *string) ([]types.FlowSummary, *string, error) {
		page, err := s.client.ListFlows(ctx, &bedrockagent.ListFlowsInput{NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return page.FlowSummaries, page.NextToken, nil
	}, s.flow)
	return nil
}

func (s *agentScan) agent(ctx context.Context, a types.AgentSummary) {
	r := residency.Resource{ID: s.t.ARN("bedrock", "agent/"+aws.ToString(a.AgentId)), Kind: "bedrockagent.agent", Region: s.t.Region, Name: aws.ToString(a.AgentName)}
	got, err := s.client.GetAgent(ctx, &bedrockagent.GetAgentInput{AgentId: a.AgentId})
	switch {
	case err != nil:
		s.out.Gap(r.ID, "GetAgent", err)
	case got.Agent == nil:
		s.out.Malformed(r.ID, "GetAgent", "the answer has no agent")
	default:
		r.Placements = placeAgent(s.models, *got.Agent)
	}
	s.add(ctx, r)
}

// placeAgent: an agent with a memory keeps summaries of its sessions, in its own region; without one nothing rests in it.
func placeAgent(m modelNames, a types.Agent) []residency.Placement {
	found := []residency.Placement{}
	if a.MemoryConfiguration != nil && len(a.MemoryConfiguration.EnabledMemoryTypes) > 0 {
		found = append(found, residency.Placement{Role: residency.Primary, Region: m.home.Region})
	}
	found = append(found, m.place(aws.ToString(a.FoundationModel), "foundationModel")...)
	if over := a.PromptOverrideConfiguration; over != nil {
		for _, p := range over.PromptConfigurations {
			found = append(found, m.place(aws.ToString(p.FoundationModel), "foundationModel of prompt "+string(p.PromptType))...)
		}
	}
	return append(found, placeAgentKey(m.home, a.CustomerEncryptionKeyArn)...)
}

func placeAgentKey(h Home, key *string) []residency.Placement {
	if aws.ToString(key) == "" {
		return nil
	}
	return []residency.Placement{h.Key(*key).Place(residency.Key, "customerEncryptionKeyArn")}
}

func (s *agentScan) prompt(ctx context.Context, p types.PromptSummary) {
	r := residency.Resource{ID: s.t.ARN("bedrock", "prompt/"+aws.ToString(p.Id)), Kind: "bedrockagent.prompt", Region: s.t.Region, Name: aws.ToString(p.Name)}
	got, err := s.client.GetPrompt(ctx, &bedrockagent.GetPromptInput{PromptIdentifier: p.Id})
	if err != nil {
		s.out.Gap(r.ID, "GetPrompt", err)
	} else {
		r.Placements = placeAgentKey(s.t.Home(), got.CustomerEncryptionKeyArn)
		r.Placements = append(placePrompt(s.models, got.Variants), r.Placements...)
	}
	s.add(ctx, r)
}

func placePrompt(m modelNames, variants []types.PromptVariant) []residency.Placement {
	found := []residency.Placement{}
	for _, v := range variants {
		variant := " of variant " + aws.ToString(v.Name)
		found = append(found, m.place(aws.ToString(v.ModelId), "modelId"+variant)...)
		if agent, ok := v.GenAiResource.(*types.PromptGenAiResourceMemberAgent); ok {
			found = append(found, m.home.Resolve(agentARN(aws.ToString(agent.Value.AgentIdentifier))).Place(residency.Transit, "agentIdentifier"+variant))
		}
	}
	return found
}

// add completes a resource by its tags.
func (s *agentScan) add(ctx context.Context, r residency.Resource) {
	got, err := s.client.ListTagsForResource(ctx, &bedrockagent.ListTagsForResourceInput{ResourceArn: &r.ID})
	if err != nil {
		s.out.Gap(r.ID, "ListTagsForResource", err)
	} else {
		r.Tags = tagsRead(got.Tags)
	}
	s.out.Add(r)
}
