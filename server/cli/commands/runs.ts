/** `cellwright runs list|show`. */
import type { Command } from 'commander'
import { getRun, listRuns, type Run } from '../../api/index.ts'
import { numberFrom, type Shell } from './shell.ts'

function runText(run: Run): string {
  const lines = [
    `${run.id}: ${run.state}.${run.summary ? ` ${run.summary}` : ''}`,
    `begun ${run.startedAt} by ${run.trigger.nodeName ?? run.trigger.nodeType}${run.trigger.flowName ? ` in "${run.trigger.flowName}"` : ''}, ${run.hops} hops`,
  ]
  for (const hop of run.detail)
    lines.push(`  ${String(Math.round(hop.atMs)).padStart(8)} ms  ${hop.nodeName ?? hop.nodeType}: ${hop.outcome}${hop.error ? ` (${hop.error})` : ''}`)
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
    .action(async ({ limit, before }: { limit: number; before?: string }) => {
      const found = await client().call(listRuns, { query: { limit, ...(before ? { before } : {}) } })
      output().table(
        found,
        {
          RUN: (r) => r.id,
          STARTED: (r) => r.startedAt,
          STATE: (r) => r.state,
          TRIGGER: (r) => r.trigger.nodeName ?? r.trigger.nodeType,
          WHAT: (r) => r.summary,
        },
        'No run yet: nothing has triggered a flow.',
      )
    })
  runs
    .command('show <run>')
    .description('one run: every hop, and what it caused')
    .action(async (runId: string) => {
      const run = await client().call(getRun, { params: { runId } })
      output().result(run, runText(run))
    })
}
