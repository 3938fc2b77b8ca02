/** `RED.settings.cellwright`: what our nodes may ask of the product, over the connection to the gateway. */
import { OperationalError, UserError } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import type { Logger } from '../../base/log.ts'
import type { RpcHandlers, RpcNotice } from '../../base/rpc.ts'
import type { ButtonFace, ButtonPress, CellwrightServices, DeliveredWorkOrder, FlowJob, JobEnd, MachineEvent, Remove } from '../../nodes/services.ts'
import type { gatewayRpc, runtimeRpc } from './contract.ts'
import type { GatewayLink } from './gateway-link.ts'
import { createMachineServices } from './machine-services.ts'
import { createPanelServices } from './panel-services.ts'
import { createStepServices } from './step-services.ts'
import type { StoppedRuns } from './stopped-runs.ts'
import { createTagServices } from './tag-services.ts'
import type { Tracing } from './tracing.ts'
import { createTriggerServices } from './trigger-services.ts'

type Handlers = RpcHandlers<typeof runtimeRpc>
type PanelList = RpcNotice<typeof gatewayRpc, 'panel'>

export interface Services {
  services: CellwrightServices
  handlers: {
    requests: Pick<Handlers['requests'], 'press' | 'runJob' | 'machineState' | 'tagValues' | 'fireTrigger' | 'wakeStep'>
    notifications: Omit<Handlers['notifications'], 'lead'>
  }
  /** A node waits for the end of the job. */
  isJobAwaited(jobId: string): boolean
  /** Flows were started or stopped. */
  flowsRun(areRunning: boolean): void
}

/** Ends of jobs that nobody waited for yet; a node asks right after the gateway named the job. */
const ENDS_KEPT = 1000
const PANEL_GATHER_MS = 20
/** How long a job waits for the "job in" of its name. */
const JOB_IN_MS = 2000

