package rules

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// defaultTimeout is how long each source of a [Live] has to answer.
const defaultTimeout = 30 * time.Second

// asked is a source of a [Live], which may hang, panic or forget what it has.
type asked struct {
	Source
	name    string
	running chan struct{} // closed when the last call came back; nil before the first
	given   int           // packs that it gave last
	packs   int           // packs that it gave when they were taken up
}

// reply is what one call of a source came to.
type reply struct {
	files []File
	err   error
}

// MayBeEmpty is the source, whose word counts where it gives no pack any more: a
// ledger out of which the last pack was taken. Of others a [Live] takes that for
// a folder that is not mounted, and keeps what it has.
func MayBeEmpty(src Source) Source { return emptySource{src} }

type emptySource struct{ Source }

// files asks the source. It answers when the context ends, even if the source does
// not; a source that has not come back is not asked a second time meanwhile. What a
// source panics with is an error.
func (a *asked) files(ctx context.Context) ([]File, error) {
	if a.running != nil {
		select {
		case <-a.running:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	back, got := make(chan struct{}), make(chan reply, 1)
	a.running = back
	go func() { // ends with the source; back tells the next call
		defer close(back)
		a.call(ctx, got)
	}()
	select {
	case w := <-got:
		return w.files, w.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// call hands over one answer, whatever the source does.
func (a *asked) call(ctx context.Context, got chan<- reply) {
	w := reply{err: fmt.Errorf("%s ended without an answer", a.name)} // runtime.Goexit
	defer func() {
		if p := recover(); p != nil {
			w = reply{err: fmt.Errorf("%s panicked: %v", a.name, p)}
		}
		got <- w
	}()
	files, err := a.Files(ctx)
	w = reply{files, err}
}

// ask is files, told so that a person knows which source it is.
func (a *asked) ask(ctx context.Context, within time.Duration) ([]File, error) {
	limited, cancel := context.WithTimeoutCause(ctx, within, errLate)
	defer cancel()
	files, err := a.files(limited)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil && errors.Is(context.Cause(limited), errLate):
		return nil, fmt.Errorf("%s has not answered within %s: %w", a.name, within, context.DeadlineExceeded)
	}
	return files, err
}

var errLate = errors.New("late")

// forgot says that the source gives no pack any more, where it gave some.
func (a *asked) forgot() error {
	if _, may := a.Source.(emptySource); may || a.packs == 0 || a.given > 0 {
		return nil
	}
	return fmt.Errorf("%s gives no pack any more, where it gave %s: is it mounted? (what may be empty is opened with rules.MayBeEmpty)", a.name, howMany(a.packs))
}

func howMany(packs int) string {
	if packs == 1 {
		return "one"
	}
	return fmt.Sprint(packs)
}
