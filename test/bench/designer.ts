/**
 * `npm run bench designer`: the designer with 3,000 and 5,000 nodes on a tab, and the stock Node-RED 5 editor with the same flow
 * files in the same browser, alternating: opening, dragging one node with the real mouse, and, ours alone, panning and zooming
 * with the whole flow in view and 50 status changes a frame. CPU is the main thread's own time, so that a busy machine counts little.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { deployFlows } from '../../server/api/index.ts'
import { startProduct } from '../../server/cli/demo.ts'
import { chromiumPath, launchBrowser, SIZES } from '../browser/chromium.ts'
import { until } from '../product.ts'
import { type Bench, conditions, keepSamples, median, round } from './bench.ts'
import { type BenchFlow, benchFlow } from './designer-flow.ts'
import { type Cost, costOf, countElements, cpuMeter, openedAfterMs, type Place, settle, watchPage } from './designer-watch.ts'

const root = join(import.meta.dirname, '..', '..')
const ROUNDS = 3
const SIZE = 3_000
const LARGE = 5_000
const MOVES = 30
const FRAME_MS = 17
const PASSWORD = 'a password for the bench'

const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })

async function startStock(userDir: string, { flows }: BenchFlow): Promise<{ child: ChildProcess; url: string }> {
  const port = await freePort()
  await writeFile(join(userDir, 'flows.json'), JSON.stringify(flows))
  await writeFile(
    join(userDir, 'settings.js'),
    `module.exports = { uiHost: '127.0.0.1', uiPort: ${port}, flowFile: 'flows.json', credentialSecret: false, telemetry: { enabled: false },
      editorTheme: { tours: false }, logging: { console: { level: 'warn' } } }`,
  )
  const child = spawn(process.execPath, [join(root, 'node_modules/node-red/red.js'), '-u', userDir, '-s', join(userDir, 'settings.js')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const url = `http://127.0.0.1:${port}`
  await until('stock Node-RED to answer', 30_000, async () => ((await fetch(`${url}/flows`)).ok ? true : undefined))
  return { child, url }
}

async function signIn(context: BrowserContext, url: string): Promise<void> {
  const page = await context.newPage()
  await page.goto(`${url}/sign-in`)
  await page.getByTestId('user-name').fill('bench')
  await page.getByTestId('password').fill(PASSWORD)
  await page.getByTestId('password').press('Enter')
  await page.waitForURL((at) => at.pathname === '/')
  await page.getByTestId('canvas').waitFor()
  await page.close()
}

/** Opens a page of its own. @returns how long it took, and the page when it has come to rest */
async function open(
  context: BrowserContext,
  { url, places, isStock }: { url: string; places: Place[]; isStock: boolean },
): Promise<{ page: Page; ms: number }> {
  const page = await context.newPage()
  await page.addInitScript(watchPage, { places, isStock })
  await page.goto(url, { waitUntil: 'commit' })
  const ms = await openedAfterMs(page)
  // our page makes the stock editor's dialogs ready when it has nothing else to do: that is over before the rest is measured
  if (!isStock) await page.waitForFunction(() => document.querySelector('iframe') !== null, undefined, { timeout: 15_000 }).catch(() => undefined)
  await settle(page)
  return { page, ms }
}

/** A node near the middle of the window, found as a person sees it. */
async function nodeInSight(page: Page, isStock: boolean): Promise<{ x: number; y: number }> {
  return page.evaluate(
    (selector) => {
      const target = { x: innerWidth / 2, y: innerHeight / 2 }
      const boxes = [...document.querySelectorAll(selector)]
        .map((element) => element.getBoundingClientRect())
        .map((box) => ({ x: box.x + box.width / 2, y: box.y + box.height / 2 }))
      const far = (at: { x: number; y: number }) => Math.hypot(at.x - target.x, at.y - target.y)
      const best = boxes.sort((a, b) => far(a) - far(b))[0]
      if (!best) throw new Error('No node is in sight')
      return best
    },
    isStock ? '#red-ui-workspace-chart .red-ui-flow-node-group > .red-ui-flow-node' : '.flow-node[data-kind="node"]',
  )
}

/** Drags one node with the mouse. @returns what each move cost, and what letting go did */
async function drag(page: Page, isStock: boolean): Promise<{ move: Cost; drop: Cost }> {
  const from = await nodeInSight(page, isStock)
  await page.mouse.move(from.x, from.y)
  await page.mouse.down()
  // the first moves begin the drag
  await page.mouse.move(from.x + 10, from.y + 10)
  await page.mouse.move(from.x + 20, from.y + 20)
  await wait(200)
  const move = await costOf(page, {
    steps: MOVES,
    paceMs: FRAME_MS * 2,
    step: (index) => page.mouse.move(from.x + 20 + index * 7, from.y + 20 + (index % 10) * 6),
  })
  const drop = await costOf(page, {
    steps: 1,
    paceMs: 600,
    step: () => page.mouse.up(),
  })
  return { move, drop }
}

