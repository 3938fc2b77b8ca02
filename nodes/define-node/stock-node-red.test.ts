/** The built module in a stock Node-RED: its own process, nothing of Cellwright around it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import buildNodes from '../../build/nodes.ts'
import { NODES } from '../index.ts'
import { NOT_CONNECTED } from './runtime.ts'

const ROOT = join(import.meta.dirname, '../..')
let folder: string
let nodeRed: ChildProcess
let log = ''
let url: string

// every type once, set up as far as the check demands
const FLOW = [
  { id: 'tab', type: 'tab', label: 'stock' },
  { id: 'm1', type: 'cw-machine', machineId: 'mill-1' },
  ...[
    { id: 'n1', type: 'cw-run-program', machine: 'm1', program: 'a.nc', programType: 'str' },
    { id: 'n2', type: 'cw-machine-command', machine: 'm1', command: 'hold' },
    { id: 'n3', type: 'cw-machine-event', machine: 'm1', kinds: ['alarm'] },
    { id: 'n4', type: 'cw-button', label: 'Start', says: 'Starts' },
    { id: 'n5', type: 'cw-job-in', jobName: 'cut' },
    { id: 'n6', type: 'cw-job-out' },
    { id: 'n7', type: 'cw-enqueue', jobName: 'cut', jobNameType: 'str' },
    { id: 'n8', type: 'cw-check', characteristic: 'bore', nominal: 10, upper: 1 },
    { id: 'n9', type: 'cw-work-orders', connectionId: 'c1' },
    { id: 'n10', type: 'cw-confirm', connectionId: 'c1' },
  ].map((node, index) => ({ z: 'tab', x: 100, y: 60 * index, wires: [], ...node })),
]

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cellwright-stock-'))
  await buildNodes({ root: ROOT, dist: folder })
  const userDir = join(folder, 'user')
  // copied out of the checkout: it must need nothing from there
  await cp(join(folder, 'node-red'), join(userDir, 'node_modules/@cellwright/nodes'), { recursive: true })
  await writeFile(join(userDir, 'package.json'), JSON.stringify({ name: 'stock', dependencies: { '@cellwright/nodes': '*' } }))
  await writeFile(join(userDir, 'flows.json'), JSON.stringify(FLOW))
  await writeFile(join(userDir, 'settings.js'), 'module.exports = { flowFile: "flows.json", credentialSecret: "x", editorTheme: { tours: false } }')
  const redJs = join(dirname(createRequire(import.meta.url).resolve('node-red/package.json')), 'red.js')
  nodeRed = spawn(process.execPath, [redJs, '--userDir', userDir, '--port', '0', '-D', 'uiHost=127.0.0.1'], { stdio: ['ignore', 'pipe', 'pipe'] })
  const started = new Promise<void>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      log += chunk
      // it listens before or after it has started its flows
      const [, origin] = /now running at (http:\S+?)\/?\s/.exec(log) ?? []
      url = origin ?? ''
      if (origin && log.includes('Started flows')) resolve()
    }
    nodeRed.stdout?.on('data', read)
    nodeRed.stderr?.on('data', read)
    nodeRed.once('exit', (code) => reject(new Error(`Node-RED ended with ${code}:\n${log}`)))
  })
  await started
})
afterAll(async () => {
  if (nodeRed?.exitCode === null) {
    nodeRed.kill('SIGKILL')
    await once(nodeRed, 'exit')
  }
  if (folder) await rm(folder, { recursive: true, force: true })
})

it('registers every type without an error', async () => {
  const sets = (await (await fetch(`${url}/nodes`, { headers: { accept: 'application/json' } })).json()) as {
    module: string
    types: string[]
    err?: string
    enabled: boolean
  }[]
  const ours = sets.filter(({ module }) => module === '@cellwright/nodes')
  expect(ours.flatMap(({ types }) => types).sort()).toEqual(NODES.map(({ type }) => type as string).sort())
  expect(ours.filter(({ err, enabled }) => err || !enabled)).toEqual([])
  expect(log).not.toMatch(/\[error\]|unknown|Waiting for missing types/i)
})

it('serves the form, the help, the script and the icon of every type', async () => {
  const html = await (await fetch(`${url}/nodes`, { headers: { accept: 'text/html' } })).text()
  for (const { type, icon } of NODES) {
    expect(html).toContain(`data-template-name="${type}"`)
    expect(html).toContain(`data-help-name="${type}"`)
    const answer = await fetch(`${url}/icons/@cellwright/nodes/${icon}.svg`)
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, expect.stringContaining('image/svg+xml')])
  }
  const script = await fetch(`${url}/resources/@cellwright/nodes/stock-editor.js`)
  expect(await script.text()).toContain('cellwrightNode')
  expect(await (await fetch(`${url}/cellwright/machines`)).json()).toEqual([])
})

it('has nodes that say plainly that they are not connected', async () => {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/comms`)
  const statuses = new Map<string, { text?: string }>()
  const wanted = FLOW.filter((node) => 'wires' in node).length
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject)
    socket.on('open', () => socket.send(JSON.stringify({ subscribe: 'status/#' })))
    socket.on('message', (data) => {
      for (const { topic, data: status } of [JSON.parse(String(data))].flat()) {
        if (String(topic).startsWith('status/')) statuses.set(String(topic).slice('status/'.length), status)
      }
      if (statuses.size === wanted) resolve()
    })
  })
  socket.close()
  expect([...statuses.values()].map(({ text }) => text)).toEqual(Array(wanted).fill(NOT_CONNECTED))
})
