/** An action as the inbox shows it. */
export interface ShownAction {
  type: string;
  description: string;
  /** Path of the page, with its real ids but without the query string. */
  path: string;
  /** Epoch milliseconds. */
  at: number;
}

/** Where the visitors' activity goes on its way to n8n. */
export interface ActivitySource {
  /** Calls the listener with what each person did; returns a function that ends this. */
  watch(listener: (personId: string, actions: ShownAction[]) => void): () => void;
  /** Whether n8n listens, or was refused. */
  state(): 'none' | 'working' | 'refused';
}

/** The path of an address, '' if it is none. */
export function pathOf(url: unknown): string {
  try {
    return new URL(String(url)).pathname;
  } catch {
    return '';
  }
}
