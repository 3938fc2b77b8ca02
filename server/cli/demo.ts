/**
 * `npm run demo`: the product's main job on a temporary data directory, without a browser. Everything
 * goes through the API, as a person at the pages would do it; the result is read back, never assumed.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { messageOf, OperationalError } from '../../base/errors.ts'
import { getJob, getRun, listJobs, listPanel, listWorkOrders, type PanelButton, type ProgramOutcome, pressButton, startDemo } from '../api/index.ts'
import { type Client, createClient, findAccess } from './client.ts'

/** What the last line of `npm run demo` says. */
export interface DemoResult {
  workOrder: string
  jobId: string
  runId: string
  linesSent: number
  linesAcknowledged: number
  checkPassed: boolean
  confirmationFile: string
  durationMs: number
}

/** Diameter "measured" by the person at the panel: inside 42 mm +0.025/0. */
const MEASURED_MM = 42.012

/** Asks again until there is an answer. @throws OperationalError demo-stuck naming what did not happen */
async function until<T>(what: string, timeoutMs: number, look: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + timeoutMs
  let lastError: unknown
  while (Date.now() < deadline) {
    try {
      const found = await look()
      if (found !== undefined) return found
    } catch (error) {
      lastError = error
    }
    await wait(100)
  }
  throw new OperationalError({
    code: 'demo-stuck',
    message: `${what} did not happen within ${timeoutMs / 1000} s${lastError ? ` (${messageOf(lastError)})` : ''}.`,
  })
}

/** The whole job against a running, empty server. Each step is confirmed by reading it back. */
export async function runDemoJob(client: Client, tell: (text: string) => void): Promise<DemoResult> {
  const begun = Date.now()
  const shop = await client.call(startDemo, { body: { timeScale: 100 } })
  tell(`Demo shop set up: machine ${shop.machineId}, work orders from ${shop.inbox}`)

  const press = async (button: PanelButton, waitingId: string, values: Record<string, number>) => {
    const { runId } = await client.call(pressButton, { params: { nodeId: button.nodeId }, body: { pressId: crypto.randomUUID(), waitingId, values } })
    return runId
  }
  const buttonWith = (what: string, matches: (button: PanelButton) => boolean) =>
    until(what, 60_000, async () => (await client.call(listPanel, {})).find((button) => matches(button) && button.isEnabled && button.waiting.length > 0))

  const cut = await buttonWith('A work order at the button', (button) => button.asks.length === 0)
  const [first] = cut.waiting
  if (!first) throw new OperationalError({ code: 'demo-stuck', message: 'The button lost its work order.' })
  tell(`Work order waits at the button "${cut.label}": ${first.text}. Pressing.`)
  const runId = await press(cut, first.id, {})

  const program = await until('A machine job', 30_000, async () =>
    (await client.call(listJobs, { query: { machineId: shop.machineId } })).find((job) => job.kind === 'program' && job.runId === runId),
  )
  tell(`Job ${program.id} runs ${program.name}`)
  const job = await until('The end of the program', 300_000, async () => {
    const now = await client.call(getJob, { params: { jobId: program.id } })
    return now.endedAt ? now : undefined
  })
  if (job.state !== 'completed') throw new OperationalError({ code: 'demo-job', message: `The program ${job.state}: ${job.reason ?? 'no reason given'}` })
  const outcome = job.outcome as ProgramOutcome
  tell(outcome.text)

  const measure = await buttonWith('The question for the measured value', (button) => button.asks.some((ask) => ask.kind === 'number'))
  const [part] = measure.waiting
  const [ask] = measure.asks
  if (!part || !ask) throw new OperationalError({ code: 'demo-stuck', message: 'The measuring button lost its part.' })
  await press(measure, part.id, { [ask.key]: MEASURED_MM })
  tell(`Entered ${ask.label}: ${MEASURED_MM} mm`)

  const confirmed = await until('The confirmation', 60_000, async () =>
    (await client.call(listWorkOrders, {})).find((order) => order.state === 'confirmed' && order.confirmationFile),
  )
  const confirmationFile = confirmed.confirmationFile ?? ''
  const confirmation = JSON.parse(await readFile(confirmationFile, 'utf8')) as { workOrder: string }
  if (confirmation.workOrder !== confirmed.order.number)
    throw new OperationalError({ code: 'demo-confirmation', message: `${confirmationFile} confirms ${confirmation.workOrder}, not ${confirmed.order.number}.` })
  tell(`Confirmed in ${confirmationFile}`)

  const run = await until('The end of the run', 30_000, async () => {
    const now = await client.call(getRun, { params: { runId } })
    return now.state === 'active' ? undefined : now
  })
  if (run.state !== 'completed') throw new OperationalError({ code: 'demo-run', message: `The run ${run.state}: ${run.summary ?? ''}` })
  const measurement = run.links.find((link) => link.kind === 'measurement')
  const linked = new Set(run.links.map((link) => link.id))
  if (!linked.has(job.id)) throw new OperationalError({ code: 'demo-run', message: 'The run does not know its machine job.' })
  return {
    workOrder: confirmed.order.number,
    jobId: job.id,
    runId,
    linesSent: outcome.linesSent,
    linesAcknowledged: outcome.linesAcknowledged,
    checkPassed: measurement !== undefined && !/out of tolerance/i.test(measurement.text),
    confirmationFile,
    durationMs: Date.now() - begun,
  }
}

/** Starts the product as `npm start` does, on its own data directory. */
export async function startProduct({
  root,
  dataDir,
  env = {},
}: {
  root: string
  dataDir: string
  env?: Record<string, string>
}): Promise<{ child: ChildProcess; client: Client; close: () => Promise<void> }> {
  const childEnv = { ...process.env, CELLWRIGHT_DATA: dataDir, CELLWRIGHT_PORT: '0', CELLWRIGHT_OWNER: `demo:${crypto.randomUUID()}`, ...env }
  const child = spawn(process.execPath, [join(root, 'bootstrap', 'run.mjs'), 'start'], { cwd: root, env: childEnv, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
  })
  const close = async () => {
    child.kill('SIGTERM')
    await ended
  }
  try {
    const client = await until('The start of the server', 120_000, async () => {
      if (child.exitCode !== null) throw new Error(`the server ended with code ${child.exitCode}`)
      const found = createClient(findAccess({ CELLWRIGHT_DATA: dataDir }))
      const { ok } = await fetch(new URL('/readyz', found.access.url))
      return ok ? found : undefined
    })
    return { child, client, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Runs the demo; prints one JSON object as its last line. @returns the exit code: 0 only if every step truly happened */
export async function runDemo({ root, keep, tell }: { root: string; keep: boolean; tell: (text: string) => void }): Promise<number> {
  const dataDir = await mkdtemp(join(tmpdir(), 'cellwright-demo-'))
  let close: (() => Promise<void>) | undefined
  try {
    const product = await startProduct({ root, dataDir })
    close = product.close
    const result = await runDemoJob(product.client, tell)
    const isWhole = result.linesSent > 0 && result.linesSent === result.linesAcknowledged && result.checkPassed
    await close()
    close = undefined
    process.stdout.write(`${JSON.stringify(result)}\n`)
    return isWhole ? 0 : 1
  } catch (error) {
    tell(`The demo failed: ${messageOf(error)}`)
    return 1
  } finally {
    await close?.()
    if (keep) tell(`Kept: ${dataDir}`)
    else await rm(dataDir, { recursive: true, force: true })
  }
}
