package plan

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// block is one resource of a hand-written plan, in the form that terraform show -json gives: values known at the plan, what is known
// only after apply, and the configuration's expressions.
type block struct {
	module, address, typ        string // module: address of the module instance
	after, later, configuration string
	provider                    string // default aws
	actions                     string // default create
	more                        string // further members of the change
}

// written makes a plan of blocks. configuration holds further members of the root module's configuration, modules the module calls as the
// configuration nests them, by the path of names.
func written(blocks []block, providers, moduleCalls, variables, more string) string {
	var changes, resources []string
	configured := map[string]bool{}
	for _, b := range blocks {
		name, index := strings.TrimPrefix(b.address, b.typ+"."), ""
		if bare, key, ok := strings.Cut(name, "["); ok {
			name, index = bare, `,"index":`+strings.TrimSuffix(key, "]")
		}
		address := b.address
		if b.module != "" {
			address, index = b.module+"."+b.address, index+fmt.Sprintf(`,"module_address":%s`, quoteJSON(b.module))
		}
		actions := b.actions
		if actions == "" {
			actions = `["create"]`
		}
		changes = append(changes, fmt.Sprintf(`{"address":%s,"mode":"managed","type":%q,"name":%q%s,"change":{"actions":%s,"after":%s,"after_unknown":%s%s}}`,
			quoteJSON(address), b.typ, name, index, actions, orElse(b.after, "{}"), orElse(b.later, "{}"), b.more))
		if one := b.typ + "." + name; b.module == "" && !configured[one] {
			configured[one] = true
			resources = append(resources, resource(b.typ, name, orElse(b.provider, "aws"), b.configuration))
		}
	}
	return fmt.Sprintf(`{"format_version":"1.2","terraform_version":"1.9.8","variables":%s,"resource_changes":[%s],"configuration":{"provider_config":%s,"root_module":{"resources":[%s],"module_calls":%s}}%s}`,
		orElse(variables, "{}"), strings.Join(changes, ","), orElse(providers, euAndUS), strings.Join(resources, ","), orElse(moduleCalls, "{}"), more)
}

func resource(typ, name, provider, expressions string) string {
	return fmt.Sprintf(`{"address":"%s.%s","mode":"managed","type":%q,"name":%q,"provider_config_key":%q,"expressions":%s}`, typ, name, typ, name, provider, orElse(expressions, "{}"))
}

func quoteJSON(s string) string {
	data, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(data)
}

const euAndUS = `{"aws":{"name":"aws","expressions":{"region":{"constant_value":"eu-west-1"}}},"aws.us":{"name":"aws","alias":"us","expressions":{"region":{"constant_value":"us-east-1"}}}}`

// replicating is a bucket with a replication rule whose destination hangs on refs.
func replicating(refs string) []block {
	return []block{
		{address: "aws_s3_bucket.src", typ: "aws_s3_bucket", after: `{"bucket":"src"}`, configuration: `{"bucket":{"constant_value":"src"}}`},
		{address: "aws_s3_bucket_replication_configuration.r", typ: "aws_s3_bucket_replication_configuration",
			after: `{"bucket":"src","rule":[{"id":"all","status":"Enabled","destination":[{}]}]}`, later: `{"rule":[{"destination":[{"bucket":true}]}]}`,
			configuration: `{"bucket":{"constant_value":"src"},"rule":[{"destination":[{"bucket":{"references":[` + refs + `]}}]}]}`},
	}
}

func usBucket(address string) block {
	return block{address: address, typ: "aws_s3_bucket", provider: "aws.us", later: `{"bucket":true,"arn":true}`, configuration: `{"bucket_prefix":{"constant_value":"dst"}}`}
}

