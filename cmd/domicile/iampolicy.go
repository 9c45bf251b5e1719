package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-1578181b/domicile/internal/config"
	"github.com/seed-1578181b/domicile/internal/permission"
	"github.com/seed-1578181b/domicile/scanners"
)

// iamFlags are those of iam-policy.
type iamFlags struct {
	format    string
	services  []string
	role      string
	partition string
	part      int
}

func newIAMPolicy(c *common) *cobra.Command {
	var f iamFlags
	cmd := &cobra.Command{
		Use:   "iam-policy",
		Short: "Print the least privilege that a scan needs",
		Long: "Prints the IAM actions of the calls that the scanners declare, and no others: the read-only guard refuses every other call.\n\n" +
			"json is for the credentials that start a scan: policy documents by name, each small enough for a managed policy, with the right to\n" +
			"assume the role in other accounts; --part N prints one alone, as aws iam create-policy takes it. Where there is a configuration, they\n" +
			"also hold what its own things need: the trail's bucket (events), the key (signing), the buckets of evidence and log, the topic (notify).\n" +
			"cloudformation (also for a stack set) and terraform are the role in every other account; whom it trusts is their parameter.",
		Args: exactly0,
		RunE: func(*cobra.Command, []string) error { return c.iamPolicy(f) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.format, "format", "json", "json, cloudformation or terraform")
	flags.StringSliceVar(&f.services, "services", nil, "only what these services need: see domicile list scanners")
	flags.StringVar(&f.role, "role", defaultRole, "name of the role in other accounts, with its path if it has one")
	flags.StringVar(&f.partition, "partition", "aws", "partition of the accounts: "+strings.Join(config.Partitions(), ", "))
	flags.IntVar(&f.part, "part", 0, "json: print this document alone, from 1")
	return cmd
}

// defaultRole is the name that documents and examples use.
const defaultRole = "DomicileAudit"

func (c *common) iamPolicy(f iamFlags) error {
	picked, err := scanners.Select(scanners.All(), f.services)
	if err != nil {
		return fmt.Errorf("--services: %w", err)
	}
	if !slices.Contains(config.Partitions(), f.partition) {
		return fmt.Errorf("--partition %q: one of %s", f.partition, strings.Join(config.Partitions(), ", "))
	}
	role := permission.Role{Name: f.role, Partition: f.partition, Actions: scanners.Actions(picked)}
	if role.Also, err = c.ownThings(f); err != nil {
		return err
	}
	if err := role.Check(); err != nil {
		return fmt.Errorf("--role: %w", err)
	}
	data, err := f.write(role)
	if err != nil {
		return err
	}
	_, err = c.stdout.Write(data)
	return err
}

// ownThings is what the audit needs on what the configuration names as its own; nothing where there is none.
func (c *common) ownThings(f iamFlags) ([]permission.Statement, error) {
	if _, err := os.Stat(defaultConfig); f.format != "json" || c.config == "" && errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	cfg, _, err := c.read("")
	if err != nil {
		return nil, err
	}
	var also []permission.Statement
	add := func(sid, resource string, actions ...string) {
		also = append(also, permission.Statement{Sid: sid, Action: actions, Resource: resource})
	}
	bucket := func(sid, name, prefix string, objects ...string) {
		arn := "arn:" + f.partition + ":s3:::" + name
		add(sid+"Bucket", arn, "s3:ListBucket")
		add(sid+"Objects", arn+"/"+strings.TrimPrefix(prefix+"/*", "/"), objects...)
	}
	if t := cfg.Events.TrailBucket; t != "" {
		name, prefix, err := scanners.ParseTrailBucket(t)
		if err != nil {
			return nil, err
		}
		bucket("Trail", name, prefix, "s3:GetObject")
	}
	if key := cfg.Signing.KMSKey; key != "" {
		if place, _, alias := strings.Cut(key, ":alias/"); alias { // a policy names keys alone
			key = place + ":key/*"
		}
		add("Signing", key, "kms:GetPublicKey", "kms:Sign")
	}
	if place, published := strings.CutPrefix(cfg.Log.Publish, "s3://"); published {
		name, prefix, _ := strings.Cut(place, "/")
		bucket("Log", name, strings.Trim(prefix, "/"), "s3:GetObject", "s3:PutObject")
	}
	for _, e := range cfg.Evidence {
		if e.Bucket != "" {
			bucket("Evidence", e.Bucket, "", "s3:GetObject", "s3:GetObjectRetention", "s3:PutObject", "s3:PutObjectRetention")
		}
	}
	for _, n := range cfg.Notify {
		if n.Topic != "" {
			add("Notify", n.Topic, "sns:Publish")
		}
	}
	return also, nil
}

func (f *iamFlags) write(role permission.Role) ([]byte, error) {
	documents := role.Caller()
	switch {
	case f.part != 0 && f.format != "json":
		return nil, fmt.Errorf("--part: %s is one file: leave it out", f.format)
	case f.part < 0 || f.part > len(documents):
		return nil, fmt.Errorf("--part %d: there are %d, counted from 1", f.part, len(documents))
	}
	switch f.format {
	case "json":
		if f.part > 0 {
			return documents[f.part-1].JSON()
		}
		return role.JSON()
	case "cloudformation":
		return role.CloudFormation(), nil
	case "terraform":
		return role.Terraform(), nil
	}
	return nil, fmt.Errorf("--format %q: one of json, cloudformation, terraform", f.format)
}
