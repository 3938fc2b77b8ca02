/** The demo shop at work, for tests and pictures that need runs, jobs and a machine that moves. */
import { listPanel, listRuns, type PanelButton, pressButton, startDemo } from '../../server/api/index.ts'
import type { Client } from '../../server/cli/client.ts'
import { until } from '../product.ts'

const WITHIN_MS = 60_000

/** Sets the shop up; its machine is virtual and this much faster than a real one. @returns where its orders come in */
export async function setUpShop(client: Client, timeScale = 60): Promise<{ inbox: string }> {
  return await client.call(startDemo, { body: { timeScale } })
}

/** Presses a button of the running flow as soon as something waits at it, with this for whatever it asks. @returns the run */
async function press(client: Client, label: RegExp, { value = 0, withinMs = WITHIN_MS }: { value?: number; withinMs?: number | undefined }): Promise<string> {
  const button = await until(`something at the button ${label}`, withinMs, async () =>
    (await client.call(listPanel, {})).find((one: PanelButton) => label.test(one.label) && one.isEnabled && one.waiting.length > 0),
  )
  const waitingId = button.waiting[0]?.id as string
  const values = Object.fromEntries(button.asks.map(({ key }) => [key, value]))
  return (await client.call(pressButton, { params: { nodeId: button.nodeId }, body: { pressId: crypto.randomUUID(), waitingId, values } })).runId
}

/** Begins the first work order that waits. @returns its run */
export function cutPart(client: Client, withinMs?: number): Promise<string> {
  return press(client, /^Cut the part/, { withinMs })
}

/** Measures the part that was cut last, and waits until its order is confirmed. */
export async function measurePart(client: Client, runId: string, boreMm: number, withinMs?: number): Promise<void> {
  await press(client, /^Enter the measured bore/, { value: boreMm, withinMs })
  await until('the end of the run', withinMs ?? WITHIN_MS, async () =>
    (await client.call(listRuns, { query: { limit: 50 } })).find(({ id, state }) => id === runId && state !== 'active'),
  )
}
