/** `cellwright jobs …`: jobs of machines and flows, their queues and their order. */
import { type Command, Option } from 'commander'
import { UserError } from '../../../base/errors.ts'
import {
  cancelJob,
  changeQueue,
  dismissJob,
  enqueueFlowJob,
  getJob,
  type Job,
  type JobPlan,
  type JobQueue,
  type LetterFilter,
  type LettersDone,
  listDeadLetters,
  listJobs,
  listQueue,
  listQueues,
  moveJob,
  type Place,
  placeJob,
  planJob,
  type QueueControl,
  retryJob,
  retryLetters,
} from '../../api/index.ts'
import { type CancelOptions, cancelBody, MACHINE_CHOICES } from './cancel-options.ts'
import { numberFrom, type Shell } from './shell.ts'

function jobText(job: Job): string {
  const { text } = (job.outcome ?? {}) as { text?: string }
  return [
    `${job.id}: ${job.name}, ${job.state}`,
    `asked for by ${job.requestedBy} at ${job.createdAt}${job.machineId ? `, machine ${job.machineId}` : ''}`,
    ...(job.dueAt ? [`due ${job.dueAt}`] : []),
    ...(job.notBefore ? [`not before ${job.notBefore}`] : []),
    ...(job.deadlineAt ? [`to begin by ${job.deadlineAt}`] : []),
    ...(job.blockedBy ? [`waits for ${job.blockedBy} other job${job.blockedBy > 1 ? 's' : ''}`] : []),
    ...(job.startedAt ? [`begun ${job.startedAt}`] : []),
    ...(job.endedAt ? [`ended ${job.endedAt}`] : []),
    ...(job.progress
      ? [`${job.kind === 'program' ? 'line ' : ''}${job.progress.done} of ${job.progress.total}${job.progress.text ? `: ${job.progress.text}` : ''}`]
      : []),
    ...(job.reason ? [job.reason] : text ? [text] : []),
  ].join('\n')
}

const queueText = ({ queue, mode, by, why }: QueueControl): string =>
  mode === 'open' ? `${queue} is open.` : `${queue} is ${mode}${by ? ` by ${by}` : ''}${why ? `: ${why}` : ''}.`

const isoFrom = (raw: string): string => {
  const at = new Date(raw)
  if (Number.isNaN(at.getTime())) throw new UserError({ code: 'usage', message: `"${raw}" is no time: give it as 2026-11-30T14:00 or 2026-11-30T14:00:00Z.` })
  return at.toISOString()
}
const priorityFrom = numberFrom({ min: -1000, max: 1000, isWhole: true })

interface PlanOptions {
  priority?: number
  due?: string
  notBefore?: string
  deadline?: string
}
const planOf = ({ priority, due, notBefore, deadline }: PlanOptions): Pick<JobPlan, 'priority' | 'dueAt' | 'notBefore' | 'deadlineAt'> => ({
  ...(priority === undefined ? {} : { priority }),
  ...(due === undefined ? {} : { dueAt: due }),
  ...(notBefore === undefined ? {} : { notBefore }),
  ...(deadline === undefined ? {} : { deadlineAt: deadline }),
})
const withPlan = (command: Command): Command =>
  command
    .option('--priority <n>', 'lowest first, 0 is usual', priorityFrom)
    .option('--due <time>', 'when it should be done', isoFrom)
    .option('--not-before <time>', 'waits until then', isoFrom)
    .option('--deadline <time>', 'fails when it has not begun by then', isoFrom)