// TestReferences: what is known only after apply is followed through the configuration to where it leads, and is not known where that
// cannot be told. want is the replica's line.
func TestReferences(t *testing.T) {
	dst := usBucket("aws_s3_bucket.dst")
	module := func(resources, outputs string) string {
		return `{"store":{"source":"./store","expressions":{"name":{"constant_value":"x"}},"module":{"resources":[` + resources + `],"outputs":{"arn":{"expression":{"references":[` + outputs + `]}}}}}}`
	}
	inModule := block{module: "module.store", address: "aws_s3_bucket.this", typ: "aws_s3_bucket", later: `{"bucket":true}`}
	inKeyed := func(key string) block {
		return block{module: `module.store["` + key + `"]`, address: "aws_s3_bucket.this", typ: "aws_s3_bucket", later: `{"bucket":true}`}
	}
	for _, tt := range []struct {
		name    string
		blocks  []block
		modules string
		want    string
	}{
		{"a resource", append(replicating(`"aws_s3_bucket.dst.arn","aws_s3_bucket.dst"`), dst), "", "replica in us-east-1 at aws_s3_bucket.dst"},
		{"an instance by number", append(replicating(`"aws_s3_bucket.dst[1].arn","aws_s3_bucket.dst[1]","aws_s3_bucket.dst"`), usBucket("aws_s3_bucket.dst[0]"), usBucket("aws_s3_bucket.dst[1]")), "",
			"replica in us-east-1 at aws_s3_bucket.dst[1]"},
		{"an instance by key", append(replicating(`"aws_s3_bucket.dst[\"a.b\"].arn","aws_s3_bucket.dst[\"a.b\"]","aws_s3_bucket.dst"`), usBucket(`aws_s3_bucket.dst["a.b"]`), usBucket(`aws_s3_bucket.dst["c"]`)), "",
			`replica in us-east-1 at aws_s3_bucket.dst["a.b"]`},
		{"one of several in one place", append(replicating(`"aws_s3_bucket.dst"`), usBucket("aws_s3_bucket.dst[0]"), usBucket("aws_s3_bucket.dst[1]")), "", "replica in us-east-1 at aws_s3_bucket.dst[0]"},
		{"one of two in two places", append(replicating(`"aws_s3_bucket.dst.arn","aws_s3_bucket.here.arn"`), dst, block{address: "aws_s3_bucket.here", typ: "aws_s3_bucket", later: `{"bucket":true}`}), "", "replica in ?"},
		{"a local", append(replicating(`"local.dst"`), dst), "", "replica in ?"},
		{"a local beside the resource", append(replicating(`"local.on","aws_s3_bucket.dst.arn","aws_s3_bucket.dst"`), dst), "", "replica in us-east-1 at aws_s3_bucket.dst"},
		{"nothing of this plan", replicating(`"aws_s3_bucket.gone.arn","aws_s3_bucket.gone"`), "", "replica in ?"},
		{"a module's output", append(replicating(`"module.store.arn","module.store"`), inModule), module(resource("aws_s3_bucket", "this", "aws.us", ""), `"aws_s3_bucket.this.arn","aws_s3_bucket.this"`),
			"replica in us-east-1 at module.store.aws_s3_bucket.this"},
		{"an output of one instance of a module", append(replicating(`"module.store[\"a\"].arn","module.store[\"a\"]","module.store"`), inKeyed("a"), inKeyed("b")),
			module(resource("aws_s3_bucket", "this", "aws.us", ""), `"aws_s3_bucket.this.arn","aws_s3_bucket.this"`), `replica in us-east-1 at module.store["a"].aws_s3_bucket.this`},
		{"an output of a local", append(replicating(`"module.store.arn","module.store"`), inModule), module(resource("aws_s3_bucket", "this", "aws.us", ""), `"local.x"`), "replica in ?"},
		{"a circle", append(replicating(`"module.store.arn","module.store"`), inModule), module(resource("aws_s3_bucket", "this", "aws.us", ""), `"module.store.arn"`), "replica in ?"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := readText("plan.json", written(tt.blocks, "", tt.modules, "", ""), Options{})
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(got, tt.want) || strings.HasSuffix(tt.want, "?") && strings.Contains(got, "replica in us") {
				t.Errorf("want %q in\n%s", tt.want, got)
			}
		})
	}
}

