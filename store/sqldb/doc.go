// Package sqldb is the SQL of okrkit, once. It runs on SQLite and PostgreSQL,
// over database/sql or over whatever else is given as a [Database], and imports
// no driver.
//
// Nothing is migrated unasked: [Store.Migrate] creates and changes the tables,
// [Store.Validate] says whether they fit, and [Migrations] publishes the plain
// SQL for a host's own tool. All tables begin with okr_, and the tenant stands in
// every primary key and every statement that is about a tenant.
package sqldb
