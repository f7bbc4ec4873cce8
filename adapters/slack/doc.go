// Package slack is the adapter that brings notices to people in Slack. It takes
// events of the type notice.ready and is done with every other, so it is added
// with [adapters.Notices]:
//
//	out.Add(slack.New(token, book), adapters.Notices())
//
// # Where a message goes
//
// The host's [adapters.AddressBook] says on the channel [adapters.ChannelSlack]
// where a person is reached: the id of a user (U… or W…), whom the app then
// writes directly, or of a conversation (C…, G…, D…). Names such as #general and
// mail addresses are refused: names change, and Slack's ids do not. A person
// without such an address gets nothing, which is no error.
//
// The token is a bot's, with the scope chat:write, and a conversation that is
// not public has the bot among its members. A host whose companies have a
// workspace each gives [TokenOf].
//
// # What a message looks like
//
// [Standard] makes a header, the body in sections, one line of context, a button
// that leads to the link, and the text that notifications and screen readers
// use. All of it is in the language of the notice, which brings the words of the button
// along; the line of context is a date, which Slack says in the reader's own. A host that wants it otherwise gives a [Layout]. [Adapter.Preview] shows
// either without sending it.
//
// What people wrote stays what they wrote: [Mrkdwn] leaves nothing that Slack
// would read as a mention, a link, an emoji or formatting, and takes out marks
// that cannot be seen or that turn the direction of writing. Slack neither looks
// for mentions and links in the text nor unfurls any; the address that a notice of several
// things says below each of them can be followed. The header and the button
// are of Slack's type plain_text, in which nothing is read as markup, and hold
// the words as they are, through [Plain].
//
// # A message that comes again
//
// Slack has no key by which it would recognise a message that it already has. So
// each message carries the event's id in its metadata (event type
// [MetadataType]), and an event that comes again, as a second attempt or because
// somebody redrives it, is first looked for in the conversation, as of the time
// of the event. What holds:
//
//   - With the scopes im:history and im:write, and channels:history or
//     groups:history where notices go to conversations, a message that Slack
//     shows in the history is not posted again.
//   - Without them Slack refuses the look, and the message is posted: at least
//     once.
//   - In both cases there may be two if Slack shows the first only after the
//     second attempt has looked, if somebody deleted the first, or if more than a
//     thousand messages were written in the conversation since the event.
//
// Metadata can be read by the apps of the workspace; it holds the event's id and
// nothing else.
//
// # What goes wrong
//
// Each failure of Slack's is an [*Error] with Slack's code and what to do about
// it. One that no retry cures, such as channel_not_found or invalid_auth, is
// permanent; a rate limit asks for the event again after the time that Slack
// says; everything else is left to the router's backoff. The token stands in no
// error, and neither does anything else of what was sent. The adapter logs
// nothing.
package slack
