import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A place where something may have leaked to, and what stands there. */
export interface Place {
  name: string;
  content: Buffer;
}

/**
 * How a secret may be written: as it is, or in base64 at any of the three offsets at which that looks
 * different, without what depends on its neighbours.
 */
export function formsOf(secret: string): string[] {
  const shifted = [0, 1, 2].map((offset) => {
    const encoded = Buffer.from('x'.repeat(offset) + secret).toString('base64');
    const start = Math.ceil((offset * 4) / 3);
    const whole = Math.floor(((offset + secret.length) * 4) / 3);
    return encoded.slice(start, whole);
  });
  return [secret, encodeURIComponent(secret), ...shifted];
}

/** Which of the secrets, by name, stand in which places. */
export function leaks(secrets: Record<string, string>, places: readonly Place[]): string[] {
  return Object.entries(secrets).flatMap(([name, secret]) => {
    const forms = formsOf(secret);
    return places.flatMap((place) => {
      const form = forms.find((text) => place.content.includes(text));
      if (form === undefined) return [];
      const at = place.content.indexOf(form);
      const around = place.content.subarray(Math.max(0, at - 150), at + form.length + 50);
      return [`${name} in ${place.name}: …${around.toString('utf8')}…`];
    });
  });
}

/** Every file below a folder, save in the folders that are named. */
export function filesIn(folder: string, except: readonly string[] = []): Place[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return except.includes(entry.name) ? [] : filesIn(path, except);
    return entry.isFile() ? [{ name: path, content: readFileSync(path) }] : [];
  });
}
