/**
 * Reads the format n8n stores execution data in ("flatted"): a JSON array of values in which every string inside an
 * object or array is the index of another value, so that shared and circular references survive.
 */
export function parseFlatted(text: string): unknown {
  const values = JSON.parse(text) as unknown[];
  const revived = new Map<number, unknown>();
  const revive = (index: number): unknown => {
    const value = values[index];
    if (typeof value !== 'object' || value === null) return value;
    if (revived.has(index)) return revived.get(index);
    const copy: Record<string, unknown> | unknown[] = Array.isArray(value) ? [] : {};
    // Before its members, because one of them may refer back to it.
    revived.set(index, copy);
    for (const [key, member] of Object.entries(value)) {
      (copy as Record<string, unknown>)[key] =
        typeof member === 'string' ? revive(Number(member)) : member;
    }
    return copy;
  };
  return revive(0);
}

/** What one run of a node took and gave. */
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

/** The parts of an execution's data that tests look at. */
export interface ExecutionData {
  resultData: {
    runData: Record<string, NodeRun[]>;
    error?: { message: string; [field: string]: unknown };
    lastNodeExecuted?: string;
  };
  [field: string]: unknown;
}

/** The JSON of all items a node gave on one output, over all its runs in this execution. */
export function outputOf(
  execution: { data: ExecutionData },
  nodeName: string,
  output = 0,
): Array<Record<string, any>> {
  const runs = execution.data.resultData.runData[nodeName] ?? [];
  return runs.flatMap((run) => (run.data?.main?.[output] ?? []).map((item) => item.json));
}
