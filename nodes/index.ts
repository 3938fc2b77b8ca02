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
import button from './operator/button.node.ts'
import check from './quality/check.node.ts'

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
  button,
  jobIn,
  jobOut,
  enqueue,
  check,
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
