package scanners_test

import (
	"slices"
	"testing"
)

// A list that offers the same page for ever ends, with a gap on the resource whose list it is.
func TestListThatRepeatsItself(t *testing.T) {
	a := queryConfigs("eu-west-1", ownAccount, "NOT_SHARED", queryStream)
	a["111111111111/eu-west-1/route53resolver/ListTagsForResource"] = nil
	f := scan(t, "route53resolver", a.on("eu-west-1", "route53resolver", "ListTagsForResource", "", `{"Tags":[{"Key":"a","Value":"b"}],"NextToken":"t"}`))
	if !slices.Equal(f.gaps(), []string{"ListTagsForResource malformed " + queryConfigID("eu-west-1")}) || f.resource(t, queryConfigID("eu-west-1")).Tags != nil {
		t.Error(f.gaps())
	}
}
