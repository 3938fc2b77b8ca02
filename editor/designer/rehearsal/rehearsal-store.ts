/** What the designer knows of rehearsals: the steps of each flow, the one under way, its result, and the tests that are kept. No view. */
import {
  type ConnectionSamples,
  caseFromRun,
  type FlowTest,
  type FlowTestRule,
  getFlowTestRule,
  listFlowTests,
  listSamples,
  putFlowTest,
  removeFlowTest,
  setFlowTestRule,
} from '../../../server/api/flow-tests.ts'
import { getRehearsal, type Rehearsal, type RehearsalReport, type RehearsalRequest, startRehearsal, stopRehearsal } from '../../../server/api/rehearsal.ts'
import { listRunPins, type RunPin } from '../../../server/api/runs.ts'
import { listWorkOrders, type WorkOrder } from '../../../server/api/work.ts'
import { call } from '../../shared/api.ts'
import { newId } from '../model/raw.ts'
import type { Workspace } from '../workspace.ts'
import { type Coverage, together } from './coverage.ts'
import { offersOf, ticked } from './expectations.ts'
import { proposeSteps } from './propose.ts'
import { type AnswerDrafts, answerDraftsOf, draftOf, type StepDraft } from './steps.ts'

const POLL_MS = 300

/** What is edited for one flow. */
export interface Case {
  steps: readonly StepDraft[]
  answers: AnswerDrafts
  /** The test that is being changed. */
  testId?: string
  /** What it was made of: expected where it becomes a test. */
  ofRun?: { runId: string; startedAt: string; expect: FlowTest['expect']; notes: readonly string[] }
}

export interface Result {
  /** The flow it was about. */
  flowId: string
  request: RehearsalRequest
  report: RehearsalReport
  /** Of the model, to tell whether the flow was changed since. */
  modelVersion: number
}

export type TestRun = { state: 'waits' | 'runs' } | { state: 'passed' | 'failed'; result: Result } | { state: 'broken'; error: unknown }
export type View = 'rehearse' | 'result' | 'tests'

export class RehearsalStore {
  readonly #workspace: Workspace
  readonly #cases = new Map<string, Case>()
  readonly #runs = new Map<string, TestRun>()
  readonly #listeners = new Set<() => void>()
  #version = 0
  #isLeft = false
  #isTesting = false
  #samples: readonly ConnectionSamples[] = []
  #orders: readonly { connectionId: string; order: WorkOrder }[] = []
  view: View = 'rehearse'
  /** The one that goes on. */
  current: Rehearsal | undefined
  /** It could not be rehearsed at all. */
  failure: unknown
  /** Somebody ended it, perhaps before there was a result. */
  wasStopped = false
  result: Result | undefined
  tests: readonly FlowTest[] = []
  /** Outputs pinned to what they really sent. */
  pins: readonly RunPin[] = []
  /** Which tests are run before a deploy. */
  rule: FlowTestRule = { shop: false, flowIds: [] }
  isPanelShown = false
  /** Told when one has ended. */
  onEnded: ((result: Result) => void) | undefined
  onTested: ((test: FlowTest, isMet: boolean) => void) | undefined

  constructor(workspace: Workspace) {
    this.#workspace = workspace
  }

