/** Services for node tests: they keep what nodes asked for and let a test play the gateway. The real ones are tested with the runtime. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { UserError } from '../../base/errors.ts'
import type { ActionResult } from '../motion/action.ts'
import type { MachineState } from '../motion/machine.ts'
import type { ProgramReport } from '../motion/program.ts'
import type { ButtonFace, ButtonPress, CellwrightServices, DeliveredWorkOrder, FlowJob, JobEnd, MachineEvent } from '../services.ts'

type Listeners<T> = Map<string, Set<(fact: T) => void>>

export class RecordingServices implements CellwrightServices {
  isConnected = true
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
  enqueue: CellwrightServices['enqueue'] = async (request) => {
    this.#record('enqueue', request)
    return { jobId: `job_${++this.#count}` }
  }
  finishJob: CellwrightServices['finishJob'] = async (request) => this.#record('finishJob', request)
  recordMeasurement: CellwrightServices['recordMeasurement'] = async (request) => {
    this.#record('recordMeasurement', request)
    return { id: `msr_${++this.#count}` }
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
