/** Stock Node-RED 5 as a process of its own, from the same packages; and what our gateway counts of its run history. */
import { type ChildProcess, spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { until } from '../product.ts'

const root = join(import.meta.dirname, '..', '..')

const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })

/** @param options.probe a request that is answered once the flow runs */
export async function startStock(options: {
  userDir: string
  flow: unknown
  probe: { path: string; init?: RequestInit }
}): Promise<{ child: ChildProcess; url: string }> {
  const { userDir, flow, probe } = options
  const port = await freePort()
  await writeFile(join(userDir, 'flows.json'), JSON.stringify(flow))
  await writeFile(
    join(userDir, 'settings.js'),
    `module.exports = { uiHost: '127.0.0.1', uiPort: ${port}, flowFile: 'flows.json', credentialSecret: false, telemetry: { enabled: false }, logging: { console: { level: 'warn' } } }`,
  )
  const child = spawn(process.execPath, [join(root, 'node_modules/node-red/red.js'), '-u', userDir, '-s', join(userDir, 'settings.js')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const url = `http://127.0.0.1:${port}`
  await until('stock Node-RED to run the flow', 30_000, async () => ((await fetch(`${url}${probe.path}`, probe.init)).ok ? true : undefined))
  return { child, url }
}

/** Hops written to the run history and hops lost on the way, as the gateway counts them. */
export async function hopCounts(url: string, headers: Record<string, string>): Promise<{ recorded: number; dropped: number }> {
  const text = await (await fetch(`${url}/metrics`, { headers })).text()
  const read = (name: string) => Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\d+(?:\\.\\d+)?(?:e\\+\\d+)?)$`, 'm').exec(text)?.[1] ?? Number.NaN)
  return { recorded: read('cellwright_run_hops_recorded_total'), dropped: read('cellwright_run_hops_dropped_total') }
}
