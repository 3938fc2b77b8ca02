/** What the designer's bench reads from a page: when it is complete, how long frames take, how much CPU the page's main thread used. */
import { setTimeout as wait } from 'node:timers/promises'
import type { CDPSession, Page } from 'playwright-core'
import { median, percentile } from './bench.ts'

export type Place = { id: string; x: number; y: number }

/** What the script in the page keeps for us. */
interface Watch {
  completeAt: number | undefined
  frames: number[]
  sockets: WebSocket[]
}
declare global {
  interface Window {
    benchWatch: Watch
  }
}

/** Runs in the page before its own scripts: looks at every frame whether all nodes that are in the window are there, keeps frames' times and sockets. */
export function watchPage({ places, isStock }: { places: Place[]; isStock: boolean }): void {
  const watch: Watch = { completeAt: undefined, frames: [], sockets: [] }
  window.benchWatch = watch
  const Socket = window.WebSocket
  window.WebSocket = class extends Socket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols)
      watch.sockets.push(this)
    }
  }
  const isStockComplete = () => document.querySelectorAll('#red-ui-workspace-chart .red-ui-flow-node-group').length >= places.length
  const isOursComplete = () => {
    const holder = document.querySelector<HTMLElement>('.flow-holder')
    const canvas = document.querySelector('.flow-canvas')
    const at = /translate\((.+?)px, (.+?)px\) scale\((.+?)\)/.exec(holder?.style.transform ?? '')
    if (!canvas || !at || document.getElementsByClassName('flow-node').length === 0) return false
    const { width, height } = canvas.getBoundingClientRect()
    const [left, top, zoom] = [Number(at[1]), Number(at[2]), Number(at[3])]
    const seen = places.filter(({ x, y }) => x * zoom + left > 0 && x * zoom + left < width && y * zoom + top > 0 && y * zoom + top < height)
    return seen.length > 0 && seen.every(({ id }) => document.getElementById(`flow-node-${id}`) !== null)
  }
  const look = (now: number) => {
    watch.frames.push(now)
    // complete in the document at this frame's beginning: the frame before has painted it
    if (watch.completeAt === undefined && (isStock ? isStockComplete() : isOursComplete())) watch.completeAt = performance.now()
    requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
}

/** Milliseconds from the start of the navigation until every visible node was painted. */
export async function openedAfterMs(page: Page): Promise<number> {
  const handle = await page.waitForFunction(() => window.benchWatch?.completeAt, undefined, { timeout: 120_000, polling: 200 })
  return (await handle.jsonValue()) as number
}

/** Milliseconds of CPU that the page's main thread has used so far. */
export async function cpuMeter(page: Page): Promise<{ session: CDPSession; now: () => Promise<number> }> {
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  return {
    session,
    now: async () => {
      const { metrics } = await session.send('Performance.getMetrics')
      const task = metrics.find(({ name }) => name === 'TaskDuration')
      if (!task) throw new Error('This browser tells no TaskDuration')
      return task.value * 1000
    },
  }
}

export interface Cost {
  /** Main-thread CPU a step. */
  cpuMs: number
  /** Between one frame and the next. */
  frameMs: number
  frameP95Ms: number
  steps: number
}

/** Does something `steps` times, no faster than frames come, and reads what each step cost. */
export async function costOf(page: Page, { steps, paceMs, step }: { steps: number; paceMs: number; step: (index: number) => Promise<void> }): Promise<Cost> {
  const { session, now } = await cpuMeter(page)
  await page.evaluate(() => {
    window.benchWatch.frames = []
  })
  const before = await now()
  for (let index = 0; index < steps; index += 1) {
    const begun = performance.now()
    await step(index)
    const left = paceMs - (performance.now() - begun)
    if (left > 0) await wait(left)
  }
  const cpu = (await now()) - before
  const frames = await page.evaluate(() => window.benchWatch.frames)
  await session.detach()
  const between = frames.slice(1).map((at, index) => at - (frames[index] ?? at))
  return {
    // several steps may have gone into one frame
    cpuMs: cpu / Math.min(steps, Math.max(1, frames.length)),
    frameMs: median(between),
    frameP95Ms: percentile(between, 95),
    steps,
  }
}

export const countElements = (page: Page): Promise<number> => page.evaluate(() => document.querySelectorAll('*').length)

/** Waits until the page does next to nothing: what it does after opening is not what is measured next. */
export async function settle(page: Page): Promise<void> {
  const { session, now } = await cpuMeter(page)
  let before = await now()
  let quiet = 0
  for (let looks = 0; quiet < 3 && looks < 100; looks += 1) {
    await wait(300)
    const used = await now()
    quiet = used - before < 30 ? quiet + 1 : 0
    before = used
  }
  await session.detach()
}
