package audit

import (
	"context"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/seed-1578181b/domicile/internal/snapshot"
)

// eachChunk decodes the file with several workers and calls do for each line, one at a time, in no particular order.
func eachChunk(ctx context.Context, f *snapshot.File, workers int, skip snapshot.Skip, do func(*snapshot.Line)) error {
	group, ctx := errgroup.WithContext(ctx)
	chunks := make(chan *snapshot.Chunk)
	group.Go(func() error {
		defer close(chunks)
		return f.Chunks(ctx, 0, func(c *snapshot.Chunk) error { return send(ctx, chunks, c) })
	})
	var mu sync.Mutex
	for range workers {
		group.Go(func() error {
			d := snapshot.NewDecoder(skip)
			for c := range chunks {
				err := c.Each(d, func(l *snapshot.Line) error {
					mu.Lock()
					defer mu.Unlock()
					do(l)
					return nil
				})
				c.Release()
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
	return group.Wait()
}

// inOrder works on chunks with several workers and hands the results on in the order of the chunks. Chunks are cut by bytes,
// never by worker, so that the results do not depend on how many there are.
func inOrder[T any](ctx context.Context, f *snapshot.File, workers int, worker func() func(*snapshot.Chunk) (T, error), take func(T) error) error {
	type job struct {
		chunk *snapshot.Chunk
		done  chan T
	}
	group, ctx := errgroup.WithContext(ctx)
	jobs, queue := make(chan job), make(chan chan T, workers)
	group.Go(func() error {
		defer close(jobs)
		defer close(queue)
		return f.Chunks(ctx, 0, func(c *snapshot.Chunk) error {
			j := job{c, make(chan T, 1)}
			if err := send(ctx, queue, j.done); err != nil {
				return err
			}
			return send(ctx, jobs, j)
		})
	})
	for range workers {
		group.Go(func() error {
			do := worker()
			for j := range jobs {
				result, err := do(j.chunk)
				j.chunk.Release()
				if err != nil {
					return err
				}
				j.done <- result
			}
			return nil
		})
	}
	group.Go(func() error {
		for done := range queue {
			select {
			case result := <-done:
				if err := take(result); err != nil {
					return err
				}
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	return group.Wait()
}

func send[T any](ctx context.Context, to chan<- T, v T) error {
	select {
	case to <- v:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
