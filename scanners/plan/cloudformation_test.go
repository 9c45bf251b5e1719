package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// told writes a value for the tests.
func told(v Value) string {
	switch v.kind {
	case absent:
		return "nothing"
	case text:
		return shown(v.text)
	case reference:
		return "-> " + v.text + "." + v.attr
	case unknown:
		return "? " + v.text
	case list:
		var all []string
		for _, item := range v.list {
			all = append(all, told(item))
		}
		return "[" + strings.Join(all, " | ") + "]"
	}
	var all []string
	for _, name := range slices.Sorted(maps.Keys(v.fields)) {
		all = append(all, name+"="+told(v.fields[name]))
	}
	return "{" + strings.Join(all, " ") + "}"
}

// evaluated is what an expression comes to in a template with parameters, conditions, mappings and resources.
func evaluated(t *testing.T, expression string, o Options) string {
	t.Helper()
	template := `
Transform: AWS::LanguageExtensions
Parameters:
  Given: {Type: String}
  Open: {Type: String}
  OpenList: {Type: CommaDelimitedList}
  Default: {Type: String, Default: eu-central-1}
  Names: {Type: CommaDelimitedList, Default: "a, b,c"}
  Stored: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /some/name}
Mappings:
  Buckets:
    eu-west-1: {log: eu-logs, same: one}
    us-east-1: {log: us-logs, same: one}
Conditions:
  Ireland: !Equals [!Ref AWS::Region, eu-west-1]
  Virginia: !Equals [!Ref AWS::Region, us-east-1]
  Undecided: !Equals [!Ref Open, x]
  Neither: !Not [!Condition Ireland]
  Both: !And [!Condition Ireland, !Condition Undecided]
  One: !Or [!Condition Ireland, !Condition Undecided]
  None: !And [!Condition Neither, !Condition Undecided]
  Circle: !Not [!Condition Circle]
Resources:
  Named: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub 'acme-${AWS::Region}'}}
  Unnamed: {Type: AWS::S3::Bucket}
  Gone: {Type: AWS::S3::Bucket, Condition: Neither}
  Topic: {Type: AWS::SNS::Topic}
  Custom: {Type: Custom::Thing}
  Held: {Type: AWS::SSM::Parameter, Properties: {Value: !Ref Given}}
  X:
    Type: AWS::S3::Bucket
    Metadata:
      It: ` + expression + "\n"
	s, err := open(Input{Name: "t.yaml", Data: strings.NewReader(template), Size: int64(len(template))}, o)
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	w := newWorld("aws", someRegions, nil)
	if err := s.index(w); err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	stack := s.(*templates).roots[0]
	return told(stack.eval(stack.resources["X"].field("Metadata").field("It")))
}

