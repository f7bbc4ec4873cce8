// Package postgres is okrkit's store over pgx: the host's pool, and the host's
// own pgx transactions. The SQL is that of store/sqldb; a host that reaches
// PostgreSQL through database/sql uses that package directly.
package postgres
