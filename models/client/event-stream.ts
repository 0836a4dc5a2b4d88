/** Server-sent events of an answer, as text. */
import { createParser, type EventSourceMessage } from 'eventsource-parser';

/** Ends with the answer; leaving it in the middle closes the connection. */
export async function* readEventStream(response: Response): AsyncGenerator<EventSourceMessage> {
  const reader = response.body?.getReader();
  if (!reader) return;
  const decoder = new TextDecoder();
  const arrived: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (event) => arrived.push(event) });
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      parser.feed(decoder.decode(value, { stream: true }));
      yield* arrived.splice(0);
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
