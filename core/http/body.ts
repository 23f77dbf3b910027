/** What happens along a body; every part is optional. */
interface BodyTap {
  /** Comes before what the source brings. */
  prefix?: Uint8Array;
  /** Called for each chunk, before the reader gets it. */
  onChunk?(chunk: Uint8Array): void;
  /** Called once: the body was read to its end, broke off, or nobody wants the rest. */
  onEnd?(how: 'read' | 'broken' | 'cancelled'): void;
  /** What the reader sees instead of an error of the source. */
  mapError?(error: unknown): unknown;
}

/** A body that passes on `body` chunk by chunk and tells of it. Reads nothing ahead of its own reader. */
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
        // Whoever cancels has turned away: that the source then breaks off is no news to them.
        const cancelled = reader.cancel(reason).catch(() => {});
        onEnd?.('cancelled');
        await cancelled;
      },
    },
    { highWaterMark: 0 },
  );
}
