/**
 * `npm run bench panel [-- --minutes=10]`: the operator's panel in a browser. First how long it takes from the address to machines on
 * the screen, with nothing in the browser's cache. Then ten virtual machines at work and flows that change 200 values a second for each
 * of them, watched on the overview of the cell: frames that the page did not draw in time, its longest frame, and its memory after a
 * collection at the beginning and at the end, with the processor time of the page's own thread. The floor is an empty page in the same browser at the same time: what it drops, the
 * computer drops.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Browser, CDPSession, Page } from 'playwright-core'
import { addMachine, deployFlows, listMachines, startProgram, uploadProgram } from '../../server/api/index.ts'
import type { Client } from '../../server/cli/client.ts'
import { startProduct } from '../../server/cli/demo.ts'
import { chromiumPath, launchBrowser } from '../browser/chromium.ts'
import { PASSWORD, signInTo } from '../browser/hands.ts'
import { until } from '../product.ts'
import { type Bench, conditions, keepSamples, median, round } from './bench.ts'

const root = join(import.meta.dirname, '..', '..')
const MACHINES = 10
/** Of one machine: so many values, so often a second, are 200 changes. */
const VALUES = 10
const TIMES_A_SECOND = 20
const LOADS = 7
const GOAL_LOAD_MS = 1500
const FRAME_MS = 1000 / 60
const SAMPLE_MS = 15_000

const minutes = Number(process.argv.find((arg) => arg.startsWith('--minutes='))?.slice('--minutes='.length) ?? 10)

/** Two of the values are drawn over time. */
function flows() {
  return Array.from({ length: MACHINES }, (_, machine) => {
    const tab = `bench-${machine}`
    const tiles = Array.from({ length: VALUES }, (_none, value) => ({
      id: `${tab}-value-${value}`,
      type: value < 2 ? 'cw-chart' : 'cw-value',
      z: tab,
      label: `Value ${value + 1}`,
      unit: 'mm',
      decimals: 2,
      ...(value < 2 ? { spanMin: 5 } : { staleAfterS: 5 }),
      alarmBelow: '',
      warnBelow: '',
      warnAbove: '',
      alarmAbove: '',
      machine: `${tab}-machine`,
      wires: [],
    }))
    return [
      { id: tab, type: 'tab', label: `Bench ${machine + 1}` },
      { id: `${tab}-machine`, type: 'cw-machine', name: `Mill ${machine + 1}`, machineId: `mill-${machine}` },
      {
        id: `${tab}-tick`,
        type: 'inject',
        z: tab,
        once: true,
        onceDelay: '0.5',
        repeat: String(1 / TIMES_A_SECOND),
        props: [{ p: 'payload' }],
        payload: '',
        payloadType: 'date',
        wires: [[`${tab}-change`]],
      },
      {
        id: `${tab}-change`,
        type: 'function',
        z: tab,
        outputs: VALUES,
        func: `const t = Date.now() / 1000; return Array.from({ length: ${VALUES} }, (_, i) => ({ payload: 10 * Math.sin(t * (i + 1) / 7 + ${machine}) }))`,
        wires: tiles.map(({ id }) => [id]),
      },
      ...tiles,
    ]
  }).flat()
}

/** Back and forth for longer than the bench. */
const PROGRAM = ['G21 G90 G54', ...Array.from({ length: 20_000 }, (_, i) => `G1 X${i % 2 ? 0 : 60} Y${i % 40} F2000`), 'M30', ''].join('\n')

/** In the page: every gap between two frames, and when the machines were there. */
function watchFrames() {
  const seen = { gaps: [] as number[], shownAt: undefined as number | undefined }
  Object.assign(window, { benchSeen: seen })
  let before = performance.now()
  const frame = () => {
    const now = performance.now()
    seen.gaps.push(now - before)
    before = now
    if (seen.shownAt === undefined && document.querySelector('[data-testid="cell"] [data-testid^="tile-"]')) seen.shownAt = now
    requestAnimationFrame(frame)
  }
  requestAnimationFrame(frame)
}
type Watched = typeof window & { benchSeen: { gaps: number[]; shownAt: number | undefined } }

const takeGaps = (page: Page) => page.evaluate(() => (window as Watched).benchSeen.gaps.splice(0))

function framesOf(gaps: readonly number[]) {
  return { frames: gaps.length, dropped: gaps.reduce((sum, gap) => sum + Math.max(0, Math.round(gap / FRAME_MS) - 1), 0), longestMs: Math.max(0, ...gaps) }
}

async function heapMb(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage')
  const { usedSize } = await session.send('Runtime.getHeapUsage')
  return usedSize / 1024 / 1024
}

/** Seconds of processor time that the page's own thread has taken: other work on this computer does not count. */
async function workedS(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics')
  return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0
}

/** From the address to machines on the screen, by the browser's own clock, in a window that has seen nothing yet. */
async function firstLoad(browser: Browser, url: string): Promise<number> {
  const context = await browser.newContext({ viewport: { width: 1024, height: 768 }, locale: 'en-GB' })
  try {
    await signInTo(context, url, 'anna')
    const page = await context.newPage()
    await page.addInitScript(watchFrames)
    await page.goto(`${url}/operator#=cell`)
    return await page.waitForFunction(() => (window as Watched).benchSeen.shownAt).then((shown) => shown.jsonValue() as Promise<number>)
  } finally {
    await context.close()
  }
}

