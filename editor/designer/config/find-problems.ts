/** Everything that can be seen to be wrong with the flows without asking the server. */
import type { FlowProblem } from '../../../server/api/flows.ts'
import type { FlowModel } from '../model/flow-model.ts'
import { type FlowNode, kindOf, subflowOf } from '../model/raw.ts'
import type { Types } from '../model/scene.ts'
import { checkConfig, type WrongWords } from './check.ts'
import { fieldsOf } from './schema.ts'

// objects of the flow file that are no node types
const NO_TYPE = new Set(['tab', 'subflow', 'group', 'junction', 'global-config'])

export function findProblems(model: FlowModel, types: Types, words: WrongWords): FlowProblem[] {
  if (types.size === 0) return []
  return model.export().flatMap((node) => problemsOf(node, model, types, words))
}

function problemsOf(node: FlowNode, model: FlowModel, types: Types, words: WrongWords): FlowProblem[] {
  if (NO_TYPE.has(node.type) || node.d === true || isOnDisabledTab(node, model)) return []
  const subflow = subflowOf(node)
  if (subflow !== undefined) {
    const definition = model.get(subflow)
    return definition && kindOf(definition) === 'subflow' ? [] : [{ nodeId: node.id, message: words.unknownSubflow }]
  }
  const type = types.get(node.type)
  if (!type) return [{ nodeId: node.id, message: words.unknownType(node.type) }]
  if (!type.configSchema) return []
  const problems: FlowProblem[] = checkConfig(type, node, words).map(({ path, message }) => ({ nodeId: node.id, property: path, message }))
  for (const field of fieldsOf(type.configSchema)) {
    if (field.widget !== 'config-node') continue
    const id = node[field.key]
    if (typeof id === 'string' && id !== '' && model.get(id)?.type !== field.configType)
      problems.push({ nodeId: node.id, property: field.key, message: words.gone(field.title) })
  }
  return problems
}

function isOnDisabledTab(node: FlowNode, model: FlowModel): boolean {
  return typeof node.z === 'string' && model.get(node.z)?.disabled === true
}
