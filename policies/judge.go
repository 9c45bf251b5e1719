package policies

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/seed-1578181b/domicile/internal/residency"
)

const (
	// cacheBudget bounds the bytes of all caches of a Judge together.
	cacheBudget = 16 << 20
	// batch is how many subjects are looked at before Rego is asked about the shapes among them that are new.
	batch = 512
)

// Result is one control's outcome for one subject.
type Result struct {
	Control int               // position in Engine.Controls
	Outcome residency.Outcome // Pass, Fail, Unknown or NotApplicable
	// Decides holds the positions in Subject.Places that decide, ascending: of a fail those that violate, of an unknown those
	// whose region or account is not known. Empty where no placement is the cause: they were not read, or the resource as a
	// whole is meant.
	Decides []int
}

// Judge judges subjects for the zones of one run. It is safe for concurrent use: as many calls as there are processors go on
// at a time, each with a cache of its own, and further ones wait.
type Judge struct {
	engine *Engine
	zones  []*ast.Term
	names  []string
	budget int           // bytes of one worker's cache
	slots  chan struct{} // one for each worker that may be at work

	mu   sync.Mutex
	idle []*worker // the last to rest is the first to go on: it knows the most
}

// NewJudge prepares to judge for zones; calls name them by position.
func (e *Engine) NewJudge(zones []residency.Zone) *Judge {
	return e.newJudge(zones, runtime.GOMAXPROCS(0), cacheBudget)
}

func (e *Engine) newJudge(zones []residency.Zone, workers, budget int) *Judge {
	j := &Judge{engine: e, budget: budget / workers, slots: make(chan struct{}, workers)}
	for _, z := range zones {
		j.zones = append(j.zones, zoneTerm(z))
		j.names = append(j.names, z.ID)
	}
	return j
}

// Judge calls emit once for each subject, in order, with the results of the controls that concern it, in order of control;
// there may be none. zone is a position among the zones; with -1 only controls of the assignment are judged. Results and
// what they hold are valid until emit returns; emit must not call Judge. Equal subjects get equal results, whatever was
// judged before. An error of Rego or a control that both proves and violates ends the call.
func (j *Judge) Judge(
	ctx context.Context, zone int, subjects []Subject, emit func(i int, results []Result) error,
) error {
	if zone < -1 || zone >= len(j.zones) {
		return fmt.Errorf("judge: no zone %d among %d", zone, len(j.zones))
	}
	select {
	case j.slots <- struct{}{}:
		defer func() { <-j.slots }()
	case <-ctx.Done():
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("judge: %w", err)
	}
	w := j.wake()
	for first := 0; first < len(subjects); first += batch {
		err := w.judge(ctx, zone, first, subjects[first:min(first+batch, len(subjects))], emit)
		if err != nil {
			return err // the worker goes: its answers may be half filled in
		}
	}
	j.rest(w)
	return nil
}

func (j *Judge) wake() *worker {
	j.mu.Lock()
	defer j.mu.Unlock()
	last := len(j.idle) - 1
	if last < 0 {
		return newWorker(j)
	}
	w := j.idle[last]
	j.idle = j.idle[:last]
	return w
}

func (j *Judge) rest(w *worker) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.idle = append(j.idle, w)
}

// worker holds what one call of Judge needs, for reuse by the next.
type worker struct {
	*Judge
	cache      *cache
	plain      []plainAnswers     // by zone and group
	pending    [][]question       // by group
	answers    []*answer          // by subject of the batch and group; nil: the group does not concern it
	placements map[spot]*ast.Term // documents of placements, by what is shown of them
	spots      []spot             // of all subjects of the batch
	bounds     []int              // where the spots of each end
	shown      []spot
	key        []byte
	results    []Result
	decides    []int
}

// plainAnswers are those for a subject with nothing to show to a group that is given placements only: the commonest shapes,
// found without a key.
type plainAnswers struct{ none, unread *answer }

// question is a shape that Rego has to be asked about.
type question struct {
	subject *Subject
	shown   []spot
	answer  *answer
}

func newWorker(j *Judge) *worker {
	groups := len(j.engine.groups)
	return &worker{
		Judge:      j,
		cache:      newCache(j.budget),
		placements: map[spot]*ast.Term{},
		plain:      make([]plainAnswers, len(j.zones)*groups),
		pending:    make([][]question, groups),
		answers:    make([]*answer, batch*groups),
	}
}

