// Package pgtest gives tests a PostgreSQL server: the one that
// OKRKIT_POSTGRES_DSN names, or one of their own that is started from Debian's
// packages and ends with the tests. Without either, tests are skipped by name,
// unless OKRKIT_NO_SKIP is 1.
package pgtest
