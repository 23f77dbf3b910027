/** What to do while a body is read. Every part is optional. */
interface BodyTap {
  /** Put in front of what the source brings. */
  prefix?: Uint8Array;
  /** Called for each chunk, before the reader gets it. */
  onChunk?(chunk: Uint8Array): void;
  /** Called once: the body was read to its end, broke off, or its reader cancelled the rest. */
  onEnd?(how: 'read' | 'broken' | 'cancelled'): void;
  /** The error that the reader gets instead of the source's. */
  mapError?(error: unknown): unknown;
}

/** A body that passes `body` on chunk by chunk and reports what happens. Reads nothing ahead of its own reader. */
export function tapBody(
  body: ReadableStream<Uint8Array>,
  { prefix, onChunk, onEnd, mapError = (error) => error }: BodyTap,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        if (prefix) controller.enqueue(prefix);
      },
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (done) {
            onEnd?.('read');
            controller.close();
            return;
          }
          onChunk?.(value);
          controller.enqueue(value);
        } catch (error) {
          onEnd?.('broken');
          controller.error(mapError(error));
        }
      },
      async cancel(reason) {
        // A reader that cancels does not care if the source then breaks off.
        const cancelled = reader.cancel(reason).catch(() => {});
        onEnd?.('cancelled');
        await cancelled;
      },
    },
    { highWaterMark: 0 },
  );
}
