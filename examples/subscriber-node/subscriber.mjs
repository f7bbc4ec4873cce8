// Hears the events of a tenant, holds each against its published JSON Schema, prints
// reminders, and acknowledges. It ends with status 1 at an event that is not what
// its schema says; that one is not acknowledged, and so comes again.
//
//	node subscriber.mjs --server nats://127.0.0.1:4222 --tenant acme
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { AckPolicy, connect, DeliverPolicy, nanos } from 'nats';
import { Contract, tenantToken } from './contract.mjs';
import { reminder } from './reminder.mjs';

const { values: options } = parseArgs({
  options: {
    server: { type: 'string', default: 'nats://127.0.0.1:4222' },
    tenant: { type: 'string', default: 'acme' },
    stream: { type: 'string', default: 'OKR' },
    durable: { type: 'string', default: 'subscriber-node' }, // its place in the stream is kept under this name
    schemas: { type: 'string', default: fileURLToPath(new URL('../../docs/schema/events', import.meta.url)) },
    drain: { type: 'boolean', default: false }, // end when nothing is left to hear
  },
});

const contract = new Contract(options.schemas);
const subject = `okr.v1.${tenantToken(options.tenant)}.>`;

/** What is wrong with a message, '' if nothing. */
function faults(message) {
  if (message.headers?.get('content-type') !== 'application/cloudevents+json') return 'the content-type is not application/cloudevents+json';
  const event = message.json();
  if (message.headers.get('Nats-Msg-Id') !== event.id) return 'Nats-Msg-Id is not the id';
  if (event.tenant !== options.tenant) return `it is of the tenant ${event.tenant}`;
  return contract.faults(event);
}

async function main() {
  const connection = await connect({ servers: options.server, name: options.durable });
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => connection.drain());
  try {
    const manager = await connection.jetstreamManager();
    await manager.consumers.add(options.stream, {
      durable_name: options.durable,
      filter_subject: subject,
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(30_000),
      max_ack_pending: 1, // one at a time, so that events of a subject stay in their order
      deliver_policy: DeliverPolicy.All,
    });
    return await listen(await connection.jetstream().consumers.get(options.stream, options.durable));
  } finally {
    if (!connection.isClosed()) await connection.drain();
  }
}

/** The status to end with. */
async function listen(consumer) {
  const last = new Map(); // by subject of the event: its sequence, which tells repetitions
  const heard = { events: 0, types: new Set(), newer: 0 };
  const summary = () => console.log(`${heard.events} events of ${heard.types.size} types, all as their schemas say${heard.newer ? `; ${heard.newer} newer than the schemas` : ''}`);
  const { num_pending: waiting, num_ack_pending: open } = await consumer.info();
  if (options.drain && waiting + open === 0) {
    summary();
    return 0;
  }
  let refused;
  for await (const message of await consumer.consume({ max_messages: 100 })) {
    const wrong = faults(message);
    if (wrong) {
      console.error(`${message.subject}: not what its schema says:\n${wrong}`);
      refused = message;
      break;
    }
    const event = message.json();
    const sequence = Number(event.sequence);
    if (sequence > (last.get(event.subject) ?? 0)) {
      last.set(event.subject, sequence);
      heard.events++;
      heard.types.add(event.type);
      if (wrong === null) heard.newer++;
      const line = wrong === null ? '' : reminder(event);
      if (line) console.log(line);
    }
    await message.ackAck();
    if (options.drain && message.info.pending === 0) break;
  }
  if (refused) {
    refused.nak(); // only now, or it would come again to this process
    return 1;
  }
  summary();
  return 0;
}

process.exitCode = await main();