// TestModuleInputs: what a module is given from outside is followed outwards, through two levels.
func TestModuleInputs(t *testing.T) {
	inner := `{"inner":{"expressions":{"target":{"references":["var.target"]}},"module":{"variables":{"target":{}},"resources":[` +
		resource("aws_s3_bucket", "src", "aws", `{"bucket":{"constant_value":"src"}}`) + "," +
		resource("aws_s3_bucket_replication_configuration", "r", "aws", `{"bucket":{"references":["aws_s3_bucket.src.id","aws_s3_bucket.src"]},"rule":[{"destination":[{"bucket":{"references":["var.target"]}}]}]}`) + `]}}}`
	calls := `{"outer":{"expressions":{"target":{"references":["aws_s3_bucket.dst.arn","aws_s3_bucket.dst"]}},"module":{"variables":{"target":{}},"module_calls":` + inner + `}}}`
	got, err := readText("plan.json", written([]block{
		usBucket("aws_s3_bucket.dst"),
		{module: "module.outer.module.inner", address: "aws_s3_bucket.src", typ: "aws_s3_bucket", after: `{"bucket":"src"}`},
		{module: "module.outer.module.inner", address: "aws_s3_bucket_replication_configuration.r", typ: "aws_s3_bucket_replication_configuration",
			after: `{"rule":[{"status":"Enabled","destination":[{}]}]}`, later: `{"bucket":true,"rule":[{"destination":[{"bucket":true}]}]}`},
	}, "", calls, "", ""), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if want := "replica in us-east-1 at aws_s3_bucket.dst by module.outer.module.inner.aws_s3_bucket_replication_configuration.r"; !strings.Contains(got, want) {
		t.Errorf("want %q in\n%s", want, got)
	}
}

// TestRegions: where a resource is, by its own attribute, its ARN, its provider, a variable, a data source, the user, or not known.
func TestRegions(t *testing.T) {
	bucket := func(after, later, provider string) []block {
		return []block{{address: "aws_s3_bucket.a", typ: "aws_s3_bucket", after: after, later: later, provider: provider, configuration: `{"bucket":{"constant_value":"a"}}`}}
	}
	provider := func(region string) string {
		return `{"aws":{"name":"aws","expressions":{"region":` + region + `}}}`
	}
	for _, tt := range []struct {
		name, plan string
		options    Options
		want       string
	}{
		{"its own attribute before the provider's", written(bucket(`{"bucket":"a","region":"us-east-1"}`, "", "aws"), "", "", "", ""), Options{}, "region us-east-1"},
		{"its own attribute known only after apply", written(bucket(`{"bucket":"a"}`, `{"region":true}`, "aws.us"), "", "", "", ""), Options{}, "region us-east-1"},
		{"an alias", written(bucket(`{"bucket":"a"}`, "", "aws.us"), "", "", "", ""), Options{}, "region us-east-1"},
		{"a variable", written(bucket(`{"bucket":"a"}`, "", "aws"), provider(`{"references":["var.region"]}`), "", `{"region":{"value":"ap-southeast-2"}}`, ""), Options{}, "region ap-southeast-2"},
		{"a variable's member", written(bucket(`{"bucket":"a"}`, "", "aws"), provider(`{"references":["var.regions[\"au\"]","var.regions"]}`), "", `{"regions":{"value":{"au":"ap-southeast-2"}}}`, ""), Options{}, "region ap-southeast-2"},
		{"a variable that makes up a part", written(bucket(`{"bucket":"a"}`, "", "aws"), provider(`{"references":["var.area"]}`), "", `{"area":{"value":"eu"}}`, ""), Options{}, "region - "},
		{"a local", written(bucket(`{"bucket":"a"}`, "", "aws"), provider(`{"references":["local.region"]}`), "", "", ""), Options{}, "region - "},
		{"the environment's", written(bucket(`{"bucket":"a"}`, "", "aws"), `{"aws":{"name":"aws"}}`, "", "", ""), Options{}, "region - "},
		{"the environment's, given by the user", written(bucket(`{"bucket":"a"}`, "", "aws"), `{"aws":{"name":"aws"}}`, "", "", ""), Options{Region: "eu-west-1"}, "region eu-west-1"},
		{"the provider's before the user's", written(bucket(`{"bucket":"a"}`, "", "aws"), "", "", "", ""), Options{Region: "us-east-1"}, "region eu-west-1"},
		{"an emulator's", written(bucket(`{"bucket":"a"}`, "", "aws"), provider(`{"constant_value":"localhost"}`), "", "", ""), Options{}, "region - "},
		{"its ARN", written([]block{{address: "aws_dynamodb_table.t", typ: "aws_dynamodb_table", after: `{"name":"t","arn":"arn:aws:dynamodb:us-west-2:111111111111:table/t"}`, actions: `["update"]`}}, `{"aws":{"name":"aws"}}`, "", "", ""),
			Options{}, "region us-west-2 · account 111111111111"},
		{"a provider that the module was passed, of Terraform before 1.1", strings.Replace(written([]block{{module: "module.m", address: "aws_s3_bucket.a", typ: "aws_s3_bucket", after: `{"bucket":"a"}`}}, "",
			`{"m":{"module":{"resources":[`+resource("aws_s3_bucket", "a", "m:aws", "")+`]}}}`, "", ""), "1.9.8", "0.15.5", 1), Options{}, "region - "},
		{"the only provider there is, of Terraform before 1.1", written([]block{{module: "module.m", address: "aws_s3_bucket.a", typ: "aws_s3_bucket", after: `{"bucket":"a"}`}}, provider(`{"constant_value":"eu-west-1"}`),
			`{"m":{"module":{"resources":[`+resource("aws_s3_bucket", "a", "m:aws", "")+`]}}}`, "", ""), Options{}, "region eu-west-1"},
		{"the role that a provider assumes", written(bucket(`{"bucket":"a"}`, "", "aws"),
			`{"aws":{"name":"aws","expressions":{"region":{"constant_value":"eu-west-1"},"assume_role":[{"role_arn":{"constant_value":"arn:aws:iam::222222222222:role/deploy"}}]}}}`, "", "", ""), Options{}, "account 222222222222"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := readText("plan.json", tt.plan, tt.options)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(got, tt.want) {
				t.Errorf("want %q in\n%s", tt.want, got)
			}
		})
	}
}

