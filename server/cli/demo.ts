/**
 * `npm run demo`: the product's main job on a temporary data directory, without a browser. Everything
 * goes through the API, as a person at the pages would do it; the result is read back, never assumed.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { messageOf, OperationalError } from '../../base/errors.ts'
import { getJob, getRun, listJobs, listPanel, listWorkOrders, type PanelButton, type ProgramOutcome, pressButton, startDemo } from '../api/index.ts'
import { dataPaths, SETTINGS } from '../config.ts'
import { type Client, createClient, findAccess } from './client.ts'
import { watchInterrupt } from './interrupt.ts'

/** What the last line of `npm run demo` says. */
interface DemoResult {
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

/** Asks again until there is an answer. @throws OperationalError demo-stuck naming what did not happen; what `asked` was aborted with */
async function until<T>(what: string, timeoutMs: number, look: () => Promise<T | undefined>, asked?: AbortSignal): Promise<T> {
  const deadline = Date.now() + timeoutMs
  let lastError: unknown
  while (Date.now() < deadline) {
    asked?.throwIfAborted()
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

const stuck = (message: string) => new OperationalError({ code: 'demo-stuck', message })

/**
 * The whole job against a running, empty server. Each step is confirmed by reading it back.
 * @throws OperationalError naming the step that did not happen
 */
async function runDemoJob(client: Client, { tell, asked }: { tell: (text: string) => void; asked: AbortSignal }): Promise<DemoResult> {
  const begun = Date.now()
  const within = <T>(timeoutMs: number, what: string, look: () => Promise<T | undefined>) => until(what, timeoutMs, look, asked)
  const shop = await client.call(startDemo, { body: { timeScale: 100 } })
  tell(`Demo shop set up: machine ${shop.machineId}, work orders from ${shop.inbox}`)

  const press = async (button: PanelButton, waitingId: string, values: Record<string, number>) => {
    const { runId } = await client.call(pressButton, { params: { nodeId: button.nodeId }, body: { pressId: crypto.randomUUID(), waitingId, values } })
    return runId
  }
  const buttonWith = (what: string, matches: (button: PanelButton) => boolean) =>
    within(60_000, what, async () => (await client.call(listPanel, {})).find((button) => matches(button) && button.isEnabled && button.waiting.length > 0))

  const cut = await buttonWith('A work order at the button', (button) => button.asks.length === 0)
  const [first] = cut.waiting
  if (!first) throw stuck('The button lost its work order.')
  tell(`Work order waits at the button "${cut.label}": ${first.text}. Pressing.`)
  const runId = await press(cut, first.id, {})

  const program = await within(60_000, 'A machine job', async () =>
    (await client.call(listJobs, { query: { machineId: shop.machineId } })).find((job) => job.kind === 'program' && job.runId === runId),
  )
  tell(`Job ${program.id} runs ${program.name}`)
  const job = await within(300_000, 'The end of the program', async () => {
    const now = await client.call(getJob, { params: { jobId: program.id } })
    return now.endedAt ? now : undefined
  })
  if (job.state !== 'completed') throw stuck(`The program ${job.state}: ${job.reason ?? 'no reason given'}`)
  const outcome = job.outcome as ProgramOutcome
  tell(outcome.text)
  if (outcome.linesSent === 0 || outcome.linesSent !== outcome.totalLines || outcome.linesAcknowledged !== outcome.totalLines)
    throw stuck(`Of ${outcome.totalLines} lines ${outcome.linesSent} were sent and ${outcome.linesAcknowledged} acknowledged.`)

  const measure = await buttonWith('The question for the measured value', (button) => button.asks.some((ask) => ask.kind === 'number'))
  const [part] = measure.waiting
  const [ask] = measure.asks
  if (!part || !ask) throw stuck('The measuring button lost its part.')
  await press(measure, part.id, { [ask.key]: MEASURED_MM })
  tell(`Entered ${ask.label}: ${MEASURED_MM} mm`)

  const confirmed = await within(60_000, 'The confirmation', async () =>
    (await client.call(listWorkOrders, {})).find((order) => order.state === 'confirmed' && order.confirmationFile),
  )
  const confirmationFile = confirmed.confirmationFile ?? ''
  const confirmation = JSON.parse(await readFile(confirmationFile, 'utf8')) as { workOrder: string }
  if (confirmation.workOrder !== confirmed.order.number) throw stuck(`${confirmationFile} confirms ${confirmation.workOrder}, not ${confirmed.order.number}.`)
  if (confirmed.order.number !== first.text) throw stuck(`Work order ${confirmed.order.number} was confirmed, not ${first.text}.`)
  tell(`Confirmed in ${confirmationFile}`)

  const run = await within(60_000, 'The end of the run', async () => {
    const now = await client.call(getRun, { params: { runId } })
    return now.state === 'active' ? undefined : now
  })
  if (run.state !== 'completed') throw stuck(`The run ${run.state}: ${run.summary ?? ''}`)
  if (!run.links.some((link) => link.id === job.id)) throw stuck('The run does not know its machine job.')
  if (!run.links.some((link) => link.kind === 'confirmation')) throw stuck('The run does not know its confirmation.')
  const checkPassed = run.links.some((link) => link.kind === 'measurement' && link.text.endsWith(' in tolerance'))
  if (!checkPassed) throw stuck('The measured value was not judged to be in tolerance.')
  return {
    workOrder: confirmed.order.number,
    jobId: job.id,
    runId,
    linesSent: outcome.linesSent,
    linesAcknowledged: outcome.linesAcknowledged,
    checkPassed,
    confirmationFile,
    durationMs: Date.now() - begun,
  }
}

/** Our settings of this shell (a database of the shop, a port) are not for a product on a temporary directory. */
function ownEnvironment(): NodeJS.ProcessEnv {
  const foreign = new Set(Object.values(SETTINGS).map(({ env }) => env))
  foreign.delete(SETTINGS.logLevel.env)
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.has(name)))
}

/** Starts the product as `npm start` does, on its own data directory. */
export async function startProduct({
  root,
  dataDir,
  env = {},
  node = process.execPath,
  asked,
}: {
  root: string
  dataDir: string
  env?: Record<string, string>
  /** Runs `npm start` and the launcher. @defaultValue the Node of this process */
  node?: string
  /** Gives the start up. */
  asked?: AbortSignal
}): Promise<{ child: ChildProcess; client: Client; close: () => Promise<void> }> {
  const childEnv = { ...ownEnvironment(), CELLWRIGHT_DATA: dataDir, CELLWRIGHT_PORT: '0', CELLWRIGHT_OWNER: `demo:${crypto.randomUUID()}`, ...env }
  const child = spawn(node, [join(root, 'bootstrap', 'run.mjs'), 'start'], { cwd: root, env: childEnv, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
  })
  const close = async () => {
    child.kill('SIGTERM')
    await ended
  }
  try {
    const client = await until(
      'The start of the server',
      120_000,
      async () => {
        if (child.exitCode !== null) return null
        const found = createClient(() => findAccess({ CELLWRIGHT_DATA: dataDir }))
        const { ok } = await fetch(new URL('/readyz', found.access.url))
        return ok ? found : undefined
      },
      asked,
    )
    if (!client) throw new OperationalError({ code: 'demo-start', message: `The server ended with code ${child.exitCode}.` })
    return { child, client, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Takes everything away but what is named. */
async function emptyBut(dir: string, kept: string): Promise<void> {
  for (const name of await readdir(dir)) if (name !== kept) await rm(join(dir, name), { recursive: true, force: true })
}

/**
 * Runs the demo; prints one JSON object as its last line. Of the temporary directory the shop's own folder
 * stays, so that `confirmationFile` can be looked at; after a failure the logs.
 * @returns the exit code: 0 only if every step truly happened
 */
export async function runDemo({ root, keep, tell }: { root: string; keep: boolean; tell: (text: string) => void }): Promise<number> {
  const dataDir = await mkdtemp(join(tmpdir(), 'cellwright-demo-'))
  const { demo, logs } = dataPaths({ dataDir, filesDir: undefined })
  const interrupt = watchInterrupt()
  let close: (() => Promise<void>) | undefined
  let kept: string | undefined
  try {
    const product = await startProduct({ root, dataDir, asked: interrupt.asked })
    close = product.close
    const result = await runDemoJob(product.client, { tell, asked: interrupt.asked })
    kept = demo
    await close()
    close = undefined
    process.stdout.write(`${JSON.stringify(result)}\n`)
    return 0
  } catch (error) {
    if (interrupt.asked.aborted) {
      tell('The demo was given up.')
      kept = undefined
    } else {
      tell(`The demo failed: ${messageOf(error)}`)
      kept = logs
    }
    return 1
  } finally {
    await close?.()
    interrupt.close()
    if (keep) tell(`Kept: ${dataDir}`)
    else if (kept && existsSync(kept)) {
      await emptyBut(dataDir, basename(kept))
      tell(`Kept: ${kept}`)
    } else await rm(dataDir, { recursive: true, force: true })
  }
}
