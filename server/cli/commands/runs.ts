/** `cellwright runs list|show|export|cancel|replay`. */
import { type Command, Option } from 'commander'
import { cancelRun, exportRun, getRun, type Run, type RunSummary, replayRun, searchRuns } from '../../api/index.ts'
import { type CancelOptions, cancelBody, MACHINE_CHOICES } from './cancel-options.ts'
import { numberFrom, type Shell } from './shell.ts'

const STATES = ['active', 'completed', 'failed', 'interrupted', 'cancelled'] as const

const DID = { finishes: 'runs to its end', held: 'is held', stopped: 'is stopped', 'not-reached': 'goes on' } as const

function runText(run: Run): string {
  const lines = [
    `${run.id}: ${run.waitsFor ? `waits for ${run.waitsFor}` : run.state}.${run.summary ? ` ${run.summary}` : ''}`,
    `begun ${run.startedAt} by ${run.trigger.nodeName ?? run.trigger.nodeType}${run.trigger.flowName ? ` in "${run.trigger.flowName}"` : ''}, ${run.hops} hops`,
  ]
  for (const hop of run.detail)
    lines.push(
      `  ${String(Math.round(hop.atMs)).padStart(8)} ms  ${hop.nodeName ?? hop.nodeType}: ${hop.outcome}${hop.error ? ` (${hop.error})` : ''}${hop.doneMs === undefined ? '' : `, ${(hop.doneMs - hop.atMs).toFixed(1)} ms`}`,
    )
  for (const link of run.links) lines.push(`  ${link.kind} ${link.id}: ${link.text}`)
  return lines.join('\n')
}

export function addRunCommands(program: Command, { client, output }: Shell): void {
  const runs = program.command('runs').description('the run history')
  runs
    .command('list')
    .description('lists runs, newest first')
    .option('--limit <n>', 'how many', numberFrom({ min: 1, max: 200, isWhole: true }), 20)
    .option('--before <run>', 'only those older than this one')
    .addOption(new Option('--state <state>', 'only those').choices(STATES))
    .option('--search <words>', 'every word stands in trigger, flow or what happened')
    .action(async ({ limit, before, state, search }: { limit: number; before?: string; state?: Run['state']; search?: string }) => {
      const found: RunSummary[] = []
      let from = before
      // words are looked for a stretch of the history at a time
      do {
        const query = { limit: limit - found.length, ...(from ? { before: from } : {}), ...(state ? { state } : {}), ...(search ? { text: search } : {}) }
        const part = await client().call(searchRuns, { query })
        found.push(...part.runs)
        from = part.before
      } while (from !== undefined && found.length < limit)
      output().table(
        found,
        {
          RUN: (r) => r.id,
          STARTED: (r) => r.startedAt,
          STATE: (r) => r.state,
          TRIGGER: (r) => r.trigger.nodeName ?? r.trigger.nodeType,
          WHAT: (r) => r.summary,
        },
        state || search ? 'No run matches.' : 'No run yet: nothing has triggered a flow.',
      )
    })
  runs
    .command('show <run>')
    .description('one run: every hop, and what it caused')
    .action(async (runId: string) => {
      const run = await client().call(getRun, { params: { runId } })
      output().result(run, runText(run))
    })
  runs
    .command('export <run>')
    .description('everything kept of a run as JSON: hops, messages, the flow as it was drawn')
    .action(async (runId: string) => {
      const whole = await client().call(exportRun, { params: { runId } })
      output().result(whole, JSON.stringify(whole, null, 2))
    })
  runs
    .command('cancel <run>')
    .description('ends a run as cancelled: nothing of it goes on, its waits and jobs end')
    .addOption(new Option('--machine <what>', 'what becomes of a program that a machine runs for it').choices(MACHINE_CHOICES).default('finish'))
    .option('--take-back', 'messages to outside systems that have not gone out are taken back')
    .option('--why <text>', 'shown with the run')
    .action(async (runId: string, options: CancelOptions) => {
      const result = await client().call(cancelRun, { params: { runId }, body: cancelBody(options) })
      const machines = result.programs.map(({ machineId, did }) => `${machineId}: the program ${DID[did]}`)
      output().result(
        result,
        [`${runId} is cancelled; with it ended ${result.steps} waits and ${result.jobs} jobs.`, ...machines, ...result.problems].join('\n'),
      )
    })
  runs
    .command('replay <run>')
    .description('sends what the trigger sent (or what one step was given) again, as a new run')
    .option('--step <n>', 'begin at this step, counted from 1', numberFrom({ min: 1, max: 1_000_000, isWhole: true }))
    .option('--may-move', 'a machine may move: nobody is at it, and it is set up as it was')
    .action(async (runId: string, { step, mayMove }: { step?: number; mayMove?: boolean }) => {
      const begun = await client().call(replayRun, {
        params: { runId },
        body: { ...(step === undefined ? {} : { seq: step - 1 }), ...(mayMove ? { mayMove } : {}) },
      })
      output().result(begun, `${begun.runId} has begun.`)
    })
}
