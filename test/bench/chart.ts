/**
 * `npm run bench chart`: a control chart of 100,000 points is panned with the real mouse, near and far, and the same hands move over a page
 * that does nothing, in turns in the same browser. Counted are frames that never came, and what the page's main thread did for each. The
 * product is the real one; the chart's answer is made here, since entering so many measurements would take longer than everything else.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Browser, Page } from 'playwright-core'
import { type ChartView, createCharacteristic } from '../../server/api/index.ts'
import { startProduct } from '../../server/cli/demo.ts'
import { chromiumPath, launchBrowser, SIZES } from '../browser/chromium.ts'
import { type Bench, conditions, keepSamples, median, percentile, round } from './bench.ts'
import { cpuMeter, settle } from './designer-watch.ts'

const root = join(import.meta.dirname, '..', '..')
const PASSWORD = 'a password for the bench'
const POINTS = 100_000
const ROUNDS = 3
const MOVES = 180
const FRAME_MS = 1000 / 60
/** How often the view is made wider before each measurement: about 60, 460, 6,000 and 46,000 points are seen then. */
const WIDER = [0, 4, 5, 4]

interface Panned {
  /** Between one frame and the next. */
  frames: number[]
  /** Frames that did not come when they were due, of all that were due. */
  droppedShare: number
  cpuMsPerFrame: number
}

/** X-bar and R of a stable process with what makes drawing work: signals, excluded points, values out of tolerance. */
function chartOf(characteristicId: string): ChartView {
  let state = 20_261_123
  const draw = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
  const normal = () => Array.from({ length: 12 }, draw).reduce((sum, one) => sum + one, -6)
  const means = Array.from({ length: POINTS }, () => 10 + 0.005 * normal())
  const ranges = Array.from({ length: POINTS }, () => Math.max(0, 0.012 + 0.004 * normal()))
  const signals = means.flatMap((value, at) => {
    if (Math.abs(value - 10) > 0.015) return [{ rule: 'nelson-1', at, from: at }]
    return at % 50 === 0 ? [{ rule: 'nelson-2', at, from: at - 8 }] : []
  })
  const linesOf = (center: number, lower: number, upper: number) => [{ from: 0, to: POINTS - 1, center, lower, upper, sigma: (upper - center) / 3 }]
  return {
    characteristicId,
    revision: 1,
    kind: 'xbar-r',
    total: POINTS,
    points: {
      subgroup: means.map((_, at) => at + 1),
      at: means.map((_, at) => 1_700_000_000_000 + at * 60_000),
      size: means.map(() => 5),
      excluded: means.map((_, at) => (at % 997 === 0 ? 1 : 0)),
      outOfTolerance: means.map((value) => (Math.abs(value - 10) > 0.018 ? 1 : 0)),
      corrected: means.map(() => 0),
    },
    openValues: 0,
    charts: [
      { name: 'xbar', value: means, lines: linesOf(10, 9.985, 10.015), signals },
      { name: 'range', value: ranges, lines: linesOf(0.012, 0, 0.024), signals: [] },
    ],
    phases: [{ limitId: 'lim_bench', name: 'bench', from: 0, to: POINTS - 1, center: 10, sigma: 0.0112 }],
    marks: [],
    signals: [],
  }
}

/** Holds the button down and moves to and fro, no faster than frames come. */
async function pan(page: Page, at: { x: number; y: number }): Promise<Panned> {
  await page.mouse.move(at.x, at.y)
  await page.mouse.down()
  // the first moves begin it
  await page.mouse.move(at.x + 6, at.y)
  await page.mouse.move(at.x + 12, at.y)
  const { session, now } = await cpuMeter(page)
  await page.evaluate(() => {
    const watch = { frames: [] as number[], isOn: true }
    Object.assign(window, { panWatch: watch })
    const look = (time: number) => {
      watch.frames.push(time)
      if (watch.isOn) requestAnimationFrame(look)
    }
    requestAnimationFrame(look)
  })
  const before = await now()
  for (let move = 0; move < MOVES; move += 1) {
    const begun = performance.now()
    await page.mouse.move(at.x + 12 + Math.round(Math.sin(move / 12) * 200) + move, at.y)
    const left = FRAME_MS - (performance.now() - begun)
    if (left > 0) await wait(left)
  }
  const cpu = (await now()) - before
  const times = await page.evaluate(() => {
    const { panWatch } = window as unknown as { panWatch: { frames: number[]; isOn: boolean } }
    panWatch.isOn = false
    return panWatch.frames
  })
  await page.mouse.up()
  await session.detach()
  const frames = times.slice(1).map((time, index) => time - (times[index] ?? time))
  const dropped = frames.reduce((sum, ms) => sum + Math.max(0, Math.round(ms / FRAME_MS) - 1), 0)
  return { frames, droppedShare: dropped / (frames.length + dropped), cpuMsPerFrame: cpu / Math.max(1, frames.length) }
}

