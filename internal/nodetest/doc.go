// Package nodetest runs programs for Node.js in tests: what stands outside Go and
// reads what okrkit writes. Their packages are pinned in a package-lock.json and
// installed beside it by npm. Without Node.js, or without packages, tests are
// skipped by name, unless OKRKIT_NO_SKIP is 1.
package nodetest