// Every function: with what it needs, and with something that nobody knows before the deployment.
func TestFunctions(t *testing.T) {
	ireland := Options{Region: "eu-west-1", Account: "111111111111", Stack: "app", Parameters: map[string]string{"Given": "given", "app:Default": "eu-west-2"}}
	const open = "parameter Open of app has no value: give it with --parameters FILE"
	for _, tt := range []struct{ expression, want string }{
		{`!Ref Given`, "given"},
		{`!Ref Default`, "eu-west-2"},
		{`!Ref Names`, "[a | b | c]"},
		{`!Ref Open`, "(" + open + ")"},
		{`!Ref OpenList`, "? parameter OpenList of app has no value: give it with --parameters FILE"},
		{`!Ref Stored`, "(parameter Stored of app is read from Parameter Store when the stack is deployed)"},
		{`!Ref Named`, "-> app/Named.Ref"},
		{`!Ref Gone`, "? app/Gone is not created: its condition is false"},
		{`!Ref Nothing`, `? "Nothing" is neither a parameter nor a resource of the template`},
		{`{Ref: Given}`, "given"},
		{`!Ref AWS::Region`, "eu-west-1"},
		{`!Ref AWS::AccountId`, "111111111111"},
		{`!Ref AWS::Partition`, "aws"},
		{`!Ref AWS::URLSuffix`, "amazonaws.com"},
		{`!Ref AWS::StackName`, "app"},
		{`!Ref AWS::StackId`, "arn:aws:cloudformation:eu-west-1:111111111111:stack/app/(the id of stack app is made up when it is deployed)"},
		{`!Ref AWS::NoValue`, "nothing"},
		{`!Ref AWS::NotificationARNs`, "? AWS::NotificationARNs is known only when the stack is deployed"},
		{`[a, !Ref AWS::NoValue, b]`, "[a | b]"},
		{`{a: !Ref AWS::NoValue, b: c}`, "{b=c}"},

		{`!GetAtt Named.Arn`, "-> app/Named.Arn"},
		{`{Fn::GetAtt: [Named, Arn]}`, "-> app/Named.Arn"},
		{`{Fn::GetAtt: Named.Arn}`, "-> app/Named.Arn"},
		{`!GetAtt Custom.Value`, "? app/Custom.Value is given by a resource of type Custom::Thing, known only after the deployment"},
		{`!GetAtt Held.Value`, "given"},
		{`!GetAtt Nothing.Arn`, `? "Nothing" is no resource of the template`},

		{`!Sub 'arn:aws:s3:::${Named}/*'`, "arn:aws:s3:::acme-eu-west-1/*"},
		{`!Sub '${Named.Arn}/x'`, "arn:aws:s3:::acme-eu-west-1/x"},
		{`!Sub '${Named}'`, "-> app/Named.Ref"},
		{`!Sub 'x-${Unnamed}'`, "x-(name of app/Unnamed)"},
		{`!Sub '${!Given}-${Given}'`, "${Given}-given"},
		{`!Sub ['${a}-${Given}', {a: !Ref Default}]`, "eu-west-2-given"},
		{`!Sub 'x-${Open}'`, "x-(" + open + ")"},
		{`!Sub 'x-${Named.CreatedAt}'`, "x-(app/Named.CreatedAt is known only after the deployment)"},
		{`!Sub 'x-${unclosed'`, "x-${unclosed"},
		{`!Sub {a: b}`, "? Fn::Sub of something that is not a plain text"},

		{`!Join ['', ['arn:aws:s3:::', !Ref Named]]`, "arn:aws:s3:::acme-eu-west-1"},
		{`!Join ['-', !Ref Names]`, "a-b-c"},
		{`!Join ['', [!GetAtt Named.Arn]]`, "-> app/Named.Arn"},
		{`!Join ['-', [a, !Ref AWS::NoValue, b]]`, "a-b"},
		{`!Join ['-', [a, !Ref Open]]`, "a-(" + open + ")"},
		{`!Join ['-', !Ref OpenList]`, "? parameter OpenList of app has no value: give it with --parameters FILE"},

		{`!Select [1, !Ref Names]`, "b"},
		{`!Select ['0', [!GetAtt Named.Arn, x]]`, "-> app/Named.Arn"},
		{`!Select [7, !Ref Names]`, "? Fn::Select takes item 7 of a list that has none"},
		{`!Select [!Ref Open, !Ref Names]`, "? which item Fn::Select takes is not known"},
		{`!Select [1, !Ref OpenList]`, "? parameter OpenList of app has no value: give it with --parameters FILE"},
		{`!Split ['-', a-b]`, "[a | b]"},
		{`!Select [3, !Split [':', 'arn:aws:s3:us-east-1:1:x']]`, "us-east-1"},
		{`!Select [5, !Split [':', !GetAtt Unnamed.Arn]]`, "(name of app/Unnamed)"},
		{`!Select [2, !Split ['/', !Ref AWS::StackId]]`, "(the id of stack app is made up when it is deployed)"},
		{`!Split [':', !Ref Open]`, "? " + open},
		{`!Split ['-', !Ref Unnamed]`, "? (name of app/Unnamed) is known only after the deployment"},

		{`!FindInMap [Buckets, !Ref AWS::Region, log]`, "eu-logs"},
		{`!FindInMap [Buckets, !Ref Open, same]`, "one"},
		{`!FindInMap [Buckets, !Ref Open, log]`, "? " + open},
		{`!FindInMap [Buckets, eu-north-1, log]`, "? mapping Buckets has nothing for eu-north-1, log"},
		{`!FindInMap [Buckets, eu-north-1, log, {DefaultValue: fallback}]`, "fallback"},
		{`!FindInMap [Buckets, eu-west-1, log, {DefaultValue: fallback}]`, "eu-logs"},
		{`!FindInMap [Buckets, !Ref Open, same, {DefaultValue: other}]`, "? " + open},

		{`!If [Ireland, a, b]`, "a"},
		{`!If [Virginia, a, b]`, "b"},
		{`!If [Neither, a, b]`, "b"},
		{`!If [One, a, b]`, "a"},
		{`!If [None, a, b]`, "b"},
		{`!If [Undecided, a, a]`, "a"},
		{`!If [Undecided, a, b]`, "? it hangs on condition Undecided whether it is a or b: " + open},
		{`!If [Both, a, !Ref AWS::NoValue]`, "? it hangs on condition Both whether it is a or not set: " + open},
		{`!If [Undecided, !GetAtt Named.Arn, !GetAtt Unnamed.Arn]`, "[-> app/Named.Arn | -> app/Unnamed.Arn]"},
		{`!If [Circle, a, b]`, "? it hangs on condition Circle whether it is a or b: condition Circle refers to itself"},
		{`!If [Missing, a, b]`, `? it hangs on condition Missing whether it is a or b: condition "Missing" is not in the template`},

		{`!ImportValue other-export`, "? it is imported: no stack of this check exports other-export in its place; check the stack that does together with this one"},
		{`{Fn::GetStackOutput: {StackName: other, OutputName: Out, Region: us-east-1}}`, "? it is output Out of stack other in us-east-1, which is not in this check: check the two together"},
		{`!Select [0, !GetAZs '']`, "eu-west-1a"},
		{`!Select [1, !GetAZs us-east-1]`, "us-east-1b"},
		{`!GetAZs {Ref: Open}`, "? " + open},
		{`!Base64 abc`, "YWJj"},
		{`!Base64 {Ref: Open}`, "? it is the Base64 form of what is known only when the stack is deployed"},
		{`!Cidr [10.0.0.0/16, 2, 8]`, "? Fn::Cidr is worked out only when the stack is deployed"},
		{`{Fn::Length: !Ref Names}`, "3"},
		{`{Fn::Length: !Ref OpenList}`, "? parameter OpenList of app has no value: give it with --parameters FILE"},
		{`{Fn::ToJsonString: {a: [!Ref Given]}}`, `{"a":["given"]}`},
		{`{Fn::ToJsonString: {a: !Ref Unnamed}}`, `{"a":"(name of app/Unnamed)"}`},
		{`!Transform {Name: AWS::Include, Parameters: {Location: s3://x/y}}`, "? it is written by AWS::Include when the stack is deployed"},
		{`{Fn::Made: up}`, "? Fn::Made is a function that this version does not know"},
		{`'{{resolve:ssm:/a/b:1}}'`, "({{resolve:ssm:/a/b:1}} is read only when the stack is deployed)"},
		{`!Sub 'x-{{resolve:ssm:/a/${Given}}}'`, "x-({{resolve:ssm:/a/given}} is read only when the stack is deployed)"},
		{`!Made up`, "? it is written with tag !Made (line 33), which is not CloudFormation's own"},
	} {
		t.Run(tt.expression, func(t *testing.T) {
			if got := evaluated(t, tt.expression, ireland); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// What nobody says of a bare template is not known, and names the flag that would say it.
func TestUnsaid(t *testing.T) {
	for _, tt := range []struct{ expression, want string }{
		{`!Ref AWS::Region`, "(a template does not say its region: give --region)"},
		{`!Ref AWS::AccountId`, "(its account is not known: give --account)"},
		{`!Ref AWS::StackName`, "(the deployed name of stack t is not known: give --stack)"},
		{`!FindInMap [Buckets, !Ref AWS::Region, log]`, "? a template does not say its region: give --region"},
		{`!FindInMap [Buckets, !Ref AWS::Region, same]`, "one"},
		{`!If [Ireland, a, b]`, "? it hangs on condition Ireland whether it is a or b: a template does not say its region: give --region"},
		{`!Select [0, !GetAZs '']`, "? a template does not say its region: give --region"},
		{`!Sub 'arn:aws:s3:::${Named}'`, "arn:aws:s3:::acme-(a template does not say its region: give --region)"},
	} {
		if got := evaluated(t, tt.expression, Options{}); got != tt.want {
			t.Errorf("%s:\ngot  %s\nwant %s", tt.expression, got, tt.want)
		}
	}
}

// expect reads a template and looks for what must and what must not stand in what it comes to.
func expect(t *testing.T, template string, o Options, want, never []string) {
	t.Helper()
	got, err := readText("app.yaml", template, o)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range want {
		if !strings.Contains(got, w) {
			t.Errorf("no %q in\n%s", w, got)
		}
	}
	for _, n := range never {
		if strings.Contains(got, n) {
			t.Errorf("there is %q in\n%s", n, got)
		}
	}
}

func TestConditionalResources(t *testing.T) {
	const template = `
Parameters: {Stage: {Type: String}}
Conditions:
  Prod: !Equals [!Ref Stage, prod]
Resources:
  Copies: {Type: AWS::S3::Bucket, Condition: Prod}
`
	expect(t, template, Options{Region: "us-east-1", Parameters: map[string]string{"Stage": "prod"}}, []string{"app/Copies"}, nil)
	expect(t, template, Options{Region: "us-east-1", Parameters: map[string]string{"Stage": "test"}}, nil, []string{"app/Copies"})
	expect(t, template, Options{Region: "us-east-1"}, []string{"app/Copies · s3.bucket · region us-east-1"}, nil) // it may be there
}

func TestTemplateTags(t *testing.T) {
	expect(t, `
Parameters: {Zone: {Type: String}, Key: {Type: String}}
Resources:
  List: {Type: AWS::S3::Bucket, Properties: {Tags: [{Key: data-residency, Value: eu}, {Key: zone, Value: !Ref Zone}]}}
  Map: {Type: AWS::S3::Bucket, Properties: {Tags: {data-residency: au}}}
  None: {Type: AWS::S3::Bucket}
  Open: {Type: AWS::S3::Bucket, Properties: {Tags: [{Key: !Ref Key, Value: eu}]}}
  Imported: {Type: AWS::S3::Bucket, Properties: {Tags: !ImportValue tags}}
  Global:
    Type: AWS::DynamoDB::GlobalTable
    Properties: {Replicas: [{Region: us-east-1, Tags: [{Key: at, Value: us}]}, {Region: eu-west-1, Tags: [{Key: at, Value: eu}]}]}
`, Options{Region: "eu-west-1"}, []string{
		"app/List · s3.bucket · region eu-west-1 · account - · arn:aws:s3:::* · tags map[data-residency:eu zone:(known after apply)]",
		"app/Map · s3.bucket · region eu-west-1 · account - · arn:aws:s3:::* · tags map[data-residency:au]",
		"app/None · s3.bucket · region eu-west-1 · account - · arn:aws:s3:::*\n",
		"app/Open · s3.bucket · region eu-west-1 · account - · arn:aws:s3:::* · tags not known",
		"gap tags unresolved app/Open its tags are not known before the deployment: parameter Key of app has no value",
		"app/Imported · s3.bucket · region eu-west-1 · account - · arn:aws:s3:::* · tags not known",
		"tags map[at:eu]",
	}, nil)
}

func TestTemplateWaiver(t *testing.T) {
	const template = `
Resources:
  Files: {Type: AWS::S3::Bucket, Metadata: {domicile: {waive: W-7}}}
  Logs: {Type: AWS::S3::Bucket}
`
	c, err := Read([]Input{{Name: "app.yaml", Data: strings.NewReader(template), Size: int64(len(template))}}, Options{Region: "eu-west-1"}, "aws", someRegions, nil)
	if err != nil {
		t.Fatal(err)
	}
	var out collected
	if _, err := c.Emit(&out); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(out.byID["app/Files"].Facts[WaiveFact], out.byID["app/Logs"].Facts[WaiveFact]); got != "W-7<nil>" {
		t.Errorf("waivers: %s", got)
	}
}

// A stack set deploys its template to each of its regions.
func TestStackSet(t *testing.T) {
	const template = `
Parameters: {Targets: {Type: CommaDelimitedList, Default: "eu-west-1,us-east-1"}}
Resources:
  Everywhere:
    Type: AWS::CloudFormation::StackSet
    Properties:
      Parameters: [{ParameterKey: Name, ParameterValue: acme}]
      StackInstancesGroup:
        - DeploymentTargets: {Accounts: ['222222222222']}
          Regions: %s
      %s
`
	body := `TemplateBody: '{"Parameters":{"Name":{"Type":"String"}},"Resources":{"B":{"Type":"AWS::S3::Bucket","Properties":{"BucketName":{"Fn::Sub":"${Name}-${AWS::Region}"}}}}}'`
	for _, tt := range []struct {
		name, regions, body string
		want                []string
	}{
		{"two", "!Ref Targets", body, []string{"app/Everywhere@eu-west-1/B · s3.bucket · region eu-west-1 · account 222222222222 · arn:aws:s3:::acme-eu-west-1\n", "app/Everywhere@us-east-1/B · s3.bucket · region us-east-1"}},
		{"not known", "!ImportValue regions", body, []string{"app/Everywhere@?/B · s3.bucket · region - ", "primary in ? by the regions of stack set app/Everywhere are not known: it is imported"}},
		{"elsewhere", "[eu-west-1]", "TemplateURL: https://x/y.json", []string{"gap template unresolved  app/Everywhere is a stack set, and its template is not here (its template is at https://x/y.json)"}},
		{"malformed", "[eu-west-1]", "TemplateBody: '{\"Resources\":'", []string{"gap template malformed  app/Everywhere is a stack set, and its template cannot be read: line 1: no valid JSON: it ends in the middle"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			expect(t, fmt.Sprintf(template, tt.regions, tt.body), Options{Region: "eu-west-1"}, tt.want, nil)
		})
	}
}

// What a template hides is a gap.
func TestHidden(t *testing.T) {
	for _, tt := range []struct{ name, template, want string }{
		{"macro", "Transform: [AWS::Include, Mine]\nResources: {B: {Type: AWS::S3::Bucket}}", "the template is transformed by Mine before it is deployed"},
		{"macro inside", "Resources: {B: {Type: AWS::S3::Bucket, Properties: {'Fn::Transform': {Name: Mine}, BucketName: b}}}", "a part of the template is written by Mine"},
		{"macro in a resource", "Resources: {B: {Type: AWS::S3::Bucket, 'Fn::Transform': {Name: Mine}}}", "a part of the template is written by Mine"},
		{"macro over all", "'Fn::Transform': {Name: Mine}\nResources: {B: {Type: AWS::S3::Bucket}}", "the template is transformed by Mine"},
		{"macro among resources", "Resources: {'Fn::Transform': {Name: Mine}}", "app/Fn::Transform has no type that is known"},
		{"custom", "Resources: {C: {Type: Custom::Copy}}", "app/C is a custom resource (Custom::Copy)"},
		{"custom by its long name", "Resources: {C: {Type: AWS::CloudFormation::CustomResource}}", "app/C is a custom resource"},
		{"another vendor's", "Resources: {C: {Type: 'Vendor::Db::Cluster'}}", "app/C is of type Vendor::Db::Cluster, which is not AWS's own"},
		{"module", "Resources: {C: {Type: 'My::S3::Bucket::MODULE'}}", "app/C is a module"},
		{"nested", "Resources: {C: {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: 'https://x/y'}}}", "app/C is a nested stack, and its template is not here (https://x/y): check that template too"},
		{"no type", "Resources: {C: {Properties: {}}}", "app/C has no type that is known: Type is missing"},
		{"foreign tag", "Resources: {C: {Type: !Mine x}}", "line 1: tag !Mine is not CloudFormation's own"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			expect(t, tt.template, Options{Region: "eu-west-1"}, []string{tt.want, "gap template "}, nil)
		})
	}
	expect(t, "Resources: {C: {Type: Custom::S3AutoDeleteObjects}}", Options{Region: "eu-west-1"}, nil, []string{"gap"})
}

func TestServerless(t *testing.T) {
	expect(t, `
Transform: AWS::Serverless-2016-10-31
Globals:
  Function: {Tags: {team: files}, Environment: {Variables: {A: b}}}
  SimpleTable: {SSESpecification: {SSEEnabled: true}}
Resources:
  Files: {Type: AWS::S3::Bucket}
  Users: {Type: AWS::Serverless::SimpleTable, Properties: {TableName: users, Tags: {data-residency: eu}}}
  Work:
    Type: AWS::Serverless::Function
    Properties:
      Tags: {part: work}
      Events:
        New: {Type: S3, Properties: {Bucket: !Ref Files, Events: 's3:ObjectCreated:*'}}
`, Options{Region: "eu-west-1"}, []string{
		"app/Users · dynamodb.table · region eu-west-1 · account - · arn:aws:dynamodb:eu-west-1:*:table/users · tags map[data-residency:eu]",
		"capability in eu-west-1 at app/Work by app/WorkNew NotificationConfiguration.LambdaFunctionConfigurations[0].LambdaFunctionArn (event notification New)",
	}, []string{"Serverless", "gap template"})
}

func TestLoops(t *testing.T) {
	const template = `
Transform: AWS::LanguageExtensions
Parameters: {Names: {Type: CommaDelimitedList, Default: "files,logs"}, Open: {Type: CommaDelimitedList}}
Resources:
  Fn::ForEach::Buckets:
    - Name
    - %s
    - Bucket${Name}:
        Type: AWS::S3::Bucket
        Properties:
          BucketName: !Sub acme-${Name}
          Tags: [{Key: is, Value: !Ref Name}]
`
	both := []string{"app/Bucketfiles · s3.bucket · region eu-west-1 · account - · arn:aws:s3:::acme-files · tags map[is:files]", "app/Bucketlogs"}
	expect(t, fmt.Sprintf(template, "!Ref Names"), Options{Region: "eu-west-1"}, both, []string{"gap"})
	expect(t, fmt.Sprintf(template, "[files, logs]"), Options{Region: "eu-west-1"}, both, []string{"gap"})
	expect(t, fmt.Sprintf(template, "[!Ref Names]"), Options{Region: "eu-west-1"}, both, []string{"gap"})
	expect(t, fmt.Sprintf(template, "!Ref Open"), Options{Region: "eu-west-1"}, []string{"gap template unresolved  app: what Fn::ForEach::Buckets goes through is not known: parameter Open"}, nil)
}

// Two templates of one check are one change: an export of the one is an import of the other.
func TestExports(t *testing.T) {
	const exporter = `
Resources: {Copies: {Type: AWS::S3::Bucket}}
Outputs: {Out: {Value: !GetAtt Copies.Arn, Export: {Name: copies}}}
`
	const importer = `
Resources:
  Files:
    Type: AWS::S3::Bucket
    Properties: {ReplicationConfiguration: {Rules: [{Id: r, Status: Enabled, Destination: {Bucket: !ImportValue copies}}]}}
`
	in := func(name, s string) Input { return Input{Name: name, Data: strings.NewReader(s), Size: int64(len(s))} }
	for _, inputs := range [][]Input{{in("a.yaml", exporter), in("b.yaml", importer)}, {in("b.yaml", importer), in("a.yaml", exporter)}} {
		c, err := Read(inputs, Options{Region: "eu-west-1"}, "aws", someRegions, nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := dump(c)
		if want := "replica in eu-west-1 at a/Copies by b/Files"; err != nil || !strings.Contains(got, want) {
			t.Errorf("%v: no %q in\n%s", err, want, got)
		}
	}
}

// Two templates of one file name are two stacks.
func TestSameName(t *testing.T) {
	const template = "Resources: {B: {Type: AWS::S3::Bucket, Properties: {LoggingConfiguration: {DestinationBucketName: !Ref L}}}, L: {Type: AWS::S3::Bucket}}"
	in := func(name string) Input {
		return Input{Name: name, Data: strings.NewReader(template), Size: int64(len(template))}
	}
	c, err := Read([]Input{in("a/t.yaml"), in("b/t.yaml")}, Options{Region: "eu-west-1"}, "aws", someRegions, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := dump(c)
	for _, want := range []string{"at t/L by t/B", "at t#2/L by t#2/B"} {
		if err != nil || !strings.Contains(got, want) {
			t.Errorf("%v: no %q in\n%s", err, want, got)
		}
	}
}

// CDK's own custom resources that declare what CloudFormation cannot without a circle.
func TestCDKResources(t *testing.T) {
	expect(t, `
Resources:
  Files: {Type: AWS::S3::Bucket}
  Work: {Type: AWS::SQS::Queue}
  Notify:
    Type: Custom::S3BucketNotifications
    Properties: {BucketName: !Ref Files, NotificationConfiguration: {QueueConfigurations: [{Events: ['s3:ObjectCreated:*'], QueueArn: !GetAtt Work.Arn}]}}
  Users: {Type: AWS::DynamoDB::Table, Properties: {TableName: users}}
  Copy: {Type: Custom::DynamoDBReplica, Properties: {TableName: !Ref Users, Region: us-east-1}}
`, Options{Region: "eu-west-1"}, []string{
		"queue in eu-west-1 at app/Work by app/Notify NotificationConfiguration.QueueConfigurations[0].QueueArn",
		"replica in us-east-1 by app/Copy Region (replica)",
	}, []string{"gap template"})
}
