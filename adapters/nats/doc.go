// Package nats is the bus over NATS JetStream, on the host's own connection.
//
// One stream holds the events of all tenants, each under the subject
//
//	okr.v1.<tenant token>.<entity>.<verb>
//
// so that a program in any language that knows nothing of okrkit reads them: the
// body is the CloudEvents JSON object as the desk wrote it, Nats-Msg-Id is the
// event's id, and the header content-type says application/cloudevents+json. The
// tenant token is the tenant's id, in which everything but letters, digits, "-"
// and "_" is escaped as %XX; see [TenantToken].
//
// # Permissions
//
// Tenants never connect to the server; the host's connection does. With a stream
// named OKR it needs no more than
//
//	publish:   okr.v1.>
//	           $JS.API.STREAM.INFO.OKR     $JS.API.STREAM.CREATE.OKR
//	           $JS.API.STREAM.MSG.GET.OKR  $JS.API.DIRECT.GET.OKR
//	           $JS.API.CONSUMER.*.OKR.>    $JS.API.CONSUMER.MSG.NEXT.OKR.>
//	           $JS.ACK.OKR.>
//	subscribe: _INBOX.>
//
// An operator who creates the stream leaves out STREAM.CREATE.
//
// # The record
//
// JetStream is transport, not the record: the ledger in the database is. A
// stream that was lost is filled again from there with the same ids.
package nats
