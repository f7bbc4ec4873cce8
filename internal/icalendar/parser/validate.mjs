// Reads a calendar from standard input with ical.js, strictly, and prints each event
// as a program shows it: the instants come from the calendar's own definitions of time
// zones, and from nothing that this machine knows of them.
import { readFileSync } from 'node:fs';
import ICAL from 'ical.js';

ICAL.design.strict = true;
const calendar = new ICAL.Component(ICAL.parse(readFileSync(0, 'utf8')));
ICAL.TimezoneService.reset();
for (const zone of calendar.getAllSubcomponents('vtimezone')) {
  ICAL.TimezoneService.register(zone.getFirstPropertyValue('tzid'), new ICAL.Timezone(zone));
}
const events = calendar.getAllSubcomponents('vevent').map((component) => {
  const event = new ICAL.Event(component, { strictExceptions: true });
  const local = event.startDate;
  const zone = component.getFirstProperty('dtstart').getParameter('tzid');
  if (zone && !ICAL.TimezoneService.has(zone)) throw new Error(`${zone} is not defined`);
  const instant = local.isDate ? '' : new Date(local.toUnixTime() * 1000).toISOString();
  return {
    uid: event.uid, summary: event.summary, description: event.description ?? '', sequence: event.sequence, status: component.getFirstPropertyValue('status'),
    zone: zone ?? '', local: local.toString(), instant, minutes: event.duration.toSeconds() / 60, alarms: component.getAllSubcomponents('valarm').length,
  };
});
console.log(JSON.stringify({ name: calendar.getFirstPropertyValue('x-wr-calname'), events }));
