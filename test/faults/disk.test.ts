/**
 * The disk of the data directory is full (a small tmpfs): under the database, the journal, the programs and the logs. What was
 * acknowledged before and meanwhile is done once, the rest is refused in words, nobody crashes, and it goes on when there is room.
 */
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import {
  actOnMachine,
  addAccount,
  addMachine,
  changeQueue,
  deployFlows,
  getJob,
  getMachine,
  getRun,
  getSystem,
  type Job,
  listPanel,
  listQueues,
  listSteps,
  type Program,
  pressButton,
  startProgram,
  stopMachine,
  uploadProgram,
  verifyAudit,
} from '../../server/api/index.ts'
import { readConfig } from '../../server/config.ts'
import { takeInstance } from '../../server/launcher/instance.ts'
import { passwordFrom } from '../../server/store/embedded/cluster.ts'
import { dbUserFor, socketDirFor } from '../../server/store/embedded/db-user.ts'
import { chromiumPath, launchBrowser } from '../browser/chromium.ts'
import { PASSWORD, signInTo } from '../browser/hands.ts'
import { type Product, root, startTestProduct, until } from '../product.ts'
import { killAndWait } from './kill.ts'
import { expectSentOnce, journalOf, linesOf } from './shop.ts'
import { canMount, mountSmallDisk, type SmallDisk } from './small-disk.ts'

const isPossible = canMount()
/** What is waited for comes by itself, however slow this computer is just now: this bound is for what will never come. */
const LONGEST_MS = 300_000
const TEST_MS = 900_000
const MACHINE = 'mill'
const node = (id: string, type: string, wires: string[][], config: object = {}) => ({ id, type, z: 'tab', x: 100, y: 100, name: '', wires, ...config })
const FLOWS = [
  { id: 'tab', type: 'tab', label: 'Disk' },
  node('press', 'cw-button', [['wait']], {
    ...{ label: 'Go', says: 'Begins', color: 'normal', waitingText: '', waitingTextType: 'msg', whenEmpty: '', asks: [] },
  }),
  node('wait', 'cw-wait-until', [['done']], { mode: 'for', duration: '1', durationType: 'num', until: 'due', untilType: 'msg', clock: '06:00' }),
  node('done', 'cw-check', [[], []], { characteristic: 'done', nominal: 1, lower: 0, upper: 0, unit: '', decimals: 0, value: '1', valueType: 'num' }),
]

