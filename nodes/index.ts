/** The face of the nodes for the server: every declaration, and the check of a stored configuration. */
import type { FieldError } from '../base/schema.ts'
import type { NodeDeclaration } from './define-node/declare.ts'
import { checkStored } from './define-node/read-config.ts'
import { fieldsOf } from './define-node/schema.ts'
import confirm from './erp/confirm.node.ts'
import workOrders from './erp/work-orders.node.ts'
import enqueue from './jobs/enqueue.node.ts'
import jobIn from './jobs/job-in.node.ts'
import jobOut from './jobs/job-out.node.ts'
import jobProgress from './jobs/job-progress.node.ts'
import queueControl from './jobs/queue-control.node.ts'
import home from './motion/home.node.ts'
import interlock from './motion/interlock.node.ts'
import jog from './motion/jog.node.ts'
import lease from './motion/lease.node.ts'
import machine from './motion/machine.node.ts'
import machineCommand from './motion/machine-command.node.ts'
import machineEvent from './motion/machine-event.node.ts'
import machineValue from './motion/machine-value.node.ts'
import override from './motion/override.node.ts'
import probe from './motion/probe.node.ts'
import programCheck from './motion/program-check.node.ts'
import programTransform from './motion/program-transform.node.ts'
import runProgram from './motion/run-program.node.ts'
import setOffset from './motion/set-offset.node.ts'
import spindle from './motion/spindle.node.ts'
import toolChange from './motion/tool-change.node.ts'
import waitState from './motion/wait-state.node.ts'
import approval from './operator/approval.node.ts'
import button from './operator/button.node.ts'
import chart from './operator/chart.node.ts'
import form from './operator/form.node.ts'
import panelMessage from './operator/message.node.ts'
import panelValue from './operator/value.node.ts'
import callFlow from './orchestration/call-flow.node.ts'
import flowBegin from './orchestration/flow-begin.node.ts'
import forEach from './orchestration/for-each.node.ts'
import lock from './orchestration/lock.node.ts'
import loop from './orchestration/loop.node.ts'
import parallel from './orchestration/parallel.node.ts'
import rateGate from './orchestration/rate-gate.node.ts'
import retry from './orchestration/retry.node.ts'
import returnNode from './orchestration/return.node.ts'
import sequence from './orchestration/sequence.node.ts'
import stopWork from './orchestration/stop-work.node.ts'
import tryNode from './orchestration/try.node.ts'
import undo from './orchestration/undo.node.ts'
import waitEvent from './orchestration/wait-event.node.ts'
import waitPerson from './orchestration/wait-person.node.ts'
import waitUntil from './orchestration/wait-until.node.ts'
import capability from './quality/capability.node.ts'
import check from './quality/check.node.ts'
import correction from './quality/correction.node.ts'
import gageStudy from './quality/gage-study.node.ts'
import gauge from './quality/gauge.node.ts'
import inspection from './quality/inspection.node.ts'
import measure from './quality/measure.node.ts'
import nonconformance from './quality/nonconformance.node.ts'
import sampling from './quality/sampling.node.ts'
import spcChart from './quality/spc-chart.node.ts'
import calendar from './triggers/calendar.node.ts'
import conditionTrigger from './triggers/condition-trigger.node.ts'
import emit from './triggers/emit.node.ts'
import eventTrigger from './triggers/event-trigger.node.ts'
import manualTrigger from './triggers/manual-trigger.node.ts'
import timeTrigger from './triggers/time-trigger.node.ts'

/** Every node type of ours, in the order of the palette. */
export const NODES: readonly NodeDeclaration[] = [
  machine,
  runProgram,
  programCheck,
  programTransform,
  machineCommand,
  jog,
  home,
  probe,
  setOffset,
  override,
  spindle,
  toolChange,
  lease,
  waitState,
  machineEvent,
  machineValue,
  interlock,
  timeTrigger,
  eventTrigger,
  conditionTrigger,
  manualTrigger,
  calendar,
  emit,
  button,
  form,
  approval,
  panelMessage,
  panelValue,
  chart,
  jobIn,
  jobOut,
  enqueue,
  jobProgress,
  queueControl,
  waitUntil,
  waitEvent,
  waitPerson,
  sequence,
  parallel,
  forEach,
  loop,
  tryNode,
  undo,
  retry,
  returnNode,
  lock,
  rateGate,
  callFlow,
  flowBegin,
  stopWork,
  gauge,
  measure,
  spcChart,
  capability,
  correction,
  check,
  inspection,
  sampling,
  gageStudy,
  nonconformance,
  workOrders,
  confirm,
]

const byType = new Map(NODES.map((declaration) => [declaration.type as string, declaration]))

/**
 * What is wrong with a node's stored configuration, each with a JSON pointer to the property (`/nominal`) and a
 * sentence for the engineer. Empty for a good one, and for types that are not ours.
 */
export function checkConfig(type: string, config: Record<string, unknown>): FieldError[] {
  const declaration = byType.get(type)
  return declaration ? checkStored(declaration, config) : []
}

/** The properties of a type that refer to config nodes, with the type each must have. */
export function configReferences(type: string): { property: string; configType: string; isOptional: boolean }[] {
  const declaration = byType.get(type)
  if (!declaration) return []
  return fieldsOf(declaration.config).flatMap(([property, field]) =>
    field.widget === 'config-node' ? [{ property, configType: field.configType, isOptional: field.isOptional }] : [],
  )
}