// TestActions: what a plan takes away is not there, what it replaces is what comes, and what it leaves alone is there for others.
func TestActions(t *testing.T) {
	one := func(actions, more string) string {
		return written([]block{{address: "aws_s3_bucket.a", typ: "aws_s3_bucket", after: `{"bucket":"a"}`, actions: actions, more: more}}, "", "", "", "")
	}
	for _, tt := range []struct {
		name, plan string
		changes    bool
		there      bool
	}{
		{"create", one(`["create"]`, ""), true, true},
		{"update", one(`["update"]`, ""), true, true},
		{"replace", one(`["delete","create"]`, ""), true, true},
		{"replace, created first", one(`["create","delete"]`, ""), true, true},
		{"no-op", one(`["no-op"]`, ""), false, true},
		{"imported", one(`["no-op"]`, `,"importing":{"id":"a"}`), true, true},
		{"delete", strings.Replace(one(`["delete"]`, ""), `"after":{"bucket":"a"}`, `"before":{"bucket":"a"},"after":null`, 1), false, false},
		{"forget", strings.Replace(one(`["forget"]`, ""), `"after":{"bucket":"a"}`, `"before":{"bucket":"a"},"after":null`, 1), false, false},
		{"moved", strings.Replace(one(`["no-op"]`, ""), `"mode"`, `"previous_address":"aws_s3_bucket.old","mode"`, 1), true, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := Read([]Input{{Name: "plan.json", Data: strings.NewReader(tt.plan), Size: int64(len(tt.plan))}}, Options{}, "aws", someRegions, nil)
			if err != nil {
				t.Fatal(err)
			}
			var out collected
			if _, err := c.Emit(&out); err != nil {
				t.Fatal(err)
			}
			if there := len(out.ids) == 1; there != tt.there || c.Changes("aws_s3_bucket.a") != tt.changes {
				t.Errorf("there: %v, want %v; changes: %v, want %v", there, tt.there, c.Changes("aws_s3_bucket.a"), tt.changes)
			}
		})
	}
}

// TestComputedAndDynamic: what a provider fills in by itself is no setting; what a dynamic block makes is one, known or not.
func TestComputedAndDynamic(t *testing.T) {
	got, err := readText("plan.json", written([]block{
		{address: "aws_s3_bucket.computed", typ: "aws_s3_bucket", after: `{"bucket":"computed"}`, later: `{"acl":true,"logging":true,"replication_configuration":true,"acceleration_status":true,"policy":true,"grant":true}`, configuration: `{"bucket":{"constant_value":"computed"}}`},
		{address: "aws_s3_bucket.dynamic", typ: "aws_s3_bucket", after: `{"bucket":"dynamic"}`},
		{address: "aws_s3_bucket_replication_configuration.r", typ: "aws_s3_bucket_replication_configuration", after: `{"bucket":"dynamic"}`, later: `{"rule":true}`, configuration: `{"bucket":{"constant_value":"dynamic"}}`},
	}, "", "", "", ""), Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := "aws_s3_bucket.computed · s3.bucket · region eu-west-1 · account - · arn:aws:s3:::computed\n  primary in eu-west-1\n" +
		"aws_s3_bucket.dynamic · s3.bucket · region eu-west-1 · account - · arn:aws:s3:::dynamic\n  primary in eu-west-1\n  replica in ? by"
	if !strings.HasPrefix(got, want) {
		t.Errorf("want\n%s\nin\n%s", want, got)
	}
}

// TestFilledBlocks: a block that the provider fills in is none where nobody gives it, and what the configuration says where somebody does.
func TestFilledBlocks(t *testing.T) {
	given := `{"logging_config":[{"log_group":{"references":["local.group"]}}]}`
	for _, tt := range []struct{ name, later, configuration, want string }{
		{"filled in", `{"logging_config":true}`, `{}`, ""},
		{"given, not known", `{"logging_config":[{"log_group":true}]}`, given, "log in ?"},
		{"given, not known as a whole", `{"logging_config":true}`, given, "log in ?"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := readText("plan.json", written([]block{{address: "aws_lambda_function.f", typ: "aws_lambda_function", after: `{"function_name":"f"}`, later: tt.later, configuration: tt.configuration}}, "", "", "", ""), Options{})
			if err != nil {
				t.Fatal(err)
			}
			if has := strings.Contains(got, "log in"); has != (tt.want != "") || !strings.Contains(got, tt.want) {
				t.Errorf("want %q in\n%s", tt.want, got)
			}
		})
	}
}

