/** Services for node tests: they keep what nodes asked for and let a test play the gateway. The real ones are tested with the runtime. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { UserError } from '../../base/errors.ts'
import type { ActionResult } from '../motion/action.ts'
import type { MachineState } from '../motion/machine.ts'
import type { ProgramReport } from '../motion/program.ts'
import type { PanelServices, TileFace } from '../operator/services.ts'
import type { StepServices } from '../orchestration/services.ts'
import type { InspectionNow, InspectionServices } from '../quality/inspection-services.ts'
import { judge } from '../quality/judge.ts'
import type { NonconformanceNow, NonconformanceServices } from '../quality/nonconformance-services.ts'
import type { LotNow, SamplingServices, StudyReadingNow, StudyServices } from '../quality/sampling-services.ts'
import type { CapabilityNow, CorrectionNow, EnteredMeasurement, QualityServices } from '../quality/services.ts'
import type { ButtonFace, ButtonPress, CellwrightServices, DeliveredWorkOrder, FlowJob, JobEnd, MachineEvent, TagNow } from '../services.ts'
import { RecordingTriggers } from './recording-triggers.ts'

type Listeners<T> = Map<string, Set<(fact: T) => void>>

export class RecordingServices implements CellwrightServices {
  isConnected = true
  /** Steps need a store: server/orchestration/testing.ts puts the real ones here. These only note what is opened. */
  steps: StepServices = {
    register: () => ({
      open: async (request) => {
        this.#record('openStep', request)
        const { message, kind, data, text } = request
        return { id: `stp_${++this.#count}`, runId: message._run ?? '', message, kind, data, text, isOut: false, createdAt: 0 }
      },
      turn: async () => false,
      openIds: () => [],
      close: () => undefined,
    }),
    giveBack: async (message, failure) => {
      this.#record('giveBack', { message, failure })
      return true
    },
    canUndo: async () => true,
    motionBehind: async () => false,
    rateSlot: async () => 0,
    raiseEvent: async (event) => {
      this.#record('raiseEvent', event)
      return { woken: 0 }
    },
    registerFlow: () => () => undefined,
    hasFlow: () => false,
    callFlow: (name, message) => this.#record('callFlow', { name, message }),
    stopWork: async (request) => {
      this.#record('stopWork', request)
      return { steps: 0, runs: 0, jobs: 0 }
    },
  }
  /** What values and charts were told, by node. */
  readonly tiles = new Map<string, { face: TileFace; said: (number | string | boolean)[] }>()
  panel: PanelServices = {
    message: async (request) => this.#record('panelMessage', request),
    clearMessage: async (request) => this.#record('clearPanelMessage', request),
    registerTile: ({ nodeId, face }) => {
      const tile = { face, said: [] as (number | string | boolean)[] }
      this.tiles.set(nodeId, tile)
      return {
        say: (value) => void tile.said.push(value),
        remove: () => void (this.tiles.get(nodeId) === tile && this.tiles.delete(nodeId)),
      }
    },
  }
  /** Every request, in order. */
  readonly calls: { method: string; params: Record<string, unknown> }[] = []
  /** Errors to give instead of an answer, by method. */
  readonly refuse = new Map<string, Error>()
  readonly buttons = new Map<string, { face: ButtonFace; onPress: (press: ButtonPress) => void | Promise<void> }>()
  /** Runs that nodes hold open, with how often. */
  readonly heldRuns = new Map<string, number>()
  readonly jobIns = new Map<string, (job: FlowJob) => void | Promise<void>>()
  readonly #runs = new AsyncLocalStorage<string>()
  readonly #connection = new Set<(isConnected: boolean) => void>()
  readonly #jobEnds: Listeners<JobEnd> = new Map()
  readonly #jobProgress: Listeners<{ done: number; total: number }> = new Map()
  readonly #machineEvents: Listeners<MachineEvent> = new Map()
  readonly #workOrders: Listeners<DeliveredWorkOrder> = new Map()
  readonly #jobByKey = new Map<string, string>()
  readonly #ended = new Map<string, JobEnd>()
  #count = 0

  callsOf(method: string): Record<string, unknown>[] {
    return this.calls.filter((call) => call.method === method).map((call) => call.params)
  }
  listeners(): number {
    return [this.#jobEnds, this.#jobProgress, this.#machineEvents, this.#workOrders].flatMap((all) => [...all.values()]).reduce((sum, set) => sum + set.size, 0)
  }
  /** Nodes that watch the state of a machine. */
  watchers(): number {
    return [...this.#machineStates.values()].reduce((sum, set) => sum + set.size, 0)
  }

  // the gateway's side
  setConnected(isConnected: boolean): void {
    this.isConnected = isConnected
    for (const listener of this.#connection) listener(isConnected)
  }
  endJob(end: JobEnd): void {
    this.#ended.set(end.jobId, end)
    tell(this.#jobEnds, end.jobId, end)
    this.#jobEnds.delete(end.jobId)
  }
  progress(jobId: string, progress: { done: number; total: number }): void {
    tell(this.#jobProgress, jobId, progress)
  }
  machineEvent(event: MachineEvent): void {
    tell(this.#machineEvents, event.machineId, event)
  }
  deliver(order: DeliveredWorkOrder): void {
    tell(this.#workOrders, order.connectionId, order)
  }
  async press(nodeId: string, press: ButtonPress): Promise<void> {
    const button = this.buttons.get(nodeId)
    if (!button) throw new Error(`no button ${nodeId}`)
    await this.#runs.run(press.runId, () => button.onPress(press))
  }
  async runJob(job: FlowJob): Promise<void> {
    await this.#runs.run(job.runId, () => this.jobIns.get(job.name)?.(job))
  }

  /** Plays what starts flows. */
  readonly triggers = new RecordingTriggers((runId, fn) => this.#runs.run(runId, fn))

  // the nodes' side
  onConnection = (listener: (isConnected: boolean) => void) => add(this.#connection, listener)
  machines = async () => [{ id: 'mill-1', name: 'Mill 1', isVirtual: true }]
  programs = async () => [{ id: 'prg_1', name: 'bearing-plate.nc' }]
  connections = async () => [{ id: 'con_1', name: 'Work-order folder', connector: 'work-order-folder' }]
  lastJobId = ''
  runProgram: CellwrightServices['runProgram'] = async (request) => {
    this.#record('runProgram', request)
    const jobId = this.#jobByKey.get(request.key) ?? `job_${++this.#count}`
    this.#jobByKey.set(request.key, jobId)
    this.lastJobId = jobId
    return { jobId }
  }
  commandMachine: CellwrightServices['commandMachine'] = async (request) => {
    this.#record('commandMachine', request)
    return { answer: 'ok' }
  }
  /** What connections answer who asks them. */
  asked: () => Promise<unknown> = async () => null
  askConnection: CellwrightServices['askConnection'] = async (request) => {
    this.#record('askConnection', request)
    return this.asked()
  }
  /** What machine actions answer. */
  actionResult: ActionResult = { text: 'done' }
  actOnMachine: CellwrightServices['actOnMachine'] = async (request) => {
    this.#record('actOnMachine', request)
    return this.actionResult
  }
  /** Leases that nodes hold, by token. */
  readonly held = new Map<number, (why: string) => void>()
  holdMachine: CellwrightServices['holdMachine'] = async (request, onLost) => {
    this.#record('holdMachine', request)
    const token = ++this.#count
    this.held.set(token, onLost)
    return { machineId: request.machineId, token }
  }
  releaseMachine: CellwrightServices['releaseMachine'] = async (held) => {
    this.#record('releaseMachine', held)
    this.held.delete(held.token)
  }
  setInterlock: CellwrightServices['setInterlock'] = async (request) => this.#record('setInterlock', request)
  answerMachineJob: CellwrightServices['answerMachineJob'] = async (request) => this.#record('answerMachineJob', request)
  report: ProgramReport = {
    isRunnable: true,
    sourceLines: 1,
    totalLines: 1,
    isExpanded: false,
    estimateS: 1,
    cuttingMm: 0,
    rapidMm: 0,
    tools: [],
    findings: [],
    findingsTotal: 0,
  }
  checkProgram: CellwrightServices['checkProgram'] = async (request) => {
    this.#record('checkProgram', request)
    return this.report
  }
  transformProgram: CellwrightServices['transformProgram'] = async (request) => {
    this.#record('transformProgram', request)
    return {
      program: { id: `prg_${++this.#count}`, name: request.name, revision: 1, lines: 1 },
      report: { linesBefore: 2, linesAfter: 1, bytesBefore: 20, bytesAfter: 10, largestDeviationMm: 0.001, toleranceMm: 0.005 },
    }
  }
  readonly states = new Map<string, MachineState>()
  readonly #machineStates: Listeners<MachineState | undefined> = new Map()
  /** Tells the nodes how a machine is. */
  tellState(state: MachineState): void {
    this.states.set(state.machineId, state)
    tell(this.#machineStates, state.machineId, state)
  }
  machineState: CellwrightServices['machineState'] = async (machineId) => this.states.get(machineId)
  onMachineState: CellwrightServices['onMachineState'] = (machineId, listener) => {
    const state = this.states.get(machineId)
    if (state) queueMicrotask(() => listener(state))
    return addTo(this.#machineStates, machineId, listener)
  }
  readonly #tags: Listeners<TagNow> = new Map()
  /** Plays a connection: what its tag is now. */
  tellTag(connectionId: string, now: TagNow): void {
    tell(this.#tags, `${connectionId} ${now.tag}`, now)
  }
  /** Tags that nodes watch. */
  watchedTags(): string[] {
    return [...this.#tags].filter(([, set]) => set.size).map(([name]) => name)
  }
  onTag: CellwrightServices['onTag'] = ({ connectionId, tag }, listener) => addTo(this.#tags, `${connectionId} ${tag}`, listener)
  enqueue: CellwrightServices['enqueue'] = async (request) => {
    this.#record('enqueue', request)
    return { jobId: `job_${++this.#count}` }
  }
  readonly jobs: CellwrightServices['jobs'] = {
    progress: async (request) => this.#record('jobProgress', request),
    controlQueue: async (request) => {
      this.#record('controlQueue', request)
      return { queue: request.queue, mode: request.mode, by: 'test', ...(request.why === undefined ? {} : { why: request.why }) }
    },
  }
  finishJob: CellwrightServices['finishJob'] = async (request) => this.#record('finishJob', request)
  /** What sampling and studies answer; what is not set is refused. */
  lotNow: LotNow | undefined
  readingNow: StudyReadingNow | undefined
  sampling: SamplingServices = {
    beginLot: async (request) => {
      this.#record('beginLot', request)
      return there(this.lotNow)
    },
    lotNow: async () => there(this.lotNow),
    judgeLot: async (request) => {
      this.#record('judgeLot', request)
      return there(this.lotNow)
    },
  }
  studies: StudyServices = {
    addStudyReading: async (request) => {
      this.#record('addStudyReading', request)
      return there(this.readingNow)
    },
  }
  /** What capability answers; while it is not set there is none. */
  capabilityNow: CapabilityNow | undefined
  /** What a correction answers; while it is not set there is none. */
  correctionNow: CorrectionNow | undefined
  /** Added to what an entry answers. */
  entered: Partial<EnteredMeasurement['result']> = {}
  quality: QualityServices = {
    enter: async (request) => {
      this.#record('enterMeasurement', request)
      const { of, values } = request
      const about = 'inline' in of ? of.inline : { name: of.characteristicId, unit: 'mm', decimals: 3, nominal: 10, lower: 9.98, upper: 10.02 }
      const measurements = values.map((value) => {
        const verdict = judge({ ...about, characteristic: about.name, value, lower: about.lower - about.nominal, upper: about.upper - about.nominal })
        return { id: `msr_${++this.#count}`, value, isInTolerance: verdict.isInTolerance, deviation: verdict.deviation, text: verdict.text }
      })
      const isInTolerance = measurements.every((one) => one.isInTolerance)
      const characteristicId = 'inline' in of ? 'chr_inline' : of.characteristicId
      return {
        result: {
          ...{ entryId: `ent_${++this.#count}`, characteristicId, isRepeat: false, measurements, isInTolerance },
          ...{ subgroup: 1, openValues: 0, signals: [], flags: [], isLocked: false, ...this.entered },
        },
        ...{ name: about.name, unit: about.unit, nominal: about.nominal, lower: about.lower, upper: about.upper },
      }
    },
    characteristics: async () => [],
    capability: async (request) => {
      this.#record('capability', request)
      return { name: 'bore diameter', capability: there(this.capabilityNow) }
    },
    proposeCorrection: async (request) => {
      this.#record('proposeCorrection', request)
      return there(this.correctionNow)
    },
    settleCorrection: async (request) => {
      this.#record('settleCorrection', request)
      return { name: 'bore diameter', byMm: -0.012, isRepeat: false }
    },
    resetCorrections: async (request) => {
      this.#record('resetCorrections', request)
      return { name: 'bore diameter' }
    },
  }
  /** What reports of nonconformance are now, by key. */
  readonly reports = new Map<string, NonconformanceNow>()
  nonconformances: NonconformanceServices = {
    open: async (request) => {
      this.#record('openNonconformance', request)
      const known = this.reports.get(request.key)
      const id = `qdc_${++this.#count}`
      const report: NonconformanceNow = known ?? { id, number: `NCR-2026-000${this.reports.size + 1}`, state: 'open', outcome: 'waits', dispositions: [] }
      this.reports.set(request.key, report)
      return report
    },
    now: async (id) => [...this.reports.values()].find((report) => report.id === id) as NonconformanceNow,
  }
  /** What inspections are now, by key. */
  readonly inspected = new Map<string, InspectionNow>()
  inspections: InspectionServices = {
    start: async (request) => {
      this.#record('startInspection', request)
      const known = this.inspected.get(request.key)
      const inspection: InspectionNow = known ?? {
        id: `ins_${++this.#count}`,
        number: `FAIR-2026-000${this.inspected.size + 1}`,
        state: 'open',
        conforming: 0,
        nonconforming: 0,
        needed: 3,
      }
      this.inspected.set(request.key, inspection)
      return inspection
    },
    now: async (id) => [...this.inspected.values()].find((inspection) => inspection.id === id) as InspectionNow,
  }
  workOrderTaken: CellwrightServices['workOrderTaken'] = async (request) => this.#record('workOrderTaken', request)
  confirm: CellwrightServices['confirm'] = async (request) => {
    this.#record('confirm', request)
    return { id: `out_${++this.#count}` }
  }
  onJobEnded = (jobId: string, listener: (end: JobEnd) => void) => {
    const run = this.#runs.getStore()
    const inRun = (end: JobEnd) => (run === undefined ? listener(end) : this.#runs.run(run, () => listener(end)))
    const ended = this.#ended.get(jobId)
    if (ended) {
      queueMicrotask(() => inRun(ended))
      return () => undefined
    }
    return addTo(this.#jobEnds, jobId, inRun)
  }
  onJobProgress = (jobId: string, listener: (progress: { done: number; total: number }) => void) => addTo(this.#jobProgress, jobId, listener)
  onMachineEvent = (machineId: string, listener: (event: MachineEvent) => void) => addTo(this.#machineEvents, machineId, listener)
  subscribeWorkOrders: CellwrightServices['subscribeWorkOrders'] = (request, listener) => {
    this.#record('subscribeWorkOrders', request)
    return addTo(this.#workOrders, request.connectionId, listener)
  }
  registerButton: CellwrightServices['registerButton'] = ({ nodeId, face, onPress }) => {
    const button = { face, onPress }
    this.buttons.set(nodeId, button)
    return {
      update: (next) => {
        button.face = next
      },
      remove: () => {
        if (this.buttons.get(nodeId) === button) this.buttons.delete(nodeId)
      },
    }
  }
  registerJobIn: CellwrightServices['registerJobIn'] = ({ name, onJob }) => {
    if (this.jobIns.has(name))
      throw new UserError({ code: 'job-in-taken', message: `Another "job in" takes the jobs "${name}": give one of them another name.` })
    this.jobIns.set(name, onJob)
    return () => this.jobIns.delete(name)
  }
  currentRun = () => this.#runs.getStore()
  newRun = (nodeId: string) => {
    const runId = `run_${++this.#count}`
    this.#record('newRun', { nodeId, runId })
    return runId
  }
  withRun = <T>(runId: string, fn: () => T): T => this.#runs.run(runId, fn)
  holdRun = (runId: string) => {
    this.heldRuns.set(runId, (this.heldRuns.get(runId) ?? 0) + 1)
    return () => {
      const left = (this.heldRuns.get(runId) ?? 0) - 1
      if (left > 0) this.heldRuns.set(runId, left)
      else this.heldRuns.delete(runId)
    }
  }
  endRun: CellwrightServices['endRun'] = (runId, outcome) => this.#record('endRun', { runId, ...outcome })

  #record(method: string, params: object): void {
    this.calls.push({ method, params: { ...params } })
    const refusal = this.refuse.get(method)
    if (refusal) throw refusal
  }
}

function tell<T>(all: Listeners<T>, key: string, fact: T): void {
  for (const listener of [...(all.get(key) ?? [])]) listener(fact)
}
function add<T>(set: Set<T>, item: T): () => void {
  set.add(item)
  return () => void set.delete(item)
}
function addTo<T>(all: Listeners<T>, key: string, listener: (fact: T) => void): () => void {
  const set = all.get(key) ?? new Set()
  all.set(key, set)
  return add(set, listener)
}

function there<T>(answer: T | undefined): T {
  if (answer === undefined) throw new UserError({ code: 'not-found', message: 'There is no such thing here.' })
  return answer
}
