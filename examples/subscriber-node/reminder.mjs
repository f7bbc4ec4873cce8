// What a person is told, one line an event; '' for what is for machines alone.
export function reminder({ type, data }) {
  const about = data.private ? `key result ${data.key_result}` : data.title;
  const who = data.to ?? data.owner; // whoever stands in for an owner who is away
  switch (type.replace('okr.v1.', '')) {
    case 'checkin.due':
      return `${who}: "${about}" is due at ${data.due}`;
    case 'checkin.overdue':
      return `${who}: "${about}" was due at ${data.due}`;
    case 'checkin.missed':
      return `${who}: the check-in of ${data.occurrence} on "${about}" was missed`;
    case 'notice.ready':
      return `${data.to}: ${data.title}`;
    default:
      return '';
  }
}
