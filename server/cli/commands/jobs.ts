/** `cellwright jobs list|show|cancel`. */
import type { Command } from 'commander'
import { cancelJob, getJob, type Job, listJobs } from '../../api/index.ts'
import { numberFrom, type Shell } from './shell.ts'

function jobText(job: Job): string {
  const { text } = (job.outcome ?? {}) as { text?: string }
  return [
    `${job.id}: ${job.name}, ${job.state}`,
    `asked for by ${job.requestedBy} at ${job.createdAt}${job.machineId ? `, machine ${job.machineId}` : ''}`,
    ...(job.startedAt ? [`begun ${job.startedAt}`] : []),
    ...(job.endedAt ? [`ended ${job.endedAt}`] : []),
    ...(job.progress ? [`line ${job.progress.done} of ${job.progress.total}`] : []),
    ...(job.reason ? [job.reason] : text ? [text] : []),
  ].join('\n')
}

export function addJobCommands(program: Command, { client, output }: Shell): void {
  const jobs = program.command('jobs').description('jobs of machines and flows')
  jobs
    .command('list')
    .description('lists jobs, newest first')
    .option('--machine <machine>', 'only those of a machine')
    .option('--limit <n>', 'how many', numberFrom({ min: 1, max: 500, isWhole: true }), 20)
    .action(async ({ machine, limit }: { machine?: string; limit: number }) => {
      const found = await client().call(listJobs, { query: { limit, ...(machine ? { machineId: machine } : {}) } })
      output().table(
        found,
        { JOB: (j) => j.id, CREATED: (j) => j.createdAt, STATE: (j) => j.state, KIND: (j) => j.kind, MACHINE: (j) => j.machineId, NAME: (j) => j.name },
        'No job yet.',
      )
    })
  jobs
    .command('show <job>')
    .description('one job and what came of it')
    .action(async (jobId: string) => {
      const job = await client().call(getJob, { params: { jobId } })
      output().result(job, jobText(job))
    })
  jobs
    .command('cancel <job>')
    .description('cancels a job that waits; a machine that works on it is stopped')
    .action(async (jobId: string) => {
      const job = await client().call(cancelJob, { params: { jobId } })
      output().result(job, jobText(job))
    })
}
