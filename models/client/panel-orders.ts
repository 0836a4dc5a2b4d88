/** What other programs ask a panel for by way of the companion: it listens here, and answers each order once. */
import { PanelAnswer, PanelOrder } from '../api.js';
import { readEventStream } from './event-stream.js';

export type OrdersOptions = {
  /** `http://localhost:21212`, without a slash at its end. */
  readonly url: string;
  readonly token: string;
  readonly fetch: typeof globalThis.fetch;
};

/** Carries an order out. The bytes are the PNG as it was drawn. */
export type CarryOut = (order: PanelOrder, png: Uint8Array) => Promise<PanelAnswer>;

/**
 * Listens until the stream ends.
 *
 * @throws TypeError where the companion can't be reached
 * @throws Error where it refuses: it may be older than this panel, or the token was revoked
 */
export async function followOrders(
  { url, token, fetch }: OrdersOptions,
  carryOut: CarryOut,
  signal: AbortSignal,
): Promise<void> {
  const headers = { Authorization: `Bearer ${token}` };
  const ask = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(url + path, { ...init, headers: { ...headers, ...init.headers }, signal });
    if (!response.ok) throw new Error(`The companion refused with status ${response.status}.`);
    return response;
  };
  const stream = await ask('/v1/panel/orders', { headers: { Accept: 'text/event-stream' } });
  for await (const { data } of readEventStream(stream)) {
    // An order of a newer companion is not for this panel.
    const order = PanelOrder.safeParse(JSON.parse(data));
    // One that takes long holds up no other.
    if (order.success) void answer(order.data);
  }

  async function answer(order: PanelOrder): Promise<void> {
    const told = await ask(order.picture)
      .then(async (picture) => carryOut(order, new Uint8Array(await picture.arrayBuffer())))
      .catch((error: Error): PanelAnswer => ({ outcome: 'refused', reason: error.message }));
    // An order that nobody waits for any more has no place for its answer.
    await ask(`/v1/panel/orders/${order.id}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(PanelAnswer.parse(told)),
    }).catch(() => undefined);
  }
}