async function setUp(client: Client, dataDir: string): Promise<void> {
  for (let machine = 0; machine < MACHINES; machine += 1)
    await client.call(addMachine, {
      body: {
        id: `mill-${machine}`,
        name: `Mill ${machine + 1}`,
        link: { kind: 'virtual', timeScale: 1 },
        envelopeMm: { min: [-400, -300, -80], max: [400, 300, 80] },
        whenRequesterGone: 'finish',
      },
    })
  await until(
    'all machines to stand ready',
    120_000,
    async () => (await client.call(listMachines, {})).every(({ state }) => state?.link === 'connected' && state.controller === 'idle') || undefined,
  )
  const file = join(dataDir, 'bench.nc')
  await writeFile(file, PROGRAM)
  const { id: programId } = await client.upload(uploadProgram, { name: 'bench.nc' }, file)
  for (let machine = 0; machine < MACHINES; machine += 1)
    await client.call(startProgram, { body: { machineId: `mill-${machine}`, programId, idempotencyKey: crypto.randomUUID() } })
  await client.call(deployFlows, { body: { flows: flows() as never, kind: 'full' } })
  await until(
    'all machines to be at work',
    120_000,
    async () => (await client.call(listMachines, {})).every(({ state }) => state?.controller === 'run') || undefined,
  )
}

export const bench: Bench = async ({ tell }) => {
  if (!chromiumPath) throw new Error('No Chromium or Chrome was found: name one in CELLWRIGHT_CHROMIUM.')
  const dataDir = await mkdtemp(join(tmpdir(), 'cellwright-bench-panel-'))
  const product = await startProduct({ root, dataDir, env: { CELLWRIGHT_OWNER: `anna:${PASSWORD}`, CELLWRIGHT_LOGIN_TRIES: '1000' } })
  const browser = await launchBrowser()
  try {
    const { url } = product.client.access
    tell(`${MACHINES} machines are set up`)
    await setUp(product.client, dataDir)
    tell(`${LOADS} first loads, nothing in the cache`)
    const loads: number[] = []
    for (let load = 0; load < LOADS; load += 1) loads.push(await firstLoad(browser, url))

    const context = await browser.newContext({ viewport: { width: 1024, height: 768 }, locale: 'en-GB' })
    await signInTo(context, url, 'anna')
    const page = await context.newPage()
    await page.addInitScript(watchFrames)
    await page.goto(`${url}/operator#=cell`)
    await page.locator('[data-testid="flow-tiles"]').waitFor()
    const session = await context.newCDPSession(page)
    await session.send('Performance.enable', { timeDomain: 'threadTicks' })
    // a window of its own: what lies behind another draws no frames
    const empty = await (await browser.newContext({ viewport: { width: 1024, height: 768 } })).newPage()
    await empty.goto(`${url}/sign-in`)
    await empty.setContent('<p>an empty page</p>')
    await empty.evaluate(watchFrames)

    tell(`${minutes} min of ${MACHINES * VALUES * TIMES_A_SECOND} changes a second`)
    await wait(10_000)
    const heaps = [await heapMb(session)]
    const samples: { atS: number; dropped: number; longestMs: number; heapMb: number }[] = []
    const gaps: number[] = []
    const floor: number[] = []
    await Promise.all([takeGaps(page), takeGaps(empty)])
    const begun = performance.now()
    const workedBefore = await workedS(session)
    while (performance.now() - begun < minutes * 60_000) {
      await wait(Math.min(SAMPLE_MS, minutes * 60_000 - (performance.now() - begun)))
      const fresh = await takeGaps(page)
      for (const gap of fresh) gaps.push(gap)
      for (const gap of await takeGaps(empty)) floor.push(gap)
      const heap = await heapMb(session)
      heaps.push(heap)
      // the collection is the bench's own work
      await takeGaps(page)
      const { dropped, longestMs } = framesOf(fresh)
      samples.push({ atS: Math.round((performance.now() - begun) / 1000), dropped, longestMs, heapMb: heap })
    }
    const busy = ((await workedS(session)) - workedBefore) / ((performance.now() - begun) / 1000)
    const changes = Number(await page.locator('.op-flow-tile').count())
    if (changes !== MACHINES * VALUES) throw new Error(`${changes} values were on the page, not ${MACHINES * VALUES}.`)
    const of = framesOf(gaps)
    const ofFloor = framesOf(floor)
    const figures = {
      firstLoadMs: round(median(loads), 0),
      firstLoadGoalMs: GOAL_LOAD_MS,
      minutes,
      changesPerSecond: MACHINES * VALUES * TIMES_A_SECOND,
      frames: of.frames,
      droppedFrames: of.dropped,
      longestFrameMs: round(of.longestMs, 1),
      droppedFramesOfAnEmptyPage: ofFloor.dropped,
      longestFrameOfAnEmptyPageMs: round(ofFloor.longestMs, 1),
      processorPercent: round(busy * 100, 1),
      heapStartMb: round(heaps[0] ?? 0, 1),
      heapEndMb: round(heaps.at(-1) ?? 0, 1),
      heapMostMb: round(Math.max(...heaps), 1),
    }
    return {
      rows: [figures],
      figures: {
        ...figures,
        n: of.frames,
        conditions: conditions({ loads: loads.map((load) => round(load, 0)) }),
        samples: await keepSamples('panel', samples),
      },
    }
  } finally {
    await browser.close()
    await product.close()
    await rm(dataDir, { recursive: true, force: true })
  }
}
