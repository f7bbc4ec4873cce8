package storetest_test

import (
	"testing"

	"github.com/okrkit/okrkit/okr"
	"github.com/okrkit/okrkit/store/memory"
	"github.com/okrkit/okrkit/store/storetest"
)

func TestHistoriesOfTheReference(t *testing.T) {
	storetest.Histories(t, func(*testing.T) okr.Store { return memory.New() })
}
