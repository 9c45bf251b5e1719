package plan

import "testing"

func TestVolumesAndImages(t *testing.T) {
	vol := planned{address: "aws_ebs_volume.v", values: `{"availability_zone":"eu-west-1b"}`}
	snap := planned{address: "aws_ebs_snapshot.s", refs: refsTo("volume_id", "aws_ebs_volume.v.id")}
	runRows(t, []rowCase{
		{name: "volume", terraform: []planned{vol}, want: placed{"aws_ebs_volume.v": {"primary in eu-west-1"}}},
		{name: "volume placed by its zone", terraform: []planned{{address: "aws_ebs_volume.v", provider: "aws.open", values: `{"availability_zone":"us-east-1b"}`}},
			want: placed{"aws_ebs_volume.v": {"primary in us-east-1"}}},
		{name: "volume in a Local Zone", terraform: []planned{{address: "aws_ebs_volume.v", values: `{"availability_zone":"eu-central-1-waw-1a"}`}},
			want: placed{"aws_ebs_volume.v": {"primary in ?"}}},
		{name: "volume on an Outpost", terraform: []planned{{address: "aws_ebs_volume.v", values: `{"availability_zone":"eu-west-1a","outpost_arn":"arn:aws:outposts:eu-west-1:111111111111:outpost/op"}`}},
			want: placed{"aws_ebs_volume.v": {"primary in ?"}}},
		{name: "volume of no region", terraform: []planned{{address: "aws_ebs_volume.v", provider: "aws.open"}}, want: placed{"aws_ebs_volume.v": {"primary in ?"}}},
		{name: "volume of a snapshot", terraform: []planned{vol, snap, {address: "aws_ebs_volume.w", refs: refsTo("snapshot_id", "aws_ebs_snapshot.s.id")}},
			want: placed{"aws_ebs_volume.w": {"primary in eu-west-1", "from in eu-west-1 at aws_ebs_snapshot.s"},
				"aws_ebs_snapshot.s": {"backup in eu-west-1", "from backup in eu-west-1 at aws_ebs_volume.v"}}},
		{name: "instance", terraform: []planned{{address: "aws_instance.i", provider: "aws.us", values: `{"root_block_device":[{"kms_key_id":"arn:aws:kms:eu-west-1:111111111111:key/k"}],"ebs_block_device":[{"snapshot_id":"snap-1"}]}`}},
			want: placed{"aws_instance.i": {"primary in us-east-1", "key in eu-west-1 of 111111111111 at arn:aws:kms:eu-west-1:111111111111:key/k", "from in us-east-1 at arn:aws:ec2:us-east-1::snapshot/snap-1"}}},
		{name: "snapshot copied inside", terraform: []planned{vol, snap, {address: "aws_ebs_snapshot_copy.c", values: `{"source_region":"eu-west-1"}`, refs: refsTo("source_snapshot_id", "aws_ebs_snapshot.s.id")}},
			want: placed{"aws_ebs_snapshot_copy.c": {"backup in eu-west-1", "from backup in eu-west-1 at aws_ebs_snapshot.s"}}},
		{name: "snapshot copied abroad", terraform: []planned{vol, snap, {address: "aws_ebs_snapshot_copy.c", provider: "aws.us", values: `{"source_region":"eu-west-1"}`, refs: refsTo("source_snapshot_id", "aws_ebs_snapshot.s.id")}},
			want: placed{"aws_ebs_snapshot_copy.c": {"backup in us-east-1", "from backup in eu-west-1 at aws_ebs_snapshot.s"}}},
		{name: "snapshot copied from a region by name", terraform: []planned{{address: "aws_ebs_snapshot_copy.c", values: `{"source_region":"us-east-1","source_snapshot_id":"snap-1"}`}},
			want: placed{"aws_ebs_snapshot_copy.c": {"backup in eu-west-1", "from backup in us-east-1 at arn:aws:ec2:us-east-1::snapshot/snap-1"}}},
		{name: "snapshot copied from nobody knows where", terraform: []planned{{address: "aws_ebs_snapshot_copy.c", values: `{"source_snapshot_id":"snap-1"}`, refs: refsTo("source_region", "local.region")}},
			want: placed{"aws_ebs_snapshot_copy.c": {"backup in eu-west-1", "from backup in ?"}}},
		{name: "snapshot shared", terraform: []planned{vol, snap, {address: "aws_snapshot_create_volume_permission.p", values: `{"account_id":"222222222222"}`, refs: refsTo("snapshot_id", "aws_ebs_snapshot.s.id")},
			{address: "aws_snapshot_create_volume_permission.open", refs: map[string]any{"snapshot_id": []string{"aws_ebs_snapshot.s.id"}, "account_id": []string{"local.friend"}}}},
			want: placed{"aws_ebs_snapshot.s": {"backup in eu-west-1", "backup in eu-west-1 of 222222222222", "from backup in eu-west-1 at aws_ebs_volume.v", "gap policy unresolved"}}},
		{name: "image copied from abroad", terraform: []planned{{address: "aws_ami_copy.c", values: `{"source_ami_id":"ami-1","source_ami_region":"us-east-1"}`}},
			want: placed{"aws_ami_copy.c": {"backup in eu-west-1", "from backup in us-east-1 at arn:aws:ec2:us-east-1::image/ami-1"}}},
		{name: "image copied abroad", terraform: []planned{{address: "aws_ami_from_instance.a", values: `{"name":"a"}`},
			{address: "aws_ami_copy.c", provider: "aws.us", values: `{"source_ami_region":"eu-west-1"}`, refs: refsTo("source_ami_id", "aws_ami_from_instance.a.id")}},
			want: placed{"aws_ami_copy.c": {"backup in us-east-1", "from backup in eu-west-1 at aws_ami_from_instance.a"}}},
		{name: "image shared", terraform: []planned{{address: "aws_ami.a", values: `{"name":"a","ebs_block_device":[{"snapshot_id":"snap-1"}]}`},
			{address: "aws_ami_launch_permission.all", values: `{"group":"all"}`, refs: refsTo("image_id", "aws_ami.a.id")},
			{address: "aws_ami_launch_permission.one", values: `{"account_id":"222222222222"}`, refs: refsTo("image_id", "aws_ami.a.id")},
			{address: "aws_ami_launch_permission.org", values: `{"organization_arn":"arn:aws:organizations::333333333333:organization/o-1"}`, refs: refsTo("image_id", "aws_ami.a.id")}},
			want: placed{"aws_ami.a": {"backup in eu-west-1", "from backup in eu-west-1 at arn:aws:ec2:eu-west-1::snapshot/snap-1",
				"backup in eu-west-1 of *", "backup in eu-west-1 of 222222222222", "backup in eu-west-1 of 333333333333"}}},
		{name: "recycle bin", terraform: []planned{{address: "aws_rbin_rule.r"}}, want: placed{"aws_rbin_rule.r": {"capability in eu-west-1"}}},

		{name: "volume of a template", template: []property{{id: "V", typ: "AWS::EC2::Volume", values: `{"AvailabilityZone":"eu-west-1a","KmsKeyId":"arn:aws:kms:us-east-1:111111111111:key/k"}`},
			{id: "W", typ: "AWS::EC2::Volume", values: `{"AvailabilityZone":"us-west-2-lax-1a"}`}, {id: "X", typ: "AWS::EC2::Volume", region: "us-east-1"}},
			want: placed{"V": {"primary in eu-west-1", "key in us-east-1 of 111111111111 at arn:aws:kms:us-east-1:111111111111:key/k"}, "W": {"primary in ?"}, "X": {"primary in us-east-1"}}},
		{name: "instance of a template", template: []property{{id: "I", typ: "AWS::EC2::Instance", values: `{"BlockDeviceMappings":[{"DeviceName":"/dev/sda1","Ebs":{"SnapshotId":"snap-1"}}]}`}},
			want: placed{"I": {"primary in eu-west-1", "from in eu-west-1 at arn:aws:ec2:eu-west-1::snapshot/snap-1"}}},
	})
}