export function addJobCommands(program: Command, { client, output }: Shell): void {
  const jobs = program.command('jobs').description('jobs of machines and flows, their queues and their order')
  const show = (job: Job) => output().result(job, jobText(job))
  jobs
    .command('list')
    .description('lists jobs, newest first')
    .option('--machine <machine>', 'only those of a machine')
    .option('--queue <queue>', 'only those of a queue')
    .option('--limit <n>', 'how many', numberFrom({ min: 1, max: 500, isWhole: true }), 20)
    .action(async ({ machine, queue, limit }: { machine?: string; queue?: string; limit: number }) => {
      const found = await client().call(listJobs, { query: { limit, ...(machine ? { machineId: machine } : {}), ...(queue ? { queue } : {}) } })
      output().table(
        found,
        { JOB: (j) => j.id, CREATED: (j) => j.createdAt, STATE: (j) => j.state, KIND: (j) => j.kind, MACHINE: (j) => j.machineId, NAME: (j) => j.name },
        'No job yet.',
      )
    })
  jobs
    .command('show <job>')
    .description('one job and what came of it')
    .action(async (jobId: string) => show(await client().call(getJob, { params: { jobId } })))
  jobs
    .command('cancel <job>')
    .description('cancels a job that waits; a machine that works on it is stopped, a flow goes no further')
    .addOption(new Option('--machine <what>', 'what becomes of a program that the flow of the job has running').choices(MACHINE_CHOICES).default('finish'))
    .addOption(new Option('--scope <scope>', 'of a flow job that another flow asked for: only the job, or its whole run').choices(['job', 'run']))
    .option('--take-back', 'messages to outside systems that have not gone out are taken back')
    .option('--why <text>', 'shown with what was cancelled')
    .action(async (jobId: string, options: CancelOptions & { scope?: 'job' | 'run' }) =>
      show(await client().call(cancelJob, { params: { jobId }, body: { ...cancelBody(options), ...(options.scope ? { scope: options.scope } : {}) } })),
    )
  jobs
    .command('queues')
    .description('every queue: what runs, how much waits, who holds it')
    .action(async () => {
      output().table(
        await client().call(listQueues, {}),
        {
          QUEUE: (q: JobQueue) => q.queue,
          MODE: (q) => q.mode,
          RUNS: (q) => q.active.map(({ name }) => name).join(', '),
          WAITING: (q) => String(q.waiting),
          LATE: (q) => String(q.late),
          DEAD: (q) => String(q.dead),
          DONE: (q) => q.endAt ?? q.activeEndAt,
          WHY: (q) => q.why,
        },
        'There is no queue.',
      )
    })
  jobs
    .command('next <queue>')
    .description('what waits in a queue, in its order: machine-<id>, flow, adapter or maintenance')
    .option('--limit <n>', 'how many', numberFrom({ min: 1, max: 500, isWhole: true }), 20)
    .action(async (queue: string, { limit }: { limit: number }) => {
      const found = await client().call(listQueue, { params: { queue }, query: { limit, offset: 0 } })
      output().table(
        found.jobs,
        {
          PLACE: (j) => String(j.place + 1),
          JOB: (j) => j.id,
          NAME: (j) => j.name,
          PRIORITY: (j) => String(j.priority),
          BEGINS: (j) => j.startAt,
          DUE: (j) => (j.dueAt === undefined ? undefined : `${j.dueAt}${j.isLate ? ' LATE' : ''}`),
        },
        'Nothing waits there.',
      )
    })
  for (const [name, mode, description] of [
    ['hold', 'held', 'lets nothing new begin in a queue; what runs goes on'],
    ['drain', 'draining', 'works off what waits in a queue and takes nothing new'],
    ['release', 'open', 'opens a queue again: a machine then runs what waits for it'],
  ] as const) {
    const command = jobs.command(`${name} <queue>`).description(description)
    if (mode !== 'open') command.option('--why <text>', 'everybody sees it')
    command.action(async (queue: string, { why }: { why?: string }) => {
      const control = await client().call(changeQueue, { params: { queue }, body: { mode, ...(why === undefined ? {} : { why }) } })
      output().result(control, queueText(control))
    })
  }
  jobs
    .command('place <job>')
    .description('puts a waiting job elsewhere in its queue')
    .option('--first', 'to the front')
    .option('--last', 'to the end')
    .option('--before <job>', 'in front of another one')
    .option('--after <job>', 'behind another one')
    .action(async (jobId: string, { first, last, before, after }: { first?: true; last?: true; before?: string; after?: string }) => {
      const places: Place[] = [
        ...(first ? [{ to: 'first' as const }] : []),
        ...(last ? [{ to: 'last' as const }] : []),
        ...(before === undefined ? [] : [{ before }]),
        ...(after === undefined ? [] : [{ after }]),
      ]
      const [body] = places
      if (!body || places.length > 1) throw new UserError({ code: 'usage', message: 'Say one of --first, --last, --before <job> and --after <job>.' })
      show(await client().call(placeJob, { params: { jobId }, body }))
    })
  withPlan(jobs.command('plan <job>').description('changes priority and times of a waiting job')).action(async (jobId: string, options: PlanOptions) =>
    show(await client().call(planJob, { params: { jobId }, body: planOf(options) })),
  )
  jobs
    .command('move <job> <machine>')
    .description('moves a waiting program to another machine, if that one can run it')
    .action(async (jobId: string, machineId: string) => show(await client().call(moveJob, { params: { jobId }, body: { machineId } })))
  jobs
    .command('letters')
    .description('dead letters: what failed or was interrupted, and nobody has dealt with')
    .option('--limit <n>', 'how many', numberFrom({ min: 1, max: 500, isWhole: true }), 50)
    .action(async ({ limit }: { limit: number }) => {
      const found = await client().call(listDeadLetters, { query: { limit } })
      output().table(
        found.jobs,
        { JOB: (j) => j.id, ENDED: (j) => j.endedAt, STATE: (j) => j.state, QUEUE: (j) => j.queue, NAME: (j) => j.name, REASON: (j) => j.reason },
        'No dead letters.',
      )
    })
  jobs
    .command('retry <job>')
    .description('queues a job again that ended badly; a program moves its machine when its turn comes')
    .action(async (jobId: string) => show(await client().call(retryJob, { params: { jobId } })))
  jobs
    .command('dismiss <job>')
    .description('takes a job out of the dead letters')
    .option('--why <text>', 'kept with the job')
    .action(async (jobId: string, { why }: { why?: string }) =>
      show(await client().call(dismissJob, { params: { jobId }, body: why === undefined ? {} : { why } })),
    )
  jobs
    .command('retry-all')
    .description('queues all dead letters again, or those of a queue or a name; programs only with --may-move')
    .option('--queue <queue>', 'only those of a queue')
    .option('--name <name>', 'only jobs of that name')
    .option('--search <words>', 'every word stands in name or reason')
    .option('--may-move', 'programs too: machines move when their turn comes')
    .action(async ({ queue, name, search, mayMove }: { queue?: string; name?: string; search?: string; mayMove?: boolean }) => {
      const filter: LetterFilter = { ...(queue ? { queue } : {}), ...(name ? { name } : {}), ...(search ? { text: search } : {}) }
      const until = new Date().toISOString()
      const whole: LettersDone = { done: 0, refused: [], refusedTotal: 0 }
      let after: string | undefined
      do {
        const part = await client().call(retryLetters, { body: { filter, until, limit: 100, ...(after ? { after } : {}), ...(mayMove ? { mayMove } : {}) } })
        whole.done += part.done
        whole.refusedTotal += part.refusedTotal
        whole.refused.push(...part.refused)
        after = part.after
      } while (after !== undefined)
      const refused = whole.refused.map((each) => `${each.jobId} (${each.name}): ${each.why}`)
      output().result(whole, [`${whole.done} queued again, ${whole.refusedTotal} left.`, ...refused].join('\n'))
    })
  withPlan(jobs.command('enqueue <name>').description('queues a job for the "job in" node of that name'))
    .option('--payload <json>', 'what the flow gets as msg.payload')
    .option('--once <key>', 'the same key is one job')
    .option('--depends-on <job...>', 'begins when these have completed')
    .action(async (name: string, options: PlanOptions & { payload?: string; once?: string; dependsOn?: string[] }) => {
      const plan: JobPlan = { ...planOf(options), ...(options.dependsOn ? { dependsOn: options.dependsOn } : {}) }
      const job = await client().call(enqueueFlowJob, {
        body: {
          name,
          ...(options.payload === undefined ? {} : { payload: jsonFrom(options.payload) }),
          ...(options.once === undefined ? {} : { idempotencyKey: options.once }),
          ...(Object.keys(plan).length ? { plan } : {}),
        },
      })
      show(job)
    })
}

function jsonFrom(raw: string): unknown {
  try {
    return JSON.parse(raw)
  } catch {
    // a bare word is meant as text
    return raw
  }
}
