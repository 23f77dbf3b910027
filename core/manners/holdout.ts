import { hash } from 'node:crypto';

/** The part of a hash that is read as a number, in hexadecimal digits. A number holds it exactly. */
const DIGITS = 12;

/**
 * Whether a person is in the group that never gets offers. The same person of a product always is or is not, as long as
 * the salt stays the same. A greater share adds persons to the group and removes none.
 *
 * @param personKey tells the person from the product's others
 * @param share of all persons, 0 to 1
 */
export function inHoldout(
  personKey: string,
  productId: string,
  salt: string,
  share: number,
): boolean {
  const digits = hash('sha256', JSON.stringify([salt, productId, personKey]), 'hex');
  return Number.parseInt(digits.slice(0, DIGITS), 16) < share * 16 ** DIGITS;
}
