// What a person is told, one line an event; '' for what is for machines alone.
export function reminder({ type, data }) {
  const about = data.private ? `key result ${data.key_result}` : data.title;
  switch (type.replace('okr.v1.', '')) {
    case 'checkin.due':
      return `${data.owner}: "${about}" is due at ${data.due}`;
    case 'checkin.overdue':
      return `${data.owner}: "${about}" was due at ${data.due}`;
    case 'checkin.missed':
      return `${data.owner}: the check-in of ${data.occurrence} on "${about}" was missed`;
    case 'notice.ready':
      return `${data.to}: ${data.title}`;
    default:
      return '';
  }
}