describe.skipIf(!isPossible)(isPossible ? 'a full disk' : 'a full disk: SKIPPED, a tmpfs cannot be mounted here (it takes root)', { timeout: TEST_MS }, () => {
  let small: SmallDisk
  let product: Product
  let program: Program
  let browser: Browser | undefined
  /** An operator's panel, where a browser is found. */
  let panel: Page | undefined
  const call: Product['client']['call'] = (...args) => product.client.call(...args)
  const jobOf = (jobId: string) => call(getJob, { params: { jobId } })
  const runProgram = () => call(startProgram, { body: { machineId: MACHINE, programId: program.id } })
  /** Presses that were acknowledged: each is to be measured once. */
  const acknowledged: string[] = []
  const press = async () => {
    const { runId } = await call(pressButton, { params: { nodeId: 'press' }, body: { pressId: crypto.randomUUID(), values: {} } })
    acknowledged.push(runId)
  }
  /** Presses until the database takes nothing more. */
  const pressUntilRefused = () =>
    until('a press to be refused', LONGEST_MS, async () => {
      try {
        await press()
        return undefined
      } catch (error) {
        return (error as Error & { code: string }).code
      }
    })
  const reasons = async () => ((await (await fetch(new URL('/readyz', product.client.access.url))).json()) as { reasons: Record<string, string> }).reasons
  const lives = async () => Object.fromEntries((await call(getSystem, {})).processes.map(({ name, restarts }) => [name, restarts]))
  const running = (job: Job) => until('the program to run', LONGEST_MS, async () => ((await jobOf(job.id)).progress?.done ?? 0) > 5 || undefined)
  const expectEachMeasuredOnce = async () => {
    for (const runId of acknowledged.splice(0)) {
      const run = await until(`the end of ${runId}`, LONGEST_MS, async () => {
        const now = await call(getRun, { params: { runId } })
        return now.state === 'active' ? undefined : now
      }).catch(async (error) => {
        throw new Error(JSON.stringify([await call(getRun, { params: { runId } }), await call(listSteps, { query: { runId, limit: 10 } })]), { cause: error })
      })
      expect([run.state, run.links.filter(({ kind }) => kind === 'measurement').length, run.summary]).toEqual(['completed', 1, run.summary])
    }
  }
  const connect = async () => {
    const cluster = join(small.dir, 'postgres')
    const host = encodeURIComponent(socketDirFor(dbUserFor(cluster), cluster))
    const client = new Client({
      connectionString: `postgresql://cellwright:${passwordFrom(join(small.dir, 'keys', 'postgres'))}@localhost/cellwright?host=${host}`,
    })
    client.on('error', () => {})
    await client.connect()
    return client
  }
  /** Takes all room. PostgreSQL lives on while it needs none: its next checkpoint, in five minutes, would be its end. */
  const fill = async () => {
    const client = await connect()
    await client.query('checkpoint')
    await client.end()
    small.fill()
  }
  const goesOn = async () => {
    small.makeRoom()
    await until('everything to be ready', LONGEST_MS, async () => {
      const left = await reasons()
      if (Object.keys(left).length) throw new Error(JSON.stringify(left)) // is told when it never comes
      return true
    })
    await until('a press to be taken', LONGEST_MS, async () => {
      await press()
      return true
    })
    await expectEachMeasuredOnce()
  }

  beforeAll(async () => {
    small = mountSmallDisk(220) as SmallDisk
    product = await startTestProduct({}, { dataDir: small.dir })
    const { client } = product
    const file = join(tmpdir(), `cellwright-disk-${process.pid}.nc`)
    await writeFile(file, ['G21 G90', 'G1 F2000', ...Array.from({ length: 3000 }, (_, i) => `G1 X${10 + (i % 2) * 60}`), 'M2', ''].join('\n'))
    program = await client.upload(uploadProgram, { name: 'long.nc' }, file)
    await call(addMachine, {
      body: {
        id: MACHINE,
        name: 'Mill',
        link: { kind: 'virtual', timeScale: 20 },
        envelopeMm: { min: [0, 0, -80], max: [400, 300, 20] },
        whenRequesterGone: 'finish',
      },
    })
    await call(deployFlows, { body: { kind: 'full', flows: FLOWS as never } })
    await until('the machine', LONGEST_MS, async () => (await call(getMachine, { params: { machineId: MACHINE } })).state?.controller === 'idle' || undefined)
    await until('the button', LONGEST_MS, async () => (await call(listPanel, {})).length === 1 || undefined)
    if (!chromiumPath) return
    browser = await launchBrowser()
    const context = await browser.newContext({ locale: 'en-GB' })
    await call(addAccount, { body: { userName: 'olga', name: 'Olga', role: 'operator', password: PASSWORD } })
    await signInTo(context, client.access.url, 'olga')
    panel = await context.newPage()
    panel.setDefaultTimeout(LONGEST_MS)
    await panel.goto(`${client.access.url}/operator`)
  }, TEST_MS)
  afterEach(() => small?.makeRoom())
  afterAll(async () => {
    await browser?.close()
    // the mount point itself cannot be removed before it is unmounted
    await product?.close().catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EBUSY') throw error
    })
    small?.close()
  }, LONGEST_MS)

  it('what runs goes on, the stop works, what must be stored is refused in words; each press that was taken is done once', async () => {
    const before = await lives()
    const job = await runProgram()
    await running(job)
    await press()
    await fill()
    expect(await pressUntilRefused()).toBe('store-full')

    await until('health to say so', LONGEST_MS, async () => (await call(getSystem, {})).disk.state === 'full' || undefined)
    expect((await reasons()).disk).toMatch(/^the disk of .* is full \(\d+ MB free\)$/)
    await panel
      ?.getByTestId('banner-disk')
      .getByText(/The disk of the server is full \(.* free\)/)
      .waitFor()
    const upload = product.client.upload(uploadProgram, { name: 'other.nc' }, join(tmpdir(), `cellwright-disk-${process.pid}.nc`))
    await expect(upload).rejects.toMatchObject({ code: 'disk-full', message: expect.stringContaining('Make room') })
    const { state } = await call(getMachine, { params: { machineId: MACHINE } })
    expect(state?.job).toMatchObject({ jobId: job.id, phase: 'streaming' })
    // a little room is left in the file itself
    const notices = async () => (await call(getMachine, { params: { machineId: MACHINE } })).state?.notices.join()
    await expect.poll(notices, { timeout: LONGEST_MS }).toMatch(/journal cannot be written .* Make room on the disk/)
    await call(stopMachine, { params: { machineId: MACHINE }, body: { hard: false } })
    await until('the machine to stand', LONGEST_MS, async () => {
      const { state: now } = await call(getMachine, { params: { machineId: MACHINE } })
      return (now?.isStanding && now.job === undefined) || undefined
    })
    expect(await lives()).toEqual(before)

    await goesOn()
    await panel?.getByTestId('banner-disk').waitFor({ state: 'detached' })
    const end = await until('the end of the job to be stored', LONGEST_MS, async () => {
      const now = await jobOf(job.id)
      return now.endedAt ? now : undefined
    })
    expect(end.state).toBe('stopped')
    const journal = await journalOf({ product, machineId: MACHINE })
    expectSentOnce(linesOf(journal, job.id))
    expect(await lives()).toEqual(before)
  })

  it('at 98 % no program is begun and what waits is held; what runs goes on, hands move, runs keep their outcome without steps', async () => {
    const before = await lives()
    const diskIs = (state: string) => until(`the disk to be ${state}`, LONGEST_MS, async () => (await call(getSystem, {})).disk.state === state || undefined)
    const job = await runProgram()
    await running(job)
    const waiting = await runProgram()
    small.fillTo(40 * 1024 * 1024)
    await diskIs('critical')
    await expect(runProgram()).rejects.toMatchObject({
      code: 'disk-critical',
      message: expect.stringMatching(/nearly full \(\d+ MB free\).*STOP work.*Make room/),
    })
    const heldQueue = () =>
      until('the queue to be held', LONGEST_MS, async () =>
        (await call(listQueues, {})).find(({ machineId, mode }) => machineId === MACHINE && mode === 'held'),
      )
    expect(await heldQueue()).toMatchObject({ by: 'Cellwright', why: expect.stringContaining('nearly full') })
    await panel
      ?.getByTestId('banner-disk')
      .getByText(/No program is begun/)
      .waitFor()
    const { done = 0 } = (await jobOf(job.id)).progress ?? {}
    await until('the program to go on', LONGEST_MS, async () => ((await jobOf(job.id)).progress?.done ?? 0) > done || undefined)
    await press()
    const runId = acknowledged.at(-1) as string
    await expectEachMeasuredOnce()
    expect((await call(getRun, { params: { runId } })).detail).toEqual([])
    await call(stopMachine, { params: { machineId: MACHINE }, body: { hard: false } })
    await until('the machine to stand', LONGEST_MS, async () => {
      const { state } = await call(getMachine, { params: { machineId: MACHINE } })
      return (state?.isStanding && state.job === undefined) || undefined
    })
    // a hand may bring the tool to a safe place
    await call(actOnMachine, { params: { machineId: MACHINE }, body: { action: { kind: 'jog', by: { X: 1 }, feedMmPerMin: 500 } } })

    // after a stop nothing starts by itself
    await until('the job that waited to be cancelled', LONGEST_MS, async () => (await jobOf(waiting.id)).state === 'cancelled' || undefined)

    small.makeRoom()
    await diskIs('ok')
    await panel?.getByTestId('banner-disk').waitFor({ state: 'detached' })
    await call(changeQueue, { params: { queue: `machine-${MACHINE}` }, body: { mode: 'open' } })
    await press()
    const recorded = acknowledged.at(-1) as string
    await expectEachMeasuredOnce()
    expect((await call(getRun, { params: { runId: recorded } })).detail.length).toBeGreaterThan(1)
    const again = await runProgram()
    await running(again)
    await call(stopMachine, { params: { machineId: MACHINE }, body: { hard: false } })
    await until('the end of the job', LONGEST_MS, async () => (await jobOf(again.id)).endedAt)
    expect(await lives()).toEqual(before)
  })

  it('on a full disk nothing is begun either, and the database is whole', async () => {
    await fill()
    await until('health to say so', LONGEST_MS, async () => (await call(getSystem, {})).disk.state === 'full' || undefined)
    const refusal = await runProgram().then(
      (job) => `${job.id} was taken`,
      ({ code }: { code: string }) => code,
    )
    expect(['store-full', 'disk-critical']).toContain(refusal)
    await goesOn()
    await call(changeQueue, { params: { queue: `machine-${MACHINE}` }, body: { mode: 'open' } })
    expect((await call(verifyAudit, { body: {} })).problem).toBeUndefined()
    const client = await connect()
    const { rows } = await client.query<{ name: string }>("select quote_ident(tablename) as name from pg_tables where schemaname = 'public'")
    for (const { name } of rows) await client.query(`select count(*) from ${name} as each where each is not null`)
    await client.end()
  })

  it('gateway, flow runtime and guard that are killed meanwhile come back on the full disk', async () => {
    await press()
    // one that the runtime still has on its way when it is killed would be interrupted, and say so
    const runId = acknowledged.at(-1) as string
    await until('the run of the press to end', LONGEST_MS, async () => (await call(getRun, { params: { runId } })).endedAt)
    await fill()
    for (const name of ['gateway', 'runtime', `guard:${MACHINE}`]) await killAndWait(product, name)
    await until('the guard to answer', LONGEST_MS, async () => !(await reasons()).guards || undefined)
    expect((await reasons()).disk).toMatch(/is full/)
    await goesOn()
  })

  it('PostgreSQL dies of it: the stop works, health says why, and it comes back with all it had acknowledged', async () => {
    const job = await runProgram()
    await running(job)
    for (let i = 0; i < 5; i += 1) await press()
    const writer = await connect()
    // its log needs another segment, again and again, and there is no room for one
    const write = async (client: Awaited<ReturnType<typeof connect>>) => {
      try {
        for (let i = 0; i < 20; i += 1) await client.query("select pg_logical_emit_message(true, 'disk', repeat('x', 8000)), pg_switch_wal()")
      } finally {
        await client.end()
      }
    }
    small.fill()
    await write(writer).catch(() => {})
    await until('health to say why', LONGEST_MS, async () => {
      const { store, disk: room, processes } = await call(getSystem, {})
      if (store === 'away' && room.state === 'full' && /The disk of .* is full/.test(processes.find(({ name }) => name === 'postgres')?.text ?? '')) return true
      // in dying it may make the room that lets it live
      small.fill()
      await write(await connect()).catch(() => {})
      return undefined
    })
    await panel
      ?.getByTestId('banner-store')
      .getByText(/The database does not answer/)
      .waitFor()
    expect(await reasons()).toMatchObject({ store: 'the database does not answer', disk: expect.stringMatching(/is full/) })
    await call(stopMachine, { params: { machineId: MACHINE }, body: { hard: false } })
    await until('the machine to stand', LONGEST_MS, async () => {
      const { state } = await call(getMachine, { params: { machineId: MACHINE } })
      return (state?.isStanding && state.job === undefined) || undefined
    })
    await goesOn()
    const end = await until('the end of the job to be stored', LONGEST_MS, async () => {
      const now = await jobOf(job.id)
      return now.endedAt ? now : undefined
    })
    expect(end.state).toBe('stopped')
    expectSentOnce(linesOf(await journalOf({ product, machineId: MACHINE }), job.id))
  })
})

it.skipIf(!isPossible)('a start on a full disk is refused in one sentence', async () => {
  const tiny = mountSmallDisk(2) as SmallDisk
  onTestFinished(() => tiny.close())
  tiny.fill()
  await expect(takeInstance({ config: readConfig({ CELLWRIGHT_DATA: tiny.dir }), root })).rejects.toMatchObject({
    code: 'disk-full',
    message: expect.stringMatching(/^The disk of the data directory .* is full\. Make room and start again/),
  })
})
