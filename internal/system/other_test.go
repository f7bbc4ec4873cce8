//go:build !linux

package system_test

import "context"

// ofThisSystem are the roles that only some operating systems know.
var ofThisSystem map[string]func(context.Context, order) error