export function createServices(options: {
  link: GatewayLink
  tracing: () => Tracing
  log: Logger
  /** Runs and jobs that were stopped: nothing of them goes on. */
  stopped?: StoppedRuns
}): Services {
  const { link, log } = options
  const tracing = options.tracing
  const endListeners = new Map<string, Set<{ runId: string | undefined; listener: (end: JobEnd) => void; release: Remove }>>()
  const progressListeners = new Map<string, Set<(progress: { done: number; total: number }) => void>>()
  const machineListeners = new Map<string, Set<(event: MachineEvent) => void>>()
  const orderListeners = new Map<string, Map<string, (order: DeliveredWorkOrder) => void>>()
  const ends = new Map<string, JobEnd>()
  const buttons = new Map<string, { face: ButtonFace; onPress: (press: ButtonPress) => void | Promise<void> }>()
  const jobIns = new Map<string, { nodeId: string; onJob: (job: FlowJob) => void | Promise<void> }>()
  /** Programs asked for by a run, held open until the job ends. */
  const held = new Map<string, Remove>()

  const jobInComes = new Map<string, Set<() => void>>()
  /** A deploy takes a node away and brings it back a moment later: a job that comes just then is not for nobody. */
  const comingJobIn = async (name: string) => {
    const comes = jobInComes.get(name) ?? new Set()
    jobInComes.set(name, comes)
    await new Promise<void>((resolve) => {
      const come = () => {
        clearTimeout(timer)
        comes.delete(come)
        if (!comes.size) jobInComes.delete(name)
        resolve()
      }
      const timer = setTimeout(come, JOB_IN_MS)
      comes.add(come)
    })
    return jobIns.get(name)
  }

  const isolated = (what: string, work: () => void) => {
    try {
      work()
    } catch (error) {
      log.error({ err: error }, `a node failed on ${what}`)
    }
  }

  const jobEnded = (end: JobEnd) => {
    held.get(end.jobId)?.()
    held.delete(end.jobId)
    const waiting = endListeners.get(end.jobId)
    endListeners.delete(end.jobId)
    progressListeners.delete(end.jobId)
    if (!waiting) {
      ends.set(end.jobId, end)
      const oldest = ends.keys().next()
      if (ends.size > ENDS_KEPT && !oldest.done) ends.delete(oldest.value)
      return
    }
    for (const { runId, listener, release } of waiting) {
      release()
      isolated('the end of a job', () => (runId ? tracing().withRun(runId, () => listener(end)) : listener(end)))
    }
  }

  let isPanelDue = false
  const tellPanel = () => {
    if (isPanelDue) return
    isPanelDue = true
    setTimeout(() => {
      isPanelDue = false
      link.notify('panel', panelList())
    }, PANEL_GATHER_MS)
  }
  const panelList = (): PanelList => [...buttons].map(([nodeId, { face }]) => ({ nodeId, ...face }))

  const subscribe = (connectionId: string, nodeId: string) => {
    link
      .call('subscribeWorkOrders', { connectionId, nodeId })
      .catch((error) => log.warn({ connectionId, err: error }, 'work orders could not be subscribed to'))
  }

  const catchUp = async (jobId: string) => {
    const { state, ...rest } = await link.call('jobState', { jobId })
    if (state !== 'waiting' && state !== 'active') jobEnded({ jobId, state, ...rest })
  }

  link.onConnection((isConnected) => {
    if (!isConnected) return
    // the gateway has forgotten us: say again what we offer, ask what we missed
    link.notify('panel', panelList())
    for (const [connectionId, nodes] of orderListeners) for (const nodeId of nodes.keys()) subscribe(connectionId, nodeId)
    for (const jobId of new Set([...endListeners.keys(), ...held.keys()]))
      catchUp(jobId).catch((error) => log.warn({ jobId, err: error }, 'the state of a job could not be asked'))
  })

  /** Takes the run from the calling context where the node gave none, and holds it open while the gateway works. */
  const inRun = async <R extends { runId?: string }, T>(request: R, ask: (request: R) => Promise<T>): Promise<T> => {
    const runId = request.runId ?? tracing().currentRun()
    if (runId === undefined) return ask(request)
    if (options.stopped?.isStopped(runId)) throw runOver()
    const release = tracing().holdRun(runId)
    try {
      return await ask({ ...request, runId })
    } finally {
      release()
    }
  }

  const machines = createMachineServices({ link, take: (request) => inRun(request, (asked) => link.call('takeLease', asked)), log })

  const tags = createTagServices({ link, log })
  const triggers = createTriggerServices({ link, tracing, log })
  const panel = createPanelServices(link)
  const steps = createStepServices({ link, tracing, log, stopRuns: (runIds, reason) => options.stopped?.runs(runIds, reason) })

  const services: CellwrightServices = {
    get isConnected() {
      return link.isConnected
    },
    onConnection: (listener) => link.onConnection(listener),
    machines: () => link.call('machines', {}),
    programs: () => link.call('programs', {}),
    connections: () => link.call('connections', {}),
    runProgram: (request) =>
      inRun(request, async (asked) => {
        const answer = await link.call('runProgram', asked).catch((error: unknown) => {
          // perhaps it was queued: then its end is waited for. What was not queued is not queued later, when nobody expects it
          if (error instanceof OperationalError && error.code === 'connection-lost') return link.callPatiently('runProgram', { ...asked, isRepeat: true })
          throw error
        })
        if (asked.runId !== undefined && !ends.has(answer.jobId) && !held.has(answer.jobId)) held.set(answer.jobId, tracing().holdRun(asked.runId))
        return answer
      }),
    commandMachine: (request) => inRun(request, (asked) => link.call('commandMachine', asked)),
    actOnMachine: (request) => inRun(request, (asked) => link.call('actOnMachine', asked)),
    ...machines.services,
    ...tags.services,
    askConnection: (request) => inRun(request, (asked) => link.call('askConnection', asked)),
    triggers: triggers.services,
    panel: {
      ...panel.services,
      message: (request) => inRun(request, (asked) => panel.services.message(asked)),
    },
    steps: steps.services,
    async setInterlock(request) {
      await link.call('setInterlock', request)
    },
    async answerMachineJob(request) {
      await inRun(request, (asked) => link.call('answerMachineJob', asked))
    },
    checkProgram: (request) => inRun(request, (asked) => link.call('checkProgram', asked)),
    transformProgram: (request) => inRun(request, (asked) => link.call('transformProgram', asked)),
    // with a key, asking again is the same job
    enqueue: (request) => inRun(request, (asked) => (asked.key === undefined ? link.call('enqueue', asked) : link.callPatiently('enqueue', asked))),
    jobs: {
      async progress(request) {
        await link.call('jobProgress', request)
      },
      controlQueue: (request) => link.callPatiently('controlQueue', request),
    },
    async finishJob(request) {
      await link.callPatiently('finishJob', request)
    },
    sampling: {
      beginLot: (request) => inRun(request, (asked) => link.callPatiently('beginLot', asked)),
      lotNow: (lotId) => link.callPatiently('lotNow', { lotId }),
      judgeLot: (request) => inRun(request, (asked) => link.callPatiently('judgeLot', asked)),
    },
    studies: { addStudyReading: (request) => inRun(request, (asked) => link.callPatiently('addStudyReading', asked)) },
    quality: {
      // the id is made here, once: asked again after a break it is the same entry
      enter: (request) => inRun({ ...request, entryId: newId('ent') }, (asked) => link.callPatiently('enterMeasurement', asked)),
      characteristics: () => link.call('characteristics', {}),
      capability: (request) => inRun(request, (asked) => link.call('capabilityNow', asked)),
      // asked again after a break it is the same proposal
      proposeCorrection: (request) => inRun({ ...request, proposalId: newId('ofc') }, (asked) => link.callPatiently('proposeCorrection', asked)),
      settleCorrection: (request) => inRun(request, (asked) => link.callPatiently('settleCorrection', asked)),
      resetCorrections: (request) => inRun({ ...request, resetId: newId('ofc') }, (asked) => link.callPatiently('resetCorrections', asked)),
    },
    nonconformances: {
      // with its key, asking again is the same report
      open: (request) => inRun(request, (asked) => link.callPatiently('openNonconformance', asked)),
      now: (id) => link.callPatiently('nonconformanceNow', { id }),
    },
    inspections: {
      start: (request) => inRun(request, (asked) => link.callPatiently('startInspection', asked)),
      now: (id) => link.callPatiently('inspectionNow', { id }),
    },
    async workOrderTaken(request) {
      await link.callPatiently('workOrderTaken', request)
    },
    confirm: (request) => inRun(request, (asked) => link.callPatiently('confirm', asked)),

    onJobEnded(jobId, listener) {
      const runId = tracing().currentRun()
      const past = ends.get(jobId)
      if (past) {
        let isRemoved = false
        setImmediate(() => {
          if (!isRemoved) isolated('the end of a job', () => listener(past))
        })
        return () => {
          isRemoved = true
        }
      }
      const entry = { runId, listener, release: runId ? tracing().holdRun(runId) : () => {} }
      const set = endListeners.get(jobId) ?? new Set()
      set.add(entry)
      endListeners.set(jobId, set)
      return () => {
        entry.release()
        set.delete(entry)
        if (!set.size && endListeners.get(jobId) === set) endListeners.delete(jobId)
      }
    },
    onJobProgress: (jobId, listener) => listen(progressListeners, jobId, listener),
    onMachineEvent: (machineId, listener) => listen(machineListeners, machineId, listener),
    subscribeWorkOrders({ connectionId, nodeId }, listener) {
      const nodes = orderListeners.get(connectionId) ?? new Map<string, (order: DeliveredWorkOrder) => void>()
      nodes.set(nodeId, listener)
      orderListeners.set(connectionId, nodes)
      if (link.isConnected) subscribe(connectionId, nodeId)
      return () => {
        if (nodes.get(nodeId) === listener) nodes.delete(nodeId)
        if (!nodes.size && orderListeners.get(connectionId) === nodes) orderListeners.delete(connectionId)
      }
    },
    registerButton({ nodeId, face, onPress }) {
      const button = { face, onPress }
      buttons.set(nodeId, button)
      tellPanel()
      return {
        update(next) {
          if (buttons.get(nodeId) !== button) return
          button.face = next
          tellPanel()
        },
        remove() {
          if (buttons.get(nodeId) !== button) return
          buttons.delete(nodeId)
          tellPanel()
        },
      }
    },
    registerJobIn({ nodeId, name, onJob }) {
      const taken = jobIns.get(name)
      if (taken && taken.nodeId !== nodeId)
        throw new UserError({ code: 'job-in-taken', message: `Another node already takes the jobs named "${name}". Give one of them another name.` })
      const entry = { nodeId, onJob }
      jobIns.set(name, entry)
      for (const tell of jobInComes.get(name) ?? []) tell()
      return () => {
        if (jobIns.get(name) === entry) jobIns.delete(name)
      }
    },
    currentRun: () => tracing().currentRun(),
    newRun: (nodeId) => tracing().newRun(nodeId),
    withRun: (runId, fn) => tracing().withRun(runId, fn),
    holdRun: (runId) => tracing().holdRun(runId),
    endRun: (runId, outcome) => tracing().endRun(runId, outcome),
  }

  return {
    services,
    isJobAwaited: (jobId) => endListeners.has(jobId),
    flowsRun(areRunning) {
      triggers.flowsRun(areRunning)
      if (areRunning) steps.ready()
    },
    handlers: {
      requests: {
        async press({ nodeId, ...press }) {
          const button = buttons.get(nodeId)
          if (!button)
            throw new UserError({ code: 'button-gone', status: 404, message: 'This button is no longer part of the running flows. Reload the panel.' })
          await tracing().withRun(press.runId, () => button.onPress(press), nodeId)
          return null
        },
        async runJob(job) {
          if (options.stopped?.isStopped(job.runId)) throw runOver()
          const jobIn = jobIns.get(job.name) ?? (await comingJobIn(job.name))
          if (!jobIn)
            throw new UserError({
              code: 'no-job-in',
              status: 404,
              message: `No running flow takes jobs named "${job.name}". Deploy a flow with a "job in" node of that name.`,
            })
          await tracing().withRun(job.runId, () => jobIn.onJob(job), jobIn.nodeId)
          return null
        },
        machineState: machines.machineState,
        ...tags.requests,
        ...triggers.requests,
        ...steps.requests,
      },
      notifications: {
        ...steps.notifications,
        ...triggers.notifications,
        jobEnded({ jobId, state, ...rest }) {
          if (state !== 'waiting' && state !== 'active') jobEnded({ jobId, state, ...rest })
        },
        jobProgress({ jobId, ...progress }) {
          tell(progressListeners, jobId, (listener) => isolated('the progress of a job', () => listener(progress)))
        },
        machineEvent(event) {
          tell(machineListeners, event.machineId, (listener) => isolated('an event of a machine', () => listener(event)))
        },
        workOrder(order) {
          // one node takes an order, the first that asked
          const listener = orderListeners.get(order.connectionId)?.values().next().value
          if (listener) isolated('a work order', () => listener(order))
        },
      },
    },
  }
}

const runOver = () =>
  new UserError({
    code: 'run-cancelled',
    status: 409,
    message: 'The run that this belongs to was ended by a person or by "stop everything": nothing more is done for it.',
  })

function listen<T>(all: Map<string, Set<T>>, key: string, listener: T): Remove {
  const set = all.get(key) ?? new Set<T>()
  set.add(listener)
  all.set(key, set)
  return () => {
    set.delete(listener)
    if (!set.size && all.get(key) === set) all.delete(key)
  }
}

function tell<T>(all: Map<string, Set<T>>, key: string, call: (listener: T) => void): void {
  for (const listener of all.get(key) ?? []) call(listener)
}
