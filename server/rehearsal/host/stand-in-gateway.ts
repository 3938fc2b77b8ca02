/**
 * What a flow runtime asks of its gateway, answered for a rehearsal: machines are virtual, everything that would leave the shop
 * floor is written down and goes nowhere. What is not rehearsed says so to the node that asks.
 */
import { messageOf, OperationalError, UserError } from '../../../base/errors.ts'
import { newId } from '../../../base/ids.ts'
import type { RpcPeer } from '../../../base/rpc.ts'
import type { MachineAction } from '../../../nodes/motion/action.ts'
import { judge } from '../../../nodes/quality/judge.ts'
import type { CaughtCall, FlowNode, PanelButton } from '../../api/index.ts'
import type { RpcPart } from '../../flows/link.ts'
import { refuseForFlows } from '../../machines/two-keys.ts'
import type { runtimeRpc } from '../../runtime/contract.ts'
import type { PlannedAnswer, RehearsalPlan } from '../plan.ts'
import type { RehearsalMachine } from './machines.ts'
import type { Notes } from './notes.ts'
import type { Steps } from './steps.ts'
import type { Tags } from './tags.ts'
import type { Work } from './work.ts'

/** What of the runtime the conductor looks at. */
export interface Seen {
  flows: 'running' | 'stopped' | 'safe' | 'failed'
  flowsText: string | undefined
  buttons: readonly PanelButton[]
  /** Connections whose work orders a flow takes. */
  listening: Set<string>
  /** Trigger nodes that run. */
  triggers: ReadonlySet<string>
}