/** Pans and zooms with the whole flow in the window. */
async function panAndZoom(page: Page): Promise<{ pan: Cost; zoom: Cost }> {
  await page.getByTestId('zoom-fit').click()
  await settle(page)
  const box = await page.getByTestId('canvas').boundingBox()
  if (!box) throw new Error('There is no canvas')
  const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 }
  await page.mouse.move(middle.x, middle.y)
  await page.mouse.down({ button: 'middle' })
  const pan = await costOf(page, {
    steps: 120,
    paceMs: FRAME_MS,
    step: (index) => page.mouse.move(middle.x + Math.sin(index / 10) * 60, middle.y + Math.cos(index / 10) * 40),
  })
  await page.mouse.up({ button: 'middle' })
  await page.keyboard.down('Control')
  const zoom = await costOf(page, { steps: 120, paceMs: FRAME_MS, step: (index) => page.mouse.wheel(0, index % 20 < 10 ? 4 : -4) })
  await page.keyboard.up('Control')
  return { pan, zoom }
}

/** 50 nodes in sight change their status at every frame, told by the line as the server tells it. */
async function statuses(page: Page): Promise<Cost> {
  const ids = await page.evaluate(() =>
    [...document.querySelectorAll('.flow-node[data-kind="node"]')].slice(0, 50).map((element) => element.id.slice('flow-node-'.length)),
  )
  const { session, now } = await cpuMeter(page)
  const before = await now()
  const between = await page.evaluate(async (nodes) => {
    const socket = window.benchWatch.sockets.at(-1)
    if (!socket?.onmessage) throw new Error('There is no line')
    const times: number[] = []
    for (let frame = 0; frame < 120; frame += 1) {
      times.push(await new Promise(requestAnimationFrame))
      const data = nodes.map((nodeId) => ({ nodeId, fill: frame % 2 ? 'blue' : 'grey', shape: frame % 2 ? 'ring' : 'dot', text: `part ${frame}` }))
      socket.onmessage(new MessageEvent('message', { data: JSON.stringify({ type: 'change', topic: 'node-status', data }) }))
    }
    return times.slice(1).map((at, index) => at - (times[index] ?? at))
  }, ids)
  const cpu = (await now()) - before
  await session.detach()
  if (ids.length < 50) throw new Error(`Only ${ids.length} nodes are in sight`)
  await page.locator('.flow-node-status', { hasText: 'part 119' }).nth(49).waitFor({ timeout: 5_000 })
  return { cpuMs: cpu / 120, frameMs: median(between), frameP95Ms: median(between), steps: 120 }
}

interface Ours {
  elements: number
  drag: { move: Cost; drop: Cost }
  pan: Cost
  zoom: Cost
  status: Cost
}

async function measureOurs(page: Page): Promise<Ours> {
  const elements = await countElements(page)
  const status = await statuses(page)
  const dragged = await drag(page, false)
  await settle(page)
  return { elements, status, drag: dragged, ...(await panAndZoom(page)) }
}

