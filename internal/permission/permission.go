// Package permission writes down the least that an audit may do: the IAM actions of the calls that are declared, and no others, as
// policy documents, a CloudFormation template and a Terraform configuration. Same actions, same bytes.
package permission

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// MaxPolicy is how many characters a managed policy may have, white space aside (IAM quotas, as of 2026-11).
const MaxPolicy = 6144

// maxAttached is how many managed policies a role may have without a raised quota.
const maxAttached = 10

// assume is the one action that is not about the audited account itself: the caller's credentials need it to get into others.
const assume = "sts:AssumeRole"

// Role is what an audit is allowed to do.
type Role struct {
	Name      string   // with its path, if it has one, as in audit/DomicileAudit
	Partition string   // aws, aws-cn, …: for the ARN of the role in other accounts
	Actions   []string // IAM actions, in any order
	// Also is what those who start an audit need beside that, on what the configuration names: a trail's bucket, stores of evidence.
	Also []Statement
}

// Document is an IAM policy.
type Document struct {
	Version   string
	Statement []Statement
}

// Statement allows actions.
type Statement struct {
	Sid      string
	Effect   string
	Action   []string
	Resource string
}

// name and path of the role, as IAM keeps them apart.
func (r Role) name() string { return r.Name[strings.LastIndexByte(r.Name, '/')+1:] }

func (r Role) path() string { return "/" + r.Name[:strings.LastIndexByte(r.Name, '/')+1] }

// Reading are the documents that the role itself needs in each account: as few as fit, their actions sorted. None of these calls
// can be held to single resources: an inventory does not know them yet.
func (r Role) Reading() []Document {
	actions := slices.DeleteFunc(slices.Sorted(slices.Values(r.Actions)), func(a string) bool { return a == assume })
	var documents []Document
	for _, action := range slices.Compact(actions) {
		last := len(documents) - 1
		if last >= 0 {
			if grown := reading(last+1, append(slices.Clone(documents[last].Statement[0].Action), action)); size(grown) <= MaxPolicy {
				documents[last] = grown
				continue
			}
		}
		documents = append(documents, reading(last+2, []string{action}))
	}
	return documents
}

func reading(number int, actions []string) Document {
	return allow(Statement{Sid: "Inventory" + strconv.Itoa(number), Action: actions, Resource: "*"})
}

func allow(s Statement) Document {
	s.Effect = "Allow"
	return Document{Version: "2012-10-17", Statement: []Statement{s}}
}

// Caller are the documents that the credentials need with which an audit is started: those of the role, since the caller's own
// account is examined with them, the right to assume the role in others, and what else is asked for.
func (r Role) Caller() []Document {
	documents := r.Reading()
	if slices.Contains(r.Actions, assume) {
		documents = added(documents, Statement{Sid: "OtherAccounts", Action: []string{assume}, Resource: fmt.Sprintf("arn:%s:iam::*:role/%s", r.Partition, r.Name)})
	}
	for i, s := range r.Also {
		s.Sid += strconv.Itoa(i + 1)
		documents = added(documents, s)
	}
	return documents
}

// added puts a statement into the last document, or into one of its own where it does not fit.
func added(documents []Document, s Statement) []Document {
	s.Effect = "Allow"
	if last := len(documents) - 1; last >= 0 {
		grown := Document{documents[last].Version, append(slices.Clone(documents[last].Statement), s)}
		if size(grown) <= MaxPolicy {
			documents[last] = grown
			return documents
		}
	}
	return append(documents, allow(s))
}

// size of a document as IAM counts it.
func size(d Document) int {
	data, err := json.Marshal(d)
	if err != nil {
		panic(err) // strings only
	}
	return len(data)
}

// Check refuses a role that IAM would not take.
func (r Role) Check() error {
	name := r.name()
	switch {
	case name == "" || len(name) > 64 || strings.Trim(name, letters+"+=,.@-_") != "":
		return fmt.Errorf("%q is no name of a role: at most 64 letters, digits and +=,.@-_, with a path before it if it has one", r.Name)
	case strings.HasPrefix(r.Name, "/") || strings.Contains(r.Name, "//") || len(r.path()) > 512 || strings.Trim(r.path(), letters+"+=,.@-_/") != "":
		return fmt.Errorf("%q: the role's path is not one: write it as in audit/DomicileAudit", r.Name)
	case len(r.Caller()) > maxAttached:
		return errors.New("more policies than a role may have: name fewer services")
	}
	return nil
}

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

// JSON is one document, as aws iam create-policy takes it.
func (d Document) JSON() ([]byte, error) { return indented(d) }

// JSON holds the caller's documents under their names.
func (r Role) JSON() ([]byte, error) {
	named := map[string]Document{}
	for i, d := range r.Caller() {
		named[fmt.Sprintf("%s-%d", r.name(), i+1)] = d
	}
	return indented(named)
}

func indented(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("write the policy: %w", err)
	}
	return b.Bytes(), nil
}
