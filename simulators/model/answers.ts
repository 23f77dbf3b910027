import { actionLines, chatPart, previousSummary, type Prompt } from './prompt';
import { answerInSituation } from './situations';
import { type Listed, outcomeOf, sessionsListed } from './tools';

const ACTIVITY_HEADING = /^#+[ \t]*current user activity\b.*$/im;
/** Lines that tell nothing: a remark that there is nothing, the head of a list of actions, a tag. */
const NO_ACTIVITY = /^\s*(?:\(.*\)|(?:none|nothing)\b.*|session \S+ — \d+ actions?|<.*>)?\s*$/i;
const OWN_SUMMARY = /^The visitor has taken (\d+) actions?, beginning with “([^”]*)”/;

/**
 * The answer to a prompt, made of what the prompt says so that a reader can tell what it was given.
 * The same prompt always gets the same answer.
 *
 * @param known texts of prompts as they are shipped. What a prompt says besides is repeated behind the answer, so that
 *   a change of the prompt shows. Without them nothing is repeated
 */
export function answerTo(prompt: Prompt, known: readonly string[] = []): string {
  return answer(prompt) + whatIsNew(prompt, known);
}

function answer(prompt: Prompt): string {
  const listed = sessionsListed(prompt);
  if (listed) return listAnswer(listed);
  const outcome = outcomeOf(prompt);
  if (outcome !== undefined) return toolAnswer(outcome);
  const chat = chatPart(prompt);
  const instructions = instructionsOf(prompt);
  if (chat) return chatAnswer(chat.activity, chat.message, instructions);
  if (prompt.tools.length > 0) return TO_ASK;
  const everything = prompt.messages.map(({ text }) => text).join('\n\n');
  const question = prompt.messages.findLast(({ role }) => role === 'user')?.text ?? '';
  const activity = ACTIVITY_HEADING.exec(everything);
  if (activity) {
    const rest = everything.slice(activity.index + activity[0].length);
    // The section ends where the next heading begins; a user message that holds it is no question.
    return chatAnswer(
      rest.split(/^#+[ \t]/m)[0]!,
      question.includes(rest) ? '' : question,
      instructions,
    );
  }
  const actions = actionLines(everything);
  if (actions.length > 0 && /\bsummar/i.test(everything)) {
    return summaryOf(actions, previousSummary(everything));
  }
  return `I am a simulated model. You said: ${shorten(question || everything, 120)}`;
}

/** Two or three sentences; what an earlier summary said of the beginning is carried on. */
function summaryOf(actions: string[], earlier: string | undefined): string {
  const known = earlier === undefined ? null : OWN_SUMMARY.exec(earlier);
  const total = actions.length + Number(known?.[1] ?? 0);
  const first = known?.[2] ?? shorten(inWords(actions[0]!), 100);
  const last = shorten(inWords(actions.at(-1)!), 100);
  const pages = placesIn(actions);
  const where = pages.length > 0 ? ` They spent this time on the ${list(pages)}.` : '';
  const facts = earlier !== undefined && !known ? ` Before that: ${shorten(earlier, 240)}` : '';
  const count = `${total} action${total === 1 ? '' : 's'}`;
  return (
    `The visitor has taken ${count}, beginning with “${first}” and most recently “${last}”.` +
    `${where}${intent(actions)}${facts}`
  );
}

/** To an agent's question from which it cannot tell what to look up. */
const TO_ASK =
  'I am a simulated model with a few prepared answers. Name one visitor by email address, user ID or session ID, for example: What has priya@lumenlabs.example been doing? Or ask: Who is stuck right now?';
const PREPARED = 'an export that fails, prices, signing up, or inviting teammates';

function chatAnswer(activity: string, question: string, instructions: string): string {
  const asked = shorten(question, 100);
  const seen = whatIsSeen(activity);
  const said =
    seen === undefined ? 'I cannot see any recent activity of yours.' : `I can see ${seen}.`;
  const actions = actionLines(activity).map(inWords);
  const prepared = answerInSituation({ question, actions, instructions });
  if (prepared !== undefined) return `${said} ${prepared}`;
  if (asked === '') return `${said} How can I help?`;
  return `${said} I am a simulated model, and have no answer to “${asked}”. Ask me about ${PREPARED}.`;
}

/** What stands in the place of instructions: the system's messages. */
const instructionsOf = ({ messages }: Prompt): string =>
  messages
    .filter(({ role }) => role === 'system' || role === 'developer')
    .map(({ text }) => text)
    .join('\n');

const FENCED = /<(\w+)>[^]*?<\/\1>/g;

/** The first sentence that the shipped prompts do not have. */
function whatIsNew(prompt: Prompt, known: readonly string[]): string {
  if (known.length === 0) return '';
  // A prompt for a summary is a message of its own, with the data between tags.
  const instructions = instructionsOf(prompt) || prompt.messages.map(({ text }) => text).join('\n');
  const bare = (text: string) => text.replace(FENCED, '').replace(/\s+/g, ' ');
  const shipped = bare(known.join('\n'));
  const sentences = instructions.replace(FENCED, '').split(/(?<=[.!?])\s+|\n+/);
  const added = sentences
    .map((one) => one.trim())
    .find((one) => /\w/.test(one) && !shipped.includes(bare(one)));
  return added === undefined
    ? ''
    : ` (The prompt also says “${shorten(added, 160)}”: a simulated model can only repeat that.)`;
}

/** Visitors that are named. */
const MOST_LISTED = 6;

/** Who was there lately, and who tries the same again. */
function listAnswer(sessions: Listed[]): string {
  const stuck = sessions.filter(({ last }) => /\btry again\b/i.test(last)).map(({ who }) => who);
  const lines = sessions
    .slice(0, MOST_LISTED)
    .map(({ who, last }) => `- ${who}${last === '' ? '' : `: ${shorten(inWords(last), 100)}`}`);
  const about =
    stuck.length > 0
      ? `${list(stuck)} seems to be stuck.`
      : 'I see nobody who tries the same again.';
  if (lines.length === 0) return 'I looked it up: nobody is remembered. (Simulated model)';
  return `I looked it up. The latest visitors:\n${lines.join('\n')}\n${about} (Simulated model)`;
}

/** A tool's result in words, for a reader other than the visitor. */
function toolAnswer(outcome: string): string {
  const latest = actionLines(outcome)
    .slice(-3)
    .map((line) => shorten(inWords(line), 100));
  if (latest.length === 0) return `I looked it up: ${shorten(outcome, 300)} (Simulated model)`;
  return `I looked it up. Most recently, the visitor ${latest.join(', then ')}.${intent(actionLines(outcome))} (Simulated model)`;
}

/** The latest actions, or else the summary; undefined when there is neither. */
function whatIsSeen(activity: string): string | undefined {
  const latest = actionLines(activity)
    .slice(-2)
    .map((line) => shorten(toVisitor(inWords(line)), 100));
  if (latest.length > 0) {
    return `that you just ${latest.at(-1)}${latest.length > 1 ? `, after you ${latest[0]}` : ''}`;
  }
  const told = activity
    .split('\n')
    .filter((line) => !NO_ACTIVITY.test(line))
    .join(' ');
  if (told.trim() === '') return undefined;
  return `what you did earlier: “${shorten(told, 200)}”`;
}

const INTENTS: [RegExp, string][] = [
  [/\bcancel/i, 'They may be about to leave.'],
  [/\bexport\b.*\btry again|\btry again\b/i, 'An export seems to give them trouble.'],
  [/\bsubmitted payment|update card/i, 'They are dealing with payment.'],
  [/\bpricing|plan\b/i, 'They seem to be weighing up a plan.'],
  [/\binvit/i, 'They are bringing their team on board.'],
  [/\bsign[- ]?up\b/i, 'They are signing up.'],
];

function intent(actions: string[]): string {
  const text = actions.join('\n');
  const found = INTENTS.find(([pattern]) => pattern.test(text));
  return found ? ` ${found[1]}` : '';
}

/** The places that descriptions name at their end: “… on the pricing page”. */
function placesIn(actions: string[]): string[] {
  const places = actions.map((line) => /\b(?:on|viewed) the ([^.]{2,40})$/.exec(line)?.[1]);
  return [...new Set(places.filter((place) => place !== undefined))].slice(0, 5);
}

const KINDS =
  'article|button|card|chart|field|filter|form|link|menu|option|question|result|switch|tab|video';
const DONE_TO = new RegExp(`^(clicked|submitted|typed in) (?!the )(.{1,100}) (${KINDS}) on the `);

const inWords = (line: string): string =>
  line.replace(/^(?:the )?user\s+/i, '').replace(DONE_TO, '$1 the $2 $3 on the ');
const toVisitor = (line: string): string => line.replace(/\btheir\b/g, 'your');

function list(items: string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

function shorten(text: string, length: number): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= length ? line : `${[...line].slice(0, length - 1).join('')}…`;
}
