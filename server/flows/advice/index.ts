/** What a deploy would let pass and a person should know first. What was so before is told as known: nobody is asked twice. */
import { inSteps, type Steps } from '../../../base/steps.ts'
import type { FlowAdvice, FlowNode, NodeType, QualityPick } from '../../api/index.ts'
import type { QualityThing } from '../../quality/pickable.ts'
import { branches } from './branches.ts'
import { type CredentialNames, missingCredentials } from './credentials.ts'
import { flowGraph } from './graph.ts'
import { loops } from './loops.ts'
import { motion } from './motion.ts'
import { type QualityWanted, quality, qualityNamed } from './quality.ts'
import { unreachable } from './unreachable.ts'

export interface AdviceQuestion {
  flows: readonly FlowNode[]
  /** The flows that are deployed. */
  before: readonly FlowNode[]
  types: readonly NodeType[]
  newCredentials: CredentialNames
}

/**
 * @param options.credentialNames which credentials are stored; undefined when they cannot be read
 * @param options.machineIds the machines that are set up
 * @param options.qualityHere what there is of what quality nodes pick
 */
export function createAdviser(options: {
  credentialNames: () => Promise<CredentialNames | undefined>
  machineIds?: (() => readonly string[]) | undefined
  qualityHere?: ((wanted: QualityWanted) => Promise<readonly QualityThing[]>) | undefined
}): (question: AdviceQuestion) => Promise<FlowAdvice[]> {
  return async ({ flows, before, types, newCredentials }) => {
    const stored = await options.credentialNames()
    const machineIds = options.machineIds && new Set(options.machineIds())
    const here = options.qualityHere && (await askFor(options.qualityHere, await inSteps(qualityNamed([...before, ...flows], types))))
    function* adviceFor(nodes: readonly FlowNode[], coming: CredentialNames): Steps<FlowAdvice[]> {
      const graph = yield* flowGraph(nodes, types)
      return [
        ...(yield* motion(graph, machineIds)),
        ...(here ? yield* quality(graph, here) : []),
        ...(stored ? yield* missingCredentials(nodes, before, stored, coming) : []),
        ...(yield* loops(graph)),
        ...(yield* branches(graph)),
        ...(yield* unreachable(graph)),
      ]
    }
    const known = new Set((await inSteps(adviceFor(before, {}))).map(signature))
    return (await inSteps(adviceFor(flows, newCredentials))).map((one) => (known.has(signature(one)) ? { ...one, isKnown: true } : one))
  }
}

async function askFor(qualityHere: (wanted: QualityWanted) => Promise<readonly QualityThing[]>, named: ReadonlyMap<QualityPick, ReadonlySet<string>>) {
  return named.size ? qualityHere(Object.fromEntries([...named].map(([kind, ids]) => [kind, [...ids]]))) : []
}

const signature = ({ about, nodeId, way, message }: FlowAdvice) => JSON.stringify([about, nodeId, way === undefined ? message : way.toSorted()])
