package scanners

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
)

// record is one CloudTrail record, as far as it is read. What is left out on purpose is whose address and browser it was.
// Source: AWS CloudTrail User Guide, "CloudTrail record contents".
type record struct {
	Time      time.Time    `json:"eventTime"`
	Source    string       `json:"eventSource"` // ec2.amazonaws.com
	Name      string       `json:"eventName"`
	Region    string       `json:"awsRegion"`
	ID        string       `json:"eventID"`
	Error     string       `json:"errorCode"` // set: the call failed, and nothing was moved
	Recipient string       `json:"recipientAccountId"`
	Identity  userIdentity `json:"userIdentity"`
	Request   any          `json:"requestParameters"`
	Response  any          `json:"responseElements"`
	Extra     any          `json:"additionalEventData"`

	organization string // that of the account, for policies that are confined to it
}

type userIdentity struct {
	Type      string `json:"type"`
	ARN       string `json:"arn"`
	Account   string `json:"accountId"`
	Principal string `json:"principalId"`
	InvokedBy string `json:"invokedBy"` // the service that called on somebody's behalf
}

// parseRecord reads one record. One without id, name or time is an error: nobody could look it up.
func parseRecord(data []byte) (*record, error) {
	var r record
	if err := json.Unmarshal(data, &r); err != nil {
		return nil, fmt.Errorf("read the record of an event: %w", err)
	}
	return &r, r.check()
}

func (r *record) check() error {
	switch {
	case r.ID == "" || strings.Trim(r.ID, "0123456789abcdefABCDEF-") != "" || len(r.ID) > 64:
		return fmt.Errorf("read the record of an event: %.80q is no event id", r.ID)
	case r.Name == "" || r.Time.IsZero():
		return fmt.Errorf("read the record of event %s: it has no name or no time", r.ID)
	}
	return nil
}

// versionSuffix is the API version that some services write behind the name: PutFunctionEventInvokeConfig20190925.
var versionSuffix = regexp.MustCompile(`20\d{6}(v\d+)?$`)

// operation is the event's name without the version of the API.
func (r *record) operation() string { return versionSuffix.ReplaceAllString(r.Name, "") }

// actor is who made the call: the principal, and the service that acted for it.
func (r *record) actor() string {
	by := r.Identity.InvokedBy
	switch {
	case r.Identity.ARN == "" && by != "":
		return by
	case r.Identity.ARN == "":
		return strings.TrimSpace(orDefault(r.Identity.Type, "somebody unnamed") + " " + r.Identity.Principal)
	case by != "" && by != "AWS Internal":
		return r.Identity.ARN + " through " + by
	}
	return r.Identity.ARN
}

// omitted reports whether the record says nothing of what was asked: CloudTrail leaves out what is too large.
func (r *record) omitted() bool {
	m, ok := r.Request.(map[string]any)
	_, left := member(m, "omitted")
	return !ok || len(m) == 0 || left
}

// values are what the record holds at a path, in its order. Names are compared without regard to case, since services write them in
// several ways; lists, and the wrappers of EC2's XML, are walked through; a string that is a JSON document is read as one.
//
//	a.b     a member of a member of the request
//	>a.b    of the response
//	+a.b    of the additional data
//	a.*.b   of whatever a has
//	a|b     the first that is there
func (r *record) values(path string) []any {
	return alternatives(path, func(one string) []any {
		switch {
		case strings.HasPrefix(one, ">"):
			return walk(unwrapped(r.Response, r.operation()+"Response"), one[1:])
		case strings.HasPrefix(one, "+"):
			return walk(r.Extra, one[1:])
		}
		return walk(unwrapped(r.Request, r.operation()+"Request"), one)
	})
}

// alternatives tries the paths between the bars in turn.
func alternatives(path string, at func(one string) []any) []any {
	for _, one := range strings.Split(path, "|") {
		if found := at(one); len(found) > 0 {
			return found
		}
	}
	return nil
}

// walk follows one path from v.
func walk(v any, path string) (found []any) {
	if list, ok := v.([]any); ok {
		for _, item := range list {
			found = append(found, walk(item, path)...)
		}
		return found
	}
	if path == "" {
		if v == nil || v == "" {
			return nil
		}
		if m, ok := v.(map[string]any); ok {
			if inner, ok := wrapped(m); ok {
				return walk(inner, "")
			}
		}
		return []any{v}
	}
	m := object(v)
	if m == nil {
		return nil
	}
	name, rest, _ := strings.Cut(path, ".")
	if name == "*" {
		for _, key := range slices.Sorted(maps.Keys(m)) {
			found = append(found, walk(m[key], rest)...)
		}
		return found
	}
	if next, ok := member(m, name); ok {
		return walk(next, rest)
	}
	if inner, ok := wrapped(m); ok {
		return walk(inner, path)
	}
	return nil
}

// wrapped is what an object holds that stands in the record only because the request was XML: {"items": […]}, {"tag": 1, "content": …}.
func wrapped(m map[string]any) (any, bool) {
	for _, name := range []string{"items", "item", "member", "content"} {
		if inner, ok := member(m, name); ok {
			return inner, true
		}
	}
	return nil, false
}

// unwrapped is what lies in the one member of that name, else v itself.
func unwrapped(v any, name string) any {
	if m, ok := v.(map[string]any); ok {
		if inner, ok := member(m, name); ok {
			return inner
		}
	}
	return v
}

// object is v as an object, also where it is one written as text: a policy, the document of an account's filter.
func object(v any) map[string]any {
	switch v := v.(type) {
	case map[string]any:
		return v
	case string:
		var m map[string]any
		if strings.HasPrefix(strings.TrimSpace(v), "{") && json.Unmarshal([]byte(v), &m) == nil {
			return m
		}
	}
	return nil
}

// member is m's member of a name in any case; of several the first in order.
func member(m map[string]any, name string) (any, bool) {
	if v, ok := m[name]; ok {
		return v, true
	}
	for _, key := range slices.Sorted(maps.Keys(m)) {
		if strings.EqualFold(key, name) {
			return m[key], true
		}
	}
	return nil, false
}

// texts are the values that are strings or numbers.
func texts(values []any) (found []string) {
	for _, v := range values {
		switch v := v.(type) {
		case string:
			found = append(found, v)
		case float64:
			found = append(found, fmt.Sprintf("%.0f", v))
		case bool:
			found = append(found, fmt.Sprint(v))
		}
	}
	return found
}
