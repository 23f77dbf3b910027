import type { ToolCall } from './tools';

/** An answer before it takes the shape of an endpoint. */
export interface Completion {
  id: string;
  /** Epoch seconds. */
  created: number;
  model: string;
  /** Null where it asks for tools instead, or says nothing. */
  content: string | null;
  /** The tools it asks to be called. */
  calls: ToolCall[];
  /** Tokens, estimated as a quarter of the characters. */
  usage: { input: number; output: number };
}

/** One event of a stream. */
export interface ServerEvent {
  event?: string;
  data: string;
}

/** The text in pieces of about a word, as a model writes it. */
export function pieces(content: string | null): string[] {
  return content?.match(/\s*\S+\s*?(?=\s|$)|\s+/g) ?? [];
}

/** A rough count of tokens. */
export function tokens(text: string): number {
  return Math.ceil(text.length / 4);
}
