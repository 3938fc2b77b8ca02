/** Macros as a flow: a button for each, its steps behind it, one after the other. */
import type { FlowNode, MacroStep, MoveInMacro } from '../../api/index.ts'
import { newNodeId } from '../../templates/new-ids.ts'

export interface MacroFlow {
  nodes: FlowNode[]
  tab: { id: string; label: string }
  /** G-code to be stored in the library under these names. */
  programs: { name: string; text: string }[]
}

export interface MacroFlowFacts {
  label: string
  /** Of the machine that they are for; '' while nobody has said. */
  machineId: string
  /** A node that names that machine already. */
  machineNode: string | undefined
  /** Names of programs that are there already. */
  taken: ReadonlySet<string>
}

const LEFT = 160
const TOP = 80
const STEP_X = 240
const STEP_Y = 80
const MOST_LABEL = 40
const MOST_SAYS = 200

/** What a button does that also has to work while the machine is not idle. */
const ANYTIME = new Set(['hold', 'resume', 'stop', 'unlock'])

export function macroFlow(macros: readonly MoveInMacro[], { label, machineId, machineNode, taken }: MacroFlowFacts): MacroFlow {
  const tab: FlowNode = { id: newNodeId(), type: 'tab', label, disabled: false, info: '', env: [] }
  const machine = machineNode ?? newNodeId()
  const nodes: FlowNode[] = [tab]
  if (machineNode === undefined) nodes.push({ id: machine, type: 'cw-machine', name: '', machineId })
  const programs: MacroFlow['programs'] = []
  const names = new Set(taken)
  macros.forEach((macro, row) => {
    const y = TOP + row * STEP_Y
    const place = (column: number) => ({ z: tab.id, x: LEFT + column * STEP_X, y })
    const steps = (macro.steps ?? []).map((step, index): FlowNode => {
      const id = newNodeId()
      if (step.kind === 'command') return { id, type: 'cw-machine-command', name: '', machine, command: step.command, ...place(index + 1), wires: [[]] }
      const [only, more] = step.lines
      if (only !== undefined && more === undefined && isPlainLine(only))
        return { id, type: 'cw-machine-command', name: '', machine, command: 'line', line: only, lineType: 'str', ...place(index + 1), wires: [[]] }
      const name = freeName(`${macro.name}${(macro.steps?.length ?? 0) > 1 ? ` ${index + 1}` : ''}.nc`, names)
      names.add(name)
      programs.push({ name, text: `${step.lines.join('\n')}\n` })
      return { id, type: 'cw-run-program', name: '', machine, program: name, programType: 'str', ...place(index + 1), wires: [[], [], []] }
    })
    steps.forEach((step, index) => {
      const next = steps[index + 1]
      if (next) (step.wires as string[][])[0] = [next.id]
    })
    nodes.push(
      {
        id: newNodeId(),
        type: 'cw-button',
        name: '',
        label: macro.name.slice(0, MOST_LABEL),
        says: (macro.about || saysOf(macro.steps ?? [])).replaceAll(/\s+/g, ' ').slice(0, MOST_SAYS),
        color: 'normal',
        machine,
        waitingText: 'payload',
        waitingTextType: 'msg',
        whenEmpty: 'Nothing is waiting',
        asks: [],
        who: 'machines.operate',
        needs: macro.steps?.every((step) => step.kind === 'command' && ANYTIME.has(step.command)) ? 'any' : 'idle',
        ...place(0),
        wires: [steps[0] ? [steps[0].id] : []],
      },
      ...steps,
    )
  })
  return { nodes, tab: { id: tab.id, label }, programs }
}

/** A line by itself must not depend on what was set before it. */
const isPlainLine = (text: string) => text.length <= 255 && !/[#[\]]/.test(text)

/** Under the button: what will move, in the words of the macro itself. */
const saysOf = (steps: readonly MacroStep[]): string => {
  const lines = steps.flatMap((step) => (step.kind === 'gcode' ? step.lines : [step.command]))
  return `${lines.slice(0, 4).join(' · ')}${lines.length > 4 ? ' …' : ''}`
}

function freeName(wanted: string, taken: ReadonlySet<string>): string {
  const safe = wanted.replaceAll(/[\p{Cc}/\\]/gu, '-').slice(0, 180)
  if (!taken.has(safe)) return safe
  for (let n = 2; ; n += 1) {
    const name = safe.replace(/(\.nc)?$/, ` ${n}.nc`)
    if (!taken.has(name)) return name
  }
}
