/**
 * What is done in the shop, and when: the history of runs, jobs, steps that wait, what people cancel, what triggers begin. A part of the composition in
 * `gateway.ts`.
 */
import type { Logger } from '../base/log.ts'
import { createCancelling } from './cancelling/index.ts'
import type { OnClose } from './closing.ts'
import type { Config } from './config.ts'
import type { FlowsPart } from './flows/index.ts'
import type { Foundation } from './foundation.ts'
import type { createPlacing } from './hosts/index.ts'
import { createJobs } from './jobs/index.ts'
import type { Holders, MachineRegistry, machinesForRuntime, ProgramLibrary } from './machines/index.ts'
import { createOrchestration } from './orchestration/index.ts'
import { countSteps } from './orchestration/metrics.ts'
import { createKnownSecrets, createRuns, retentionOf } from './runs/index.ts'
import { countHops } from './runs/metrics.ts'
import { holdOnFullDisk } from './system/hold-queues.ts'
import { openTelemetry } from './telemetry/index.ts'
import { createTriggers, ofJob, ofMachine, type TriggersDeps } from './triggers/index.ts'

interface WorkDeps extends Pick<Foundation, 'secrets' | 'store' | 'versions' | 'audit' | 'http' | 'hosts' | 'live' | 'shopSettings' | 'system'> {
  config: Config
  log: Logger
  version: string
  /** node-postgres connection string */
  database: string
  machines: MachineRegistry
  programs: ProgramLibrary
  holders: Holders
  forFlows: ReturnType<typeof machinesForRuntime>
  flows: FlowsPart
  placing: ReturnType<typeof createPlacing>
  /** What tags of connections are now; asked when triggers look. */
  tags: NonNullable<TriggersDeps['valuesNow']>['tags']
  onClose: OnClose
}

export async function createWork(deps: WorkDeps) {
  const { secrets, store, versions, audit, http, hosts, live, shopSettings, system, config, log, version } = deps
  const { machines, programs, holders, forFlows, flows, placing, onClose } = deps
  const { runtime } = flows
  const telemetry = await openTelemetry({ version, log })
  if (telemetry) onClose('telemetry', () => telemetry.close())
  const runs = createRuns({
    store,
    log,
    live,
    runtime,
    hosts,
    telemetry,
    secrets: createKnownSecrets({ db: store.db, secrets, log }),
    keep: retentionOf(config),
    isPaused: () => system.isHistoryPaused,
    versions,
  })
  onClose('runs', () => runs.close())
  countHops(http.metrics.registry, runs)
  flows.serve(runs.rpc)
  forFlows.followRuns(runs)
  const jobs = await createJobs({
    store,
    log,
    live,
    machines,
    programs,
    runtime,
    runs,
    holders,
    audit,
    versions,
    redisUrl: config.redisUrl,
    database: deps.database,
    telemetry,
    historyDays: () => shopSettings.get('jobDays') ?? config.jobDays,
    hosts,
    deployment: flows.deployment,
    jobsElsewhere: () => placing.jobsElsewhere(),
    obstacle: () => system.motionObstacle(),
  })
  onClose('jobs', () => jobs.close())
  system.watchQueues(() => jobs.bull.isAway?.() ?? false)
  flows.serve(jobs.rpc)
  holdOnFullDisk({ system, jobs, machines, log })
  machines.beforeMove((machineId, why) => jobs.holdWaiting(machineId, why))
  const orchestration = createOrchestration({
    store,
    log,
    live,
    runtime,
    runs,
    audit,
    jobs,
    currentFlows: () => flows.current(),
    host: hosts.name,
    isElsewhere: placing.isElsewhere,
    // what a host had in its flows is given up later than what only waits for it
    goneMs: config.hostSilentS * 2000,
  })
  onClose('orchestration', () => orchestration.close())
  countSteps(http.metrics.registry, orchestration, store)
  flows.serve(orchestration.rpc)
  const cancelling = createCancelling({ runs, jobs: jobs.cancelling, steps: orchestration, runtime, machines, audit, log })
  const triggers = createTriggers({
    store,
    log,
    live,
    runtime,
    runs,
    audit,
    versions,
    bull: jobs.bull,
    currentFlows: () => flows.current(),
    hosts,
    isElsewhere: placing.isElsewhere,
    isCurrent: () => flows.deployment.isCurrent(),
    valuesNow: {
      machine: (machineId) => machines.list().find(({ id }) => id === machineId)?.state,
      tags: deps.tags,
    },
  })
  onClose('triggers', () => triggers.close())
  flows.serve(triggers.rpc)
  const untold = (error: unknown) => log.warn({ err: error }, 'an event for triggers could not be stored')
  machines.onEvent((machineId, event) => void triggers.happened(ofMachine(machineId, event)).catch(untold))
  jobs.onChange((job) => void ofJob(job).map((happening) => triggers.happened(happening).catch(untold)))
  return { runs, jobs, orchestration, cancelling, triggers }
}
