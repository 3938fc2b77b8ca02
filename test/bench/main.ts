/** `npm run bench [name…] [-- --json]`: benches, each against a floor or a peer measured in the same run. */
import type { Bench } from './bench.ts'

const all: Record<string, () => Promise<{ bench: Bench }>> = {
  start: () => import('./start.ts'),
  stop: () => import('./stop.ts'),
  jog: () => import('./jog.ts'),
  flow: () => import('./flow.ts'),
  webhook: () => import('./webhook.ts'),
  history: () => import('./history.ts'),
  stream: () => import('./stream.ts'),
  gcode: () => import('./gcode.ts'),
  estimate: () => import('./estimate.ts'),
  jobs: () => import('./jobs.ts'),
  hosts: () => import('./hosts.ts'),
  designer: () => import('./designer.ts'),
  panel: () => import('./panel.ts'),
  quality: () => import('./quality.ts'),
  chart: () => import('./chart.ts'),
}

const args = process.argv.slice(2)
const isJson = args.includes('--json')
const names = args.filter((arg) => !arg.startsWith('--'))
const unknown = names.filter((name) => !Object.hasOwn(all, name))
if (unknown.length) {
  console.error(`There is no bench ${unknown.join(', ')}. Say one of: ${Object.keys(all).join(', ')}.`)
  process.exit(2)
}
for (const name of names.length ? names : Object.keys(all)) {
  const { bench } = await (all[name] as () => Promise<{ bench: Bench }>)()
  const { rows, figures } = await bench({ tell: (text) => console.error(text) })
  if (!isJson) console.table(rows)
  else console.log(JSON.stringify({ bench: name, ...figures }))
}
