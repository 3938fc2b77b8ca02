/** The flow runtime as the other parts of the gateway use it. */
import type { RpcPeer } from '../../base/rpc.ts'
import type { FlowNode, FlowTestOutcome, RuntimeState } from '../api/index.ts'
import type { Caller } from '../auth/caller.ts'
import type { runtimeRpc } from '../runtime/contract.ts'

export interface Runtime {
  readonly state: RuntimeState
  /** The open connection. @throws OperationalError runtime-away (503) with what to do */
  peer(): RpcPeer<typeof runtimeRpc>
  /** The runtime connected (its nodes will subscribe again) or went away. */
  onConnection(listener: (isConnected: boolean) => void): void
}

/** What is asked of a deploy, whoever asks. */
export interface DeployRequest {
  flows: FlowNode[]
  rev?: string | undefined
  credentials?: Record<string, Record<string, unknown>> | undefined
  kind: 'full' | 'nodes' | 'flows'
  comment?: string | undefined
  /** To follow it by. */
  id?: string | undefined
  /** Without the tests that have to pass before it. */
  untested?: { reason: string } | undefined
  /** Which version of which installation they come from: kept with the version. */
  promotedFrom?: unknown
}

/** A value of Node-RED's context. What stands under its key already stays. */
export interface ArrivingContext {
  scope: 'global' | 'flow' | 'node'
  flow?: string
  node?: string
  key: string
  value: unknown
}

/** What came with an import and no draft holds: it comes with the deploy of its nodes. */
export interface Arrivals {
  /** Names of the passwords and keys that wait for nodes of this person, by node id. */
  names(owner: string): Promise<Record<string, string[]>>
  /** What these flows bring, next to those that run. `arrived` is called when they do. */
  of(
    flows: readonly FlowNode[],
    before: readonly FlowNode[],
    owner: string,
  ): Promise<{ credentials: Record<string, Record<string, unknown>>; context: ArrivingContext[]; arrived: () => Promise<void> } | undefined>
}

/** What has to be passed before flows are deployed: the tests that are kept with them. */
export interface DeployGate {
  /** The tests that a deploy of these flows would run. */
  wanted(flows: readonly FlowNode[]): Promise<{ id: string; name: string; flowId: string }[]>
  /**
   * Runs them; `onOutcomes` is told how far it is.
   * @throws UserError `flow-tests-failed` with how each came out, `deploy-stopped` when the person gave up meanwhile
   */
  check(options: {
    flows: readonly FlowNode[]
    caller: Pick<Caller, 'userId' | 'capabilities'>
    deployId?: string | undefined
    onOutcomes: (outcomes: readonly FlowTestOutcome[]) => void
  }): Promise<void>
}