export function standInGateway(options: {
  plan: RehearsalPlan
  flows: readonly FlowNode[]
  /** Nodes that were replaced, as they were. */
  outside: ReadonlyMap<string, FlowNode>
  /** Of those the ones that could have run here. */
  replaced: ReadonlySet<string>
  machines: ReadonlyMap<string, RehearsalMachine>
  work: Work
  steps: Steps
  tags: Tags
  notes: Notes
  peer: () => RpcPeer<typeof runtimeRpc>
  now: () => number
}): { part: Required<RpcPart>; seen: Seen } {
  const { plan, flows, outside, replaced, machines, work, steps, tags, notes, peer, now } = options
  const seen: Seen = { flows: 'stopped', flowsText: undefined, buttons: [], listening: new Set(), triggers: new Set() }
  const answered = new Map<string, number>()
  const watched = new Set<string>()
  const nodeOf = (nodeId: string) => flows.find(({ id }) => id === nodeId)

  const caught = (nodeId: string, call: Omit<CaughtCall, 'atMs' | 'nodeId' | 'nodeType'>) => {
    notes.call({ atMs: Math.round(now()), nodeId, nodeType: (outside.get(nodeId) ?? nodeOf(nodeId))?.type ?? '', ...call })
  }
  /** Notes what a machine was asked, whatever comes of it. */
  const acted = async <T>(machineId: string, nodeId: string, what: string, act: (machine: RehearsalMachine) => T | Promise<T>): Promise<T> => {
    const machine = work.machine(machineId)
    const atMs = now()
    try {
      const result = await act(machine)
      machine.note({ atMs, nodeId, what, state: 'completed', durationMs: now() - atMs })
      return result
    } catch (error) {
      machine.note({ atMs, nodeId, what, state: error instanceof UserError ? 'refused' : 'failed', text: messageOf(error), durationMs: now() - atMs })
      throw error
    }
  }
  /** For the next call of a node; the last one stands for all further calls. */
  const answerFor = (nodeId: string): PlannedAnswer | undefined => {
    const list = Object.hasOwn(plan.answers, nodeId) ? plan.answers[nodeId] : undefined
    const count = answered.get(nodeId) ?? 0
    answered.set(nodeId, count + 1)
    return list?.[Math.min(count, list.length - 1)]
  }
  const factsOf = ({ from, runId, at }: PlannedAnswer): Pick<CaughtCall, 'answeredFrom' | 'recorded'> => ({
    answeredFrom: from,
    ...(runId === undefined ? {} : { recorded: { runId, ...(at === undefined ? {} : { at }) } }),
  })
  const connectionOf = (id: string) => plan.connections.find((each) => each.id === id)
  const notRehearsed = (what: string) => new UserError({ code: 'not-rehearsed', status: 501, message: `${what} is not rehearsed.` })

  return {
    seen,
    part: {
      requests: {
        debuggerPlan: () => ({ breakpoints: [], paused: [] }),
        load: ({ what }) => (what === 'flows' ? [...flows] : null),
        saveFlows: () => null,
        save: () => null,
        loadLibrary: () => null,
        saveLibrary: () => null,
        whois: () => null,
        mayInstall: () => ({ allowed: false, reason: 'This is a rehearsal.' }),

        machines: () => plan.machines.map(({ id, settings }) => ({ id, name: settings.name, isVirtual: settings.link.kind === 'virtual' })),
        programs: () => plan.programs.map(({ id, name }) => ({ id, name })),
        connections: () => plan.connections,
        runProgram: (asked) => work.runProgram(asked),
        jobState: ({ jobId }) => work.stateOf(jobId),
        enqueue: (asked) => work.enqueue(asked),
        finishJob: (end) => work.finish(end),
        commandMachine: ({ machineId, command, line, nodeId }) =>
          acted(machineId, nodeId, line ?? command, async ({ guard }) => {
            const by = `flow node ${nodeId}`
            switch (command) {
              case 'hold':
                guard.hold(by)
                return { answer: 'held' }
              case 'stop':
                guard.stop(by, false)
                return { answer: 'stopping' }
              case 'resume':
                await guard.resume(by)
                return { answer: 'resumed' }
              case 'unlock':
                await guard.unlock(by)
                return { answer: 'unlocked' }
              case 'home':
                await guard.home(by)
                return { answer: 'homed' }
              case 'line':
                if (!line) throw new UserError({ code: 'line-missing', message: 'The command "line" needs the G-code line to send.' })
                refuseForFlows({ kind: 'line', line })
                return guard.command(line, by)
              default:
                return command satisfies never
            }
          }),
        actOnMachine: ({ machineId, action, lease, nodeId }) =>
          acted(machineId, nodeId, textOf(action as MachineAction), ({ guard }) => {
            refuseForFlows(action as MachineAction)
            return guard.act(action as MachineAction, { by: `flow node ${nodeId}`, ...(lease === undefined ? {} : { lease }) })
          }),
        takeLease: ({ machineId, holder, ttlMs, nodeId }) => work.machine(machineId).guard.takeLease({ holder, ttlMs, by: `flow node ${nodeId}` }),
        beatLease({ machineId, token }) {
          work.machine(machineId).guard.beatLease(token)
          return null
        },
        dropLease({ machineId, token }) {
          work.machine(machineId).guard.dropLease(token)
          return null
        },
        setInterlock({ machineId, id, isSafe }) {
          work.machine(machineId).guard.setInterlock(id, isSafe)
          return null
        },
        answerMachineJob: ({ machineId, jobId, answer, nodeId }) =>
          acted(machineId, nodeId, `answer ${answer}`, async ({ guard }) => {
            await guard.answerJob({ jobId, answer, by: `flow node ${nodeId}` })
            return null
          }),
        checkProgram({ machineId, program }) {
          const found = plan.programs.find(({ id, name }) => id === program || name === program)
          if (!found) throw new UserError({ code: 'program-not-found', status: 404, message: `There is no program "${program}".` })
          return work.machine(machineId).guard.checkProgram({ path: found.path, sha256: found.sha256 })
        },
        transformProgram() {
          throw notRehearsed('Making a program from another')
        },
        machineState: ({ machineId }) => work.machine(machineId).guard.state(),
        watchMachines({ machineIds }) {
          watched.clear()
          for (const id of machineIds) {
            watched.add(id)
            const machine = machines.get(id)
            if (machine)
              setImmediate(
                () =>
                  void peer()
                    .call('machineState', { machineId: id, state: machine.guard.state() })
                    .catch(() => {}),
              )
          }
          return null
        },
        // nobody is connected in a rehearsal: a tag is unknown until a step says what it is
        watchTags: ({ watched: list }) => tags.watch(list),
        askConnection({ nodeId, connectionId }) {
          const call = { system: connectionOf(connectionId)?.name ?? connectionId, what: 'question', body: {} }
          const answer = answerFor(nodeId)
          if (answer && answer.from !== 'failure') {
            caught(nodeId, { ...call, ...factsOf(answer), answer: answer.message })
            return answer.message
          }
          caught(nodeId, { ...call, answeredFrom: answer ? 'failure' : 'none', answer: answer?.text })
          throw new OperationalError({ code: 'no-answer', message: answer?.text ?? 'Nothing outside is asked in a rehearsal. Give this node an answer.' })
        },

        ...steps.requests,
        // a firing of a rehearsal is handed over once
        triggerBegins: () => ({ begins: true, at: new Date().toISOString() }),
        // nothing is known of lots here: the whole lot is taken, by itself, and what the flow counted decides
        beginLot({ nodeId, planId, number, size, runId: _run, entryId: _entry, ...more }) {
          caught(nodeId, { system: 'Quality', what: 'lot', body: { planId, number, size, ...more }, answeredFrom: 'accepted' })
          return rehearsedLot({ planId, number, size, nonconforming: undefined })
        },
        judgeLot({ nodeId, planId, number, nonconforming }) {
          caught(nodeId, { system: 'Quality', what: 'lot result', body: { planId, number, nonconforming }, answeredFrom: 'accepted' })
          return rehearsedLot({ planId, number, size: Math.max(2, nonconforming), nonconforming })
        },
        lotNow: ({ lotId }) => rehearsedLot({ planId: lotId, number: lotId, size: 2, nonconforming: 0 }),
        addStudyReading({ nodeId, studyId, value, unit, appraiser = 'rehearsal' }) {
          caught(nodeId, {
            system: 'Quality',
            what: 'reading of a gauge study',
            body: { studyId, value, ...(unit ? { unit } : {}), appraiser },
            answeredFrom: 'accepted',
          })
          return { part: '1', appraiser, trial: 1, value, readings: 1, of: 2 }
        },
        enterMeasurement({ nodeId, entryId, runId: _run, of, values, ...measured }) {
          const about = 'inline' in of ? { ...of.inline } : plan.characteristics?.find(({ id }) => id === of.characteristicId)
          if (!about)
            throw new UserError({ code: 'characteristic-not-found', message: 'There is no such characteristic. Choose one from the list in the node.' })
          const entered = rehearsedEntry({ entryId, characteristicId: 'inline' in of ? 'chr_rehearsal' : of.characteristicId, about, values })
          const { name: characteristic, unit, nominal, lower, upper, result } = entered
          const { serial: partSerial, ...rest } = measured
          // tests that people have kept look at these names
          const body = {
            ...{ characteristic, value: values.at(-1), nominal, lower, upper, unit, isInTolerance: result.isInTolerance },
            ...(values.length > 1 ? { values } : {}),
            ...(partSerial === undefined ? {} : { partSerial }),
            ...rest,
          }
          caught(nodeId, { system: 'Quality', what: 'measurement', body, answeredFrom: 'accepted' })
          return entered
        },
        characteristics: () => (plan.characteristics ?? []).map(({ id, name }) => ({ id, name })),
        capabilityNow({ nodeId, characteristicId }) {
          const answer = answerFor(nodeId)
          caught(nodeId, { system: 'Quality', what: 'capability', body: { characteristicId }, answeredFrom: 'none', answer: answer?.text })
          throw new OperationalError({
            code: 'no-answer',
            message: answer?.text ?? 'There are no measurements in a rehearsal, and so no capability. Give this node an answer.',
          })
        },
        proposeCorrection({ nodeId, characteristicId, offset }) {
          const answer = answerFor(nodeId)
          caught(nodeId, { system: 'Quality', what: 'correction', body: { characteristicId, ...offset }, answeredFrom: 'none', answer: answer?.text })
          throw new OperationalError({
            code: 'no-answer',
            message: answer?.text ?? 'There are no measurements in a rehearsal, and so no drift. Give this node an answer.',
          })
        },
        settleCorrection({ nodeId, proposalId, outcome }) {
          caught(nodeId, { system: 'Quality', what: `correction ${outcome}`, body: { proposalId }, answeredFrom: 'accepted' })
          return { name: 'rehearsal', byMm: 0, isRepeat: false }
        },
        resetCorrections({ nodeId, characteristicId, offset }) {
          caught(nodeId, { system: 'Quality', what: 'corrections begun anew', body: { characteristicId, ...offset }, answeredFrom: 'accepted' })
          return { name: plan.characteristics?.find(({ id }) => id === characteristicId)?.name ?? 'rehearsal' }
        },
        // nobody decides in a rehearsal: what waits for it goes on by its deadline, or is ended by hand
        openNonconformance({ nodeId, content }) {
          caught(nodeId, { system: 'Quality', what: 'nonconformance report', body: content, answeredFrom: 'accepted' })
          return { id: newId('qdc'), number: 'NCR', state: 'open', outcome: 'waits', dispositions: [] }
        },
        nonconformanceNow: ({ id }) => ({ id, number: 'NCR', state: 'open', outcome: 'waits', dispositions: [] }),
        startInspection({ nodeId, key: _key, runId: _run, ...subject }) {
          caught(nodeId, { system: 'Quality', what: 'inspection', body: subject, answeredFrom: 'accepted' })
          return { id: newId('ins'), number: subject.isFirstArticle ? 'FAIR' : 'INS', state: 'open', conforming: 0, nonconforming: 0, needed: 1 }
        },
        inspectionNow: ({ id }) => ({ id, number: 'FAIR', state: 'open', conforming: 0, nonconforming: 0, needed: 1 }),
        panelMessage({ nodeId, title, text, priority }) {
          caught(nodeId, { system: 'Operator panel', what: priority, body: { title, ...(text === undefined ? {} : { text }) }, answeredFrom: 'accepted' })
          return null
        },
        clearPanelMessage: () => null,
        subscribeWorkOrders({ connectionId }) {
          seen.listening.add(connectionId)
          return null
        },
        workOrderTaken: () => null,
        confirm({ nodeId, connectionId, workOrder, key, body }) {
          const connection = connectionOf(connectionId)
          const call = { system: connection?.name ?? connectionId, what: 'confirmation', body: { workOrder, key, ...body } }
          const answer = answerFor(nodeId)
          if (answer?.from === 'failure') {
            caught(nodeId, { ...call, answeredFrom: 'failure', answer: answer.text })
            throw new OperationalError({ code: 'connection-off', message: answer.text ?? 'The confirmation was not taken.' })
          }
          // the flow goes on when it is accepted; what the other system says to it comes later, and the connector's schema tells its shape
          const sample = connection?.confirmation
          if (answer && answer.from !== 'sample') caught(nodeId, { ...call, ...factsOf(answer), answer: answer.message })
          else caught(nodeId, { ...call, ...(sample === undefined ? { answeredFrom: 'accepted' } : { answeredFrom: 'sample', answer: sample }) })
          return { id: newId('evt') }
        },
        outsideCall({ nodeId, message }) {
          const node = outside.get(nodeId)
          const call = { system: addressOf(node), what: node?.type ?? 'call', body: message, ...(replaced.has(nodeId) ? { isReplaced: true } : {}) }
          const answer = answerFor(nodeId)
          if (!answer) {
            const hasOutput = (node?.wires as unknown[][] | undefined)?.some((targets) => targets.length > 0) ?? false
            caught(nodeId, { ...call, answeredFrom: hasOutput ? 'none' : 'accepted' })
            return { message: null }
          }
          if (answer.from === 'failure') {
            caught(nodeId, { ...call, answeredFrom: 'failure', answer: answer.text })
            return { message: null, error: answer.text ?? 'The call failed.' }
          }
          caught(nodeId, { ...call, ...factsOf(answer), answer: answer.message })
          return { message: answer.message, output: answer.output }
        },
      },
      notifications: {
        lifecycle({ flows: state, text }) {
          seen.flows = state
          seen.flowsText = text
        },
        panel(buttons) {
          seen.buttons = buttons
        },
        triggers(faces) {
          seen.triggers = new Set(faces.map(({ nodeId }) => nodeId))
          peer().notify('triggersOff', [])
        },
        shadowSent(sent) {
          for (const each of sent) notes.message(each)
        },
        shadowError: (error) => notes.error(error),
      },
    },
  }
}

