const rememberedLines = 60;

/** Splits a process's output into lines, and keeps the last ones for error messages. */
export function collectLines(onLog: (line: string) => void) {
  const remembered: string[] = [];
  let rest = '';
  return {
    add: (chunk: Buffer | string) => {
      const parts = (rest + String(chunk)).split('\n');
      rest = parts.pop() ?? '';
      for (const line of parts) {
        remembered.push(line);
        if (remembered.length > rememberedLines) remembered.shift();
        onLog(line);
      }
    },
    tail: () => [...remembered, rest].join('\n').trim(),
  };
}
