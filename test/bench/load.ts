/** Load on the gateway for `bench stop`: webhooks, and large flows to check, until killed. Prints a line once it runs. */
import { setTimeout as wait } from 'node:timers/promises'

const [url, token] = process.argv.slice(2) as [string, string]
const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }

/** A deploy of some megabytes, as an import of a large shop would be. */
const nodes = Array.from({ length: 12_000 }, (_, i) => ({
  id: `10ad${String(i).padStart(12, '0')}`,
  type: 'comment',
  z: '10ad',
  name: `Node ${i} of a large flow`,
  info: 'x'.repeat(200),
  x: i % 100,
  y: i,
  wires: [],
}))
const large = JSON.stringify({ flows: [{ id: '10ad', type: 'tab', label: 'Large' }, ...nodes] })

/** Refusals and time-outs are answers too: the flow runtime is blocked while this runs. */
async function repeat(send: () => Promise<Response>, pauseMs = 0): Promise<never> {
  for (;;) {
    if (pauseMs) await wait(pauseMs)
    try {
      await (await send()).arrayBuffer()
    } catch {
      // the connection was refused or cut under load; the next try follows
    }
  }
}

const webhooks = Array.from({ length: 8 }, () =>
  repeat(() => fetch(`${url}/hooks/bench`, { method: 'POST', headers, body: '{"part":"A"}', signal: AbortSignal.timeout(500) })),
)
// with a pause, or a fast computer would ask more often than one address may
const reads = Array.from({ length: 4 }, () => repeat(() => fetch(`${url}/api/machines`, { headers }), 10))
const deploys = [repeat(() => fetch(`${url}/api/flows/check`, { method: 'POST', headers, body: large }))]
console.log('running')
await Promise.all([...webhooks, ...reads, ...deploys])
