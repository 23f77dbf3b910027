/** A longer text says more than no. */
const LONGEST = 60;

/** Texts that decline one offer, as {@link plain} makes them, in English, German, French, Spanish, Italian, Portuguese and Dutch. */
const NO = new Set([
  ...['no', 'nope', 'nah', 'no thanks', 'no thank you', 'no thx', 'nothanks', 'not now', 'later'],
  ...['not interested', 'i am not interested', 'im not interested', 'maybe later', 'go away'],
  ...['nein', 'nee', 'nö', 'ne', 'nein danke', 'nö danke', 'kein interesse', 'kein bedarf'],
  ...['jetzt nicht', 'nicht jetzt', 'später', 'vielleicht später'],
  ...['non', 'non merci', 'pas maintenant', 'plus tard', 'pas intéressé', 'pas intéressée'],
  ...['no gracias', 'ahora no', 'más tarde', 'no me interesa'],
  ...['no grazie', 'non ora', 'più tardi', 'non mi interessa'],
  ...['não', 'nao', 'não obrigado', 'não obrigada', 'nao obrigado', 'agora não', 'mais tarde'],
  ...['nee bedankt', 'nee dank je', 'nee dankjewel', 'niet nu', 'geen interesse'],
]);

/** Texts that decline all offers to come. */
const NEVER = new Set([
  ...['stop', 'stop it', 'stop this', 'please stop', 'stop please', 'unsubscribe', 'opt out'],
  ...['leave me alone', 'never', 'never again', 'do not contact me', 'dont contact me'],
  ...['do not disturb', 'no more offers', 'no more messages', 'stop messaging me'],
  ...['stopp', 'halt', 'abmelden', 'abbestellen', 'nie wieder', 'lass mich in ruhe'],
  ...['lassen sie mich in ruhe', 'aufhören', 'hör auf', 'hören sie auf', 'keine angebote mehr'],
  ...['arrêtez', 'arrête', 'plus jamais', 'désabonner', 'laissez moi tranquille'],
  ...['para', 'basta', 'nunca más', 'déjame en paz', 'cancelar suscripción'],
  ...['smettila', 'mai più', 'lasciami in pace', 'pare', 'nunca mais', 'me deixe em paz'],
  ...['hou op', 'nooit meer', 'laat me met rust', 'afmelden'],
]);

/**
 * What a visitor's words say about an offer: `no` declines this one, `never` all of them, and null says something else.
 * Only whole texts count: "no, but how do I export?" is a question.
 */
export function refusalIn(text: string): 'no' | 'never' | null {
  if (text.length > LONGEST) return null;
  const said = plain(text);
  if (NEVER.has(said)) return 'never';
  return NO.has(said) ? 'no' : null;
}

/** The words alone, in lower case: without punctuation, emoji and apostrophes. */
function plain(text: string): string {
  return text
    .normalize('NFC')
    .toLowerCase()
    .replace(/['’]/g, '')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}