func TestLifecyclePolicies(t *testing.T) {
	schedule := func(rule string) string {
		return `{"state":"ENABLED","policy_details":[{"schedule":[{"name":"daily","cross_region_copy_rule":[` + rule + `],"share_rule":[{"target_accounts":["222222222222"]}]}]}]}`
	}
	runRows(t, []rowCase{
		{name: "inside", terraform: []planned{{address: "aws_dlm_lifecycle_policy.p", values: schedule(`{"target":"eu-west-1"}`)}},
			want: placed{"aws_dlm_lifecycle_policy.p": {"backup in eu-west-1", "backup in eu-west-1 of 222222222222"}}},
		{name: "abroad", terraform: []planned{{address: "aws_dlm_lifecycle_policy.p", values: schedule(`{"target":"us-east-1","cmk_arn":"arn:aws:kms:us-east-1:111111111111:key/k"}`)}},
			want: placed{"aws_dlm_lifecycle_policy.p": {"backup in us-east-1", "key in us-east-1 of 111111111111 at arn:aws:kms:us-east-1:111111111111:key/k", "backup in eu-west-1 of 222222222222"}}},
		{name: "to an Outpost", terraform: []planned{{address: "aws_dlm_lifecycle_policy.p", values: schedule(`{"target":"arn:aws:outposts:eu-west-1:111111111111:outpost/op"}`)}},
			want: placed{"aws_dlm_lifecycle_policy.p": {"backup in ? at arn:aws:outposts:eu-west-1:111111111111:outpost/op", "backup in eu-west-1 of 222222222222"}}},
		{name: "nobody knows where", terraform: []planned{{address: "aws_dlm_lifecycle_policy.p", values: `{"state":"ENABLED"}`, refs: refsTo("policy_details.action.cross_region_copy.target", "local.region")}},
			want: placed{"aws_dlm_lifecycle_policy.p": {"backup in ?"}}},
		{name: "disabled", terraform: []planned{{address: "aws_dlm_lifecycle_policy.p", values: `{"state":"DISABLED","policy_details":[{"schedule":[{"cross_region_copy_rule":[{"target":"us-east-1"}]}]}]}`}},
			want: placed{"aws_dlm_lifecycle_policy.p": {"capability in us-east-1"}}},
		{name: "event", terraform: []planned{{address: "aws_dlm_lifecycle_policy.p", values: `{"state":"ENABLED","policy_details":[{"event_source":[{"parameters":[{"snapshot_owner":["222222222222"]}]}],"action":[{"name":"a","cross_region_copy":[{"target":"us-east-1"}]}]}]}`}},
			want: placed{"aws_dlm_lifecycle_policy.p": {"backup in us-east-1", "from backup in eu-west-1 of 222222222222 at arn:aws:iam::222222222222:root"}}},
		{name: "template", template: []property{
			{id: "In", typ: "AWS::DLM::LifecyclePolicy", values: `{"State":"ENABLED","PolicyDetails":{"Schedules":[{"Name":"d","CrossRegionCopyRules":[{"Target":"eu-west-1"}]}]}}`},
			{id: "Out", typ: "AWS::DLM::LifecyclePolicy", values: `{"State":"ENABLED","PolicyDetails":{"Schedules":[{"Name":"d","CrossRegionCopyRules":[{"TargetRegion":"us-east-1"}]}],"CrossRegionCopyTargets":[{"TargetRegion":"us-west-2"}]}}`},
			{id: "Default", typ: "AWS::DLM::LifecyclePolicy", values: `{"State":"ENABLED","DefaultPolicy":"VOLUME","CrossRegionCopyTargets":[{"TargetRegion":"us-west-2"}]}`},
			{id: "Open", typ: "AWS::DLM::LifecyclePolicy", values: `{"State":{"Unknown":"x"},"PolicyDetails":{"Actions":[{"Name":"a","CrossRegionCopy":[{"Target":{"Unknown":"x"}}]}]}}`}},
			want: placed{"In": {"backup in eu-west-1"}, "Out": {"backup in us-east-1", "backup in us-west-2"}, "Default": {"backup in us-west-2"}, "Open": {"backup in ?"}}},
	})
}
