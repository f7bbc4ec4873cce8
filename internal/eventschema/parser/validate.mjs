// Prints the channels of an AsyncAPI document with their addresses and where the
// schemas of their messages were found, and on stderr what is wrong with it.
import { fromFile, Parser } from '@asyncapi/parser';

const { document, diagnostics } = await fromFile(new Parser(), process.argv[2]).parse();
for (const d of diagnostics) {
  if (d.severity <= 1) console.error(d.code, d.path.join('.'), d.message); // errors and warnings; what is left are hints
}
for (const channel of document?.channels().all() ?? []) {
  for (const message of channel.messages().all()) {
    console.log(channel.address(), message.name(), message.payload().title());
  }
}
