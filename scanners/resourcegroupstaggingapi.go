package scanners

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	tagging "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi/types"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// The tagging API is no service to judge but a witness of all others: it knows what has or had tags in an account and region,
// whatever the service. What it knows and the inventory lacks is a gap; what no scanner covers is counted, and seen in the
// snapshot where it can hold data.
var _ = register(Scanner{
	Service: taggingOracle, Version: 1, Scope: Regional, Oracle: true, Kinds: []string{},
	Calls: []Call{{Operation: "GetResources", IAM: "tag:GetResources"}}, // it places nothing: a gap on it leaves the population open, and no fact
	Scan:  scanTagging,
})

const (
	taggingOracle = "resourcegroupstaggingapi"
	taggingPage   = 100   // the API's own limit, of a page and of a list of ARNs
	secondLooks   = 10000 // missing ARNs that are asked for again; more than that is no matter of things that were just deleted
)

func scanTagging(ctx context.Context, t *Target, out *Sink) error {
	r := reconciliation{t: t, out: out, client: tagging.NewFromConfig(t.Config()), others: map[serviceUse]map[string]int{}}
	in := &tagging.GetResourcesInput{ResourcesPerPage: aws.Int32(taggingPage)}
	var err error
	for pages := tagging.NewGetResourcesPaginator(r.client, in); err == nil && pages.HasMorePages(); {
		var page *tagging.GetResourcesOutput
		if page, err = pages.NextPage(ctx); err == nil {
			r.take(page.ResourceTagMappingList)
		}
	}
	r.lookAgain(ctx)
	if err == nil || r.seen > 0 {
		r.report() // what was answered counts, also where the list ends early
	}
	return err
}

// reconciliation holds the inventory against what the tagging API knows of one account and region.
type reconciliation struct {
	t      *Target
	out    *Sink
	client *tagging.Client

	seen, known, found, gone int
	missing                  []string // ARNs as the API writes them
	others                   map[serviceUse]map[string]int
}

// serviceUse is a service without a scanner, in two parts: what can hold data, and what cannot.
type serviceUse struct {
	service string
	data    bool
}

func (r *reconciliation) take(page []types.ResourceTagMapping) {
	for _, m := range page {
		r.seen++
		id := NormalARN(aws.ToString(m.ResourceARN))
		_, service, region, account, _, ok := ParseARN(id)
		if !ok {
			r.out.Malformed("", "GetResources", fmt.Sprintf("a resource without an ARN: %.100q", id))
			continue
		}
		kind, typ := kindOf(id)
		switch {
		case r.t.inventory.has(id):
			r.known++
			r.found++
		case kind == partOfAnother, kind != "" && !r.t.inventory.looked(kind): // its scanner was not to run
		case kind != "":
			r.known++
			r.missing = append(r.missing, aws.ToString(m.ResourceARN))
		case holdsNoData(service, typ):
			r.other(serviceUse{service, false}, typ)
		default:
			r.other(serviceUse{service, true}, typ)
			r.out.Add(residency.Resource{ID: id, Kind: unscannedKind(service, typ), Account: account, Region: region, Tags: taggedWith(m.Tags)})
		}
	}
}

func (r *reconciliation) other(use serviceUse, typ string) {
	if r.others[use] == nil {
		r.others[use] = map[string]int{}
	}
	r.others[use][typ]++
}

func taggedWith(list []types.Tag) map[string]string {
	tags := map[string]string{}
	for _, t := range list {
		tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	return tags
}

// lookAgain asks once more for what the inventory lacks: what was deleted since the scanners asked is dropped, with a count. Only
// the oracle's own word can do that. The scanner is what is put to the test here, so that its not finding a thing proves nothing.
func (r *reconciliation) lookAgain(ctx context.Context) {
	slices.Sort(r.missing)
	r.missing = slices.Compact(r.missing)
	r.known = r.found + len(r.missing)
	asked := r.missing[:min(len(r.missing), secondLooks)]
	kept := slices.Clone(r.missing[len(asked):])
	for batch := range slices.Chunk(asked, taggingPage) {
		again, err := r.client.GetResources(ctx, &tagging.GetResourcesInput{ResourceARNList: batch})
		if err != nil {
			r.out.Gap("", "GetResources", err)
			kept = append(kept, batch...)
			continue
		}
		there := map[string]bool{}
		for _, m := range again.ResourceTagMappingList {
			there[NormalARN(aws.ToString(m.ResourceARN))] = true
		}
		for _, id := range batch {
			if there[NormalARN(id)] {
				kept = append(kept, id)
			} else {
				r.gone++
			}
		}
	}
	r.missing = kept
}

// compare orders by service, and what holds no data first.
func (u serviceUse) compare(v serviceUse) int {
	switch {
	case u.service != v.service:
		return strings.Compare(u.service, v.service)
	case u.data == v.data:
		return 0
	case v.data:
		return -1
	}
	return 1
}

// report writes down what the comparison came to, and leaves a gap for each thing that it leaves open.
func (r *reconciliation) report() {
	names := make([]string, len(r.missing))
	for i, id := range r.missing {
		names[i] = NormalARN(id)
	}
	c := residency.Reconciled{Oracle: "tagging", Account: r.t.Account, Region: r.t.Region, What: "resources", Known: r.known, Inventory: r.found, Gone: r.gone}
	if nameMissing(&c, names) {
		r.out.record(mismatch("GetResources", &c, "allow the scanners of these services what they lack, and scan again"))
	}
	r.out.reconcile(c)
	for _, use := range slices.SortedFunc(maps.Keys(r.others), serviceUse.compare) {
		n := 0
		for _, count := range r.others[use] {
			n += count
		}
		r.out.notJudged(residency.NotJudged{Service: use.service, Account: r.t.Account, Region: r.t.Region, Count: n, Data: use.data, By: "tagging"})
		if use.data {
			r.out.record(residency.Gap{Call: "GetResources", Class: residency.ClassUnimplemented,
				Detail: fmt.Sprintf("%s is in use and has no scanner: %d not judged (%s)", use.service, n, typesOf(r.others[use]))})
		}
	}
}

// typesOf names the first few types, each with its number.
func typesOf(counts map[string]int) string {
	const most = 5
	all := slices.Sorted(maps.Keys(counts))
	var parts []string
	for _, typ := range all[:min(most, len(all))] {
		parts = append(parts, fmt.Sprintf("%s %d", orDefault(typ, "of no type"), counts[typ]))
	}
	if len(all) > most {
		parts = append(parts, fmt.Sprintf("%d more types", len(all)-most))
	}
	return strings.Join(parts, ", ")
}
