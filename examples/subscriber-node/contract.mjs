// The published contract: one JSON Schema per event type, in a folder of files
// TYPE.schema.json.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';
import addFormats from 'ajv-formats';

export class Contract {
  #folder;
  #ajv;
  #checks = new Map();

  constructor(folder) {
    this.#folder = folder;
    this.#ajv = addFormats(new Ajv({ allErrors: true, allowUnionTypes: true }));
  }

  /**
   * What is wrong with an event, as text; '' if nothing is, and null if its type is
   * newer than these schemas: types are added within v1, so that is no fault.
   */
  faults(event) {
    const check = this.#check(String(event?.type));
    if (check === null) return null;
    return check(event) ? '' : this.#ajv.errorsText(check.errors, { dataVar: event.type, separator: '\n' });
  }

  #check(type) {
    if (!this.#checks.has(type)) {
      const file = /^okr\.v1\.[a-z_]+\.[a-z-]+$/.test(type) ? join(this.#folder, `${type}.schema.json`) : '';
      this.#checks.set(type, existsSync(file) ? this.#ajv.compile(JSON.parse(readFileSync(file, 'utf8'))) : null);
    }
    return this.#checks.get(type);
  }
}

/** The token that stands for a tenant in subjects: okr.v1.<token>.<entity>.<verb>. */
export function tenantToken(tenant) {
  const escaped = (c) => [...Buffer.from(c)].map((b) => '%' + b.toString(16).toUpperCase().padStart(2, '0')).join('');
  return [...tenant].map((c) => (/[A-Za-z0-9_-]/.test(c) || /[^\x00-\x7f]/.test(c) && /[\p{L}\p{Nd}]/u.test(c) ? c : escaped(c))).join('') || '%';
}
