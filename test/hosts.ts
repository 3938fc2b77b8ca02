/** Several hosts for tests and benches: each the whole product with processes of its own, over one PostgreSQL and one Redis. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readJournalFile } from '../nodes/motion/guard/journal-file.ts'
import type { JournalRecord } from '../nodes/motion/guard/journal-records.ts'
import { addMachine, getMachine, homeMachine, listHosts } from '../server/api/index.ts'
import { startTestPostgres, type TestPostgres } from '../server/store/testing.ts'
import { livingProcesses, type Product, startTestProduct, until } from './product.ts'

export const redisServer: string | undefined = (() => {
  const name = process.env.REDIS_SERVER ?? 'redis-server'
  try {
    execFileSync(name, ['--version'], { stdio: 'ignore' })
    return name
  } catch {
    return undefined // not installed here
  }
})()

export interface TestHost {
  readonly name: string
  product: Product
  /** Everything of it at once, as when its computer loses its power. */
  kill(): Promise<void>
  /** On the same data directory. */
  startAgain(): Promise<void>
}

export interface TestHosts {
  hosts: TestHost[]
  /** Shared by all; removed by `close`. */
  dir: string
  postgres: TestPostgres
  close(): Promise<void>
}

async function startRedis(dir: string): Promise<{ url: string; child: ChildProcess }> {
  const url = join(dir, 'redis.sock')
  const child = spawn(redisServer as string, ['--port', '0', '--unixsocket', url, '--dir', dir, '--save', '', '--appendonly', 'no'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => /ready to accept connections/i.test(String(chunk)) && resolve())
    child.once('exit', (code) => reject(new Error(`redis-server ended with ${code}`)))
  })
  return { url, child }
}