  readonly watch = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
  readonly version = (): number => this.#version
  #tell(): void {
    this.#version += 1
    for (const listener of [...this.#listeners]) listener()
  }

  show(view: View): void {
    this.view = view
    this.#tell()
  }
  showsPanel(isShown: boolean): void {
    this.isPanelShown = isShown
    this.#tell()
  }

  get isBusy(): boolean {
    return this.current !== undefined || this.#isTesting
  }

  /** What is edited for a flow; proposed from the flow until somebody has changed it. */
  caseOf(flowId: string): Case {
    const known = this.#cases.get(flowId)
    if (known) return known
    const made = { steps: this.propose(flowId), answers: {} }
    // a flow that is still empty gets its proposal when there is something in it
    if (made.steps.length > 0) this.#cases.set(flowId, made)
    return made
  }
  propose(flowId: string, from?: string): StepDraft[] {
    return proposeSteps(this.#workspace, flowId, { ...(from === undefined ? {} : { from }), order: this.knownOrder })
  }
  /** With the orders that have come since. */
  async proposeAnew(flowId: string): Promise<void> {
    this.#orders = await newestOrders()
    this.edit(flowId, { steps: this.propose(flowId) })
  }
  /** What a connection could bring in, made from its connector's schema. */
  sampleOf(connectionId: string, what: 'workOrder' | 'event'): Readonly<Record<string, unknown>> | undefined {
    return this.#samples.find((each) => each.connectionId === connectionId)?.[what] as Readonly<Record<string, unknown>> | undefined
  }
  /** What the connection of a node could answer it. */
  sampleFor(nodeId: string): unknown {
    const node = this.#workspace.model.get(nodeId)
    return node?.type === 'cw-confirm' ? this.#samples.find((each) => each.connectionId === node.connectionId)?.confirmation : undefined
  }
  readonly knownOrder = (connectionId: string): WorkOrder | undefined => this.#orders.find((each) => each.connectionId === connectionId)?.order
  setCase(flowId: string, next: Case): void {
    this.#cases.set(flowId, next)
    this.#tell()
  }
  edit(flowId: string, changes: Partial<Case>): void {
    this.setCase(flowId, { ...this.caseOf(flowId), ...changes })
  }
  /** Puts a test's steps and answers into the form. */
  open(test: FlowTest): void {
    this.setCase(test.flowId, { steps: test.steps.map((step) => draftOf(step)), answers: answerDraftsOf(test.answers), testId: test.id })
    this.show('rehearse')
  }

  /** Makes a case of what really happened. @returns its flow */
  async openRun(runId: string): Promise<string> {
    const { flowId, steps, answers, expect, startedAt, notes } = await call(caseFromRun, { params: { runId } })
    this.setCase(flowId, { steps: steps.map(draftOf), answers: answerDraftsOf(answers), ofRun: { runId, startedAt, expect, notes } })
    this.show('rehearse')
    return flowId
  }
  async setRule(rule: FlowTestRule): Promise<void> {
    const before = this.rule
    this.rule = rule
    this.#tell()
    try {
      this.rule = await call(setFlowTestRule, { body: rule })
    } catch (error) {
      this.rule = before
      throw error
    } finally {
      this.#tell()
    }
  }

  /** The tests, and the orders that a proposal can begin with. */
  async load(): Promise<void> {
    const [tests, orders, rule, samples, pins] = await Promise.all([
      call(listFlowTests),
      newestOrders(),
      call(getFlowTestRule),
      call(listSamples),
      // for those alone who may see what is in messages
      call(listRunPins).catch(() => []),
    ])
    this.tests = tests
    this.#orders = orders
    this.rule = rule
    this.#samples = samples
    this.pins = pins
    // what was proposed before orders were known
    for (const [id, known] of this.#cases) this.#cases.set(id, { ...known, steps: known.steps.map((step) => this.#withOrder(step)) })
    this.#tell()
  }

  #withOrder(step: StepDraft): StepDraft {
    const known = step.do === 'order' && Object.keys(step.order).length === 0 ? this.knownOrder(step.connectionId) : undefined
    return known ? { ...step, order: { ...known }, quantity: String(known.quantity) } : step
  }

  /** @returns when it has ended; what went wrong is in {@link failure} */
  async rehearse(flowId: string, request: Omit<RehearsalRequest, 'flows'>): Promise<void> {
    if (this.isBusy) return
    this.failure = undefined
    this.wasStopped = false
    try {
      const result = await this.#do(flowId, request)
      this.result = result
      this.view = 'result'
      this.onEnded?.(result)
    } catch (error) {
      this.failure = error
    } finally {
      this.#tell()
    }
  }

  async stop(): Promise<void> {
    const { current } = this
    if (!current) return
    this.wasStopped = true
    try {
      await call(stopRehearsal, { params: { rehearsalId: current.id } })
    } catch (error) {
      this.failure = error
      this.#tell()
    }
  }

  /** What is marked on the canvas: while the tests are looked at what they reached together, else what the last rehearsal did. */
  get coverage(): Coverage | undefined {
    if (this.view !== 'tests') return this.result?.report.coverage
    const { place } = this.#workspace
    return place === undefined ? undefined : this.coverageOfTests(place)
  }
  coverageOfTests(flowId: string): Coverage | undefined {
    const all = this.tests.flatMap((test): Coverage[] => {
      const run = test.flowId === flowId ? this.runOf(test.id) : undefined
      return run?.state === 'passed' || run?.state === 'failed' ? [run.result.report.coverage] : []
    })
    const { of, made } = this.#together
    if (all.length === of.length && all.every((each, index) => each === of[index])) return made
    this.#together = { of: all, made: together(all) }
    return this.#together.made
  }
  #together: { of: readonly Coverage[]; made: Coverage | undefined } = { of: [], made: undefined }

  /** The marks on the canvas go with it. */
  clear(): void {
    this.result = undefined
    if (this.view === 'tests') this.#runs.clear()
    this.#tell()
  }

  runOf(testId: string): TestRun | undefined {
    return this.#runs.get(testId)
  }

  /** One after the other. */
  async runTests(tests: readonly FlowTest[]): Promise<void> {
    if (this.isBusy) return
    this.failure = undefined
    this.wasStopped = false
    this.#isTesting = true
    for (const { id } of tests) this.#runs.set(id, { state: 'waits' })
    this.#tell()
    for (const test of tests) {
      if (this.runOf(test.id)?.state !== 'waits') continue
      this.#runs.set(test.id, { state: 'runs' })
      this.#tell()
      try {
        const result = await this.#do(test.flowId, { steps: test.steps, answers: test.answers, expect: test.expect })
        const { report } = result
        const isMet = hasPassed(report)
        this.#runs.set(test.id, { state: isMet ? 'passed' : 'failed', result })
        this.onTested?.(test, isMet)
        if (report.state === 'stopped') this.#forgetWaiting()
      } catch (error) {
        this.#runs.set(test.id, { state: 'broken', error })
      }
      this.#tell()
    }
    this.#isTesting = false
    this.#tell()
  }
  #forgetWaiting(): void {
    for (const [id, { state }] of this.#runs) if (state === 'waits') this.#runs.delete(id)
  }
  /** Shows what came of a test as if it had been rehearsed. */
  showResult(result: Result): void {
    this.result = result
    this.show('result')
  }

  /** Keeps a result with what it is likely to be looked at for. @returns its id */
  async keep(result: Result, name: string): Promise<string> {
    const { flowId, request, report } = result
    const { ofRun, steps, answers } = this.caseOf(flowId)
    const id = `ft_${newId()}`
    const expect = ticked(offersOf(report, ofRun?.expect)) ?? []
    await this.put({ id, name: name.slice(0, 120), flowId, steps: request.steps, answers: request.answers ?? {}, expect })
    // what it was made of is its first run
    const passed = { ...report, expectations: expect.map(() => ({ isMet: true })) }
    if (hasPassed(passed) && !ofRun) this.#runs.set(id, { state: 'passed', result: { ...result, report: passed } })
    this.setCase(flowId, { steps, answers })
    return id
  }

  async put({ id, ...test }: FlowTest): Promise<void> {
    const kept = await call(putFlowTest, { params: { testId: id }, body: test })
    this.tests = this.tests.some((each) => each.id === id) ? this.tests.map((each) => (each.id === id ? kept : each)) : [...this.tests, kept]
    this.#runs.delete(id)
    this.#tell()
  }
  async remove(id: string): Promise<void> {
    await call(removeFlowTest, { params: { testId: id } })
    this.tests = this.tests.filter((each) => each.id !== id)
    this.#runs.delete(id)
    for (const [flowId, { testId, ...rest }] of this.#cases) if (testId === id) this.#cases.set(flowId, rest)
    this.#tell()
  }

  /** Nothing is asked any more when the page is left. */
  close(): void {
    this.#isLeft = true
  }
  reopen(): void {
    this.#isLeft = false
  }

  async #do(flowId: string, request: Omit<RehearsalRequest, 'flows'>): Promise<Result> {
    const { model } = this.#workspace
    const modelVersion = model.version
    const whole: RehearsalRequest = { flows: model.export(), ...request }
    this.current = { id: '', state: 'preparing', doing: '', startedAt: new Date().toISOString(), by: '' }
    this.#tell()
    try {
      let rehearsal = await call(startRehearsal, { body: whole })
      while (rehearsal.state !== 'ended') {
        this.current = rehearsal
        this.#tell()
        await new Promise<void>((resolve) => setTimeout(resolve, POLL_MS))
        if (this.#isLeft) throw new Error('The designer was left.')
        rehearsal = await call(getRehearsal, { params: { rehearsalId: rehearsal.id } })
      }
      if (!rehearsal.report) throw new Error(rehearsal.error ?? rehearsal.doing)
      return { flowId, request: whole, report: rehearsal.report, modelVersion }
    } finally {
      this.current = undefined
      this.#tell()
    }
  }
}

const hasPassed = ({ state, steps, expectations }: RehearsalReport): boolean =>
  state !== 'stopped' && steps.every((step) => step.state === 'done') && expectations.every(({ isMet }) => isMet)

/** Whoever may not see orders fills the form by hand. */
const newestOrders = () => call(listWorkOrders, { query: { limit: 100 } }).catch(() => [])
