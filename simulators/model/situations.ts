// What the simulated model can say about the demo's product. It cannot think: each answer is prepared, and its parts
// depend on the question, on the visitor's actions and on the instructions that it was really given.

/** A question of a visitor, and what the prompt says besides. */
export interface Asked {
  question: string;
  /** The visitor's actions in words, oldest first. */
  actions: readonly string[];
  /** The system message. */
  instructions: string;
}

interface Situation {
  /** What the question says. */
  asked: RegExp;
  /** What the latest actions show, for questions that name nothing: “Why does this not work?”. */
  seen: RegExp;
  answer(asked: Asked): string;
}

const NAMES_NOTHING =
  /\b(?:yes|this|that|it|here|stuck|help|work|works|working|wrong|fails?|error)\b/i;
/** The number of latest actions that count for a question that names nothing. */
const LATEST = 4;

const did = ({ actions }: Asked, what: RegExp): boolean => actions.some((one) => what.test(one));

/** Numbered steps, without those that were done. */
const steps = (asked: Asked, ...all: [text: string, done?: RegExp][]): string =>
  all
    .filter(([, done]) => !done || !did(asked, done))
    .map(([text], i) => `${i + 1}. ${text}`)
    .join('\n');

const SITUATIONS: readonly Situation[] = [
  {
    asked: /\bpayments?\b|\bpay\b/i,
    seen: /\bpayment failed\b|\bpay now\b/i,
    answer: () =>
      'So the payment has failed. Please check the card number and its expiry date, and try once more; nothing was charged. If it fails again, a person from the team can send you an invoice instead.',
  },
  {
    asked: /\bshar(?:e|ing)\b|\breports?\b/i,
    seen: /\bshare report\b/i,
    answer: () =>
      'To share a report, choose its period first: until then, Share report does nothing. Then enter the recipients, and send it.',
  },
  {
    asked: /\b(?:export|csv|pdf|download)/i,
    seen: /\bexport\b|\btry again\b/i,
    answer(asked) {
      if (did(asked, /\btry again\b/i)) {
        const [format, other] = did(asked, /\bPDF\b/) ? ['PDF', 'CSV'] : ['CSV', 'PDF (beta)'];
        return `So the export as ${format} has failed. Please try this:\n1. Reload the export page, and click Export once more.\n2. If it fails again, choose ${other} instead.\n\nDoes it work then? If not, a person from the team can look into it here.`;
      }
      return `This is how to export a board:\n${steps(
        asked,
        ['Open the board, and choose Export in its menu.', /\bexport page\b/i],
        ['Choose CSV or PDF (beta).', /\b(?:CSV|PDF \(beta\)) option\b/],
        ['Click Export.'],
      )}`;
    },
  },
  {
    asked: /\b(?:pric|plans?\b|cost|billing|free\b|yearly|invoice|upgrade)/i,
    seen: /\bpricing\b|\bbilling\b|\bplan\b/i,
    answer: (asked) =>
      `${steps(
        asked,
        ['Open the pricing page.', /\bpricing page\b/i],
        ['Click Compare plans: it shows what each plan has.', /\bcompare plans\b/i],
        ['Switch to Yearly billing to see both prices.', /\byearly billing\b/i],
      )}\n\nI do not know the prices themselves. A person from the team can answer that here. How many people would use it?`.trim(),
  },
  {
    asked: /\binvit|\bteam\b|\bteammates?\b|\bcolleagues?\b/i,
    seen: /\binvit|\bteam page\b/i,
    answer: (asked) =>
      `This is how to invite your team:\n${steps(
        asked,
        ['Open Settings, then Team.', /\b(?:team|invitation) page\b/i],
        ['Click Invite teammates.', /\binvite teammates\b|\binvitation page\b/i],
        ['Enter their email addresses, or click Copy link and send it to them.'],
      )}`,
  },
  {
    asked: /\bsign(?:ing)?[- ]?up\b|\baccount\b|\bregister|\bstart(?:ed)?\b|\bbegin\b/i,
    seen: /\bsign[- ]?up\b|\bonboarding\b/i,
    answer: (asked) =>
      `This is how to start:\n${steps(
        asked,
        ['Click Sign up on the pricing page.', /\bsign-up page\b|\bonboarding\b|\bdashboard\b/i],
        [
          'Enter your work email and a password, or click Continue with Google.',
          /\bsubmitted the sign up\b|\bonboarding\b|\bdashboard\b/i,
        ],
        ['Name your workspace.', /\bworkspace name\b|\bdashboard\b/i],
        ['Click New board on the dashboard, and add your first card.'],
      )}`,
  },
];

const WHO =
  /\bwho are you\b|\bwhat are you\b|\bare you (?:a |an )?(?:bot|human|person|real|robot|ai)\b/i;
const HOW_KNOWN = /\bhow do you know\b|\b(?:watch|track|spy)(?:ing)?\b|\bcan you see\b/i;
const PERSON = /\b(?:human|person|agent|somebody|someone|operator)\b/i;
const THANKS = /\b(?:thanks?|thank you|great|perfect|bye)\b/i;
const HELLO = /^\W*(?:hi|hello|hey|good (?:morning|afternoon|evening))\b[\s\S]{0,40}$/i;

/** The prepared answer to a question; undefined when there is none. */
export function answerInSituation(asked: Asked): string | undefined {
  const { question, actions } = asked;
  if (WHO.test(question)) return whoIAm(asked);
  if (HOW_KNOWN.test(question)) {
    return 'The product shows its support what is done in it, so that you need not explain it.';
  }
  const named = SITUATIONS.find((one) => one.asked.test(question));
  if (named) return named.answer(asked);
  if (PERSON.test(question)) {
    return 'A person from the team can answer you here. I am an automated assistant and cannot call anybody.';
  }
  if (NAMES_NOTHING.test(question)) {
    const latest = actions.slice(-LATEST).reverse();
    const shown = latest.flatMap((one) => SITUATIONS.find(({ seen }) => seen.test(one)) ?? [])[0];
    if (shown) return shown.answer(asked);
  }
  if (THANKS.test(question)) return 'You are welcome. Is there anything else?';
  if (HELLO.test(question)) return 'Hello! How can I help?';
  return undefined;
}

/** As the instructions begin: “You are Nora, who helps …” becomes “I am Nora, who helps …”. */
function whoIAm({ instructions }: Asked): string {
  const [, told] = /\byou are ((?:the|an?)? ?[^.\n]{2,160})/i.exec(instructions) ?? [];
  return `I am ${told?.trim() ?? 'the support assistant'}: an automated assistant, not a person.`;
}