/** Needs {@link redisServer}. */
export async function startHosts(names: readonly string[], env: Record<string, string> = {}): Promise<TestHosts> {
  const dir = await mkdtemp(join(tmpdir(), 'cellwright-hosts-'))
  const postgres = await startTestPostgres({ port: 0 })
  const redis = await startRedis(dir)
  const hosts: TestHost[] = []
  const close = async () => {
    await Promise.all(hosts.map((host) => host.product.close()))
    redis.child.kill('SIGKILL')
    await postgres.close()
    await rm(dir, { recursive: true, force: true })
  }
  const shared = {
    DATABASE_URL: postgres.database,
    REDIS_URL: redis.url,
    CELLWRIGHT_SECRET_KEY: randomBytes(32).toString('hex'),
    CELLWRIGHT_FILES: join(dir, 'files'),
    ...env,
  }
  await mkdir(shared.CELLWRIGHT_FILES)
  try {
    const start = async (name: string): Promise<TestHost> => {
      const own = { ...shared, CELLWRIGHT_HOST_NAME: name }
      const host: TestHost = {
        name,
        product: await startTestProduct(own),
        async kill() {
          const pids = [host.product.launcherPid, ...livingProcesses(host.product.dataDir).map(({ pid }) => pid)]
          for (const pid of pids) {
            try {
              process.kill(pid, 'SIGKILL')
            } catch (error) {
              // most end with their launcher, perhaps before their turn here
              if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
            }
          }
          await until(`the end of host ${name}`, 20_000, () => livingProcesses(host.product.dataDir).length === 0 || undefined)
        },
        async startAgain() {
          host.product = await startTestProduct(own, { dataDir: host.product.dataDir })
        },
      }
      return host
    }
    // the first one makes the tables, and leads
    for (const some of [names.slice(0, 1), names.slice(1)]) {
      const started = await Promise.allSettled(some.map(start))
      for (const each of started) if (each.status === 'fulfilled') hosts.push(each.value)
      for (const each of started) if (each.status === 'rejected') throw each.reason
    }
    const all = names.length
    for (const { name, product } of hosts)
      await until(`${name} to know the others`, 30_000, async () =>
        (await product.client.call(listHosts, {})).filter(({ state }) => state === 'living').length === all ? true : undefined,
      )
    return { hosts, dir, postgres, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** A virtual machine that is wired to this host and stands ready. */
export async function addMill({ product: { client } }: TestHost, id: string): Promise<void> {
  await client.call(addMachine, {
    body: {
      id,
      name: id.toUpperCase(),
      link: { kind: 'virtual', timeScale: 20 },
      envelopeMm: { min: [0, 0, -80], max: [400, 300, 20] },
      whenRequesterGone: 'finish',
    },
  })
  await untilIdle({ product: { client } }, id)
}

export async function untilIdle({ product: { client } }: { product: Pick<Product, 'client'> }, machineId: string): Promise<void> {
  await until(`${machineId} to stand ready`, 60_000, async () => {
    const { state } = await client.call(getMachine, { params: { machineId } })
    if (state?.controller === 'alarm' || (state && !state.isPositionTrusted)) await client.call(homeMachine, { params: { machineId } })
    return state?.link === 'connected' && state.controller === 'idle' && state.isPositionTrusted ? true : undefined
  })
}

/** The source lines of each job that the guards of a machine have sent to its controller. */
export async function linesSent(host: TestHost, machineId: string): Promise<Map<string, number[]>> {
  const dir = join(host.product.dataDir, 'journals', machineId)
  const lines = new Map<string, number[]>()
  for (const name of (await readdir(dir)).filter((entry) => /^journal-\d+\.log$/.test(entry)).sort())
    for await (const line of readJournalFile(join(dir, name))) {
      if (!('record' in line)) continue
      const record = line.record as JournalRecord
      if (record.kind === 'program') lines.set(record.jobId, [...(lines.get(record.jobId) ?? []), ...record.lines.map(([source]) => source)])
    }
  return lines
}

/** A program of that many moves. */
export const programOf = (name: string, moves: number): string =>
  ['G21 G90', 'G1 F4000', ...Array.from({ length: moves }, (_, index) => `G1 X${10 + (index % 2) * 60}`), 'M2', `(${name})`, ''].join('\n')

/** The kinds of work that the hosts share; each leaves a line in `file`, where it is counted. */
export function flowsOf({ file, connectionId }: { file: string; connectionId: string }): { id: string; type: string; [key: string]: unknown }[] {
  const note = (id: string, wires: string[][]) => ({
    id,
    type: 'file',
    z: 'tab',
    filename: file,
    filenameType: 'str',
    appendNewline: true,
    createDir: true,
    overwriteFile: 'false',
    encoding: 'none',
    x: 300,
    y: 100,
    wires,
  })
  const word = (id: string, text: string, wires: string[][]) => ({
    id,
    type: 'change',
    z: 'tab',
    rules: [{ t: 'set', p: 'payload', pt: 'msg', to: `"${text} " & ${id === 'tick-word' ? 'trigger.dueAt' : 'payload'}`, tot: 'jsonata' }],
    x: 200,
    y: 100,
    wires,
  })
  return [
    { id: 'tab', type: 'tab', label: 'Hosts' },
    { id: 'in', type: 'cw-job-in', z: 'tab', jobName: 'part', x: 100, y: 100, wires: [['keep']] },
    {
      id: 'keep',
      type: 'change',
      z: 'tab',
      rules: [
        { t: 'set', p: 'order', pt: 'msg', to: 'payload', tot: 'msg' },
        { t: 'set', p: 'payload', pt: 'msg', to: '"part " & payload', tot: 'jsonata' },
      ],
      x: 200,
      y: 100,
      wires: [['part-note']],
    },
    note('part-note', [['pause']]),
    { id: 'pause', type: 'delay', z: 'tab', pauseType: 'delay', timeout: '150', timeoutUnits: 'milliseconds', x: 400, y: 100, wires: [['confirm']] },
    {
      id: 'confirm',
      type: 'cw-confirm',
      z: 'tab',
      connectionId,
      workOrder: 'order',
      workOrderType: 'msg',
      result: 'completed',
      resultType: 'str',
      x: 500,
      y: 100,
      wires: [['out']],
    },
    { id: 'out', type: 'cw-job-out', z: 'tab', state: 'completed', outcome: 'order', outcomeType: 'msg', x: 600, y: 100, wires: [] },

    {
      id: 'tick',
      type: 'cw-time-trigger',
      z: 'tab',
      name: 'Tick',
      schedule: 'interval',
      every: 1,
      unit: 'seconds',
      missed: 'all',
      overlap: 'start',
      x: 100,
      y: 200,
      wires: [['tick-word']],
    },
    word('tick-word', 'tick', [['tick-note']]),
    note('tick-note', [[]]),

    { id: 'ask', type: 'http in', z: 'tab', url: '/wait', method: 'post', x: 100, y: 300, wires: [['yes', 'wait']] },
    { id: 'yes', type: 'http response', z: 'tab', statusCode: '204', x: 300, y: 260, wires: [] },
    { id: 'wait', type: 'cw-wait-event', z: 'tab', event: 'go', key: '', keyType: 'str', timeout: 0, x: 200, y: 300, wires: [['wait-which'], []] },
    {
      id: 'wait-which',
      type: 'change',
      z: 'tab',
      rules: [{ t: 'set', p: 'payload', pt: 'msg', to: 'payload.name', tot: 'msg' }],
      x: 250,
      y: 300,
      wires: [['wait-word']],
    },
    word('wait-word', 'waited', [['wait-note']]),
    note('wait-note', [[]]),

    // in every runtime by itself: of several hosts with the same flows one lets it begin
    {
      id: 'beat',
      type: 'inject',
      z: 'tab',
      repeat: '1',
      once: false,
      props: [{ p: 'payload' }],
      payload: '',
      payloadType: 'date',
      x: 100,
      y: 400,
      wires: [['beat-word']],
    },
    {
      id: 'beat-word',
      type: 'change',
      z: 'tab',
      rules: [{ t: 'set', p: 'payload', pt: 'msg', to: '"beat " & payload', tot: 'jsonata' }],
      x: 200,
      y: 400,
      wires: [['beat-note']],
    },
    note('beat-note', [[]]),
  ]
}

/** The lines of one kind that were written so far. */
export const written = async (file: string, kind: string): Promise<string[]> =>
  (await readFile(file, 'utf8').catch(() => ''))
    .split('\n')
    .filter((line) => line.startsWith(`${kind} `))
    .map((line) => line.slice(kind.length + 1))

/** What was written more than once. */
export const doubles = (values: readonly string[]): string[] => values.filter((value, index) => values.indexOf(value) !== index)

/** Has a message wait for the event `go` in the flow runtime of this host. */
export async function askToWait({ product: { client } }: TestHost, name: string): Promise<void> {
  const answer = await fetch(`${client.access.url}/hooks/wait`, {
    method: 'POST',
    headers: { authorization: `Bearer ${client.access.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name }),
  })
  if (!answer.ok) throw new Error(`the flow answered ${answer.status}`)
}
