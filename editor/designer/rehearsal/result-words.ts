/** What a rehearsal says, in the person's language where the server has only facts. No view. */
import type { Rehearsal, RehearsalReport, RehearsalStep } from '../../../server/api/rehearsal.ts'
import { formats } from '../../shared/text/index.ts'
import { nameOf } from '../debugger/places.ts'
import type { Workspace } from '../workspace.ts'
import type { StepDraft } from './steps.ts'
import type { RehearsalText } from './text.ts'

export function headOf(report: RehearsalReport, text: RehearsalText): string {
  return `${text.result.state[report.state]}: ${text.result.times(spanOf(report.durationMs), spanOf(report.tookMs))}`
}

/** `0.4 s`, `12 s`, `1 h 05 min` */
export function spanOf(ms: number): string {
  const format = formats()
  return ms < 10_000 ? `${format.number(ms / 1000, 1)} s` : format.span(ms / 1000)
}

/** What is being done; the server's own words where they are not known here. */
export function doingOf({ doing }: Rehearsal, text: RehearsalText): string {
  const step = /^Step (\d+) of (\d+)$/.exec(doing)
  if (step) return text.doing.step(step[1] ?? '', step[2] ?? '')
  const known: Record<string, string> = {
    '': text.doing.prepare,
    'Getting ready': text.doing.prepare,
    'Starting virtual machines': text.doing.machines,
    'Starting the shadow runtime': text.doing.runtime,
    'Writing the report': text.doing.report,
  }
  return known[doing] ?? doing
}

/** One step in a line. */
export function stepText(step: RehearsalStep | StepDraft, workspace: Workspace, text: RehearsalText): string {
  switch (step.do) {
    case 'give':
    case 'send':
    case 'press':
    case 'answer': {
      const name = step.nodeId === '' ? '' : nodeName(workspace, step.nodeId)
      return name === '' ? text.steps[step.do] : `${text.steps[step.do]}: ${name}`
    }
    case 'order':
      return step.order.number ? `${text.steps.order}: ${String(step.order.number)}` : text.steps.order
    case 'tag':
      return step.tag === '' ? text.steps.tag : `${text.steps.tag}: ${step.tag}`
    case 'wait':
      return `${text.steps.wait}: ${'s' in step ? spanOf(step.s * 1000) : `${step.seconds} s`}`
    default:
      return step satisfies never
  }
}

export function nodeName(workspace: Workspace, id: string): string {
  return nameOf(workspace, id)
}

/** An output by its label, where it has one. */
export function portText({ model, types }: Workspace, id: string, port: number, text: RehearsalText): string {
  const node = model.get(id)
  return (node && types.get(node.type)?.outputLabels[port]) || text.result.output(port + 1)
}
