package adapters

import (
	"slices"
	"sync"
	"time"

	"github.com/okrkit/okrkit/okr"
)

// stage is how far a job has come.
type stage int

const (
	stageDecode   stage = iota
	stageLookUp         // ask the inbox
	stageDeliver        // call the adapter
	stageAnswered       // see what it said
	stageMark           // the effect is done: write it to the inbox
	stageBury           // write the dead letter
	stageTidy           // done: remove the dead letter, if it was one
	stageEnd
)

// job is a message that the router has taken over.
type job struct {
	m        *Message
	event    okr.Event
	lane     lane // zero: in no order
	stage    stage
	tries    int   // made with this message in hand
	waits    int   // for the inbox or the dead letters
	answer   error // of the adapter
	letter   okr.DeadLetter
	redriven bool
	result   error // of a redriven one

	// Of the queue, under its mutex.
	number int
	timer  *time.Timer
	busy   bool // a worker has it
}

// lane is what order is kept in.
type lane struct {
	tenant    okr.TenantID
	aggregate okr.Ref
}

// queue holds the jobs of one subscription that are not settled: those that a
// worker may take, those that wait for their time, and those that are parked
// behind an earlier one of their lane.
type queue struct {
	closing chan struct{}

	mu     sync.Mutex
	wake   sync.Cond
	first  []*job // ready, oldest first
	lanes  map[lane][]*job
	jobs   map[*job]struct{} // all that are not settled
	number int
	open   bool // workers run
	closed bool
}

func newQueue() *queue {
	q := &queue{closing: make(chan struct{}), lanes: map[lane][]*job{}, jobs: map[*job]struct{}{}, open: false}
	q.wake.L = &q.mu
	return q
}

// next waits for a job that can be worked on; nil when the queue is closed.
func (q *queue) next() *job {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.open = true
	for len(q.first) == 0 && !q.closed {
		q.wake.Wait()
	}
	if len(q.first) == 0 {
		return nil
	}
	j := q.first[0]
	q.first[0] = nil
	q.first = q.first[1:]
	j.busy = true
	return j
}

// add takes a job in, or gives it back if the queue is closed.
func (q *queue) add(j *job) {
	q.mu.Lock()
	if q.closed {
		q.mu.Unlock()
		j.m.Settle(RetryAfter(0, errReleased))
		return
	}
	q.addLocked(j)
	q.mu.Unlock()
}

// offer takes a job in if workers run.
func (q *queue) offer(j *job) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed || !q.open {
		return false
	}
	q.addLocked(j)
	return true
}

func (q *queue) addLocked(j *job) {
	q.number++
	j.number = q.number
	q.jobs[j] = struct{}{}
	if j.lane != (lane{}) {
		q.lanes[j.lane] = append(q.lanes[j.lane], j)
		if len(q.lanes[j.lane]) > 1 {
			return
		}
	}
	q.readyLocked(j)
}

func (q *queue) readyLocked(j *job) {
	q.first = append(q.first, j)
	q.wake.Signal()
}

// hold keeps a job that a worker had, and its lane, for a time.
func (q *queue) hold(j *job, d time.Duration) {
	q.mu.Lock()
	if _, mine := q.jobs[j]; q.closed || !mine {
		q.mu.Unlock()
		q.settle(j, RetryAfter(0, errReleased))
		return
	}
	j.busy = false
	j.timer = time.AfterFunc(d, func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		if !q.closed {
			j.timer = nil
			q.readyLocked(j)
		}
	})
	q.mu.Unlock()
}

// settle ends a job that a worker had, and lets the next of its lane go.
func (q *queue) settle(j *job, err error) {
	j.m.Settle(err)
	q.mu.Lock()
	defer q.mu.Unlock()
	if _, mine := q.jobs[j]; !mine {
		return
	}
	delete(q.jobs, j)
	if j.lane == (lane{}) {
		return
	}
	rest := q.lanes[j.lane][1:]
	if len(rest) == 0 {
		delete(q.lanes, j.lane)
		return
	}
	q.lanes[j.lane] = rest
	if !q.closed {
		q.readyLocked(rest[0])
	}
}

// close gives back everything that no worker has, in the order in which it came,
// and lets the workers go. What only waits to be written down, because the effect
// is done or given up, gets a last try.
func (q *queue) close() {
	q.mu.Lock()
	if q.closed {
		q.mu.Unlock()
		return
	}
	q.closed = true
	close(q.closing)
	q.wake.Broadcast()
	q.first = nil
	var back []*job
	for j := range q.jobs {
		switch {
		case j.busy:
		case j.stage >= stageMark:
			j.busy = true
			q.first = append(q.first, j)
		default:
			back = append(back, j)
		}
		if j.timer != nil {
			j.timer.Stop()
		}
	}
	q.mu.Unlock()
	slices.SortFunc(back, func(a, b *job) int { return a.number - b.number })
	for _, j := range back {
		j.m.Settle(RetryAfter(0, errReleased))
	}
}