// TestOwnRegion: the attribute region of version 6 of the provider, known, followed, or not known; where nobody gives it, the provider's.
func TestOwnRegion(t *testing.T) {
	for _, tt := range []struct{ name, after, later, configuration, want string }{
		{"known", `{"bucket":"a","region":"us-east-1"}`, `{}`, `{"region":{"references":["each.value"]}}`, "region us-east-1"},
		{"not given", `{"bucket":"a"}`, `{"region":true}`, `{}`, "region eu-west-1"},
		{"of another bucket", `{"bucket":"a"}`, `{"region":true}`, `{"region":{"references":["aws_s3_bucket.us.region","aws_s3_bucket.us"]}}`, "region us-west-2"},
		{"given, not known", `{"bucket":"a"}`, `{"region":true}`, `{"region":{"references":["local.region"]}}`, "region -"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := readText("plan.json", written([]block{
				{address: "aws_s3_bucket.us", typ: "aws_s3_bucket", after: `{"bucket":"us","region":"us-west-2"}`},
				{address: "aws_s3_bucket.a", typ: "aws_s3_bucket", after: tt.after, later: tt.later, configuration: tt.configuration}}, "", "", "", ""), Options{})
			if err != nil {
				t.Fatal(err)
			}
			if want := "aws_s3_bucket.a · s3.bucket · " + tt.want; !strings.Contains(got, want) {
				t.Errorf("want %q in\n%s", want, got)
			}
		})
	}
}

// TestLookedUpOrMade: a bucket of the plan, or one that a data source finds only when the plan is applied: which one is not known.
func TestLookedUpOrMade(t *testing.T) {
	got, err := readText("plan.json", written([]block{
		{address: "aws_s3_bucket.src", typ: "aws_s3_bucket", after: `{"bucket":"src"}`},
		{address: "aws_s3_bucket.own", typ: "aws_s3_bucket", after: `{"bucket":"own"}`},
		{address: "aws_s3_bucket_logging.src", typ: "aws_s3_bucket_logging", after: `{"bucket":"src"}`, later: `{"target_bucket":true}`,
			configuration: `{"target_bucket":{"references":["var.own","aws_s3_bucket.own.id","aws_s3_bucket.own","data.aws_s3_bucket.theirs.id","data.aws_s3_bucket.theirs"]}}`},
	}, "", "", "", ""), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if want := "log in ? by aws_s3_bucket_logging.src target_bucket"; !strings.Contains(got, want) {
		t.Errorf("want %q in\n%s", want, got)
	}
}

// TestTags: those of the resource with those of its provider, and what of them is known.
func TestTags(t *testing.T) {
	with := `{"aws":{"name":"aws","expressions":{"region":{"constant_value":"eu-west-1"},"default_tags":[{"tags":{"constant_value":{"team":"a","data-residency":"eu"}}}]}}}`
	open := `{"aws":{"name":"aws","expressions":{"region":{"constant_value":"eu-west-1"},"default_tags":[{"tags":{"references":["local.tags"]}}]}}}`
	for _, tt := range []struct{ name, after, later, configuration, providers, want string }{
		{"none", `{"bucket":"a","tags":null}`, "", "", "", "arn:aws:s3:::a\n"},
		{"its own", `{"bucket":"a","tags":{"x":"y"}}`, "", "", "", "tags map[x:y]"},
		{"all", `{"bucket":"a","tags":{"x":"y"},"tags_all":{"team":"a","x":"y"}}`, "", "", with, "tags map[team:a x:y]"},
		{"with defaults", `{"bucket":"a","tags":{"team":"b"}}`, `{"tags_all":true}`, "", with, "tags map[data-residency:eu team:b]"},
		{"defaults not known", `{"bucket":"a","tags":{"team":"b"}}`, `{"tags_all":true}`, "", open, "tags not known"},
		{"one value not known", `{"bucket":"a","tags":{"data-residency":"eu"}}`, `{"tags":{"Name":true}}`, `{"tags":{"references":["random_id.x.hex","random_id.x"]}}`, "", "tags map[Name:(known after apply) data-residency:eu]"},
		{"not known at all", `{"bucket":"a"}`, `{"tags":true}`, `{"tags":{"references":["local.tags"]}}`, "", "tags not known"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := readText("plan.json", written([]block{{address: "aws_s3_bucket.a", typ: "aws_s3_bucket", after: tt.after, later: tt.later, configuration: tt.configuration}}, tt.providers, "", "", ""), Options{})
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(got, tt.want) {
				t.Errorf("want %q in\n%s", tt.want, got)
			}
		})
	}
}

