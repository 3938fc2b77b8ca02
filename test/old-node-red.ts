/** A user directory as a shop has it: written by a real Node-RED of its own, through its admin API, and left behind when it ends. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { until } from '../server/flows/testing.ts'

const ROOT = join(import.meta.dirname, '..')

async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

export interface OldShop {
  /** Deployed first, where flows shall find context that they have not made themselves. */
  before?: object[]
  flows: object[]
  /** Keys of the global context that its flows fill, waited for. */
  globalKeys: readonly string[]
  /** Waited for as well: `flow/<id>/<key>`, as its admin API has them. */
  contextPaths: readonly string[]
  /** More of settings.js. */
  settings?: string
}

/** Starts Node-RED on an empty directory, deploys, waits until its context is there, ends it. Its context is on the disk then. */
export async function writeUserDirectory(userDir: string, { before, flows, globalKeys, contextPaths, settings = '' }: OldShop): Promise<void> {
  await mkdir(userDir, { recursive: true })
  const port = await freePort()
  await writeFile(
    join(userDir, 'settings.js'),
    `module.exports = {
  flowFile: "flows.json",
  uiPort: process.env.PORT || ${port},
  uiHost: "127.0.0.1",
  contextStorage: { default: { module: "localfilesystem", config: { flushInterval: 0 } } },
  telemetry: { enabled: false },
  ${settings}
}
`,
  )
  const log: string[] = []
  const node: ChildProcess = spawn(
    process.execPath,
    [join(ROOT, 'node_modules/node-red/red.js'), '--userDir', userDir, '--settings', join(userDir, 'settings.js')],
    {
      // nothing of the test's own environment, as on another computer
      env: { PATH: process.env.PATH, HOME: userDir },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  const ended = once(node, 'exit')
  for (const stream of [node.stdout, node.stderr]) stream?.on('data', (chunk: Buffer) => log.push(chunk.toString()))
  const url = `http://127.0.0.1:${port}`
  const get = async (path: string) => {
    const answer = await fetch(`${url}${path}`, { headers: { accept: 'application/json' } }).catch(() => undefined)
    return answer?.ok ? ((await answer.json()) as Record<string, unknown>) : undefined
  }
  try {
    await until(`Node-RED at ${url}: ${log.join('')}`, () => get('/settings'))
    const deploy = async (wanted: object[]) => {
      const answer = await fetch(`${url}/flows`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'Node-RED-API-Version': 'v2' },
        body: JSON.stringify({ flows: wanted }),
      })
      if (!answer.ok) throw new Error(`Node-RED answered ${answer.status}: ${await answer.text()}`)
    }
    await deploy(before ?? flows)
    for (const path of [...globalKeys.map((key) => `global/${key}`), ...contextPaths])
      await until(`the context ${path}: ${log.join('')}`, async () => {
        const found = await get(`/context/${path}`)
        return found !== undefined && JSON.stringify(found) !== '{}' && !JSON.stringify(found).includes('(undefined)')
      })
    if (before) await deploy(flows)
  } finally {
    // it writes what is pending before it ends
    node.kill('SIGTERM')
    await ended
  }
}