export const bench: Bench = async ({ tell }) => {
  if (!chromiumPath) throw new Error('This bench needs Chromium or Chrome. Set CELLWRIGHT_CHROMIUM to where it is.')
  const stockDir = await mkdtemp(join(tmpdir(), 'cellwright-bench-stock-'))
  const dataDir = await mkdtemp(join(tmpdir(), 'cellwright-bench-designer-'))
  const flow = benchFlow(SIZE)
  const shown: { stock: number; ours: number }[] = []
  let peer: { elements: number; drag: { move: Cost; drop: Cost } } | undefined
  const ours = new Map<number, Ours>()
  let stock: { child: ChildProcess; url: string } | undefined
  let product: Awaited<ReturnType<typeof startProduct>> | undefined
  let browser: Browser | undefined
  try {
    tell('Starting stock Node-RED and our server')
    stock = await startStock(stockDir, flow)
    product = await startProduct({ root, dataDir, env: { CELLWRIGHT_OWNER: `bench:${PASSWORD}` } })
    const { client } = product
    await client.call(deployFlows, { body: { flows: flow.flows, kind: 'full' } })
    browser = await launchBrowser()
    const context = await browser.newContext({ viewport: SIZES.desktop })
    await signIn(context, client.access.url)
    const openStock = () => open(context, { url: `${stock?.url}/`, places: flow.places, isStock: true })
    const openOurs = (places = flow.places) => open(context, { url: `${client.access.url}/`, places, isStock: false })
    for (let index = 0; index <= ROUNDS; index += 1) {
      // who begins changes; the first round fills the browser's cache and is not counted
      const [first, second] = index % 2 ? [openStock, openOurs] : [openOurs, openStock]
      const one = await first()
      const isLast = index === ROUNDS
      if (isLast && first === openStock) peer = { elements: await countElements(one.page), drag: await drag(one.page, true) }
      else if (isLast) ours.set(SIZE, await measureOurs(one.page))
      await one.page.close()
      const two = await second()
      if (isLast && second === openStock) peer = { elements: await countElements(two.page), drag: await drag(two.page, true) }
      else if (isLast) ours.set(SIZE, await measureOurs(two.page))
      await two.page.close()
      const measured = first === openStock ? { stock: one.ms, ours: two.ms } : { ours: one.ms, stock: two.ms }
      if (index > 0) shown.push(measured)
      tell(`Opened ${index ? `${index} of ${ROUNDS}` : '(not counted)'}: stock ${round(measured.stock, 0)} ms, ours ${round(measured.ours, 0)} ms`)
    }
    tell(`${LARGE} nodes`)
    const large = benchFlow(LARGE)
    await client.call(deployFlows, { body: { flows: large.flows, kind: 'full' } })
    const opened = await openOurs(large.places)
    ours.set(LARGE, await measureOurs(opened.page))
  } finally {
    await browser?.close()
    stock?.child.kill()
    await product?.close()
    await rm(stockDir, { recursive: true, force: true })
    await rm(dataDir, { recursive: true, force: true })
  }
  const [small, big] = [ours.get(SIZE), ours.get(LARGE)]
  if (!small || !big || !peer) throw new Error('Not everything was measured')
  const showRatio = median(shown.map((pair) => pair.ours / pair.stock))
  const dragCpuRatio = small.drag.move.cpuMs / peer.drag.move.cpuMs
  const line = (what: string, value: number, unit: string, more: Record<string, string | number> = {}) => ({ what, value: round(value, 2), unit, ...more })
  const costs = (nodes: number, { drag: dragged, pan, zoom, status }: Ours) =>
    Object.entries({
      'pan, whole flow in view': pan,
      'zoom, whole flow in view': zoom,
      'drag one node, a move': dragged.move,
      '50 status changes a frame': status,
    }).map(([what, cost]) =>
      line(`${nodes} nodes: ${what}`, cost.cpuMs, 'ms CPU a frame', { 'median frame ms': round(cost.frameMs, 1), 'p95 frame ms': round(cost.frameP95Ms, 1) }),
    )
  return {
    rows: [
      line('stock: open to all nodes painted', median(shown.map((pair) => pair.stock)), 'ms'),
      line('ours: open to all visible nodes painted', median(shown.map((pair) => pair.ours)), 'ms'),
      line('showRatio', showRatio, 'ours / stock, median of pairs; goal 0.25'),
      line('stock: drag one node', peer.drag.move.cpuMs, 'ms CPU a move'),
      line('ours: drag one node', small.drag.move.cpuMs, 'ms CPU a move'),
      line('dragCpuRatio', dragCpuRatio, 'ours / stock; goal 0.05'),
      line('stock: let go of the node', peer.drag.drop.cpuMs, 'ms CPU'),
      line('ours: let go of the node', small.drag.drop.cpuMs, 'ms CPU'),
      line('stock: DOM elements', peer.elements, 'elements'),
      line('ours: DOM elements', small.elements, 'elements; goal 1,500'),
      ...costs(SIZE, small),
      ...costs(LARGE, big),
    ],
    figures: {
      showRatio: round(showRatio),
      dragCpuRatio: round(dragCpuRatio, 4),
      domElements: small.elements,
      panFrameMs: round(Math.max(small.pan.cpuMs, small.zoom.cpuMs)),
      panMedianFrameMs: round(Math.max(small.pan.frameMs, small.zoom.frameMs), 1),
      statusFrameMs: round(small.status.cpuMs),
      dropCpuMs: round(small.drag.drop.cpuMs, 1),
      domElements5000: big.elements,
      panFrameMs5000: round(Math.max(big.pan.cpuMs, big.zoom.cpuMs)),
      panMedianFrameMs5000: round(Math.max(big.pan.frameMs, big.zoom.frameMs), 1),
      dragFrameMs5000: round(big.drag.move.cpuMs),
      statusFrameMs5000: round(big.status.cpuMs),
      n: ROUNDS,
      conditions: conditions({ nodes: SIZE, large: LARGE, browser: 'headless Chromium, no GPU', viewport: SIZES.desktop, moves: MOVES }),
      samples: await keepSamples('designer', { shown, peer, ours: Object.fromEntries(ours) }),
    },
  }
}