// TestIncomplete: what a plan says is missing of itself is a gap.
func TestIncomplete(t *testing.T) {
	for _, tt := range []struct{ more, want string }{
		{`,"errored":true`, "ended with an error"},
		{`,"complete":false`, "not complete"},
		{`,"deferred_changes":[{"reason":"provider_config_unknown","resource_change":{"address":"aws_s3_bucket.later"}}]`, "aws_s3_bucket.later is deferred"},
		{`,"planned_values":{"root_module":{"child_modules":[{"resources":[{"address":"module.m.aws_s3_bucket.lost","mode":"managed"}]}]}}`, "module.m.aws_s3_bucket.lost first"},
		{`,"errored":false,"complete":true`, ""},
	} {
		got, err := readText("plan.json", written([]block{{address: "aws_s3_bucket.a", typ: "aws_s3_bucket", after: `{"bucket":"a"}`}}, "", "", "", tt.more), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if has := strings.Contains(got, "gap plan unresolved"); has != (tt.want != "") || !strings.Contains(got, tt.want) {
			t.Errorf("%s: want %q in\n%s", tt.more, tt.want, got)
		}
	}
}

// TestOwnARN: the attribute arn of some types names another resource: it tells neither where they are nor, when they are deleted, what is gone.
func TestOwnARN(t *testing.T) {
	bus := "arn:aws:events:us-east-1:111111111111:event-bus/default"
	plan := written([]block{
		{address: "aws_cloudwatch_event_rule.r", typ: "aws_cloudwatch_event_rule", after: `{"name":"r"}`},
		{address: "aws_cloudwatch_event_target.t", typ: "aws_cloudwatch_event_target", after: `{"rule":"r","arn":"` + bus + `"}`},
	}, "", "", "", "")
	got, err := readText("plan.json", plan, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if want := "aws_cloudwatch_event_rule.r · eventbridge.rule · region eu-west-1 · account - · arn:aws:events:eu-west-1:*:rule/r\n  capability in eu-west-1\n  transit in us-east-1 of 111111111111 at " + bus; !strings.Contains(got, want) {
		t.Errorf("want %q in\n%s", want, got)
	}
	gone := `{"format_version":"1.2","resource_changes":[
		{"address":"aws_cloudwatch_event_target.t","mode":"managed","type":"aws_cloudwatch_event_target","name":"t","change":{"actions":["delete"],"before":{"arn":"arn:aws:sqs:eu-west-1:111111111111:q"},"after":null}},
		{"address":"aws_sqs_queue.q","mode":"managed","type":"aws_sqs_queue","name":"q","change":{"actions":["delete"],"before":{"arn":"arn:aws:sqs:eu-west-1:111111111111:own"},"after":null}}]}`
	c, err := Read([]Input{{Name: "plan.json", Data: strings.NewReader(gone), Size: int64(len(gone))}}, Options{}, "aws", someRegions, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(c.Deleted(), " "); got != "arn:aws:sqs:eu-west-1:111111111111:own" {
		t.Errorf("deleted: %s", got)
	}
}