export const bench: Bench = async ({ tell }) => {
  if (!chromiumPath) throw new Error('This bench needs Chromium or Chrome. Set CELLWRIGHT_CHROMIUM to where it is.')
  const dataDir = await mkdtemp(join(tmpdir(), 'cellwright-bench-chart-'))
  let product: Awaited<ReturnType<typeof startProduct>> | undefined
  let browser: Browser | undefined
  const empty: Panned[] = []
  const chart: Panned[][] = WIDER.map(() => [])
  try {
    tell('Starting the server')
    product = await startProduct({ root, dataDir, env: { CELLWRIGHT_OWNER: `bench:${PASSWORD}` } })
    const { client } = product
    const { url } = client.access
    const { id } = await client.call(createCharacteristic, {
      body: {
        definition: {
          name: 'Bore diameter',
          unit: 'mm',
          decimals: 3,
          nominal: 10,
          lower: 9.982,
          upper: 10.018,
          chart: { kind: 'xbar-r', subgroupSize: 5, rules: ['nelson-1', 'nelson-2'], autoLimitsAfter: 25 },
          overdueGauge: 'flag',
          asks: [],
          uniqueSerials: false,
          afterSignal: 'nothing',
          afterOutOfTolerance: 'nothing',
          isRetired: false,
        },
      },
    })
    const answer = JSON.stringify(chartOf(id))
    browser = await launchBrowser()
    const context = await browser.newContext({ viewport: SIZES.desktop, locale: 'en-GB' })
    await context.request.post(`${url}/api/auth/sign-in/username`, {
      data: { username: 'bench', password: PASSWORD },
      headers: { origin: url, 'sec-fetch-site': 'same-origin' },
    })
    const idle = await context.newPage()
    await idle.goto(`${url}/sign-in`)
    const page = await context.newPage()
    await page.route('**/chart?*', (route) => route.fulfill({ body: answer, contentType: 'application/json' }))
    await page.goto(`${url}/quality#characteristics/${id}`)
    await page.getByTestId('chart-summary').getByText('100,000 of 100,000 points').waitFor()
    await page.locator('[data-testid="plot"][data-ready]').waitFor()
    await settle(page)
    const box = await page.getByTestId('plot').boundingBox()
    if (!box) throw new Error('There is no chart')
    const at = { x: box.x + box.width / 2, y: box.y + 150 }
    for (let turn = 0; turn < ROUNDS; turn += 1) {
      tell(`Panning, round ${turn + 1} of ${ROUNDS}`)
      await page.getByTestId('chart-newest').click()
      for (const [step, wider] of WIDER.entries()) {
        await idle.bringToFront()
        empty.push(await pan(idle, at))
        await page.bringToFront()
        for (let times = 0; times < wider; times += 1) await page.getByTestId('chart-further').click()
        chart[step]?.push(await pan(page, at))
      }
    }
  } finally {
    await browser?.close()
    await product?.close()
    await rm(dataDir, { recursive: true, force: true })
  }
  const shares = (list: readonly Panned[]) => median(list.map(({ droppedShare }) => droppedShare))
  const cpu = (list: readonly Panned[]) => median(list.map(({ cpuMsPerFrame }) => cpuMsPerFrame))
  const row = (what: string, list: readonly Panned[]) => {
    const frames = list.flatMap((one) => one.frames)
    return {
      what,
      n: list.length,
      'dropped %': round(shares(list) * 100),
      'median frame ms': round(median(frames)),
      'p95 frame ms': round(percentile(frames, 95)),
      'CPU ms a frame': round(cpu(list)),
    }
  }
  const all = chart.flat()
  return {
    rows: [row('a page that does nothing', empty), ...chart.map((list, step) => row(`chart, ${['60', '460', '6,000', '46,000'][step]} points seen`, list))],
    figures: {
      droppedShareEmpty: round(shares(empty), 4),
      droppedShareChart: round(shares(all), 4),
      medianFrameMs: round(median(all.flatMap(({ frames }) => frames))),
      p95FrameMs: round(
        percentile(
          all.flatMap(({ frames }) => frames),
          95,
        ),
      ),
      cpuMsPerFrameEmpty: round(cpu(empty)),
      cpuMsPerFrameChart: round(cpu(all)),
      n: all.length,
      conditions: conditions({ points: POINTS, moves: MOVES, rounds: ROUNDS, rendering: 'software' }),
      samples: await keepSamples('chart', { empty: empty.flatMap(({ frames }) => frames), chart: all.flatMap(({ frames }) => frames) }),
    },
  }
}
