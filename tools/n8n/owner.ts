import type { Owner } from './rest';

/** The account of every n8n that tests start. */
export const owner: Owner = { email: 'test@example.com', password: 'Autoplay-test-1' };
