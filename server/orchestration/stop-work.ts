/** Ends runs: what they wait for, and their jobs. What a machine does just now is not its business. */
import type { FlowNode } from '../api/index.ts'
import type { Runs } from '../runs/contract.ts'
import type { Db, StepRow } from './rows.ts'

/** What orchestration needs of jobs. */
export interface WorkStopper {
  /** Cancels waiting jobs that these runs asked for; resolves with how many those were. */
  cancelOfRuns(runIds: readonly string[], reason: string): Promise<number>
}

const MOST_RUNS = 5000

/** Active runs: the asking one, those of its flow, or all; the asking one is in the list only when it alone is meant. */
export async function runsToStop(
  db: Db,
  request: { what: 'run' | 'flow' | 'all'; nodeId: string; runId?: string; flows: readonly FlowNode[] },
): Promise<string[]> {
  const { what, nodeId, runId, flows } = request
  if (what === 'run') return runId === undefined ? [] : [runId]
  const own = flows.find(({ id }) => id === nodeId)?.z
  const inFlow = flows.filter((node) => node.z === own).map(({ id }) => id)
  const active = await db
    .selectFrom('run')
    .select('id')
    .where('state', '=', 'active')
    .where('id', '<>', runId ?? '')
    .$if(what === 'flow', (query) =>
      query.where((e) =>
        e.or([
          e('flowId', '=', String(own ?? '')),
          e(
            'id',
            'in',
            e
              .selectFrom('step')
              .select('runId')
              .where('state', '=', 'waiting')
              .where('nodeId', 'in', inFlow.length ? inFlow : ['']),
          ),
        ]),
      ),
    )
    .limit(MOST_RUNS)
    .execute()
  return active.map(({ id }) => id)
}

export async function stopRuns(
  parts: { db: Db; runs: Pick<Runs, 'fail'>; jobs: WorkStopper; endSteps(ids: readonly string[], text: string): Promise<StepRow[]> },
  request: { runIds: readonly string[]; runId?: string; reason: string },
): Promise<{ steps: number; jobs: number }> {
  const { db, runs, jobs, endSteps } = parts
  const { runIds, runId, reason } = request
  if (!runIds.length) return { steps: 0, jobs: 0 }
  // while they are held: a run that is let go could end as completed first
  for (const id of runIds) if (id !== runId) await runs.fail(id, reason)
  const open = await db.selectFrom('step').select('id').where('runId', 'in', runIds).where('state', '=', 'waiting').execute()
  const steps = await endSteps(
    open.map(({ id }) => id),
    reason,
  )
  return { steps: steps.length, jobs: await jobs.cancelOfRuns(runIds, reason) }
}