func (w *worker) judge(
	ctx context.Context, zone, first int, subjects []Subject, emit func(int, []Result) error,
) error {
	defer w.forget()
	for i := range subjects {
		if err := w.look(zone, i, &subjects[i]); err != nil {
			return fmt.Errorf("judge subject %d: %w", first+i, err)
		}
	}
	for g := range w.pending {
		if len(w.pending[g]) == 0 {
			continue
		}
		if err := w.ask(ctx, zone, w.engine.groups[g], w.pending[g]); err != nil {
			return err
		}
	}
	for i := range subjects {
		if err := emit(first+i, w.tell(i)); err != nil {
			return err
		}
	}
	return nil
}

// forget lets go of the batch: what is kept must not hold the caller's subjects.
func (w *worker) forget() {
	for g := range w.pending {
		clear(w.pending[g])
		w.pending[g] = w.pending[g][:0]
	}
	clear(w.spots)
	clear(w.shown[:cap(w.shown)])
	w.spots, w.shown, w.bounds = w.spots[:0], w.shown[:0], w.bounds[:0]
}

// look finds the answers for a subject, or notes the questions.
func (w *worker) look(zone, i int, s *Subject) error {
	var present roleSet
	if s.Read {
		var err error
		if w.spots, present, err = encode(w.spots, s.Places); err != nil {
			return err
		}
	}
	w.bounds = append(w.bounds, len(w.spots))
	answers := w.answersOf(i)
	for n, g := range w.engine.groups {
		if answers[n] = nil; !g.concerns(s, zone) {
			continue
		}
		w.shown = w.shown[:0]
		if g.sees(present) {
			w.shown = g.project(w.shown, w.spotsOf(i))
		}
		a, fresh := w.find(zone, n, s)
		if fresh {
			w.pending[n] = append(w.pending[n], question{s, slices.Clone(w.shown), a})
		}
		answers[n] = a
	}
	return nil
}

func (w *worker) answersOf(i int) []*answer {
	groups := len(w.engine.groups)
	return w.answers[i*groups:][:groups]
}

func (w *worker) spotsOf(i int) []spot {
	first := 0
	if i > 0 {
		first = w.bounds[i-1]
	}
	return w.spots[first:w.bounds[i]]
}

func (w *worker) find(zone, n int, s *Subject) (a *answer, fresh bool) {
	g := w.engine.groups[n]
	if len(w.shown) == 0 && g.kinds == nil && !g.assignment {
		plain := &w.plain[zone*len(w.engine.groups)+n]
		slot := &plain.unread
		if s.Read {
			slot = &plain.none
		}
		if fresh = *slot == nil; fresh {
			*slot = &answer{}
		}
		return *slot, fresh
	}
	w.key = g.appendKey(w.key[:0], n, zone, s, w.shown)
	return w.cache.find(w.key, findingCost*len(g.controls)+8*len(w.shown))
}

// tell turns the answers for a subject into its results.
func (w *worker) tell(i int) []Result {
	w.results, w.decides = w.results[:0], w.decides[:0]
	for n, a := range w.answersOf(i) {
		if a == nil {
			continue
		}
		for _, f := range a.findings {
			result := Result{Control: f.control, Outcome: f.outcome}
			if f.outcome == residency.Fail || f.outcome == residency.Unknown {
				result.Decides = w.deciding(w.engine.groups[n], f, w.spotsOf(i))
			}
			w.results = append(w.results, result)
		}
	}
	slices.SortFunc(w.results, func(a, b Result) int { return a.Control - b.Control })
	return w.results
}

// deciding leads from positions of the shape back to all places of the subject that look the same.
func (w *worker) deciding(g *group, f finding, spots []spot) []int {
	from := len(w.decides)
	w.shown = g.project(w.shown[:0], spots)
	position := -1
	for i, s := range w.shown {
		if i == 0 || !s.equal(w.shown[i-1]) {
			position++
		}
		if f.outcome == residency.Unknown && s.undecided() || slices.Contains(f.violated, position) {
			w.decides = append(w.decides, s.place)
		}
	}
	decides := w.decides[from:len(w.decides):len(w.decides)]
	slices.Sort(decides)
	return decides
}