/** Where a node would have called: its address, file or broker as far as its settings say. */
function addressOf(node: FlowNode | undefined): string {
  for (const name of ['url', 'filename', 'host', 'topic', 'command', 'server', 'path', 'broker']) {
    const value = node?.[name]
    if (typeof value === 'string' && value) return value
  }
  return node?.type ?? ''
}

function textOf(action: MachineAction): string {
  const { kind, ...rest } = action
  const details = Object.entries(rest).map(([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
  return details.length ? `${kind}: ${details.join(', ')}` : kind
}

type Measured = NonNullable<RehearsalPlan['characteristics']>[number]

/** Judged by its tolerance alone: there is no chart in a rehearsal. */
function rehearsedEntry({
  entryId,
  characteristicId,
  about,
  values,
}: {
  entryId: string
  characteristicId: string
  about: Omit<Measured, 'id'>
  values: readonly number[]
}) {
  const { name, unit, decimals, nominal, lower, upper } = about
  const measurements = values.map((value) => {
    const id = newId('msr')
    if (nominal !== null && lower !== null && upper !== null) {
      const verdict = judge({ characteristic: name, value, nominal, lower: lower - nominal, upper: upper - nominal, unit, decimals })
      return { id, value, isInTolerance: verdict.isInTolerance, deviation: verdict.deviation, text: verdict.text }
    }
    const isInTolerance = (lower === null || value >= lower) && (upper === null || value <= upper)
    return { id, value, isInTolerance, text: `${name} ${value} ${unit} ${isInTolerance ? 'in' : 'out of'} tolerance` }
  })
  const isInTolerance = measurements.every((one) => one.isInTolerance)
  const result = {
    entryId,
    characteristicId,
    isRepeat: false,
    measurements,
    isInTolerance,
    subgroup: 1,
    openValues: 0,
    signals: [],
    flags: [],
    isLocked: false,
  }
  return { result, name, unit, nominal, lower, upper }
}

/** A lot of a rehearsal: every item is looked at, and none may be nonconforming. */
function rehearsedLot({ planId, number, size, nonconforming }: { planId: string; number: string; size: number; nonconforming: number | undefined }) {
  const state = nonconforming === undefined ? ('open' as const) : nonconforming === 0 ? ('accepted' as const) : ('rejected' as const)
  const plan = { sample: size, isWholeLot: true, accept: 0, reject: 1, severity: 'normal' as const, codeLetter: 'A' }
  return {
    lotId: 'lot_rehearsal',
    lot: number,
    plan: planId,
    size,
    state,
    ...plan,
    ...(nonconforming === undefined ? {} : { nonconforming, nextSeverity: 'normal' as const }),
  }
}
