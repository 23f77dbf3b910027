/**
 * Reads n8n's format of execution data ("flatted"): a JSON array of values. A string inside an object or array is
 * the index of another value, so that shared and circular references are kept.
 */
export function parseFlatted(text: string): unknown {
  const values = JSON.parse(text) as unknown[];
  const revived = new Map<number, unknown>();
  const revive = (index: number): unknown => {
    const value = values[index];
    if (typeof value !== 'object' || value === null) return value;
    if (revived.has(index)) return revived.get(index);
    const copy: Record<string, unknown> | unknown[] = Array.isArray(value) ? [] : {};
    // Stored before its members, because one of them may refer to it.
    revived.set(index, copy);
    for (const [key, member] of Object.entries(value)) {
      (copy as Record<string, unknown>)[key] =
        typeof member === 'string' ? revive(Number(member)) : member;
    }
    return copy;
  };
  return revive(0);
}

/** One run of a node, with its output. */
export interface NodeRun {
  startTime: number;
  executionTime: number;
  executionStatus?: string;
  error?: { message: string; [field: string]: unknown };
  /** By connection type (`main`), then output, then item. */
  data?: Record<
    string,
    Array<Array<{ json: Record<string, any>; [field: string]: unknown }> | null>
  >;
}

/** The parts of an execution's data that tests use. */
export interface ExecutionData {
  resultData: {
    runData: Record<string, NodeRun[]>;
    error?: { message: string; [field: string]: unknown };
    lastNodeExecuted?: string;
    /** n8n's custom data of the execution. */
    metadata?: Record<string, string>;
  };
  [field: string]: unknown;
}

/** The JSON of all items on one output of a node, over all its runs in this execution. */
export function outputOf(
  execution: { data: ExecutionData },
  nodeName: string,
  output = 0,
): Array<Record<string, any>> {
  const runs = execution.data.resultData.runData[nodeName] ?? [];
  return runs.flatMap((run) => (run.data?.main?.[output] ?? []).map((item) => item.json));
}
